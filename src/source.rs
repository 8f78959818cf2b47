//! Where a value was written: source files, byte spans, and values that remember their span.

use std::fmt;
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

/// Identifies one file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A byte range in one source file; `start <= end`, both on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte, counted from 0.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns a span inside this one, `offset` bytes from its start and `len` bytes long,
    /// cut off at this span's end.
    #[must_use]
    pub fn within(self, offset: usize, len: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let start = self.start.saturating_add(clamp(offset)).min(self.end);
        Self { source: self.source, start, end: start.saturating_add(clamp(len)).min(self.end) }
    }
}

/// A value and the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Returns the same place with another value.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: into(self.value), span: self.span }
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// One file's path and text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the project's root, with `/` between its parts.
    pub path: Utf8PathBuf,
    /// The whole text.
    pub text: Arc<str>,
    /// Where each line starts, in bytes; found out when it is first asked for.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    fn new(path: Utf8PathBuf, text: Arc<str>) -> Self {
        Self { path, text, lines: OnceLock::new() }
    }

    /// Returns the number of the line that a place is in, from 1, and where that line starts.
    pub(crate) fn line_of(&self, at: usize) -> (usize, usize) {
        let lines = self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(end, _)| end + 1)).collect()
        });
        let line = lines.partition_point(|start| *start <= at);
        (line, lines.get(line.saturating_sub(1)).copied().unwrap_or_default())
    }
}

/// All files that were read, by id.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and returns its id.
    ///
    /// INVARIANT: fewer than 2^32 files; ids past that collapse into one, which only misplaces a label.
    pub fn add(&mut self, path: impl Into<Utf8PathBuf>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(path.into(), text.into()));
        id
    }

    /// Returns the file with this id, if it is one of these sources.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&SourceFile> {
        self.files.get(usize::try_from(id.0).ok()?)
    }

    /// Returns the file with this path.
    #[must_use]
    pub fn find(&self, path: &Utf8Path) -> Option<SourceId> {
        let at = self.files.iter().position(|file| file.path == path)?;
        u32::try_from(at).ok().map(SourceId)
    }

    /// Returns the text that a span covers, or nothing if the span is of another set of sources.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let range = span.start as usize..span.end as usize;
        self.get(span.source).and_then(|file| file.text.get(range)).unwrap_or_default()
    }

    /// Returns line and column of a span's start, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        let Some(file) = self.get(span.source) else { return (1, 1) };
        let at = (span.start as usize).min(file.text.len());
        let (line, line_start) = file.line_of(at);
        (line, file.text.get(line_start..at).unwrap_or_default().chars().count() + 1)
    }

    /// Returns the same files with the same ids, each with the path that is made of its own.
    #[must_use]
    pub fn named(&self, path: impl Fn(&Utf8Path) -> Utf8PathBuf) -> Self {
        let file = |file: &SourceFile| SourceFile::new(path(&file.path), file.text.clone());
        Self { files: self.files.iter().map(file).collect() }
    }

    /// Returns all files in the order they were added.
    #[must_use]
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_counted_in_characters() {
        let mut sources = Sources::default();
        let source = sources.add("plans/a.yaml", "title: x\nowner: äö z\n");
        let span = Span { source, start: 21, end: 22 };
        assert_eq!(sources.slice(span), "z");
        assert_eq!(sources.line_column(span), (2, 11));
    }

    #[test]
    fn a_span_within_never_leaves_its_span() {
        let mut sources = Sources::default();
        let source = sources.add("plans/a.yaml", "abcdef");
        let span = Span { source, start: 1, end: 4 };
        assert_eq!(sources.slice(span.within(1, 10)), "cd");
        assert_eq!(sources.slice(span.within(10, 10)), "");
    }
}
