//! Which releases the schema serves at which stage.

use super::needs::{CREATE, SPLIT, needs, world};
use super::*;
use crate::release::Requirements;
use crate::release::requirement::{EnumNeed, Place};
use crate::rollout::compat::{Asked, Compat, Moment, Served, Verdict, compat};

const MOOD: &str = "after: [create]
expand:
  - create_enum: { enum: mood, values: [glad, sad] }
  - add_column: { table: users, column: mood, type: mood }
contract:
  - add_enum_value: { enum: mood, value: bored }
";
const UNIQUE: &str = "after: [split]
contract:
  - create_index: { table: users, columns: [given], unique: true, name: users_given_key }
";

const MORE: &str = "after: [create]
expand:
  - add_column: { table: users, column: age, type: bigint }
";

/// Four plans, four releases, nothing done, nobody live.
fn four() -> World {
    let plans = [("create", CREATE), ("split", SPLIT), ("mood", MOOD), ("unique", UNIQUE)];
    let mut world = world(&plans).gate("unique", "{ contract: { releases: { web: \">=4\" } } }");
    world.register("web", "1", needs(&["name: Text"]));
    world.register("web", "2", needs(&["given: Text"]));
    let mut moody = needs(&["mood: Nullable<Mood>"]);
    let place = Place { file: 0, line: 9 };
    let reads = vec!["glad".to_owned(), "sad".to_owned()];
    moody.enums.push(EnumNeed { name: "mood".into(), place, reads, writes: Vec::new() });
    world.register("web", "3", moody);
    world.register("web", "4", needs(&["given: Nullable<Text>"]));
    world
}

fn asked(world: &World) -> Vec<Asked<'_>> {
    let app = &world.ledger.apps["web"];
    app.releases.iter().map(|release| Asked { app, release }).collect()
}

fn of(world: &World, from_empty: bool) -> Compat {
    compat(&world.situation(), &asked(world), from_empty)
}

fn phases(compat: &Compat) -> Vec<String> {
    compat.stages.iter().map(|stage| stage.moment.to_string()).collect()
}

fn verdicts(compat: &Compat, at: usize) -> Vec<&'static str> {
    compat.stages.iter().map(|stage| stage.verdict(at).words()).collect()
}

#[test]
fn each_release_is_judged_at_each_stage() {
    let compat = of(&four(), false);
    assert!(compat.doubts.is_empty(), "{:?}", compat.doubts);
    let stages = [
        "now",
        "create/expand",
        "split/expand",
        "split/backfill",
        "split/contract",
        "mood/expand",
        "mood/contract",
        "unique/contract",
    ];
    assert_eq!(phases(&compat), stages);
    let (works, both, reads, writes) = ("works", "both break", "reads break", "writes break");
    assert_eq!(verdicts(&compat, 0), [both, works, works, works, both, both, both, both]);
    // What it reads is NULL until the backfill is done; it is not let in by the gate of the index.
    assert_eq!(verdicts(&compat, 1), [both, both, reads, works, works, works, works, writes]);
    assert_eq!(verdicts(&compat, 2), [both, both, both, both, both, works, reads, reads]);
    // It would find nothing where there is something.
    assert_eq!(verdicts(&compat, 3), [both, both, reads, works, works, works, works, works]);
    let moment = |text: &str| Moment::After(phase(text));
    assert_eq!(compat.served(0), Served::Until(moment("split/contract")));
    assert_eq!(compat.served(1), Served::Until(moment("unique/contract")));
    assert_eq!(compat.served(3), Served::ToTheEnd);
}

const MOVE: &str = "after: [create]
expand:
  - create_table:
      table: people
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text, nullable: false, default: \"''\" }
  - id: carry
    sync_tables: { from: users, to: people, columns: { id: id, name: name }, key: [id] }
backfill:
  - copy_table: { from: users, to: people, columns: { id: id, name: name } }
contract:
  - drop_sync: { step: carry }
  - drop_table: { table: users, replaced_by: [people] }
";

/// A table that takes the place of another, and releases that use the one, both, or the other.
fn moved() -> World {
    let mut world = world(&[("create", CREATE), ("move", MOVE)]);
    let old = needs(&["name: Text"]);
    let mut new = old.clone();
    new.tables[0].name = "people".into();
    let tables = old.tables.iter().chain(&new.tables).cloned().collect();
    let both = Requirements { tables, ..old.clone() };
    world.register("web", "1", old).register("web", "2", both).register("web", "3", new);
    world
}

#[test]
fn a_new_table_serves_whoever_does_not_read_the_old_one_once_it_is_filled() {
    let compat = of(&moved(), false);
    let stages = ["now", "create/expand", "move/expand", "move/backfill", "move/contract"];
    assert_eq!(phases(&compat), stages);
    let (works, both, reads) = ("works", "both break", "reads break");
    assert_eq!(verdicts(&compat, 0), [both, works, works, works, both]);
    assert_eq!(verdicts(&compat, 1), [both, both, works, works, both]);
    assert_eq!(verdicts(&compat, 2), [both, both, reads, works, works]);
}

#[test]
fn what_is_foretold_of_a_stage_is_so_when_it_is_reached() {
    foretell(four());
    foretell(moved());
}

fn foretell(mut world: World) {
    let foretold = of(&world, false);
    for (at, stage) in foretold.stages.iter().enumerate() {
        if let Moment::After(phase) = &stage.moment {
            world.run_all(&[&phase.to_string()]);
        }
        let reached = of(&world, false);
        assert_eq!(reached.stages[0].cells, stage.cells, "at `{}`", stage.moment);
        assert_eq!(reached.stages.len(), foretold.stages.len() - at);
    }
    let again = of(&world, true);
    assert_eq!(again.stages[0].moment, Moment::Empty);
    let cells = |compat: &Compat| -> Vec<_> {
        compat.stages.iter().map(|stage| stage.cells.clone()).collect()
    };
    assert_eq!(cells(&again), cells(&foretold));
}

#[test]
fn who_is_live_counts_as_long_as_the_schema_serves_it() {
    let create = CREATE.replace(", nullable: false, default: \"''\"", "");
    let split = SPLIT.replace("coalesce(given, '')", "given");
    let mut world = world(&[("create", &create), ("more", MORE), ("split", &split)]);
    world.run_all(&["create/expand", "split/expand", "split/backfill"]);
    // The old release may write NULL, which the sync carries over.
    let old = needs(&["name: Nullable<Text>"]);
    world.register("web", "1", old).register("web", "2", needs(&["given: Text"]));
    let told = |world: &World| {
        let compat = of(world, false);
        (phases(&compat), verdicts(&compat, 0), verdicts(&compat, 1))
    };
    let stages = ["now", "more/expand", "split/contract"].map(str::to_owned).to_vec();
    let old = vec!["works", "works", "both break"];
    assert_eq!(told(&world), (stages.clone(), old.clone(), vec!["works"; 3]));
    world.deploy("web", "1");
    let new = vec!["reads break", "reads break", "works"];
    assert_eq!(told(&world), (stages, old, new));
}

#[test]
fn of_a_release_whose_needs_are_not_recorded_nothing_is_said() {
    let mut world = four();
    world.deploy("web", "5");
    let compat = of(&world, false);
    assert_eq!(compat.stages[0].verdict(4), Verdict::Unknown);
    assert_eq!(compat.served(4), Served::Unknown);
}
