//! GitHub's workflow commands, which become annotations on the lines of a pull request.

use super::{Answer, Format, Style, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Annotations for GitHub.
#[derive(Clone, Copy, Debug)]
pub(super) struct Github;

impl Format for Github {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        found.iter().map(|found| command(sources, found)).collect()
    }

    fn answer(&self, answer: &Answer) -> String {
        super::visible::visible(&answer.human).into_owned()
    }

    fn names_files_from_repository(&self) -> bool {
        true
    }
}

fn command(sources: &Sources, found: &Diagnostic) -> String {
    let kind = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note | Severity::Off => "notice",
    };
    let mut properties: Vec<(&str, String)> = Vec::new();
    if let Some((file, region)) = place::of(sources, found) {
        properties.push(("file", file.to_string()));
        if let Some(region) = region {
            properties.push(("line", region.line.to_string()));
            properties.push(("endLine", region.end_line.to_string()));
            // GitHub refuses columns where the lines differ.
            if region.line == region.end_line {
                properties.push(("col", region.column.to_string()));
                properties.push(("endColumn", region.end_column.to_string()));
            }
        }
    }
    properties.push(("title", format!("{} {}", found.code.id, found.code.name)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    let mut words = found.message.clone();
    for note in place::notes(sources, found) {
        words += &format!("\n{note}");
    }
    if let Some(help) = &found.help {
        words += &format!("\nhelp: {help}");
    }
    format!("::{kind} {}::{}\n", properties.join(","), data(&words))
}

/// Escapes what stands behind `::`. Other control characters, which a log would obey, are replaced.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    text.replace(|letter: char| letter.is_control() && letter != '\t', "\u{fffd}")
}

/// Escapes a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
