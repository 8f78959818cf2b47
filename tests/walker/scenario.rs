//! The plans and releases of the walks, and databases to walk on.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use planner::catalog::Catalog;
use planner::compile::migration::CompileOptions;
use planner::compile::{CompiledProject, compile};
use planner::diagnostic::Sink;
use planner::dialect::Dialect;
use planner::graph::{self, StepGraph};
use planner::plan::checked::CheckedProject;
use planner::plan::{check, parse};
use planner::release::Requirements;
use planner::release::from_sources::ReleaseFiles;
use planner::source::Sources;

/// The plans, oldest first. `NULLABLE` is whether people may have no name: on SQLite a trigger cannot stand in for a name that
/// a release no longer writes. No contract phase has a gate of its own: what releases need decides.
const PLANS: [(&str, &str); 6] = [
    (
        "2026-01-01-000000_create",
        "expand:
  - create_table:
      table: people
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text, nullable: NULLABLE }
        - { name: email, type: text }
",
    ),
    (
        "2026-01-02-000000_split",
        "after: [create]
expand:
  - add_column: { table: people, column: given, type: text }
  - id: keep
    sync_columns:
      table: people
      forward: { given: \"lower(name)\" }
      backward: { name: \"coalesce(given, '')\" }
backfill:
  - update: { table: people, set: { given: \"lower(name)\" }, where: FILLED }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: people, column: name, replaced_by: [given] }
",
    ),
    (
        "2026-01-03-000000_nick",
        "after: [create]
expand:
  - add_column: { table: people, column: nick, type: text, default: \"'none'\" }
backfill:
  - update: { table: people, set: { nick: \"'none'\" }, where: nick IS NULL }
contract:
  - set_not_null: { table: people, column: nick }
gates: { contract: { query: \"SELECT count(*) = 0 FROM people WHERE nick IS NULL\" } }
",
    ),
    (
        "2026-01-04-000000_no_email",
        "after: [create]
expand:
  - deprecate_column: { table: people, column: email }
contract:
  - drop_column: { table: people, column: email }
",
    ),
    (
        "2026-01-05-000000_tags",
        "after: [create]
expand:
  - create_table:
      table: tags
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: person_id, type: bigint, nullable: false, references: { table: people, column: id } }
        - { name: label, type: text }
",
    ),
    (
        "2026-01-06-000000_title",
        "after: [tags]
expand:
  - add_column: { table: tags, column: title, type: text }
backfill:
  - update: { table: tags, set: { title: label }, where: title IS NULL AND label IS NOT NULL }
contract:
  - drop_column: { table: tags, column: label, replaced_by: [title] }
gates: { backfill: { releases: { web: \">=3.0.0\", batch: { any: never tags } } } }
",
    ),
];

/// App, version, and the name of the file with its tables.
pub const RELEASES: [(&str, &str, &str); 6] = [
    ("web", "1.0.0", "web_1"),
    ("web", "2.0.0", "web_2"),
    ("web", "3.0.0", "web_3"),
    ("web", "4.0.0", "web_4"),
    ("batch", "1.0.0", "batch_1"),
    ("batch", "2.0.0", "batch_2"),
];

/// The plans, compiled, and what each release needs.
pub struct Scenario {
    pub dialect: Dialect,
    pub project: CheckedProject,
    pub graph: StepGraph,
    pub compiled: CompiledProject,
    /// By app and version.
    pub needs: BTreeMap<(&'static str, &'static str), Requirements>,
}

impl Scenario {
    pub fn new(dialect: Dialect) -> Self {
        let mut sources = Sources::default();
        let mut sink = Sink::default();
        let mut plans = Vec::new();
        let (nullable, filled) = match dialect {
            Dialect::Postgres => ("false", "given IS NULL"),
            Dialect::Sqlite => ("true", "given IS NULL AND name IS NOT NULL"),
        };
        for (name, text) in PLANS {
            let text = text.replace("NULLABLE", nullable).replace("FILLED", filled);
            let source = sources.add(format!("plans/{name}.yaml"), text);
            plans.extend(parse::parse(source, sources.get(source).unwrap(), &mut sink));
        }
        let project = check::check(plans, dialect, Arc::new(Catalog::empty(dialect)), &mut sink);
        let graph = graph::build(&project, &mut sink).unwrap();
        let compiled = compile(&project, &graph, CompileOptions::default(), &mut sink);
        assert!(sink.is_empty(), "{:?}", sink.found());
        let needs = RELEASES.map(|(app, version, file)| ((app, version), needs(dialect, file)));
        Self { dialect, project, graph, compiled, needs: needs.into_iter().collect() }
    }
}

fn needs(dialect: Dialect, file: &str) -> Requirements {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/walker/releases");
    let mut files = ReleaseFiles::default();
    let text = std::fs::read_to_string(folder.join(format!("{dialect}/{file}.rs"))).unwrap();
    files.schema = vec![files.sources.add(format!("{file}.rs"), text)];
    if let Ok(text) = std::fs::read_to_string(folder.join(format!("{file}.yaml"))) {
        files.requires = Some(files.sources.add(format!("{file}.yaml"), text));
    }
    let mut sink = Sink::default();
    let needs = files.needs(&mut sink);
    needs.unwrap_or_else(|| panic!("{file}: {:?}", sink.found()))
}
