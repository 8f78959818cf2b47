//! What earlier statements of a script decide for later ones: where names are looked up, and which tables are temporary.

use std::collections::BTreeSet;
use std::sync::Arc;

use squawk_lexer::{TokenKind, tokenize};

use super::names;
use crate::name::Name;

/// What holds for one statement.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The schemas that a bare name is looked up in, the default schema as `None`; nothing if that cannot be told.
    pub path: Option<Arc<[Option<Name>]>>,
    /// Temporary tables and views so far.
    pub temporary: Arc<BTreeSet<Name>>,
}

/// What holds at one place of a script.
#[derive(Debug)]
pub(super) struct Setup {
    settings: Settings,
    /// What held before `SET LOCAL`.
    outside: Option<Settings>,
}

impl Default for Setup {
    fn default() -> Self {
        let settings = Settings { path: Some([None].into()), temporary: Arc::default() };
        Self { settings, outside: None }
    }
}

impl Setup {
    pub(super) fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// Follows a statement, told by its first words.
    pub(super) fn follow(&mut self, words: &[String], text: &str) {
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        match word(0) {
            "set" if matches!(word(1), "search_path" | "schema") => self.set(text),
            "set"
                if matches!(word(1), "session" | "local")
                    && matches!(word(2), "search_path" | "schema") =>
            {
                if word(1) == "local" {
                    self.outside.get_or_insert_with(|| self.settings.clone());
                }
                self.set(text);
            }
            "reset" if matches!(word(1), "search_path" | "all") => self.reset(),
            "discard" if word(1) == "all" => self.reset(),
            "commit" | "end" | "rollback" | "abort" => {
                if let Some(outside) = self.outside.take() {
                    self.settings.path = outside.path;
                }
            }
            "create" => self.create(words, text),
            "select" | "do" | "call" | "with" if mentions_path(text) => self.call(text),
            _ => {}
        }
    }

    fn reset(&mut self) {
        self.settings.path = Some([None].into());
    }

    fn set(&mut self, text: &str) {
        let after = ["search_path", "schema"].iter().find_map(|word| {
            let at = text.to_ascii_lowercase().find(word)?;
            text.get(at + word.len()..)
        });
        self.settings.path = after.and_then(path);
    }

    /// `set_config('search_path', '…', …)`, as dumps have it; anything else that speaks of the path may set it to anything.
    fn call(&mut self, text: &str) {
        let lower = text.to_ascii_lowercase();
        let set = lower.find("set_config").and_then(|at| text.get(at + "set_config".len()..));
        self.settings.path = set.and_then(two_strings).and_then(|(setting, value)| {
            setting.eq_ignore_ascii_case("search_path").then(|| path(&value)).flatten()
        });
    }

    /// Remembers `CREATE TEMPORARY TABLE t`.
    fn create(&mut self, words: &[String], text: &str) {
        let is_temporary = |word: &&String| matches!(word.as_str(), "temp" | "temporary");
        if !words.iter().take(5).any(|word| is_temporary(&word)) {
            return;
        }
        let mut kinds = false;
        for token in tokenize_words(text) {
            let folded = names::fold(token);
            match folded.as_str() {
                "table" | "view" | "sequence" => kinds = true,
                "if" | "not" | "exists" => {}
                _ if kinds => {
                    let mut all = BTreeSet::clone(&self.settings.temporary);
                    all.insert(Name::new(folded));
                    self.settings.temporary = Arc::new(all);
                    return;
                }
                _ => {}
            }
        }
    }
}

fn mentions_path(text: &str) -> bool {
    const WORD: &[u8] = b"search_path";
    text.as_bytes().windows(WORD.len()).any(|window| window.eq_ignore_ascii_case(WORD))
}

fn tokenize_words(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    tokenize(text).filter_map(move |token| {
        let start = at;
        at += token.len as usize;
        let is_word = matches!(token.kind, TokenKind::Ident | TokenKind::QuotedIdent { .. });
        text.get(start..at).filter(|_| is_word)
    })
}

/// Returns the first two arguments of a call if they are plain strings.
fn two_strings(call: &str) -> Option<(String, String)> {
    let rest = call.trim_start().strip_prefix('(')?.trim_start();
    let (one, rest) = plain_string(rest)?;
    let rest = rest.trim_start().strip_prefix(',')?.trim_start();
    let (two, rest) = plain_string(rest)?;
    rest.trim_start().starts_with(',').then_some((one, two))
}

/// Takes a string without quotes inside from the beginning of a text.
fn plain_string(text: &str) -> Option<(String, &str)> {
    let (inner, rest) = text.strip_prefix('\'')?.split_once('\'')?;
    (!rest.starts_with('\'')).then(|| (inner.to_owned(), rest))
}

/// Reads a list of schemas; nothing if it is more than names and strings.
fn path(text: &str) -> Option<Arc<[Option<Name>]>> {
    let mut at = 0;
    let mut schemas = Vec::new();
    for token in tokenize(text) {
        let start = at;
        at += token.len as usize;
        let word = text.get(start..at)?;
        match token.kind {
            TokenKind::Whitespace
            | TokenKind::LineComment
            | TokenKind::BlockComment { .. }
            | TokenKind::Comma
            | TokenKind::Eq
            | TokenKind::Semi
            | TokenKind::Eof => {}
            TokenKind::Ident if schemas.is_empty() && word.eq_ignore_ascii_case("to") => {}
            TokenKind::Ident if word.eq_ignore_ascii_case("default") => return Some([None].into()),
            TokenKind::Ident | TokenKind::QuotedIdent { .. } => schemas.push(names::fold(word)),
            TokenKind::Literal { .. } => {
                let inner = word.strip_prefix('\'')?.strip_suffix('\'')?;
                schemas.push(inner.replace("''", "'"));
            }
            _ => return None,
        }
    }
    let user = |schema: &String| matches!(schema.as_str(), "$user" | "pg_catalog" | "pg_temp" | "");
    let schemas = schemas.into_iter().filter(|schema| !user(schema)).map(names::schema);
    Some(schemas.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Option<Vec<String>> {
        let mut setup = Setup::default();
        let words: Vec<String> = tokenize_words(text).map(names::fold).take(8).collect();
        setup.follow(&words, text);
        let path = setup.settings().path?;
        let word = |schema: &Option<Name>| schema.as_ref().map_or("-".into(), ToString::to_string);
        Some(path.iter().map(word).collect())
    }

    #[test]
    fn the_path_is_read_where_it_is_plain() {
        let names = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(after("SET search_path TO billing, public"), names(&["billing", "-"]));
        assert_eq!(after("set local search_path = \"Odd\""), names(&["Odd"]));
        assert_eq!(after("SET SCHEMA 'billing'"), names(&["billing"]));
        assert_eq!(after("SET search_path TO DEFAULT"), names(&["-"]));
        assert_eq!(after("RESET search_path"), names(&["-"]));
        assert_eq!(after("SET lock_timeout = '5s'"), names(&["-"]));
        assert_eq!(after("SELECT pg_catalog.set_config('search_path', '', false)"), names(&[]));
        assert_eq!(after("SELECT set_config('search_path', current_user, false)"), None);
        assert_eq!(after("SELECT set_config('search_path', current_setting('x'), false)"), None);
        assert_eq!(after("DO $$ BEGIN EXECUTE 'SET search_path TO x'; END $$"), None);
    }

    #[test]
    fn temporary_tables_are_remembered() {
        let mut setup = Setup::default();
        let words = ["create", "temp", "table", "Rows"].map(str::to_owned);
        setup.follow(&words, "CREATE TEMP TABLE IF NOT EXISTS Rows (id int)");
        assert!(setup.settings().temporary.contains("rows"));
    }
}
