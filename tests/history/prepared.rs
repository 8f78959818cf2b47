//! What counts as the preparation of a drop, and what only looks like it.

use super::{RULE, findings, only};

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE clubs (id bigint PRIMARY KEY, title text, town text, founded date, fee bigint, score bigint);
     CREATE TABLE members (id bigint PRIMARY KEY, club_id bigint, title text, points bigint);",
);
const DROP_CLUBS: (&str, &str) = ("2023-03-01-000000_drop", "DROP TABLE clubs;");

/// What is said of the last migration, after one that did this.
fn after(did: &str, then: &str) -> (String, String) {
    let migrations = [CREATE, ("2023-02-01-000000_did", did), ("2023-03-01-000000_then", then)];
    let mut found = findings(&migrations);
    found.retain(|(_, rule, _)| rule == RULE);
    let (severity, _, message) = found.pop().unwrap();
    (severity, message)
}

#[track_caller]
fn is_prepared(did: &str, then: &str) {
    let (severity, message) = after(did, then);
    assert!(severity == "note" && message.contains("contract, prepared by"), "{message}");
}

#[track_caller]
fn is_not_prepared(did: &str, then: &str) {
    let (severity, message) = after(did, then);
    assert!(severity == "error" && message.contains("no earlier migration"), "{message}");
}

#[test]
fn a_few_columns_or_sums_of_a_table_are_not_the_table() {
    let keys = "CREATE TABLE log (id bigint PRIMARY KEY, club_id bigint);
        INSERT INTO log (club_id) SELECT id FROM clubs;";
    is_not_prepared(keys, DROP_CLUBS.1);
    let sums = "CREATE TABLE totals (id bigint PRIMARY KEY, title text, n bigint, fee bigint);
        INSERT INTO totals (title, n, fee) SELECT title, count(id), sum(fee) FROM clubs GROUP BY title;";
    is_not_prepared(sums, DROP_CLUBS.1);
    let all = "CREATE TABLE societies (id bigint PRIMARY KEY, title text, town text, fee bigint);
        INSERT INTO societies (id, title, town, fee) SELECT c.id, c.title, c.town, c.fee FROM clubs c JOIN members m ON m.club_id = c.id;";
    is_prepared(all, DROP_CLUBS.1);
    let star = "CREATE TABLE societies (LIKE clubs);\nINSERT INTO societies SELECT * FROM clubs;";
    is_prepared(star, DROP_CLUBS.1);
}

#[test]
fn rows_may_join_those_of_an_older_table() {
    let moved =
        "INSERT INTO clubs (id, title, score) SELECT id + 1000, title, points FROM members;";
    is_prepared(moved, "DROP TABLE members;");
}

#[test]
fn values_go_to_a_column_that_is_no_older() {
    let younger = "ALTER TABLE clubs ADD COLUMN place text;\nUPDATE clubs SET place = town;";
    is_prepared(younger, "ALTER TABLE clubs DROP COLUMN town;");
    let older = "ALTER TABLE clubs ADD COLUMN rank bigint;\nUPDATE clubs SET score = rank + 1;";
    is_not_prepared(older, "ALTER TABLE clubs DROP COLUMN rank;");
    let joined = "ALTER TABLE members ADD COLUMN town text;
        UPDATE members m SET town = c.town FROM clubs c WHERE c.id = m.club_id;";
    is_prepared(joined, "ALTER TABLE clubs DROP COLUMN town;");
    is_not_prepared(joined, "ALTER TABLE clubs DROP COLUMN fee;");
    let looked_up = "ALTER TABLE members ADD COLUMN town text;
        UPDATE members SET town = (SELECT c.town FROM clubs c WHERE c.id = members.club_id);";
    is_prepared(looked_up, "ALTER TABLE clubs DROP COLUMN town;");
}

#[test]
fn a_copy_that_is_gone_again_holds_nothing() {
    let copied = "ALTER TABLE clubs ADD COLUMN place text;\nUPDATE clubs SET place = town;";
    let gone = ("2023-02-02-000000_gone", "ALTER TABLE clubs DROP COLUMN place;");
    let drop = ("2023-03-01-000000_drop", "ALTER TABLE clubs DROP COLUMN town;");
    let found = findings(&[CREATE, ("2023-02-01-000000_did", copied), gone, drop]);
    let said = "drops column `clubs.town`, and no earlier migration prepared it";
    assert!(found.iter().any(|(_, _, message)| message == said), "{found:#?}");
}

#[test]
fn a_copy_is_still_there_under_another_name() {
    let copied = "ALTER TABLE clubs ADD COLUMN place text;\nUPDATE clubs SET place = town;";
    let renamed = (
        "2023-02-01-120000_renamed",
        "ALTER TABLE clubs RENAME COLUMN place TO city;\nALTER TABLE clubs RENAME TO societies;",
    );
    let drop = ("2023-03-01-000000_drop", "ALTER TABLE societies DROP COLUMN town;");
    let found = findings(&[CREATE, ("2023-02-01-000000_did", copied), renamed, drop]);
    let said = "drops column `societies.town`: contract, prepared by `2023-02-01-000000_did`";
    assert!(found.iter().any(|(_, _, message)| message == said), "{found:#?}");
}

#[test]
fn what_only_names_or_deletes_prepares_nothing() {
    let function = "CREATE FUNCTION town_of(club bigint) RETURNS text LANGUAGE sql AS $$ SELECT town FROM clubs WHERE id = club $$;";
    is_not_prepared(function, "ALTER TABLE clubs DROP COLUMN town;");
    let some = "DELETE FROM clubs c USING members m WHERE m.club_id = c.id AND c.town IS NULL;";
    is_not_prepared(some, DROP_CLUBS.1);
    is_prepared("DELETE FROM clubs;", DROP_CLUBS.1);
}

#[test]
fn a_rename_is_not_prepared_by_a_copy() {
    let copied = "ALTER TABLE clubs ADD COLUMN place text;\nUPDATE clubs SET place = town;";
    is_not_prepared(copied, "ALTER TABLE clubs RENAME COLUMN town TO city;");
    is_not_prepared(copied, "ALTER TABLE clubs ALTER COLUMN town TYPE bytea USING town::bytea;");
}

#[test]
fn a_type_goes_after_its_last_column() {
    let made = "CREATE TYPE mood AS ENUM ('good', 'bad');\nALTER TABLE clubs ADD COLUMN mood mood;";
    let gone = "ALTER TABLE clubs DROP COLUMN mood;";
    let both = [
        ("2023-02-01-000000_made", made),
        ("2023-02-03-000000_gone", gone),
        ("2023-03-01-000000_type", "DROP TYPE mood;"),
    ];
    let found = findings(&[CREATE, both[0], both[1], both[2]]);
    let said = "drops enum `mood`: contract, prepared by `2023-02-03-000000_gone`";
    assert!(found.iter().any(|(_, _, message)| message == said), "{found:#?}");
    let at_once =
        ("2023-03-01-000000_type", "ALTER TABLE clubs DROP COLUMN mood;\nDROP TYPE mood;");
    let found = findings(&[CREATE, both[0], at_once]);
    let said = "drops enum `mood`, and prepares that in the same migration, which ships at once";
    assert!(found.iter().any(|(_, _, message)| message == said), "{found:#?}");
}

#[test]
fn a_view_goes_after_one_that_has_taken_its_place() {
    let view =
        ("2023-01-15-000000_view", "CREATE VIEW towns AS SELECT id, title, town FROM clubs;");
    let next = (
        "2023-02-01-000000_next",
        "CREATE VIEW places AS SELECT id, title, town, founded FROM clubs;",
    );
    let drop = ("2023-03-01-000000_drop", "DROP VIEW towns;");
    let said = "drops view `towns`: contract, prepared by `2023-02-01-000000_next`";
    only(&[CREATE, view, next, drop], "note", RULE, said);
    let unlike = ("2023-02-01-000000_next", "CREATE VIEW names AS SELECT id, points FROM members;");
    only(&[CREATE, view, unlike, drop], "error", RULE, "drops view `towns`, and no earlier");
}

#[test]
fn views_that_one_statement_drops_do_not_stand_for_one_another() {
    let views =
        ("2023-01-15-000000_views", "CREATE VIEW towns AS SELECT id, title, town FROM clubs;");
    let next = (
        "2023-02-01-000000_next",
        "CREATE VIEW places AS SELECT id, title, town, founded FROM clubs;",
    );
    for both in ["DROP VIEW towns, places;", "DROP VIEW places, towns;"] {
        let found = findings(&[CREATE, views, next, ("2023-03-01-000000_drop", both)]);
        for view in ["towns", "places"] {
            let said = format!("drops view `{view}`, and no earlier migration prepared it");
            let is_told = found.iter().any(|(of, _, message)| of == "error" && *message == said);
            assert!(is_told, "{both} {view}: {found:#?}");
        }
    }
    // One after the other the older one is prepared, and the younger one is not.
    let found = findings(&[
        CREATE,
        views,
        next,
        ("2023-03-01-000000_drop", "DROP VIEW towns;\nDROP VIEW places;"),
    ]);
    let told: Vec<&str> = found.iter().filter(|of| of.1 == RULE).map(|of| of.0.as_str()).collect();
    assert_eq!(told, ["note", "error"], "{found:#?}");
}

/// What is said of the drop of `clubs` after it was copied to `societies` and that was made anew with these columns.
fn after_rebuild(dialect: &str, columns: &str, copied: &str) -> Vec<(String, String, String)> {
    let copy = (
        "2023-02-01-000000_copy",
        "CREATE TABLE societies (id bigint PRIMARY KEY, title text, town text, founded date);
         INSERT INTO societies (id, title, town, founded) SELECT id, title, town, founded FROM clubs;",
    );
    let anew = format!(
        "CREATE TABLE societies_new ({columns});
         INSERT INTO societies_new ({copied}) SELECT {copied} FROM societies;
         DROP TABLE societies;
         ALTER TABLE societies_new RENAME TO societies;"
    );
    let migrations = [CREATE, copy, ("2023-02-20-000000_anew", anew.as_str()), DROP_CLUBS];
    let mut found = super::of_dialect(dialect, &migrations);
    found.retain(|(_, rule, message)| rule == RULE && message.contains("`clubs`"));
    found
}

#[test]
fn a_copy_is_still_there_in_a_table_that_was_made_anew() {
    for dialect in ["sqlite", "postgres"] {
        let columns = "id bigint PRIMARY KEY, title text NOT NULL, town text, founded date";
        let found = after_rebuild(dialect, columns, "id, title, town, founded");
        let [(severity, _, message)] = found.as_slice() else { panic!("{dialect}: {found:#?}") };
        let said = "drops table `clubs`: contract, prepared by `2023-02-01-000000_copy`";
        assert!(severity == "note" && message == said, "{dialect}: {message}");
    }
}

#[test]
fn what_a_table_lost_when_it_was_made_anew_is_no_copy_any_more() {
    for dialect in ["sqlite", "postgres"] {
        let found = after_rebuild(dialect, "id bigint PRIMARY KEY, score bigint", "id");
        let [(severity, _, message)] = found.as_slice() else { panic!("{dialect}: {found:#?}") };
        assert!(
            severity == "error" && message.contains("no earlier migration"),
            "{dialect}: {message}"
        );
    }
}
