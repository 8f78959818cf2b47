//! `baseline.<dialect>.sql`: what was there before planner was, and which migrations had made it.
//!
//! Its first comments are the header; what follows is SQL that makes the schema, unless the schema is taken from the migrations.

pub mod make;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::{Catalog, ObjectKind};
use crate::change::apply::apply;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::readers::{self, Meaning};
use crate::source::{SourceId, Sources, Span};
use crate::version::MigrationVersion;

/// The first line, with the number of the format.
const FIRST: &str = "planner baseline ";
const FORMAT: &str = "1";
/// How a virtual table of SQLite is told among what is left out.
const VIRTUAL_TABLE: &str = "virtual table `";
/// What stands between the header and the SQL.
const EXPLANATION: &str = "\
-- What was there before planner. Plans build on it, and the migrations that it covers are not judged.
-- `planner baseline` writes this file; commit it.
";

/// Where the schema of a baseline comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the hand-written migrations, which stay the place where it stands.
    Migrations,
    /// From a live database.
    Database,
    /// From a `schema.rs`, which knows less.
    SchemaRs,
}

impl Origin {
    /// All origins.
    pub const ALL: [Self; 3] = [Self::Migrations, Self::Database, Self::SchemaRs];

    /// Returns its word on the command line and in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Migrations => "migrations",
            Self::Database => "database",
            Self::SchemaRs => "schema.rs",
        }
    }

    /// Returns its words in a sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Migrations => "the migrations",
            Self::Database => "the database",
            Self::SchemaRs => "`schema.rs`",
        }
    }

    /// Returns the origin with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.word() == word)
    }
}

/// A baseline file's header, and where its SQL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The file.
    pub source: SourceId,
    /// What it says.
    pub header: Header,
}

/// What the first comments of a baseline say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Where the schema comes from.
    pub origin: Origin,
    /// The day it was made on.
    pub made: String,
    /// What the file cannot hold.
    pub left_out: BTreeSet<String>,
    /// The migrations that were there.
    pub covered: BTreeSet<MigrationVersion>,
}

impl Baseline {
    /// Reads the header; what is wrong with it is put into the sink.
    #[must_use]
    pub fn read(source: SourceId, text: &str, dialect: Dialect, sink: &mut Sink) -> Option<Self> {
        let mut comments = comments(source, text);
        let mut report = |message: String, span: Span, help: &str| {
            sink.report(Diagnostic::new(code::UNREADABLE_BASELINE, message).at(span).help(help));
        };
        let first = comments.next();
        let format = first.as_ref().and_then(|(line, _)| line.strip_prefix(FIRST));
        let span = first.as_ref().map_or(Span { source, start: 0, end: 0 }, |(_, span)| *span);
        match format {
            Some(FORMAT) => {}
            Some(format) => {
                let message =
                    format!("the baseline has format `{format}`, which is not known here");
                report(message, span, "use the newest planner that works on this project");
                return None;
            }
            None => {
                let message = "the first line of a baseline is `-- planner baseline 1`".to_owned();
                report(message, span, AGAIN);
                return None;
            }
        }
        let mut header = Header {
            origin: Origin::Migrations,
            made: String::new(),
            left_out: BTreeSet::new(),
            covered: BTreeSet::new(),
        };
        let mut origin = None;
        for (line, span) in comments {
            let Some((key, value)) = line.split_once(": ") else { continue };
            match key {
                "dialect" if value != dialect.word() => {
                    let message =
                        format!("this baseline is one for {value}, and not for {dialect}");
                    report(message, span, "rename the file, or run `planner baseline`");
                    return None;
                }
                "from" => {
                    origin = Origin::parse(value);
                    if origin.is_none() {
                        report(format!("`{value}` is no place to take a schema from"), span, AGAIN);
                        return None;
                    }
                }
                "made" => value.clone_into(&mut header.made),
                "left out" => drop(header.left_out.insert(value.to_owned())),
                "covers" => drop(header.covered.insert(MigrationVersion::recorded(value))),
                _ => {}
            }
        }
        let Some(origin) = origin else {
            let message = "the baseline does not say from what it was made".to_owned();
            report(message, span, AGAIN);
            return None;
        };
        header.origin = origin;
        Some(Self { source, header })
    }

    /// Returns whether the baseline itself holds what a migration made, so that it need not be read.
    #[must_use]
    pub fn holds(&self, version: &MigrationVersion) -> bool {
        self.header.origin != Origin::Migrations && self.header.covered.contains(version)
    }

    /// Reads the schema; `None` if it is that of the migrations. What is wrong with it is put into the sink.
    #[must_use]
    pub fn catalog(
        &self,
        dialect: Dialect,
        sources: &Sources,
        sink: &mut Sink,
    ) -> Option<Arc<Catalog>> {
        match self.header.origin {
            Origin::Migrations => None,
            Origin::Database | Origin::SchemaRs => {
                let text = sources.get(self.source).map_or("", |file| &file.text);
                let mut catalog = read_catalog(self.source, text, dialect, sink);
                // Their names are known, and nothing else of them is asked.
                for what in &self.header.left_out {
                    let name = what.strip_prefix(VIRTUAL_TABLE).and_then(|of| of.strip_suffix('`'));
                    let key = name.map(|name| (ObjectKind::Virtual, ObjectName::bare(name)));
                    catalog.others.extend(key.map(|key| (key, None)));
                }
                Some(Arc::new(catalog))
            }
        }
    }
}

/// Returns whether a baseline has a format that only a newer planner knows.
#[must_use]
pub fn is_newer(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let format = first.strip_prefix("--").and_then(|rest| rest.trim().strip_prefix(FIRST));
    let number = |format: &str| format.trim().parse::<u32>().ok();
    format.and_then(number) > number(FORMAT)
}

const AGAIN: &str = "run `planner baseline`, which writes it anew, or take it from version control";

/// Reads SQL that makes a schema out of nothing; what cannot be read or does not fit is put into the sink.
#[must_use]
pub fn read_catalog(source: SourceId, text: &str, dialect: Dialect, sink: &mut Sink) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    let script = readers::parse(dialect, text);
    for at in 0..script.statements.len() {
        let Some(statement) = script.read(at, text, &catalog) else { break };
        for part in statement.parts {
            let message = match part.meaning {
                Meaning::Change(change) => match apply(&change, &mut catalog) {
                    Ok(()) => continue,
                    Err(error) => error.to_string(),
                },
                Meaning::Opaque { why } => format!("planner cannot tell what this makes: {why}"),
                Meaning::Unreadable { message, .. } => format!("this cannot be read: {message}"),
            };
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span { source, start: place(part.place.start), end: place(part.place.end) };
            sink.report(Diagnostic::new(code::UNREADABLE_BASELINE, message).at(span).help(AGAIN));
        }
    }
    catalog
}

/// Returns the comments at the top of a file, without their dashes, each with its place.
fn comments(source: SourceId, text: &str) -> impl Iterator<Item = (String, Span)> {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut start = 0_usize;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let span =
            Span { source, start: place(start), end: place(start.saturating_add(content.len())) };
        start = start.saturating_add(line.len());
        match content.strip_prefix("--") {
            Some(comment) => found.push((comment.trim().to_owned(), span)),
            None if content.is_empty() => {}
            None => break,
        }
    }
    found.into_iter()
}

/// Writes a baseline file with these statements.
#[must_use]
pub fn text(header: &Header, dialect: Dialect, statements: &[String]) -> String {
    let Header { origin, made, left_out, covered } = header;
    let word = origin.word();
    let mut text =
        format!("-- {FIRST}{FORMAT}\n-- dialect: {dialect}\n-- from: {word}\n-- made: {made}\n");
    text += EXPLANATION;
    for what in left_out {
        text += &format!("-- left out: {}\n", what.replace(['\n', '\r'], " "));
    }
    for version in covered {
        text += &format!("-- covers: {version}\n");
    }
    for statement in statements {
        text += &format!("\n{};\n", statement.trim_end().trim_end_matches(';'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Baseline>, Vec<String>) {
        let mut sources = Sources::default();
        let source = sources.add("baseline.postgres.sql", text);
        let mut sink = Sink::default();
        let baseline = Baseline::read(source, text, Dialect::Postgres, &mut sink);
        if let Some(baseline) = &baseline {
            let _ = baseline.catalog(Dialect::Postgres, &sources, &mut sink);
        }
        let told = |of: &Diagnostic| {
            let span = of.labels.first().unwrap().span;
            format!("{}: {}", sources.line_column(span).0, of.message)
        };
        let found = sink.found().iter().map(told).collect();
        (baseline, found)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let header = Header {
            origin: Origin::Database,
            made: "2026-11-21".to_owned(),
            left_out: ["function `f`".to_owned()].into(),
            covered: [MigrationVersion::recorded("1"), MigrationVersion::recorded("create users")]
                .into(),
        };
        let statements = ["CREATE TABLE users (id integer)".to_owned()];
        let text = text(&header, Dialect::Postgres, &statements);
        let (read, found) = read(&text);
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(read.unwrap().header, header);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let told = |text: &str| read(text).1.join("; ");
        assert_eq!(told(""), "1: the first line of a baseline is `-- planner baseline 1`");
        assert_eq!(
            told("\n-- planner baseline 2\n"),
            "2: the baseline has format `2`, which is not known here"
        );
        assert_eq!(
            told("-- planner baseline 1\n-- dialect: sqlite\n"),
            "2: this baseline is one for sqlite, and not for postgres"
        );
        assert_eq!(
            told("-- planner baseline 1\n"),
            "1: the baseline does not say from what it was made"
        );
        assert_eq!(
            told("-- planner baseline 1\n-- from: a dream\n"),
            "2: `a dream` is no place to take a schema from"
        );
        let broken =
            "-- planner baseline 1\n-- from: database\n\nCREATE TABLE (;\nDROP TABLE users;\n";
        let found = told(broken);
        assert!(found.starts_with("4: this cannot be read: "), "{found}");
        assert!(found.ends_with("5: table `users` does not exist"), "{found}");
    }
}
