//! What is done with each fuzzed text; the ordinary tests do the same with seeds.
//!
//! A text must never make planner panic, and every finding must have a place inside its file.

#![allow(dead_code, reason = "each target uses one of them")]

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::Utf8Path;
use planner::compile::migration::CompileOptions;
use planner::compile::{compile, refusals};
use planner::config;
use planner::diagnostic::{Diagnostic, Sink};
use planner::dialect::Dialect;
use planner::formats::{self, FormatName, Style};
use planner::history::{
    Baseline, Directory, Files, HandWrittenMigration, History, Judge, Text, runs_in_transaction,
};
use planner::name::Name;
use planner::plan::authored::AuthoredPlan;
use planner::plan::parse::parse;
use planner::readers;
use planner::release::{requires, schema_rs};
use planner::rules::{self, RuleContext};
use planner::shell::foundation;
use planner::source::{SourceId, Sources, Spanned};

/// A plan that fuzzed plans find before them.
const FIRST: &str = "title: First
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: integer, primary_key: true }
        - { name: name, type: text }
        - { name: email, type: text, nullable: false }
";

/// Plans, one behind the other with a line `# next` between them.
pub fn plans(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for dialect in Dialect::ALL {
        let mut sources = Sources::default();
        let mut sink = Sink::default();
        let mut plans = Vec::new();
        let texts = std::iter::once(FIRST).chain(text.split("# next\n"));
        for (at, text) in texts.take(20).enumerate() {
            let name = format!("plans/2026-01-01-0000{at:02}_plan_{at}.yaml");
            let source = sources.add(name, text);
            let file = sources.get(source).expect("it was just added");
            plans.extend(parse(source, file, &mut sink));
        }
        judged(dialect, &sources, plans, History::default(), sink);
    }
}

/// Hand-written migrations for PostgreSQL.
pub fn postgres(data: &[u8]) {
    history(data, Dialect::Postgres);
}

/// Hand-written migrations for SQLite.
pub fn sqlite(data: &[u8]) {
    history(data, Dialect::Sqlite);
}

/// Hand-written migrations, one behind the other with a line `-- next` between them; behind a line `-- undo` is what undoes one.
fn history(data: &[u8], dialect: Dialect) {
    let text = String::from_utf8_lossy(data);
    cut_in_order(&text, dialect);
    let mut sources = Sources::default();
    let directories = text.split("-- next\n").take(20).enumerate().map(|(at, text)| {
        let (up, down) = match text.split_once("-- undo\n") {
            Some((up, down)) => (up, Text::Read(down.to_owned())),
            None => (text, Text::Absent),
        };
        let files = Files { up: Text::Read(up.to_owned()), down, metadata: Text::Absent };
        Directory { name: format!("2026-01-01-0000{at:02}_migration"), files: Some(files) }
    });
    let history = History::gather("migrations".into(), directories.collect(), &mut sources);
    judged(dialect, &sources, Vec::new(), history, Sink::default());
}

/// Rules of squawk's that look at much of the text.
const SQUAWK: [&str; 5] = [
    "ban-add-column",
    "ban-duplicate-column-assignments",
    "identifier-too-long",
    "prefer-robust-stmts",
    "require-table-schema",
];

/// Statements come in order, do not overlap, and lie between characters.
fn cut_in_order(text: &str, dialect: Dialect) {
    let mut end = 0;
    for place in readers::parse(dialect, text).statements {
        assert!(place.start >= end, "{place:?} begins before {end}");
        assert!(text.get(place.clone()).is_some(), "{place:?} is cut through a character");
        end = place.end;
    }
}

/// Judges a project for one dialect as `planner check` does, compiles it if nothing is wrong, and says in several formats what was
/// found.
fn judged(
    dialect: Dialect,
    sources: &Sources,
    plans: Vec<AuthoredPlan>,
    mut history: History,
    mut sink: Sink,
) {
    let mut judge = Judge::default();
    let (start, foundation) =
        foundation::of(dialect, &history, sources, Some(&mut judge), &mut sink);
    history.take(judge);
    let mut project = planner::plan::check::check(plans, dialect, start, &mut sink);
    project.foundation = Arc::new(foundation);
    let graph = planner::graph::build(&project, &mut sink);
    if let Some(graph) = &graph {
        let (severities, today) = (BTreeMap::new(), "2026-11-21".parse().expect("a day"));
        let span = history.hand_written.first().map(HandWrittenMigration::span);
        let named = |span| SQUAWK.map(|rule| Spanned { value: Name::from(rule), span });
        let squawk: Vec<Spanned<Name>> = span.into_iter().flat_map(named).collect();
        let context = RuleContext {
            project: &project,
            graph,
            history: &history,
            sources,
            severities: &severities,
            squawk: &squawk,
            apps: &[],
            needs_are_known: false,
            sizes: None,
            today,
        };
        rules::check(&context, &mut sink);
        let options = CompileOptions { lock_timeout_ms: 5_000 };
        refusals(&project, options, &mut sink);
        if !sink.has_errors() {
            drop(compile(&project, graph, options, &mut sink));
        }
    }
    told(sources, &sink.into_sorted());
}

/// `planner.yaml`.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    one_file("planner.yaml", text, |_, source, sink| drop(config::read(source, text, sink)));
}

/// `requires.yaml`.
pub fn requires(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    one_file("requires.yaml", text, |sources, source, sink| {
        drop(requires::read(sources, source, sink));
    });
}

/// A baseline, of either engine.
pub fn baseline(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for dialect in Dialect::ALL {
        let name = format!("baseline.{dialect}.sql");
        one_file(&name, &text, |sources, source, sink| {
            if let Some(baseline) = Baseline::read(source, &text, dialect, sink) {
                drop(baseline.catalog(dialect, sources, sink));
            }
        });
    }
}

/// `schema.rs`.
pub fn schema_rs(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    one_file("schema.rs", text, |sources, source, sink| {
        let declared = schema_rs::read(sources, &[source], sink);
        drop(declared.requirements());
    });
}

/// `metadata.toml`, as a part of a migration.
pub fn metadata(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = runs_in_transaction(Some(text));
    let mut sources = Sources::default();
    let metadata = Text::Read(text.to_owned());
    let files = Files { up: Text::Read("SELECT 1;".to_owned()), metadata, ..Files::default() };
    let directory = Directory { name: "1_a".to_owned(), files: Some(files) };
    let history = History::gather("migrations".into(), vec![directory], &mut sources);
    judged(Dialect::Postgres, &sources, Vec::new(), history, Sink::default());
}

fn one_file(name: &str, text: &str, read: impl FnOnce(&Sources, SourceId, &mut Sink)) {
    let mut sources = Sources::default();
    let source = sources.add(Utf8Path::new(name), text);
    let mut sink = Sink::default();
    read(&sources, source, &mut sink);
    told(&sources, &sink.into_sorted());
}

/// Every place is one of its file, and every format can say it.
fn told(sources: &Sources, found: &[Diagnostic]) {
    let style = Style { colour: false, width: 100 };
    for diagnostic in found {
        for label in &diagnostic.labels {
            let file = sources.get(label.span.source).expect("a place is in a file that was read");
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(
                file.text.get(start..end).is_some(),
                "no place in {}: {diagnostic:?}",
                file.path
            );
        }
    }
    for name in [FormatName::Human, FormatName::Json, FormatName::Sarif] {
        let text = formats::format(name).diagnostics(sources, found, style);
        assert!(found.is_empty() || !text.is_empty(), "{name:?} says nothing");
    }
}
