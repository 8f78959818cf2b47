//! `planner drift`: what is not as the steps that ran have left it.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const PLAN: &str = "title: Users
expand:
  - create_table:
      table: users
      columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: age, type: integer }]
  - create_index: { table: users, columns: [name] }
";

const DONE_BY_HAND: &str = "ALTER TABLE users ADD COLUMN nick text; DROP INDEX users_name_idx; CREATE TABLE notes (id integer)";

#[test]
fn what_was_done_by_hand_is_told_with_the_step_that_had_made_it() {
    let server = ScratchPostgres::new();
    for is_server in [false, true] {
        let project = if is_server { Project::postgres(&server.url) } else { Project::sqlite() };
        let project = project.file("plans/2026-01-01-000000_users.yaml", PLAN);
        project.run(&["run"]).exits(0);
        let text = project.run(&["drift"]).exits(0);
        assert_eq!(text, "The database is what ran on it.\n");
        if is_server {
            server.connect().batch_execute(DONE_BY_HAND).unwrap();
        } else {
            let path = project.path().join("test.db");
            let mut file = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            file.batch_execute(DONE_BY_HAND).unwrap();
        }
        let text = project.run(&["drift"]).exits(4);
        for said in [
            "table `notes` is there, and no step made it",
            "column `users.nick` is there, and no step made it",
            "index `users_name_idx` on `users` is missing",
            "made by this step",
            "`planner show users` prints the SQL",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let json = project.json(&["drift"], 4);
        assert_eq!(json["drift"].as_array().unwrap().len(), 3);
        assert!(json["drift"][0]["name"] == "schema-drift");
    }
}

#[test]
fn steps_that_have_not_run_are_no_drift() {
    let project = Project::sqlite().file("plans/2026-01-01-000000_users.yaml", PLAN);
    project.run(&["run"]).exits(0);
    project.write(
        "plans/2026-01-02-000000_more.yaml",
        "title: More\nafter: [users]\nexpand:\n  - add_column: { table: users, column: x, type: text }\n",
    );
    project.run(&["drift"]).exits(0);
}

#[test]
fn what_an_opaque_step_touches_is_not_compared_and_that_is_said() {
    let step = "title: Opaque\nafter: [users]\nexpand:\n  - id: by_hand\n    sql:\n      up: CREATE TABLE copies AS SELECT * FROM users\n      down: DROP TABLE copies\n      probe: SELECT true\n      touches: [users, copies]\n";
    let project = Project::sqlite()
        .file("plans/2026-01-01-000000_users.yaml", PLAN)
        .file("plans/2026-01-02-000000_opaque.yaml", step);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert!(text.contains("what `opaque/by_hand` touches was not compared"), "{text}");
}

#[test]
fn what_cannot_be_followed_of_hand_written_migrations_is_listed_apart() {
    let server = ScratchPostgres::new();
    let dynamic = "DO $$ BEGIN EXECUTE 'CREATE TABLE ' || 'notes (id integer)'; END $$;";
    let project = Project::postgres(&server.url)
        .file("plans/2026-01-01-000000_users.yaml", PLAN)
        .file("migrations/2020-01-01-000000_known/up.sql", "CREATE TABLE known (id integer);")
        .file("migrations/2020-01-02-000000_notes/up.sql", dynamic);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert!(text.contains("could not be followed") && text.contains("table `notes`"), "{text}");
    assert!(text.contains("note: `2020-01-02-000000_notes` was not followed"), "{text}");
    assert!(!text.contains("`known`"), "{text}");
    server
        .connect()
        .batch_execute("ALTER TABLE known ADD COLUMN x text; DROP TABLE users")
        .unwrap();
    let text = project.run(&["drift"]).exits(4);
    assert!(text.contains("table `users` is missing"), "{text}");
}

#[test]
fn there_must_be_a_database() {
    let project = Project::sqlite().file("plans/2026-01-01-000000_users.yaml", PLAN);
    let text = project.run(&["drift"]).fails(2);
    assert!(text.contains("there is no database to compare with"), "{text}");
}
