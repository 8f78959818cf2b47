//! Hand-written migrations judged in the history that leads to them.

mod added;
mod again;
mod emptied;
mod prepared;
mod told;
mod unknown;

use crate::support::project::Project;

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, nick text);",
);

/// What is found in a PostgreSQL project with these migrations: severity, rule, message.
fn findings(migrations: &[(&str, &str)]) -> Vec<(String, String, String)> {
    of_dialect("postgres", migrations)
}

fn of_dialect(dialect: &str, migrations: &[(&str, &str)]) -> Vec<(String, String, String)> {
    let project = Project::with_config(&format!("dialect: {dialect}\n"));
    for (directory, up) in migrations {
        project.write(&format!("migrations/{directory}/up.sql"), up);
        project.write(&format!("migrations/{directory}/down.sql"), "-- irreversible: a test");
    }
    project.run(&["compile"]).exits(0);
    let output = project.command(&["check", "--format", "json"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = json["diagnostics"].as_array().unwrap().iter();
    let word = |of: &serde_json::Value, key: &str| of[key].as_str().unwrap().to_owned();
    found.map(|of| (word(of, "severity"), word(of, "name"), word(of, "message"))).collect()
}

#[track_caller]
fn only(migrations: &[(&str, &str)], severity: &str, rule: &str, said: &str) {
    // What there is to say of the migrations before the last is the matter of other tests.
    let mut found = findings(migrations);
    found.retain(|(_, found, _)| found == rule);
    let [(found_severity, found_rule, message)] = found.as_slice() else {
        panic!("one finding is expected: {found:#?}")
    };
    assert_eq!((found_severity.as_str(), found_rule.as_str()), (severity, rule), "{message}");
    assert!(message.contains(said), "{message}");
}

const RULE: &str = "unplanned-destructive-migration";
const EXPAND: (&str, &str) = (
    "2023-02-01-000000_full_name",
    "ALTER TABLE users ADD COLUMN full_name text;\nALTER TABLE users ALTER COLUMN name DROP NOT NULL;\nUPDATE users SET full_name = name;",
);
const DROP: (&str, &str) = ("2023-03-01-000000_drop", "ALTER TABLE users DROP COLUMN name;");

#[test]
fn the_last_step_of_a_change_that_was_prepared_is_a_note_that_says_by_what() {
    let said = "contract, prepared by `2023-02-01-000000_full_name`";
    only(&[CREATE, EXPAND, DROP], "note", RULE, said);
}

#[test]
fn a_drop_that_nothing_prepared_is_an_error() {
    only(
        &[CREATE, DROP],
        "error",
        RULE,
        "drops column `users.name`, and no earlier migration prepared it",
    );
    let drop = ("2023-03-01-000000_drop", "DROP TABLE users;");
    only(&[CREATE, drop], "error", RULE, "drops table `users`");
    // That the server may refuse it makes it no better.
    let used = ("2023-02-01-000000_used", "CREATE TABLE posts (user_id bigint REFERENCES users);");
    only(&[CREATE, used, drop], "error", RULE, "drops table `users`");
}

#[test]
fn preparing_it_in_the_same_migration_is_no_preparation() {
    let text = format!("{}\n{}", EXPAND.1, DROP.1);
    let both = ("2023-02-01-000000_both", text.as_str());
    only(&[CREATE, both], "error", RULE, "prepares that in the same migration");
}

#[test]
fn a_column_that_writers_could_not_leave_out_was_not_let_go() {
    let moved = (
        "2023-02-01-000000_full_name",
        "ALTER TABLE users ADD COLUMN full_name text;\nUPDATE users SET full_name = name;",
    );
    only(&[CREATE, moved, DROP], "error", RULE, "it is NOT NULL without a default");
}

#[test]
fn rows_copied_elsewhere_prepare_the_drop_of_their_table() {
    let copy = (
        "2023-02-01-000000_people",
        "CREATE TABLE people (id bigint PRIMARY KEY, name text);\nINSERT INTO people (id, name) SELECT id, name FROM users;",
    );
    let drop = ("2023-03-01-000000_drop", "DROP TABLE users;");
    only(&[CREATE, copy, drop], "note", RULE, "drops table `users`: contract, prepared by");
}

#[test]
fn what_the_migration_makes_again_is_not_taken_away() {
    let view = ("2023-01-02-000000_view", "CREATE VIEW names AS SELECT id, name FROM users;");
    let again = (
        "2023-03-01-000000_view",
        "DROP VIEW names;\nCREATE VIEW names AS SELECT id, name, nick FROM users;",
    );
    assert_eq!(findings(&[CREATE, view, again]), []);
}

#[test]
fn a_table_that_was_made_just_before_is_nobodys_yet() {
    let same_day = (
        "2023-01-01-120000_second_thought",
        "ALTER TABLE users DROP COLUMN nick;\nCREATE INDEX users_name ON users (name);",
    );
    assert_eq!(findings(&[CREATE, same_day]), []);
    let index = "CREATE INDEX users_name ON users (name);";
    let last_day = ("2023-01-31-000000_create", CREATE.1);
    assert_eq!(findings(&[last_day, ("2023-02-01-000000_index", index)]), []);
    only(
        &[last_day, ("2023-02-02-000000_index", index)],
        "warning",
        "blocking-index",
        "users_name",
    );
    let together = (
        "2023-05-01-000000_together",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE INDEX a_id ON a (id);\nALTER TABLE a ADD CONSTRAINT a_check CHECK (id > 0);\nDROP TABLE a;",
    );
    assert_eq!(findings(&[CREATE, together]), []);
}

#[test]
fn renames_and_retypes_are_told_as_what_they_are() {
    let rename = ("2023-03-01-000000_x", "ALTER TABLE users RENAME COLUMN nick TO handle;");
    only(&[CREATE, rename], "error", RULE, "renames column `users.nick`");
    let table = ("2023-03-01-000000_x", "ALTER TABLE users RENAME TO people;");
    only(&[CREATE, table], "error", RULE, "renames table `users`");
    let with_view = (
        "2023-03-01-000000_x",
        "ALTER TABLE users RENAME TO people;\nCREATE VIEW users AS SELECT * FROM people;",
    );
    assert_eq!(findings(&[CREATE, with_view]), []);
    let found = findings(&[
        CREATE,
        (
            "2023-03-01-000000_x",
            "ALTER TABLE users ALTER COLUMN nick TYPE jsonb USING nick::jsonb;",
        ),
    ]);
    let rules: Vec<&str> = found.iter().map(|(_, rule, _)| rule.as_str()).collect();
    assert_eq!(rules, ["table-rewrite", RULE], "{found:?}");
    let wider = "ALTER TABLE users ALTER COLUMN nick TYPE character varying;";
    assert_eq!(findings(&[CREATE, ("2023-03-01-000000_x", wider)]), []);
}

#[test]
fn a_plan_that_deprecates_it_covers_the_drop() {
    let project = Project::with_config("dialect: postgres\n");
    let plan = "title: x\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: bigint }, { name: nick, type: text }] }\n";
    project.write("plans/2023-01-01-000000_users.yaml", plan);
    let drop = "migrations/2023-03-01-000000_drop";
    project.write(&format!("{drop}/up.sql"), "ALTER TABLE users DROP COLUMN nick;");
    project.write(&format!("{drop}/down.sql"), "-- irreversible: a test");
    project.run(&["compile"]).exits(0);
    let found = project.json(&["check"], 1);
    assert_eq!(found["diagnostics"][0]["name"], RULE);
    let plan =
        "title: x\nafter: [users]\nexpand:\n  - deprecate_column: { table: users, column: nick }\n";
    project.write("plans/2023-02-01-000000_no_nick.yaml", plan);
    let found = project.json(&["check"], 0);
    assert_eq!(found["diagnostics"][0]["severity"], "note");
    let message = found["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("contract, prepared by plan `no_nick`"), "{message}");
}

#[test]
fn comments_for_other_linters_are_waivers() {
    let ignored = (
        "2023-03-01-000000_x",
        "-- squawk-ignore ban-drop-column\nALTER TABLE users DROP COLUMN nick;",
    );
    only(&[CREATE, ignored], "note", RULE, "drops column `users.nick`");
    let assured = (
        "2023-03-01-000000_x",
        "-- safety-assured:start\nALTER TABLE users DROP COLUMN nick;\n-- safety-assured:end\nSELECT 1;",
    );
    only(&[CREATE, assured], "note", RULE, "drops column `users.nick`");
}

#[test]
fn a_comment_for_another_linter_accepts_only_what_it_names() {
    for (names, severity) in [
        ("prefer-text-field", "error"),
        ("prefer-text-field, ban-drop-column", "note"),
        ("prefer-robust-stmts", "error"),
        ("unplanned-destructive-migration -- nobody reads it", "note"),
    ] {
        let text = format!("-- squawk-ignore {names}\nALTER TABLE users DROP COLUMN nick;");
        let drop = ("2023-03-01-000000_x", text.as_str());
        only(&[CREATE, drop], severity, RULE, "drops column `users.nick`");
    }
}

#[test]
fn what_cannot_be_read_is_never_passed_over() {
    let opaque = (
        "2023-03-01-000000_x",
        "DO $$ BEGIN EXECUTE 'DROP TABLE ' || current_setting('x.y'); END $$;",
    );
    only(&[CREATE, opaque], "note", "opaque-migration", "planner cannot tell what this does");
    let broken = ("2023-03-01-000000_x", "ALTER TABEL users ADD COLUMN x text;");
    only(&[CREATE, broken], "warning", "opaque-migration", "not SQL that planner can read");
}

#[test]
fn a_foreign_key_that_comes_with_its_column_looks_at_no_row() {
    let teams = ("2023-01-01-000001_teams", "CREATE TABLE teams (id bigint PRIMARY KEY);");
    let rules = |text| -> Vec<String> {
        let found = findings(&[CREATE, teams, ("2023-03-01-000000_x", text)]);
        found.into_iter().map(|(_, rule, _)| rule).collect()
    };
    let with = "ALTER TABLE users ADD COLUMN team_id bigint REFERENCES teams (id);";
    assert_eq!(rules(with), [] as [String; 0]);
    let after = "ALTER TABLE users ADD COLUMN team_id bigint;\nALTER TABLE users ADD FOREIGN KEY (team_id) REFERENCES teams (id);";
    assert!(rules(after).contains(&"validating-constraint".to_owned()));
}

#[test]
fn a_default_lets_nobody_go_who_reads_the_old_name_or_could_leave_it_out_before() {
    let default =
        ("2023-02-01-000000_default", "ALTER TABLE users ALTER COLUMN name SET DEFAULT '';");
    let rename = ("2023-03-01-000000_rename", "ALTER TABLE users RENAME COLUMN name TO full_name;");
    only(&[CREATE, default, rename], "error", RULE, "renames column `users.name`, and no earlier");
    let nick = ("2023-02-01-000000_nick", "ALTER TABLE users ALTER COLUMN nick SET DEFAULT 'x';");
    let drop = ("2023-03-01-000000_drop", "ALTER TABLE users DROP COLUMN nick;");
    only(&[CREATE, nick, drop], "error", RULE, "drops column `users.nick`, and no earlier");
}

#[test]
fn a_call_of_a_function_that_may_do_anything_is_told() {
    let grow = "CREATE FUNCTION grow(t text) RETURNS void AS $$ BEGIN EXECUTE format('ALTER TABLE %I ADD x int', t); END $$ LANGUAGE plpgsql;
        CREATE FUNCTION a_word() RETURNS text AS $$ SELECT 'x' $$ LANGUAGE sql;
        SELECT grow('a_word()');";
    let migrations = [CREATE, ("2023-03-01-000000_grow", grow)];
    only(&migrations, "note", "opaque-migration", "it runs `grow`, which may do anything");
}

#[test]
fn a_materialized_view_that_was_just_made_keeps_nobody_waiting() {
    let up = "CREATE MATERIALIZED VIEW names AS SELECT id, name FROM users WITH NO DATA;\n\
              CREATE UNIQUE INDEX names_id ON names (id);\nREFRESH MATERIALIZED VIEW names;";
    let made = ("2023-02-01-000000_names", up);
    assert_eq!(findings(&[CREATE, made]), []);
    let later = ("2023-03-01-000000_again", "REFRESH MATERIALIZED VIEW names;");
    only(&[CREATE, made, later], "warning", "blocking-refresh", "fills `names` anew");
}

#[test]
fn writes_that_are_more_than_one_update_are_judged_by_the_rows_they_take() {
    let rule = "whole-table-write";
    let of = |up: &'static str| ("2023-03-01-000000_write", up);
    let merge = of(
        "MERGE INTO users USING users AS u ON u.id = users.id WHEN MATCHED THEN UPDATE SET nick = u.name;",
    );
    only(&[CREATE, merge], "warning", rule, "writes the rows of `users` all at once");
    let moved = of("WITH gone AS (DELETE FROM users RETURNING *) SELECT count(*) FROM gone;");
    only(&[CREATE, moved], "warning", rule, "deletes the rows of `users` all at once");
    let some =
        of("UPDATE users SET nick = u.name FROM users AS u WHERE u.id = users.id AND u.id < 100;");
    assert_eq!(findings(&[CREATE, some]), []);
}

#[test]
fn a_rule_changes_what_live_releases_ask_for() {
    let rule =
        ("2023-03-01-000000_quiet", "CREATE RULE quiet AS ON INSERT TO users DO INSTEAD NOTHING;");
    only(&[CREATE, rule], "warning", "unprepared-restriction", "makes the server do otherwise");
}

#[test]
fn tables_that_are_said_to_be_parts_of_each_other_are_read_to_the_end() {
    let circle = (
        "2023-03-01-000000_circle",
        "CREATE TABLE a (id int) PARTITION BY LIST (id);\nCREATE TABLE b (id int) PARTITION BY LIST (id);\n\
         ALTER TABLE a ATTACH PARTITION b DEFAULT;\nALTER TABLE b ATTACH PARTITION a DEFAULT;\n\
         CREATE TABLE c PARTITION OF c DEFAULT PARTITION BY LIST (id);\nALTER TABLE a ATTACH PARTITION a DEFAULT;\n\
         ALTER TABLE a ADD COLUMN n int;\nALTER TABLE c ADD COLUMN n int;\nDROP TABLE a;\nDROP TABLE c;",
    );
    // It ends.
    findings(&[CREATE, circle]);
}

#[test]
fn what_a_condition_lets_drop_is_judged_as_if_it_ran() {
    let of = "DO $$ BEGIN IF current_setting('app.old', true) = 'on' THEN ALTER TABLE users DROP COLUMN name; END IF; END $$;";
    let error = ("error".to_owned(), RULE.to_owned());
    let told = |migrations: &[(&str, &str)]| -> Vec<(String, String)> {
        findings(migrations).into_iter().map(|(severity, rule, _)| (severity, rule)).collect()
    };
    let maybe = ("note".to_owned(), "opaque-migration".to_owned());
    assert_eq!(told(&[CREATE, ("2023-03-01-000000_drop", of)]), [error, maybe]);
}
