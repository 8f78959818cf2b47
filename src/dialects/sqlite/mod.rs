//! Changes as SQLite's SQL: natively where the engine can, else by rebuilding the table.

mod alter;
mod backfill;
mod compare;
mod foresee;
mod guard;
mod others;
mod quote;
mod rebuild;
mod refusals;
mod shape;
mod sync;
mod tables;
mod terms;
mod types;
mod views;
mod words;

pub(super) use backfill::{again, batch_end, batch_queries, batch_write};
pub(super) use compare::left_behind;
pub(super) use foresee::foresee;
pub(super) use guard::{fail, guard, refuse_rows};
pub(super) use others::text as statement;
pub(super) use quote::quote;
pub(super) use rebuild::wrap_foreign_keys_off;
pub(super) use refusals::refused;
pub(super) use types::normalize_type;

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::change::{Change, Constraint, DataChange, Write};
use crate::dialects::{Group, Refusal, RenderContext, Script, Transaction};
use crate::name::ObjectName;

/// What stands where nothing is to be done: Diesel refuses an empty file.
const NOTHING: &str = "SELECT 1";

pub(super) fn render(change: &Change, context: &RenderContext<'_>) -> Result<Script, Refusal> {
    refuse_schemas(change)?;
    let before = context.before;
    let group = match change {
        // The catalog after it is not needed, and a copy of the table for each of many columns is not cheap.
        Change::AddColumn { table, column } if tables::can_be_added(column) => {
            alter::add_as_it_is(table, column, before)?
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { constraint: Constraint::Unique(_), .. }
        | Change::AddConstraint { constraint: Constraint::Check(_), .. }
        | Change::AddConstraint { constraint: Constraint::ForeignKey(_), .. }
        | Change::AddConstraint { constraint: Constraint::Primary(_), .. }
        | Change::DropConstraint { .. }
        | Change::RenameConstraint { .. }
        | Change::SetType { using: None, .. }
        | Change::SetGenerated { .. } => alter::render(change, before, &after(change, before)?)?,
        Change::CreateIndex { table, name, index } => shared(
            vec![tables::create_index(table, name, index)?],
            Ok(vec![format!("DROP INDEX {}", quote(name))]),
        ),
        Change::DropIndex { table, name } => {
            let index = before.table(table).and_then(|table| table.indexes.get(name));
            let index = index.ok_or_else(|| missing("index", name))?;
            shared(
                vec![format!("DROP INDEX {}", quote(name))],
                Ok(vec![tables::create_index(table, name, index)?]),
            )
        }
        Change::CreateEnum { .. } | Change::AddEnumValue { .. } | Change::DropEnum { .. } => {
            return Err(refuse("SQLite has no enum types", "use a text column with a check"));
        }
        Change::CreateView { name, view } => {
            shared(vec![views::create(name, view)?], Ok(vec![views::drop(name)]))
        }
        Change::ReplaceView { name, view } => views::replace(name, view, before)?,
        Change::DropView { name } => {
            let view = before.views.get(name).ok_or_else(|| missing("view", &name.name))?;
            shared(vec![views::drop(name)], Ok(vec![views::create(name, view)?]))
        }
        Change::CreateSync(sync) => shared(sync::create(sync, before)?, Ok(sync::drop(sync))),
        Change::DropSync(sync) => shared(sync::drop(sync), Ok(sync::create(sync, before)?)),
        Change::Deprecate { .. } => shared(vec![NOTHING.to_owned()], Ok(vec![NOTHING.to_owned()])),
        Change::Write(data) => {
            shared(vec![backfill::whole(data, before)], Ok(vec![NOTHING.to_owned()]))
        }
        Change::Opaque(opaque) => shared(vec![others::text(&opaque.text)], Err(opaque.why.clone())),
        Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::AddConstraint {
            constraint: Constraint::UsingIndex { .. } | Constraint::Exclude(_),
            ..
        }
        | Change::SetType { using: Some(_), .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_) => others::render(change, before)?,
    };
    Ok(Script { groups: vec![group] })
}

/// Returns the catalog after a change.
fn after(change: &Change, before: &Catalog) -> Result<Catalog, Refusal> {
    let mut after = before.around(&objects(change));
    match apply(change, &mut after) {
        Ok(()) => Ok(after),
        Err(error) => Err(refuse(error.to_string(), "check the order of the steps")),
    }
}

/// Returns a group whose ways forward and back both share the transaction with their records.
fn shared(statements: Vec<String>, undo: Result<Vec<String>, String>) -> Group {
    Group {
        statements,
        transaction: Transaction::Shared,
        undo,
        undo_transaction: Transaction::Shared,
    }
}

fn refuse(message: impl Into<String>, alternative: impl Into<String>) -> Refusal {
    Refusal { message: message.into(), alternative: alternative.into() }
}

fn missing(kind: &str, name: &crate::name::Name) -> Refusal {
    refuse(format!("{kind} `{name}` does not exist"), "check the order of the steps")
}

/// Refuses names in another schema: a trigger, a view or a foreign key cannot reach an attached database.
fn refuse_schemas(change: &Change) -> Result<(), Refusal> {
    match objects(change).into_iter().find(|object| object.schema.is_some()) {
        Some(object) => Err(refuse(
            format!("SQLite has no schemas, but `{object}` names one"),
            format!("name it `{}`", object.name),
        )),
        None => Ok(()),
    }
}

/// Returns the tables and views that a change names outside of expressions.
fn objects(change: &Change) -> Vec<&ObjectName> {
    match change {
        Change::CreateTable { name, table } => {
            std::iter::once(name).chain(table.foreign_keys.iter().map(|k| &k.references)).collect()
        }
        Change::AddConstraint { table, constraint } => match constraint {
            Constraint::ForeignKey(key) => vec![table, &key.references],
            Constraint::Unique(_)
            | Constraint::Check(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_)
            | Constraint::UsingIndex { .. } => vec![table],
        },
        Change::RenameTable { from, to } => vec![from, to],
        Change::DropTable { name }
        | Change::CreateView { name, .. }
        | Change::ReplaceView { name, .. }
        | Change::DropView { name } => vec![name],
        Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::CreateIndex { table, .. }
        | Change::DropIndex { table, .. }
        | Change::RenameColumn { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::RenameIndex { table, .. }
        | Change::SetType { table, .. }
        | Change::SetGenerated { table, .. }
        | Change::ValidateConstraint { table, .. }
        | Change::SetDeferral { table, .. }
        | Change::SetComment { table, .. }
        | Change::CreateTrigger { table, .. }
        | Change::DropTrigger { table, .. }
        | Change::Deprecate { table, .. } => vec![table],
        Change::Truncate { tables } => tables.iter().collect(),
        Change::CreateSync(sync) | Change::DropSync(sync) => match sync.as_ref() {
            crate::catalog::Sync::Columns { table, .. } => vec![table],
            crate::catalog::Sync::Tables(tables) => vec![&tables.from, &tables.to],
        },
        Change::Write(DataChange { table, write, .. }) => match write {
            Write::Copy { to, .. } => vec![table, to],
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. } => vec![table],
        },
        Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::Other(_)
        | Change::Opaque(_) => Vec::new(),
    }
}
