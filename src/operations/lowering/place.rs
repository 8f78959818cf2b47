//! Where a part of a text in a plan stands in the plan's file.

use crate::source::{Span, Spanned};

/// The places of a text's letters in its file, whichever way it was written: plain, in quotes, or as a block of lines.
#[derive(Clone, Debug)]
pub struct Places {
    span: Span,
    letters: Letters,
}

/// Where in the raw text the letters of the value stand.
#[derive(Clone, Debug)]
enum Letters {
    /// The raw text is the value.
    Same,
    /// From where to where, by byte of the value; nothing for blanks, and for what is not the first byte of a letter.
    At(Vec<Option<(u32, u32)>>),
    /// That cannot be told, as after an escape by number.
    Unknown,
}

impl Places {
    /// Lays a text beside the file that it was read from.
    pub(super) fn of(file: &str, written: &Spanned<String>) -> Self {
        let span = written.span;
        let raw = file.get(span.start as usize..span.end as usize).unwrap_or_default();
        let letters =
            if raw == written.value { Letters::Same } else { beside(raw, &written.value) };
        Self { span, letters }
    }

    /// Returns where a part of the text stands; the whole text where that cannot be told.
    #[must_use]
    pub fn span(&self, offset: usize, len: usize) -> Span {
        let letters = match &self.letters {
            Letters::Same => return self.span.within(offset, len),
            Letters::Unknown => return self.span,
            Letters::At(letters) => letters,
        };
        let rest = letters.get(offset..).unwrap_or_default();
        let Some(first) = rest.iter().flatten().next() else { return self.span };
        let part = rest.get(..len).unwrap_or(rest);
        let (_, end) = part.iter().flatten().next_back().unwrap_or(first);
        let (start, end) = (first.0 as usize, *end as usize);
        self.span.within(start, end.saturating_sub(start))
    }
}

fn beside(raw: &str, value: &str) -> Letters {
    let mut letters = vec![None; value.len()];
    let mut cursor = Cursor::new(raw);
    for (at, letter) in value.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
        let Some(here) = cursor.find(letter) else { return Letters::Unknown };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        if let Some(slot) = letters.get_mut(at) {
            *slot = Some((offset(here), offset(here.saturating_add(letter.len_utf8()))));
        }
    }
    Letters::At(letters)
}

/// Goes through the raw text beside the value.
struct Cursor<'a> {
    raw: &'a str,
    at: usize,
    quote: Option<char>,
}

impl<'a> Cursor<'a> {
    fn new(raw: &'a str) -> Self {
        match raw.chars().next() {
            Some(quote @ ('"' | '\'')) => Self { raw, at: 1, quote: Some(quote) },
            // The head of a block, with what is said of its indentation.
            Some('|' | '>') => {
                let at = raw.find('\n').map_or(raw.len(), |end| end + 1);
                Self { raw, at, quote: None }
            }
            Some(_) | None => Self { raw, at: 0, quote: None },
        }
    }

    fn rest(&self) -> &'a str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    /// Returns where the next letter that is no blank stands, which must be this one, and goes past it.
    fn find(&mut self, letter: char) -> Option<usize> {
        self.skip_blanks();
        let rest = self.rest();
        let (start, width) = match self.quote {
            Some('\'') if rest.starts_with("''") => (self.at, 2),
            Some('"') if rest.starts_with('\\') => (self.at + 1, 2),
            Some(_) | None => (self.at, rest.chars().next()?.len_utf8()),
        };
        let is_it = self.raw.get(start..).is_some_and(|rest| rest.starts_with(letter));
        self.at = self.at.saturating_add(width);
        is_it.then_some(start)
    }

    fn skip_blanks(&mut self) {
        loop {
            let mut letters = self.rest().chars();
            let width = match (letters.next(), letters.next()) {
                (Some(blank), _) if blank.is_whitespace() => blank.len_utf8(),
                (Some('\\'), Some('n' | 't' | 'r' | ' ' | '\n')) if self.quote == Some('"') => 2,
                (Some(_) | None, _) => return,
            };
            self.at = self.at.saturating_add(width);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sink;
    use crate::source::Sources;
    use crate::yaml::node::{self, NodeKind};

    /// Returns line, column and text of each word of the value of `a`.
    fn places(file: &str, words: &[&str]) -> Vec<(usize, usize, String)> {
        let mut sources = Sources::default();
        let source = sources.add("plans/a.yaml", file);
        let node = node::read(source, file, &mut Sink::default()).unwrap();
        let NodeKind::Map(entries) = node.kind else { panic!() };
        let NodeKind::Scalar { text, .. } = &entries[0].1.kind else { panic!() };
        let written = Spanned::new(text.clone(), entries[0].1.span);
        let of = |word: &&str| {
            let span = Places::of(file, &written).span(text.find(*word).unwrap(), word.len());
            let (line, column) = sources.line_column(span);
            (line, column, sources.slice(span).to_owned())
        };
        words.iter().map(of).collect()
    }

    fn at(line: usize, column: usize, text: &str) -> (usize, usize, String) {
        (line, column, text.to_owned())
    }

    #[test]
    fn words_are_found_in_every_way_to_write_a_text() {
        let block = "a: |\n  ALTER TABLE ü\n    DROP x;\n\n  UPDATE t;\nb: c\n";
        assert_eq!(
            places(block, &["ü", "x", "UPDATE t"]),
            [at(2, 15, "ü"), at(3, 10, "x"), at(5, 3, "UPDATE t")]
        );
        let folded = "a: >-\n  one\n  two three\n";
        assert_eq!(places(folded, &["two", "three"]), [at(3, 3, "two"), at(3, 7, "three")]);
        let quoted = "a: 'it''s a word'\n";
        assert_eq!(places(quoted, &["a", "word"]), [at(1, 11, "a"), at(1, 13, "word")]);
        let double = "a: \"say \\\"x\\\" and\\n  z\"\n";
        assert_eq!(places(double, &["x", "z"]), [at(1, 11, "x"), at(1, 22, "z")]);
        let plain = "a: one\n   two\nb: x\n";
        assert_eq!(places(plain, &["one", "two"]), [at(1, 4, "one"), at(2, 4, "two")]);
        assert_eq!(places("a: |2-\n    x\n   y\n", &["y"]), [at(3, 4, "y")]);
    }

    #[test]
    fn what_cannot_be_followed_is_the_whole_text() {
        let escaped = "a: \"\\u0061b c\"\n";
        assert_eq!(places(escaped, &["c"]), [at(1, 4, "\"\\u0061b c\"")]);
    }
}
