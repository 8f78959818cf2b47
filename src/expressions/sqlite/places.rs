//! Where in the text a name stands: SQLite's tree has no positions, its words have.

use super::tokens::Token;

/// Finds names in the order in which the tree has them, which is nearly the text's.
#[derive(Debug)]
pub(super) struct Places<'t> {
    tokens: &'t [Token<'t>],
    taken: Vec<bool>,
}

impl<'t> Places<'t> {
    pub(super) fn new(tokens: &'t [Token<'t>]) -> Self {
        Self { tokens, taken: vec![false; tokens.len()] }
    }

    /// Returns start and length of the first place not yet taken where these words stand joined by dots and name
    /// a column or a table, not a function, a type or a collation.
    pub(super) fn take(&mut self, parts: &[&str]) -> (usize, usize) {
        let found = (0..self.tokens.len()).find(|&at| self.stands_at(at, parts));
        let Some(at) = found else { return (0, 0) };
        let last = at + (parts.len().saturating_sub(1)) * 2;
        if let Some(taken) = self.taken.get_mut(at) {
            *taken = true;
        }
        match (self.tokens.get(at), self.tokens.get(last)) {
            (Some(first), Some(last)) => (first.start, last.start + last.raw.len() - first.start),
            _ => (0, 0),
        }
    }

    fn stands_at(&self, at: usize, parts: &[&str]) -> bool {
        let raw = |index: usize| self.tokens.get(index).map(|token| token.raw);
        let end = at + parts.len() * 2 - 1;
        let words = parts.iter().enumerate().all(|(nth, part)| raw(at + nth * 2) == Some(*part));
        let dots = (1..parts.len()).all(|nth| raw(at + nth * 2 - 1) == Some("."));
        let before = at.checked_sub(1).and_then(raw).unwrap_or_default();
        let other_role =
            ["as", "collate", "over", "."].iter().any(|word| word.eq_ignore_ascii_case(before));
        let free = self.taken.get(at) == Some(&false);
        words && dots && free && !other_role && !matches!(raw(end), Some("(" | "."))
    }
}
