//! Statements that were passed over in silence once: each is told as what it is.

use super::of_dialect;

const CREATE: (&str, &str) = (
    "2023-01-01-000000_create",
    "CREATE TABLE users (id bigint PRIMARY KEY, name text);
     CREATE TABLE people (id bigint PRIMARY KEY, name text);",
);

/// What is said of a migration with this text.
fn said(dialect: &str, up: &str) -> Vec<(String, String)> {
    let before = of_dialect(dialect, &[CREATE]);
    let mut found = of_dialect(dialect, &[CREATE, ("2023-02-01-000000_next", up)]);
    found.retain(|found| !before.contains(found));
    found.into_iter().map(|(_, rule, message)| (rule, message)).collect()
}

#[track_caller]
fn is(dialect: &str, up: &str, rule: &str, what: &str) {
    let found = said(dialect, up);
    let told = found.iter().any(|(of, message)| of == rule && message.contains(what));
    assert!(told, "{up}: {found:#?}");
}

#[test]
fn what_is_altered_that_releases_may_rely_on_is_told() {
    let written = [
        ("ALTER ROLE web NOLOGIN;", "it alters role `web`"),
        ("ALTER EXTENSION hstore UPDATE;", "it alters extension `hstore`"),
        ("ALTER TYPE point3 DROP ATTRIBUTE z;", "it alters type `point3`"),
        ("ALTER FOREIGN TABLE far DROP COLUMN a;", "it alters foreign object `far`"),
        ("ALTER DATABASE shop SET search_path = x;", "it alters database `shop`"),
        ("ALTER SYSTEM SET work_mem = '1GB';", "it alters setting"),
        ("ALTER SEQUENCE counter MAXVALUE 10;", "it alters sequence `counter`"),
        ("ALTER PUBLICATION all_of_it DROP TABLE users;", "it alters publication `all_of_it`"),
        ("ALTER TABLE users INHERIT people;", "who reads the parent of `users` sees its rows too"),
        ("IMPORT FOREIGN SCHEMA public FROM SERVER far INTO public;", "another server has"),
        ("LOAD 'age';", "it loads a library"),
        ("COPY users FROM PROGRAM 'cat x';", "it calls what may do anything"),
        ("COPY (DELETE FROM users RETURNING *) TO '/x';", "it calls what may do anything"),
        ("CLUSTER;", "one table after another anew"),
    ];
    for (up, what) in written {
        is("postgres", up, "opaque-migration", what);
    }
    for of in ["TABLE", "INDEX", "MATERIALIZED VIEW"] {
        let up = format!("ALTER {of} ALL IN TABLESPACE slow SET TABLESPACE fast;");
        is("postgres", &up, "opaque-migration", "it moves all that a tablespace holds");
    }
}

#[test]
fn what_no_release_notices_or_the_migration_itself_made_is_not_told() {
    let written = [
        "ALTER SEQUENCE counter OWNED BY NONE;",
        "ALTER TABLESPACE slow SET (random_page_cost = 1);",
        "CREATE SEQUENCE counter;\nALTER SEQUENCE counter RESTART WITH 5;",
        "CREATE ROLE web;\nALTER ROLE web NOLOGIN;",
        "COPY users TO '/x';",
        "COMMENT ON TABLE users IS 'x';",
    ];
    for up in written {
        assert_eq!(said("postgres", up), [], "{up}");
    }
}

#[test]
fn what_goes_and_may_be_named_is_a_warning() {
    let rule = "unplanned-destructive-migration";
    is("postgres", "DROP FOREIGN TABLE far;", rule, "drops foreign object `far`");
    is("postgres", "DROP CAST (integer AS text);", rule, "drops cast `integer AS text`");
    is("postgres", "DROP OPERATOR + (int, int);", rule, "drops operator `+ (int, int)`");
    is("postgres", "DROP ROLE web;", rule, "drops role `web`");
    is(
        "postgres",
        "ALTER COLLATION nice RENAME TO nicer;",
        rule,
        "renames or moves collation `nice`",
    );
}

#[test]
fn a_transaction_that_is_prepared_is_no_longer_diesels() {
    let up = "PREPARE TRANSACTION 'one';";
    is("postgres", up, "transaction-in-migration", "ends the transaction that Diesel opens");
}

#[test]
fn a_pragma_that_changes_the_file_for_everybody_is_told() {
    for pragma in ["writable_schema", "schema_version", "rekey"] {
        let what = format!("it alters setting `{pragma}`");
        is("sqlite", &format!("PRAGMA {pragma} = 1;"), "opaque-migration", &what);
    }
    assert_eq!(said("sqlite", "PRAGMA user_version = 5;"), []);
}

#[test]
fn a_database_that_is_attached_is_said_to_be_and_goes_with_the_connection() {
    let attach = "ATTACH 'other.db' AS other;";
    is("sqlite", attach, "opaque-migration", "it attaches a database `other`");
    let detached = said("sqlite", "DETACH other;");
    let [(rule, message)] = detached.as_slice() else { panic!("{detached:#?}") };
    assert!(rule == "statement-not-alone" && message.contains("`DETACH`"), "{message}");
}
