//! The rules of squawk's that look at nothing but the text, by squawk's own linter.

use std::ops::Range;

use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::{Parse, SourceFile};

use super::cut::{Kind, cut};
use super::statement::{deep_body, end_of_sql};

/// What squawk has to say of a place in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The name of its rule.
    pub rule: String,
    /// The place, in bytes.
    pub place: Range<usize>,
    /// What is wrong, in squawk's words.
    pub message: String,
    /// What to do about it, in squawk's words.
    pub help: Option<String>,
}

/// Returns whether squawk's linter has a rule of this name.
#[must_use]
pub fn is_linter_rule(name: &str) -> bool {
    Rule::try_from(name).is_ok()
}

/// Lints a script by the rules of these names; unknown names say nothing. What no parser should be given (rows of data, text that is
/// not closed or nests too deep) is left out; comments that tell squawk to ignore something are obeyed.
#[must_use]
pub fn lint(text: &str, in_transaction: bool, rules: &[&str]) -> Vec<Remark> {
    let rules: Vec<Rule> = rules.iter().filter_map(|name| Rule::try_from(*name).ok()).collect();
    let Some((text, parse)) = accepted(readable(text)) else { return Vec::new() };
    // A linter keeps the comments of a file that it has seen: each has its own.
    let mut linter = Linter::from(rules);
    linter.settings.assume_in_transaction = in_transaction;
    linter.lint(&parse, &text).into_iter().map(remark).collect()
}

/// Parses a text without the statements that the parser does not accept: squawk's rules take it for granted that trees are whole, and
/// panic on some that are not. `None` if there is nothing that can be given to them.
fn accepted(mut text: String) -> Option<(String, Parse<SourceFile>)> {
    let parse = SourceFile::parse(&text);
    if deep_body(&parse.tree()).is_some() {
        return None;
    }
    let errors = parse.errors();
    if errors.is_empty() {
        return Some((text, parse));
    }
    let mut bytes = std::mem::take(&mut text).into_bytes();
    let whole = String::from_utf8_lossy(&bytes).into_owned();
    for cut in cut(&whole).0 {
        let is_in = |at: usize| (cut.place.start..=cut.place.end).contains(&at);
        if errors.iter().any(|error| is_in(usize::from(error.range().start()))) {
            blank(&mut bytes, cut.place);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let parse = SourceFile::parse(&text);
    (deep_body(&parse.tree()).is_none() && parse.errors().is_empty()).then_some((text, parse))
}

/// Puts blanks in a place, so that all others stay where they are.
fn blank(text: &mut [u8], place: Range<usize>) {
    for byte in text.get_mut(place).unwrap_or_default() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn remark(of: Violation) -> Remark {
    let place = usize::from(of.text_range.start())..usize::from(of.text_range.end());
    Remark { rule: of.code.to_string(), place, message: of.message, help: of.help }
}

/// Puts blanks in the place of what is not to be parsed, so that all places stay.
fn readable(text: &str) -> String {
    let mut readable = text.as_bytes().to_vec();
    let mut blank = |place: Range<usize>| blank(&mut readable, place);
    if text.starts_with('\u{feff}') {
        blank(0..'\u{feff}'.len_utf8());
    }
    for cut in cut(text).0 {
        match cut.kind {
            Kind::Sql | Kind::Parsed(_) => {
                let end = end_of_sql(text.get(cut.place.clone()).unwrap_or_default());
                blank(cut.place.start + end..cut.place.end);
            }
            Kind::ManyRows(_) | Kind::TooLong | Kind::Unreadable { .. } => blank(cut.place),
        }
    }
    // Whole statements were blanked, so no letter was cut.
    String::from_utf8(readable).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_the_parser_refuses_hides_no_other_and_panics_nothing() {
        let text =
            "CREATE VIEW v AS SELECT f(1)(2), a[1](2);\nUPDATE t SET a = 1, a = 2;\nSELECT 1(2);";
        let found = lint(text, true, &["ban-duplicate-column-assignments"]);
        let update =
            text.find("UPDATE").unwrap_or_default()..text.rfind("SELECT").unwrap_or_default();
        assert!(!found.is_empty());
        assert!(found.iter().all(|of| update.contains(&of.place.start)), "{found:#?}");
        assert_eq!(lint("SELECT 'open", true, &["ban-duplicate-column-assignments"]), []);
    }

    fn remarks(text: &str, rules: &[&str]) -> Vec<(String, String)> {
        let lint = lint(text, true, rules).into_iter();
        lint.map(|of| (of.rule, text[of.place].to_owned())).collect()
    }

    #[test]
    fn a_remark_has_the_words_that_it_is_about() {
        let text = "-- größe\r\nALTER TABLE a.users ADD COLUMN größe text;\nDROP TABLE teams;";
        assert_eq!(
            remarks(text, &["require-table-schema", "ban-add-column"]),
            [
                ("ban-add-column".to_owned(), "ADD COLUMN größe text".to_owned()),
                ("require-table-schema".to_owned(), "teams".to_owned())
            ]
        );
    }

    #[test]
    fn what_is_no_sql_moves_no_place() {
        let rows = "(1, 'ä'),\n".repeat(20_000);
        let deep = format!("SELECT {}1{};", "(".repeat(10_000), ")".repeat(10_000));
        let text = format!(
            "\u{feff}COPY a FROM stdin;\n1\tä\n\\.\nINSERT INTO a VALUES {rows}(2, 'ü');\n{deep}\nDROP TABLE b; SELECT 'open"
        );
        let found = remarks(&text, &["require-table-schema"]);
        assert!(found.iter().any(|(_, words)| words == "b"), "{found:?}");
    }

    #[test]
    fn comments_for_squawk_are_obeyed_and_unknown_rules_say_nothing() {
        let text = "-- squawk-ignore require-table-schema\nDROP TABLE a;\nDROP TABLE b;";
        let b = ("require-table-schema".to_owned(), "b".to_owned());
        assert_eq!(remarks(text, &["require-table-schema", "no-such-rule"]), [b]);
        assert!(!is_linter_rule("no-such-rule") && is_linter_rule("prefer-robust-stmts"));
    }

    #[test]
    fn whether_it_runs_in_a_transaction_is_told_to_it() {
        let of = |in_transaction| lint("DROP TABLE a;", in_transaction, &["prefer-robust-stmts"]);
        assert!(of(true).is_empty());
        assert_eq!(of(false).len(), 1);
    }
}
