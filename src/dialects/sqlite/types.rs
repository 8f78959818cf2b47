//! Types as SQLite keeps them: a text of the author's choice that decides a column's affinity.

use crate::catalog::SqlType;

/// Writes a type in upper case with one space between words and none around parentheses and commas; a type with quotes in it
/// is left as written.
pub(in crate::dialects) fn normalize_type(text: &str) -> SqlType {
    if text.contains(['"', '\'', '`', '[']) {
        return SqlType(text.trim().to_owned());
    }
    let mut result = String::with_capacity(text.len());
    for word in super::words::words(text) {
        let tight = ["(", ")", ",", "+", "-", "."];
        let after = result.chars().next_back().unwrap_or('(');
        let joined = tight.contains(&word.text) || matches!(after, '(' | ',' | '+' | '-' | '.');
        if !joined {
            result.push(' ');
        }
        result.push_str(&word.text.to_ascii_uppercase());
    }
    SqlType(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_upper_case_words() {
        for (written, expected) in [
            ("integer", "INTEGER"),
            (" varchar ( 20 ) ", "VARCHAR(20)"),
            ("decimal(10, 2)", "DECIMAL(10,2)"),
            ("unsigned  big\nint", "UNSIGNED BIG INT"),
            ("Numeric(-1,+2)", "NUMERIC(-1,+2)"),
            ("character varying(20) x", "CHARACTER VARYING(20) X"),
            ("\"my Type\"", "\"my Type\""),
            ("", ""),
        ] {
            assert_eq!(normalize_type(written).0, expected, "{written}");
        }
    }
}
