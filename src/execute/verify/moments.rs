//! The moments at which objects were made, which a server writes into their definitions.
//!
//! Of `'now'::timestamp` in a default or a view PostgreSQL keeps the moment itself, so that the same statement makes something else each
//! time it runs. What it means is the same.

use crate::change::words::{Token, placed};

/// Writes a definition with `now` for each moment on one of these days, and for each time of day with parts of a second.
pub(super) fn without_moments(text: &str, days: &[String]) -> String {
    if days.is_empty() || !text.contains("::") {
        return text.to_owned();
    }
    let tokens = placed(text);
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    for (at, (range, token)) in tokens.iter().enumerate() {
        let Token::Text(inside) = token else { continue };
        let next = |n: usize| tokens.get(at.saturating_add(n)).map(|(_, token)| *token);
        let (Some(Token::Sign(':')), Some(Token::Sign(':')), Some(Token::Word(word))) =
            (next(1), next(2), next(3))
        else {
            continue;
        };
        let is_moment = match word {
            "timestamp" | "date" | "timestamptz" => days.iter().any(|day| inside.starts_with(day)),
            "time" | "timetz" => has_microseconds(inside),
            _ => false,
        };
        if is_moment {
            plain.push_str(text.get(from..range.start).unwrap_or_default());
            plain.push_str("'now'");
            from = range.end;
        }
    }
    plain.push_str(text.get(from..).unwrap_or_default());
    plain
}

/// Returns whether a time of day has a fraction that nobody writes by hand.
fn has_microseconds(time: &str) -> bool {
    let fraction = time.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.bytes().take_while(u8::is_ascii_digit).count() >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_moments_of_these_days_are_left_out() {
        let days = ["2026-11-21".to_owned()];
        let plain = |text: &str| without_moments(text, &days);
        let now = "SELECT '2026-11-21 19:30:00.5'::timestamp without time zone AS a, 'x'::text";
        assert_eq!(plain(now), "SELECT 'now'::timestamp without time zone AS a, 'x'::text");
        let old = "'2020-01-01'::date";
        assert_eq!(plain(old), old);
        assert_eq!(plain("'10:00:00.123456'::time"), "'now'::time");
        assert_eq!(plain("'10:00:00'::time"), "'10:00:00'::time");
        assert_eq!(without_moments(now, &[]), now);
    }
}
