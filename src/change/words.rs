//! The words of a SQL text: names and keywords outside of strings and comments, read without a parser.
//!
//! Good enough to tell what a text *may* use: every name that it uses is among the words, though not every word is a
//! name that it uses. That is the side on which a conflict or a rule may err.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::name::ObjectName;

/// One word, or one other character, of a SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A name or a keyword as written, without quotes.
    Word(&'a str),
    /// A number as written.
    Number(&'a str),
    /// The inside of a string as written, doubled quotes still doubled.
    Text(&'a str),
    /// Any other character but white space.
    Sign(char),
}

/// Splits a SQL text; comments are left out, and an unclosed string or comment ends with the text.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    placed(text).into_iter().map(|(_, token)| token).collect()
}

/// Splits a SQL text as [`tokens`] does, with the range of bytes in which each token stands, quotes included.
#[must_use]
pub fn placed(text: &str) -> Vec<(Range<usize>, Token<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        let (token, len) = next_token(rest, first);
        found.extend(token.map(|token| (at..at + len, token)));
        at += len;
    }
    found
}

fn next_token(rest: &str, first: char) -> (Option<Token<'_>>, usize) {
    match first {
        _ if first.is_whitespace() => (None, first.len_utf8()),
        '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (None, block_comment(rest)),
        '\'' => {
            let (inside, len) = quoted(rest, '\'', '\'');
            (Some(Token::Text(inside)), len)
        }
        '"' | '`' => {
            let (inside, len) = quoted(rest, first, first);
            (Some(Token::Word(inside)), len)
        }
        '$' => match dollar_quoted(rest) {
            Some((inside, len)) => (Some(Token::Text(inside)), len),
            None => (Some(Token::Sign('$')), 1),
        },
        _ if first.is_alphabetic() || first == '_' => {
            let len = run(rest, |c| c.is_alphanumeric() || c == '_' || c == '$');
            (Some(Token::Word(&rest[..len])), len)
        }
        _ if first.is_ascii_digit() => {
            let len = run(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            (Some(Token::Number(&rest[..len])), len)
        }
        _ => (Some(Token::Sign(first)), first.len_utf8()),
    }
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// Returns the inside of a quoted text and the length of the whole.
fn quoted(rest: &str, open: char, close: char) -> (&str, usize) {
    let start = open.len_utf8();
    let mut at = start;
    while let Some(next) = rest.get(at..).and_then(|tail| tail.find(close)) {
        let end = at + next;
        let after = end + close.len_utf8();
        if rest.get(after..).is_some_and(|tail| tail.starts_with(close)) {
            at = after + close.len_utf8();
        } else {
            return (rest.get(start..end).unwrap_or_default(), after);
        }
    }
    (rest.get(start..).unwrap_or_default(), rest.len())
}

/// Reads `$tag$ … $tag$` (PostgreSQL).
fn dollar_quoted(rest: &str) -> Option<(&str, usize)> {
    let tag = 1 + run(rest.get(1..)?, |c| c.is_alphanumeric() || c == '_');
    if rest.get(1..)?.starts_with(|c: char| c.is_ascii_digit())
        || !rest.get(tag..)?.starts_with('$')
    {
        return None;
    }
    let fence = rest.get(..=tag)?;
    let inside = rest.get(fence.len()..)?;
    Some(match inside.find(fence) {
        Some(end) => (inside.get(..end)?, fence.len() + end + fence.len()),
        None => (inside, rest.len()),
    })
}

/// Returns the length of a block comment; they nest, as in PostgreSQL.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_u32;
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Returns the tables, views … that a text may name: every word, as written and in lower case, and every pair with a point
/// between.
#[must_use]
pub fn objects(text: &str) -> BTreeSet<ObjectName> {
    let mut found = BTreeSet::new();
    let mut schema = None;
    let mut before = None;
    for token in tokens(text) {
        if let Token::Word(word) = token {
            if let (Some(schema), Some(Token::Sign('.'))) = (schema, before) {
                found.insert(ObjectName::parse(&format!("{schema}.{word}")));
            }
            found.insert(ObjectName::bare(word));
            found.insert(ObjectName::bare(word.to_lowercase()));
            schema = Some(word);
        }
        before = Some(token);
    }
    found
}

/// The words of one text, compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    lower: BTreeSet<String>,
    all: bool,
}

impl Words {
    /// Reads a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut words = Self::default();
        words.add(text);
        words
    }

    /// Adds the words of another text.
    pub fn add(&mut self, text: &str) {
        let mut before = None;
        for token in tokens(text) {
            match token {
                Token::Word(word) => {
                    self.lower.insert(word.to_lowercase());
                }
                // A star after a name, a point or a comma: `t.*` takes all columns, `count(*)` does not.
                Token::Sign('*') => {
                    self.all |= matches!(before, Some(Token::Sign('.' | ',') | Token::Word(_)));
                }
                Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
            }
            before = Some(token);
        }
    }

    /// Returns whether the text may name this: the word is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let is_lower = !name.chars().any(char::is_uppercase);
        if is_lower { self.lower.contains(name) } else { self.lower.contains(&name.to_lowercase()) }
    }

    /// Returns whether the text may use all columns of what it reads: there is a star that may be no product.
    #[must_use]
    pub const fn may_take_all(&self) -> bool {
        self.all
    }
}

/// Returns the words of a statement that stand outside of brackets, in lower case and in order.
#[must_use]
pub fn outer_words(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut words = Vec::new();
    for token in tokens(text) {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 => words.push(word.to_lowercase()),
            Token::Word(_) | Token::Number(_) | Token::Text(_) | Token::Sign(_) => {}
        }
    }
    words
}

/// Returns the word that says what a write does, `insert`, `update`, `delete` or `merge`, of a statement's [`outer_words`]; that of its `WITH` does
/// not count.
#[must_use]
pub fn write_word(outer: &[String]) -> Option<&str> {
    let of = ["insert", "update", "delete", "merge"];
    outer.iter().map(String::as_str).find(|word| of.contains(word))
}

/// Returns whether a condition is a constant that is true.
#[must_use]
pub fn is_always_true(condition: &str) -> bool {
    match unwrapped(&tokens(condition)) {
        [Token::Word(word)] => word.eq_ignore_ascii_case("true"),
        [Token::Number(number)] => number.parse::<i64>().is_ok_and(|number| number != 0),
        [Token::Number(a), Token::Sign('='), Token::Number(b)]
        | [Token::Text(a), Token::Sign('='), Token::Text(b)] => a == b,
        _ => false,
    }
}

/// Returns the tokens without brackets around all of them, as far as there is only one pair at the ends.
fn unwrapped<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [Token::Sign('('), inside @ .., Token::Sign(')')] = tokens {
        tokens = inside;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hold_no_words() {
        let words = Words::of("a || 'b ''c' -- d\n/* e /* f */ g */ $x$ h $x$ \"I\" `j`");
        assert!(["a", "I", "j"].iter().all(|word| words.has(word)));
        assert!(!["b", "c", "d", "e", "f", "g", "h"].iter().any(|word| words.has(word)));
    }

    #[test]
    fn a_table_in_a_schema_is_a_pair() {
        let objects: Vec<String> =
            objects("billing.Invoices").iter().map(ToString::to_string).collect();
        assert_eq!(objects, ["Invoices", "billing", "invoices", "billing.Invoices"]);
    }

    #[test]
    fn a_constant_that_is_true_is_told_from_a_condition() {
        let always = ["true", "TRUE", "(1 = 1)", "1", "'a' = 'a'", "((true)) -- all"];
        assert!(always.into_iter().all(is_always_true));
        let not = ["false", "0", "1 = 2", "a = a", "(a) = (b)", "", "true AND a", "(true) = (b)"];
        assert!(!not.into_iter().any(is_always_true));
    }

    #[test]
    fn a_star_is_told_from_a_count() {
        assert!(Words::of("select * from t").may_take_all());
        assert!(Words::of("select t.* from t").may_take_all());
        assert!(!Words::of("select count(*) from t").may_take_all());
    }

    #[test]
    fn broken_texts_end_somewhere() {
        for text in ["'", "\"", "$", "$a", "$a$", "/*", "/*/", "--", "é'", "1.2.3", "$1", "'a''"] {
            let _ = tokens(text);
        }
        assert_eq!(tokens("x'1"), [Token::Word("x"), Token::Text("1")]);
        assert_eq!(tokens("$1"), [Token::Sign('$'), Token::Number("1")]);
    }

    #[test]
    fn what_a_write_does_is_said_outside_of_its_brackets() {
        let word = |text: &str| write_word(&outer_words(text)).map(str::to_owned);
        let of = "WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone";
        assert_eq!(word(of).as_deref(), Some("insert"));
        assert_eq!(word("WITH gone AS (DELETE FROM a RETURNING *) SELECT 1"), None);
        assert_eq!(word("UPDATE a SET b = 1 FROM (SELECT 1) c").as_deref(), Some("update"));
        assert!(
            !outer_words("DELETE FROM a USING (SELECT 1 WHERE true) b").contains(&"where".into())
        );
    }
}
