//! What each statement of the scripts is read as.

use std::fmt::Write as _;

use planner::catalog::Catalog;
use planner::change::apply::apply;
use planner::change::canonical::canonical;
use planner::dialect::Dialect;
use planner::readers::{How, Meaning, Statement, parse};

/// Writes each statement, or its beginning, and below it what it does.
fn told(script: &str) -> String {
    let parsed = parse(Dialect::Sqlite, script);
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let mut text = String::new();
    for (at, place) in parsed.statements.iter().enumerate() {
        let statement = parsed.read(at, script, &catalog).unwrap();
        let words: Vec<&str> = script[place.clone()].split_whitespace().collect();
        let _ = writeln!(text, "{}", short(&words.join(" "), 100));
        text.push_str(&parts(&statement, script));
        for part in &statement.parts {
            if let Meaning::Change(change) = &part.meaning {
                apply(change, &mut catalog).ok();
            }
        }
    }
    text
}

fn short(text: &str, len: usize) -> String {
    if text.chars().count() <= len {
        return text.to_owned();
    }
    let cut: String = text.chars().take(len).collect();
    format!("{cut}…")
}

fn parts(statement: &Statement, script: &str) -> String {
    let mut text = String::new();
    if let Some(alone) = statement.alone {
        let _ = writeln!(text, "    alone: {alone}");
    }
    if let Some(control) = statement.transaction {
        let _ = writeln!(text, "    transaction: {control:?}");
    }
    for part in &statement.parts {
        let meaning = match &part.meaning {
            Meaning::Change(change) => canonical(change),
            Meaning::Opaque { why } => format!("opaque: {why}"),
            Meaning::Unreadable { message, offset } => {
                format!("unreadable: {message}, at {:?}", short(&script[*offset..], 10))
            }
        };
        let _ = write!(text, "    {}", meaning.trim_end().replace('\n', "\n      "));
        if part.how != How::default() {
            let _ = write!(text, " [{:?}]", part.how);
        }
        if part.place.start > statement.place.start {
            let words: Vec<&str> = script[part.place.clone()].split_whitespace().collect();
            let _ = write!(text, " @ {}", short(&words.join(" "), 40));
        }
        text.push('\n');
    }
    text
}

#[test]
fn every_statement_is_read_as_what_it_does() {
    for name in super::SCRIPTS {
        insta::assert_snapshot!(format!("read_{name}"), told(&super::script(name)));
    }
}
