//! A folder of plans, compiled in memory.

use std::path::Path;
use std::sync::Arc;

use planner::catalog::Catalog;
use planner::compile::migration::CompileOptions;
use planner::compile::{CompiledProject, compile};
use planner::diagnostic::Sink;
use planner::dialect::Dialect;
use planner::graph;
use planner::plan::checked::CheckedProject;
use planner::plan::{check, parse};
use planner::source::Sources;

/// The names of the cases.
pub const CASES: [&str; 3] = ["restrictions", "split_user_name", "storefront"];

/// Compiles plans given by path and text; panics with the findings if there are any.
pub fn compile_texts(
    texts: &[(String, String)],
    dialect: Dialect,
) -> (CheckedProject, CompiledProject) {
    let (checked, compiled, findings) = findings(texts, dialect);
    assert!(findings.is_empty(), "{findings:#?}");
    (checked, compiled.unwrap())
}

/// Compiles plans given by path and text, with the messages of what was found.
pub fn findings(
    texts: &[(String, String)],
    dialect: Dialect,
) -> (CheckedProject, Option<CompiledProject>, Vec<String>) {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut plans = Vec::new();
    for (path, text) in texts {
        let source = sources.add(path.as_str(), text.as_str());
        plans.extend(parse::parse(source, sources.get(source).unwrap(), &mut sink));
    }
    let start = Arc::new(Catalog::empty(dialect));
    let checked = check::check(plans, dialect, start, &mut sink);
    let compiled = graph::build(&checked, &mut sink)
        .map(|graph| compile(&checked, &graph, CompileOptions::default(), &mut sink));
    let words = |found: &planner::diagnostic::Diagnostic| {
        format!(
            "{}: {} [{}]",
            found.code.name,
            found.message,
            found.help.clone().unwrap_or_default()
        )
    };
    (checked, compiled, sink.found().iter().map(words).collect())
}

/// Reads a case's plans.
#[expect(clippy::disallowed_methods, reason = "a test may read files")]
pub fn case(name: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiled/cases").join(name);
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder.join("plans"))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            (format!("plans/{file}"), std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    texts.sort();
    texts
}
