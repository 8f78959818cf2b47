//! Where a finding is, as formats for programs name places.

use std::fmt;

use camino::Utf8Path;

use crate::diagnostic::{Diagnostic, Label};
use crate::source::{Sources, Span};

/// From where to where a text goes; lines and columns are counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) line: usize,
    pub(super) column: usize,
    /// The line of its last character.
    pub(super) end_line: usize,
    /// One past its last character.
    pub(super) end_column: usize,
}

/// Returns the region of a span, without the line breaks and blanks that it ends in: a region that ends before the first
/// character of a line would be shown as covering that line.
pub(super) fn region(sources: &Sources, span: Span) -> Region {
    let covered = sources.slice(span).trim_end().len();
    let end = span.start.saturating_add(u32::try_from(covered).unwrap_or(u32::MAX)).min(span.end);
    let (line, column) = sources.line_column(span);
    let (end_line, end_column) = sources.line_column(Span { start: end, end, ..span });
    Region { line, column, end_line, end_column }
}

/// Returns the file that a label points into.
pub(super) fn file<'a>(sources: &'a Sources, label: &Label) -> Option<&'a Utf8Path> {
    sources.get(label.span.source).map(|file| file.path.as_path())
}

/// Returns a finding's own file, and its region there if it is of a place in it.
pub(super) fn of<'a>(
    sources: &'a Sources,
    found: &'a Diagnostic,
) -> Option<(&'a Utf8Path, Option<Region>)> {
    let label = found.labels.first();
    let placed =
        label.and_then(|label| Some((file(sources, label)?, Some(region(sources, label.span)))));
    placed.or_else(|| Some((found.file.as_deref()?, None)))
}

/// Returns a finding's place in one word: `plans/a.yaml:6:18`.
pub(super) fn word(sources: &Sources, found: &Diagnostic) -> Option<String> {
    Some(match of(sources, found)? {
        (file, Some(region)) => format!("{file}:{}:{}", region.line, region.column),
        (file, None) => file.to_string(),
    })
}

/// Returns what stands at a finding's places: `here: a column` at its own, `plans/b.yaml:2:1: its type` at another.
pub(super) fn notes(sources: &Sources, found: &Diagnostic) -> Vec<Note> {
    let note = |(at, label): (usize, &Label)| {
        let text = label.text.clone();
        if at == 0 {
            return (!text.is_empty()).then_some(Note { place: None, text });
        }
        let (line, column) = sources.line_column(label.span);
        Some(Note { place: Some(format!("{}:{line}:{column}", file(sources, label)?)), text })
    };
    found.labels.iter().enumerate().filter_map(note).collect()
}

/// What stands at a place.
pub(super) struct Note {
    /// The place; none if it is the finding's own.
    pub(super) place: Option<String>,
    /// The words; may be empty.
    pub(super) text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.as_deref().unwrap_or("here"))?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}
