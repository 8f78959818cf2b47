//! Markdown, to be pasted into a pull request.

use super::{Answer, Format, Style, counted, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Markdown. Tables are written by the commands that have some: the shell refuses it for other answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Markdown;

/// How much of a line is quoted, in characters.
const QUOTED_MAX: usize = 200;

impl Format for Markdown {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        let count = |severity| found.iter().filter(|found| found.severity == severity).count();
        let mut counts = vec![
            counted(count(Severity::Error), "error", "errors"),
            counted(count(Severity::Warning), "warning", "warnings"),
        ];
        if count(Severity::Note) > 0 {
            counts.push(counted(count(Severity::Note), "note", "notes"));
        }
        let mut page = format!("### planner: {}\n", counts.join(", "));
        for found in found {
            page += "\n";
            page += &item(sources, found);
        }
        page
    }

    fn answer(&self, answer: &Answer) -> String {
        super::visible::visible(&answer.human).into_owned()
    }

    fn names_files_from_repository(&self) -> bool {
        true
    }
}

fn item(sources: &Sources, found: &Diagnostic) -> String {
    let mut item =
        format!("- **{}** `{}` {}", found.severity.word(), found.code.id, found.code.name);
    if let Some(place) = place::word(sources, found) {
        item += &format!(" at {}", code(&place));
    }
    item += &format!(": {}\n", prose(&found.message));
    if let Some((line, language)) = quoted(sources, found) {
        let fence = "`".repeat(longest_run(&line).max(2).saturating_add(1));
        item += &format!("\n  {fence}{language}\n  {line}\n  {fence}\n");
    }
    for place::Note { place, text } in place::notes(sources, found) {
        let words = if text.is_empty() { "" } else { ": " };
        let place = place.map_or_else(|| "here".to_owned(), |place| code(&place));
        item += &format!("\n  {place}{words}{}\n", prose(&text));
    }
    if let Some(help) = &found.help {
        item += &format!("\n  **help:** {}\n", prose(help));
    }
    item
}

/// Returns the line that a finding begins on, without its indentation, and the language it is written in.
fn quoted(sources: &Sources, found: &Diagnostic) -> Option<(String, &'static str)> {
    let span = found.labels.first()?.span;
    let file = sources.get(span.source)?;
    let line = file.text.lines().nth(sources.line_column(span).0.checked_sub(1)?)?.trim();
    if line.is_empty() {
        return None;
    }
    let language = match file.path.extension() {
        Some("yaml" | "yml") => "yaml",
        Some("sql") => "sql",
        Some("toml") => "toml",
        _ => "text",
    };
    let shown: String = line.chars().take(QUOTED_MAX).map(printable).collect();
    let rest = if shown.len() < line.len() { " …" } else { "" };
    Some((format!("{shown}{rest}"), language))
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

/// Writes a text as a span of code, whatever is in it.
fn code(text: &str) -> String {
    let text: String = text.chars().map(printable).collect();
    let fence = "`".repeat(longest_run(&text).saturating_add(1));
    let is_bare = !text.starts_with(['`', ' ']) && !text.ends_with(['`', ' ']) && !text.is_empty();
    let pad = if is_bare { "" } else { " " };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Writes prose in which words stand in backticks: those become spans of code, and everything else stands for itself.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks makes no pairs.
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(at, part): (usize, &&str)| match (at.is_multiple_of(2), part.is_empty()) {
        (true, _) => escaped(part),
        (false, true) => escaped("``"),
        (false, false) => code(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// Writes a text so that nothing in it means anything to Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            other => escaped.push(printable(other)),
        }
    }
    escaped
}

/// Returns the letter, or what is shown for one that would end a line or cannot be seen.
const fn printable(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' => ' ',
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
        other => other,
    }
}
