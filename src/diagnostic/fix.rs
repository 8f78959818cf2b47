//! What a machine may change so that a finding goes away and the meaning stays.

use camino::Utf8PathBuf;

use crate::source::Span;

/// A rewrite that surely keeps the meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "build the index concurrently".
    pub title: String,
    /// What takes the place of what; no two of them overlap.
    pub edits: Vec<Edit>,
    /// Files that are not there yet.
    pub new_files: Vec<NewFile>,
    /// Why it is shown and not made: "it is in `planner.lock`".
    pub held_back: Option<String>,
}

/// A text for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The place; without length where something is put in.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Its path, relative to the project.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

/// Returns a text with edits of it made; `None` if two of them overlap, or one is beyond the text.
#[must_use]
pub fn edited(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        made.push_str(text.get(at..start)?);
        made.push_str(&edit.text);
        at = end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn edits_are_made_at_their_places_and_never_over_one_another() {
        let source = Sources::default().add("a", "abc");
        let edit = |start, end, text: &str| Edit {
            span: Span { source, start, end },
            text: text.to_owned(),
        };
        let (first, last, over) = (edit(0, 1, "x"), edit(3, 3, "!"), edit(0, 2, "y"));
        assert_eq!(edited("abc", &[&last, &first]).as_deref(), Some("xbc!"));
        assert_eq!(edited("abc", &[&first, &over]), None);
        assert_eq!(edited("ab", &[&last]), None);
    }
}
