//! The rules of squawk's that look at nothing but the text, by squawk's own linter.

use std::ops::Range;

use squawk_linter::{Linter, Rule, Violation};
use squawk_syntax::SourceFile;

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
    let text = readable(text);
    let parse = SourceFile::parse(&text);
    if deep_body(&parse.tree()).is_some() {
        return Vec::new();
    }
    // A linter keeps the comments of a file that it has seen: each has its own.
    let mut linter = Linter::from(rules);
    linter.settings.assume_in_transaction = in_transaction;
    linter.lint(&parse, &text).into_iter().map(remark).collect()
}

fn remark(of: Violation) -> Remark {
    let place = usize::from(of.text_range.start())..usize::from(of.text_range.end());
    Remark { rule: of.code.to_string(), place, message: of.message, help: of.help }
}

/// Puts blanks in the place of what is not to be parsed, so that all places stay.
fn readable(text: &str) -> String {
    let mut readable = text.as_bytes().to_vec();
    let mut blank = |place: Range<usize>| {
        for byte in readable.get_mut(place).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    };
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
