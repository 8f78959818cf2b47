//! Whether two texts mean the same but for what a server rewrites when it stores them.

use super::canon::{Tree, tree};
use super::{between, limits, tree as reader};

/// Types between which a literal may be cast without being another value.
const TEXT_TYPES: [&str; 4] = ["text", "character varying", "character", "bpchar"];
/// Types of numbers.
const NUMBER_TYPES: [&str; 6] =
    ["smallint", "integer", "bigint", "numeric", "real", "double precision"];

/// Words for moments that depend on when they are read.
const RELATIVE: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

/// Compares the trees of both texts: as expressions, or else as queries. Texts that cannot be read are the same only
/// letter by letter.
///
/// A cast of a column to `text` is not told from none, because the server adds one for every `varchar` that it compares.
pub(super) fn same(one: &str, other: &str) -> bool {
    if one.trim() == other.trim() {
        return true;
    }
    match (read(one), read(other)) {
        (Some(one), Some(other)) => same_tree(&one, &other),
        _ => false,
    }
}

fn read(text: &str) -> Option<Tree> {
    let words = limits::check(text).ok()?;
    let text = between::with_parentheses(text, &words);
    let expression = reader::expression_node(&text).map(|node| tree(&node));
    expression.or_else(|_| reader::query_node(&text).map(|node| tree(&node))).ok()
}

fn same_tree(one: &Tree, other: &Tree) -> bool {
    match (one, other) {
        (Tree::Cast(value, sql_type), Tree::Cast(other_value, other_type)) => {
            let same_type = base(sql_type) == base(other_type)
                && (sql_type == other_type || is_literal(value) && is_literal(other_value))
                || is_text(sql_type) && is_text(other_type) && is_literal(value);
            if same_type {
                return same_tree(value, other_value) || same_value(sql_type, value, other_value);
            }
            let both_literal = is_literal(value) && is_literal(other_value);
            !both_literal
                && (is_added(value, sql_type) && same_tree(value, other)
                    || is_added(other_value, other_type) && same_tree(one, other_value))
        }
        (Tree::Cast(value, sql_type), plain) | (plain, Tree::Cast(value, sql_type)) => {
            is_added(value, sql_type)
                && (same_tree(value, plain) || same_value(sql_type, value, plain))
        }
        (Tree::Name(one), Tree::Name(other)) => {
            // Inside one table a name means the same with its table and without.
            let bare = one.len() == 1 || other.len() == 1;
            one == other || bare && one.last() == other.last()
        }
        (Tree::Node(label, parts), Tree::Node(other_label, other_parts)) => {
            label == other_label
                && parts.len() == other_parts.len()
                && parts.iter().zip(other_parts).all(|(one, other)| same_tree(one, other))
        }
        (one, other) => one == other,
    }
}

/// Returns whether the server may have added the cast: to a literal, whose type its place tells, or to text.
fn is_added(value: &Tree, sql_type: &str) -> bool {
    let element = sql_type.trim_end_matches("[]");
    match value {
        Tree::Text(_) => true,
        Tree::Number(_) => is_number(sql_type),
        Tree::Node(label, _) if label == "null" => true,
        Tree::Node(label, parts) if label.starts_with("ARRAY_EXPR") => {
            sql_type.ends_with("[]") && parts.iter().all(|part| is_added(part, element))
        }
        Tree::Node(..) | Tree::Name(_) => matches!(sql_type, "text" | "character varying"),
        Tree::Cast(inner, _) => is_literal(inner) && is_text(sql_type),
    }
}

fn is_literal(tree: &Tree) -> bool {
    match tree {
        Tree::Text(_) | Tree::Number(_) => true,
        Tree::Node(..) => tree.is_null(),
        Tree::Name(_) | Tree::Cast(..) => false,
    }
}

/// Returns the type without its length.
fn base(sql_type: &str) -> &str {
    sql_type.split('(').next().unwrap_or(sql_type).trim()
}

fn is_text(sql_type: &str) -> bool {
    TEXT_TYPES.contains(&base(sql_type))
}

fn is_number(sql_type: &str) -> bool {
    NUMBER_TYPES.contains(&base(sql_type))
}

/// Returns whether two literals are one value of this type: `'-1'::integer` is `-1`, and midnight need not be said.
fn same_value(sql_type: &str, one: &Tree, other: &Tree) -> bool {
    let written = |tree: &Tree| match tree {
        Tree::Number(text) | Tree::Text(text) => Some(text.clone()),
        Tree::Node(label, parts) if parts.is_empty() => Some(label.clone()),
        Tree::Name(_) | Tree::Cast(..) | Tree::Node(..) => None,
    };
    let (Some(one), Some(other)) = (written(one), written(other)) else { return false };
    if is_number(sql_type) {
        return same_number(&one, &other);
    }
    if sql_type == "boolean" {
        return truth(&one).is_some() && truth(&one) == truth(&other);
    }
    let is_moment = ["timestamp", "date", "time"].iter().any(|of| sql_type.starts_with(of));
    let is_timestamp = sql_type.starts_with("timestamp");
    is_moment && is_only_one_relative(&one, &other)
        || is_timestamp && (is_midnight_of(&one, &other) || is_midnight_of(&other, &one))
}

/// Returns whether one of two literals is a word for a moment that the server replaces by that moment when it stores the expression:
/// which one that was, nobody can predict.
fn is_only_one_relative(one: &str, other: &str) -> bool {
    let is_relative = |text: &str| RELATIVE.contains(&text.trim().to_lowercase().as_str());
    is_relative(one) != is_relative(other)
}

/// Returns the truth value that a text stands for: every beginning of these words that is of one of them only.
fn truth(text: &str) -> Option<bool> {
    let text = text.trim().to_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    let is_true = begins("true", 1) || begins("yes", 1) || text == "on" || text == "1";
    let is_false = begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0";
    (is_true || is_false).then_some(is_true)
}

/// Compares numbers as the server prints them, which writes out what an exponent says.
fn same_number(one: &str, other: &str) -> bool {
    let exponent = |text: &str| text.contains(['e', 'E']);
    let value = |text: &str| text.parse::<f64>().ok();
    one == other
        || (exponent(one) || exponent(other)) && value(one).is_some() && value(one) == value(other)
}

/// Returns whether the moment is the start of this day, in whichever zone the server is in.
fn is_midnight_of(moment: &str, day: &str) -> bool {
    let zone = moment.strip_prefix(day).and_then(|rest| rest.strip_prefix(" 00:00:00"));
    zone.is_some_and(|zone| zone.is_empty() || zone.starts_with(['+', '-']))
}
