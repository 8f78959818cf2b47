//! A column with a default that differs from row to row, added without writing the table anew.

use super::super::super::Evidence;
use super::place::{held_back, schema_before};
use super::stages::{Stages, groups, is_only_act, only_statement, read, written};
use crate::catalog::{Catalog, Column};
use crate::change::Change;
use crate::change::apply::apply;
use crate::diagnostic::fix::{Edit, Fix};
use crate::dialects::{self, NOTHING};
use crate::history::{Act, HandWrittenMigration};

/// How many rows a batch has.
const ROWS: u32 = 1_000;

/// Adds the column without its default and sets that, for new rows; those that are there are filled in a migration just after, in
/// batches, each in a transaction of its own; what must not be NULL is forbidden to be so once they are.
pub(in crate::rules) fn filled_later(
    evidence: &Evidence<'_>,
    act: &Act,
    migration: &HandWrittenMigration,
) -> Option<Fix> {
    let Some(Change::AddColumn { table, column }) = act.change() else { return None };
    let default = column.default.as_ref().filter(|_| column.generated.is_none())?;
    if !is_only_act(evidence, act) || act.how.if_not_exists {
        return None;
    }
    let before = schema_before(evidence, migration);
    let key = before.table(table)?.primary_key.as_ref()?.columns.as_slice();
    let up = only_statement(evidence, &migration.up)?;
    let back = migration.down.as_ref()?;
    let is_back = match read(evidence, back, &evidence.context.project.start)? {
        Change::DropColumn { table: of, column: gone, .. } => of == *table && gone == column.name,
        _ => false,
    };
    if !is_back {
        return None;
    }
    let bare = Column { default: None, nullable: true, ..column.clone() };
    let add = Change::AddColumn { table: table.clone(), column: bare };
    let set = Change::SetDefault {
        table: table.clone(),
        column: column.name.clone(),
        default: Some(default.clone()),
    };
    let mut first = Vec::new();
    let mut after = Catalog::clone(&before);
    for change in [&add, &set] {
        first.extend(groups(change, &after)?.iter().map(|group| written(&group.statements)));
        apply(change, &mut after).ok()?;
    }
    let mut stages = Stages::new(evidence, migration);
    let fill = dialects::fill_in_batches(table, key, &column.name, default, ROWS);
    let text = format!(
        "-- Each batch is a transaction of its own; run again, it goes on where it was.\n{fill}"
    );
    let back = format!("-- The values go with the column.\n{NOTHING}");
    stages.add("filled", &text, &back, true)?;
    if !column.nullable {
        let require = Change::SetNullable {
            table: table.clone(),
            column: column.name.clone(),
            nullable: false,
        };
        for group in groups(&require, &after)? {
            stages.group(&group)?;
        }
    }
    Some(Fix {
        title: "add it without the default, and fill the rows that are there in batches".to_owned(),
        edits: vec![Edit { span: up, text: first.join(";\n") }],
        new_files: stages.files,
        held_back: held_back(evidence, migration),
    })
}
