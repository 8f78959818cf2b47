//! SQL names as Rust names, by Diesel's rules.

/// Words that are no identifiers in Rust, and those that Diesel's macro keeps for itself.
const RESERVED: [&str; 56] = [
    "Self",
    "_",
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "columns",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "is_nullable",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "struct",
    "super",
    "table",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "",
];

/// Returns the Rust name of a table, or of a column of a table with this Rust name.
pub(super) fn rust_name(sql_name: &str, table: Option<&str>) -> String {
    let name = mapped(sql_name);
    let hidden = name.starts_with("__") && !name.ends_with('_');
    let reserved = RESERVED.contains(&name.as_str());
    if reserved || hidden || table == Some(name.as_str()) { format!("{name}_") } else { name }
}

/// Replaces what cannot be in a Rust name by underscores, one for each run.
fn mapped(sql_name: &str) -> String {
    let mut name = String::with_capacity(sql_name.len());
    let mut after_replaced = false;
    for (nth, letter) in sql_name.chars().enumerate() {
        if nth == 0 && letter.is_ascii_digit() {
            name.push('_');
        }
        let fits = letter.is_ascii_alphanumeric() || letter == '_';
        match (fits, after_replaced) {
            (true, _) => name.push(letter),
            (false, false) => name.push('_'),
            (false, true) => {}
        }
        after_replaced = !fits;
    }
    name
}

/// Writes a text as a Rust string.
pub(super) fn rust_string(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let hashes = "#".repeat(text.matches('#').count() + 1);
    format!("r{hashes}\"{text}\"{hashes}")
}

/// Writes a name in upper camel case.
pub(crate) fn upper_camel(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    for part in name.split(|letter: char| !letter.is_alphanumeric()) {
        for word in words(part) {
            let mut letters = word.chars();
            camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            camel.extend(letters.flat_map(char::to_lowercase));
        }
    }
    camel
}

/// Cuts a name where a capital follows a small letter, and before the last of several capitals: `HTTPServerName`.
fn words(part: &str) -> Vec<String> {
    let letters: Vec<char> = part.chars().collect();
    let mut words = vec![String::new()];
    let mut last_case = None;
    for (nth, letter) in letters.iter().enumerate() {
        let before_small = letters.get(nth + 1).is_some_and(|next| next.is_lowercase());
        let boundary = letter.is_uppercase()
            && (last_case == Some(false) || last_case == Some(true) && before_small);
        if boundary && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_uppercase() || letter.is_lowercase() {
            last_case = Some(letter.is_uppercase());
        }
        if let Some(word) = words.last_mut() {
            word.push(*letter);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rust_names_as_diesel_makes_them() {
        for (sql, rust) in [
            ("users", "users"),
            ("type", "type_"),
            ("a b--c", "a_b_c"),
            ("1st", "_1st"),
            ("columns", "columns_"),
            ("__x", "__x_"),
            ("__x_", "__x_"),
            ("naïve", "na_ve"),
            ("Self", "Self_"),
        ] {
            assert_eq!(rust_name(sql, None), rust);
        }
        assert_eq!(rust_name("users", Some("users")), "users_");
    }

    #[test]
    fn types_are_in_upper_camel_case() {
        for (sql, rust) in [
            ("int8", "Int8"),
            ("user_state", "UserState"),
            ("HTTPServer", "HttpServer"),
            ("userState", "UserState"),
            ("pg_lsn", "PgLsn"),
            ("a1B", "A1B"),
        ] {
            assert_eq!(upper_camel(sql), rust);
        }
    }

    #[test]
    fn strings_with_quotes_become_raw() {
        assert_eq!(rust_string("a"), "\"a\"");
        assert_eq!(rust_string("a\"#b"), "r##\"a\"#b\"##");
    }
}
