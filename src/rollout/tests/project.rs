//! Projects built by hand from a few words.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::change::Change;
use crate::compile::{Checksum, CompiledMigration, CompiledProject, CompiledStep, Work};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::Transaction;
use crate::graph::StepGraph;
use crate::name::{ObjectName, StepKey};
use crate::operations::AnyOperation;
use crate::phase::Phase;
use crate::plan::authored::After;
use crate::plan::checked::{CheckedPlan, CheckedProject, CheckedStep};
use crate::plan::gate::AuthoredGates;
use crate::source::{Sources, Span, Spanned};
use crate::version::{MigrationVersion, Stamp};
use crate::yaml::decode::Decoder;
use crate::yaml::node;

fn span() -> Span {
    let source = Sources::default().add("plans/x.yaml", "");
    Span { source, start: 0, end: 0 }
}

/// Builds a project of these plans, oldest first.
pub(super) fn build(plans: &[&str]) -> (CheckedProject, StepGraph, CompiledProject) {
    let plans: Vec<CheckedPlan> =
        plans.iter().enumerate().map(|(at, text)| plan(at, text)).collect();
    let by_name = plans.iter().enumerate().map(|(at, plan)| (plan.name.clone(), at)).collect();
    let empty = Arc::new(Catalog::empty(Dialect::Sqlite));
    let (dialect, start, end) = (Dialect::Sqlite, Arc::clone(&empty), empty);
    let project =
        CheckedProject { dialect, start, foundation: Arc::default(), end, plans, by_name };
    let mut sink = Sink::default();
    let graph = crate::graph::build(&project, &mut sink).unwrap();
    assert!(sink.is_empty(), "{:?}", sink.found());
    let compiled = compile(&project);
    (project, graph, compiled)
}

/// Reads a plan's gates, as under `gates:` of a plan file.
pub(super) fn gates(yaml: &str) -> AuthoredGates {
    let mut sink = Sink::default();
    let node = node::read(span().source, yaml, &mut sink).unwrap();
    let gates = AuthoredGates::read(&node, &mut Decoder { sink: &mut sink });
    assert!(sink.is_empty(), "{:?}", sink.found());
    gates
}

/// Reads a plan such as `split after users, shop/contract: add_a, add_b | fill | drop`: its name, the plans it builds
/// on, its steps by phase. Steps named `index…` are invisible and need no gate; `lossy…` cannot be undone.
fn plan(at: usize, text: &str) -> CheckedPlan {
    let (head, steps) = text.split_once(':').unwrap();
    let (name, after) = head.split_once(" after ").unwrap_or((head, ""));
    let after = after.split(',').map(str::trim).filter(|after| !after.is_empty());
    let after = after.map(|after| match after.split_once('/') {
        Some((plan, phase)) => After { plan: plan.into(), phase: Phase::parse(phase) },
        None => After { plan: after.into(), phase: None },
    });
    let mut checked = Vec::new();
    for (phase, ids) in Phase::ALL.into_iter().zip(steps.split('|')) {
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let key = StepKey { plan: name.into(), id: id.into() };
            checked.push(checked_step(key, phase));
        }
    }
    CheckedPlan {
        name: name.into(),
        stamp: Stamp::parse(&(20_260_101_000_000 + at).to_string()).unwrap(),
        source: span().source,
        span: span(),
        title: None,
        owner: None,
        after: after.map(|after| Spanned::new(after, span())).collect(),
        steps: checked,
        gates: AuthoredGates::default(),
    }
}

fn checked_step(key: StepKey, phase: Phase) -> CheckedStep {
    let table = ObjectName::bare(key.id.clone());
    let change = if key.id.as_str().starts_with("index") {
        Change::Deprecate { table, column: None }
    } else {
        Change::DropView { name: table }
    };
    let mut sink = Sink::default();
    let text = "{ table: t, column: c, type: text }";
    let node = node::read(span().source, text, &mut sink).unwrap();
    let operation = AnyOperation::decode("add_column", &node, &mut Decoder { sink: &mut sink });
    let operation = Spanned::new(Arc::new(operation.unwrap().unwrap()), span());
    let (after, waivers) = (Vec::new(), Vec::new());
    CheckedStep {
        key,
        phase,
        operation,
        changes: vec![change].into(),
        written: None,
        after,
        waivers,
        span: span(),
    }
}

fn compile(project: &CheckedProject) -> CompiledProject {
    let mut steps = Vec::new();
    let (mut by_key, mut by_version) = (BTreeMap::new(), BTreeMap::new());
    for plan in &project.plans {
        for phase in Phase::ALL {
            for (ordinal, step) in plan.steps_of(phase).enumerate() {
                let compiled = compiled_step(&plan.stamp, ordinal + 1, step);
                by_key.insert(step.key.clone(), steps.len());
                by_version.insert(compiled.migrations[0].version.clone(), (steps.len(), 0));
                steps.push(compiled);
            }
        }
    }
    CompiledProject { dialect: project.dialect, steps, by_key, by_version }
}

fn compiled_step(stamp: &Stamp, ordinal: usize, step: &CheckedStep) -> CompiledStep {
    let id = step.key.id.as_str();
    let checksum = Checksum::of_text(id);
    let version = MigrationVersion::compiled(stamp, step.phase, ordinal, checksum.as_str());
    let lossy = id.starts_with("lossy");
    let down = if lossy { Err("its rows are gone".to_owned()) } else { Ok(Vec::new()) };
    let migration = CompiledMigration {
        directory: format!("{version}_{id}"),
        version,
        work: Work::Statements,
        part: crate::compile::migration::Part::default(),
        up: Vec::new(),
        transaction: Transaction::Shared,
        down,
        down_transaction: Transaction::Shared,
        down_destroys: false,
    };
    CompiledStep {
        key: step.key.clone(),
        phase: step.phase,
        checksum,
        changes: step.changes.clone(),
        migrations: vec![migration],
        gated: step.phase == Phase::Contract && !id.starts_with("index"),
    }
}
