//! Every statement that the parser knows, and the family that reads it.

use sqlite3_parser::ast::{Cmd, Stmt};

use super::data::{self, Insert};
use super::reading::Reading;
use super::{alter, index, other, table, triggers, views};
use crate::expressions::unquote_sqlite as unquote;
use crate::readers::TransactionControl;

/// Reads a statement; what is explained is not done.
pub(super) fn read(reading: &mut Reading<'_>, command: &Cmd<'_>) {
    match command {
        Cmd::Explain(_) | Cmd::ExplainQueryPlan(_) => {}
        Cmd::Stmt(stmt) if is_elsewhere(stmt) => {
            reading.unread("it is about a database that is attached", Vec::new());
        }
        Cmd::Stmt(stmt) => dispatch(reading, stmt),
    }
}

/// Returns whether a statement names a schema that is neither the file's own nor gone with the connection.
fn is_elsewhere(stmt: &Stmt<'_>) -> bool {
    let name = match stmt {
        Stmt::AlterTable(name, _)
        | Stmt::CreateTable { tbl_name: name, .. }
        | Stmt::CreateVirtualTable { tbl_name: name, .. }
        | Stmt::CreateIndex { idx_name: name, .. }
        | Stmt::CreateTrigger { trigger_name: name, .. }
        | Stmt::CreateView { view_name: name, .. }
        | Stmt::DropTable { tbl_name: name, .. }
        | Stmt::DropIndex { idx_name: name, .. }
        | Stmt::DropTrigger { trigger_name: name, .. }
        | Stmt::DropView { view_name: name, .. }
        | Stmt::Insert { tbl_name: name, .. }
        | Stmt::Update { tbl_name: name, .. }
        | Stmt::Delete { tbl_name: name, .. } => name,
        Stmt::Analyze(_)
        | Stmt::Attach { .. }
        | Stmt::Begin(..)
        | Stmt::Commit(_)
        | Stmt::Detach(_)
        | Stmt::Pragma(..)
        | Stmt::Reindex { .. }
        | Stmt::Release(_)
        | Stmt::Rollback { .. }
        | Stmt::Savepoint(_)
        | Stmt::Select(_)
        | Stmt::Vacuum(..) => return false,
    };
    let schema = name.db_name.as_ref().map(|schema| unquote(schema.0));
    schema
        .is_some_and(|schema| !["main", "temp"].iter().any(|own| own.eq_ignore_ascii_case(&schema)))
}

fn dispatch(r: &mut Reading<'_>, stmt: &Stmt<'_>) {
    match stmt {
        Stmt::CreateTable { temporary, if_not_exists, tbl_name, body } => {
            table::create(r, *temporary, *if_not_exists, tbl_name, body);
        }
        Stmt::AlterTable(name, body) => alter::read(r, name, body),
        Stmt::DropTable { if_exists, tbl_name } => table::drop(r, *if_exists, tbl_name),
        Stmt::CreateVirtualTable { if_not_exists, tbl_name, module_name: _, args: _ } => {
            table::create_virtual(r, *if_not_exists, tbl_name);
        }
        Stmt::CreateIndex {
            unique,
            if_not_exists,
            idx_name,
            tbl_name,
            columns,
            where_clause: _,
        } => {
            let written = index::Written {
                unique: *unique,
                if_not_exists: *if_not_exists,
                name: idx_name,
                table: tbl_name,
                columns,
            };
            index::create(r, &written);
        }
        Stmt::DropIndex { if_exists, idx_name } => index::drop(r, *if_exists, idx_name),
        Stmt::CreateView { temporary, if_not_exists, view_name, columns, select } => {
            if *temporary || r.is_temporary(view_name) {
                r.temporary(&view_name.name);
            } else {
                views::create(r, *if_not_exists, view_name, *columns, select);
            }
        }
        Stmt::DropView { if_exists, view_name } => views::drop(r, *if_exists, view_name),
        Stmt::CreateTrigger { temporary, if_not_exists, trigger_name, tbl_name, .. } => {
            triggers::create(r, *temporary, *if_not_exists, trigger_name, tbl_name);
        }
        Stmt::DropTrigger { if_exists, trigger_name } => {
            triggers::drop(r, *if_exists, trigger_name);
        }
        Stmt::Insert { with, or_conflict, tbl_name, columns, body, returning } => {
            let insert = Insert {
                table: tbl_name,
                columns: columns.as_ref(),
                body,
                conflict: *or_conflict,
                is_plain: with.is_none() && returning.is_none(),
            };
            data::insert(r, &insert);
        }
        Stmt::Update {
            with,
            or_conflict,
            tbl_name,
            indexed,
            sets,
            from,
            where_clause: _,
            returning,
            order_by,
            limit,
        } => {
            let is_plain = with.is_none()
                && or_conflict.is_none()
                && indexed.is_none()
                && from.is_none()
                && returning.is_none()
                && order_by.is_none()
                && limit.is_none();
            data::update(r, is_plain, tbl_name, sets);
        }
        Stmt::Delete { with, tbl_name, indexed, where_clause: _, returning, order_by, limit } => {
            let is_plain = with.is_none()
                && indexed.is_none()
                && returning.is_none()
                && order_by.is_none()
                && limit.is_none();
            data::delete(r, is_plain, tbl_name);
        }
        Stmt::Select(_) => other::query(r),
        Stmt::Pragma(name, body) => other::pragma(r, name, body.as_ref()),
        Stmt::Attach { expr: _, db_name, key: _ } => other::attach(r, db_name),
        Stmt::Detach(name) => other::detach(r, name),
        Stmt::Vacuum(_, _) => other::vacuum(r),
        Stmt::Reindex { obj_name } => other::maintenance(r, obj_name.as_ref()),
        Stmt::Analyze(name) => other::maintenance(r, name.as_ref()),
        Stmt::Begin(_, _) => r.transaction = Some(TransactionControl::Begin),
        Stmt::Commit(_) => r.transaction = Some(TransactionControl::Commit),
        Stmt::Rollback { tx_name: _, savepoint_name } => match savepoint_name {
            Some(_) => other::rollback_to(r),
            None => r.transaction = Some(TransactionControl::RollBack),
        },
        Stmt::Savepoint(_) | Stmt::Release(_) => {}
    }
}
