//! The text that a change's checksum is taken over.
//!
//! It is written out by hand, not derived, because it must stay the same when the types in the code
//! change: a ledger remembers checksums for years. Format 1.
//!
//! Words stand bare, everything that a plan's author chose stands in quotes, and what is absent is not
//! written, so that a new optional part leaves the texts of old changes alone. Left out is what does not
//! change the outcome: how to fill a column that comes back, how a backfill is cut up, the names of a view's
//! columns, which follow from its query, and triggers, which follow from syncs.

mod line;
mod terms;

use line::Line;

use super::{Change, EnumPlace, Written};

/// Writes a change as one line of text that no other change has.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
#[must_use]
pub fn canonical(change: &Change) -> String {
    let mut line = Line(String::new());
    match change {
        Change::CreateTable { name, table } => line.word("create_table").object(name).table(table),
        Change::DropTable { name } => line.word("drop_table").object(name),
        Change::AddColumn { table, column } => line.word("add_column").object(table).column(column),
        Change::DropColumn { table, column, refill: _ } => {
            line.word("drop_column").object(table).text(column)
        }
        Change::SetDefault { table, column, default: Some(default) } => {
            line.word("set_default").object(table).text(column).text(default)
        }
        Change::SetDefault { table, column, default: None } => {
            line.word("drop_default").object(table).text(column)
        }
        Change::SetNullable { table, column, nullable } => {
            let word = if *nullable { "drop_not_null" } else { "set_not_null" };
            line.word(word).object(table).text(column)
        }
        Change::AddConstraint { table, constraint } => {
            line.word("add_constraint").object(table).constraint(constraint)
        }
        Change::DropConstraint { table, constraint } => {
            line.word("drop_constraint").object(table).text(constraint)
        }
        Change::CreateIndex { table, name, index } => {
            line.word("create_index").object(table).text(name).index(index)
        }
        Change::DropIndex { table, name } => line.word("drop_index").object(table).text(name),
        Change::CreateEnum { name, values } => {
            line.word("create_enum").object(name).texts(&values.values)
        }
        Change::AddEnumValue { name, value, place } => {
            line.word("add_enum_value").object(name).text(value);
            match place {
                Some(EnumPlace::Before(other)) => line.word("before").text(other),
                Some(EnumPlace::After(other)) => line.word("after").text(other),
                None => &mut line,
            }
        }
        Change::DropEnum { name } => line.word("drop_enum").object(name),
        Change::CreateView { name, view } => line.word("create_view").object(name).view(view),
        Change::ReplaceView { name, view } => line.word("replace_view").object(name).view(view),
        Change::DropView { name } => line.word("drop_view").object(name),
        Change::CreateSync(sync) => line.word("create_sync").sync(sync),
        Change::DropSync(sync) => line.word("drop_sync").sync(sync),
        Change::Deprecate { table, column } => {
            line.word("deprecate").object(table).optional("column", column.as_ref())
        }
        Change::Write(data) => line.data(data),
        Change::Opaque(opaque) => line.opaque(opaque),
        Change::RenameTable { from, to } => line.renamed("rename_table", from, to),
        Change::RenameColumn { table, from, to } => {
            line.word("rename_column").object(table).text(from).word("to").text(to)
        }
        Change::RenameConstraint { table, from, to } => {
            line.word("rename_constraint").object(table).text(from).word("to").text(to)
        }
        Change::RenameIndex { table, from, to } => {
            line.word("rename_index").object(table).text(from).word("to").text(to)
        }
        Change::RenameEnum { from, to } => line.renamed("rename_enum", from, to),
        Change::RenameEnumValue { name, from, to } => {
            line.word("rename_enum_value").object(name).text(from).word("to").text(to)
        }
        Change::RenameSequence { from, to } => line.renamed("rename_sequence", from, to),
        Change::SetType { table, column, sql_type, using, collation } => line
            .word("set_type")
            .object(table)
            .text(column)
            .text(sql_type)
            .optional("using", using.as_ref())
            .optional("collation", collation.as_ref()),
        Change::SetGenerated { table, column, generated } => {
            line.word("set_generated").object(table).text(column).generated(generated.as_ref())
        }
        Change::ValidateConstraint { table, constraint } => {
            line.word("validate_constraint").object(table).text(constraint)
        }
        Change::SetDeferral { table, constraint, deferral } => {
            line.word("set_deferral").object(table).text(constraint).deferral(*deferral)
        }
        Change::SetComment { table, column, comment } => line
            .word("set_comment")
            .object(table)
            .optional("column", column.as_ref())
            .optional("comment", comment.as_ref()),
        Change::CreateSequence { name } => line.word("create_sequence").object(name),
        Change::DropSequence { name } => line.word("drop_sequence").object(name),
        Change::CreateTrigger { table, name, trigger } => line
            .word("create_trigger")
            .object(table)
            .text(name)
            .optional("as", trigger.definition.as_ref()),
        Change::DropTrigger { table, name } => line.word("drop_trigger").object(table).text(name),
        Change::Truncate { tables } => {
            line.word("truncate");
            tables.iter().fold(&mut line, |line, table| line.open().object(table).close())
        }
        Change::Other(other) => line.other(other),
    };
    line.0
}

/// Writes a step that runs as written, as one line of text that no other step has. What planner makes of it is left out: a
/// later planner may read more.
#[must_use]
pub fn canonical_written(written: &Written) -> String {
    let mut line = Line(String::new());
    line.written(written);
    line.0
}
