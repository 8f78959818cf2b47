//! Values for rows that are made up, of several kinds, since no one kind survives all that migrations do with a column.

use std::collections::BTreeMap;

use super::sample::{allowed, object};
use crate::catalog::{Catalog, Column, Table};
use crate::dialects::{literal, quote};
use crate::name::{Name, ObjectName};

/// Which values are made up where a column's type takes many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A letter, the number one.
    #[default]
    Letter,
    /// As few values as there must be.
    Least,
    /// A number.
    Number,
    /// A document.
    Document,
    /// A list.
    List,
    /// An id.
    Id,
    /// A moment.
    Moment,
    /// A truth value.
    Truth,
    /// An address for mail.
    Mail,
    /// An address in the web.
    Web,
    /// Many letters, a large number.
    Long,
    /// Nothing: no letter, zero.
    Nothing,
}

impl Kind {
    /// All but the first, in the order in which they are tried.
    pub const OTHERS: [Self; 11] = [
        Self::Least,
        Self::Number,
        Self::Document,
        Self::Id,
        Self::Moment,
        Self::Truth,
        Self::List,
        Self::Mail,
        Self::Web,
        Self::Long,
        Self::Nothing,
    ];

    /// Returns whether columns that may do without a value have none.
    pub(super) const fn is_least(self) -> bool {
        matches!(self, Self::Least)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Letter | Self::Least => "'a'",
            Self::Number => "'1'",
            Self::Document => "'{}'",
            Self::List => "'[]'",
            Self::Id => "'00000000-0000-0000-0000-000000000001'",
            Self::Moment => "'2026-01-01 12:00:00'",
            Self::Truth => "'true'",
            Self::Mail => "'somebody@example.org'",
            Self::Web => "'https://example.org/a'",
            Self::Long => "'abcdefghijklmnopqrstuvwxyz0123456789'",
            Self::Nothing => "''",
        }
    }

    const fn number(self) -> &'static str {
        match self {
            Self::Letter
            | Self::Least
            | Self::Number
            | Self::Document
            | Self::List
            | Self::Id
            | Self::Moment
            | Self::Truth
            | Self::Mail
            | Self::Web => "1",
            Self::Long => "1000",
            Self::Nothing => "0",
        }
    }
}

/// What made-up values are to be like.
#[derive(Clone, Debug, Default)]
pub struct Likes {
    /// Where nothing else is known.
    pub kind: Kind,
    /// The value of a column, as SQL.
    columns: BTreeMap<(ObjectName, Name), String>,
}

impl Likes {
    /// Returns what suits a migration: values that survive what it makes of columns of text, be it another type or what it
    /// casts them to, that refer to rows where a column is to refer to some, and that a check allows.
    #[must_use]
    pub fn suiting(before: &Catalog, after: &Catalog, sql: &str) -> Self {
        let mut columns = BTreeMap::new();
        let casts = casts(sql);
        for (name, table) in &before.tables {
            let later = after.table(name);
            for column in &table.columns {
                let path = (name.clone(), column.name.clone());
                if let Some(value) = later.and_then(|later| new_value(table, later, column, before))
                {
                    columns.insert(path, value);
                } else if is_text(&column.sql_type.0)
                    && let Some(to) = casts.get(&column.name.as_str().to_lowercase())
                    && let Some(value) = as_text(to, before)
                {
                    columns.insert(path, value);
                }
            }
        }
        Self { kind: Kind::Letter, columns }
    }

    /// Returns the same for another kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        Self { kind, columns: self.columns.clone() }
    }

    pub(super) fn of(&self, table: &ObjectName, column: &Name) -> Option<&str> {
        self.columns.get(&(table.clone(), column.clone())).map(String::as_str)
    }
}

/// Returns the value that a column needs for what it becomes.
fn new_value(table: &Table, later: &Table, column: &Column, catalog: &Catalog) -> Option<String> {
    for key in &later.foreign_keys {
        let is_old = table.foreign_keys.iter().any(|of| of.columns == key.columns);
        let at = key.columns.iter().position(|name| *name == column.name);
        let referenced = at.and_then(|at| key.referenced_columns.get(at));
        if let (false, Some(referenced)) = (is_old, referenced)
            && catalog.tables.contains_key(&key.references)
        {
            let dialect = catalog.dialect;
            let (referenced, target) =
                (quote(dialect, referenced), object(dialect, &key.references));
            return Some(format!("(SELECT {referenced} FROM {target} ORDER BY 1 LIMIT 1)"));
        }
    }
    if !is_text(&column.sql_type.0) {
        return None;
    }
    if let Some(allowed) = allowed(later, column) {
        return Some(allowed);
    }
    let to = &later.column(&column.name)?.sql_type;
    (*to != column.sql_type && !is_text(&to.0)).then(|| as_text(&to.0, catalog))?
}

/// Returns a text that can become a type.
fn as_text(sql_type: &str, catalog: &Catalog) -> Option<String> {
    if let Some(named) = catalog.enums.get(&ObjectName::parse(sql_type)) {
        return named.values.first().map(|value| literal(value));
    }
    let base = sql_type.split('(').next().unwrap_or_default().trim_end();
    let kind = match base {
        "date"
        | "timestamp"
        | "timestamptz"
        | "timestamp without time zone"
        | "timestamp with time zone" => Kind::Moment,
        "boolean" | "bool" => Kind::Truth,
        "int" | "int2" | "int4" | "int8" | "float" | "float4" | "float8" | "decimal" => {
            Kind::Number
        }
        _ => {
            let value = postgres_value(sql_type, Kind::Number);
            return match value {
                "NULL" => None,
                quoted if quoted.starts_with('\'') => Some(quoted.to_owned()),
                number => Some(literal(number)),
            };
        }
    };
    Some(kind.text().to_owned())
}

/// Returns what columns are cast to in a text of SQL: `c::uuid`, `CAST(t.c AS date)`.
fn casts(sql: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let last_word = |text: &str| {
        let text = text.trim_end().trim_end_matches([')', '"']);
        let start = text.char_indices().rev().find(|(_, of)| !is_word(*of));
        let start = start.map_or(0, |(at, of)| at.saturating_add(of.len_utf8()));
        text.get(start..).unwrap_or_default().to_lowercase()
    };
    let first_type = |text: &str| {
        let text = text.trim_start();
        let end = text.find(|of: char| !is_word(of)).unwrap_or(text.len());
        let list = text.get(end..).is_some_and(|rest| rest.starts_with("[]"));
        let word = text.get(..end).unwrap_or_default().to_lowercase();
        if list { format!("{word}[]") } else { word }
    };
    for (at, between) in sql.match_indices("::") {
        let before = sql.get(..at).unwrap_or_default();
        let after = sql.get(at.saturating_add(between.len())..).unwrap_or_default();
        all.insert(last_word(before), first_type(after));
    }
    let lower = sql.to_ascii_lowercase();
    for (at, word) in lower.match_indices("cast(") {
        let inner = sql.get(at.saturating_add(word.len())..).unwrap_or_default();
        let Some((column, rest)) = inner.split_once([' ', '\n']) else { continue };
        let rest = rest.trim_start();
        if rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("as ")) {
            all.insert(last_word(column), first_type(rest.get(3..).unwrap_or_default()));
        }
    }
    all
}

fn is_text(sql_type: &str) -> bool {
    let base = sql_type.split('(').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    matches!(base.as_str(), "text" | "character varying" | "varchar" | "character" | "citext")
}

/// Cuts a text to the length that its type allows.
pub(super) fn limited(sql_type: &str, value: &str) -> String {
    let length = sql_type.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let length = length.and_then(|(length, _)| length.trim().parse::<usize>().ok());
    let text = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match (length, text) {
        (Some(length), Some(text)) if text.chars().count() > length && is_text(sql_type) => {
            literal(&text.chars().take(length).collect::<String>())
        }
        _ => value.to_owned(),
    }
}

pub(super) fn postgres_value(sql_type: &str, kind: Kind) -> &'static str {
    if sql_type.ends_with("[]") {
        return "'{}'";
    }
    let base = sql_type.split('(').next().unwrap_or_default().trim_end();
    match base {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "money"
        | "oid" => kind.number(),
        "text" | "character varying" | "character" | "citext" | "name" => kind.text(),
        "boolean" => "true",
        "date"
        | "timestamp"
        | "time"
        | "timestamp without time zone"
        | "timestamp with time zone" => "CURRENT_TIMESTAMP",
        "time without time zone" | "time with time zone" => "'12:00'",
        "interval" => "'1 day'",
        "uuid" => "'00000000-0000-0000-0000-000000000001'",
        "json" | "jsonb" if kind == Kind::List => "'[]'",
        "json" | "jsonb" => "'{}'",
        "bytea" => "'\\x00'",
        "inet" | "cidr" => "'127.0.0.1'",
        _ if base.starts_with("timestamp") => "CURRENT_TIMESTAMP",
        _ => "NULL",
    }
}

/// By the rules of affinity (SQLite manual, "Datatypes In SQLite", 3.1).
pub(super) fn sqlite_value(sql_type: &str, kind: Kind) -> &'static str {
    let upper = sql_type.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    if has(&["INT"]) {
        kind.number()
    } else if has(&["DATE", "TIME"]) {
        "'2026-01-01 12:00:00'"
    } else if has(&["CHAR", "CLOB", "TEXT"]) {
        kind.text()
    } else if has(&["BLOB"]) || upper.is_empty() {
        "x'00'"
    } else {
        kind.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_columns_are_cast_to_is_found() {
        let found = casts(
            "ALTER TABLE t ALTER c TYPE uuid USING \"C\"::uuid; UPDATE t SET d = CAST(t.e AS date), f = (g)::int[]",
        );
        let found: Vec<(&str, &str)> =
            found.iter().map(|(one, other)| (one.as_str(), other.as_str())).collect();
        assert_eq!(found, [("c", "uuid"), ("e", "date"), ("g", "int[]")]);
    }

    #[test]
    fn a_text_is_no_longer_than_its_type_allows() {
        assert_eq!(limited("character varying(3)", "'abcdef'"), "'abc'");
        assert_eq!(limited("text", "'abcdef'"), "'abcdef'");
    }
}
