//! What the statements of a migration say of the session and the transaction that they run in.

use crate::change::words::{Token, tokens};
use crate::readers::{Statement, TransactionControl};
use crate::source::Span;

/// More of a statement than this is no setting.
const SETTING_MAX: usize = 200;

/// A statement that begins or ends a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The place of its migration in [`super::History::hand_written`].
    pub migration: usize,
    /// Where it is written.
    pub span: Span,
    /// What it does.
    pub does: TransactionControl,
}

/// How long statements of a migration may take, as those before them have set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Whether they wait for a lock for so long at most.
    pub lock: bool,
    /// How long they may take altogether, in milliseconds; without limit if nothing is said.
    pub statement_ms: Option<u64>,
}

impl Timeouts {
    /// Follows a statement with this text.
    pub(super) fn follow(&mut self, statement: &Statement, text: &str) {
        let Some(text) = text.get(..SETTING_MAX.min(text.len())) else { return };
        if !statement.parts.is_empty() {
            return;
        }
        let tokens = tokens(text);
        let mut rest = tokens.iter();
        let is_word = |token: Option<&Token<'_>>, word: &str| matches!(token, Some(Token::Word(of)) if of.eq_ignore_ascii_case(word));
        if !is_word(rest.next(), "set") {
            return;
        }
        let mut name = rest.next();
        if is_word(name, "local") || is_word(name, "session") {
            name = rest.next();
        }
        let (lock, whole) = (is_word(name, "lock_timeout"), is_word(name, "statement_timeout"));
        // `=` or `TO`.
        let value = rest.nth(1).map(|token| match token {
            Token::Word(value) | Token::Number(value) | Token::Text(value) => *value,
            Token::Sign(_) => "",
        });
        let unit = rest.next();
        let limit = value.and_then(|value| milliseconds(value, unit));
        if lock {
            self.lock = limit.is_some();
        } else if whole {
            self.statement_ms = limit;
        }
    }
}

/// Reads a time as the server does: a number of milliseconds, or one with a unit; zero is no limit.
fn milliseconds(value: &str, after: Option<&Token<'_>>) -> Option<u64> {
    let value = value.trim();
    let digits = value.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let unit = match (unit.trim(), after) {
        ("", Some(Token::Word(unit))) => *unit,
        (unit, _) => unit,
    };
    let factor = match unit {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(factor).filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(statements: &[&str]) -> Timeouts {
        let mut timeouts = Timeouts::default();
        for text in statements {
            let statement = Statement {
                place: 0..text.len(),
                parts: Vec::new(),
                alone: None,
                transaction: None,
            };
            timeouts.follow(&statement, text);
        }
        timeouts
    }

    #[test]
    fn settings_of_timeouts_are_followed() {
        assert!(after(&["SET lock_timeout = '2s'"]).lock);
        assert!(after(&["set local Lock_Timeout TO 500"]).lock);
        assert!(!after(&["SET lock_timeout = '2s'", "SET lock_timeout = 0"]).lock);
        assert!(!after(&["SET lock_timeout TO DEFAULT", "SET search_path TO x"]).lock);
        for (text, expected) in [
            ("SET statement_timeout = '3s'", Some(3_000)),
            ("SET SESSION statement_timeout TO '1 min'", Some(60_000)),
            ("SET LOCAL statement_timeout = 250", Some(250)),
            ("SET statement_timeout = '0'", None),
            ("SET statement_timeout", None),
            ("SELECT 'SET statement_timeout = 5'", None),
        ] {
            assert_eq!(after(&[text]).statement_ms, expected, "{text}");
        }
    }
}
