//! A plan that is merged late: its rebuild on SQLite meets a table that a newer plan has changed already.

use planner::dialect::Dialect;

use super::people::{CREATE, World};
use crate::support::diesel::diesel;

const OLDER: &str = "title: Everybody has a name
after: [create]
contract:
  - set_not_null: { table: people, column: name }
gates: { contract: { releases: { none: nobody writes }, query: \"SELECT count(*) = 0 FROM people WHERE name IS NULL\" } }
";

const NEWER: &str = "title: Nicknames
after: [create]
expand:
  - add_column: { table: people, column: nick, type: text }
";

#[test]
fn the_stock_command_refuses_a_rebuild_that_would_lose_a_newer_column() {
    let world = World::new(Dialect::Sqlite);
    world.project.write("diesel.toml", "");
    world.project.write("plans/2026-01-01-000000_create.yaml", CREATE);
    world.project.write("plans/2026-01-03-000000_newer.yaml", NEWER);
    world.project.run(&["run"]).exits(0);
    world.add_people(1, 3);
    world.sql("UPDATE people SET nick = 'nick ' || id");
    world.project.write("plans/2026-01-02-000000_older.yaml", OLDER);
    world.project.run(&["compile"]).exits(0);
    world.project.run(&["run", "--open"]).exits(0);
    let migrations = world.project.path().join("migrations");
    let arguments = ["migration", "run", "--migration-dir", migrations.to_str().unwrap()];
    let refused = diesel(&world.file(), world.project.path(), &arguments);
    assert_ne!(refused.code, 0);
    let message = "table people has other columns, keys, indexes or triggers than this migration knows, use planner run";
    assert!(refused.err.contains(message), "{refused:?}");
    let nicks = "SELECT nick AS text FROM people ORDER BY id";
    assert_eq!(world.texts(nicks), ["nick 1", "nick 2", "nick 3"]);
    world.project.run(&["run"]).exits(0);
    assert_eq!(world.texts(nicks), ["nick 1", "nick 2", "nick 3"]);
    assert_eq!(world.count("visits"), 3);
    assert_eq!(world.project.json(&["next-phase"], 0)["answer"], "complete");
}
