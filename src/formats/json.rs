//! One JSON object with `format_version: 1`.

use serde_json::{Map, Value, json};

use super::visible::escaped_json;
use super::{Answer, Format, Style};
use crate::diagnostic::fix::{Edit, Fix, NewFile};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Json;

impl Format for Json {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        let count = |severity| found.iter().filter(|d| d.severity == severity).count();
        let diagnostics: Vec<Value> =
            found.iter().map(|found| diagnostic(sources, found)).collect();
        print(json!({
            "diagnostics": diagnostics,
            "summary": {
                "errors": count(Severity::Error),
                "warnings": count(Severity::Warning),
                "notes": count(Severity::Note),
            },
        }))
    }

    fn answer(&self, answer: &Answer) -> String {
        print(answer.json.clone())
    }
}

fn print(value: Value) -> String {
    let mut object = Map::new();
    object.insert("format_version".into(), 1.into());
    if let Value::Object(fields) = value {
        object.extend(fields);
    }
    escaped_json(format!("{}\n", Value::Object(object)))
}

fn diagnostic(sources: &Sources, found: &Diagnostic) -> Value {
    let label = found.labels.first();
    let place = label.map(|label| sources.line_column(label.span));
    let end = label.map(|label| {
        sources.line_column(crate::source::Span { start: label.span.end, ..label.span })
    });
    let file = label
        .and_then(|label| sources.get(label.span.source))
        .map(|file| &file.path)
        .or(found.file.as_ref());
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|label| {
            let (line, column) = sources.line_column(label.span);
            let file = sources.get(label.span.source).map(|file| file.path.as_str());
            json!({"file": file, "line": line, "column": column, "text": label.text})
        })
        .collect();
    let mut told = json!({
        "code": found.code.id,
        "name": found.code.name,
        "severity": found.severity.word(),
        "message": found.message,
        "file": file.map(|file| file.as_str()),
        "line": place.map(|(line, _)| line),
        "column": place.map(|(_, column)| column),
        "end_line": end.map(|(line, _)| line),
        "end_column": end.map(|(_, column)| column),
        "plan": found.plan.as_ref().map(super::super::name::Name::as_str),
        "step": found.step.as_ref().map(super::super::name::Name::as_str),
        "help": found.help,
        "labels": labels,
    });
    if let (Some(fix), Value::Object(told)) = (&found.fix, &mut told) {
        told.insert("fix".into(), self::fix(sources, fix));
    }
    told
}

fn fix(sources: &Sources, fix: &Fix) -> Value {
    let edit = |edit: &Edit| {
        let (line, column) = sources.line_column(edit.span);
        let end = crate::source::Span { start: edit.span.end, ..edit.span };
        let (end_line, end_column) = sources.line_column(end);
        let file = sources.get(edit.span.source).map(|file| file.path.as_str());
        json!({
            "file": file, "line": line, "column": column, "end_line": end_line,
            "end_column": end_column, "text": edit.text,
        })
    };
    let new_file = |file: &NewFile| json!({"file": file.path.as_str(), "text": file.text});
    json!({
        "title": fix.title,
        "edits": fix.edits.iter().map(edit).collect::<Vec<Value>>(),
        "new_files": fix.new_files.iter().map(new_file).collect::<Vec<Value>>(),
        "held_back": fix.held_back,
    })
}
