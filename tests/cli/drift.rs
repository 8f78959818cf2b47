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
    let step = "title: Opaque\nafter: [users]\nexpand:\n  - id: by_hand\n    sql:\n      up: CREATE TABLE copies AS SELECT id + 1 AS n FROM users\n      down: DROP TABLE copies\n      probe: SELECT true\n      touches: [users, copies]\n";
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

const ROUTINES: &str = "CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n * 2 $$;
CREATE FUNCTION twice(t text) RETURNS text LANGUAGE sql AS 'SELECT t || t -- ''twice''';
CREATE FUNCTION thrice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 3 $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := now();
  RETURN NEW;
END $$;
CREATE TABLE notes (id integer PRIMARY KEY, owner text, at timestamptz);
CREATE PROCEDURE tidy(before timestamptz DEFAULT now()) LANGUAGE sql AS $$ DELETE FROM notes WHERE at < before $$;
CREATE TRIGGER stamped BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER stamped_too BEFORE UPDATE OF owner ON notes FOR EACH ROW WHEN (NEW.owner <> '') EXECUTE FUNCTION stamp();
CREATE TRIGGER stamped_last BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE VIEW mine AS SELECT id, owner FROM notes WHERE owner = current_user;
CREATE FUNCTION add_mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO notes (id) VALUES (NEW.id); RETURN NEW; END $$;
CREATE TRIGGER added INSTEAD OF INSERT ON mine FOR EACH ROW EXECUTE FUNCTION add_mine();
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON notes FOR SELECT USING (owner = current_setting('app.user', true) OR id < 10);
CREATE POLICY team ON notes USING (EXISTS (SELECT FROM mine WHERE mine.id = notes.id)) WITH CHECK (true);
CREATE POLICY gone ON notes AS RESTRICTIVE FOR UPDATE USING (id > 0);
CREATE DOMAIN short AS text CHECK (length(VALUE) < 10);
CREATE RULE quiet AS ON DELETE TO notes WHERE old.id = 0 DO INSTEAD NOTHING;
";

/// What is done by hand, and what is said of it.
const BY_HAND: &[(&str, &str)] = &[
    (
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n * 3 $$",
        "function `twice` should be with `SELECT n * 2` in line 1 of its body and is with `SELECT n * 3` in line 1 of its body",
    ),
    ("ALTER FUNCTION thrice(integer) STABLE", "function `thrice` should be volatile and is stable"),
    (
        "ALTER FUNCTION stamp() SECURITY DEFINER SET search_path = public",
        "function `stamp` should be security invoker and is security definer",
    ),
    ("DROP FUNCTION twice(text)", "function `twice` is missing ((text))"),
    (
        "CREATE FUNCTION other() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "function `other` is there, and no step made it",
    ),
    (
        "CREATE OR REPLACE PROCEDURE tidy(before timestamptz DEFAULT now()) LANGUAGE sql AS $$ DELETE FROM notes $$",
        "procedure `tidy` should be with",
    ),
    (
        "ALTER TABLE notes DISABLE TRIGGER stamped",
        "trigger `stamped` on `notes` should be enabled and is disabled",
    ),
    ("DROP TRIGGER stamped_too ON notes", "trigger `stamped_too` on `notes` is missing"),
    (
        "CREATE OR REPLACE TRIGGER stamped_last BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp()",
        "trigger `stamped_last` on `notes` should be",
    ),
    ("DROP TRIGGER added ON mine", "trigger `added` on `mine` is missing"),
    (
        "ALTER POLICY own ON notes USING (true)",
        "policy `own` on `notes` should be using `owner = current_setting('app.user', true) OR id < 10` and is using `true`",
    ),
    (
        "ALTER POLICY team ON notes TO pg_monitor",
        "policy `team` on `notes` should be to public and is to pg_monitor",
    ),
    ("DROP POLICY gone ON notes", "policy `gone` on `notes` is missing"),
    (
        "CREATE POLICY more ON notes USING (true)",
        "policy `more` on `notes` is there, and no step made it",
    ),
    (
        "ALTER TABLE notes FORCE ROW LEVEL SECURITY",
        "row level security of `notes` should be enabled and is enabled forced",
    ),
    ("CREATE OR REPLACE VIEW mine AS SELECT id, owner FROM notes", "view `mine` should be as"),
    ("DROP DOMAIN short", "domain `short` is missing"),
    ("DROP RULE quiet ON notes", "rule `quiet` on `notes` is missing"),
    (
        "DO $$ BEGIN EXECUTE (SELECT replace(pg_get_functiondef(oid), 'RETURN NEW', 'RETURN OLD') FROM pg_proc WHERE proname LIKE 'planner_sync%'); END $$",
        "and is with `RETURN OLD;` in line",
    ),
];

#[test]
fn what_was_done_by_hand_to_functions_policies_and_triggers_is_told() {
    let plan = "title: Nick\nexpand:\n  - add_column: { table: notes, column: nick, type: text }\n  - sync_columns: { table: notes, forward: { nick: owner }, backward: { owner: nick } }\n";
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("migrations/2020-01-01-000000_routines/up.sql", ROUTINES)
        .file("migrations/2020-01-01-000000_routines/down.sql", "DROP TABLE notes;")
        .file("plans/2026-01-01-000000_nick.yaml", plan);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let mut connection = server.connect();
    for (sql, _) in BY_HAND {
        connection.batch_execute(sql).unwrap();
    }
    let json = project.json(&["drift"], 4);
    let found = json["drift"].as_array().unwrap();
    let all: Vec<&str> = found.iter().map(|of| of["message"].as_str().unwrap()).collect();
    for (sql, said) in BY_HAND {
        assert!(all.iter().any(|message| message.contains(said)), "{sql}: {all:#?}");
    }
    // What was done to `stamp` is told as two things.
    assert_eq!(all.len(), BY_HAND.len() + 1, "{all:#?}");
    for of in found {
        let help = of["help"].as_str().unwrap();
        let is_new = of["message"].as_str().unwrap().contains("no step made it");
        assert!(help.contains("by hand"), "{of:#}");
        assert!(
            is_new
                || help.contains("20200101000000 has its SQL")
                || help.contains("`planner show nick`"),
            "{of:#}"
        );
    }
}

#[test]
fn renames_and_drops_take_definitions_along() {
    let server = ScratchPostgres::new();
    let later = "ALTER TABLE notes RENAME TO papers;
        ALTER TABLE papers RENAME COLUMN owner TO holder;
        ALTER FUNCTION twice(integer) RENAME TO doubled;
        ALTER FUNCTION doubled(integer) COST 20;
        CREATE OR REPLACE FUNCTION thrice(n integer) RETURNS integer LANGUAGE sql STRICT AS $$ SELECT n + n + n $$;
        CREATE FUNCTION thrice(variadic n numeric(10, 2)[], out a integer) LANGUAGE sql AS $$ SELECT 1 $$;
        DROP FUNCTION twice(text);
        DROP POLICY team ON papers;
        ALTER POLICY own ON papers RENAME TO mine_only;
        DROP VIEW mine;
        ALTER TABLE papers DISABLE ROW LEVEL SECURITY;";
    let project = Project::postgres(&server.url)
        .file("migrations/2020-01-01-000000_routines/up.sql", ROUTINES)
        .file("migrations/2020-01-02-000000_later/up.sql", later);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    server
        .connect()
        .batch_execute("DROP FUNCTION doubled; DROP POLICY mine_only ON papers")
        .unwrap();
    let text = project.run(&["drift"]).exits(4);
    assert!(text.contains("function `doubled` is missing"), "{text}");
    assert!(text.contains("policy `mine_only` on `papers` is missing"), "{text}");
}

#[test]
fn what_was_done_by_hand_to_the_triggers_of_a_sqlite_file_is_told() {
    let up = "CREATE TABLE notes (id integer PRIMARY KEY, at text);
        CREATE TABLE log (id integer PRIMARY KEY, note text);
        CREATE TRIGGER noted AFTER INSERT ON notes BEGIN INSERT INTO log (note) VALUES ('one'); END;
        CREATE VIEW mine AS SELECT id FROM notes;
        CREATE TRIGGER added INSTEAD OF INSERT ON mine BEGIN INSERT INTO notes (id) VALUES (NEW.id); END;
        CREATE VIRTUAL TABLE found USING fts5(body);";
    let project = Project::sqlite().file("migrations/2020-01-01-000000_notes/up.sql", up);
    project.run(&["run"]).exits(0);
    let before = project.run(&["drift"]);
    let path = project.path().join("test.db");
    let mut file = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    file.batch_execute(
        "DROP TRIGGER added; CREATE TRIGGER added INSTEAD OF INSERT ON mine BEGIN INSERT INTO notes (id) VALUES (NEW.id + 1); END;
         DROP TRIGGER noted; CREATE TRIGGER noted AFTER INSERT ON notes BEGIN INSERT INTO log (note) VALUES ('two'); END;",
    )
    .unwrap();
    let text = project.run(&["drift"]).exits(4);
    assert!(!before.out.contains("trigger"), "{before:?}");
    assert!(text.contains("trigger `added` on `mine` should be"), "{text}");
    assert!(text.contains("trigger `noted` on `notes` should be"), "{text}");
}
