//! Texts that are no SQL, half of it, or much of it, in either dialect.

use planner::catalog::Catalog;
use planner::change::Change;
use planner::dialect::Dialect;
use planner::readers::{Meaning, Statement, parse};

pub fn read(dialect: Dialect, script: &str) -> Vec<Statement> {
    let parsed = parse(dialect, script);
    let catalog = Catalog::empty(dialect);
    let all = 0..parsed.statements.len();
    all.map(|at| parsed.read(at, script, &catalog).unwrap()).collect()
}

pub fn unreadable(statement: &Statement) -> Option<(&str, usize)> {
    match &statement.parts.first()?.meaning {
        Meaning::Unreadable { message, offset } => Some((message, *offset)),
        Meaning::Change(_) | Meaning::Opaque { .. } => None,
    }
}

fn no_beginning_panics(dialect: Dialect, scripts: impl Iterator<Item = String>, window: usize) {
    for script in scripts {
        // The ends alone: what stands before has been read by then, so a window is enough.
        for end in (0..=script.len()).filter(|end| script.is_char_boundary(*end)).step_by(3) {
            let start = script[..end].char_indices().rev().nth(window).map_or(0, |(at, _)| at);
            read(dialect, &script[start..end]);
        }
    }
}

#[test]
fn no_beginning_of_a_postgresql_script_panics() {
    use super::postgres::{SCRIPTS, script};
    no_beginning_panics(Dialect::Postgres, SCRIPTS.iter().map(|name| script(name)), 160);
}

#[test]
fn no_beginning_of_an_sqlite_script_panics() {
    use super::sqlite::{SCRIPTS, script};
    no_beginning_panics(Dialect::Sqlite, SCRIPTS.iter().map(|name| script(name)), 300);
}

#[test]
fn a_nul_byte_makes_all_of_it_unreadable() {
    for dialect in Dialect::ALL {
        let statements = read(dialect, "SELECT 1;\nSELECT '\0'; SELECT 2");
        assert_eq!(statements.len(), 1);
        assert_eq!(unreadable(&statements[0]), Some(("a NUL byte cannot be part of SQL", 18)));
    }
}

#[test]
fn many_rows_are_known_by_their_table() {
    let rows = "(1, 'it''s; a row'),\n".repeat(20_000);
    let script = format!("INSERT INTO users (id, name) VALUES\n{rows}(2, 'x');\nSELECT 1;");
    for dialect in Dialect::ALL {
        let statements = read(dialect, &script);
        assert_eq!(statements.len(), 2);
        let Meaning::Change(change) = &statements[0].parts[0].meaning else {
            panic!("{statements:?}")
        };
        let Change::Other(other) = change.as_ref() else { panic!("{change:?}") };
        assert_eq!(other.on, Some("users".into()));
        assert_eq!(other.touches.len(), 3);
        assert!(other.text.len() < 100, "the rows are not copied");
    }
}

#[test]
fn a_hundred_thousand_statements_are_read_in_one_go() {
    let n = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let script = "ALTER TABLE users ADD COLUMN a int;\n".repeat(n);
    for dialect in Dialect::ALL {
        assert_eq!(read(dialect, &script).len(), n);
    }
}

#[test]
fn line_ends_marks_and_comments_are_no_statements() {
    for dialect in Dialect::ALL {
        let text = "\u{feff}-- first\r\nCREATE TABLE a (id int);\r\n\r\n/* second */ ;\r\n-- third";
        let statements = read(dialect, text);
        assert_eq!(statements.len(), 1);
        assert!(matches!(statements[0].parts[0].meaning, Meaning::Change(_)));
        assert!(read(dialect, "").is_empty());
        assert!(read(dialect, "-- nothing\n/* at all */").is_empty());
    }
}
