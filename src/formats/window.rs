//! The lines of a file around a finding: the renderer counts lines from the beginning of what it is given, for every finding anew.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::visible::{on_one_line, visible};
use crate::diagnostic::Label;
use crate::source::{SourceId, Sources};

/// So many lines are kept on either side; the renderer shows one, and looks one further.
const LINES: usize = 3;

/// The lines of a file around some places.
#[derive(Debug)]
pub(super) struct Window {
    path: String,
    /// Its text, as it may be shown.
    text: String,
    /// Where it begins in the file.
    start: usize,
    /// How many lines stand before it.
    lines_before: usize,
}

impl Window {
    /// Returns the lines of a file around these labels, which are all in it.
    pub(super) fn around(sources: &Sources, id: SourceId, labels: &[&Label]) -> Option<Self> {
        let file = sources.get(id)?;
        let first = labels.iter().map(|label| label.span.start as usize).min().unwrap_or(0);
        let last = labels.iter().map(|label| label.span.end as usize).max().unwrap_or(0);
        let first = first.min(file.text.len());
        let (before, after) = (file.text.get(..first)?, file.text.get(last.max(first)..));
        let start = before.rmatch_indices('\n').nth(LINES).map_or(0, |(at, _)| at + 1);
        let end = after.map_or(file.text.len(), |after| {
            let end = after.match_indices('\n').nth(LINES).map_or(after.len(), |(at, _)| at + 1);
            last.max(first) + end
        });
        Some(Self {
            path: on_one_line(file.path.as_str()),
            text: visible(file.text.get(start..end)?).into_owned(),
            start,
            lines_before: file.line_of(start).0.saturating_sub(1),
        })
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let offset = span.offset().checked_sub(self.start).ok_or(MietteError::OutOfBounds)?;
        let of_window = SourceSpan::from((offset, span.len()));
        let read =
            self.text.as_str().read_span(&of_window, context_lines_before, context_lines_after)?;
        let place = SourceSpan::from((read.span().offset() + self.start, read.span().len()));
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            read.data(),
            place,
            read.line() + self.lines_before,
            read.column(),
            read.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn a_window_shows_what_the_whole_file_would() {
        let text = "first\r\n\nthird é\nvierte\n5\n6\n\n8 and more\n9\n10\n11\nlast";
        let mut sources = Sources::default();
        let source = sources.add("a.sql", text);
        let bounds: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        for start in &bounds {
            for end in bounds.iter().filter(|end| *end >= start) {
                let place = |at: usize| u32::try_from(at).unwrap();
                let span = Span { source, start: place(*start), end: place(*end) };
                let label = Label { span, text: String::new() };
                let window = Window::around(&sources, source, &[&label]).unwrap();
                let span = SourceSpan::from((*start, end - start));
                for context in [0, 1] {
                    let seen = window.read_span(&span, context, context).unwrap();
                    let whole = text.read_span(&span, context, context).unwrap();
                    assert_eq!(seen.data(), whole.data(), "{start}..{end}");
                    assert_eq!(seen.span(), whole.span(), "{start}..{end}");
                    let places = (seen.line(), seen.column());
                    assert_eq!(places, (whole.line(), whole.column()), "{start}..{end}");
                }
            }
        }
    }
}
