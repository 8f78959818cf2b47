//! The rebuild of a table: a new one beside it, the rows copied, the old one dropped, the new one renamed.
//!
//! The statements are what runs inside one transaction, with foreign keys off around it. Views, `INSTEAD OF` triggers and other
//! tables' triggers that name the table stay where they are: with `legacy_alter_table` the rename neither reads nor rewrites
//! them. So nothing is lost of what a catalog does not know of them.

use super::guard::require;
use super::quote::{inside, object, quote};
use super::shape;
use super::tables::{create_indexes, create_table, is_autoincrement, row_id_column};
use super::{missing, refuse, sync};
use crate::catalog::{Catalog, Column, Generated, SqlExpression, Table};
use crate::dialects::{Refusal, literal};
use crate::name::{Name, ObjectName};

/// A table's way from its definition in one catalog to that in another.
#[derive(Debug)]
pub(super) struct Rebuild<'a> {
    /// The table.
    pub(super) table: &'a ObjectName,
    /// The catalog as it is.
    pub(super) from: &'a Catalog,
    /// The catalog to come.
    pub(super) to: &'a Catalog,
    /// What to fill a column with that is not there yet, from the others; its default otherwise.
    pub(super) fill: Option<(&'a Name, &'a SqlExpression)>,
}

impl Rebuild<'_> {
    /// Returns the statements, which may run on the table as it is and, with the same end, on the table as it will be.
    pub(super) fn statements(&self) -> Result<Vec<String>, Refusal> {
        let name = self.table;
        let from = self.from.table(name).ok_or_else(|| missing("table", &name.name))?;
        let to = self.to.table(name).ok_or_else(|| missing("table", &name.name))?;
        let new = Name::new(format!("planner_new_{}", name.name));
        let definition = |table: &Table| -> Result<Vec<String>, Refusal> {
            let mut definition = vec![create_table(&new, table, name)?];
            definition.extend(create_indexes(name, table)?);
            Ok(definition)
        };
        let (was, is) = (definition(from)?, definition(to)?);
        let mut statements = require(
            &format!(
                "({}\n) OR ({}\n)",
                shape::is_known(name, from, &was),
                shape::is_known(name, to, &is)
            ),
            &format!(
                "planner: table {name} has other columns, keys, indexes or triggers than this migration knows, use planner run"
            ),
        );
        statements.extend(require(
            &shape::is_kept(name, [&was, &is]),
            &format!(
                "planner: table {name} has other conflict clauses, deferred keys or collations than this migration knows, use planner run"
            ),
        ));
        statements.extend(count_violations(name));
        statements.push(format!("DROP TABLE IF EXISTS {}", quote(&new)));
        let mut is = is.into_iter();
        statements.extend(is.next());
        statements.push(self.copy(&new, from, to)?);
        if is_autoincrement(to) {
            statements.extend(keep_sequence(&new, name));
        }
        statements.push(format!("DROP TABLE {}", object(name)));
        statements.push("PRAGMA legacy_alter_table = ON".to_owned());
        statements.push(format!("ALTER TABLE {} RENAME TO {}", quote(&new), object(name)));
        statements.push("PRAGMA legacy_alter_table = OFF".to_owned());
        statements.extend(is);
        statements.extend(sync::triggers_of(name, self.to)?);
        statements.extend(require_no_new_violations(name));
        Ok(statements)
    }

    /// Returns the statement that copies the rows, with their row ids.
    ///
    /// A column that is new is read by a name that the old table has only if this is the second run, when its
    /// values must stay; else the name finds the value beside it.
    fn copy(&self, new: &Name, from: &Table, to: &Table) -> Result<String, Refusal> {
        let old = object(self.table);
        // A conflict clause of the table would leave rows out.
        let or = if has_conflict_clause(to) { "OR ABORT " } else { "" };
        let writable: Vec<&Column> = to.columns.iter().filter(|c| !is_computed(c)).collect();
        let is_there = |column: &Column| from.column(&column.name).is_some_and(|c| !is_computed(c));
        let (kept, added): (Vec<&Column>, Vec<&Column>) =
            writable.iter().partition(|column| is_there(column));
        let row_id = hidden_row_id(from).filter(|_| hidden_row_id(to).is_some());
        let kept_names = || kept.iter().map(|column| &column.name);
        if added.is_empty() {
            let columns: Vec<String> =
                row_id.map(str::to_owned).into_iter().chain(kept_names().map(quote)).collect();
            let columns = columns.join(", ");
            return Ok(format!(
                "INSERT {or}INTO {} ({columns})\n    SELECT {columns} FROM {old}",
                quote(new)
            ));
        }
        let key = row_key(self.table, from)?;
        let mut inner: Vec<String> = kept_names().map(quote).collect();
        let mut targets = inner.clone();
        let mut values = inner.clone();
        let mut same_row = Vec::new();
        for (at, part) in key.iter().enumerate() {
            inner.push(format!("{part} AS planner_key_{at}"));
            same_row.push(format!("now_there.{part} = planner_key_{at}"));
        }
        if let Some(row_id) = row_id {
            targets.insert(0, row_id.to_owned());
            values.insert(0, "planner_key_0".to_owned());
        }
        for column in added {
            let name = quote(&column.name);
            inner.push(format!("({}) AS {name}", self.value_of(column)));
            values.push(format!(
                "(SELECT {name} FROM {old} AS now_there WHERE {})",
                same_row.join(" AND ")
            ));
            targets.push(name);
        }
        Ok(format!(
            "INSERT {or}INTO {} ({})\n    SELECT {}\n    FROM (SELECT {} FROM {old}) AS as_it_was",
            quote(new),
            targets.join(", "),
            values.join(", "),
            inner.join(", ")
        ))
    }

    /// Returns the value of a column that is not there yet.
    fn value_of(&self, column: &Column) -> String {
        match (self.fill, &column.default) {
            (Some((name, fill)), _) if *name == column.name => inside(fill),
            (_, Some(default)) => inside(default),
            (_, None) => "NULL".to_owned(),
        }
    }
}

/// Returns whether the table says what is done with a row that is in the way.
fn has_conflict_clause(table: &Table) -> bool {
    let mut keys = table.primary_key.iter().chain(&table.uniques);
    keys.any(|key| key.terms.on_conflict.is_some())
        || table.columns.iter().any(|column| column.on_null.is_some())
}

/// Returns whether the engine computes the column from others, so that nothing is written to it.
fn is_computed(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
}

/// Returns the name by which the row id of a table can be written that has no column for it.
fn hidden_row_id(table: &Table) -> Option<&'static str> {
    if table.without_rowid || row_id_column(table).is_some() {
        return None;
    }
    ["rowid", "oid", "_rowid_"].into_iter().find(|alias| {
        !table.columns.iter().any(|column| column.name.as_str().eq_ignore_ascii_case(alias))
    })
}

/// Returns the identifiers that tell one row from all others: the row id, or the primary key.
pub(super) fn row_key(name: &ObjectName, table: &Table) -> Result<Vec<String>, Refusal> {
    if let Some(column) = row_id_column(table) {
        return Ok(vec![quote(&column.name)]);
    }
    if let Some(row_id) = hidden_row_id(table) {
        return Ok(vec![row_id.to_owned()]);
    }
    match &table.primary_key {
        Some(key) => Ok(key.columns.iter().map(quote).collect()),
        None => Err(refuse(
            format!("the rows of table `{name}` cannot be told apart"),
            "add a primary key",
        )),
    }
}

/// Returns the statements that keep the counter of an `AUTOINCREMENT` column.
fn keep_sequence(new: &Name, old: &ObjectName) -> [String; 2] {
    let (new, old) = (literal(new.as_str()), literal(old.name.as_str()));
    let there = format!("EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = {old})");
    [
        format!("DELETE FROM sqlite_sequence WHERE name = {new} AND {there}"),
        format!(
            "INSERT INTO sqlite_sequence (name, seq)\n    SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"
        ),
    ]
}

/// Returns a query (SQL, in parentheses) for how many rows of the table, or of those that refer to it, break a foreign key.
fn violations(name: &ObjectName) -> String {
    let text = literal(name.name.as_str());
    format!(
        "(SELECT count(*) FROM (\n        \
         SELECT {text} AS checked UNION\n        \
         SELECT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k\n        \
         WHERE m.type = 'table' AND k.\"table\" = {text} COLLATE NOCASE AND m.name <> {text} COLLATE NOCASE\n    \
         ), pragma_foreign_key_check(checked))"
    )
}

/// Returns the statements that remember how many rows break a foreign key: those may stay, no others may come.
fn count_violations(name: &ObjectName) -> [String; 2] {
    [
        "DROP TABLE IF EXISTS temp.planner_violations".to_owned(),
        format!("CREATE TEMP TABLE planner_violations AS SELECT {} AS found", violations(name)),
    ]
}

fn require_no_new_violations(name: &ObjectName) -> Vec<String> {
    let mut statements = require(
        &format!("{} <= (SELECT found FROM temp.planner_violations)", violations(name)),
        &format!(
            "planner: rows of table {name}, or of tables that refer to it, would break a foreign key"
        ),
    );
    statements.push("DROP TABLE temp.planner_violations".to_owned());
    statements
}

/// See [`crate::dialects::wrap_foreign_keys_off`].
pub(in crate::dialects) fn wrap_foreign_keys_off(
    statements: &[String],
    guard: &[String],
) -> Vec<String> {
    let inner = guard.iter().chain(statements).map(|statement| {
        // The transaction is this script's own: a failing insert (of a guard, or of the copy) ends it.
        statement
            .strip_prefix("INSERT INTO ")
            .or_else(|| statement.strip_prefix("INSERT OR ABORT INTO "))
            .map_or_else(|| statement.clone(), |rest| format!("INSERT OR ROLLBACK INTO {rest}"))
    });
    let before = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"];
    let after = ["COMMIT", "PRAGMA foreign_keys = ON"];
    before
        .into_iter()
        .map(str::to_owned)
        .chain(inner)
        .chain(after.into_iter().map(str::to_owned))
        .collect()
}
