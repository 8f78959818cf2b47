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
