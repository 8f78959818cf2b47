//! The parts of a function's or procedure's definition (PostgreSQL).

use std::collections::BTreeSet;
use std::ops::Range;

use crate::change::words::{Token, placed};
use crate::name::ObjectName;

type Placed<'a> = (Range<usize>, Token<'a>);

/// What a definition says beside name, arguments and result, which no statement changes in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Routine {
    /// The text of its body; `None` where the server keeps something else than the text.
    body: Option<String>,
    language: String,
    volatility: &'static str,
    strict: bool,
    definer: bool,
    leakproof: bool,
    parallel: String,
    /// The names of the settings that hold while it runs.
    settings: BTreeSet<String>,
}

impl Routine {
    /// Reads `CREATE FUNCTION …`.
    pub(super) fn read(text: &str) -> Self {
        let tokens = placed(text);
        let after = after_arguments(&tokens);
        let options = tokens.get(after..).unwrap_or_default();
        let words: Vec<String> = options.iter().map(|(_, token)| word(token)).collect();
        let has = |sought: &[&str]| words.windows(sought.len()).any(|of| of == sought);
        let behind = |sought: &str| {
            let at = words.iter().position(|word| word == sought)?;
            options.get(at.checked_add(1)?)
        };
        let settings = words.iter().zip(words.iter().skip(1)).filter(|(word, _)| *word == "set");
        Self {
            body: body(text, options),
            language: behind("language").map_or_else(
                || "sql".to_owned(),
                |(_, of)| match of {
                    Token::Text(of) | Token::Word(of) | Token::Number(of) => of.to_lowercase(),
                    Token::Sign(sign) => sign.to_string(),
                },
            ),
            volatility: ["immutable", "stable"]
                .into_iter()
                .find(|of| has(&[of]))
                .unwrap_or("volatile"),
            strict: has(&["strict"]) || has(&["returns", "null", "on", "null", "input"]),
            definer: has(&["security", "definer"]),
            leakproof: has(&["leakproof"]) && !has(&["not", "leakproof"]),
            parallel: behind("parallel").map_or_else(|| "unsafe".to_owned(), |(_, of)| word(of)),
            settings: settings.map(|(_, name)| name.clone()).collect(),
        }
    }

    /// Returns whether the server keeps the text of its body.
    pub(super) const fn has_text(&self) -> bool {
        self.body.is_some()
    }

    /// Returns what differs, each as it is expected and as it is found.
    pub(super) fn differences(&self, found: &Self) -> Vec<(String, String)> {
        let told = |of: &Self| {
            [
                format!("in language {}", of.language),
                of.volatility.to_owned(),
                (if of.strict { "strict" } else { "called on null input" }).to_owned(),
                (if of.definer { "security definer" } else { "security invoker" }).to_owned(),
                (if of.leakproof { "leakproof" } else { "not leakproof" }).to_owned(),
                format!("parallel {}", of.parallel),
                match of.settings.iter().map(String::as_str).collect::<Vec<_>>().join("`, `") {
                    none if none.is_empty() => "without settings".to_owned(),
                    some => format!("with settings for `{some}`"),
                },
            ]
        };
        let both = told(self).into_iter().zip(told(found));
        let mut all: Vec<(String, String)> = both.filter(|(one, other)| one != other).collect();
        if let (Some(one), Some(other)) = (&self.body, &found.body) {
            all.extend(line(one, other));
        }
        all
    }
}

/// Returns the first line in which two bodies differ; white space at the end of a line is no difference.
fn line(one: &str, other: &str) -> Option<(String, String)> {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.trim_end().lines().map(|line| line.trim_end().to_owned());
        lines.collect()
    };
    let (one, other) = (lines(one), lines(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    let told = |lines: &[String]| {
        let number = at.saturating_add(1);
        match lines.get(at) {
            Some(line) => format!("with `{}` in line {number} of its body", line.trim()),
            None => format!("with nothing in line {number} of its body"),
        }
    };
    Some((told(&one), told(&other)))
}

fn word(token: &Token<'_>) -> String {
    match token {
        Token::Word(word) => word.to_lowercase(),
        Token::Number(_) | Token::Text(_) => "'".to_owned(),
        Token::Sign(sign) => sign.to_string(),
    }
}

/// Returns the text behind `AS`, as the server keeps it.
fn body(text: &str, options: &[Placed<'_>]) -> Option<String> {
    let at = options.iter().position(|(_, token)| word(token) == "as")?;
    let (range, Token::Text(inside)) = options.get(at.checked_add(1)?)? else { return None };
    let is_dollar = text.get(range.start..).is_some_and(|rest| rest.starts_with('$'));
    let is_followed =
        matches!(options.get(at.saturating_add(2)), Some((_, Token::Sign(',') | Token::Text(_))));
    // Of a library's function it is a file and a name.
    (!is_followed).then(|| if is_dollar { (*inside).to_owned() } else { inside.replace("''", "'") })
}

/// Returns the place behind the arguments' closing parenthesis.
fn after_arguments(tokens: &[Placed<'_>]) -> usize {
    let open = tokens.iter().position(|(_, token)| *token == Token::Sign('('));
    open.and_then(|open| closing(tokens, open)).map_or(0, |at| at.saturating_add(1))
}

/// Returns the place of the parenthesis that closes one.
pub(super) fn closing(tokens: &[Placed<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, (_, token)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            Token::Sign(_) | Token::Word(_) | Token::Number(_) | Token::Text(_) => {}
        }
    }
    None
}

/// Returns the types of a routine's arguments where a statement names it with them, in one way of writing.
pub(super) fn arguments(text: &str, name: &ObjectName) -> Option<String> {
    let tokens = placed(text);
    let is_it = |token: &Token<'_>| matches!(token, Token::Word(of) if *of == name.name.as_str() || of.to_lowercase() == name.name.as_str());
    let at = tokens.iter().enumerate().position(|(at, (_, token))| {
        is_it(token) && matches!(tokens.get(at.saturating_add(1)), Some((_, Token::Sign('('))))
    })?;
    let open = at.checked_add(1)?;
    let inside = tokens.get(open.checked_add(1)?..closing(&tokens, open)?)?;
    let mut types = Vec::new();
    let mut depth = 0_usize;
    let all = inside.split(|(_, token)| {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Sign(_) | Token::Word(_) | Token::Number(_) | Token::Text(_) => {}
        }
        depth == 0 && *token == Token::Sign(',')
    });
    for argument in all {
        types.extend(argument_type(argument));
    }
    Some(types.join(", "))
}

/// Types of several words, by their first.
const LONG: [&str; 7] = ["double", "character", "bit", "timestamp", "time", "national", "interval"];

fn argument_type(argument: &[Placed<'_>]) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut depth, mut is_joined) = (0_usize, false);
    for (_, token) in argument {
        let sign = match token {
            Token::Word(of) if of.eq_ignore_ascii_case("default") => break,
            Token::Sign('=') => break,
            Token::Sign(sign) => *sign,
            Token::Word(of) | Token::Number(of) | Token::Text(of) => {
                if depth == 0 {
                    let of = of.to_lowercase();
                    match words.last_mut().filter(|_| is_joined) {
                        Some(last) => last.push_str(&of),
                        None => words.push(of),
                    }
                    is_joined = false;
                }
                continue;
            }
        };
        match sign {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '.' => {
                words.last_mut()?.push('.');
                is_joined = true;
            }
            '[' => words.last_mut()?.push_str("[]"),
            '%' => is_joined = true,
            _ => {}
        }
    }
    // A bound of an array is no word of the type.
    words.retain(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
    if words.first().is_some_and(|word| word == "out") && words.len() > 1 {
        return None;
    }
    let modes = ["in", "inout", "variadic"];
    if words.len() > 1 && words.first().is_some_and(|word| modes.contains(&word.as_str())) {
        words.remove(0);
    }
    if words.len() > 1 && words.first().is_some_and(|word| !LONG.contains(&word.as_str())) {
        words.remove(0);
    }
    // A name may be a word that types begin with too.
    if words.len() > 2 && words.first() == words.get(1) {
        words.remove(0);
    }
    Some(plain(&words.join(" ")))
}

/// Writes a type in one way.
pub(super) fn plain(text: &str) -> String {
    let text = text.trim_start_matches("pg_catalog.").trim_start_matches("public.");
    let (base, array) = match text.split_once("[]") {
        Some((base, _)) => (base, "[]"),
        None => (text, ""),
    };
    let base = match base {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "varchar" => "character varying",
        "char" | "bpchar" => "character",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "timetz" => "time with time zone",
        "time" => "time without time zone",
        "float8" | "float" => "double precision",
        "float4" => "real",
        "decimal" => "numeric",
        "varbit" => "bit varying",
        other => other,
    };
    format!("{base}{array}")
}

/// Types that are written in one way everywhere.
const PLAIN: [&str; 25] = [
    "integer",
    "bigint",
    "smallint",
    "text",
    "boolean",
    "uuid",
    "json",
    "jsonb",
    "numeric",
    "real",
    "double precision",
    "date",
    "interval",
    "bytea",
    "name",
    "oid",
    "inet",
    "character",
    "character varying",
    "timestamp with time zone",
    "timestamp without time zone",
    "time with time zone",
    "time without time zone",
    "tsvector",
    "xml",
];

/// Returns whether all of a routine's arguments have such types.
pub(super) fn is_plain(arguments: &str) -> bool {
    let mut types = arguments.split(", ").map(|of| of.trim_end_matches("[]"));
    arguments.is_empty() || types.all(|of| PLAIN.contains(&of))
}
