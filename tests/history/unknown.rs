//! What nobody can tell is told: what runs under a condition, what calls anything, what changes for everybody.

use super::{findings, of_dialect};

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE boats (id bigint PRIMARY KEY, title text NOT NULL);",
);

/// What is said of a last migration: severity, rule, message.
fn said_of(up: &str) -> Vec<(String, String, String)> {
    findings(&[CREATE, ("2023-03-01-000000_then", up)])
}

#[track_caller]
fn is_told(up: &str, severity: &str, said: &str) {
    let found = said_of(up);
    let is_said =
        |(of, _, message): &(String, String, String)| of == severity && message.contains(said);
    assert!(found.iter().any(is_said), "{up}: {found:#?}");
}

#[test]
fn what_may_or_may_not_run_is_told() {
    let said = "planner cannot tell what this does";
    for up in [
        "DO $$ BEGIN IF (SELECT count(*) FROM boats) = 0 THEN DROP TABLE boats; END IF; END $$;",
        "DO $$ BEGIN FOR i IN 1..2 LOOP ALTER TABLE boats DROP COLUMN title; END LOOP; END $$;",
        "DO $$ BEGIN CASE WHEN true THEN DROP TABLE boats; ELSE NULL; END CASE; END $$;",
        "CALL tidy_up(1);",
        "SELECT tidy_up(1);",
        "PREPARE p AS DELETE FROM boats;\nEXECUTE p;",
        "EXPLAIN ANALYZE DELETE FROM boats;",
    ] {
        is_told(up, "note", said);
    }
    let up = "PRAGMA writable_schema = 1;\nUPDATE sqlite_master SET sql = '' WHERE name = 'boats';";
    let found = of_dialect("sqlite", &[CREATE, ("2023-03-01-000000_then", up)]);
    assert!(
        found.iter().any(|(_, _, message)| message.contains("it writes the schema itself")),
        "{found:#?}"
    );
}

#[test]
fn a_loop_that_only_writes_rows_of_one_table_is_known() {
    for up in [
        "DO $$ BEGIN FOR i IN 1..2 LOOP UPDATE boats SET title = 'x' WHERE id = i; END LOOP; END $$;",
        "DO $$ BEGIN IF true THEN INSERT INTO boats VALUES (1, 'x'); END IF; END $$;",
        "SELECT setval('boats_id_seq', 3), count(*) FROM boats;",
    ] {
        let found = said_of(up);
        assert!(
            !found.iter().any(|(_, _, message)| message.contains("cannot tell")),
            "{up}: {found:#?}"
        );
    }
}

#[test]
fn rights_of_many_objects_and_rules_and_domains_are_restrictions() {
    is_told(
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;",
        "warning",
        "takes rights away from many objects",
    );
    is_told(
        "CREATE RULE keep AS ON DELETE TO boats DO INSTEAD NOTHING;",
        "note",
        "adds a rule to table `boats`",
    );
    let domain = ("2023-02-01-000000_domain", "CREATE DOMAIN knots AS int;");
    let more = ("2023-03-01-000000_more", "ALTER DOMAIN knots ADD CHECK (VALUE < 99);");
    let found = findings(&[CREATE, domain, more]);
    assert!(
        found
            .iter()
            .any(|(_, _, message)| message.starts_with("restricts the values of domain `knots`")),
        "{found:#?}"
    );
}

#[test]
fn a_name_that_only_the_migration_gave_may_go() {
    let there_and_back = "ALTER TABLE boats RENAME TO ships;\nALTER TABLE ships RENAME TO boats;";
    let found = said_of(there_and_back);
    assert!(found.iter().all(|(severity, ..)| severity != "error"), "{found:#?}");
    let on = "ALTER TABLE boats RENAME TO ships;\nALTER TABLE ships RENAME TO vessels;";
    let found = said_of(on);
    let errors: Vec<_> = found.iter().filter(|(severity, ..)| severity == "error").collect();
    assert!(errors.len() == 1 && errors[0].2.starts_with("renames table `boats`"), "{found:#?}");
}
