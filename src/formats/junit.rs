//! Test results as XML, which nearly every CI shows: a test case a file.

use std::collections::BTreeMap;

use super::visible::is_obeyed;
use super::{Answer, Format, Style, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Test results.
#[derive(Clone, Copy, Debug)]
pub(super) struct Junit;

impl Format for Junit {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        // What is of no file is of the project; it is a case too, so that there is one even where no file is.
        let mut cases: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::from([(PROJECT, Vec::new())]);
        for file in sources.files() {
            cases.entry(file.path.as_str()).or_default();
        }
        for found in found {
            let file = place::of(sources, found).map_or(PROJECT, |(file, _)| file.as_str());
            cases.entry(file).or_default().push(found);
        }
        let is_failed =
            |found: &Vec<&Diagnostic>| found.iter().any(|found| found.severity == Severity::Error);
        let counts = format!(
            "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\"",
            cases.len(),
            cases.values().filter(|found| is_failed(found)).count()
        );
        let cases: String = cases.iter().map(|(file, found)| case(sources, file, found)).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"planner\" {counts}>\n  \
             <testsuite name=\"planner check\" {counts}>\n{cases}  </testsuite>\n</testsuites>\n"
        )
    }

    fn answer(&self, answer: &Answer) -> String {
        answer.human.clone()
    }

    fn names_files_from_repository(&self) -> bool {
        true
    }
}

/// The name of the case of what is of no file.
const PROJECT: &str = "project";

fn case(sources: &Sources, file: &str, found: &[&Diagnostic]) -> String {
    let name = attribute(file);
    let mut case = format!("    <testcase name=\"{name}\" classname=\"planner\"");
    if file != PROJECT {
        case += &format!(" file=\"{name}\"");
    }
    if found.is_empty() {
        return case + "/>\n";
    }
    case += ">\n";
    let (failed, passed): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        found.iter().copied().partition(|found| found.severity == Severity::Error);
    if let Some(first) = failed.first() {
        let more = match failed.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        case += &format!(
            "      <failure type=\"{} {}\" message=\"{}\">{}</failure>\n",
            first.code.id,
            first.code.name,
            attribute(&format!("{}{more}", first.message)),
            text(&told(sources, &failed))
        );
    }
    if !passed.is_empty() {
        case += &format!("      <system-out>{}</system-out>\n", text(&told(sources, &passed)));
    }
    case + "    </testcase>\n"
}

fn told(sources: &Sources, found: &[&Diagnostic]) -> String {
    let one = |found: &&Diagnostic| {
        let place = place::word(sources, found).map(|place| format!("{place}: "));
        let notes = place::notes(sources, found).into_iter();
        let notes: String = notes.map(|note| format!("  {note}\n")).collect();
        let help = found.help.as_ref().map(|help| format!("  help: {help}\n"));
        let (severity, code) = (found.severity.word(), found.code);
        format!(
            "{}{severity}: {} {}: {}\n{notes}{}",
            place.unwrap_or_default(),
            code.id,
            code.name,
            found.message,
            help.unwrap_or_default()
        )
    };
    found.iter().map(one).collect()
}

/// Escapes a text between tags. What XML 1.0 cannot hold, not even escaped, is replaced.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\r' => escaped += "&#13;",
            '\n' | '\t' => escaped.push(letter),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other if is_obeyed(other) => escaped += &format!("&#{};", u32::from(other)),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Escapes an attribute's value, in which a line break would be read as a blank.
fn attribute(value: &str) -> String {
    text(value).replace('\n', "&#10;").replace('\t', "&#9;")
}
