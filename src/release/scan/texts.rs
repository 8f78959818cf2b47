//! Names in texts, which may be SQL.

use super::names::{Interest, Seen, is_word_letter};

/// Notes the names that occur in a text. A text that names a table and has a `*` may read all of it.
pub(super) fn note(text: &str, interest: &Interest, seen: &mut Seen) {
    let text = text.to_lowercase();
    let has_star = text.contains('*');
    let words = text.split(|letter: char| !is_word_letter(letter));
    let phrases = interest.phrases.iter().map(String::as_str);
    for word in words.chain(phrases.filter(|phrase| text.contains(*phrase))) {
        if !interest.texts.contains(word) {
            continue;
        }
        seen.texts.insert(word.to_owned());
        if let Some(tables) = interest.sql_tables.get(word).filter(|_| has_star) {
            seen.whole.extend(tables.iter().cloned());
        }
    }
}
