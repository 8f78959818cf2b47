//! What a query, or the body of a function, reads and writes: its tables, and the columns that can be told.

use std::collections::BTreeSet;

use squawk_lexer::{TokenKind, tokenize};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::names;
use super::reading::{Reading, Space};
use crate::change::Touched;
use crate::name::{Name, ObjectName};

/// A table and what the query calls it.
struct Source {
    table: ObjectName,
    called: String,
}

/// Returns the tables beneath a node, and those of their columns that it names.
///
/// A bare name counts for every table of the statement that has such a column: rather one too many than one too few.
pub(super) fn of(reading: &Reading<'_>, node: &SyntaxNode) -> Vec<Touched> {
    let mut common = BTreeSet::new();
    let mut sources: Vec<Source> = Vec::new();
    for node in node.descendants() {
        match node.kind() {
            SyntaxKind::CTE_NAME => {
                common.extend(names::of_node(&node).map(|name| name.as_str().to_owned()));
            }
            SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_NAME_REF => {
                let parts = names::parts(&node);
                if matches!(parts.as_slice(), [only] if common.contains(only)) {
                    continue;
                }
                let called = called(&node).or_else(|| parts.last().cloned()).unwrap_or_default();
                if let Some(table) = reading.name_of_parts(Space::Relation, parts) {
                    sources.push(Source { table, called });
                }
            }
            _ => {}
        }
    }
    let mut found: BTreeSet<Touched> = BTreeSet::new();
    for source in &sources {
        found.insert(Touched { object: source.table.clone(), column: None });
    }
    for node in node.descendants() {
        match node.kind() {
            SyntaxKind::FIELD_EXPR => field(reading, &node, &sources, &mut found),
            SyntaxKind::NAME_REF | SyntaxKind::COLUMN_NAME_REF => {
                if let Some(name) = names::of_node(&node) {
                    column(reading, None, &name, &sources, &mut found);
                }
            }
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// Returns the tables and views that a word of a text names.
pub(super) fn named(reading: &Reading<'_>, text: &str) -> Vec<Touched> {
    let mut found = BTreeSet::new();
    let mut at = 0;
    for token in tokenize(text) {
        let start = at;
        at += token.len as usize;
        if !matches!(token.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. }) {
            continue;
        }
        let word = names::fold(text.get(start..at).unwrap_or_default());
        let Some(object) = reading.name_of_parts(Space::Relation, vec![word]) else { continue };
        let catalog = reading.catalog();
        if catalog.tables.contains_key(&object) || catalog.views.contains_key(&object) {
            found.insert(Touched { object, column: None });
        }
    }
    found.into_iter().collect()
}

/// Returns the table that a data change writes.
pub(super) fn target(reading: &Reading<'_>, node: &SyntaxNode) -> Option<ObjectName> {
    let is_relation = |node: &SyntaxNode| {
        matches!(node.kind(), SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_NAME_REF)
    };
    reading.name_in(Space::Relation, &node.descendants().find(is_relation)?)
}

fn field(
    reading: &Reading<'_>,
    node: &SyntaxNode,
    sources: &[Source],
    found: &mut BTreeSet<Touched>,
) {
    let mut children = node.children();
    let (Some(base), Some(last)) = (children.next(), children.next()) else { return };
    let (Some(base), Some(last)) = (names::of_node(&base), names::of_node(&last)) else { return };
    column(reading, Some(base.as_str()), &last, sources, found);
}

fn column(
    reading: &Reading<'_>,
    qualifier: Option<&str>,
    name: &Name,
    sources: &[Source],
    found: &mut BTreeSet<Touched>,
) {
    let catalog = reading.catalog();
    for source in sources.iter().filter(|of| qualifier.is_none_or(|by| of.called == by)) {
        if catalog.column(&source.table, name).is_some() {
            let object = source.table.clone();
            found.insert(Touched { object, column: Some(name.clone()) });
        }
    }
}

/// Returns the alias that stands beside a table.
fn called(node: &SyntaxNode) -> Option<String> {
    let mut beside = node.clone();
    for _ in 0..2 {
        let alias =
            std::iter::successors(beside.next_sibling(), SyntaxNode::next_sibling).find(is_alias);
        if let Some(alias) = alias {
            let name = alias.descendants().find(|node| node.kind() == SyntaxKind::TABLE_ALIAS)?;
            return Some(names::of_node(&name)?.as_str().to_owned());
        }
        beside = beside.parent()?;
    }
    None
}

fn is_alias(node: &SyntaxNode) -> bool {
    matches!(
        node.kind(),
        SyntaxKind::FROM_ALIAS | SyntaxKind::OPTIONAL_AS_ALIAS | SyntaxKind::REQUIRED_AS_ALIAS
    )
}

/// Functions that change nothing that planner knows of, though they are no plain readings.
const HARMLESS: [&str; 4] = ["set_config", "setval", "nextval", "pg_notify"];

/// Returns whether a query may write: it has a writing part, or calls a function that is not one of the server's
/// plain ones.
pub(super) fn writes(node: &SyntaxNode) -> bool {
    node.descendants().any(|node| match node.kind() {
        SyntaxKind::INSERT | SyntaxKind::UPDATE | SyntaxKind::DELETE | SyntaxKind::MERGE => true,
        SyntaxKind::CALL_EXPR => {
            let callee = node.first_child();
            let name = callee.as_ref().and_then(names::of_node);
            name.is_some_and(|name| !HARMLESS.contains(&name.as_str()) && !is_plain(name.as_str()))
        }
        _ => false,
    })
}

/// Returns whether a function only computes or reads. What is not known may do anything.
fn is_plain(name: &str) -> bool {
    const PLAIN: [&str; 46] = [
        "abs",
        "age",
        "array_agg",
        "array_length",
        "avg",
        "cardinality",
        "ceil",
        "char_length",
        "coalesce",
        "concat",
        "concat_ws",
        "count",
        "current_database",
        "current_schema",
        "current_setting",
        "date_part",
        "date_trunc",
        "exists",
        "extract",
        "floor",
        "format",
        "gen_random_uuid",
        "generate_series",
        "greatest",
        "jsonb_build_object",
        "least",
        "left",
        "length",
        "lower",
        "max",
        "md5",
        "min",
        "now",
        "nullif",
        "pg_sleep",
        "pg_typeof",
        "replace",
        "right",
        "round",
        "row_number",
        "string_agg",
        "substring",
        "sum",
        "to_char",
        "trim",
        "upper",
    ];
    PLAIN.contains(&name) || name.starts_with("to_reg") || name.starts_with("pg_advisory")
}
