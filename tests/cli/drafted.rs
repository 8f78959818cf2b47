//! `planner new --from-schema` and `--from-database`: the plan for what differs, with what only a person can know as questions.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: integer, primary_key: true }
        - { name: name, type: text, nullable: false }
        - { name: fax, type: text }
";

const SCHEMA: &str = "diesel::table! {
    users (id) {
        id -> Integer,
        full_name -> Text,
        born -> Nullable<Date>,
    }
}
diesel::table! {
    notes (id) {
        id -> Integer,
        user_id -> Integer,
    }
}
";

fn project(dialect: &str) -> Project {
    let config = format!(
        "dialect: {dialect}\napps: {{ web: {{}}, worker: {{}} }}\nenvironments: {{ dev: {{ gates: off }} }}\n"
    );
    Project::with_config(&config).file("plans/2026-01-01-000000_users.yaml", USERS)
}

/// Returns the newest plan's path and text.
fn newest(project: &Project) -> (String, String) {
    let plans = project.list("plans");
    let path = format!("plans/{}", plans.iter().max().unwrap());
    let text = project.read(&path);
    (path, text)
}

#[test]
fn a_schema_rs_becomes_a_plan_in_phases() {
    for dialect in ["sqlite", "postgres"] {
        let project = project(dialect).file("src/schema.rs", SCHEMA);
        let told = project.run(&["new", "full_names", "--from-schema"]).exits(0);
        assert!(told.contains("is `full_name` the new name of `name`?"), "{told}");
        let (path, text) = newest(&project);
        for said in [
            "after: [users]",
            "create_table:",
            "- add_column: { table: users, column: born, type: ",
            "- add_column: { table: users, column: full_name, type: ",
            "# QUESTION: is `full_name` the new name of `name`? Then its data must move",
            "# QUESTION: what do the rows that are there get in `users.full_name`?",
            "# - update: { table: users, set: { full_name: VALUE }",
            "- drop_column: { table: users, column: fax }",
            "# releases: { web: \">=VERSION\", worker: \">=VERSION\" }",
            "SELECT count(*) = 0 FROM users WHERE full_name IS NULL",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let found = project.findings(1);
        let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(codes, ["EC206", "EC211"], "{text}");
        let answered = text
            .replace(
                "# releases: { web: \">=VERSION\", worker: \">=VERSION\" }",
                "releases: { none: \"a test\" }",
            )
            .replace(
                "deprecate_column: { table: users, column: name }",
                "deprecate_column: { table: users, column: name, default: \"''\" }",
            );
        project.write(&path, answered);
        assert_eq!(project.findings(0), []);
        let before = project.list("plans");
        let told = project.run(&["new", "again", "--from-schema", "src/schema.rs"]).exits(0);
        assert_eq!(told, "`src/schema.rs` is what the plans end with: there is nothing to plan.\n");
        assert_eq!(project.list("plans"), before, "nothing is written");
    }
}

#[test]
fn a_database_that_was_changed_by_hand_becomes_a_plan() {
    let project = project("sqlite").variable("DATABASE_URL", "app.db");
    let early = project.run(&["new", "by_hand", "--from-database"]).fails(2);
    assert!(early.contains("there is no database to compare with"), "{early}");
    project.run(&["run"]).exits(0);
    let path = project.path().join("app.db");
    let mut file = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    file.batch_execute(
        "ALTER TABLE users ADD COLUMN nick TEXT DEFAULT 'none'; CREATE INDEX users_nick ON users (nick DESC);
         CREATE TABLE odd (x ANY) STRICT; CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END;",
    )
    .unwrap();
    let json = project.json(&["new", "by_hand", "--from-database"], 0);
    assert_eq!(json["not_expressed"], serde_json::json!([]));
    let (path, text) = newest(&project);
    for said in [
        "- id: create_table_odd\n    sql:\n      up: |\n        CREATE TABLE odd (",
        "contract:\n  - id: create_trigger_users_t\n    sql: { up: \"CREATE TRIGGER t AFTER INSERT ON users BEGIN SELECT 1; END\" }",
        "- add_column: { table: users, column: nick, type: TEXT, default: \"'none'\" }",
        "create_index: { table: users, columns: [{ column: nick, order: desc }], name: users_nick }",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(project.findings(1)[0].0, "EC206", "{text}");
    let open = "gates: { contract: { releases: { none: \"a test\" } } }\n";
    project.write(&path, format!("{text}{open}"));
    assert_eq!(project.findings(0), []);
    // What that plan is still to make is there: on this database it is no difference to what ran.
    let json = project.json(&["new", "more", "--from-database"], 0);
    assert!(json["pending"].as_u64().unwrap() > 3, "{json}");
    let (again, _) = newest(&project);
    std::fs::remove_file(project.path().join(again)).unwrap();
    let other = project.path().join("other.db");
    let other = project.variable("DATABASE_URL", other.to_str().unwrap());
    other.run(&["run"]).exits(0);
    let told = other.run(&["new", "more", "--from-database"]).exits(0);
    assert_eq!(
        told, "The database is what the plans end with: there is nothing to plan.\n",
        "{path}"
    );
}

/// What no operation makes, in a database to which people did it by hand.
const ODD: &str = "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := coalesce(NEW.name, 'it''s new');

    RETURN NEW;
END
$$;
CREATE TRIGGER stamp BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE SEQUENCE numbers AS integer START WITH 7 INCREMENT BY 3;
COMMENT ON TABLE users IS 'people'; COMMENT ON COLUMN users.fax IS 'none has one';
CREATE TABLE keyed (a integer, b integer, CONSTRAINT my_key PRIMARY KEY (a, b));
COMMENT ON TABLE keyed IS 'by two';
CREATE MATERIALIZED VIEW names AS SELECT id, name FROM users; CREATE UNIQUE INDEX names_id ON names (id);
ALTER TABLE users DROP CONSTRAINT users_pkey, ADD CONSTRAINT users_pkey PRIMARY KEY (name);";

#[test]
fn what_no_operation_makes_is_drafted_as_its_sql() {
    let by_hand = ScratchPostgres::new();
    let project = Project::postgres(&by_hand.url).file("plans/2026-01-01-000000_users.yaml", USERS);
    project.run(&["run"]).exits(0);
    by_hand.connect().batch_execute(ODD).unwrap();
    let told = project.run(&["new", "by_hand", "--from-database"]).exits(0);
    assert!(!told.contains("Not in it"), "{told}");
    let (path, text) = newest(&project);
    for said in [
        "        CREATE FUNCTION public.stamp()",
        "      down: \"DROP FUNCTION stamp()\"",
        "CREATE TRIGGER stamp BEFORE INSERT ON ",
        "CREATE SEQUENCE numbers AS integer INCREMENT BY 3 START WITH 7",
        "CONSTRAINT my_key PRIMARY KEY (a, b)",
        "COMMENT ON TABLE keyed IS 'by two'",
        "CREATE UNIQUE INDEX names_id ON ",
        "ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_new_key",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    project.write(
        &path,
        text.replace(
            "    # releases: { web: \">=VERSION\" }",
            "    releases: { none: \"a test\" }",
        ),
    );
    let found = project.findings(0);
    assert!(found.iter().all(|(code, _)| code.starts_with("EC4")), "{found:?} {text}");
    let other = ScratchPostgres::new();
    let other = project.variable("DATABASE_URL", &other.url);
    other.run(&["run"]).exits(0);
    let told = other.run(&["new", "more", "--from-database"]).exits(0);
    assert_eq!(told, "The database is what the plans end with: there is nothing to plan.\n");
    other.run(&["verify"]).exits(0);
}

#[test]
fn what_is_no_longer_there_is_drafted_as_the_sql_that_drops_it() {
    let server = ScratchPostgres::new();
    let made = format!(
        "{USERS}  - id: odd\n    sql:\n      up: |\n        {}\n      irreversible: a test\n",
        ODD.replace('\n', "\n        ").replace("        \n", "\n")
    );
    let made = made.replace("; CREATE UNIQUE INDEX names_id ON names (id)", "");
    let made = made.split("ALTER TABLE users DROP").next().unwrap().to_owned()
        + "\n      irreversible: a test\n";
    let project = Project::postgres(&server.url).file("plans/2026-01-01-000000_users.yaml", made);
    project.run(&["run"]).exits(0);
    let gone = "DROP TRIGGER stamp ON users; DROP SEQUENCE numbers; DROP MATERIALIZED VIEW names; COMMENT ON TABLE users IS NULL;";
    server.connect().batch_execute(gone).unwrap();
    project.run(&["new", "gone", "--from-database"]).exits(0);
    let (path, text) = newest(&project);
    for said in [
        "DROP TRIGGER stamp ON users",
        "DROP SEQUENCE numbers",
        "DROP MATERIALIZED VIEW names",
        "COMMENT ON TABLE users IS NULL",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    project.write(
        &path,
        text.replace("# gates:", "gates:").replace("  # contract:", "  contract:").replace(
            "    # releases: { web: \">=VERSION\" }",
            "    releases: { none: \"a test\" }",
        ),
    );
    let found = project.findings(0);
    assert!(found.iter().all(|(code, _)| code.starts_with("EC4")), "{found:?} {text}");
}

#[test]
fn what_no_step_can_do_is_told_and_no_empty_plan_is_written() {
    let project = project("sqlite").file(
        "src/schema.rs",
        "diesel::table! { users (name) { id -> Integer, name -> Text, fax -> Nullable<Text>, } }",
    );
    let told = project.run(&["new", "other_key", "--from-schema"]).exits(1);
    assert!(
        told.contains("No plan was written") && told.contains("the primary key of table `users`"),
        "{told}"
    );
    assert_eq!(project.list("plans").len(), 1);
    project.write("diesel.toml", "[print_schema]\nfilter = { only_tables = [\"notes\"] }\n");
    project.write("src/schema.rs", "diesel::table! { notes (id) { id -> Integer, } }");
    let told = project.run(&["new", "filtered", "--from-schema"]).exits(0);
    assert!(
        told.contains("table `users` is not in the file, but `diesel.toml` filters tables"),
        "{told}"
    );
    let (_, text) = newest(&project);
    assert!(!text.contains("drop_table"), "{text}");
    let missing = project.run(&["new", "x", "--from-schema", "nowhere.rs"]).fails(1);
    assert!(missing.contains("`nowhere.rs` cannot be read"), "{missing}");
    let both = project.run(&["new", "x", "--from-schema", "--from-database"]).fails(2);
    assert!(both.contains("cannot be used with"), "{both}");
}

#[test]
fn a_schema_of_which_the_file_has_nothing_is_not_compared() {
    let project = project("postgres").file(
        "migrations/2025-01-01-000000_app/up.sql",
        "CREATE SCHEMA app;\nCREATE TABLE app.jobs (id bigint PRIMARY KEY);",
    );
    project.write(
        "migrations/2025-01-01-000000_app/down.sql",
        "DROP TABLE app.jobs;\nDROP SCHEMA app;",
    );
    // Diesel prints one schema at a time.
    let users = "diesel::table! {\n    users (id) {\n        id -> Int4,\n        name -> Text,\n        fax -> Nullable<Text>,\n    }\n}\n";
    project.write("src/schema.rs", users);
    let told = project.run(&["new", "same", "--from-schema"]).exits(0);
    assert!(told.contains("schema `app` was not compared: nothing of it is in the file"), "{told}");
    assert_eq!(project.list("plans").len(), 1, "{told}");
    let other = "pub mod app {\n    diesel::table! {\n        app.tasks (id) {\n            id -> Int8,\n        }\n    }\n}\n";
    project.write("src/schema.rs", format!("{users}{other}"));
    project.run(&["new", "tasks", "--from-schema"]).exits(0);
    assert!(newest(&project).1.contains("drop_table: { table: app.jobs }"));
}

#[test]
fn a_schema_rs_of_one_schema_says_nothing_of_the_others() {
    let project = Project::with_config("dialect: postgres\n")
        .file(
            "migrations/2024-01-01-000000_boats/up.sql",
            "CREATE TABLE boats (id bigint PRIMARY KEY);\nCREATE SCHEMA harbor;\nCREATE TABLE harbor.piers (id bigint PRIMARY KEY);",
        )
        .file("migrations/2024-01-01-000000_boats/down.sql", "-- irreversible: a test")
        .file(
            "src/schema.rs",
            "pub mod harbor {\n    diesel::table! {\n        harbor.piers (id) {\n            id -> Int8,\n        }\n    }\n}\n",
        );
    let text = project.run(&["new", "nothing", "--from-schema"]).exits(0);
    assert!(text.contains("nothing to plan"), "{text}");
}

#[test]
fn a_table_without_row_ids_stays_one_whatever_a_draft_adds_to_it() {
    let tags = "CREATE TABLE tags (a TEXT NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;";
    let schema = "diesel::table! {\n    tags (a, b) {\n        a -> Text,\n        b -> Integer,\nMORE    }\n}\n";
    let project = Project::sqlite()
        .file("migrations/2020-01-01-000000_tags/up.sql", tags)
        .file("migrations/2020-01-01-000000_tags/down.sql", "DROP TABLE tags;")
        .file("src/schema.rs", schema.replace("MORE", ""));
    let told = project.run(&["new", "nothing", "--from-schema"]);
    assert_eq!(project.list("plans"), Vec::<String>::new(), "{}{}", told.out, told.err);
    project.write("src/schema.rs", schema.replace("MORE", "        note -> Nullable<Text>,\n"));
    project.run(&["new", "note", "--from-schema"]).exits(0);
    let (_, text) = newest(&project);
    assert!(text.contains("add_column: { table: tags, column: note"), "{text}");
    assert!(!text.contains("ROWID"), "{text}");
    project.run(&["run"]).exits(0);
    let path = project.path().join("test.db");
    let mut file = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    assert!(file.batch_execute("SELECT rowid FROM tags").is_err(), "it has row ids now");
    file.batch_execute("SELECT note FROM tags").unwrap();
}
