//! What a statement reads and writes, told from its words: its tables, and those of their columns that it names.

use std::collections::BTreeSet;

use sqlite3_parser::dialect::TokenType;

use super::reading::{self, Reading};
use super::tokens::Token;
use crate::change::Touched;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// Returns the tables and columns that a statement names.
///
/// A column counts for every table of the statement that has it: rather one too many than one too few.
pub(super) fn of(reading: &Reading<'_>) -> Vec<Touched> {
    within(reading, reading.tokens)
}

/// As [`of`], for some of the statement's tokens.
pub(super) fn within(reading: &Reading<'_>, tokens: &[Token<'_>]) -> Vec<Touched> {
    let mut tables: BTreeSet<ObjectName> = BTreeSet::new();
    let mut words: BTreeSet<String> = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        if !token.is_name() {
            continue;
        }
        let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
        let name = unquote(token.raw);
        let schema = before(2).filter(|_| before(1).is_some_and(|dot| dot.raw == "."));
        let schema = schema.map(|schema| unquote(schema.raw)).unwrap_or_default();
        let written = ObjectName::bare(name.as_str());
        let found = reading::known(reading.catalog, written);
        if is_relation(reading, &found) && (schema.is_empty() || schema == "main") {
            tables.insert(found);
        } else if before(1).is_some_and(|word| is_before_table(word.kind)) {
            if !reading.temporary.contains(&name.to_ascii_lowercase()) && is_plain(tokens, at) {
                tables.insert(found);
            }
        } else {
            words.insert(name.to_ascii_lowercase());
        }
    }
    let mut touched = BTreeSet::new();
    for table in tables {
        let columns = reading.catalog.table(&table).into_iter().flat_map(|table| &table.columns);
        for column in columns.filter(|c| words.contains(&c.name.as_str().to_ascii_lowercase())) {
            let column = Some(column.name.clone());
            touched.insert(Touched { object: table.clone(), column });
        }
        touched.insert(Touched { object: table, column: None });
    }
    touched.into_iter().collect()
}

fn is_relation(reading: &Reading<'_>, name: &ObjectName) -> bool {
    super::table::is_there(reading, name)
        && !reading.temporary.contains(&name.name.as_str().to_ascii_lowercase())
}

/// Returns whether a table's name comes next.
const fn is_before_table(kind: TokenType) -> bool {
    matches!(
        kind,
        TokenType::TK_FROM | TokenType::TK_JOIN | TokenType::TK_INTO | TokenType::TK_UPDATE
    )
}

/// Returns whether a name is neither a schema nor a function.
fn is_plain(tokens: &[Token<'_>], at: usize) -> bool {
    tokens.get(at + 1).is_none_or(|next| !matches!(next.raw, "." | "("))
        || tokens.get(at.wrapping_sub(1)).is_some_and(|word| word.kind == TokenType::TK_INTO)
}

/// Returns a table and, of its columns, these.
pub(super) fn columns(table: &ObjectName, columns: &[Name]) -> Vec<Touched> {
    let whole = Touched { object: table.clone(), column: None };
    let named = columns.iter().cloned();
    let named = named.map(|column| Touched { object: table.clone(), column: Some(column) });
    std::iter::once(whole).chain(named).collect()
}
