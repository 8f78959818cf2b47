//! One row for a table, made up from its columns' types, keys and checks, so that what is tried on a scratch database meets rows.

use super::connection::LiveDatabase;
use super::made_up::{Likes, limited, postgres_value, sqlite_value};
use super::{Database as _, DatabaseError};
use crate::catalog::{Catalog, Column, Generated, Identity, Key, Table};
use crate::dialect::Dialect;
use crate::dialects::{literal, quote};
use crate::name::{Name, ObjectName};

impl LiveDatabase {
    /// Returns whether a table has a row.
    ///
    /// # Errors
    ///
    /// Fails if the table cannot be read.
    pub fn has_row(&mut self, name: &ObjectName) -> Result<bool, DatabaseError> {
        let target = object(self.dialect(), name);
        // Text on both engines.
        let sql = format!("SELECT 'row' FROM {target} LIMIT 1");
        Ok(!self.query_texts(&sql)?.is_empty())
    }

    /// Takes all rows out of the tables of a catalog.
    ///
    /// # Errors
    ///
    /// Fails if the engine does.
    pub fn empty_tables(&mut self, catalog: &Catalog) -> Result<(), DatabaseError> {
        let names: Vec<String> =
            catalog.tables.keys().map(|name| object(catalog.dialect, name)).collect();
        match catalog.dialect {
            _ if names.is_empty() => Ok(()),
            Dialect::Postgres => self.execute(&format!("TRUNCATE {} CASCADE", names.join(", "))),
            Dialect::Sqlite => {
                self.enforce_foreign_keys(false)?;
                let each = |name: &String| format!("DELETE FROM {name};");
                let emptied = self.execute(&names.iter().map(each).collect::<String>());
                let on = self.enforce_foreign_keys(true);
                emptied.and(on)
            }
        }
    }

    /// Returns these columns of a table's rows as texts, of a hundred rows at most.
    ///
    /// # Errors
    ///
    /// Fails if the table cannot be read.
    pub fn rows_of(
        &mut self,
        name: &ObjectName,
        columns: &[&Name],
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        let dialect = self.dialect();
        let text = |column: &&Name| {
            let own = quote(dialect, column);
            match dialect {
                Dialect::Postgres => format!("{own}::text"),
                Dialect::Sqlite => format!("CASE WHEN {own} IS NOT NULL THEN quote({own}) END"),
            }
        };
        let columns: Vec<String> = columns.iter().map(text).collect();
        let target = object(dialect, name);
        self.query_texts(&format!("SELECT {} FROM {target} LIMIT 100", columns.join(", ")))
    }

    /// Inserts a row with a value in every column, else one with as few values as there must be. Returns whether there is one: a
    /// check or a type that planner does not know may refuse both.
    ///
    /// # Errors
    ///
    /// Fails if the connection does.
    pub fn add_sample_row(
        &mut self,
        name: &ObjectName,
        table: &Table,
        catalog: &Catalog,
        likes: &Likes,
    ) -> Result<bool, DatabaseError> {
        let required: fn(&Column) -> bool = |column| !column.may_be_left_out();
        let all: fn(&Column) -> bool = |column| column.default.is_none();
        let tries = if likes.kind.is_least() { [required, all] } else { [all, required] };
        for wanted in tries {
            let sql = insert(name, table, catalog, likes, wanted);
            self.begin()?;
            match self.execute(&sql) {
                Ok(()) => return self.commit().map(|()| true),
                Err(DatabaseError::Statement { .. }) => self.roll_back()?,
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }
}

fn insert(
    name: &ObjectName,
    table: &Table,
    catalog: &Catalog,
    likes: &Likes,
    wanted: impl Fn(&Column) -> bool,
) -> String {
    let dialect = catalog.dialect;
    let is_given = |of: &&Column| {
        let is_counted = match of.generated {
            Some(Generated::Identity(identity)) => identity != Identity::Always,
            Some(Generated::Stored(_) | Generated::Virtual(_)) | None => false,
        };
        // Numbers that the database would give next are what seed data has.
        let is_key = is_counted && is_key(table, of);
        is_key || (of.generated.is_none() && wanted(of))
    };
    let columns: Vec<&Column> = table.columns.iter().filter(is_given).collect();
    let target = object(dialect, name);
    if columns.is_empty() {
        return format!("INSERT INTO {target} DEFAULT VALUES");
    }
    let names: Vec<String> = columns.iter().map(|column| quote(dialect, &column.name)).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|column| match likes.of(name, &column.name) {
            Some(given) => given.to_owned(),
            None => value(table, column, catalog, likes),
        })
        .collect();
    format!("INSERT INTO {target} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

/// Writes a table's name as SQL.
pub(super) fn object(dialect: Dialect, name: &ObjectName) -> String {
    let schema = name.schema.as_ref().map(|schema| format!("{}.", quote(dialect, schema)));
    format!("{}{}", schema.unwrap_or_default(), quote(dialect, &name.name))
}

fn value(table: &Table, column: &Column, catalog: &Catalog, likes: &Likes) -> String {
    let dialect = catalog.dialect;
    for key in &table.foreign_keys {
        let at = key.columns.iter().position(|name| *name == column.name);
        let Some(referenced) = at.and_then(|at| key.referenced_columns.get(at)) else { continue };
        let (referenced, target) = (quote(dialect, referenced), object(dialect, &key.references));
        return format!("(SELECT {referenced} FROM {target} ORDER BY 1 LIMIT 1)");
    }
    let sql_type = column.sql_type.0.as_str();
    let named = catalog.enums.get(&ObjectName::parse(sql_type));
    if let Some(first) = named.and_then(|of| of.values.first()) {
        return literal(first);
    }
    if let Some(allowed) = allowed(table, column) {
        return allowed;
    }
    let value = match dialect {
        Dialect::Postgres => postgres_value(sql_type, likes.kind),
        Dialect::Sqlite => sqlite_value(sql_type, likes.kind),
    };
    match value {
        "1" if is_key(table, column) && sql_type.eq_ignore_ascii_case("smallint") => {
            "32001".to_owned()
        }
        "1" if is_key(table, column) => KEY.to_owned(),
        other => limited(sql_type, other),
    }
}

/// A number that is no key of anybody's seed data.
const KEY: &str = "1000000001";

/// Returns whether a column is a table's key alone.
fn is_key(table: &Table, column: &Column) -> bool {
    let is_it = |key: &Key| key.columns.as_slice() == [column.name.clone()];
    table.primary_key.as_ref().is_some_and(is_it) || table.uniques.iter().any(is_it)
}

/// Returns the first text in a check that names the column: of a list of what is allowed, the first is.
pub(super) fn allowed(table: &Table, column: &Column) -> Option<String> {
    let name = column.name.as_str();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let names = |text: &str| text.split(|letter| !is_word(letter)).any(|word| word == name);
    let of_column = table.checks.iter().map(|check| check.expression.as_str());
    let check = of_column.filter(|text| names(text)).find(|text| text.contains('\''))?;
    let (_, rest) = check.split_once('\'')?;
    let (text, _) = rest.split_once('\'')?;
    Some(literal(text))
}
