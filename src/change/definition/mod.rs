//! Functions, procedures, policies, rules, triggers of views …: what made them, and whether two definitions are the same.
//!
//! The body of a function is kept letter by letter by the server, so it can be compared; what the server writes anew is compared as
//! far as expressions are, and where it cannot be told whether two texts are the same they are taken to be.

mod policy;
mod routine;
mod temporary;

use std::sync::Arc;

use super::words::{Token, Words, tokens};
use super::{Other, Verb};
use crate::catalog::diff::Difference;
use crate::catalog::{Catalog, Defined, Definitions, ObjectKind, THEN};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use routine::Routine;
pub use temporary::{Kept, kept_differences, needs_the_server, temporary};

/// The kinds whose definitions are kept, each with its word.
const KEPT: [(ObjectKind, &str); 7] = [
    (ObjectKind::Function, "function"),
    (ObjectKind::Procedure, "procedure"),
    (ObjectKind::Policy, "policy"),
    (ObjectKind::Rule, "rule"),
    (ObjectKind::Domain, "domain"),
    (ObjectKind::RowSecurity, ROW_SECURITY),
    (ObjectKind::Virtual, "virtual table"),
];

const ROW_SECURITY: &str = "row level security";

/// Notes what becomes of a definition.
pub(super) fn note(catalog: &mut Catalog, other: &Other, renamed: Option<&ObjectName>) {
    let Some((_, kind)) = KEPT.into_iter().find(|(kind, _)| *kind == other.kind) else { return };
    let definitions = Arc::make_mut(&mut catalog.definitions);
    if kind == ROW_SECURITY {
        return other.on.iter().for_each(|table| row_security(definitions, table, other));
    }
    let Some(name) = &other.name else { return };
    let is_routine = matches!(kind, "function" | "procedure");
    let key = match &other.on {
        Some(on) if matches!(kind, "policy" | "rule") => {
            Defined { kind, name: on.clone(), part: name.name.to_string() }
        }
        _ => Defined { kind, name: name.clone(), part: String::new() },
    };
    let arguments = if is_routine { routine::arguments(&other.text, name) } else { None };
    let key = Defined { part: arguments.clone().unwrap_or(key.part), ..key };
    let is_it = |of: &Defined| {
        let is_any = is_routine && arguments.is_none();
        of.kind == key.kind && of.name == key.name && (is_any || of.part == key.part)
    };
    match other.verb {
        Verb::Create | Verb::Replace => {
            definitions.insert(key, Some(Arc::from(other.text.as_str())));
        }
        Verb::Alter | Verb::Run => {
            let is_kept = other.verb == Verb::Alter && kind != "rule";
            for (_, text) in definitions.iter_mut().filter(|(of, _)| is_it(of)) {
                let before = text.take().filter(|_| is_kept);
                *text = before.map(|before| Arc::from(format!("{before}{THEN}{}", other.text)));
            }
        }
        Verb::Drop => definitions.retain(|of, _| !is_it(of)),
        Verb::Rename => {
            let all: Vec<Defined> = definitions.keys().filter(|of| is_it(of)).cloned().collect();
            for old in all {
                let text = definitions.remove(&old).flatten();
                let Some(new) = renamed else { continue };
                let new = if other.on.is_some() {
                    Defined { part: new.name.to_string(), ..old }
                } else {
                    Defined { name: new.clone(), ..old }
                };
                definitions.insert(new, text);
            }
        }
    }
}

/// Row level security is on or off, for the owner too or not.
fn row_security(definitions: &mut Definitions, table: &ObjectName, other: &Other) {
    let key = Defined { kind: ROW_SECURITY, name: table.clone(), part: String::new() };
    let before = definitions.remove(&key).flatten().unwrap_or_default();
    let (was, words) = (Words::of(&before), Words::of(&other.text));
    let is_on = other.verb != Verb::Drop;
    let is_forced = words.has("force");
    let states = [
        ("enabled", if is_forced { was.has("enabled") } else { is_on }),
        ("forced", if is_forced { is_on } else { was.has("forced") }),
    ];
    let state: Vec<&str> = states.iter().filter(|(_, on)| *on).map(|(word, _)| *word).collect();
    if !state.is_empty() {
        definitions.insert(key, Some(Arc::from(state.join(" "))));
    }
}

/// Notes a trigger of a view, which the catalog does not hold.
pub(super) fn note_trigger(
    catalog: &mut Catalog,
    on: &ObjectName,
    name: &Name,
    text: Option<&str>,
) {
    let key = Defined { kind: "trigger", name: on.clone(), part: name.to_string() };
    Arc::make_mut(&mut catalog.definitions).insert(key, text.map(Arc::from));
}

/// Forgets a trigger of a view.
pub(super) fn forget_trigger(catalog: &mut Catalog, on: &ObjectName, name: &Name) {
    let key = Defined { kind: "trigger", name: on.clone(), part: name.to_string() };
    Arc::make_mut(&mut catalog.definitions).remove(&key);
}

/// Forgets what belonged to a table or view that goes.
pub(super) fn forget(catalog: &mut Catalog, on: &ObjectName) {
    if catalog.definitions.keys().any(|of| belongs(of) && of.name == *on) {
        Arc::make_mut(&mut catalog.definitions).retain(|of, _| !(belongs(of) && of.name == *on));
    }
}

/// Returns the name of the function that a statement makes.
#[must_use]
pub fn routine_name(statement: &str) -> Option<ObjectName> {
    let rest = statement.strip_prefix("CREATE FUNCTION ")?;
    let name = rest.split_once('(').map(|(name, _)| name.replace('"', ""))?;
    Some(ObjectName::parse(&name))
}

/// Something got another name: what belongs to it goes along, and of a definition that names it the text is not known any more.
pub(super) fn follow(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    follow_name(catalog, from.name.as_str());
    let belonging = |of: &&Defined| belongs(of) && of.name == *from;
    let all: Vec<Defined> = catalog.definitions.keys().filter(belonging).cloned().collect();
    let definitions = if all.is_empty() { return } else { Arc::make_mut(&mut catalog.definitions) };
    for old in all {
        let text = definitions.remove(&old).flatten();
        definitions.insert(Defined { name: to.clone(), ..old }, text);
    }
}

/// A column got another name.
pub(super) fn follow_name(catalog: &mut Catalog, from: &str) {
    let names = |of: &Defined, text: &Option<Arc<str>>| {
        belongs(of) && text.as_ref().is_some_and(|text| Words::of(text).has(from))
    };
    if catalog.definitions.iter().any(|(of, text)| names(of, text)) {
        for (of, text) in Arc::make_mut(&mut catalog.definitions) {
            if names(of, text) {
                *text = None;
            }
        }
    }
}

fn belongs(of: &Defined) -> bool {
    matches!(of.kind, "policy" | "rule" | "trigger" | ROW_SECURITY)
}

/// Returns where definitions differ from those that are expected, and whether what is expected of others is all that there should be.
#[must_use]
pub fn differences(
    dialect: Dialect,
    expected: &Definitions,
    found: &Definitions,
    only_expected: bool,
) -> Vec<Difference> {
    let mut missing: Vec<(&Defined, &Option<Arc<str>>)> = Vec::new();
    let mut all = Vec::new();
    for (of, text) in expected {
        match found.get(of) {
            Some(other) => all.extend(compared(dialect, of, text.as_deref(), other.as_deref())),
            None => missing.push((of, text)),
        }
    }
    let mut more: Vec<(&Defined, &Option<Arc<str>>)> =
        found.iter().filter(|(of, _)| !expected.contains_key(of)).collect();
    for (of, text) in missing {
        // The same routine with a type that is written in another way, as `users.id%TYPE` is.
        let is_it = |other: &Defined| {
            let is_same = other.kind == of.kind && other.name == of.name;
            let is_known = routine::is_plain(&of.part) && routine::is_plain(&other.part);
            is_same && matches!(of.kind, "function" | "procedure") && !is_known
        };
        let mut alike = (0..more.len()).filter(|at| more.get(*at).is_some_and(|of| is_it(of.0)));
        let only = alike.next().filter(|_| alike.next().is_none());
        match only.map(|at| more.swap_remove(at)) {
            Some((_, other)) => {
                all.extend(compared(dialect, of, text.as_deref(), other.as_deref()));
            }
            None => all.push(Difference {
                object: of.to_string(),
                expected: Some(told(of, text.as_deref())),
                found: None,
            }),
        }
    }
    more.sort();
    if !only_expected {
        all.extend(more.into_iter().map(|(of, text)| Difference {
            object: of.to_string(),
            expected: None,
            found: Some(told(of, text.as_deref())),
        }));
    }
    all
}

/// Says in a few words what there is.
fn told(of: &Defined, text: Option<&str>) -> String {
    match (of.kind, text) {
        ("function" | "procedure", _) => format!("({})", of.part),
        (ROW_SECURITY, Some(text)) => text.to_owned(),
        _ => "there".to_owned(),
    }
}

/// Compares two definitions of one thing.
fn compared(
    dialect: Dialect,
    of: &Defined,
    expected: Option<&str>,
    found: Option<&str>,
) -> Vec<Difference> {
    let (Some(one), Some(other)) = (expected, found) else { return Vec::new() };
    // What both amount to together only the server can tell.
    if one.contains(THEN) {
        return Vec::new();
    }
    let pairs = match of.kind {
        "function" | "procedure" => Routine::read(one).differences(&Routine::read(other)),
        "policy" => policy::differences(dialect, one, other),
        ROW_SECURITY if one != other => vec![(one.to_owned(), other.to_owned())],
        "trigger" | "virtual table" if !same_words(one, other) => {
            vec![(spaced(one), spaced(other))]
        }
        _ => Vec::new(),
    };
    let difference = |(expected, found)| Difference {
        object: of.to_string(),
        expected: Some(expected),
        found: Some(found),
    };
    pairs.into_iter().map(difference).collect()
}

fn spaced(text: &str) -> String {
    format!("`{}`", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Compares two statements without what a server adds or leaves out when it writes them.
fn same_words(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        let words = tokens(text).into_iter().filter_map(|token| match token {
            Token::Word(word) => Some(match word.to_lowercase().as_str() {
                "procedure" => "function".to_owned(),
                "public" | "if" | "not" | "exists" | "or" | "replace" => return None,
                word => word.to_owned(),
            }),
            Token::Number(text) => Some(text.to_owned()),
            Token::Text(text) => Some(format!("'{text}'")),
            Token::Sign('(' | ')' | '.' | ';') => None,
            Token::Sign(sign) => Some(sign.to_string()),
        });
        words.collect::<Vec<_>>()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests;
