//! Which type holds all values of another one, written and read alike.

use crate::catalog::SqlType;

/// Returns whether every value of the first type is one of the second and looks the same there: longer texts, more digits
/// before the point. Numbers of another size are not alike: clients read them as other types.
#[must_use]
pub fn widens(from: &SqlType, to: &SqlType) -> bool {
    let ((from, from_limits), (to, to_limits)) = (split(&from.0), split(&to.0));
    let is_text = |of: &str| ["character varying", "varchar", "text"].contains(&of);
    let is_exact = |of: &str| ["numeric", "decimal"].contains(&of);
    match (from_limits.as_slice(), to_limits.as_slice()) {
        _ if from == "text" && to != "text" => to_limits.is_empty() && is_text(&to),
        (_, []) if is_text(&from) => is_text(&to),
        ([was], [is]) if is_text(&from) => to == from && is >= was,
        (_, []) if is_exact(&from) => to == from,
        ([was, was_scale], [is, is_scale]) if is_exact(&from) => {
            to == from && was_scale == is_scale && is >= was
        }
        ([was], [is]) if is_in_digits(&from) => to == from && is >= was,
        (_, []) if is_in_digits(&from) => to == from,
        _ => false,
    }
}

/// Returns whether a type's number says how many digits after the seconds, or bits, it keeps: none means as many as there can be.
fn is_in_digits(name: &str) -> bool {
    name.starts_with("time") || name == "interval" || name == "bit varying" || name == "varbit"
}

/// Splits `numeric(10,2)` into its name and its numbers, and `timestamp(3) with time zone` likewise; a type with anything else in it
/// has no numbers and keeps its text.
fn split(text: &str) -> (String, Vec<u32>) {
    let lower = text.to_ascii_lowercase();
    let parts = lower.split_once('(').and_then(|(name, rest)| Some((name, rest.split_once(')')?)));
    let read = parts.and_then(|(name, (inside, behind))| {
        let numbers: Result<Vec<u32>, _> =
            inside.split(',').map(|number| number.trim().parse()).collect();
        let is_of_words =
            behind.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ' ');
        Some((format!("{}{behind}", name.trim()), numbers.ok().filter(|_| is_of_words)?))
    });
    read.unwrap_or((lower, Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_wider(from: &str, to: &str) -> bool {
        widens(&SqlType(from.to_owned()), &SqlType(to.to_owned()))
    }

    #[test]
    fn longer_texts_and_more_digits_are_wider() {
        assert!(is_wider("character varying(20)", "character varying(40)"));
        assert!(is_wider("character varying(20)", "text"));
        assert!(is_wider("text", "character varying"));
        assert!(is_wider("numeric(10,2)", "numeric(12,2)"));
        assert!(is_wider("VARCHAR(20)", "TEXT"));
        assert!(is_wider("timestamp(3) without time zone", "timestamp(6) without time zone"));
        assert!(is_wider("timestamp(3) with time zone", "timestamp with time zone"));
        assert!(is_wider("interval(0)", "interval"));
        assert!(is_wider("bit varying(5)", "bit varying(6)"));
    }

    #[test]
    fn other_numbers_shorter_texts_and_other_scales_are_not_wider() {
        assert!(!is_wider("integer", "bigint"));
        assert!(!is_wider("character varying(20)", "character varying(10)"));
        assert!(!is_wider("text", "character varying(10)"));
        assert!(!is_wider("numeric(10,2)", "numeric(12,4)"));
        assert!(!is_wider("text", "integer"));
        assert!(!is_wider("timestamp(3) without time zone", "timestamp(2) without time zone"));
        assert!(!is_wider("timestamp(3) without time zone", "timestamp(3) with time zone"));
        assert!(!is_wider("timestamp without time zone", "timestamp(6) without time zone"));
        assert!(!is_wider("character varying(20)[]", "character varying(40)[]"));
    }
}
