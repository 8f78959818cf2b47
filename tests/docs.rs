//! The reference pages under `docs/reference/` are what the program says of itself.
//!
//! `PLANNER_UPDATE_DOCS=1 cargo test --test main docs` writes them.

use std::fs;
use std::path::Path;

use planner::{commands, operations, rules};

#[track_caller]
fn page(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    if std::env::var_os("PLANNER_UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/reference/{name} is stale: run `PLANNER_UPDATE_DOCS=1 cargo test --test main docs` and commit it"
    );
}

#[test]
fn the_page_of_commands_is_the_help_of_every_command() {
    let mut text = String::from("# Commands\n\nWhat `planner COMMAND --help` prints.\n");
    let mut whole = commands::command_line().term_width(100);
    whole.build();
    describe(&mut whole, "planner", &mut text);
    page("commands.md", &text);
}

fn describe(command: &mut clap::Command, name: &str, text: &mut String) {
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    *text += &format!("\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for inner in command.get_subcommands_mut().filter(|inner| inner.get_name() != "help") {
        let name = format!("{name} {}", inner.get_name());
        describe(inner, &name, text);
    }
}

#[test]
fn the_page_of_rules_is_what_explain_prints() {
    let mut text = String::from("# Rules\n\nWhat `planner explain CODE` prints.\n");
    for rule in rules::ALL {
        let waivable = if rule.waivable { "may be waived" } else { "cannot be waived" };
        let severity = rule.code.severity.word();
        text += &format!(
            "\n## {} {}\n\nSeverity: {severity}; since {}; {waivable}.\n\n{}\n",
            rule.code.id,
            rule.code.name,
            rule.since,
            lower_headings(rule.doc)
        );
    }
    page("rules.md", &text);
}

#[test]
fn the_page_of_operations_is_what_their_files_say() {
    let mut text = String::from("# Operations\n\nThe kinds of steps, with every key.\n");
    for (key, schema) in operations::schemas() {
        text += &format!("\n## `{key}`\n\n{}\n\n", schema["description"].as_str().unwrap());
        let required: Vec<&str> = schema["required"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key.as_str().unwrap())
            .collect();
        text += "| key | | |\n| --- | --- | --- |\n";
        for (field, of) in schema["properties"].as_object().unwrap() {
            let must = if required.contains(&field.as_str()) { "required" } else { "" };
            let doc = of["description"].as_str().unwrap_or_default().replace('|', "\\|");
            text += &format!("| `{field}` | {must} | {doc} |\n");
        }
    }
    page("operations.md", &text);
}

#[test]
fn the_page_of_coverage_has_every_danger_once_and_names_only_rules_that_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/coverage.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let rows: Vec<Vec<&str>> = rows
        .map(|row| row.trim().split('|').skip(1).map(str::trim).collect())
        .filter(|row: &Vec<&str>| !["#", "danger"].contains(&row[0]))
        .collect();
    let numbered = |letter: char| (1..).map(move |n| format!("{letter}{n}"));
    for id in numbered('L').take(26).chain(numbered('C').take(15)) {
        assert_eq!(rows.iter().filter(|row| row[0] == id).count(), 1, "{id}");
    }
    let mut n_named = 0;
    for row in &rows {
        let at = if row[0].len() <= 3 { 2 } else { 1 };
        let names: Vec<&str> = row[at].split('`').skip(1).step_by(2).collect();
        let why = row.get(at + 1).copied().unwrap_or_default();
        assert!(!names.is_empty() || !why.is_empty(), "{row:?}");
        for name in names {
            assert!(rules::by_name_or_code(name).is_some(), "`{name}` is no rule: {row:?}");
            n_named += 1;
        }
    }
    assert!(n_named > 60, "{n_named}");
    for rule in rules::ALL.iter().filter(|rule| rule.code.id.starts_with("EC4")) {
        assert!(
            text.contains(&format!("`{}`", rule.code.name)),
            "{} is not on the page",
            rule.code.name
        );
    }
}

/// Takes a doc comment's leading spaces away and puts its headings below the page's.
fn lower_headings(doc: &str) -> String {
    let lines = doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut in_block = false;
    let lines = lines.map(|line| {
        in_block ^= line.starts_with("```");
        if line.starts_with("# ") && !in_block { format!("##{line}") } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
