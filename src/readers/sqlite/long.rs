//! Statements that are too long to be parsed: of rows only the head is read.

use sqlite3_parser::Bump;
use sqlite3_parser::FallibleIterator as _;
use sqlite3_parser::ast::{Cmd, Stmt};
use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::{Parser, Tokenizer};

use super::reading::{Reading, Thing};
use super::{data, touches};
use crate::catalog::ObjectKind;
use crate::change::Verb;
use crate::readers::Meaning;

/// From this length on, in bytes, the rows of an `INSERT` are not read.
const ROWS_BYTES_MAX: usize = 64 * 1024;
/// From this length on, in bytes, nothing is read.
pub(super) const BYTES_MAX: usize = 1024 * 1024;
/// In so many tokens the head of an `INSERT` has come to its `VALUES`.
const HEAD_MAX: usize = 4_000;

/// Returns the head of a long `INSERT … VALUES`, up to the word `VALUES`.
pub(super) fn head(text: &str) -> Option<&str> {
    if text.len() < ROWS_BYTES_MAX {
        return None;
    }
    let mut scanner = Scanner::new(Tokenizer::new());
    let mut depth = 0_u32;
    for at in 0..HEAD_MAX {
        let Ok((_, Some((_, kind)), end)) = scanner.scan(text.as_bytes()) else { return None };
        match kind {
            TokenType::TK_INSERT | TokenType::TK_REPLACE => {}
            _ if at == 0 => return None,
            TokenType::TK_LP => depth += 1,
            TokenType::TK_RP => depth = depth.saturating_sub(1),
            TokenType::TK_SELECT => return None,
            TokenType::TK_VALUES if depth == 0 => return text.get(..end),
            _ => {}
        }
    }
    None
}

/// Reads such a head: what it writes, without its rows, of which no copy is made.
pub(super) fn rows(reading: &mut Reading<'_>, head: &str) {
    let whole = format!("{head} (NULL)");
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, whole.as_bytes());
    let insert = match parser.next() {
        Ok(Some(Cmd::Stmt(Stmt::Insert { tbl_name, columns, .. }))) => (tbl_name, columns),
        _ => return reading.opaque("it inserts more rows than planner reads"),
    };
    let (table, columns) = insert;
    let text = format!("{head} /* more rows than planner reads */");
    if reading.is_temporary(&table) {
        return reading.temporary_rows(&table.name, text);
    }
    let name = reading.relation(&table);
    let columns = data::columns(reading, &name, columns.as_ref()).unwrap_or_default();
    let touches = touches::columns(&name, &columns);
    let thing = Thing::new(Verb::Run, ObjectKind::Query).on(name).touching(touches);
    reading.other_text(thing, text);
}

/// Says that a statement is too long.
pub(super) fn too_long() -> Meaning {
    Meaning::Opaque { why: "the statement is too long to be read".to_owned() }
}
