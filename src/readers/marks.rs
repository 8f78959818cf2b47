//! Comments that other linters obey.

use std::ops::Range;

use crate::readers::{Accepts, Marker};

/// Reads a comment as a marker of squawk or diesel-guard.
pub(super) fn marker(comment: &str, place: Range<usize>) -> Option<Marker> {
    let inner = match comment.strip_prefix("--") {
        Some(line) => line,
        None => comment.strip_prefix("/*")?.strip_suffix("*/")?,
    };
    let inner = inner.trim();
    if let Some(rest) = word(inner, "squawk-ignore-file") {
        let (rules, reason) = rules(rest);
        return Some(Marker { place, accepts: Accepts::File(rules), reason });
    }
    if let Some(rest) = word(inner, "squawk-ignore") {
        let (rules, reason) = rules(rest);
        return Some(Marker { place, accepts: Accepts::NextStatement(rules), reason });
    }
    let rest = inner.strip_prefix("safety-assured:")?;
    let (accepts, rest) = match (word(rest, "start"), word(rest, "end")) {
        (Some(rest), _) => (Accepts::Begin, rest),
        (None, Some(rest)) => (Accepts::End, rest),
        (None, None) => return None,
    };
    Some(Marker { place, accepts, reason: reason(rest) })
}

/// Returns what follows a word, if the text begins with that whole word.
fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
    ends.then_some(rest)
}

/// Cuts the names of rules, which commas part, from the words after them.
fn rules(text: &str) -> (Vec<String>, Option<String>) {
    let mut rules = Vec::new();
    let mut rest = text.trim().trim_start_matches(':').trim_start();
    loop {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        // A word without a dash may be the beginning of the reason; the first after `ignore` is a rule all the same.
        if name.is_empty() || name == "--" {
            break;
        }
        rules.push(name.to_owned());
        let Some(more) = after.trim_start().strip_prefix(',') else {
            rest = after;
            break;
        };
        rest = more.trim_start();
    }
    (rules, reason(rest))
}

fn reason(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['-', ':', '—']).trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Option<(Accepts, Option<String>)> {
        marker(comment, 0..comment.len()).map(|marker| (marker.accepts, marker.reason))
    }

    #[expect(clippy::unnecessary_wraps, reason = "as `read` gives it")]
    fn next(rules: &[&str], reason: Option<&str>) -> Option<(Accepts, Option<String>)> {
        let rules = rules.iter().map(|&rule| rule.to_owned()).collect();
        Some((Accepts::NextStatement(rules), reason.map(str::to_owned)))
    }

    #[test]
    fn squawk_ignores_rules_by_name_or_all() {
        assert_eq!(read("-- squawk-ignore"), next(&[], None));
        assert_eq!(
            read("--squawk-ignore ban-drop-column, renaming-table"),
            next(&["ban-drop-column", "renaming-table"], None)
        );
        assert_eq!(
            read("/* squawk-ignore ban-drop-column -- nobody reads it */"),
            next(&["ban-drop-column"], Some("nobody reads it"))
        );
        assert_eq!(
            read("-- squawk-ignore-file prefer-text-field"),
            Some((Accepts::File(vec!["prefer-text-field".to_owned()]), None))
        );
    }

    #[test]
    fn diesel_guard_opens_and_closes() {
        assert_eq!(read("-- safety-assured:start"), Some((Accepts::Begin, None)));
        assert_eq!(
            read("-- safety-assured:end done"),
            Some((Accepts::End, Some("done".to_owned())))
        );
    }

    #[test]
    fn other_comments_mark_nothing() {
        for comment in ["-- squawk-ignored", "-- safety-assured:starting", "-- add a column", "--"]
        {
            assert_eq!(read(comment), None, "{comment}");
        }
    }
}
