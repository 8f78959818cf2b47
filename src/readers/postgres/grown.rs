//! A statement's tree, or why there is none: all of the parser's work, which needs nothing but the text.

use std::ops::Range;

use squawk_syntax::syntax_error::SyntaxError;
use squawk_syntax::{Parse, SourceFile};

use super::statement;
use crate::readers::Meaning;

/// What the parser made of a statement.
#[derive(Debug)]
pub(super) enum Grown {
    /// A tree without mistakes, but for those inside the bodies of routines.
    Tree(Parse<SourceFile>),
    /// The parser does not accept it.
    Refused { message: String, offset: usize },
}

impl Grown {
    /// Parses a statement; `place` is its place in the script, and `text` what stands there.
    pub(super) fn of(text: &str, place: &Range<usize>) -> Self {
        let text = sql_of(text);
        let parse = SourceFile::parse(text);
        let file = parse.tree();
        if let Some(offset) = statement::deep_body(&file) {
            let message = "the body nests too deep to be read".to_owned();
            return Self::Refused { message, offset: place.start + offset };
        }
        match parse.errors().iter().find(|error| !statement::is_in_body(&file, error)) {
            Some(error) => {
                let (message, offset) = refused(error, place.start, text.len());
                Self::Refused { message, offset }
            }
            None => Self::Tree(parse),
        }
    }
}

/// Returns a statement without the rows that a client sends, which are no SQL.
pub(super) fn sql_of(text: &str) -> &str {
    text.get(..statement::end_of_sql(text)).unwrap_or(text)
}

/// Returns what the parser says of a text of this length that begins here, and where.
pub(super) fn refused(error: &SyntaxError, base: usize, len: usize) -> (String, usize) {
    let message = crate::expressions::plain_message_postgres(error.message());
    (message, base + usize::from(error.range().start()).min(len))
}

/// Returns what a mistake of the parser's means.
pub(super) fn unreadable(error: &SyntaxError, base: usize, len: usize) -> Meaning {
    let (message, offset) = refused(error, base, len);
    Meaning::Unreadable { message, offset }
}
