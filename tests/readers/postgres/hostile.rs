//! Texts that are no SQL, half of it, too deep or too long.

use planner::catalog::Catalog;
use planner::dialect::Dialect;
use planner::readers::{Meaning, Statement, parse};

fn read(script: &str) -> Vec<Statement> {
    let parsed = parse(Dialect::Postgres, script);
    let catalog = Catalog::empty(Dialect::Postgres);
    let all = 0..parsed.statements.len();
    all.map(|at| parsed.read(at, script, &catalog).unwrap()).collect()
}

fn unreadable(statement: &Statement) -> Option<(&str, usize)> {
    match &statement.parts.first()?.meaning {
        Meaning::Unreadable { message, offset } => Some((message, *offset)),
        Meaning::Change(_) | Meaning::Opaque { .. } => None,
    }
}

#[test]
fn no_beginning_of_a_script_panics() {
    for name in super::SCRIPTS {
        let script = super::script(name);
        // The ends alone: what stands before has been read by then, so a window is enough.
        for end in (0..=script.len()).filter(|end| script.is_char_boundary(*end)).step_by(3) {
            let start = script[..end].char_indices().rev().nth(160).map_or(0, |(at, _)| at);
            read(&script[start..end]);
        }
    }
}

#[test]
fn a_nul_byte_makes_all_of_it_unreadable() {
    let statements = read("SELECT 1;\nSELECT '\0'; SELECT 2");
    assert_eq!(statements.len(), 1);
    assert_eq!(unreadable(&statements[0]), Some(("a NUL byte cannot be part of SQL", 18)));
}

#[test]
fn what_is_not_closed_is_the_last_statement() {
    for (open, message) in [
        ("'x", "a string is not closed"),
        ("$a$ x $b$", "a string is not closed"),
        ("\"x", "a quoted name is not closed"),
        ("/* /* */ x", "a comment is not closed"),
    ] {
        let script = format!("DROP TABLE a; SELECT {open}; SELECT 2;");
        let statements = read(&script);
        assert_eq!(statements.len(), 2, "{open}");
        assert_eq!(unreadable(&statements[1]), Some((message, 21)), "{open}");
    }
}

#[test]
fn nesting_ten_thousand_deep_is_refused() {
    let deep = 10_000;
    for script in [
        format!("SELECT {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("SELECT {}1", "1 + ".repeat(deep)),
        format!("SELECT {}true", "NOT ".repeat(deep)),
        format!("SELECT {}1{}", "CASE WHEN true THEN ".repeat(deep), " END".repeat(deep)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(deep)),
        format!("SELECT a{}", "[1]".repeat(deep)),
        format!("SELECT a{}", "::text".repeat(deep)),
        format!("SELECT {}1", "- ".repeat(deep)),
        format!("CREATE TABLE t (a int DEFAULT {}1{})", "(".repeat(deep), ")".repeat(deep)),
    ] {
        let statements = read(&script);
        assert!(unreadable(&statements[0]).is_some(), "{}", &script[..40]);
    }
    for body in [
        "BEGIN ".repeat(deep),
        format!("BEGIN {} END", "IF true THEN ".repeat(deep)),
        format!("BEGIN {} END", "LOOP ".repeat(deep)),
        format!("BEGIN PERFORM {}1; END", "(".repeat(deep)),
    ] {
        let block = read(&format!("DO $$ {body} $$"));
        assert!(matches!(block[0].parts[0].meaning, Meaning::Opaque { .. }));
        for language in ["sql", "plpgsql"] {
            let text =
                format!("CREATE FUNCTION f() RETURNS int LANGUAGE {language} AS $$ {body} $$");
            assert_eq!(read(&text).len(), 1);
        }
    }
}

#[test]
fn many_rows_are_known_by_their_table() {
    let rows = "(1, 'it''s; a row'),\n".repeat(20_000);
    let script = format!("INSERT INTO users (id, name) VALUES\n{rows}(2, 'x');\nSELECT 1;");
    let statements = read(&script);
    assert_eq!(statements.len(), 2);
    let Meaning::Change(change) = &statements[0].parts[0].meaning else { panic!("{statements:?}") };
    let planner::change::Change::Other(other) = change.as_ref() else { panic!("{change:?}") };
    assert_eq!(other.on, Some("users".into()));
    assert_eq!(other.touches.len(), 3);
}

#[test]
fn a_hundred_thousand_statements_are_read_in_one_go() {
    let n = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let script = "ALTER TABLE users ADD COLUMN a int;\n".repeat(n);
    assert_eq!(read(&script).len(), n);
}

#[test]
fn line_ends_marks_and_comments_are_no_statements() {
    let statements =
        read("\u{feff}-- first\r\nCREATE TABLE a (id int);\r\n\r\n/* second */ ;\r\n-- third");
    assert_eq!(statements.len(), 1);
    assert!(matches!(statements[0].parts[0].meaning, Meaning::Change(_)));
    assert!(read("").is_empty());
    assert!(read("-- nothing\n/* at all */").is_empty());
}
