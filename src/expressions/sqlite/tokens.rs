//! The words of a SQLite text, and the texts that no parser should be given.

use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::{Error, Tokenizer};

use crate::expressions::SyntaxError;
use crate::expressions::depth::Levels;

/// A word, a literal or a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub start: usize,
    pub raw: &'t str,
}

/// Cuts the text into tokens; refuses one that is not closed or too deep to be read.
pub(super) fn read(text: &str) -> Result<Vec<Token<'_>>, SyntaxError> {
    if let Some(offset) = text.find('\0') {
        return Err(refusal("a NUL byte cannot be part of SQL", offset));
    }
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut tokens = Vec::new();
    let mut levels = Levels::default();
    let mut end_of_last = 0;
    loop {
        let next = scanner.scan(text.as_bytes()).map_err(|e| error(text, &e, 0, text.len()))?;
        let (start, Some(_), end) = next else { break };
        let raw = text.get(start..end).unwrap_or_default();
        count(&mut levels, raw).map_err(|message| refusal(message, start))?;
        tokens.push(Token { start, raw });
        end_of_last = end;
    }
    let rest = text.get(end_of_last..).unwrap_or_default();
    let last_line = rest.rsplit('\n').next().unwrap_or_default();
    match last_line.rfind("--") {
        Some(_) if !last_line.trim_end().ends_with("*/") => {
            Err(refusal("a comment at the end would swallow what follows", end_of_last))
        }
        _ => Ok(tokens),
    }
}

/// Counts what a token puts on the tree.
///
/// # Errors
///
/// Says so when the tree would be too deep to be read.
pub(crate) fn count(levels: &mut Levels, raw: &str) -> Result<(), &'static str> {
    match raw {
        "(" => levels.open()?,
        ")" => levels.close(),
        "," => levels.comma(),
        _ if raw.eq_ignore_ascii_case("case") => levels.open()?,
        _ if raw.eq_ignore_ascii_case("end") => levels.close(),
        _ if is_level(raw) => levels.deeper()?,
        _ => {}
    }
    Ok(())
}

/// Returns whether the token puts a level on the tree.
fn is_level(raw: &str) -> bool {
    const WORDS: [&str; 22] = [
        "and",
        "between",
        "collate",
        "escape",
        "except",
        "from",
        "glob",
        "in",
        "intersect",
        "is",
        "isnull",
        "join",
        "like",
        "match",
        "not",
        "notnull",
        "or",
        "regexp",
        "select",
        "union",
        "with",
        "values",
    ];
    let is_sign = !raw.starts_with(|c: char| {
        c.is_alphanumeric() || matches!(c, '_' | '\'' | '"' | '`' | '[' | '$' | '@' | '#' | ':')
    });
    is_sign && raw != ";" || WORDS.iter().any(|word| word.eq_ignore_ascii_case(raw))
}

/// Says what the parser says, at its place in the user's text, which starts at `base` of what was parsed.
pub(crate) fn error(text: &str, error: &Error, base: usize, len: usize) -> SyntaxError {
    let (message, position) = match error {
        Error::UnrecognizedToken(position) => ("a character here is no SQL".to_owned(), position),
        Error::UnterminatedLiteral(position) => ("a quote is not closed".to_owned(), position),
        Error::UnterminatedBracket(position) => ("a `[` is not closed".to_owned(), position),
        Error::UnterminatedBlockComment(position) => {
            ("a comment is not closed".to_owned(), position)
        }
        Error::BadVariableName(position) => ("a parameter has no name".to_owned(), position),
        Error::BadNumber(position) => ("this is not a number".to_owned(), position),
        Error::ExpectedEqualsSign(position) => ("`!` is not followed by `=`".to_owned(), position),
        Error::MalformedBlobLiteral(position) => {
            ("a blob has digits that are not hexadecimal".to_owned(), position)
        }
        Error::MalformedHexInteger(position) => {
            ("a number has digits that are not hexadecimal".to_owned(), position)
        }
        Error::ParserError(error, position) => (error.to_string().replace('"', "`"), position),
        other => (other.to_string().to_lowercase(), &None),
    };
    let offset = position.as_ref().map_or(0, |position| {
        let line_start: usize =
            text.split_inclusive('\n').take(position.line.saturating_sub(1)).map(str::len).sum();
        line_start + position.column.saturating_sub(1)
    });
    SyntaxError { message, offset: offset.saturating_sub(base).min(len) }
}

/// Returns the name that a word stands for: without its quotes, of whichever kind.
pub(crate) fn unquote(raw: &str) -> String {
    let inner = |quote: char| raw.strip_prefix(quote)?.strip_suffix(quote);
    for quote in ['"', '`', '\''] {
        if let Some(inner) = inner(quote) {
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    let bracketed = raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    bracketed.unwrap_or(raw).to_owned()
}

fn refusal(message: &str, offset: usize) -> SyntaxError {
    SyntaxError { message: message.to_owned(), offset }
}
