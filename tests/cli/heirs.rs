//! Tables that inherit get what those that they inherit from get later (PostgreSQL).

use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::diesel::{diesel, print_schema};
use crate::support::project::Project;

const MADE: &str = "CREATE TABLE things (id integer PRIMARY KEY, name text, price integer CHECK (price > 0), note text, gone text);
CREATE TABLE books (pages integer, note text, PRIMARY KEY (id)) INHERITS (things);
CREATE TABLE maps (id integer PRIMARY KEY, name text, price integer, note text, gone text, scale integer, CONSTRAINT things_price_check CHECK (price > 0));
ALTER TABLE maps INHERIT things;
CREATE TABLE atlases (PRIMARY KEY (id)) INHERITS (books, maps);";

const LATER: &str = "ALTER TABLE things ADD COLUMN weight integer DEFAULT 3;
ALTER TABLE things DROP COLUMN gone;
ALTER TABLE things DROP COLUMN note;
ALTER TABLE things RENAME COLUMN name TO title;
ALTER TABLE things ALTER COLUMN price TYPE bigint;
ALTER TABLE things ALTER COLUMN title SET NOT NULL;
ALTER TABLE things ALTER COLUMN title SET DEFAULT 'x';
ALTER TABLE things ADD CONSTRAINT heavy CHECK (weight > 0);
ALTER TABLE things DROP CONSTRAINT things_price_check;
ALTER TABLE things RENAME TO items;
ALTER TABLE items ADD COLUMN shape text;
ALTER TABLE maps NO INHERIT items;
ALTER TABLE items ADD COLUMN late text;
ALTER TABLE books ADD COLUMN isbn text;";

#[test]
fn what_a_parent_gets_or_loses_its_heirs_get_or_lose() {
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("diesel.toml", "[print_schema]\nfilter = { except_tables = [\"^planner_\"] }\n")
        .file("migrations/2020-01-01-000000_made/up.sql", MADE)
        .file("migrations/2020-01-02-000000_later/up.sql", LATER);
    diesel(&server.url, project.path(), &["migration", "run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    assert_eq!(project.run(&["schema-rs"]).exits(0), print_schema(&server.url, project.path()));
    server.connect().batch_execute("ALTER TABLE items DROP COLUMN late").unwrap();
    let text = project.run(&["drift"]).exits(4);
    assert!(text.contains("column `books.late` is missing"), "{text}");
    let dropped = "DROP TABLE items CASCADE;";
    server.connect().batch_execute("ALTER TABLE items ADD COLUMN late text").unwrap();
    let project = project.file("migrations/2020-01-03-000000_dropped/up.sql", dropped);
    diesel(&server.url, project.path(), &["migration", "run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    assert_eq!(project.run(&["schema-rs"]).exits(0), print_schema(&server.url, project.path()));
}

#[test]
fn a_step_of_a_plan_on_a_parent_is_predicted_with_its_heirs() {
    let server = ScratchPostgres::new();
    let plan = "title: Colour
expand:
  - add_column: { table: things, column: colour, type: text }
";
    let project = Project::postgres(&server.url)
        .file("migrations/2020-01-01-000000_made/up.sql", MADE)
        .file("plans/2026-01-01-000000_colour.yaml", plan);
    project.run(&["verify", "--plan", "colour"]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
}

#[test]
fn a_partition_gets_no_column_alone() {
    let made = "CREATE TABLE visits (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');";
    for step in [
        "add_column: { table: visits_2024, column: page, type: text }",
        "sql: { up: ALTER TABLE visits_2024 ADD COLUMN page text }",
    ] {
        let plan = format!("title: Page\nexpand:\n  - {step}\n");
        let project = Project::with_config("dialect: postgres\n")
            .file("migrations/2020-01-01-000000_made/up.sql", made)
            .file("plans/2026-01-01-000000_page.yaml", &plan);
        let json = project.json(&["check"], 1);
        let found = json["diagnostics"].as_array().unwrap();
        let is_told = found.iter().any(|of| {
            of["message"] == "column `visits_2024.page` cannot be added alone: its table is a partition of `visits`"
                && of["help"] == "add it to `visits`: all of its partitions have it then"
        });
        assert!(is_told, "{json:#}");
    }
}
