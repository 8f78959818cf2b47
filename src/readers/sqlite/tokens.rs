//! The tokens of one statement: the parser's tree has no places, so texts are cut out of these.

use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::Tokenizer;

use crate::expressions::{Levels, count_sqlite, error_sqlite};
use crate::readers::Meaning;

/// A word, a literal or a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub kind: TokenType,
    pub raw: &'t str,
    pub start: usize,
    pub end: usize,
    /// The brackets that are open around it; a bracket itself stands outside of what it encloses.
    pub depth: u32,
}

impl Token<'_> {
    /// Returns whether it may be the name of something.
    pub(super) fn is_name(&self) -> bool {
        let first = self.raw.chars().next().unwrap_or(' ');
        first == '_'
            || first.is_alphabetic()
            || matches!(first, '"' | '`' | '[')
            || !first.is_ascii()
    }
}

/// Cuts a statement into tokens; one that nests too deep for the parser's stack is opaque.
pub(super) fn read(text: &str, base: usize) -> Result<Vec<Token<'_>>, Meaning> {
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut tokens = Vec::new();
    let mut levels = Levels::default();
    let mut depth = 0_u32;
    loop {
        let (start, kind, end) = match scanner.scan(text.as_bytes()) {
            Ok((start, Some((_, kind)), end)) => (start, kind, end),
            Ok((_, None, _)) => return Ok(tokens),
            Err(error) => {
                let error = error_sqlite(text, &error, 0, text.len());
                let offset = base + error.offset;
                return Err(Meaning::Unreadable { message: error.message, offset });
            }
        };
        let raw = text.get(start..end).unwrap_or_default();
        if kind == TokenType::TK_SEMI {
            levels = Levels::default();
        } else if count_sqlite(&mut levels, raw).is_err() {
            let why = "it nests too deep, or has too many operators, to be read".to_owned();
            return Err(Meaning::Opaque { why });
        }
        if kind == TokenType::TK_RP {
            depth = depth.saturating_sub(1);
        }
        tokens.push(Token { kind, raw, start, end, depth });
        if kind == TokenType::TK_LP {
            depth += 1;
        }
    }
}

/// A place among the tokens of a statement that only moves forward.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    tokens: &'t [Token<'t>],
    at: usize,
    /// The depth of what is looked for.
    level: u32,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(text: &'t str, tokens: &'t [Token<'t>]) -> Self {
        Self { text, tokens, at: 0, level: 0 }
    }

    /// Returns the token here.
    pub(super) fn peek(&self) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at)
    }

    /// Returns the token after this many.
    pub(super) fn peek_after(&self, n_tokens: usize) -> Option<&'t Token<'t>> {
        self.tokens.get(self.at + n_tokens)
    }

    pub(super) const fn skip(&mut self, n_tokens: usize) {
        self.at += n_tokens;
    }

    /// Goes inside the bracket that is here.
    pub(super) fn enter(&mut self) -> bool {
        let is_open = self.peek().is_some_and(|token| token.kind == TokenType::TK_LP);
        if is_open {
            self.at += 1;
            self.level += 1;
        }
        is_open
    }

    /// Goes to the next token of this kind at this level; stays where there is none.
    pub(super) fn to(&mut self, kind: TokenType) -> bool {
        self.skip_to_any(&[kind]).is_some()
    }

    /// As [`Cursor::to`], for the first of several kinds.
    pub(super) fn skip_to_any(&mut self, kinds: &[TokenType]) -> Option<TokenType> {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let found = rest
            .iter()
            .position(|token| token.depth == self.level && kinds.contains(&token.kind))?;
        self.at += found;
        self.peek().map(|token| token.kind)
    }

    /// Goes behind the next token of this kind at this level.
    pub(super) fn behind(&mut self, kind: TokenType) -> bool {
        let found = self.to(kind);
        if found {
            self.at += 1;
        }
        found
    }

    /// Returns what stands in the brackets that begin here, and goes behind them.
    pub(super) fn in_brackets(&mut self) -> Option<&'t str> {
        let open = self.peek().filter(|token| token.kind == TokenType::TK_LP)?;
        let rest = self.tokens.get(self.at + 1..)?;
        let len = rest
            .iter()
            .position(|token| token.kind == TokenType::TK_RP && token.depth == open.depth)?;
        let close = rest.get(len)?;
        self.at += len + 2;
        self.text.get(open.end..close.start).map(str::trim)
    }

    /// Returns the text up to the next token of these kinds at this level, or up to where the level or the statement ends;
    /// goes there.
    pub(super) fn until(&mut self, kinds: &[TokenType]) -> &'t str {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let len = rest
            .iter()
            .position(|token| {
                token.depth < self.level || token.depth == self.level && kinds.contains(&token.kind)
            })
            .unwrap_or(rest.len());
        let taken = rest.get(..len).unwrap_or_default();
        self.at += len;
        match (taken.first(), taken.last()) {
            (Some(first), Some(last)) => self.text.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        }
    }

    /// Returns a piece of the statement.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Returns the text from here to the end of the statement.
    pub(super) fn rest(&self) -> &'t str {
        let start = self.peek().map_or(self.text.len(), |token| token.start);
        self.text.get(start..).unwrap_or_default().trim_end().trim_end_matches(';').trim_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_out_as_they_are_written() {
        let text = "CREATE TABLE t (a INT CHECK (a  > (0)), b)";
        let tokens = read(text, 0).unwrap();
        let mut cursor = Cursor::new(text, &tokens);
        assert!(cursor.to(TokenType::TK_LP) && cursor.enter());
        assert!(cursor.behind(TokenType::TK_CHECK));
        assert_eq!(cursor.in_brackets(), Some("a  > (0)"));
        assert!(cursor.behind(TokenType::TK_COMMA));
        assert_eq!(cursor.until(&[TokenType::TK_COMMA]), "b");
    }
}
