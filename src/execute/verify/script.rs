//! Running a file of SQL statement by statement, as Diesel runs it whole.

use std::ops::Range;
use std::time::Instant;

use super::concurrent;
use super::report::{Failed, Sql, TriedStatement};
use crate::catalog::Catalog;
use crate::change::words::Words;
use crate::change::{Change, Constraint};
use crate::database::connection::LiveDatabase;
use crate::database::error::Retry;
use crate::database::observe::{Done, Observed};
use crate::database::outward::{names_roles, outward};
use crate::database::scratch::Scratch;
use crate::database::{Database as _, DatabaseError};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::readers::{self, Meaning, Statement};

/// A file cut into statements.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    pub sql: &'a Sql,
    pub all: Vec<Piece>,
}

/// A statement of a file.
#[derive(Debug)]
pub(super) struct Piece {
    pub place: Range<usize>,
    /// Whether it begins or ends a transaction.
    pub is_control: bool,
    /// Whether it cannot be in a transaction.
    pub is_alone: bool,
    /// Whether it may be about roles that are not on this server.
    names_roles: bool,
    /// Why it must not run on a scratch database.
    outward: Option<&'static str>,
    /// What it is about, where it asks something of rows.
    pub asked: Asked,
}

/// What a statement asks of the rows that are there before its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// The table.
    pub table: Option<ObjectName>,
    /// Whether nothing that is in these rows has a part in the answer.
    is_of_new: bool,
    /// Whether it takes a table or all of its rows away.
    takes_all_away: bool,
}

impl Asked {
    /// Returns whether any row makes it fail, by what the engine said.
    pub(super) fn is_of_any_row(&self, reason: &str) -> bool {
        self.is_of_new
            || self.takes_all_away && reason.to_lowercase().contains("foreign key constraint")
    }
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub tried: Vec<TriedStatement>,
    pub skipped: Vec<Failed>,
    pub failed: Option<Failed>,
    /// What the statement that failed asks of rows.
    pub asked: Asked,
}

/// How a file runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// In a transaction of its own.
    Transaction,
    /// Without one.
    Bare,
    /// In one that is open already, and stays open.
    Open,
}

impl<'a> Pieces<'a> {
    /// Cuts a file; `before` is the schema that it finds.
    pub(super) fn cut(sql: &'a Sql, before: &Catalog) -> Self {
        let script = readers::parse(before.dialect, &sql.text);
        let all = script.statements.iter().enumerate().map(|(at, place)| {
            let text = sql.text.get(place.clone()).unwrap_or_default();
            let read = script.read(at, &sql.text, before);
            Piece {
                place: place.clone(),
                is_control: read.as_ref().is_some_and(|read| read.transaction.is_some()),
                is_alone: read.as_ref().is_some_and(|read| read.alone.is_some()),
                asked: read.map_or_else(Asked::default, |read| asked(&read, text, before)),
                names_roles: names_roles(before.dialect, text),
                outward: outward(before.dialect, text),
            }
        });
        Self { sql, all: all.collect() }
    }

    /// Returns whether taking back the transaction that it runs in takes back all of it.
    pub(super) fn is_taken_back(&self, run_in_transaction: bool) -> bool {
        run_in_transaction && !self.all.iter().any(|piece| piece.is_control || piece.is_alone)
    }

    /// Runs it. With a scratch database to open again, what its statements do to the tables of a catalog is looked at.
    pub(super) fn run(
        &self,
        database: &mut LiveDatabase,
        mode: Mode,
        looking: Option<(&Scratch, &Catalog)>,
    ) -> Result<Ran, DatabaseError> {
        let is_server = database.dialect() == Dialect::Postgres;
        let several = self.all.len() > 1;
        let (any_alone, any_control) = (
            self.all.iter().any(|piece| piece.is_alone),
            self.all.iter().any(|piece| piece.is_control),
        );
        let mut running = Running { pieces: self, database, looking, ran: Ran::default() };
        match mode {
            Mode::Open => running.each()?,
            Mode::Transaction => running.in_transaction()?,
            // Diesel sends the whole file, and several statements sent at once are in a transaction.
            Mode::Bare if is_server && several && any_alone => running.whole()?,
            Mode::Bare if is_server && several && !any_control => running.in_transaction()?,
            Mode::Bare => {
                running.each()?;
                running.database.roll_back()?;
            }
        }
        Ok(running.ran)
    }
}

/// A file while it runs.
struct Running<'a> {
    pieces: &'a Pieces<'a>,
    database: &'a mut LiveDatabase,
    looking: Option<(&'a Scratch, &'a Catalog)>,
    ran: Ran,
}

impl Running<'_> {
    fn in_transaction(&mut self) -> Result<(), DatabaseError> {
        self.database.begin()?;
        self.each()?;
        if self.ran.failed.is_some() {
            return self.database.roll_back();
        }
        if let Err(error) = self.database.commit() {
            let reason = reason(error)?;
            let last = self.pieces.all.last().map_or(0..0, |piece| piece.place.clone());
            let reason = format!("{reason}, when it is committed");
            self.ran.failed = Some(Failed { place: self.pieces.sql.place(&last), reason });
            return self.database.roll_back();
        }
        Ok(())
    }

    /// Runs the file in one go; it fails at the statement that has to be alone.
    fn whole(&mut self) -> Result<(), DatabaseError> {
        if self.pieces.all.iter().any(|piece| piece.outward.is_some()) {
            return self.each();
        }
        if let Err(error) = self.database.execute(&self.pieces.sql.text) {
            let place = self.pieces.all.iter().find(|piece| piece.is_alone);
            let place = place.map_or(0..0, |piece| piece.place.clone());
            let place = self.pieces.sql.place(&place);
            self.ran.failed = Some(Failed { place, reason: reason(error)? });
        }
        Ok(())
    }

    /// Runs one statement after the other, up to the first that fails.
    fn each(&mut self) -> Result<(), DatabaseError> {
        let mut seen = match self.looking {
            Some(_) => Some(self.database.observe(&Observed::default())?),
            None => None,
        };
        for piece in &self.pieces.all {
            if let Some(why) = piece.outward {
                self.skip(piece, format!("it is not run here: {why}"));
                continue;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "how long the engine takes is what is measured"
            )]
            let started = Instant::now();
            let done = match self.one(piece)? {
                Ok(done) => done,
                Err(reason) => {
                    let place = self.pieces.sql.place(&piece.place);
                    self.ran.failed = Some(Failed { place, reason });
                    self.ran.asked = piece.asked.clone();
                    return Ok(());
                }
            };
            let microseconds = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
            let (Some(before), Some((_, tables))) = (&seen, self.looking) else { continue };
            let now = self.database.observe(before)?;
            let mut done = merged(done, now.since(before));
            done.keep(|table| tables.tables.contains_key(table));
            seen = Some(now);
            let place = self.pieces.sql.place(&piece.place);
            self.ran.tried.push(TriedStatement { place, done, microseconds });
        }
        Ok(())
    }

    /// Runs a statement; returns what was seen of it from outside, or why it failed.
    fn one(&mut self, piece: &Piece) -> Result<Result<Done, String>, DatabaseError> {
        let sql = self.pieces.sql.text.get(piece.place.clone()).unwrap_or_default();
        let ran = match self.looking {
            Some((scratch, tables)) if piece.is_alone && self.pieces.all.len() == 1 => {
                let (ran, done) = concurrent::run(scratch, self.database, sql, tables)?;
                return match ran {
                    Ok(()) => Ok(Ok(done)),
                    Err(error) => reason(error).map(Err),
                };
            }
            _ if piece.names_roles => match self.database.execute_about_roles(sql)? {
                None => Ok(()),
                Some(missing) => {
                    self.skip(piece, format!("it is left out here: {missing}"));
                    Ok(())
                }
            },
            _ => self.database.execute(sql),
        };
        match ran {
            Ok(()) => Ok(Ok(Done::default())),
            Err(error) => reason(error).map(Err),
        }
    }

    fn skip(&mut self, piece: &Piece, reason: String) {
        let place = self.pieces.sql.place(&piece.place);
        self.ran.skipped.push(Failed { place, reason });
    }
}

fn asked(read: &Statement, text: &str, before: &Catalog) -> Asked {
    let changes = || {
        read.parts.iter().filter_map(|part| match &part.meaning {
            Meaning::Change(change) => Some(change.as_ref()),
            Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
        })
    };
    let is_of_any = |change: &Change| match change {
        Change::AddColumn { column, .. } => column.generated.is_none(),
        Change::AddConstraint { table, constraint: Constraint::Check(check) } => {
            let is_word = |letter: char| !letter.is_alphanumeric() && letter != '_';
            let columns = before.table(table).map(|table| &table.columns);
            columns.is_none_or(|columns| {
                !check.expression.as_str().split(is_word).any(|word| {
                    columns.iter().any(|column| column.name.as_str().eq_ignore_ascii_case(word))
                })
            })
        }
        _ => false,
    };
    Asked {
        table: changes().find_map(altered).cloned(),
        is_of_new: changes().next().is_some() && changes().all(is_of_any),
        takes_all_away: takes_all_away(text),
    }
}

/// Returns whether a statement takes a table or all of its rows away: what stands in its way then is that other rows refer to them.
fn takes_all_away(text: &str) -> bool {
    let words = Words::of(text);
    let first = text.split_whitespace().next().unwrap_or_default();
    first.eq_ignore_ascii_case("drop")
        || first.eq_ignore_ascii_case("delete") && !words.has("where") && !words.has("using")
}

/// Returns the table of which a change alters what its rows must be.
const fn altered(change: &Change) -> Option<&ObjectName> {
    match change {
        Change::AddColumn { table, .. }
        | Change::AddConstraint { table, .. }
        | Change::ValidateConstraint { table, .. }
        | Change::CreateIndex { table, .. }
        | Change::SetNullable { table, .. }
        | Change::SetType { table, .. } => Some(table),
        _ => None,
    }
}

/// Of a statement that is in no transaction only what is left of it can be seen from its own session.
fn merged(outside: Done, inside: Done) -> Done {
    if outside.locks.is_empty() {
        return inside;
    }
    Done { rewritten: inside.rewritten, ..outside }
}

/// Returns what the engine said of a statement; that a connection broke says nothing of it.
pub(super) fn reason(error: DatabaseError) -> Result<String, DatabaseError> {
    match error {
        DatabaseError::Statement { reason, retry: Retry::Never | Retry::Later, .. } => Ok(reason),
        other => Err(other),
    }
}
