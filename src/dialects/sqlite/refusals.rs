//! What the engine refuses of an `ALTER TABLE` that its grammar takes (SQLite, "ALTER TABLE": "ADD COLUMN", "DROP COLUMN").

use super::words::{is_literal, words};
use crate::catalog::{Catalog, Column, Generated, SqlExpression, Table};
use crate::change::{Change, Constraint};
use crate::dialect::Dialect;
use crate::dialects::Refused;
use crate::name::Name;

/// See [`crate::dialects::refused`].
pub(in crate::dialects) fn refused(change: &Change, before: &Catalog) -> Option<Refused> {
    let always = |why: String| Some(Refused { by: Dialect::Sqlite, why, only_with_rows: false });
    let with_rows = |why: String| Some(Refused { by: Dialect::Sqlite, why, only_with_rows: true });
    if let Change::AddColumn { table: _, column } = change {
        with_rows(added(column)?)
    } else if let Change::DropColumn { table, column, refill: _ } = change {
        always(kept(before.table(table)?, column)?)
    } else if let Change::AddConstraint { table, constraint } = change {
        match constraint {
            Constraint::Primary(_) => always("a column that is PRIMARY KEY".to_owned()),
            Constraint::Unique(_) => always("a column that is UNIQUE".to_owned()),
            Constraint::ForeignKey(key) => {
                let mut columns = key.columns.iter().filter_map(|of| before.column(table, of));
                let is_filled =
                    columns.any(|of| of.default.as_ref().is_some_and(|of| !is_null(of)));
                let why =
                    "a column that refers to another table and has a default, with foreign keys on";
                with_rows(why.to_owned()).filter(|_| is_filled)
            }
            Constraint::Check(_) | Constraint::Exclude(_) | Constraint::UsingIndex { .. } => None,
        }
    } else {
        None
    }
}

/// Says what keeps the engine from adding a column to a table that has rows, NULL in a NOT NULL column apart.
fn added(column: &Column) -> Option<String> {
    if matches!(column.generated, Some(Generated::Stored(_))) {
        return Some("a STORED generated column".to_owned());
    }
    let default = column.default.as_ref()?;
    (!may_be_constant(default)).then(|| format!("a default that is no constant, `{default}`"))
}

fn is_null(default: &SqlExpression) -> bool {
    default.as_str().trim().eq_ignore_ascii_case("null")
}

fn may_be_constant(default: &SqlExpression) -> bool {
    const NOW: [&str; 3] = ["current_time", "current_date", "current_timestamp"];
    match words(default.as_str()).as_slice() {
        // Any other word is taken for a string.
        [word] => !NOW.iter().any(|now| word.text.eq_ignore_ascii_case(now)),
        [first, ..] if first.is_name("cast") => true,
        _ => is_literal(default.as_str()),
    }
}

/// Says what keeps a column in its table.
fn kept(table: &Table, column: &Name) -> Option<String> {
    if table.primary_key.as_ref().is_some_and(|key| key.columns.contains(column)) {
        return Some("it is part of the primary key".to_owned());
    }
    if table.uniques.iter().any(|key| key.columns.contains(column)) {
        return Some("it is part of a UNIQUE constraint".to_owned());
    }
    let mut indexes = table.indexes.iter();
    let (index, _) =
        indexes.find(|(_, of)| of.columns.iter().any(|part| part.key.column() == Some(column)))?;
    Some(format!("index `{index}` is on it"))
}
