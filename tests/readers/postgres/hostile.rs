//! Texts that are no SQL, half of it, too deep or too long.

use planner::dialect::Dialect;
use planner::readers::{Meaning, Statement};

use crate::readers::hostile::unreadable;

fn read(script: &str) -> Vec<Statement> {
    crate::readers::hostile::read(Dialect::Postgres, script)
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
