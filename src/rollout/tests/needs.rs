//! What follows from what releases need: gates that nobody wrote, and which releases may be started.

use std::sync::Arc;

use super::*;
use crate::catalog::Catalog;
use crate::compile::migration::CompileOptions;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::ledger::Registration;
use crate::plan::{check, parse};
use crate::release::Requirements;
use crate::release::requirement::{Access, ColumnNeed, DeclaredType, Place, TableNeed};
use crate::rollout::crowd::Crowd;
use crate::rollout::deploy::{DeployAnswer, Refused, may_start};
use crate::rollout::deploy_schema::{When, when_served};
use crate::rollout::revert::{RevertTarget, plan_revert};
use crate::source::Sources;

pub(super) const CREATE: &str = "expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text, nullable: false, default: \"''\" }
";

pub(super) const SPLIT: &str = "after: [create]
expand:
  - add_column: { table: users, column: given, type: text }
  - sync_columns:
      id: keep
      table: users
      forward: { given: \"lower(name)\" }
      backward: { name: \"coalesce(given, '')\" }
backfill:
  - update: { table: users, set: { given: \"lower(name)\" }, where: given IS NULL }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: name, replaced_by: [given] }
";

/// A world of plans as they are written, on PostgreSQL.
pub(super) fn world(plans: &[(&str, &str)]) -> World {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut authored = Vec::new();
    for (at, (name, text)) in plans.iter().enumerate() {
        let text = text.replace("sync_columns:\n      id: keep", "sync_columns:");
        let text = text.replace("  - sync_columns:", "  - id: keep\n    sync_columns:");
        let id = sources.add(format!("plans/2026-01-{:02}-000000_{name}.yaml", at + 1), text);
        authored.extend(parse::parse(id, sources.get(id).unwrap(), &mut sink));
    }
    let dialect = Dialect::Postgres;
    let project = check::check(authored, dialect, Arc::new(Catalog::empty(dialect)), &mut sink);
    let graph = crate::graph::build(&project, &mut sink).unwrap();
    let options = CompileOptions { lock_timeout_ms: 1_000 };
    let compiled = crate::compile::compile(&project, &graph, options, &mut sink);
    assert!(sink.is_empty(), "{:?}", sink.found());
    World { project, graph, compiled, ..World::new(&[]) }
}

impl World {
    /// Finishes every migration of these phases.
    pub(super) fn run_all(&mut self, phases: &[&str]) -> &mut Self {
        for text in phases {
            let steps = super::super::progress::steps_of(&self.compiled, &phase(text));
            let events = steps.iter().flat_map(|step| {
                step.migrations.iter().map(|migration| StepEvent {
                    version: migration.version.clone(),
                    ..self.event_of(&step.key)
                })
            });
            for event in events.collect::<Vec<_>>() {
                self.facts.applied.insert(event.version.clone());
                self.record(Event::Finished(event));
            }
        }
        self
    }

    /// Registers a release that uses these columns of `users`: `name: Text`, `given: Nullable<Text>`.
    fn needs(&mut self, app: &str, version: &str, columns: &[&str]) -> &mut Self {
        self.register(app, version, needs(columns))
    }

    pub(super) fn register(&mut self, app: &str, version: &str, needs: Requirements) -> &mut Self {
        let registration =
            Box::new(Registration { needs: Some(needs.into()), ..Registration::default() });
        let (app, version) = (app.to_owned(), version.to_owned());
        self.record(Event::Registered { app, version, registration })
    }

    fn why_not(&self, app: &str, version: &str) -> Vec<String> {
        let refusals = match may_start(&self.situation(), app, version, &[]) {
            DeployAnswer::Allowed => Vec::new(),
            DeployAnswer::Refused(refusals) => refusals,
        };
        let told = refusals.into_iter().flat_map(|of| match of.because {
            Refused::Gate { requires } => vec![requires],
            Refused::NotServed { told, .. } => told.each,
            Refused::BreaksOther { release, told, .. } => {
                told.each.iter().map(|of| format!("{release}: {of}")).collect()
            }
        });
        told.collect()
    }

    fn when(&self, columns: &[&str]) -> When {
        when_served(&self.situation(), &needs(columns), &Crowd::of(&self.situation(), Vec::new()))
    }
}

pub(super) fn needs(columns: &[&str]) -> Requirements {
    let columns = std::iter::once(&"id: BigInt").chain(columns).enumerate().map(|(at, text)| {
        let (name, of) = text.split_once(": ").unwrap();
        let inner = of.strip_prefix("Nullable<").and_then(|of| of.strip_suffix('>'));
        ColumnNeed {
            name: name.into(),
            place: Place { file: 0, line: u32::try_from(at).unwrap() + 3 },
            declared: Some(DeclaredType {
                nullable: inner.is_some(),
                ..DeclaredType::plain(inner.unwrap_or(of))
            }),
            reads: true,
            writes: true,
            always_written: false,
        }
    });
    let table = TableNeed {
        name: "users".into(),
        place: Place { file: 0, line: 2 },
        access: Access::ALL,
        columns: columns.collect(),
        upserts: Vec::new(),
    };
    Requirements { files: vec!["schema.rs".into()], tables: vec![table], ..Requirements::default() }
}

const OLD: &[&str] = &["name: Text"];
const NEW: &[&str] = &["given: Text"];

fn split() -> World {
    let mut world = world(&[("create", CREATE), ("split", SPLIT)]);
    world.facts.apps = vec!["web".to_owned()];
    world
        .run_all(&["create/expand"])
        .needs("web", "1", OLD)
        .needs("web", "2", NEW)
        .deploy("web", "1");
    world
}

#[test]
fn a_contract_step_waits_while_a_live_release_needs_what_it_removes() {
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]);
    let (because, unblock) = world.blocked("split/contract");
    let [Because::BreaksRelease { app, release, needs, breaks }] = &because[..] else {
        panic!("{because:?}")
    };
    assert_eq!((app.as_str(), release.as_str()), ("web", "1"));
    assert_eq!(needs, &["users.name"]);
    assert_eq!(breaks.each[0], "reads break: `users.name` does not exist (schema.rs:4)");
    assert_eq!(unblock.len(), 1, "{unblock:?}");
    assert!(unblock[0].starts_with("roll out a release of `web` that can do without what changes at `users.name`, which ends 1"), "{unblock:?}");

    world.start("web", "2");
    let (_, unblock) = world.blocked("split/contract");
    assert_eq!(
        unblock,
        [
            "finish the rollout of `web` 2, which ends 1: `planner deploy finish --app web --version 2`"
        ]
    );
    world.finish("web", "2");
    assert!(world.is_ready("split/contract"));
    world.run_all(&["split/contract"]);
    let gone = world.why_not("web", "1");
    assert_eq!(gone[0], "reads break: `users.name` does not exist (schema.rs:4)", "{gone:?}");
    assert_eq!(world.when(OLD), When::Never);
}

#[test]
fn a_written_gate_does_not_open_what_a_release_needs() {
    let mut world = split().gate("split", "{ contract: { releases: { none: nobody reads it } } }");
    world.run_all(&["split/expand", "split/backfill"]);
    let (because, _) = world.blocked("split/contract");
    assert!(matches!(&because[..], [Because::BreaksRelease { .. }]), "{because:?}");
}

#[test]
fn a_release_may_be_started_once_what_it_reads_is_filled_and_kept() {
    let mut world = split();
    let split = |phase: &str| super::phase(&format!("split/{phase}"));
    assert_eq!(
        world.why_not("web", "2")[0],
        "reads break: `users.given` does not exist (schema.rs:4)"
    );
    assert_eq!(world.when(NEW), When::After(vec![split("expand"), split("backfill")]));
    let both = ["name: Text", "given: Nullable<Text>"];
    assert_eq!(world.when(&both), When::After(vec![split("expand")]));
    // Who reads only what is not filled yet would miss what is in the old place.
    let filled = When::After(vec![split("expand"), split("backfill")]);
    assert_eq!(world.when(&["given: Nullable<Text>"]), filled);
    world.run_all(&["split/expand"]);
    assert_eq!(
        world.why_not("web", "2"),
        [
            "reads break: `users.given` is not filled yet, and the release does not read `users.name` (schema.rs:4)",
            "reads break: `users.given` may be NULL, and the release reads it as `Text` (schema.rs:4)"
        ]
    );
    world.run_all(&["split/backfill"]);
    assert_eq!(world.why_not("web", "2"), [""; 0]);
    assert_eq!(world.when(NEW), When::Now);
}

#[test]
fn who_may_write_null_does_not_start_beside_who_expects_none() {
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]).deploy("web", "2");
    world.needs("batch", "1", &["given: Nullable<Text>"]);
    let why = world.why_not("batch", "1");
    assert_eq!(
        why,
        [
            "2: reads break: `users.given` may be NULL, and the release reads it as `Text` (schema.rs:4)"
        ]
    );
    // The other way round the new release is the one that is refused.
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]);
    world.needs("batch", "1", &["given: Nullable<Text>"]).deploy("batch", "1");
    assert_eq!(world.why_not("web", "2").len(), 1);
}

#[test]
fn an_expand_step_that_breaks_a_live_release_is_refused() {
    let mut world = split();
    let mut strict = needs(OLD);
    strict.enums.push(crate::release::requirement::EnumNeed {
        name: "mood".into(),
        place: Place { file: 0, line: 9 },
        reads: vec!["sad".to_owned()],
        writes: Vec::new(),
    });
    // `mood` does not exist yet: that breaks already, and is not the plan's doing.
    world.register("web", "1", strict);
    assert!(world.is_ready("split/expand"));

    let long = "after: [create]\nexpand:\n  - add_column: { table: users, column: short, type: varchar(5) }\n  - sync_columns:\n      id: keep\n      table: users\n      forward: { short: name }\n      backward: { name: \"coalesce(short, '')\" }\n";
    let mut world = super::needs::world(&[("create", CREATE), ("shorten", long)]);
    world.run_all(&["create/expand"]).needs("web", "1", OLD).deploy("web", "1");
    let (because, unblock) = world.blocked("shorten/expand");
    let [Because::BreaksRelease { breaks, .. }] = &because[..] else { panic!("{because:?}") };
    assert!(breaks.each[0].contains("takes 5 characters at most"), "{breaks:?}");
    assert!(unblock[1].starts_with("or change plan `shorten`"), "{unblock:?}");
}

#[test]
fn without_a_written_gate_the_needs_of_every_live_release_must_be_known() {
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]).deploy("web", "2").start("web", "3");
    let (because, unblock) = world.blocked("split/contract");
    let unknown = Because::UnknownNeeds { app: "web".to_owned(), release: "3".to_owned() };
    assert_eq!(because, [unknown]);
    assert!(unblock[0].contains("--version 3 --schema SCHEMA.RS"), "{unblock:?}");
    world.needs("web", "3", NEW);
    assert!(world.is_ready("split/contract"));
    world.facts.apps.push("worker".to_owned());
    let (because, _) = world.blocked("split/contract");
    assert_eq!(because, [Because::UnknownApp { app: "worker".to_owned() }]);
}

#[test]
fn a_new_condition_on_writes_asks_for_a_word_of_the_author() {
    let check = "after: [create]\ncontract:\n  - add_check: { table: users, check: \"name <> 'x'\", name: no_x }\n";
    let mut world = world(&[("create", CREATE), ("strict", check)]);
    world.facts.apps = vec!["web".to_owned()];
    world.run_all(&["create/expand"]).needs("web", "1", OLD).deploy("web", "1");
    let (because, _) = world.blocked("strict/contract");
    let [Because::BreaksRelease { needs: objects, .. }] = &because[..] else {
        panic!("{because:?}")
    };
    assert_eq!(objects, &["users.no_x"]);
    let mut careful = needs(OLD);
    careful.satisfies.push("no_x".into());
    world.register("web", "2", careful);
    world.start("web", "2").finish("web", "2");
    assert!(world.is_ready("strict/contract"));
    // Afterwards the old release may not come back.
    world.run_all(&["strict/contract"]);
    assert_eq!(world.why_not("web", "1").len(), 2, "inserts and updates");
    assert_eq!(world.why_not("web", "2"), [""; 0]);
    let gate = "{ contract: { releases: { web: \">=1\" } } }";
    let mut gated =
        super::needs::world(&[("create", CREATE), ("strict", check)]).gate("strict", gate);
    gated.run_all(&["create/expand"]).needs("web", "1", OLD).deploy("web", "1");
    assert!(gated.is_ready("strict/contract"), "{:?}", gated.told());
}

#[test]
fn a_release_is_not_let_in_before_an_open_phase_that_would_break_it() {
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]).deploy("web", "2").open("split/contract");
    let why = world.why_not("web", "1");
    assert_eq!(why[0], "reads break: `users.name` does not exist (schema.rs:4)", "{why:?}");
}

#[test]
fn soak_counts_from_the_end_of_the_last_release_that_needed_it() {
    let mut world = split().gate("split", "{ contract: { soak: 1h } }");
    world.run_all(&["split/expand", "split/backfill"]).deploy("web", "2");
    world.wait("50m");
    let (because, _) = world.blocked("split/contract");
    let [Because::Soak { until: Some(_), .. }] = &because[..] else { panic!("{because:?}") };
    // The old one comes back by force and goes again: the soak starts anew.
    world.start("web", "1").abort("web", "1").wait("30m");
    assert!(!world.is_ready("split/contract"));
    world.wait("31m");
    assert!(world.is_ready("split/contract"));
}

#[test]
fn a_type_that_does_not_load_is_told() {
    let mut world = split();
    world.needs("web", "9", &["name: Integer"]);
    assert!(world.why_not("web", "9")[0].contains("users.name"), "{:?}", world.why_not("web", "9"));
}

fn refused(world: &World, target: &str) -> Vec<String> {
    plan_revert(&world.situation(), &RevertTarget::Phase(phase(target))).refused
}

#[test]
fn what_a_live_release_needs_is_not_undone() {
    let mut world = split();
    world.run_all(&["split/expand", "split/backfill"]).start("web", "2");
    let told = refused(&world, "split/expand");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("`web` 2 would not be served once `split/"), "{told:?}");
    world.abort("web", "2");
    assert_eq!(refused(&world, "split/expand"), [""; 0]);
    // A release that was started after the step, and does not need what it added, is no reason.
    world.start("web", "1");
    assert_eq!(refused(&world, "split/expand"), [""; 0]);
}
