//! A run, and a revert, on a database that dies with every single effect; then the next run on what is left.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use planner::database::Database as _;
use planner::database::connection::LiveDatabase;
use planner::execute::{RunError, RunReport};
use planner::ledger::{Event, MigrationState, StepEvent, replay};
use planner::version::MigrationVersion;

use super::mortal::Mortal;
use super::stage::{Stage, connect};

type Done = BTreeSet<MigrationVersion>;

/// What is done, and what the tables then look like.
type Seen = BTreeMap<Done, String>;

fn look(database: &mut LiveDatabase) -> (Done, String) {
    let ledger = replay(&database.entries().unwrap());
    let done = ledger.migrations.iter().filter(|(_, at)| matches!(at, MigrationState::Done(..)));
    let done = done.map(|(version, _)| version.clone()).collect();
    (done, format!("{:?}", database.catalog().unwrap()))
}

/// All rows, with the columns that are there at the beginning or at the end.
fn rows(database: &mut LiveDatabase, at_the_end: bool) -> Vec<Vec<Option<String>>> {
    let column = if at_the_end { "loud" } else { "name" };
    let people =
        format!("SELECT CAST(id AS text), {column}, CAST(age AS text) FROM people ORDER BY id");
    let mut rows = database.query_texts(&people).unwrap();
    let visits = "SELECT CAST(id AS text), CAST(person_id AS text) FROM visits ORDER BY id";
    rows.extend(database.query_texts(visits).unwrap());
    rows
}

/// All that a death leaves, without times: from two that leave the same, one need be recovered.
fn left_behind(path: &Path) -> String {
    let mut database = connect(path);
    let timeless = |event: Event| match event {
        Event::Finished(of) => Event::Finished(StepEvent { duration_ms: None, ..of }),
        Event::Reverted(of) => Event::Reverted(StepEvent { duration_ms: None, ..of }),
        other => other,
    };
    let entries = database.entries().unwrap().into_iter();
    let events: Vec<Event> = entries.map(|entry| timeless(entry.event)).collect();
    let (_, catalog) = look(&mut database);
    let cursors = database.query_texts("SELECT version, cursor FROM planner_cursors").unwrap();
    let held = "SELECT coalesce(lease_holder, 'nobody') FROM planner_ledger";
    let held = database.query_texts(held).unwrap();
    format!("{events:?} {catalog} {cursors:?} {held:?}")
}

/// What holds at every moment, whoever died when.
fn check_invariants(path: &Path, seen: &Seen, death: usize) {
    let mut database = connect(path);
    let (done, catalog) = look(&mut database);
    let expected = seen.get(&done).unwrap_or_else(|| panic!("{death}: never seen: {done:?}"));
    assert_eq!(&catalog, expected, "{death}: the tables are not what the ledger says");
    let applied = database.applied_versions().unwrap();
    assert!(applied.is_subset(&done), "{death}: {applied:?} in Diesel's table, {done:?} done");
    let dangling = database.query_texts("SELECT \"table\" FROM pragma_foreign_key_check").unwrap();
    assert!(dangling.is_empty(), "{death}: {dangling:?}");
    let visits = database.query_texts("SELECT CAST(count(*) AS text) FROM visits").unwrap();
    assert_eq!(visits[0][0].as_deref(), Some("10"), "{death}: rows were cascaded away");
}

/// Acts undisturbed and returns what is seen on the way, and the number of effects.
fn undisturbed(
    path: &Path,
    act: impl Fn(&mut Mortal) -> Result<RunReport, RunError>,
) -> (Seen, usize) {
    let seen = Rc::new(RefCell::new(Seen::new()));
    let writer = Rc::clone(&seen);
    let mut database = Mortal::new(connect(path), None).watched(move |inner| {
        let (done, catalog) = look(inner);
        let before = writer.borrow_mut().insert(done, catalog.clone());
        assert!(before.is_none_or(|before| before == catalog), "tables changed without a record");
    });
    act(&mut database).unwrap();
    let seen = seen.borrow().clone();
    (seen, database.n_effects)
}

#[test]
fn a_run_that_dies_with_any_effect_is_ended_by_the_next() {
    let stage = Stage::new();
    let path = stage.file("undisturbed.db");
    let (seen, n_effects) = undisturbed(&path, |database| stage.run(database));
    let end = (look(&mut connect(&path)), rows(&mut connect(&path), true));
    assert!(n_effects > 100, "only {n_effects} effects");
    let mut recovered = BTreeSet::new();
    for death in 0..n_effects {
        let path = stage.file("mortal.db");
        stage.run(&mut Mortal::new(connect(&path), Some(death))).unwrap_err();
        if !recovered.insert(left_behind(&path)) {
            continue;
        }
        check_invariants(&path, &seen, death);
        stage.run(&mut Mortal::new(connect(&path), None)).unwrap();
        let mut database = connect(&path);
        assert_eq!((look(&mut database), rows(&mut database, true)), end, "{death}");
        let entries = database.entries().unwrap();
        let finished: Vec<_> = entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Finished(of) => Some((&of.version, of.attempt)),
                _ => None,
            })
            .collect();
        assert!(finished.iter().all(|(_, attempt)| *attempt == 1), "{death}: {finished:?}");
        let distinct: BTreeSet<_> = finished.iter().collect();
        assert_eq!(distinct.len(), finished.len(), "{death}: something was finished twice");
    }
    assert!(recovered.len() > 20, "only {} different states", recovered.len());
}

#[test]
fn runs_that_die_again_and_again_get_there() {
    let stage = Stage::new();
    let path = stage.file("undisturbed.db");
    let (seen, _) = undisturbed(&path, |database| stage.run(database));
    let end = (look(&mut connect(&path)), rows(&mut connect(&path), true));
    for life in [60, 85] {
        let path = stage.file("mortal.db");
        for n in 0.. {
            assert!(n < 100, "lives of {life} effects get nowhere");
            let death = life + n % 3;
            if stage.run(&mut Mortal::new(connect(&path), Some(death))).is_ok() {
                break;
            }
            check_invariants(&path, &seen, death);
        }
        let mut database = connect(&path);
        assert_eq!((look(&mut database), rows(&mut database, true)), end, "lives of {life}");
    }
}

#[test]
fn a_revert_that_dies_with_any_effect_is_ended_by_the_next() {
    let stage = Stage::new();
    let before = look(&mut connect(&stage.file("before.db"))).1;
    let full = stage.file("full.db");
    stage.run(&mut Mortal::new(connect(&full), None)).unwrap();
    let path = stage.copy(&full, "reverted.db");
    let (seen, n_effects) = undisturbed(&path, |database| stage.revert(database));
    let reverted = (look(&mut connect(&path)), rows(&mut connect(&path), false));
    assert_eq!(reverted.0.1, before, "the tables are as before the plan");
    let mut recovered = BTreeSet::new();
    for death in 0..n_effects {
        let path = stage.copy(&full, "mortal.db");
        stage.revert(&mut Mortal::new(connect(&path), Some(death))).unwrap_err();
        if !recovered.insert(left_behind(&path)) {
            continue;
        }
        check_invariants(&path, &seen, death);
        stage.revert(&mut Mortal::new(connect(&path), None)).unwrap();
        let mut database = connect(&path);
        assert_eq!((look(&mut database), rows(&mut database, false)), reverted, "{death}");
    }
    // And forward again.
    stage.run(&mut Mortal::new(connect(&path), None)).unwrap();
    assert_eq!(look(&mut connect(&path)), look(&mut connect(&full)));
}
