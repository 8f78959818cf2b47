//! SQLite scripts, by a port of SQLite's own grammar.

mod alter;
mod columns;
mod comments;
mod cut;
mod data;
mod from_query;
mod index;
mod long;
mod naming;
mod other;
mod reading;
mod rebuild;
mod statement;
mod table;
pub(crate) mod terms;
mod tokens;
mod touches;
mod triggers;
mod views;

use std::collections::BTreeMap;

use sqlite3_parser::ast::Cmd;
use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator as _};

use super::{How, Meaning, Part, Script, Statement};
use crate::catalog::Catalog;
use crate::expressions::error_sqlite;
use cut::{Cut, Kind};
use reading::Reading;
use rebuild::found::Rebuild;

/// The statements, not parsed before they are read, and which of them rebuild a table together.
#[derive(Debug)]
pub(super) struct Parsed {
    cuts: Vec<Cut>,
    rebuilds: Vec<Rebuild>,
    /// Statement to its rebuild.
    member_of: BTreeMap<usize, usize>,
}

/// Puts the script together.
pub(super) fn script(text: &str) -> Script {
    let cuts = cut::cut(text);
    let statements = cuts.iter().map(|cut| cut.place.clone()).collect();
    let (rebuilds, member_of) = rebuild::find::all(text, &cuts);
    let parsed = Parsed { cuts, rebuilds, member_of };
    Script { parsed: super::Parsed::Sqlite(parsed), statements, markers: comments::markers(text) }
}

pub(super) fn read(parsed: &Parsed, at: usize, text: &str, before: &Catalog) -> Option<Statement> {
    let cut = parsed.cuts.get(at)?;
    let Some(rebuild) = parsed.member_of.get(&at).and_then(|of| parsed.rebuilds.get(*of)) else {
        return Some(one(cut, text, before));
    };
    if rebuild.begins_at(at) {
        return rebuild::read(rebuild, &parsed.cuts, text, before);
    }
    let place = cut.place.clone();
    Some(Statement { place, parts: Vec::new(), alone: None, transaction: None })
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
    let mut reading = Reading::new(text, &tokens, cut, before);
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

/// Parses a statement and looks at its tree; nothing if there is none.
fn with_command<R>(
    cut: &Cut,
    text: &str,
    before: &Catalog,
    look: impl FnOnce(&Reading<'_>, &Cmd<'_>) -> R,
) -> Option<R> {
    let text = text.get(cut.place.clone())?;
    let tokens = tokens::read(text, cut.place.start).ok()?;
    let bump = Bump::new();
    let command = Parser::new(&bump, text.as_bytes()).next().ok()??;
    Some(look(&Reading::new(text, &tokens, cut, before), &command))
}
