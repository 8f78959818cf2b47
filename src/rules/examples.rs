//! Runs the plans in the rules' pages: a bad one is found by its rule and no other, a good one by none.
//!
//! A block is one or more files, each after a line `# file: NAME`. A line `# dialect: sqlite` before them chooses the
//! dialect; a file `planner.yaml` may name rules and apps. A page about what cannot be written as such a block shows a `text bad`
//! block, which is not run. A file `migrations/DIRECTORY/up.sql` (`down.sql`, `metadata.toml`) is part of a migration that
//! somebody wrote by hand; a line `-- edited after it was locked: DIRECTORY` says that of one. In a `sql` block the lines before the
//! files are comments of SQL, `-- file: NAME`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, RuleContext};
use crate::catalog::Catalog;
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::dialect::Dialect;
use crate::graph;
use crate::history::{Directory, Files, History, Text};
use crate::plan::{check, parse};
use crate::source::Sources;

/// Checks a rule's page, and that its name is its file's.
pub(super) fn check(file: &str, rule: &Rule) {
    assert_eq!(rule.code.name, file.replace('_', "-"), "a rule's name is its file's");
    let page = rule.page();
    let of = |word: &str| {
        let languages =
            ["yaml", "sql"].map(|language| blocks(&page, &format!("{language} {word}")));
        languages.concat()
    };
    let (bad, good) = (of("bad"), of("good"));
    assert!(
        !bad.is_empty() || !blocks(&page, "text bad").is_empty(),
        "the page has no bad example"
    );
    for block in bad {
        let found = findings(&block);
        // What a comment in the example accepts is not what it is there for.
        let told = found.iter().filter(|found| found.waived.is_none());
        let codes: Vec<&str> = told.map(|found| found.code.id).collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|code| *code == rule.code.id),
            "bad example of {}: {found:#?}\n{block}",
            rule.code.id
        );
        // What is off is turned on by the example's own `planner.yaml`.
        let severity = match rule.code.severity {
            Severity::Off => Severity::Warning,
            other => other,
        };
        assert!(found.iter().any(|found| found.severity == severity), "{found:#?}");
        for diagnostic in &found {
            well_told(diagnostic);
        }
    }
    for block in good {
        let found = findings(&block);
        assert!(found.is_empty(), "good example of {}: {found:#?}\n{block}", rule.code.id);
    }
}

fn well_told(diagnostic: &Diagnostic) {
    let message = &diagnostic.message;
    assert!(!message.ends_with('.'), "{message}");
    assert!(!message.starts_with(char::is_uppercase), "{message}");
    assert!(diagnostic.help.is_some(), "a finding says what to do: {message}");
    assert!(
        !diagnostic.labels.is_empty() || diagnostic.file.is_some(),
        "a finding has a place: {message}"
    );
}

fn blocks(page: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}");
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == open {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push(inside.join("\n"));
        }
    }
    found
}

/// Returns what all rules find in the files of a block, as `planner check` would on 2026-06-01.
pub(super) fn findings(block: &str) -> Vec<Diagnostic> {
    let mut dialect = Dialect::Postgres;
    let mut files: Vec<(String, String)> = Vec::new();
    let mut edited: BTreeSet<String> = BTreeSet::new();
    for line in block.lines() {
        let line = line
            .strip_prefix("-- file: ")
            .map_or_else(|| line.to_owned(), |name| format!("# file: {name}"));
        let line = line.as_str();
        let said = line.trim_start_matches("# ").trim_start_matches("-- ");
        if let Some(word) = said.strip_prefix("dialect: ").filter(|_| files.is_empty()) {
            dialect = Dialect::parse(word).unwrap();
        } else if let Some(name) = line.strip_prefix("-- edited after it was locked: ") {
            edited.insert(name.to_owned());
        } else if let Some(name) = line.strip_prefix("# file: ") {
            files.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let mut plans = Vec::new();
    let mut config = Config::default();
    let mut directories: BTreeMap<String, Files> = BTreeMap::new();
    for (name, text) in files {
        if let Some(path) = name.strip_prefix("migrations/") {
            let (directory, file) = path.split_once('/').unwrap();
            let files = directories.entry(directory.to_owned()).or_default();
            match file {
                "up.sql" => files.up = Text::Read(text),
                "down.sql" => files.down = Text::Read(text),
                "metadata.toml" => files.metadata = Text::Read(text),
                _ => {}
            }
            continue;
        }
        if name == "planner.yaml" {
            let id = sources.add(name, text.clone());
            config = config::read(id, &text, &mut sink).unwrap_or_default();
            continue;
        }
        let id = sources.add(format!("plans/{name}"), text);
        plans.extend(parse::parse(id, sources.get(id).unwrap(), &mut sink));
    }
    let directories = directories.into_iter();
    let directories = directories.map(|(name, files)| Directory { name, files: Some(files) });
    let mut history = History::gather("migrations".into(), directories.collect(), &mut sources);
    history.edited = edited;
    let start = history.judge(dialect, &sources, &Catalog::empty(dialect));
    let project = check::check(plans, dialect, start, &mut sink);
    if let Some(graph) = graph::build(&project, &mut sink) {
        let context = RuleContext {
            project: &project,
            graph: &graph,
            history: &history,
            sources: &sources,
            severities: &config.severities(),
            squawk: &config.squawk,
            apps: &config.app_names(),
            needs_are_known: config.names_needs(),
            sizes: None,
            today: jiff::civil::date(2026, 6, 1),
        };
        super::check(&context, &mut sink);
    }
    sink.into_sorted()
}
