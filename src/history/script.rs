//! An `up.sql` or a `down.sql`.

use camino::Utf8Path;

use super::Text;
use crate::source::{SourceId, Sources, Span};

/// A file of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub source: SourceId,
    /// The first line that is not blank, where findings of the whole file point.
    pub first_line: Span,
    /// What there is in it.
    pub content: Content,
}

/// What there is in a file of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// It could not be read.
    Unreadable,
    /// Not a byte: Diesel refuses to run it.
    Empty,
    /// Nothing but blanks and comments.
    Comments {
        /// Whether a comment says that there is no way back: it begins with the word `irreversible`, as the key of a step.
        irreversible: bool,
    },
    /// Something to run.
    Statements,
}

impl Script {
    /// Adds a file to the sources; none if it is not there.
    pub(super) fn read(path: &Utf8Path, text: Text, sources: &mut Sources) -> Option<Self> {
        let (text, content) = match text {
            Text::Absent => return None,
            Text::Unreadable => (String::new(), Content::Unreadable),
            Text::Read(text) => {
                let content = content(&text);
                (text, content)
            }
        };
        let blank = text.len() - text.trim_start().len();
        let line = text.get(blank..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let end = blank.saturating_add(line.trim_end().len());
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let source = sources.add(path, text);
        Some(Self {
            source,
            first_line: Span { source, start: place(blank), end: place(end) },
            content,
        })
    }
}

fn content(text: &str) -> Content {
    if text.is_empty() {
        return Content::Empty;
    }
    let mut irreversible = false;
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ';');
        let (comment, after) = if let Some(line) = rest.strip_prefix("--") {
            line.split_once('\n').unwrap_or((line, ""))
        } else if rest.starts_with("/*") {
            let Some(end) = end_of_comment(rest) else { return Content::Statements };
            let (comment, after) = rest.split_at(end);
            (comment.trim_start_matches("/*"), after)
        } else {
            break;
        };
        let word = comment.trim_start_matches(|letter: char| !letter.is_alphanumeric());
        let word = word.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        irreversible |= word.eq_ignore_ascii_case("irreversible");
        rest = after;
    }
    if rest.is_empty() { Content::Comments { irreversible } } else { Content::Statements }
}

/// Returns where a comment between `/*` and `*/` ends, which PostgreSQL lets contain others.
fn end_of_comment(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0_usize;
    loop {
        let rest = text.get(at..)?;
        let (open, close) = (rest.find("/*"), rest.find("*/")?);
        match open {
            Some(open) if open < close => {
                depth = depth.saturating_add(1);
                at = at.saturating_add(open).saturating_add(2);
            }
            Some(_) | None => {
                depth = depth.saturating_sub(1);
                at = at.saturating_add(close).saturating_add(2);
                if depth == 0 {
                    return Some(at);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_statements() {
        let only = |irreversible| Content::Comments { irreversible };
        for (text, expected) in [
            ("", Content::Empty),
            ("\n", only(false)),
            (" ;\r\n;", only(false)),
            ("-- This file should undo anything in `up.sql`\n", only(false)),
            ("--", only(false)),
            ("-- irreversible: the old values are gone", only(true)),
            ("/* Irreversible. */", only(true)),
            ("-- nothing is irreversible", only(false)),
            ("/* a /* b */ DROP TABLE c; */\n-- d", only(false)),
            ("/* a */ DROP TABLE c;", Content::Statements),
            ("-- a\nDROP TABLE c", Content::Statements),
            ("/* not closed", Content::Statements),
            ("/*/ DROP TABLE c; */", only(false)),
            ("SELECT 1 -- a", Content::Statements),
        ] {
            assert_eq!(content(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_finding_of_the_whole_file_points_at_its_first_line_of_text() {
        let mut sources = Sources::default();
        let text = Text::Read("\n\n  CREATE TABLE größe ();  \nx".into());
        let script = Script::read("a/up.sql".into(), text, &mut sources).unwrap();
        assert_eq!(sources.slice(script.first_line), "CREATE TABLE größe ();");
        assert_eq!(sources.line_column(script.first_line), (3, 3));
        let empty = Script::read("b/up.sql".into(), Text::Read(String::new()), &mut sources);
        assert_eq!(sources.slice(empty.unwrap().first_line), "");
    }
}
