//! What a step asks of those who write, and no `schema.rs` can tell whether a release obeys it: checks, unique keys, foreign
//! keys, and defaults that are gone.

use std::collections::BTreeSet;

use super::breakage::{Break, Broken};
use super::requirement::{Requirements, TableNeed};
use crate::catalog::{Catalog, Check, ForeignKey, Generated};
use crate::change::words::{Token, tokens};
use crate::change::{Change, Constraint};
use crate::name::{Name, ObjectName};

/// Returns what of a release's writes the change may make fail although nothing that the release names changes, given the
/// catalog just before. A name under `satisfies` of the release's `requires.yaml` — the constraint's, or `table.column` for
/// a default — says that its writes obey.
#[must_use]
pub fn unproven(change: &Change, before: &Catalog, needs: &Requirements) -> Vec<Break> {
    match change {
        Change::AddConstraint { table, constraint } => {
            let name = constraint.name();
            match constraint {
                Constraint::Unique(key) | Constraint::Primary(key) => {
                    writes(needs, before, table, name, &key.columns, "asks for unique values")
                }
                Constraint::Check(Check { expression, .. }) => {
                    let columns = named(before, table, expression.as_str());
                    writes(
                        needs,
                        before,
                        table,
                        name,
                        &columns,
                        "is a new condition on what is written",
                    )
                }
                Constraint::ForeignKey(key) => foreign_key(needs, before, table, key),
                Constraint::Exclude(exclusion) => {
                    let columns: Vec<Name> = exclusion
                        .index
                        .columns
                        .iter()
                        .filter_map(|part| part.key.column().cloned())
                        .collect();
                    writes(
                        needs,
                        before,
                        table,
                        name,
                        &columns,
                        "asks for rows that exclude each other",
                    )
                }
                // The index has asked for them all along.
                Constraint::UsingIndex { .. } => Vec::new(),
            }
        }
        Change::CreateIndex { table, name, index } if index.unique => {
            let columns: Vec<Name> =
                index.columns.iter().filter_map(|part| part.key.column().cloned()).collect();
            writes(needs, before, table, name, &columns, "asks for unique values")
        }
        Change::SetDefault { table, column, default: None } => {
            default_gone(needs, before, table, column)
        }
        Change::SetGenerated { table, column, generated: None } => {
            numbers_gone(needs, before, table, column)
        }
        Change::CreateTrigger { table, name, trigger: _ } => {
            writes(needs, before, table, name, &[], "is a new trigger on what is written")
        }
        Change::SetGenerated { .. }
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_)
        | Change::SetDefault { .. }
        | Change::CreateIndex { .. }
        | Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::SetNullable { .. }
        | Change::DropConstraint { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::Opaque(_) => Vec::new(),
    }
}

/// Returns the columns of the table that an expression may name; all of them where it names none.
fn named(before: &Catalog, table: &ObjectName, expression: &str) -> Vec<Name> {
    let words: BTreeSet<&str> = tokens(expression)
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            Token::Number(_) | Token::Text(_) | Token::Sign(_) => None,
        })
        .collect();
    let Some(table) = before.table(table) else { return Vec::new() };
    let columns = table.columns.iter().map(|column| column.name.clone());
    columns.filter(|name| words.contains(name.as_str())).collect()
}

fn writes(
    needs: &Requirements,
    before: &Catalog,
    table: &ObjectName,
    name: &Name,
    columns: &[Name],
    why: &str,
) -> Vec<Break> {
    let Some(need) = affected(needs, table, name) else { return Vec::new() };
    // Rows of a release that knows none of the columns hold NULL there, which satisfies every one of these.
    let leaves_null = |column: &Name| {
        let written = need.column(column).is_some_and(|column| column.writes);
        let live = before.column(table, column);
        let filled = !super::compatibility::fillings(before, table, column).is_empty();
        !written && !filled && live.is_some_and(|live| live.nullable && live.default.is_none())
    };
    if !columns.is_empty() && columns.iter().all(leaves_null) {
        return Vec::new();
    }
    told(
        need,
        &format!("{table}.{name}"),
        &format!("{why}, and nothing says that what the release writes satisfies it"),
    )
}

fn affected<'a>(needs: &'a Requirements, table: &ObjectName, name: &Name) -> Option<&'a TableNeed> {
    let need = needs.table(table)?;
    (need.access.writes() && !needs.satisfies.contains(name)).then_some(need)
}

fn told(need: &TableNeed, object: &str, why: &str) -> Vec<Break> {
    let kinds = [(Broken::Inserts, need.access.inserts), (Broken::Updates, need.access.updates)];
    let kinds = kinds.into_iter().filter(|(_, does)| *does);
    kinds
        .map(|(broken, _)| Break {
            broken,
            object: object.to_owned(),
            place: Some(need.place),
            why: why.to_owned(),
        })
        .collect()
}

/// A foreign key asks something of those who write the one table, and of those who delete from the other.
fn foreign_key(
    needs: &Requirements,
    before: &Catalog,
    table: &ObjectName,
    key: &ForeignKey,
) -> Vec<Break> {
    let mut found =
        writes(needs, before, table, &key.name, &key.columns, "asks for a row that is referred to");
    let target = needs.table(&key.references);
    if let Some(need) =
        target.filter(|need| need.access.deletes && !needs.satisfies.contains(&key.name))
    {
        found.push(Break {
            broken: Broken::Deletes,
            object: format!("{table}.{}", key.name),
            place: Some(need.place),
            why: format!(
                "keeps rows of `{}` from being deleted, or deletes more with them",
                key.references
            ),
        });
    }
    found
}

fn default_gone(
    needs: &Requirements,
    before: &Catalog,
    table: &ObjectName,
    column: &Name,
) -> Vec<Break> {
    let live = before.column(table, column);
    let required = live
        .is_some_and(|live| !live.nullable && live.default.is_some() && live.generated.is_none());
    left_out(needs, table, column, required, "has no default any more")
}

/// A column that numbered itself has no value of its own any more.
fn numbers_gone(
    needs: &Requirements,
    before: &Catalog,
    table: &ObjectName,
    column: &Name,
) -> Vec<Break> {
    let live = before.column(table, column);
    let required = live.is_some_and(|live| {
        !live.nullable && matches!(live.generated, Some(Generated::Identity(_)))
    });
    left_out(needs, table, column, required, "does not number itself any more")
}

/// Inserts that leave out a required column fail.
fn left_out(
    needs: &Requirements,
    table: &ObjectName,
    column: &Name,
    required: bool,
    why: &str,
) -> Vec<Break> {
    let object = format!("{table}.{column}");
    let Some(need) = needs.table(table).filter(|need| required && need.access.inserts) else {
        return Vec::new();
    };
    let is_written = need.column(column).is_some_and(|column| column.always_written);
    if is_written || needs.satisfies.iter().any(|name| name.as_str() == object) {
        return Vec::new();
    }
    let place = need.column(column).map_or(need.place, |column| column.place);
    vec![Break {
        broken: Broken::Inserts,
        object,
        place: Some(place),
        why: format!("{why}, and nothing says that every insert of the release names it"),
    }]
}
