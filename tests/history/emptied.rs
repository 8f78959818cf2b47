//! A statement that takes all rows of a table: when it is an alarm, and when its history says that it is right.

use super::{RULE, of_dialect};

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE tokens (id bigint PRIMARY KEY, token text NOT NULL, note text);
     CREATE TABLE kept (id bigint PRIMARY KEY, token text, note text);",
);

/// What is said of these migrations, a month each, of both engines alike.
#[track_caller]
fn told(ups: &[&str]) -> Vec<(String, String)> {
    let names = ["2023-02-01-000000_one", "2023-03-01-000000_two"];
    let migrations: Vec<_> =
        std::iter::once(CREATE).chain(names.into_iter().zip(ups.iter().copied())).collect();
    let [postgres, sqlite] = ["postgres", "sqlite"].map(|dialect| {
        let mut found = of_dialect(dialect, &migrations);
        found.retain(|(_, rule, _)| rule == RULE);
        found.into_iter().map(|(severity, _, message)| (severity, message)).collect::<Vec<_>>()
    });
    assert_eq!(postgres, sqlite, "{ups:?}");
    postgres
}

#[track_caller]
fn is(ups: &[&str], severity: &str, said: &str) {
    let found = told(ups);
    let told = found.iter().any(|(of, message)| of == severity && message.contains(said));
    assert!(told, "{ups:?}: {found:#?}");
}

#[test]
fn a_delete_of_all_rows_is_an_error_however_it_is_written() {
    let written = [
        "DELETE FROM tokens;",
        "DELETE FROM tokens WHERE true;",
        "DELETE FROM tokens WHERE (1 = 1);",
        "DELETE FROM tokens WHERE token IS NOT NULL;",
        "DELETE FROM tokens AS gone;",
        "DELETE FROM tokens RETURNING id;",
        "WITH of AS (SELECT 1 WHERE true) DELETE FROM tokens;",
    ];
    for up in written {
        is(&[up], "error", "empties table `tokens`, and no earlier migration prepared it");
    }
}

#[test]
fn a_delete_of_some_rows_is_none() {
    let written = [
        "DELETE FROM tokens WHERE id < 5;",
        "DELETE FROM tokens WHERE note IS NOT NULL;",
        "DELETE FROM tokens WHERE id IN (SELECT id FROM kept);",
        "CREATE TABLE fresh (id bigint PRIMARY KEY);\nINSERT INTO fresh VALUES (1);\nDELETE FROM fresh;",
    ];
    for up in written {
        assert_eq!(told(&[up]), [], "{up}");
    }
}

#[test]
fn what_the_same_migration_fills_again_by_a_query_is_no_loss() {
    let back = "CREATE TABLE aside AS SELECT * FROM tokens;\nDELETE FROM tokens;
        INSERT INTO tokens (id, token, note) SELECT id, token, note FROM aside;\nDROP TABLE aside;";
    assert_eq!(told(&[back]), []);
    let own = "DELETE FROM tokens;\nINSERT INTO tokens (id, token) VALUES (1, 'x');";
    is(&[own], "warning", "empties table `tokens` and fills it with rows of its own");
    let before = "INSERT INTO tokens (id, token) SELECT id, token FROM kept;\nDELETE FROM tokens;";
    is(&[before], "error", "empties table `tokens`");
}

#[test]
fn rows_that_were_copied_before_may_go() {
    let copy = "INSERT INTO kept (id, token, note) SELECT id, token, note FROM tokens;";
    let said = "empties table `tokens`: contract, prepared by `2023-02-01-000000_one`";
    is(&[copy, "DELETE FROM tokens;"], "note", said);
    let at_once = format!("{copy}\nDELETE FROM tokens;");
    is(&[&at_once], "error", "prepares that in the same migration");
}

#[test]
fn a_drop_in_the_same_migration_is_told_once() {
    let found = told(&["DELETE FROM tokens;\nDROP TABLE tokens;"]);
    let [(severity, message)] = found.as_slice() else { panic!("{found:#?}") };
    assert!(severity == "error" && message.starts_with("drops table `tokens`"), "{message}");
}

#[test]
fn the_preparation_of_a_later_drop_is_told_as_that() {
    let ups = ["DELETE FROM tokens;", "DROP TABLE tokens;"];
    is(
        &ups,
        "note",
        "empties table `tokens`, which prepares that `2023-03-01-000000_two` drops it",
    );
    is(&ups, "note", "drops table `tokens`: contract, prepared by `2023-02-01-000000_one`");
}

#[test]
fn that_a_table_was_emptied_once_says_nothing_of_the_rows_since() {
    let found = told(&["DELETE FROM tokens;", "DELETE FROM tokens;"]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().all(|(severity, _)| severity == "error"), "{found:#?}");
    let ups = [
        ("2023-02-01-000000_one", "DELETE FROM tokens;"),
        ("2023-03-01-000000_two", "TRUNCATE tokens;"),
    ];
    let found = of_dialect("postgres", &[CREATE, ups[0], ups[1]]);
    let errors = found.iter().filter(|(severity, ..)| severity == "error");
    assert_eq!(errors.count(), 2, "{found:#?}");
}

#[test]
fn what_follows_and_cannot_be_read_makes_it_a_warning() {
    let up = "DELETE FROM tokens;\nDO $$ BEGIN EXECUTE 'a' || 'b'; END $$;";
    let found = of_dialect("postgres", &[CREATE, ("2023-02-01-000000_one", up)]);
    let said = "empties table `tokens`, and nobody can tell whether what follows fills it again";
    assert!(found.iter().any(|(of, _, message)| of == "warning" && message == said), "{found:#?}");
}
