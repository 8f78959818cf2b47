//! Texts that are no SQL, half of it, too deep or too long.

use planner::dialect::Dialect;
use planner::readers::{Meaning, Statement, parse};

use crate::readers::hostile::unreadable;

fn read(script: &str) -> Vec<Statement> {
    crate::readers::hostile::read(Dialect::Sqlite, script)
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
fn a_long_statement_that_is_no_rows_is_opaque() {
    let script = format!("SELECT {}1;", "1, ".repeat(500_000));
    assert!(matches!(read(&script)[0].parts[0].meaning, Meaning::Opaque { .. }));
}

#[test]
fn a_hundred_thousand_rebuilds_that_are_none_are_read_in_one_go() {
    let n = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let script = "CREATE TABLE a (b); DROP TABLE a; ALTER TABLE a RENAME TO b;\n".repeat(n / 5);
    assert_eq!(read(&script).len(), n / 5 * 3);
}
