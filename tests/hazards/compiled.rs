//! What plans compile to carries none of the hazards that hand-written migrations are judged for.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use planner::catalog::Catalog;
use planner::compile::CompiledProject;
use planner::compile::migration::Work;
use planner::diagnostic::{Diagnostic, Sink};
use planner::dialect::Dialect;
use planner::dialects::Transaction;
use planner::graph;
use planner::history::{Directory, Files, History, Text};
use planner::plan::check;
use planner::rules::{self, RuleContext};
use planner::source::Sources;

use crate::compiled::project::{CASES, case, findings};

/// The migrations of a compiled project as if somebody had written them by hand: those of a phase on one day, the phases days apart.
fn as_if_by_hand(compiled: &CompiledProject) -> Vec<Directory> {
    let mut day = jiff::civil::date(2020, 1, 1);
    let mut phase = None;
    let mut directories = Vec::new();
    for step in &compiled.steps {
        if phase != Some((&step.key.plan, step.phase)) {
            phase = Some((&step.key.plan, step.phase));
            day = day.checked_add(3.days()).unwrap();
        }
        for migration in &step.migrations {
            match migration.work {
                Work::Statements => {}
                // Planner runs these in batches, or not at all, or they are what somebody wrote.
                Work::Backfill(_) | Work::Guard | Work::Written => continue,
            }
            let alone = matches!(migration.transaction, Transaction::Alone { .. });
            let metadata = Text::Read(format!("run_in_transaction = {}\n", !alone));
            let up = Text::Read(format!("{};\n", migration.up.join(";\n")));
            let down = Text::Read("-- irreversible: a test".to_owned());
            let name = format!("{day}-{:06}_x", directories.len());
            directories.push(Directory { name, files: Some(Files { up, down, metadata }) });
        }
    }
    directories
}

/// What the rules find in them.
fn judged(directories: Vec<Directory>) -> (Vec<Diagnostic>, Sources) {
    let dialect = Dialect::Postgres;
    let mut sources = Sources::default();
    let mut history = History::gather("migrations".into(), directories, &mut sources);
    let start = history.judge(dialect, &sources, &Catalog::empty(dialect));
    let mut sink = Sink::default();
    let project = check::check(Vec::new(), dialect, start, &mut sink);
    let graph = graph::build(&project, &mut sink).unwrap();
    let context = RuleContext {
        project: &project,
        graph: &graph,
        history: &history,
        sources: &sources,
        severities: &BTreeMap::new(),
        squawk: &[],
        apps: &[],
        needs_are_known: false,
        sizes: None,
        today: jiff::civil::date(2026, 6, 1),
    };
    rules::check(&context, &mut sink);
    (sink.into_sorted(), sources)
}

#[track_caller]
fn carries_none(name: &str, texts: &[(String, String)]) {
    let (_, compiled, found) = findings(texts, Dialect::Postgres);
    let Some(compiled) = compiled else { panic!("{name}: {found:#?}") };
    let (found, sources) = judged(as_if_by_hand(&compiled));
    let hazards: Vec<String> = found
        .iter()
        .filter(|found| found.code.id.starts_with("EC4"))
        .map(|found| {
            let at = found.labels.first().map_or("", |label| sources.slice(label.span));
            format!("{}: {}\n{at}", found.code.name, found.message)
        })
        .collect();
    assert!(hazards.is_empty(), "{name}: {}", hazards.join("\n"));
}

#[test]
fn compiled_plans_carry_no_hazard() {
    for name in CASES {
        carries_none(name, &case(name));
    }
}

#[test]
fn the_good_plans_of_the_rules_carry_no_hazard() {
    let mut n_judged = 0;
    for rule in rules::ALL {
        let page = rule.page();
        for block in page.split("```yaml good\n").skip(1) {
            let block = block.split("```").next().unwrap();
            let mut texts: Vec<(String, String)> = Vec::new();
            for line in block.lines() {
                if let Some(name) = line.strip_prefix("# file: ") {
                    texts.push((format!("plans/{name}"), String::new()));
                } else if let Some((_, text)) = texts.last_mut() {
                    *text += &format!("{line}\n");
                }
            }
            // What else there may be in an example is not compiled here.
            let is_plans = texts.iter().map(|(path, _)| std::path::Path::new(path)).all(|path| {
                path.extension().is_some_and(|of| of == "yaml") && !path.ends_with("planner.yaml")
            });
            if block.contains("# dialect: sqlite") || !is_plans || texts.is_empty() {
                continue;
            }
            carries_none(rule.code.name, &texts);
            n_judged += 1;
        }
    }
    assert!(n_judged > 20, "only {n_judged} examples were judged");
}
