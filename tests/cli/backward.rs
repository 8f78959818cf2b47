//! A `down.sql` that is no SQL: told by `check`, before somebody needs it.

use crate::support::project::Project;

fn project(dialect: &str, down: &str) -> Project {
    Project::with_config(&format!("dialect: {dialect}\n"))
        .file("migrations/2025-01-01-000000_a/up.sql", "CREATE TABLE a (id integer PRIMARY KEY);")
        .file("migrations/2025-01-01-000000_a/down.sql", down)
}

#[test]
fn a_way_back_that_does_not_parse_is_told_at_its_place() {
    for dialect in ["sqlite", "postgres"] {
        let project = project(dialect, "DROP TABLE b;\nDORP TABEL a;\n");
        let found = project.json(&["check"], 0)["diagnostics"].clone();
        let told = found.as_array().unwrap().iter().find(|of| of["code"] == "EC712");
        let told = told.unwrap_or_else(|| panic!("{dialect}: {found}"));
        assert_eq!(told["severity"], "warning");
        assert_eq!(told["file"], "migrations/2025-01-01-000000_a/down.sql");
        assert_eq!(told["line"], 2, "{told}");
        assert!(told["message"].as_str().unwrap().starts_with("this is not SQL"), "{told}");
    }
}

#[test]
fn sql_of_another_engine_is_no_way_back() {
    for (dialect, down) in [
        ("sqlite", "DROP TABLE a CASCADE;"),
        ("sqlite", "DO $$ BEGIN DROP TABLE a; END $$;"),
        ("postgres", "DROP TABLE `a`;"),
        ("postgres", "PRAGMA foreign_keys = OFF;\nDROP TABLE a;"),
    ] {
        let found = project(dialect, down).findings(0);
        assert!(found.iter().any(|(code, _)| code == "EC712"), "{down}: {found:?}");
    }
}

#[test]
fn a_way_back_that_is_sql_is_not_told() {
    let written = [
        ("sqlite", "DROP TABLE a;"),
        ("sqlite", "-- irreversible: the rows are gone"),
        ("postgres", "DO $$ BEGIN DROP TABLE a; END $$;"),
        ("postgres", "DROP TABLE a; -- it's gone\n"),
    ];
    for (dialect, down) in written {
        assert_eq!(project(dialect, down).findings(0), [], "{down}");
    }
}

#[test]
fn what_a_baseline_covers_is_not_told() {
    let project = project("sqlite", "DORP TABEL a;");
    project.run(&["baseline", "--from", "migrations"]).exits(0);
    assert_eq!(project.findings(0), []);
}
