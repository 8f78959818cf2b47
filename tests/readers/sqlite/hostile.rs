//! Texts that are no SQL, half of it, too deep or too long.

use planner::catalog::Catalog;
use planner::change::Change;
use planner::dialect::Dialect;
use planner::readers::{Meaning, Statement, parse};

fn read(script: &str) -> Vec<Statement> {
    let parsed = parse(Dialect::Sqlite, script);
    let catalog = Catalog::empty(Dialect::Sqlite);
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
            let start = script[..end].char_indices().rev().nth(300).map_or(0, |(at, _)| at);
            read(&script[start..end]);
        }
    }
}

#[test]
fn no_statement_without_one_of_its_words_panics() {
    for name in super::SCRIPTS {
        let script = super::script(name);
        for place in parse(Dialect::Sqlite, &script).statements {
            let words: Vec<&str> = script[place].split_inclusive(' ').collect();
            for left_out in 0..words.len() {
                let rest = words.iter().enumerate().filter(|(at, _)| *at != left_out);
                read(&rest.map(|(_, word)| *word).collect::<String>());
            }
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
        ("'x", "a quote is not closed"),
        ("\"x", "a quote is not closed"),
        ("`x", "a quote is not closed"),
        ("[x", "a `[` is not closed"),
        ("x'0g'", "a blob has digits that are not hexadecimal"),
    ] {
        let script = format!("DROP TABLE a; SELECT {open}; SELECT 2;");
        let statements = read(&script);
        assert_eq!(statements.len(), 2, "{open}");
        assert_eq!(unreadable(&statements[1]).map(|(message, _)| message), Some(message), "{open}");
    }
    // The engine takes this comment for closed.
    assert_eq!(read("DROP TABLE a; SELECT 1 /* x").len(), 2);
}

#[test]
fn nesting_ten_thousand_deep_is_refused() {
    let deep = 10_000;
    for script in [
        format!("SELECT {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("SELECT {}1", "1 + ".repeat(deep)),
        format!("SELECT {}1", "NOT ".repeat(deep)),
        format!("SELECT {}1{}", "CASE WHEN 1 THEN ".repeat(deep), " END".repeat(deep)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(deep)),
        format!("SELECT {}1", "- ".repeat(deep)),
        format!("SELECT a{}", " COLLATE nocase".repeat(deep)),
        format!("SELECT * FROM a{}", " JOIN a".repeat(deep)),
        format!("CREATE TABLE t (a DEFAULT ({}1{}))", "(".repeat(deep), ")".repeat(deep)),
        format!(
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT {}1{}; END",
            "(".repeat(deep),
            ")".repeat(deep)
        ),
    ] {
        let statements = read(&script);
        let meaning = &statements[0].parts[0].meaning;
        assert!(matches!(meaning, Meaning::Opaque { .. }), "{meaning:?}: {}", &script[..40]);
    }
}

#[test]
fn many_rows_are_known_by_their_table_and_are_not_copied() {
    let rows = "(1, 'it''s; a row'),\n".repeat(20_000);
    let script = format!("INSERT INTO users (id, name) VALUES\n{rows}(2, 'x');\nSELECT 1;");
    let statements = read(&script);
    assert_eq!(statements.len(), 2);
    let Meaning::Change(change) = &statements[0].parts[0].meaning else { panic!("{statements:?}") };
    let Change::Other(other) = change.as_ref() else { panic!("{change:?}") };
    assert_eq!(other.on, Some("users".into()));
    assert_eq!(other.touches.len(), 3);
    assert!(other.text.len() < 100);
}

#[test]
fn a_long_statement_that_is_no_rows_is_opaque() {
    let script = format!("SELECT {}1;", "1, ".repeat(500_000));
    assert!(matches!(read(&script)[0].parts[0].meaning, Meaning::Opaque { .. }));
}

#[test]
fn a_hundred_thousand_statements_are_read_in_one_go() {
    let n = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let mut script = "ALTER TABLE users ADD COLUMN a int;\n".repeat(n);
    assert_eq!(read(&script).len(), n);
    script = "CREATE TABLE a (b); DROP TABLE a; ALTER TABLE a RENAME TO b;\n".repeat(n / 5);
    assert_eq!(read(&script).len(), n / 5 * 3);
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
