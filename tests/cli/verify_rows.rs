//! `planner verify` undoes hand-written migrations where tables have rows, and looks at what no catalog holds.

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str =
    "CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL);";

/// A project with a table and one migration after it.
fn with(project: Project, up: &str, down: &str) -> Project {
    project
        .file("migrations/2020-01-01-000000_users/up.sql", USERS)
        .file("migrations/2020-01-01-000000_users/down.sql", "DROP TABLE users;")
        .file("migrations/2020-01-02-000000_next/up.sql", up)
        .file("migrations/2020-01-02-000000_next/down.sql", down)
}

/// Returns the kinds of what is wrong with the second migration, and all that is said of it.
fn problems(project: &Project) -> (Vec<String>, String) {
    let ran = project.run(&["--format", "json", "verify"]);
    let json = ran.json();
    let all = json["migrations"].as_array().unwrap();
    let of = |at: usize| all[at]["problems"].as_array().unwrap();
    assert!(of(0).is_empty(), "{json:#}");
    let kinds: Vec<String> =
        of(1).iter().map(|of| of["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ran.code, i32::from(!kinds.is_empty()), "{json:#}");
    (kinds, format!("{json:#}"))
}

#[test]
fn a_way_back_that_fails_where_there_are_rows_is_told_with_its_statement() {
    let server = ScratchPostgres::new();
    let down = "ALTER TABLE users ADD COLUMN mail text NOT NULL;";
    let project = with(Project::postgres(&server.url), "ALTER TABLE users DROP COLUMN mail;", down);
    let (kinds, text) = problems(&project);
    assert_eq!(kinds, ["down_fails_on_rows"], "{text}");
    assert!(text.contains("contains null values") && text.contains("ADD COLUMN mail"), "{text}");
    let human = project.run(&["verify"]).exits(1);
    assert!(
        human.contains("fails on a table that has a row, so that there is no way back"),
        "{human}"
    );
    let rebuilt = "CREATE TABLE kept (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL);
        INSERT INTO kept (id, name) SELECT id, name FROM users; DROP TABLE users; ALTER TABLE kept RENAME TO users;";
    let project = with(Project::sqlite(), "ALTER TABLE users DROP COLUMN mail;", rebuilt);
    let (kinds, text) = problems(&project);
    assert_eq!(kinds, ["down_fails_on_rows"], "{text}");
    assert!(text.contains("NOT NULL constraint failed"), "{text}");
}

#[test]
fn rows_and_values_that_a_way_back_loses_are_told() {
    let server = ScratchPostgres::new();
    let add = "ALTER TABLE users ADD COLUMN nick text;";
    let drop = "ALTER TABLE users DROP COLUMN nick;";
    let postgres = |down: String| with(Project::postgres(&server.url), add, &down);
    let sqlite = |down: &str| with(Project::sqlite(), add, down);
    let forgets =
        "CREATE TABLE kept (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL);
        DROP TABLE users; ALTER TABLE kept RENAME TO users;";
    let mixes = "CREATE TABLE kept (id integer PRIMARY KEY, name text NOT NULL, mail text NOT NULL);
        INSERT INTO kept SELECT id, 'x' || name, mail FROM users; DROP TABLE users; ALTER TABLE kept RENAME TO users;";
    for (project, said) in [
        (postgres(format!("DELETE FROM users; {drop}")), "table `users`: 0 of 1 rows are left"),
        (
            postgres(format!("UPDATE users SET name = 'none'; {drop}")),
            "column `users.name`: it has another value",
        ),
        (sqlite(forgets), "table `users`: 0 of 1 rows are left"),
        (sqlite(mixes), "column `users.name`: it has another value"),
    ] {
        let (kinds, text) = problems(&project);
        assert_eq!(kinds, ["rows_lost"], "{text}");
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_way_back_that_keeps_all_rows_is_fine() {
    let server = ScratchPostgres::new();
    let up = "ALTER TABLE users ADD COLUMN nick text; UPDATE users SET name = upper(name);
        CREATE TABLE notes (id integer PRIMARY KEY, of integer NOT NULL REFERENCES users (id));";
    let down = "DROP TABLE notes; UPDATE users SET name = lower(name); ALTER TABLE users DROP COLUMN nick;";
    for project in
        [with(Project::postgres(&server.url), up, down), with(Project::sqlite(), up, down)]
    {
        let (kinds, text) = problems(&project);
        assert_eq!(kinds, [""; 0], "{text}");
    }
    let up =
        "ALTER TABLE users ALTER COLUMN name TYPE varchar(50), ALTER COLUMN mail DROP NOT NULL;";
    let down = "ALTER TABLE users ALTER COLUMN name TYPE text, ALTER COLUMN mail SET NOT NULL;";
    let (kinds, text) = problems(&with(Project::postgres(&server.url), up, down));
    assert_eq!(kinds, [""; 0], "{text}");
}

#[test]
fn grants_owners_comments_and_sequences_that_are_left_are_told() {
    let server = ScratchPostgres::new();
    for (up, said) in [
        ("GRANT SELECT ON users TO PUBLIC", "grants on table `users`"),
        ("GRANT SELECT (name) ON users TO PUBLIC", "grants on column `users.name`"),
        ("GRANT CREATE ON SCHEMA public TO pg_monitor", "grants on schema `public`"),
        (
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC",
            "default privileges of `",
        ),
        ("ALTER TABLE users OWNER TO pg_monitor", "owner of table `users`"),
        (
            "COMMENT ON CONSTRAINT users_pkey ON users IS 'the key'",
            "comment on table constraint `users_pkey on public.users`",
        ),
        (
            "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION f() FROM PUBLIC",
            "grants on function `f()`",
        ),
    ] {
        let project = with(Project::postgres(&server.url), &format!("{up};"), "SELECT 1;");
        let (kinds, text) = problems(&project);
        assert_eq!(kinds, ["not_undone"], "{up}: {text}");
        assert!(text.contains(said), "{said}: {text}");
    }
    let up = "CREATE SEQUENCE numbers; GRANT SELECT ON users TO PUBLIC; GRANT USAGE ON SEQUENCE numbers TO PUBLIC;";
    let down = "DROP SEQUENCE numbers; REVOKE SELECT ON users FROM PUBLIC;";
    let (kinds, text) = problems(&with(Project::postgres(&server.url), up, down));
    assert_eq!(kinds, [""; 0], "what is as without any grant is no difference: {text}");
}
