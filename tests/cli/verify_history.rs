//! `planner verify` on hand-written migrations: what fails, on which line, and what is not undone.

use serde_json::Value;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

/// Directory, `up.sql`, `down.sql` if there is one.
type Files<'a> = (&'a str, &'a str, Option<&'a str>);

const USERS: Files<'_> = (
    "2020-01-01-000000_users",
    "CREATE TABLE users (id integer PRIMARY KEY, name text);\n",
    Some("DROP TABLE users;\n"),
);

fn with(project: Project, files: &[Files<'_>]) -> Project {
    for (directory, up, down) in files {
        project.write(&format!("migrations/{directory}/up.sql"), up);
        if let Some(down) = down {
            project.write(&format!("migrations/{directory}/down.sql"), down);
        }
    }
    project
}

/// A project on each engine.
pub(super) fn on_both(files: &[Files<'_>], then: impl Fn(&Project)) {
    then(&with(Project::sqlite(), files));
    let server = ScratchPostgres::new();
    then(&with(Project::postgres(&server.url), files));
}

/// What is wrong, as `DIRECTORY kind file:line`.
pub(super) fn problems(report: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for migration in report["migrations"].as_array().unwrap() {
        for problem in migration["problems"].as_array().unwrap() {
            let name = migration["migration"].as_str().unwrap().split_once('_').unwrap().1;
            let file = problem["file"].as_str().map_or("", |file| file.rsplit_once('/').unwrap().1);
            let line = problem["line"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
            let text = format!("{name} {} {file}{line}", problem["kind"].as_str().unwrap());
            all.push(text.trim_end().to_owned());
        }
    }
    all
}

fn migration<'a>(report: &'a Value, name: &str) -> &'a Value {
    let all = report["migrations"].as_array().unwrap();
    all.iter().find(|of| of["migration"].as_str().unwrap().ends_with(name)).unwrap()
}

#[test]
fn each_kind_of_trouble_is_found_and_hides_no_other() {
    let files = [
        USERS,
        (
            "2020-01-02-000000_required",
            "-- everybody is of some age\n\nALTER TABLE users ADD COLUMN age integer NOT NULL;\n",
            Some("ALTER TABLE users DROP COLUMN age;\n"),
        ),
        ("2020-01-03-000000_broken", "SELECT 1;\nDROP TABLE nowhere;\n", Some("SELECT 1;")),
        ("2020-01-04-000000_forgotten", "ALTER TABLE users ADD COLUMN a text;", Some("-- later")),
        ("2020-01-05-000000_without", "ALTER TABLE users ADD COLUMN b text;", None),
        (
            "2020-01-06-000000_wrong_way",
            "ALTER TABLE users ADD COLUMN c text;",
            Some("SELECT 1;\n  ALTER TABLE users DROP COLUMN d;"),
        ),
        (
            "2020-01-07-000000_half",
            "ALTER TABLE users ADD COLUMN e text;\nCREATE INDEX users_e ON users (e);",
            Some("DROP INDEX users_e;"),
        ),
        (
            "2020-01-08-000000_given_up",
            "ALTER TABLE users ADD COLUMN f text;",
            Some("-- irreversible: no way"),
        ),
        (
            "2020-01-09-000000_fine",
            "ALTER TABLE users ADD COLUMN g text;",
            Some("ALTER TABLE users DROP COLUMN g;"),
        ),
    ];
    on_both(&files, |project| {
        let report = project.json(&["verify"], 1);
        assert_eq!(report["holds"], false);
        assert_eq!(
            problems(&report),
            [
                "required fails_on_rows up.sql:3",
                "broken fails up.sql:2",
                "forgotten no_way_back",
                "without no_way_back",
                "wrong_way down_fails down.sql:2",
                "half not_undone",
            ]
        );
        let half = &migration(&report, "half")["problems"][0];
        assert_eq!(half["differences"][0]["object"], "column `users.e`");
        assert_eq!(half["then"]["line"], 1, "what is left is in the way: {half}");
        assert_eq!(migration(&report, "fine")["without"][0], "2020-01-03-000000_broken");
        let text = project.run(&["verify"]).exits(1);
        for said in [
            "  up.sql:3: ALTER TABLE users ADD COLUMN age integer NOT NULL\n",
            "    fails on a table that has a row: ",
            "`down.sql` does not undo `up.sql`:\n    column `users.e` should not be there",
            "6 of 9 hand-written migrations did not: 1 fails, 1 fails on a table that has a row, \
             1 has a `down.sql` that fails, 2 have no way back, 1 leaves another schema when it is undone.",
        ] {
            assert!(text.contains(said), "{said}\n{text}");
        }
    });
}

#[test]
fn a_history_without_faults_holds_and_plans_build_on_it() {
    let plan = "title: More\nexpand:\n  - add_column: { table: users, column: x, type: text }\n";
    on_both(&[USERS], |project| {
        project.write("plans/2026-01-01-000000_more.yaml", plan);
        let text = project.run(&["verify"]).exits(0);
        let first = "1 hand-written migration ran, on empty tables and on tables with a row, and came undone.";
        assert!(text.contains(first), "{text}");
        assert!(text.contains("1 step did what was predicted"), "{text}");
        let report = project.json(&["verify", "--plan", "more"], 0);
        assert_eq!(report["migrations"], serde_json::json!([]));
        let report = project.json(&["verify", "--migration", "20200101000000"], 0);
        assert_eq!(report["migrations"].as_array().unwrap().len(), 1);
        assert_eq!(report["steps"], serde_json::json!([]));
        let text = project.run(&["verify", "--migration", "2020-01-01-000000_user"]).fails(2);
        assert!(text.contains("did you mean `2020-01-01-000000_users`?"), "{text}");
    });
}

#[test]
fn a_value_that_an_enum_keeps_and_a_function_that_stays_are_told() {
    let server = ScratchPostgres::new();
    let project = with(
        Project::postgres(&server.url),
        &[
            USERS,
            (
                "2020-01-02-000000_mood",
                "CREATE TYPE mood AS ENUM ('sad', 'glad');",
                Some("DROP TYPE mood;"),
            ),
            ("2020-01-03-000000_angry", "ALTER TYPE mood ADD VALUE 'angry';", Some("SELECT 1;")),
            (
                "2020-01-04-000000_touch",
                "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
ALTER TABLE users ENABLE ROW LEVEL SECURITY;",
                Some("DROP TRIGGER touch ON users;"),
            ),
        ],
    );
    let report = project.json(&["verify"], 1);
    assert_eq!(problems(&report), ["angry not_undone", "touch not_undone"]);
    let angry = &migration(&report, "angry")["problems"][0];
    assert_eq!(angry["differences"][0]["object"], "enum `mood`");
    assert!(angry["then"]["because"].as_str().unwrap().contains("already exists"), "{angry}");
    let left = migration(&report, "touch")["problems"][0]["differences"].as_array().unwrap();
    let objects: Vec<&str> = left.iter().map(|of| of["object"].as_str().unwrap()).collect();
    assert_eq!(objects, ["domain `email`", "function `touch()`", "row level security of `users`"]);
}

#[test]
fn what_reaches_beyond_the_scratch_database_does_not_run_and_is_said() {
    let server = ScratchPostgres::new();
    let kept = ScratchPostgres::new();
    let name = kept.url.rsplit_once('/').unwrap().1;
    let up = format!(
        "DROP DATABASE {name};\nALTER SYSTEM SET work_mem = '5MB';\nCREATE ROLE planner_nobody_1;\n\
         GRANT SELECT ON users TO planner_nobody_1;\nCOPY users FROM PROGRAM 'echo 1';\nCREATE TABLE b (id integer);\n"
    );
    let project = with(
        Project::postgres(&server.url),
        &[USERS, ("2020-01-02-000000_wild", &up, Some("DROP TABLE b;"))],
    );
    let report = project.json(&["verify"], 0);
    let skipped = migration(&report, "wild")["skipped"].as_array().unwrap();
    let lines: Vec<u64> = skipped.iter().map(|of| of["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
    assert_eq!(
        skipped[0]["because"],
        "it is not run here: it is about another database of the server"
    );
    assert!(skipped[3]["because"].as_str().unwrap().contains("does not exist"), "{skipped:?}");
    kept.connect();
    let text = project.run(&["verify"]).exits(0);
    assert!(text.contains("5 statements were left out."), "{text}");
    let file = project.path().join("other.db");
    let attach = format!("ATTACH '{}' AS other;\nCREATE TABLE b (id integer);", file.display());
    let project =
        with(Project::sqlite(), &[("2020-01-02-000000_wild", &attach, Some("DROP TABLE b;"))]);
    let report = project.json(&["verify"], 0);
    assert_eq!(migration(&report, "wild")["skipped"][0]["line"], 1);
    assert!(!file.exists());
}

#[test]
fn a_transaction_that_a_file_ends_itself_is_run_as_diesel_runs_it() {
    let commit = "CREATE TABLE a (id integer);\nCOMMIT;\nDROP TABLE nowhere;\n";
    let files = [
        USERS,
        ("2020-01-02-000000_commits", commit, Some("DROP TABLE a;")),
        ("2020-01-03-000000_next", "CREATE TABLE a (id integer);", Some("DROP TABLE a;")),
    ];
    on_both(&files, |project| {
        let report = project.json(&["verify"], 1);
        assert_eq!(problems(&report), ["commits fails up.sql:3"], "what it left is taken back");
    });
    // Diesel's own COMMIT then finds no transaction: SQLite minds, PostgreSQL does not.
    let files = [(
        "2020-01-02-000000_commits",
        "CREATE TABLE a (id integer);\nCOMMIT;",
        Some("DROP TABLE a;"),
    )];
    let report = with(Project::sqlite(), &files).json(&["verify"], 1);
    assert_eq!(problems(&report), ["commits fails up.sql:2"]);
    let server = ScratchPostgres::new();
    with(Project::postgres(&server.url), &files).run(&["verify"]).exits(0);
}

#[test]
fn a_statement_that_must_be_alone_is_so_and_its_lock_is_seen() {
    let server = ScratchPostgres::new();
    let index = "CREATE INDEX CONCURRENTLY users_name ON users (name);";
    let two = format!("SELECT 1;\n{index}");
    let no_transaction = "run_in_transaction = false\n";
    let project = with(
        Project::postgres(&server.url),
        &[
            USERS,
            ("2020-01-02-000000_inside", index, Some("DROP INDEX users_name;")),
            ("2020-01-03-000000_two", &two, Some("DROP INDEX users_name;")),
            ("2020-01-04-000000_alone", index, Some("DROP INDEX CONCURRENTLY users_name;")),
        ],
    )
    .file("migrations/2020-01-03-000000_two/metadata.toml", no_transaction)
    .file("migrations/2020-01-04-000000_alone/metadata.toml", no_transaction);
    let report = project.json(&["verify"], 1);
    assert_eq!(problems(&report), ["inside fails up.sql:1", "two fails up.sql:2"]);
    let statement = &migration(&report, "alone")["statements"][0];
    assert_eq!(statement["locks"][0]["mode"], "SHARE UPDATE EXCLUSIVE", "{statement}");
}

#[test]
fn locks_and_rewrites_are_those_of_the_server_on_tables_with_rows() {
    let server = ScratchPostgres::new();
    let project = with(
        Project::postgres(&server.url),
        &[
            USERS,
            (
                "2020-01-02-000000_bigger",
                "CREATE TABLE other (id integer);\nALTER TABLE users ALTER COLUMN id TYPE bigint;",
                Some("DROP TABLE other;\nALTER TABLE users ALTER COLUMN id TYPE integer;"),
            ),
        ],
    );
    let text = project.run(&["verify", "--migration", "2020-01-02-000000_bigger"]).exits(0);
    assert!(
        text.contains(
            "  up.sql:2: ALTER TABLE users ALTER COLUMN id TYPE bigint\n    users: ACCESS EXCLUSIVE, blocks reads, writes, DDL, writes the table anew\n"
        ),
        "{text}"
    );
    assert!(!text.contains("up.sql:1"), "a table that is new is in nobody's way: {text}");
}

#[test]
fn rows_are_made_up_where_keys_and_checks_allow_them_and_do_not_meet_seed_data() {
    let up = "CREATE TABLE kinds (id integer PRIMARY KEY, word text NOT NULL CHECK (word IN ('new', 'old')));
CREATE TABLE things (id integer PRIMARY KEY, kind_id integer NOT NULL REFERENCES kinds (id), size integer NOT NULL CHECK (size BETWEEN 1 AND 3));
CREATE TABLE odd (id integer PRIMARY KEY, word text NOT NULL CHECK (length(word) = 7));";
    let down = "DROP TABLE odd; DROP TABLE things; DROP TABLE kinds;";
    let files = [
        ("2020-01-01-000000_tables", up, Some(down)),
        (
            "2020-01-02-000000_seed",
            "INSERT INTO kinds (id, word) VALUES (1, 'new');",
            Some("DELETE FROM kinds WHERE id = 1;"),
        ),
        (
            "2020-01-03-000000_none",
            "ALTER TABLE things ADD COLUMN a integer NOT NULL;",
            Some("ALTER TABLE things DROP COLUMN a;"),
        ),
    ];
    on_both(&files, |project| {
        let report = project.json(&["verify"], 1);
        assert_eq!(problems(&report), ["none fails_on_rows up.sql:1"]);
        assert_eq!(migration(&report, "none")["without_row"], serde_json::json!(["odd"]));
    });
}

#[test]
fn what_a_baseline_covers_only_runs_and_what_it_holds_does_not() {
    let covered = "-- planner baseline 1\n-- dialect: sqlite\n-- from: migrations\n-- made: 2026-11-21\n-- covers: 20200101000000\n";
    let files = [
        ("2020-01-01-000000_users", "CREATE TABLE users (id integer PRIMARY KEY);", Some("")),
        (
            "2020-01-02-000000_more",
            "ALTER TABLE users ADD COLUMN a text;",
            Some("ALTER TABLE users DROP COLUMN a;"),
        ),
    ];
    let project = with(Project::sqlite(), &files).file("baseline.sqlite.sql", covered);
    let report = project.json(&["verify"], 0);
    assert_eq!(report["migrations"].as_array().unwrap().len(), 1);
    let held = covered.replace("migrations\n", "database\n")
        + "\nCREATE TABLE users (id integer PRIMARY KEY);\n";
    let project = with(Project::sqlite(), &files[1..]).file("baseline.sqlite.sql", held);
    let report = project.json(&["verify"], 0);
    assert_eq!(migration(&report, "more")["holds"], true);
}

#[test]
fn a_database_of_the_project_is_not_touched() {
    let project = with(Project::sqlite(), &[USERS]);
    let file = project.path().join("test.db");
    std::fs::write(&file, "").unwrap();
    project.run(&["verify"]).exits(0);
    assert_eq!(std::fs::read(file).unwrap(), b"");
}

#[test]
fn what_the_server_keeps_of_now_is_no_difference() {
    let server = ScratchPostgres::new();
    let files = [
        (
            "2020-01-01-000000_visits",
            "CREATE TABLE visits (id integer PRIMARY KEY, at timestamp DEFAULT 'now', day date DEFAULT 'today'::date,
                 hour time DEFAULT 'now'::time, until timestamptz DEFAULT '2020-01-01 00:00+00');
             CREATE VIEW today AS SELECT id, 'now'::timestamptz AS seen FROM visits WHERE day = 'today'::date;",
            Some("DROP VIEW today;\nDROP TABLE visits;"),
        ),
        (
            "2020-01-02-000000_without",
            "DROP VIEW today;\nALTER TABLE visits ALTER at DROP DEFAULT;",
            Some(
                "ALTER TABLE visits ALTER at SET DEFAULT 'now'::timestamp;
                 CREATE VIEW today AS SELECT id, 'now'::timestamptz AS seen FROM visits WHERE day = 'today'::date;",
            ),
        ),
        (
            "2020-01-03-000000_another",
            "ALTER TABLE visits ALTER until DROP DEFAULT;",
            Some("ALTER TABLE visits ALTER until SET DEFAULT '2021-01-01 00:00+00';"),
        ),
    ];
    let plan = "title: More\nexpand:\n  - add_column: { table: visits, column: made, type: timestamp, default: \"'now'::timestamp\" }\n";
    let project = with(Project::postgres(&server.url), &files)
        .file("plans/2026-01-01-000000_more.yaml", plan);
    let report = project.json(&["verify"], 1);
    assert_eq!(problems(&report), ["another not_undone"]);
    assert!(
        report["steps"].as_array().unwrap().iter().all(|step| step["holds"] == true),
        "{report:#}"
    );
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
}

#[test]
fn a_trigger_of_diesels_own_table_is_like_any_other() {
    let on_server = (
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         CREATE TRIGGER noted AFTER INSERT ON __diesel_schema_migrations FOR EACH ROW EXECUTE FUNCTION note();",
        "DROP TRIGGER noted ON __diesel_schema_migrations;\nDROP FUNCTION note();",
        "CREATE TRIGGER again AFTER INSERT ON __diesel_schema_migrations FOR EACH ROW EXECUTE FUNCTION note();",
    );
    let in_file = (
        "CREATE TRIGGER noted AFTER INSERT ON __diesel_schema_migrations BEGIN SELECT 1; END;",
        "DROP TRIGGER noted;",
        "CREATE TRIGGER again AFTER INSERT ON __diesel_schema_migrations BEGIN SELECT 2; END;",
    );
    let server = ScratchPostgres::new();
    for (project, (up, down, left)) in
        [(Project::sqlite(), in_file), (Project::postgres(&server.url), on_server)]
    {
        let files = [
            USERS,
            ("2020-01-02-000000_noted", up, Some(down)),
            ("2020-01-03-000000_left", left, Some("SELECT 1;")),
        ];
        let project = with(project, &files);
        let report = project.json(&["verify"], 1);
        assert_eq!(problems(&report), ["left not_undone"]);
        project.run(&["run"]).exits(0);
        project.run(&["drift"]).exits(0);
    }
}
