//! Changes as PostgreSQL's SQL, 12 and newer, such that nobody who reads or writes is held up for long.
//!
//! Every group in a transaction sets its own lock timeout and takes one risky lock; what can be done beside
//! the writers (indexes, validation) is done beside them; everything carries its own way back.

mod backfill;
mod columns;
mod compare;
mod constraints;
mod enums;
mod fill;
mod foresee;
mod group;
mod guard;
mod indexes;
pub(super) mod locks;
mod locks_of_others;
mod numbers;
mod opaque;
mod others;
mod own_types;
mod partitioned;
mod quote;
mod redo;
mod renames;
mod retype;
mod sync;
pub(in crate::dialects) mod tables;
mod terms;
pub(in crate::dialects) mod types;
mod views;

use crate::change::Change;
use crate::dialects::{Refusal, RenderContext, Script};

pub(super) use backfill::{batch_end, batch_queries, batch_write};
pub(super) use compare::left_behind;
pub(super) use fill::fill_in_batches;
pub(super) use foresee::foresee;
pub(super) use group::limit as with_timeout;
pub(super) use guard::{fail, guard, refuse_rows};
pub(super) use own_types::is_own_type;
pub(super) use partitioned::refused;
pub(super) use quote::{quote, statement};
pub(super) use redo::again;
pub(super) use types::normalize_type;

/// What stands in for the rows of an `INSERT` whose head alone is parsed.
pub(crate) const WITHOUT_ROWS: &str = "DEFAULT VALUES";

/// Writes a block that runs once, as plpgsql.
pub(crate) fn anonymous_block(body: &str) -> String {
    format!("DO {}", quote::dollar_quoted(body))
}

/// Turns a change into SQL.
pub(super) fn render(change: &Change, context: &RenderContext<'_>) -> Result<Script, Refusal> {
    partitioned::refuse(change, context)?;
    let script = match change {
        Change::CreateTable { name, table } => tables::create(context, name, table)?,
        Change::DropTable { name } => tables::drop(context, name),
        Change::AddColumn { table, column } => columns::add(context, table, column)?,
        Change::DropColumn { table, column, refill } => {
            columns::drop(context, table, column, refill.as_ref())
        }
        Change::SetDefault { table, column, default } => {
            columns::set_default(context, table, column, default.as_ref())
        }
        Change::SetNullable { table, column, nullable } => {
            columns::set_nullable(context, table, column, *nullable)
        }
        Change::AddConstraint { table, constraint } => constraints::add(context, table, constraint),
        Change::DropConstraint { table, constraint } => {
            constraints::drop(context, table, constraint)
        }
        Change::CreateIndex { table, name, index } => indexes::create(context, table, name, index),
        Change::DropIndex { table, name } => indexes::drop(context, table, name),
        Change::CreateEnum { name, values } => enums::create(context, name, values),
        Change::AddEnumValue { name, value, place } => {
            enums::add_value(context, name, value, place.as_ref())
        }
        Change::DropEnum { name } => enums::drop(context, name),
        Change::CreateView { name, view } => views::create(context, name, view),
        Change::ReplaceView { name, view } => views::replace(context, name, view),
        Change::DropView { name } => views::drop(context, name),
        Change::CreateSync(sync) => sync::create(context, sync)?,
        Change::DropSync(sync) => sync::drop(context, sync),
        Change::Deprecate { .. } => tables::deprecate(context),
        Change::Write(write) => backfill::whole(context, write),
        Change::Opaque(opaque) => opaque::render(context, opaque),
        Change::RenameTable { from, to } => renames::table(context, from, to),
        Change::RenameColumn { table, from, to } => renames::column(context, table, from, to),
        Change::RenameConstraint { table, from, to } => {
            renames::constraint(context, table, from, to)
        }
        Change::RenameIndex { table, from, to } => renames::index(context, table, from, to),
        Change::RenameEnum { from, to } => renames::enum_type(context, from, to),
        Change::RenameEnumValue { name, from, to } => renames::enum_value(context, name, from, to),
        Change::RenameSequence { from, to } => renames::sequence(context, from, to),
        Change::SetType { table, column, sql_type, using, collation } => {
            let to = (sql_type, collation.as_ref());
            retype::set_type(context, table, column, to, using.as_ref())
        }
        Change::SetGenerated { table, column, generated } => {
            retype::set_generated(context, table, column, generated.as_ref())?
        }
        Change::SetDeferral { table, constraint, deferral } => {
            constraints::set_deferral(context, table, constraint, *deferral)
        }
        Change::ValidateConstraint { table, constraint } => {
            retype::validate(context, table, constraint)
        }
        Change::SetComment { table, column, comment } => {
            retype::set_comment(context, table, column.as_ref(), comment.as_deref())
        }
        Change::CreateSequence { name } => others::create_sequence(context, name),
        Change::DropSequence { name } => others::drop_sequence(context, name),
        Change::CreateTrigger { table, name, trigger } => {
            others::create_trigger(context, table, name, trigger)?
        }
        Change::DropTrigger { table, name } => others::drop_trigger(context, table, name),
        Change::Truncate { tables } => others::truncate(context, tables),
        Change::Other(other) => others::other(context, other)?,
    };
    Ok(script)
}
