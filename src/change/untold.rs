//! Statements that are read for what they are, and of which nobody can tell what they mean for releases.

use super::words::outer_words;
use super::{Change, Other, Verb};
use crate::catalog::ObjectKind as Kind;
use crate::dialect::Dialect;

/// Longer texts are bodies and seeds, which other rules speak of.
const TEXT_MAX: usize = 1 << 16;
/// What of a sequence decides which numbers it gives.
const NUMBERS: [&str; 10] = [
    "as",
    "cycle",
    "increment",
    "maxvalue",
    "minvalue",
    "rename",
    "restart",
    "schema",
    "start",
    "no",
];

/// Returns what such a statement does: "it alters extension `hstore`".
///
/// A new body of a function is none: it may do anything, and is the most usual of all changes.
#[must_use]
pub fn untold(change: &Change, dialect: Dialect) -> Option<String> {
    let Change::Other(other) = change else { return None };
    if other.text.len() > TEXT_MAX {
        return None;
    }
    let words = outer_words(&other.text);
    let has = |word: &str| words.iter().any(|of| of == word);
    match (other.verb, other.kind) {
        (Verb::Create, Kind::Database) if dialect == Dialect::Sqlite => {
            Some(format!("it attaches a database{}, of which nothing is known", name(other)))
        }
        (Verb::Alter, Kind::Tablespace) if words.windows(3).any(|of| of == ALL) => Some(
            "it moves all that a tablespace holds, and what it moves is written anew while nobody can use it".to_owned(),
        ),
        (Verb::Run, Kind::Maintenance) if other.on.is_none() && other.touches.is_empty() => {
            let every = words.len() == 1 && has("cluster") || has("vacuum") && is_full(other);
            every.then(|| "it writes one table after another anew while nobody can use it".to_owned())
        }
        (Verb::Run, Kind::Setting) if has("load") => {
            Some("it loads a library into the server".to_owned())
        }
        (Verb::Run, Kind::Foreign) => {
            Some("it makes tables for whatever another server has".to_owned())
        }
        (Verb::Create | Verb::Alter, Kind::Inheritance) if has("inherit") && !has("no") => {
            Some(format!("who reads the parent of{} sees its rows too", name(other)))
        }
        (Verb::Alter, Kind::Sequence) => {
            let matters = NUMBERS.iter().any(|word| has(word));
            matters.then(|| format!("it alters sequence{}", name(other)))
        }
        (
            Verb::Alter,
            Kind::Type
            | Kind::Schema
            | Kind::Extension
            | Kind::Operator
            | Kind::OperatorClass
            | Kind::Cast
            | Kind::Collation
            | Kind::Conversion
            | Kind::TextSearch
            | Kind::Language
            | Kind::Foreign
            | Kind::Role
            | Kind::Database
            | Kind::Publication
            | Kind::Setting,
        ) => Some(format!("it alters {}{}", other.kind.word(), name(other))),
        _ => None,
    }
}

const ALL: [&str; 3] = ["all", "in", "tablespace"];

fn name(other: &Other) -> String {
    let name = other.name.as_ref().or(other.on.as_ref());
    name.map(|name| format!(" `{name}`")).unwrap_or_default()
}

/// Returns whether a `VACUUM` is a full one, by its word or its option.
fn is_full(other: &Other) -> bool {
    super::words::Words::of(&other.text).has("full")
}
