//! What no parser should be given: texts that nest so deep that reading them overflows the stack, or that
//! are not closed.

use squawk_lexer::{LiteralKind, Token, TokenKind, tokenize};

use crate::expressions::SyntaxError;
use crate::expressions::depth::Levels;

/// The words that put a level on the tree.
const LEVEL_WORDS: [&str; 22] = [
    "and",
    "at",
    "between",
    "collate",
    "escape",
    "except",
    "ilike",
    "in",
    "intersect",
    "is",
    "isnull",
    "join",
    "like",
    "not",
    "notnull",
    "or",
    "overlaps",
    "similar",
    "select",
    "union",
    "from",
    "with",
];

/// A token that is neither space nor comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

/// Cuts a text into words; refuses one that is not closed or too deep to be read.
pub(super) fn check(text: &str) -> Result<Vec<Word>, SyntaxError> {
    if let Some(offset) = text.find('\0') {
        return Err(error("a NUL byte cannot be part of SQL", offset));
    }
    if text.len() > u32::MAX as usize / 2 {
        return Err(error("the text is too long to be read", 0));
    }
    let mut levels = Levels::default();
    let mut words = Vec::new();
    let mut offset = 0;
    let mut ends_in_comment = None;
    for token in tokenize(text) {
        let end = offset + token.len as usize;
        let word = text.get(offset..end).unwrap_or_default();
        if let Some(message) = unclosed(token) {
            return Err(error(message, offset));
        }
        match token.kind {
            TokenKind::LineComment => ends_in_comment = Some(offset),
            // A comment's own line break closes it.
            TokenKind::Whitespace if word.contains('\n') => ends_in_comment = None,
            TokenKind::Whitespace => {}
            TokenKind::BlockComment { .. } => ends_in_comment = None,
            kind => {
                ends_in_comment = None;
                words.push(Word { kind, start: offset, end });
            }
        }
        count(&mut levels, token, word).map_err(|message| error(message, offset))?;
        offset = end;
    }
    match ends_in_comment {
        Some(offset) => Err(error("a comment at the end would swallow what follows", offset)),
        None => Ok(words),
    }
}

/// Counts what a token puts on the tree.
pub(crate) fn count(levels: &mut Levels, token: Token, word: &str) -> Result<(), &'static str> {
    match token.kind {
        TokenKind::OpenParen | TokenKind::OpenBracket => levels.open()?,
        TokenKind::CloseParen | TokenKind::CloseBracket => levels.close(),
        TokenKind::Comma => levels.comma(),
        TokenKind::Ident if word.eq_ignore_ascii_case("case") => levels.open()?,
        TokenKind::Ident if word.eq_ignore_ascii_case("end") => levels.close(),
        TokenKind::Ident if LEVEL_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
            levels.deeper()?;
        }
        TokenKind::Ident
        | TokenKind::Whitespace
        | TokenKind::LineComment
        | TokenKind::BlockComment { .. }
        | TokenKind::Literal { .. }
        | TokenKind::QuotedIdent { .. }
        | TokenKind::PositionalParam { .. }
        | TokenKind::Semi
        | TokenKind::Eof => {}
        TokenKind::Unknown
        | TokenKind::Slash
        | TokenKind::Minus
        | TokenKind::Colon
        | TokenKind::Dot
        | TokenKind::DotDot
        | TokenKind::Eq
        | TokenKind::Gt
        | TokenKind::And
        | TokenKind::Lt
        | TokenKind::Bang
        | TokenKind::Plus
        | TokenKind::Tilde
        | TokenKind::Pound
        | TokenKind::Question
        | TokenKind::Or
        | TokenKind::Percent
        | TokenKind::Caret
        | TokenKind::Star
        | TokenKind::Backtick
        | TokenKind::At
        | TokenKind::CloseCurly
        | TokenKind::OpenCurly => levels.deeper()?,
    }
    Ok(())
}

/// Returns why a text cannot be SQL, as a token of it tells.
pub(crate) fn unclosed(token: Token) -> Option<&'static str> {
    match token.kind {
        TokenKind::BlockComment { terminated: false } => Some("a comment is not closed"),
        TokenKind::QuotedIdent { terminated: false, .. } => Some("a quoted name is not closed"),
        TokenKind::Literal {
            kind:
                LiteralKind::Str { terminated: false }
                | LiteralKind::NationalStr { terminated: false }
                | LiteralKind::ByteStr { terminated: false }
                | LiteralKind::BitStr { terminated: false }
                | LiteralKind::DollarQuotedString { terminated: false }
                | LiteralKind::UnicodeEscStr { terminated: false }
                | LiteralKind::EscStr { terminated: false },
        } => Some("a string is not closed"),
        TokenKind::Unknown => Some("a character here is no SQL"),
        _ => None,
    }
}

fn error(message: &str, offset: usize) -> SyntaxError {
    SyntaxError { message: message.to_owned(), offset }
}
