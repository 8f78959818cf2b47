//! The names that matter to a scan, and which of them were seen.

use std::collections::{BTreeMap, BTreeSet};

use super::structs::Structs;
use crate::release::schema_rs::DeclaredSchema;

/// The names that a scan looks for.
#[derive(Debug, Default)]
pub(super) struct Interest {
    /// Tables by their names in Rust.
    pub tables: BTreeSet<String>,
    /// Tables and columns by their names in Rust.
    pub words: BTreeSet<String>,
    /// Tables and columns by both of their names, in small letters: SQL does not tell them apart.
    pub texts: BTreeSet<String>,
    /// Those of `texts` that are no single word.
    pub phrases: Vec<String>,
    /// Tables by their names in SQL, in small letters, with their names in Rust.
    pub sql_tables: BTreeMap<String, BTreeSet<String>>,
}

impl Interest {
    pub(super) fn of(declared: &DeclaredSchema) -> Self {
        let mut interest = Self::default();
        for table in &declared.tables {
            let sql_name = table.name.name.as_str();
            interest.tables.insert(table.rust_name.clone());
            interest.name(&table.rust_name, sql_name);
            let known = interest.sql_tables.entry(sql_name.to_lowercase()).or_default();
            known.insert(table.rust_name.clone());
            for column in &table.columns {
                interest.name(&column.rust_name, column.name.as_str());
            }
        }
        let is_phrase = |text: &&String| !text.chars().all(is_word_letter);
        interest.phrases = interest.texts.iter().filter(is_phrase).cloned().collect();
        interest
    }

    fn name(&mut self, rust: &str, sql: &str) {
        self.words.insert(rust.to_owned());
        self.texts.insert(rust.to_lowercase());
        self.texts.insert(sql.to_lowercase());
    }
}

/// Returns whether a letter may be part of a name in SQL that has no quotes.
pub(super) fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

/// Which of the names were seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Names in Rust that occur as words.
    pub words: BTreeSet<String>,
    /// Names, in small letters, that occur in texts.
    pub texts: BTreeSet<String>,
    /// Tables, by their names in Rust, of which some query may read or write every column.
    pub whole: BTreeSet<String>,
    /// Tables that something is inserted into which may be a query.
    pub maybe_from_query: BTreeSet<String>,
    /// Whether some query is kept, so that it may be inserted from.
    pub keeps_query: bool,
    /// Whether every column of some row's own table may be read: `save_changes`, an update of a row that returns it.
    pub whole_rows: bool,
    /// Whether every table may be read whole.
    pub whole_all: bool,
}

impl Seen {
    /// Draws the conclusions that need all files.
    pub(super) fn settle(&mut self, structs: &Structs, interest: &Interest) {
        // A struct names its table by its own name where nothing else is said.
        let inferred = structs.tables.iter().filter(|name| interest.tables.contains(*name));
        self.words.extend(inferred.cloned());
        if self.keeps_query {
            self.whole.append(&mut self.maybe_from_query);
        }
        if self.whole_rows {
            self.whole.extend(structs.identified.iter().cloned());
        }
        if self.whole_all {
            self.whole.extend(interest.tables.iter().cloned());
        }
    }
}
