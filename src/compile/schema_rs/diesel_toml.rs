//! `diesel.toml` as the options of `schema.rs`.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8PathBuf;
use regex::Regex;
use toml_edit::{Document, Item, TableLike};

use super::options::{
    ColumnSorting, Docs, Filter, InSameQuery, NotHonoured, PrintOptions, Schemas,
};
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::name::Name;
use crate::source::{SourceId, Span};

/// The key under which Diesel keeps the options of `[print_schema]` itself.
pub const DEFAULT_KEY: &str = "default";

/// The options of `[print_schema]`; any other key is the name of a table of options of its own.
const OPTIONS: [&str; 13] = [
    "file",
    "with_docs",
    "allow_tables_to_appear_in_same_query_config",
    "filter",
    "column_sorting",
    "schema",
    "patch_file",
    "import_types",
    "generate_missing_sql_type_definitions",
    "except_custom_type_definitions",
    "custom_type_derives",
    "sqlite_integer_primary_key_is_bigint",
    "pg_domains_as_custom_types",
];

/// What a `diesel.toml` says of `schema.rs`: the options of each key, of which there is [`DEFAULT_KEY`] at least.
#[derive(Clone, Debug)]
pub struct DieselToml {
    keys: BTreeMap<String, PrintOptions>,
}

impl DieselToml {
    /// Reads a `diesel.toml`; nothing if it cannot be used, and the sink has the reasons.
    #[must_use]
    pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Self> {
        let root = Reader { source, prefix: "print_schema".to_owned() };
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let why = error.message().replace('\n', ", ");
                let place = root.place(error.span());
                let finding =
                    Diagnostic::new(code::INVALID_CONFIGURATION, format!("this is no TOML: {why}"));
                sink.report(finding.at(place).help("write it as TOML"));
                return None;
            }
        };
        let n_errors = sink.found().len();
        let mut keys = BTreeMap::new();
        if let Some(item) = document.get("print_schema") {
            if let Some(table) = item.as_table_like() {
                root.keys(table, &mut keys, sink);
            } else {
                root.wrong::<()>("", item, "a table", sink);
            }
        }
        if sink.found().len() > n_errors {
            return None;
        }
        keys.entry(DEFAULT_KEY.to_owned()).or_insert_with(diesels_own);
        Some(Self { keys })
    }

    /// Returns the keys with their options, in the order in which Diesel prints them.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &PrintOptions)> {
        self.keys.iter().map(|(key, options)| (key.as_str(), options))
    }

    /// Returns the options of a key.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&PrintOptions> {
        self.keys.get(key)
    }
}

/// Returns the options that Diesel takes where nothing is said.
fn diesels_own() -> PrintOptions {
    PrintOptions { schemas: Schemas::Default, ..PrintOptions::default() }
}

/// Reads one table of options.
struct Reader {
    source: SourceId,
    prefix: String,
}

impl Reader {
    /// Reads `[print_schema]`, whose tables of other names are keys of their own.
    fn keys(
        &self,
        table: &dyn TableLike,
        keys: &mut BTreeMap<String, PrintOptions>,
        sink: &mut Sink,
    ) {
        let is_key = |name: &str, item: &Item| !OPTIONS.contains(&name) && item.is_table_like();
        for (name, item) in table.iter().filter(|(name, item)| is_key(name, item)) {
            let Some(own) = item.as_table_like() else { continue };
            let prefix = format!("{}.{name}", self.prefix);
            let reader = Self { source: self.source, prefix };
            let mut options = diesels_own();
            for (name, item) in own.iter() {
                reader.option(own, (name, item), &mut options, sink);
            }
            keys.insert(name.to_owned(), options);
        }
        let mut options = diesels_own();
        for (name, item) in table.iter().filter(|(name, item)| !is_key(name, item)) {
            self.option(table, (name, item), &mut options, sink);
        }
        keys.entry(DEFAULT_KEY.to_owned()).or_insert(options);
    }

    fn option(
        &self,
        table: &dyn TableLike,
        (name, item): (&str, &Item),
        options: &mut PrintOptions,
        sink: &mut Sink,
    ) {
        if self.set(name, item, options, sink).is_some() || OPTIONS.contains(&name) {
            return;
        }
        let key = table.key(name).and_then(toml_edit::Key::span);
        let near = did_you_mean(name, OPTIONS);
        options.not_honoured.push(NotHonoured {
            name: format!("{}.{name}", self.prefix),
            span: self.place(key.or_else(|| item.span())),
            near,
        });
    }

    /// Takes an option; nothing if it is none, or cannot be used.
    fn set(
        &self,
        name: &str,
        item: &Item,
        options: &mut PrintOptions,
        sink: &mut Sink,
    ) -> Option<()> {
        match name {
            "file" => options.file = Some(self.string(name, item, sink)?.into()),
            "patch_file" => {
                options.patch_file = Some(Utf8PathBuf::from(self.string(name, item, sink)?));
            }
            "schema" => {
                options.schemas = Schemas::Named(Name::from(self.string(name, item, sink)?));
            }
            "filter" => options.filter = self.filter(item, sink)?,
            "column_sorting" => {
                options.column_sorting = self.word(name, item, &ColumnSorting::WORDS, sink)?;
            }
            "import_types" => options.import_types = self.strings(name, item, sink)?,
            "custom_type_derives" => options.derives = self.strings(name, item, sink)?,
            "generate_missing_sql_type_definitions" => {
                options.leaves_out_types = !self.boolean(name, item, sink)?;
            }
            "except_custom_type_definitions" => {
                options.except_types = self.patterns(name, item, sink)?;
            }
            "sqlite_integer_primary_key_is_bigint" => {
                options.row_ids_are_bigint = self.boolean(name, item, sink)?;
            }
            "allow_tables_to_appear_in_same_query_config" => {
                options.in_same_query = self.word(name, item, &InSameQuery::WORDS, sink)?;
            }
            "with_docs" => {
                options.docs = match item.as_bool() {
                    Some(true) => Docs::DatabaseOrMadeUp,
                    Some(false) => Docs::None,
                    None => self.word(name, item, &Docs::WORDS, sink)?,
                };
            }
            "pg_domains_as_custom_types" => {
                options.domains_as_types = self.patterns(name, item, sink)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn filter(&self, item: &Item, sink: &mut Sink) -> Option<Filter> {
        let one_of = "either `only_tables` or `except_tables`, with regular expressions";
        let Some(table) = item.as_table_like() else {
            return self.wrong("filter", item, one_of, sink);
        };
        let all: Vec<(&str, &Item)> = table.iter().collect();
        match all.as_slice() {
            [] => Some(Filter::None),
            [("only_tables", of)] => {
                Some(Filter::Only(self.patterns("filter.only_tables", of, sink)?))
            }
            [("except_tables", of)] => {
                Some(Filter::Except(self.patterns("filter.except_tables", of, sink)?))
            }
            _ => self.wrong("filter", item, one_of, sink),
        }
    }

    fn word<T: Copy>(
        &self,
        name: &str,
        item: &Item,
        words: &[(&str, T)],
        sink: &mut Sink,
    ) -> Option<T> {
        let found = item.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        if let Some((_, value)) = found {
            return Some(*value);
        }
        let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        let boolean = if name == "with_docs" { "`true`, `false` or " } else { "" };
        self.wrong(name, item, &format!("{boolean}one of {}", words.join(", ")), sink)
    }

    fn string<'a>(&self, name: &str, item: &'a Item, sink: &mut Sink) -> Option<&'a str> {
        item.as_str().or_else(|| self.wrong(name, item, "a string", sink))
    }

    fn boolean(&self, name: &str, item: &Item, sink: &mut Sink) -> Option<bool> {
        item.as_bool().or_else(|| self.wrong(name, item, "`true` or `false`", sink))
    }

    fn strings(&self, name: &str, item: &Item, sink: &mut Sink) -> Option<Vec<String>> {
        let texts = item
            .as_array()
            .map(|array| array.iter().map(|text| text.as_str().map(ToOwned::to_owned)).collect());
        texts.flatten().or_else(|| self.wrong(name, item, "a list of strings", sink))
    }

    fn patterns(&self, name: &str, item: &Item, sink: &mut Sink) -> Option<Vec<Regex>> {
        let texts = self.strings(name, item, sink)?;
        let mut spans = item.as_array().into_iter().flatten().map(toml_edit::Value::span);
        let (mut patterns, mut are_all) = (Vec::new(), true);
        for text in texts {
            let span = spans.next().flatten().or_else(|| item.span());
            match pattern(&text) {
                Ok(pattern) => patterns.push(pattern),
                Err(why) => {
                    are_all = false;
                    let message = format!("`{}.{name}`: {why}", self.prefix);
                    let finding = Diagnostic::new(code::INVALID_CONFIGURATION, message);
                    sink.report(finding.at(self.place(span)).help(PATTERN_HELP));
                }
            }
        }
        are_all.then_some(patterns)
    }

    /// Reports a value that is not what is expected.
    fn wrong<T>(&self, name: &str, item: &Item, expected: &str, sink: &mut Sink) -> Option<T> {
        let dot = if name.is_empty() { "" } else { "." };
        let message = format!("`{}{dot}{name}` is to be {expected}", self.prefix);
        let finding = Diagnostic::new(code::INVALID_CONFIGURATION, message);
        sink.report(finding.at(self.place(item.span())).help(format!("write {expected}")));
        None
    }

    fn place(&self, range: Option<Range<usize>>) -> Span {
        let Range { start, end } = range.unwrap_or_default();
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: clamp(start), end: clamp(end) }
    }
}

/// What to do about what is no regular expression.
pub const PATTERN_HELP: &str =
    "write it as the crate `regex` reads it, with which Diesel reads it too";

/// Reads a regular expression.
///
/// # Errors
///
/// Says why it is none.
pub fn pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| {
        let told = error.to_string();
        let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
        format!("`{text}` is no regular expression: {why}")
    })
}
