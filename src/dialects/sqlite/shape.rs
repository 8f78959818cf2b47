//! The question whether a table in the database is the one that a rebuild was written for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::tables::row_id_column;
use crate::catalog::Table;
use crate::dialects::literal;
use crate::name::{Name, ObjectName};

/// Returns a condition (SQL) that is true if the table has exactly these columns, indexes, triggers, foreign keys and
/// unique constraints, as far as the engine lists them, and no more checks.
///
/// Plans may run in another order than their versions; a rebuild written for another shape would drop what it does not know.
pub(super) fn is_known(name: &ObjectName, table: &Table, definition: &[String]) -> String {
    let text = literal(name.name.as_str());
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let in_key =
                table.primary_key.as_ref().is_some_and(|key| key.columns.contains(&column.name))
                    || row_id_column(table).is_some_and(|row_id| row_id.name == column.name);
            let mark = if column.nullable || in_key { "" } else { " not null" };
            literal(&format!("{}{mark}", column.name.as_str().to_ascii_lowercase()))
        })
        .collect();
    let parts: Vec<String> = table
        .indexes
        .keys()
        .chain(table.triggers.keys())
        .map(|name| literal(&name.as_str().to_ascii_lowercase()))
        .collect();
    let mut condition = exactly(
        &format!("FROM pragma_table_xinfo({text})"),
        "lower(name) || iif(pk = 0 AND \"notnull\", ' not null', '')",
        &columns,
    );
    condition.push_str("\n    AND ");
    condition.push_str(&exactly(
        &format!(
            "FROM sqlite_master WHERE tbl_name = {text} COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL"
        ),
        "lower(name)",
        &parts,
    ));
    let keys = table.foreign_keys.len();
    let uniques = distinct_uniques(table);
    // Writing into a String cannot fail.
    let _ = write!(
        condition,
        "\n    AND (SELECT count(DISTINCT id) FROM pragma_foreign_key_list({text})) = {keys}\
         \n    AND (SELECT count(*) FROM pragma_index_list({text}) WHERE origin = 'u') = {uniques}"
    );
    condition.push_str("\n    AND ");
    condition.push_str(&at_most(&text, "CHECK(", count(definition, "CHECK(")));
    condition
}

/// Returns a condition (SQL) that is true if the texts of the table and its indexes have no more conflict clauses, deferred keys and
/// collations than these definitions (SQL), so that a rebuild from any of them loses none.
pub(super) fn is_kept(name: &ObjectName, definitions: [&[String]; 2]) -> String {
    let text = literal(name.name.as_str());
    let kept = |word: &str| {
        let counts = definitions.map(|definition| count(definition, word));
        at_most(&text, word, counts.into_iter().max().unwrap_or_default())
    };
    [" COLLATE ", "CONFLICT", "DEFERRED"].map(kept).join("\n    AND ")
}

/// Returns how often a word stands in statements, written as [`at_most`] reads them.
fn count(statements: &[String], word: &str) -> usize {
    let texts = statements
        .iter()
        .map(|statement| statement.to_ascii_uppercase().replace('\n', " ").replace(" (", "("));
    texts.map(|text| text.matches(word).count()).sum()
}

/// Returns a condition that a word stands at most so often in the texts of the table and its indexes.
fn at_most(table: &str, word: &str, count: usize) -> String {
    let len = word.len();
    let word = literal(word);
    format!(
        "(SELECT total(length(t) - length(replace(t, {word}, ''))) / {len} <= {count}\n    \
         FROM (SELECT replace(replace(replace(upper(sql), char(10), ' '), ' (', '('), 'CONFLICT ABORT', '') AS t FROM sqlite_master\n    \
         WHERE tbl_name = {table} COLLATE NOCASE AND type IN ('table', 'index')))"
    )
}

/// Returns a condition that the rows of a `FROM …` are exactly as many as the values, and each is one of them.
fn exactly(from: &str, value: &str, values: &[String]) -> String {
    let count = values.len();
    if values.is_empty() {
        return format!("(SELECT count(*) {from}) = 0");
    }
    format!(
        "(SELECT count(*) = {count} AND sum({value} IN ({})) = {count} {from})",
        values.join(", ")
    )
}

/// Returns how many indexes the engine makes for unique constraints: equal ones share one.
fn distinct_uniques(table: &Table) -> usize {
    let key = table.primary_key.as_ref().filter(|_| row_id_column(table).is_none());
    let lists: BTreeSet<&[Name]> = table.uniques.iter().map(|key| key.columns.as_slice()).collect();
    lists.iter().filter(|columns| key.is_none_or(|key| key.columns != **columns)).count()
}
