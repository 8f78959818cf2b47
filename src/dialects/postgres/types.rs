//! Types as `format_type` prints them.

use super::own_types::is_own_type;
use super::quote;
use crate::catalog::{Domain, SqlType};
use crate::name::ObjectName;

/// Returns the statement that makes a domain.
pub(in crate::dialects) fn create_domain(name: &ObjectName, domain: &Domain) -> String {
    let not_null = if domain.not_null { " NOT NULL" } else { "" };
    let space = if domain.beside.is_empty() { "" } else { " " };
    let (name, over, beside) = (quote::object(name), &domain.over, &domain.beside);
    format!("CREATE DOMAIN {name} AS {over}{not_null}{space}{beside}")
}

/// Writes a type as the server's own catalog prints it: `int` is `integer`, `varchar(20)` is
/// `character varying(20)`. `serial` and its kin stay, under one name each; types of users stay as written,
/// folded to lower case where they are not quoted.
pub(in crate::dialects) fn normalize_type(text: &str) -> SqlType {
    let mut words = Vec::new();
    let mut modifier = None;
    let mut is_array = false;
    for token in tokens(text) {
        match token {
            Token::Word(word) if word == "array" && !words.is_empty() => is_array = true,
            Token::Word(word) => words.push(word),
            Token::Modifier(text) => modifier = Some(text),
            Token::Brackets => is_array = true,
        }
    }
    let base = base(&words.join(" "), modifier.as_deref());
    SqlType(if is_array { format!("{base}[]") } else { base })
}

/// A part of a type's text.
enum Token {
    /// A word, dots and quotes included, folded to lower case outside of quotes.
    Word(String),
    /// What stands in parentheses, without white space around its parts.
    Modifier(String),
    /// `[]` or `[3]`.
    Brackets,
}

/// Cuts a type's text into its parts.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(&letter) = letters.peek() {
        if letter.is_whitespace() {
            letters.next();
        } else if letter == '(' {
            letters.next();
            let inside: String = letters.by_ref().take_while(|&letter| letter != ')').collect();
            let parts: Vec<&str> = inside.split(',').map(str::trim).collect();
            tokens.push(Token::Modifier(parts.join(",")));
        } else if letter == '[' {
            letters.by_ref().take_while(|&letter| letter != ']').for_each(drop);
            tokens.push(Token::Brackets);
        } else {
            tokens.push(Token::Word(word(&mut letters)));
        }
    }
    tokens
}

/// Takes one word: identifiers joined by dots, each quoted only where it must be.
fn word(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut word = String::new();
    while let Some(&letter) = letters.peek() {
        if letter == '"' {
            letters.next();
            let mut name = String::new();
            while let Some(letter) = letters.next() {
                if letter == '"' {
                    if letters.peek() != Some(&'"') {
                        break;
                    }
                    letters.next();
                }
                name.push(letter);
            }
            // `"char"` is a type of its own, and a keyword, so it stays quoted.
            word.push_str(&quote::identifier(&name));
        } else if letter.is_whitespace() || letter == '(' || letter == '[' {
            break;
        } else {
            word.extend(letter.to_lowercase());
            letters.next();
        }
    }
    word
}

/// Returns the name of a type without `[]`, its modifier in the place where the server prints it.
fn base(name: &str, modifier: Option<&str>) -> String {
    let name = name.strip_prefix("pg_catalog.").unwrap_or(name);
    // What has the name of one of the server's own types is only found with its schema.
    let in_public = name.strip_prefix("public.");
    let name = in_public.filter(|bare| !is_own_type(bare.trim_matches('"'))).unwrap_or(name);
    let with = |name: &str| match modifier {
        Some(modifier) => format!("{name}({modifier})"),
        None => name.to_owned(),
    };
    // `char` and `bit` alone are one long.
    let with_length = |name: &str| format!("{name}({})", modifier.unwrap_or("1"));
    let with_zone = |name: &str, zone: &str| format!("{} {zone} time zone", with(name));
    match name {
        "int" | "int4" | "integer" => "integer".to_owned(),
        "int2" | "smallint" => "smallint".to_owned(),
        "int8" | "bigint" => "bigint".to_owned(),
        "serial" | "serial4" => "serial".to_owned(),
        "serial2" | "smallserial" => "smallserial".to_owned(),
        "serial8" | "bigserial" => "bigserial".to_owned(),
        "bool" | "boolean" => "boolean".to_owned(),
        "float4" | "real" => "real".to_owned(),
        "float8" | "double precision" => "double precision".to_owned(),
        "float" => match modifier.and_then(|bits| bits.parse::<u32>().ok()) {
            Some(0..=24) => "real".to_owned(),
            Some(_) | None => "double precision".to_owned(),
        },
        "decimal" | "dec" | "numeric" => match modifier {
            Some(modifier) if !modifier.contains(',') => format!("numeric({modifier},0)"),
            Some(_) | None => with("numeric"),
        },
        "varchar"
        | "character varying"
        | "char varying"
        | "national character varying"
        | "national char varying"
        | "nchar varying" => with("character varying"),
        "char" | "character" | "nchar" | "national character" | "national char" => {
            with_length("character")
        }
        "bpchar" if modifier.is_some() => with("character"),
        "bit" => with_length("bit"),
        "varbit" | "bit varying" => with("bit varying"),
        "timestamp" | "timestamp without time zone" => with_zone("timestamp", "without"),
        "timestamptz" | "timestamp with time zone" => with_zone("timestamp", "with"),
        "time" | "time without time zone" => with_zone("time", "without"),
        "timetz" | "time with time zone" => with_zone("time", "with"),
        _ => with(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_the_server_prints_them() {
        for (written, printed) in [
            ("INT", "integer"),
            ("int8", "bigint"),
            ("Serial8", "bigserial"),
            ("varchar ( 20 )", "character varying(20)"),
            ("varchar", "character varying"),
            ("char", "character(1)"),
            ("\"char\"", "\"char\""),
            ("bpchar", "bpchar"),
            ("public.mood", "mood"),
            ("public.\"Mood\"", "\"Mood\""),
            ("public.point", "public.point"),
            ("public.\"text\"", "public.text"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamp(3)", "timestamp(3) without time zone"),
            ("timestamp (3)  with time zone", "timestamp(3) with time zone"),
            ("timestamptz(3)[]", "timestamp(3) with time zone[]"),
            ("time", "time without time zone"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("numeric(10)", "numeric(10,0)"),
            ("float(10)", "real"),
            ("float", "double precision"),
            ("text[][3]", "text[]"),
            ("integer array[4]", "integer[]"),
            ("varbit(4)", "bit varying(4)"),
            ("bit", "bit(1)"),
            ("interval  day to second (3)", "interval day to second(3)"),
            ("pg_catalog.int4", "integer"),
            ("public.mood", "mood"),
            ("Mood", "mood"),
            ("\"Mood\"", "\"Mood\""),
            ("\"mood\"", "mood"),
            ("billing.\"We \"\"Ird\"", "billing.\"We \"\"Ird\""),
            ("vector(3)", "vector(3)"),
            ("geometry(Point, 4326)", "geometry(Point,4326)"),
        ] {
            assert_eq!(normalize_type(written).0, printed, "{written}");
        }
    }

    #[test]
    fn a_printed_type_stays_as_it_is() {
        for printed in
            ["character varying(20)", "timestamp(3) with time zone", "numeric(10,2)", "bigserial"]
        {
            assert_eq!(normalize_type(printed).0, printed);
        }
    }

    #[test]
    fn broken_texts_end() {
        for text in ["", "(", "x(", "x[", "\"", "\"\"\""] {
            let _ = normalize_type(text);
        }
    }
}
