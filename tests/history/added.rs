//! What a migration does to columns, types and tables that no release knows or uses.

use super::{RULE, findings, of_dialect, only};

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE boats (id bigint PRIMARY KEY, title text NOT NULL, berth text NOT NULL);",
);

fn said_of(up: &str) -> Vec<(String, String, String)> {
    findings(&[CREATE, ("2023-03-01-000000_then", up)])
}

#[track_caller]
fn says_nothing(rule: &str, up: &str) {
    let found = said_of(up);
    assert!(found.iter().all(|(_, of, _)| of != rule), "{found:#?}");
}

#[test]
fn a_column_that_the_migration_added_may_get_another_name_type_or_go() {
    says_nothing(
        RULE,
        "ALTER TABLE boats ADD COLUMN draft int;
         ALTER TABLE boats RENAME COLUMN draft TO draught;
         ALTER TABLE boats ALTER COLUMN draught TYPE bigint USING draught * 100;
         ALTER TABLE boats DROP COLUMN draught;",
    );
}

#[test]
fn a_column_under_a_name_that_releases_know_is_not_new() {
    let swap = "ALTER TABLE boats ADD COLUMN place bigint;
         UPDATE boats SET place = berth::bigint;
         ALTER TABLE boats DROP COLUMN berth;
         ALTER TABLE boats RENAME COLUMN place TO berth;";
    only(
        &[CREATE, ("2023-03-01-000000_then", swap)],
        "error",
        RULE,
        "changes the type of column `boats.berth`",
    );
    let back = "ALTER TABLE boats RENAME COLUMN berth TO place;
         ALTER TABLE boats ADD COLUMN berth text;
         ALTER TABLE boats DROP COLUMN place;";
    let found = said_of(back);
    assert!(
        found.iter().any(|(severity, rule, _)| severity == "error" && rule == RULE),
        "{found:#?}"
    );
}

#[test]
fn a_column_that_becomes_required_in_the_migration_that_adds_it_breaks_inserts() {
    let rule = "unprepared-restriction";
    let filled = "ALTER TABLE boats ADD COLUMN flag text;
         UPDATE boats SET flag = 'none';
         ALTER TABLE boats ALTER COLUMN flag SET NOT NULL;";
    let said = "makes column `boats.flag` required, which inserts of the live release leave out";
    only(&[CREATE, ("2023-03-01-000000_then", filled)], "error", rule, said);
    let dropped = "ALTER TABLE boats ADD COLUMN flag text NOT NULL DEFAULT 'none';
         ALTER TABLE boats ALTER COLUMN flag DROP DEFAULT;";
    only(&[CREATE, ("2023-03-01-000000_then", dropped)], "error", rule, said);
    let kept = "ALTER TABLE boats ADD COLUMN flag text;
         UPDATE boats SET flag = 'none';
         ALTER TABLE boats ALTER COLUMN flag SET NOT NULL;
         ALTER TABLE boats ALTER COLUMN flag SET DEFAULT 'none';";
    says_nothing(rule, kept);
}

#[test]
fn a_check_on_a_new_column_binds_nobody_who_leaves_it_to_its_default() {
    let rule = "unprepared-restriction";
    says_nothing(
        rule,
        "ALTER TABLE boats ADD COLUMN flag text NOT NULL DEFAULT 'none' CHECK (flag IN ('none', 'red'));",
    );
    let both =
        "ALTER TABLE boats ADD COLUMN flag text NOT NULL DEFAULT 'none' CHECK (flag <> title);";
    let found = said_of(both);
    assert!(found.iter().any(|(_, of, _)| of == rule), "{found:#?}");
    let unique = "ALTER TABLE boats ADD COLUMN flag text NOT NULL DEFAULT 'none' UNIQUE;";
    let found = said_of(unique);
    assert!(found.iter().any(|(_, of, _)| of == rule), "{found:#?}");
}

#[test]
fn an_enum_that_no_column_had_holds_nothing() {
    let create = ("2023-02-01-000000_enum", "CREATE TYPE rig AS ENUM ('sloop', 'yawl');");
    let drop = ("2023-03-01-000000_drop", "DROP TYPE rig;");
    only(
        &[CREATE, create, drop],
        "warning",
        RULE,
        "drops enum `rig`: a release that names it fails",
    );
    let used = ("2023-02-02-000000_used", "ALTER TABLE boats ADD COLUMN rig rig;");
    let both = ("2023-03-01-000000_drop", "ALTER TABLE boats DROP COLUMN rig;\nDROP TYPE rig;");
    let found = findings(&[CREATE, create, used, both]);
    let errors = found.iter().filter(|(severity, rule, _)| severity == "error" && rule == RULE);
    assert_eq!(errors.count(), 2, "{found:#?}");
}

#[test]
fn sqlite_drops_a_table_that_others_still_refer_to() {
    let create = (
        "2023-01-01-000000_create",
        "CREATE TABLE docks (id INTEGER PRIMARY KEY, code TEXT);
         CREATE TABLE ropes (id INTEGER PRIMARY KEY, dock_id INTEGER REFERENCES docks (id));",
    );
    // The reference follows the old table, so nothing but its number of columns stands for the new one.
    let moved = (
        "2023-03-01-000000_moved",
        "ALTER TABLE docks RENAME TO old_docks;
         CREATE TABLE docks (id INTEGER PRIMARY KEY, label TEXT);
         INSERT INTO docks (id, label) SELECT id, code FROM old_docks;
         DROP TABLE old_docks;",
    );
    // Were the old table still there for planner, its name would not be free.
    let again = ("2023-04-01-000000_again", "CREATE TABLE old_docks (id INTEGER PRIMARY KEY);");
    let found = of_dialect("sqlite", &[create, moved, again]);
    let said = "drops column `docks.code`, and prepares that in the same migration";
    assert!(found.iter().any(|(_, _, message)| message.starts_with(said)), "{found:#?}");
    assert!(!found.iter().any(|(_, _, message)| message.contains("old_docks")), "{found:#?}");
}
