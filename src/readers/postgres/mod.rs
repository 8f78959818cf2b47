//! PostgreSQL scripts, by squawk's parser.

mod alter;
mod alter_column;
mod alter_index;
mod blocks;
mod bodies;
mod cascade;
mod columns;
mod copied;
mod cut;
mod data;
mod depth;
mod diesel;
mod domains;
mod exclusion;
mod from_query;
mod grown;
mod guards;
mod index;
mod linter;
mod names;
mod other;
mod reading;
mod rename;
mod routines;
mod sequence;
mod settings;
mod shapes;
mod statement;
mod table;
mod terms;
mod touches;
mod transactions;
mod triggers;
mod types;
mod views;

use std::borrow::Cow;
use std::ops::Range;

use squawk_syntax::SourceFile;
use squawk_syntax::ast;

use super::{How, Marker, Meaning, Part, Script, Statement};
use crate::catalog::Catalog;
use crate::dialects::postgres::WITHOUT_ROWS;
use cut::{Cut, Kind};
use grown::{Grown, unreadable};
pub use linter::{Remark, is_linter_rule, lint};
use reading::{At, Reading};

/// Scripts of more bytes are not parsed before they are read: the trees of all their statements would fill the memory.
const AHEAD_BYTES_MAX: usize = 64 * 1024;

/// The statements.
#[derive(Debug)]
pub(super) struct Parsed(Vec<Cut>);

pub(super) fn parse(text: &str) -> (Parsed, Vec<Range<usize>>, Vec<Marker>) {
    let (cuts, markers) = cut::cut(text);
    let places = cuts.iter().map(|cut| cut.place.clone()).collect();
    (Parsed(cuts), places, markers)
}

/// Parses the statements of a short script now.
pub(super) fn parse_ahead(parsed: &mut Parsed, text: &str) {
    if text.len() > AHEAD_BYTES_MAX {
        return;
    }
    for cut in &mut parsed.0 {
        if let (Kind::Sql, Some(whole)) = (&cut.kind, text.get(cut.place.clone())) {
            cut.kind = Kind::Parsed(Grown::of(whole, &cut.place));
        }
    }
}

pub(super) fn read(parsed: &Parsed, at: usize, text: &str, before: &Catalog) -> Option<Statement> {
    let cut = parsed.0.get(at)?;
    let whole = text.get(cut.place.clone()).unwrap_or_default();
    let meaning = match &cut.kind {
        Kind::Sql => return Some(sql(cut, &Grown::of(whole, &cut.place), whole, before)),
        Kind::Parsed(grown) => return Some(sql(cut, grown, whole, before)),
        Kind::ManyRows(values) => return Some(many_rows(cut, *values, whole, before)),
        Kind::TooLong => Meaning::Opaque { why: "the statement is too long to be read".to_owned() },
        Kind::Unreadable { message, offset } => {
            Meaning::Unreadable { message: (*message).to_owned(), offset: *offset }
        }
    };
    Some(alone(cut, meaning))
}

/// Returns a statement that is one part as a whole.
fn alone(cut: &Cut, meaning: Meaning) -> Statement {
    let part = Part { place: cut.place.clone(), meaning, how: How::default() };
    Statement { place: cut.place.clone(), parts: vec![part], alone: None, transaction: None }
}

fn sql(cut: &Cut, grown: &Grown, text: &str, before: &Catalog) -> Statement {
    let parse = match grown {
        Grown::Tree(parse) => parse,
        Grown::Refused { message, offset } => {
            let meaning = Meaning::Unreadable { message: message.clone(), offset: *offset };
            return alone(cut, meaning);
        }
    };
    let at = At::From(cut.place.start);
    let mut reading = Reading::new(grown::sql_of(text), at, &cut.settings, Cow::Borrowed(before));
    for stmt in parse.tree().stmts() {
        statement::read(&mut reading, &stmt);
    }
    finished(cut, reading)
}

/// Returns the statement, unless it names what nobody knows where to look for.
fn finished(cut: &Cut, reading: Reading<'_>) -> Statement {
    if reading.lost.get() && !reading.parts.is_empty() {
        let why =
            "where its names are looked up is not known: `search_path` is set to more than names";
        return alone(cut, Meaning::Opaque { why: why.to_owned() });
    }
    Statement {
        place: cut.place.clone(),
        parts: reading.parts,
        alone: reading.alone,
        transaction: reading.transaction,
    }
}

/// Reads the head of an `INSERT`, without its rows, of which no copy is made.
fn many_rows(cut: &Cut, values: usize, text: &str, before: &Catalog) -> Statement {
    let head = text.get(..values.saturating_sub(cut.place.start)).unwrap_or_default();
    let told = format!("{head}VALUES /* more rows than planner reads */");
    let head = format!("{head}{WITHOUT_ROWS}");
    let parse = SourceFile::parse(&head);
    if let Some(error) = parse.errors().first() {
        return alone(cut, unreadable(error, cut.place.start, head.len()));
    }
    let within = At::Within(cut.place.clone());
    let mut reading = Reading::new(&head, within, &cut.settings, Cow::Borrowed(before));
    for stmt in parse.tree().stmts() {
        if let ast::Stmt::Insert(insert) = stmt {
            let read = data::many_rows(&mut reading, &insert, told.clone());
            if read.is_none() {
                let why = "it inserts more rows than planner reads".to_owned();
                return alone(cut, Meaning::Opaque { why });
            }
        }
    }
    finished(cut, reading)
}

/// Returns whether what depends on it goes too.
#[expect(clippy::needless_pass_by_value, reason = "the tree gives it by value")]
fn cascades(behavior: Option<ast::DropBehavior>) -> bool {
    matches!(behavior, Some(ast::DropBehavior::Cascade(_)))
}

/// Puts the script together.
pub(super) fn script(text: &str) -> Script {
    let (parsed, statements, markers) = parse(text);
    Script { parsed: super::Parsed::Postgres(parsed), statements, markers }
}
