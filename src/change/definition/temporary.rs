//! Definitions that the server keeps in words of its own: what would make the same thing beside it, for as long as a session lasts.

use std::sync::Arc;

use super::routine::Routine;
use super::{policy, spaced};
use crate::catalog::diff::Difference;
use crate::catalog::{Defined, THEN};
use crate::change::words::{Token, Words, placed};
use crate::dialect::Dialect;
use crate::name::Name;

/// What the server makes of a definition that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The definition.
    pub expected: Arc<str>,
    /// How it would keep it, and how it keeps the one that is there; `None` if it takes one of them not or does not say.
    pub texts: Option<(Arc<str>, Arc<str>)>,
}

/// Returns whether only the server can tell if a definition is the same as the one that it has: it keeps another text.
#[must_use]
pub fn needs_the_server(of: &Defined, expected: &str, found: &str) -> bool {
    let is_altered = expected.contains(THEN);
    match of.kind {
        "rule" | "domain" => true,
        "policy" => {
            // These roles are who they are when the policy is made.
            let names_session = ["current_user", "session_user", "current_role"]
                .iter()
                .any(|word| Words::of(expected).has(word));
            let has_subquery = policy::has_subquery(expected) || policy::has_subquery(found);
            (is_altered || has_subquery) && !names_session
        }
        "function" | "procedure" => {
            let is_of_session =
                Words::of(expected).has("from") && Words::of(expected).has("current");
            (is_altered || !Routine::read(expected).has_text()) && !is_of_session
        }
        _ => false,
    }
}

/// Returns the statements that make the same thing in the schema of temporary objects, under its own name; `None` if they are
/// written in a way that is not known here.
#[must_use]
pub fn temporary(of: &Defined, text: &str) -> Option<Vec<String>> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let under = |name: &Name| format!("pg_temp.{}", quoted(name.as_str()));
    let own = quoted(&of.part);
    let statement = |text: &str| {
        let tokens = placed(text);
        let word = |at: usize| match tokens.get(at) {
            Some((_, Token::Word(word))) => word.to_lowercase(),
            Some((_, Token::Number(_) | Token::Text(_) | Token::Sign(_))) | None => String::new(),
        };
        let kind = (0..tokens.len()).find(|at| {
            let word = word(*at);
            word == of.kind || word == "routine"
        })?;
        let name = kind.checked_add(1)?;
        let mut text = text.to_owned();
        let mut replace = |first: usize, by: &str| {
            let mut last = first;
            while matches!(tokens.get(last.saturating_add(1)), Some((_, Token::Sign('.')))) {
                last = last.saturating_add(2);
            }
            let start = tokens.get(first)?.0.start;
            let end = tokens.get(last)?.0.end;
            text.replace_range(start..end, by);
            Some(())
        };
        if matches!(of.kind, "policy" | "rule") {
            let sought = if of.kind == "policy" { "on" } else { "to" };
            let on = (name.checked_add(1)?..tokens.len()).find(|at| word(*at) == sought)?;
            // From the end on, so that places before it stay what they are.
            replace(on.checked_add(1)?, &under(&of.name.name))?;
            replace(name, &own)?;
        } else {
            replace(name, &under(&of.name.name))?;
        }
        Some(text)
    };
    text.split(THEN).map(statement).collect()
}

/// Returns where what the server would make of a definition differs from what it has.
#[must_use]
pub fn kept_differences(of: &Defined, would: &Arc<str>, is: &Arc<str>) -> Vec<Difference> {
    let difference = |(expected, found)| Difference {
        object: of.to_string(),
        expected: Some(expected),
        found: Some(found),
    };
    let both = || vec![difference((spaced(would), spaced(is)))];
    match of.kind {
        "function" | "procedure" => {
            let rest = |text: &Arc<str>| text.split_once('(').map(|(_, rest)| rest.to_owned());
            if rest(would) == rest(is) {
                return Vec::new();
            }
            let told = Routine::read(would).differences(&Routine::read(is));
            if told.is_empty() { both() } else { told.into_iter().map(difference).collect() }
        }
        _ if would == is => Vec::new(),
        "policy" => {
            let told = policy::differences(Dialect::Postgres, would, is);
            if told.is_empty() { both() } else { told.into_iter().map(difference).collect() }
        }
        _ => both(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ObjectName;

    fn made(kind: &'static str, name: &str, part: &str, text: &str) -> String {
        let of = Defined { kind, name: ObjectName::parse(name), part: part.to_owned() };
        temporary(&of, text).unwrap().join("; ")
    }

    #[test]
    fn a_definition_is_moved_to_where_it_goes_away_by_itself() {
        assert_eq!(
            made(
                "policy",
                "app.notes",
                "own",
                "CREATE POLICY own ON app.notes USING (EXISTS (SELECT FROM a ON b))"
            ),
            "CREATE POLICY \"own\" ON pg_temp.\"notes\" USING (EXISTS (SELECT FROM a ON b))"
        );
        assert_eq!(
            made(
                "rule",
                "notes",
                "quiet",
                "CREATE OR REPLACE RULE quiet AS ON DELETE TO public.notes DO ALSO NOTIFY a"
            ),
            "CREATE OR REPLACE RULE \"quiet\" AS ON DELETE TO pg_temp.\"notes\" DO ALSO NOTIFY a"
        );
        let text = format!(
            "create function f(a int) returns int return a{THEN}ALTER ROUTINE public.f(int) STABLE"
        );
        assert_eq!(
            made("function", "f", "integer", &text),
            "create function pg_temp.\"f\"(a int) returns int return a; ALTER ROUTINE pg_temp.\"f\"(int) STABLE"
        );
        assert_eq!(
            made("domain", "short", "", "CREATE DOMAIN short AS text"),
            "CREATE DOMAIN pg_temp.\"short\" AS text"
        );
    }
}
