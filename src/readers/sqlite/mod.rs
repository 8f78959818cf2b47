//! SQLite scripts, by a port of SQLite's own grammar.

mod alter;
mod columns;
mod cut;
mod data;
mod index;
mod long;
mod naming;
mod other;
mod reading;
mod statement;
mod table;
mod tokens;
mod touches;
mod triggers;
mod views;

use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator as _};

use super::{How, Meaning, Part, Script, Statement};
use crate::catalog::Catalog;
use crate::expressions::error_sqlite;
use cut::{Cut, Kind};
use reading::Reading;

/// The statements, not parsed before they are read.
#[derive(Debug)]
pub(super) struct Parsed(Vec<Cut>);

/// Puts the script together.
pub(super) fn script(text: &str) -> Script {
    let cuts = cut::cut(text);
    let statements = cuts.iter().map(|cut| cut.place.clone()).collect();
    Script { parsed: super::Parsed::Sqlite(Parsed(cuts)), statements, markers: Vec::new() }
}

pub(super) fn read(parsed: &Parsed, at: usize, text: &str, before: &Catalog) -> Option<Statement> {
    Some(one(parsed.0.get(at)?, text, before))
}

/// Reads one statement by itself.
fn one(cut: &Cut, text: &str, before: &Catalog) -> Statement {
    match &cut.kind {
        Kind::Sql => sql(cut, text.get(cut.place.clone()).unwrap_or_default(), before),
        Kind::Unreadable { message, offset } => {
            alone(cut, Meaning::Unreadable { message: message.clone(), offset: *offset })
        }
    }
}

/// Returns a statement that is one part as a whole.
fn alone(cut: &Cut, meaning: Meaning) -> Statement {
    let part = Part { place: cut.place.clone(), meaning, how: How::default() };
    Statement { place: cut.place.clone(), parts: vec![part], alone: None, transaction: None }
}

fn sql(cut: &Cut, text: &str, before: &Catalog) -> Statement {
    let head = long::head(text);
    if head.is_none() && text.len() > long::BYTES_MAX {
        return alone(cut, long::too_long());
    }
    let base = cut.place.start;
    let tokens = match tokens::read(head.unwrap_or(text), base) {
        Ok(tokens) => tokens,
        Err(meaning) => return alone(cut, meaning),
    };
    let mut reading = Reading {
        text,
        tokens: &tokens,
        place: cut.place.clone(),
        catalog: before,
        temporary: &cut.temporary,
        how: How::default(),
        alone: None,
        transaction: None,
        parts: Vec::new(),
    };
    let read = match head {
        Some(head) => {
            long::rows(&mut reading, head);
            Ok(())
        }
        None => parsed(&mut reading),
    };
    match read {
        Err(meaning) => alone(cut, meaning),
        Ok(()) => Statement {
            place: cut.place.clone(),
            parts: reading.parts,
            alone: reading.alone,
            transaction: reading.transaction,
        },
    }
}

/// Parses and reads the statement.
fn parsed(reading: &mut Reading<'_>) -> Result<(), Meaning> {
    let text = reading.text;
    let refused = |error: &sqlite3_parser::lexer::sql::Error| {
        let error = error_sqlite(text, error, 0, text.len());
        let offset = reading.place.start + error.offset;
        Meaning::Unreadable { message: error.message, offset }
    };
    let bump = Bump::new();
    let mut parser = Parser::new(&bump, text.as_bytes());
    let command = parser.next().map_err(|error| refused(&error))?;
    if parser.next().map_err(|error| refused(&error))?.is_some() {
        let message = "this is more than one statement".to_owned();
        return Err(Meaning::Unreadable { message, offset: reading.place.start });
    }
    if let Some(command) = command {
        statement::read(reading, &command);
    }
    Ok(())
}
