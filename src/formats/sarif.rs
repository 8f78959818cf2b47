//! SARIF 2.1.0, which code scanners and editors read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8Path;
use serde_json::{Map, Value, json};

use super::{Answer, Format, Style, fingerprint, place};
use crate::diagnostic::{Code, Diagnostic, Fix, Severity};
use crate::rules;
use crate::source::Sources;

/// SARIF.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sarif;

/// The name that relative paths are relative to; whoever reads the file knows where that is.
const ROOT: &str = "%SRCROOT%";

impl Format for Sarif {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        let codes: BTreeMap<&str, Code> =
            found.iter().map(|found| (found.code.id, found.code)).collect();
        let rules: Vec<Value> = codes.values().map(|code| rule(*code)).collect();
        let any_is_waived = found.iter().any(|found| found.waived.is_some());
        let fingerprints = fingerprint::fingerprints(sources, found);
        let result = |(found, fingerprint): (&Diagnostic, String)| {
            let index = codes.keys().position(|id| *id == found.code.id);
            let mut result = result(sources, found);
            result.insert("ruleIndex".into(), index.into());
            result.insert("partialFingerprints".into(), json!({"plannerFinding/v1": fingerprint}));
            // Where one result says whether it is suppressed, all have to.
            if any_is_waived {
                result.insert("suppressions".into(), suppressions(found));
            }
            Value::Object(result)
        };
        let results: Vec<Value> = found.iter().zip(fingerprints).map(result).collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "planner",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }},
                "invocations": [{"executionSuccessful": true}],
                "originalUriBaseIds": {ROOT: {"description": {"text": "the top of the repository"}}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        super::visible::escaped_json(format!("{log}\n"))
    }

    fn answer(&self, answer: &Answer) -> String {
        answer.human.clone()
    }

    fn names_files_from_repository(&self) -> bool {
        true
    }
}

fn rule(code: Code) -> Value {
    let rule = rules::by_name_or_code(code.id);
    let page = rule.map(rules::Rule::page).unwrap_or_default();
    // The finding's own severity may be another one here.
    let severity = rule.map_or(code.severity, |rule| rule.code.severity);
    let paragraph = page.split("\n\n").next().unwrap_or_default().trim();
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": {"text": code.name.replace('-', " ")},
        "fullDescription": {"text": paragraph},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level(severity)},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
        Severity::Off => "none",
    }
}

fn result(sources: &Sources, found: &Diagnostic) -> Map<String, Value> {
    let mut words = found.message.clone();
    if let Some(help) = &found.help {
        words += &format!("\nhelp: {help}");
    }
    let mut result = Map::new();
    result.insert("ruleId".into(), found.code.id.into());
    result.insert("level".into(), level(found.severity).into());
    result.insert("message".into(), json!({"text": plain(&words)}));
    let mut labels = found.labels.iter().filter_map(|label| {
        let file = place::file(sources, label)?;
        Some(location(file, Some(place::region(sources, label.span)), &label.text))
    });
    let own = labels.next().or_else(|| Some(location(found.file.as_deref()?, None, "")));
    result.insert("locations".into(), own.into_iter().map(Value::Object).collect());
    let related: Vec<Value> = labels
        .enumerate()
        .map(|(at, mut location)| {
            location.insert("id".into(), at.into());
            Value::Object(location)
        })
        .collect();
    if !related.is_empty() {
        result.insert("relatedLocations".into(), related.into());
    }
    if let Some(fix) = found.fix.as_ref().filter(|fix| fix.held_back.is_none()) {
        result.insert("fixes".into(), json!([self::fix(sources, fix)]));
    }
    result
}

fn location(file: &Utf8Path, region: Option<place::Region>, words: &str) -> Map<String, Value> {
    let mut physical = Map::new();
    physical.insert("artifactLocation".into(), artifact(file));
    if let Some(region) = region {
        physical.insert("region".into(), self::region(&region));
    }
    let mut location = Map::new();
    location.insert("physicalLocation".into(), Value::Object(physical));
    if !words.is_empty() {
        location.insert("message".into(), json!({"text": plain(words)}));
    }
    location
}

fn artifact(file: &Utf8Path) -> Value {
    let mut artifact = Map::new();
    artifact.insert("uri".into(), uri(file).into());
    if !file.is_absolute() {
        artifact.insert("uriBaseId".into(), ROOT.into());
    }
    Value::Object(artifact)
}

fn region(place: &place::Region) -> Value {
    let place::Region { line, column, end_line, end_column } = place;
    json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
}

fn fix(sources: &Sources, fix: &Fix) -> Value {
    let start = place::Region { line: 1, column: 1, end_line: 1, end_column: 1 };
    let change = |file: &Utf8Path, place: &place::Region, text: &str| {
        let replacement =
            json!({"deletedRegion": region(place), "insertedContent": {"text": text}});
        json!({"artifactLocation": artifact(file), "replacements": [replacement]})
    };
    let edits = fix.edits.iter().filter_map(|edit| {
        let file = &sources.get(edit.span.source)?.path;
        Some(change(file, &place::region(sources, edit.span), &edit.text))
    });
    let new_files = fix.new_files.iter().map(|file| change(&file.path, &start, &file.text));
    let changes: Vec<Value> = edits.chain(new_files).collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}

/// Writes a path as a URI: relative to the root, or with the scheme `file` if it is not below it.
fn uri(file: &Utf8Path) -> String {
    let mut uri = String::from(if file.is_absolute() { "file://" } else { "" });
    for byte in file.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => {
                // Writing into a text cannot fail.
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

/// Writes a text so that nothing in it is taken for a link, which SARIF knows in plain messages too.
fn plain(text: &str) -> String {
    if text.contains("](") {
        text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        text.to_owned()
    }
}

fn suppressions(found: &Diagnostic) -> Value {
    match &found.waived {
        Some(reason) => {
            json!([{"kind": "inSource", "status": "accepted", "justification": reason}])
        }
        None => json!([]),
    }
}
