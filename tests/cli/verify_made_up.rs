//! `planner verify` tells what fails on any row from what fails on the rows that it makes up.

use serde_json::Value;

use super::verify_history::{on_both, problems};
use crate::support::ScratchPostgres;
use crate::support::project::Project;

const TABLES: &str =
    "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, of integer NOT NULL, text text NOT NULL);";

fn with(project: Project, up: &str) -> Project {
    project
        .file("migrations/2020-01-01-000000_tables/up.sql", TABLES)
        .file("migrations/2020-01-01-000000_tables/down.sql", "DROP TABLE notes; DROP TABLE users;")
        .file("migrations/2020-01-02-000000_next/up.sql", up)
        .file("migrations/2020-01-02-000000_next/down.sql", "-- irreversible\n")
}

/// Returns the kinds of problems of the second migration, what is remarked of it, and all that is said.
fn said(project: &Project) -> (Vec<String>, Vec<Value>, String) {
    let ran = project.run(&["--format", "json", "verify"]);
    let json = ran.json();
    let of = &json["migrations"][1];
    let kinds = of["problems"].as_array().unwrap().iter();
    let kinds = kinds.map(|of| of["kind"].as_str().unwrap().to_owned());
    let kinds: Vec<String> = kinds.filter(|kind| kind != "no_way_back").collect();
    (kinds, of["remarks"].as_array().unwrap().clone(), format!("{json:#}"))
}

#[test]
fn a_cast_of_a_text_is_tried_on_texts_that_survive_it() {
    let server = ScratchPostgres::new();
    for up in [
        "ALTER TABLE users ALTER COLUMN mail TYPE jsonb USING mail::jsonb;",
        "ALTER TABLE users ALTER COLUMN mail TYPE uuid USING mail::uuid, ALTER COLUMN name TYPE integer USING name::integer;",
        "ALTER TABLE users ADD COLUMN day date; UPDATE users SET day = CAST(mail AS date);",
        "ALTER TABLE notes ADD COLUMN n bigint; UPDATE notes SET n = trim(text)::bigint;",
        "ALTER TABLE notes ADD FOREIGN KEY (of) REFERENCES users (id);",
        "ALTER TABLE users ADD CHECK (length(mail) > 10);",
        "ALTER TABLE users ADD CHECK (mail LIKE '%@%');",
        "CREATE TYPE sort AS ENUM ('one', 'two'); ALTER TABLE users ALTER COLUMN name TYPE sort USING 'one'::sort;
         ALTER TABLE users ALTER COLUMN mail TYPE boolean USING mail::boolean;",
    ] {
        let (kinds, remarks, text) = said(&with(Project::postgres(&server.url), up));
        assert!(kinds.is_empty(), "{up}: {text}");
        assert_eq!(remarks.len(), 1, "{up}: {text}");
        assert_eq!(remarks[0]["kind"], "fails_on_made_up_rows", "{up}: {text}");
        assert_eq!(remarks[0]["runs_on_others"], true, "{up}: {text}");
        assert!(text.contains("\"statements\": [\n        {"), "what it did on the others is told: {text}");
    }
}

#[test]
fn what_no_made_up_row_satisfies_is_no_error() {
    let server = ScratchPostgres::new();
    let copied = "CREATE TABLE codes (code text NOT NULL CHECK (code ~ '^[A-Z]{3}-[0-9]$'));
        INSERT INTO codes SELECT mail FROM users;";
    let counted = "CREATE TABLE totals (n integer NOT NULL CHECK (n >= 0)); INSERT INTO totals VALUES (0);
        CREATE FUNCTION count_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE totals SET n = n - 1; RETURN OLD; END $$;
        CREATE TRIGGER counted AFTER DELETE ON notes FOR EACH ROW EXECUTE FUNCTION count_down();
        DELETE FROM notes;";
    for up in [copied, counted] {
        let project = with(Project::postgres(&server.url), up);
        let (kinds, remarks, text) = said(&project);
        assert!(kinds.is_empty() && remarks.len() == 1, "{up}: {text}");
        assert_eq!(remarks[0]["runs_on_others"], false, "{up}: {text}");
    }
    let kept = "CREATE TABLE kept (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL CHECK (mail GLOB '[A-Z]-[0-9]'));
        INSERT INTO kept SELECT id, name, mail FROM users;";
    let project = with(Project::sqlite(), kept);
    let (kinds, remarks, text) = said(&project);
    assert!(kinds.is_empty() && remarks.len() == 1, "{text}");
    let human = project.run(&["verify"]);
    assert!(
        human
            .out
            .contains("note: fails on rows that planner made up, whether it does on yours depends"),
        "{}",
        human.out
    );
}

#[test]
fn what_fails_on_any_row_is_an_error() {
    let server = ScratchPostgres::new();
    for up in [
        "ALTER TABLE users ADD COLUMN nick text NOT NULL;",
        "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0 CHECK (age > 0);",
        "ALTER TABLE users ADD COLUMN age integer DEFAULT 0; ALTER TABLE users ADD CHECK (age > 0);",
        "ALTER TABLE users ADD COLUMN nick text; ALTER TABLE users ALTER COLUMN nick SET NOT NULL;",
        "ALTER TABLE notes ADD COLUMN owner integer REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED;
         UPDATE notes SET owner = (SELECT min(id) FROM users); ALTER TABLE notes ALTER COLUMN owner SET NOT NULL;",
    ] {
        let (kinds, remarks, text) = said(&with(Project::postgres(&server.url), up));
        assert_eq!(kinds, ["fails_on_rows"], "{up}: {text}");
        assert!(remarks.is_empty(), "{up}: {text}");
    }
    let taken = "CREATE TABLE refers (id integer PRIMARY KEY, of integer REFERENCES users (id));";
    for up in [
        "CREATE TABLE kept (id integer PRIMARY KEY); DROP TABLE users; ALTER TABLE kept RENAME TO users;",
        "DELETE FROM users;",
    ] {
        let project = with(Project::sqlite(), up);
        let project = project.file("migrations/2020-01-01-120000_refers/up.sql", taken);
        let text = project.run(&["verify"]).exits(1);
        assert!(
            text.contains("fails on a table that has a row: FOREIGN KEY constraint failed"),
            "{text}"
        );
        assert!(!text.contains("note:"), "{text}");
    }
    let up = "ALTER TABLE users ADD COLUMN nick text; CREATE TABLE kept (id integer PRIMARY KEY, nick text NOT NULL);
        INSERT INTO kept SELECT id, nick FROM users;";
    let (kinds, _, text) = said(&with(Project::sqlite(), up));
    assert_eq!(kinds, ["fails_on_rows"], "{text}");
}

#[test]
fn a_way_back_that_casts_what_planner_made_up_is_no_error() {
    let server = ScratchPostgres::new();
    let up = "ALTER TABLE notes ALTER COLUMN of TYPE text; UPDATE notes SET of = 'number ' || of;";
    let project = with(Project::postgres(&server.url), up).file(
        "migrations/2020-01-02-000000_next/down.sql",
        "ALTER TABLE notes ALTER COLUMN of TYPE integer USING of::integer;",
    );
    let (kinds, remarks, text) = said(&project);
    assert!(kinds.is_empty(), "{text}");
    assert_eq!(remarks[0]["kind"], "down_fails_on_made_up_rows", "{text}");
    assert!(remarks[0]["row"].as_str().unwrap().contains("of = number 1"), "{text}");
}

const PLAN: &str = "title: Ages
expand:
  - add_column: { table: users, column: age, type: integer }
backfill:
  - update: { table: users, set: { age: \"CAST(name AS integer)\" }, where: age IS NULL AND name IS NOT NULL }
contract:
  - add_check: { table: users, check: \"length(mail) > 10\", name: long_mail }
gates:
  backfill: { releases: { none: a test } }
  contract: { releases: { none: a test }, query: \"SELECT count(*) = 0 FROM users WHERE length(mail) <= 10\" }
";

#[test]
fn a_step_that_fails_on_made_up_values_runs_where_rows_have_others() {
    let server = ScratchPostgres::new();
    let project =
        with(Project::postgres(&server.url), "CREATE TABLE more (id integer PRIMARY KEY);")
            .file("plans/2026-01-01-000000_ages.yaml", PLAN);
    let text = project.run(&["verify", "--plan", "ages"]).exits(0);
    assert_eq!(
        text.matches("note: fails on rows that planner made up, and runs on others").count(),
        2,
        "{text}"
    );
    assert!(text.contains("invalid input syntax for type integer"), "{text}");
    let json = project.json(&["verify", "--plan", "ages"], 0);
    let all = json["steps"].as_array().unwrap().iter();
    let statements = all.flat_map(|step| step["statements"].as_array().unwrap());
    let n_noted = statements.filter(|of| of["failed_on_made_up_rows"].is_string()).count();
    assert_eq!(n_noted, 2, "{json:#}");
    let project = with(Project::sqlite(), "CREATE TABLE more (id integer PRIMARY KEY);")
        .file("plans/2026-01-01-000000_ages.yaml", PLAN);
    let text = project.run(&["verify", "--plan", "ages"]).exits(0);
    assert_eq!(text.matches("note: fails on rows that planner made up").count(), 1, "{text}");
}

#[test]
fn tables_that_a_migration_emptied_get_rows_again() {
    let files = [
        (
            "2020-01-01-000000_things",
            "CREATE TABLE things (id integer PRIMARY KEY, size integer);",
            Some("DROP TABLE things;"),
        ),
        ("2020-01-02-000000_gone", "DELETE FROM things;", Some("-- irreversible: they are gone")),
        (
            "2020-01-03-000000_none",
            "ALTER TABLE things ADD COLUMN a integer NOT NULL;",
            Some("ALTER TABLE things DROP COLUMN a;"),
        ),
    ];
    on_both(&files, |project| {
        let report = project.json(&["verify"], 1);
        assert_eq!(problems(&report), ["none fails_on_rows up.sql:1"]);
    });
}
