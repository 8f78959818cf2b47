//! `diesel.toml` as the options of `schema.rs`.

use camino::Utf8PathBuf;
use regex::Regex;
use toml_edit::{Document, Item, TableLike};

use super::options::{ColumnSorting, Docs, Filter, InSameQuery, PrintOptions, Schemas};
use crate::name::Name;

/// The table of `[print_schema]` that Diesel takes where none is named.
pub const DEFAULT_KEY: &str = "default";

/// Why a `diesel.toml` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

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

/// Reads the options of a `diesel.toml`, those of `[print_schema.KEY]` if it has such tables.
///
/// # Errors
///
/// Says what of the file cannot be read.
pub fn print_options(text: &str, key: &str) -> Result<PrintOptions, Unusable> {
    let document = Document::parse(text).map_err(|error| Unusable {
        line: error.span().map(|span| line_of(text, span.start)),
        message: format!("`diesel.toml` is no TOML: {}", error.message().replace('\n', ", ")),
        help: "write it as TOML".to_owned(),
    })?;
    let root = Reader { text, prefix: "print_schema".to_owned() };
    let mut options = PrintOptions { schemas: Schemas::Default, ..PrintOptions::default() };
    let Some(item) = document.get("print_schema") else {
        return if key == DEFAULT_KEY { Ok(options) } else { Err(no_key(key, &[])) };
    };
    let table = item.as_table_like().ok_or_else(|| root.wrong("", item, "a table"))?;
    let named = |(name, item): &(&str, &Item)| !OPTIONS.contains(name) && item.is_table_like();
    let keys: Vec<(&str, &Item)> = table.iter().filter(named).collect();
    let found = keys.iter().find(|(name, _)| *name == key);
    match found.and_then(|(_, item)| item.as_table_like()) {
        Some(own) => {
            let reader = Reader { text, prefix: format!("print_schema.{key}") };
            reader.read(own, &[], &mut options)?;
        }
        None if key == DEFAULT_KEY => {
            let keys: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
            root.read(table, &keys, &mut options)?;
        }
        None => return Err(no_key(key, &keys)),
    }
    Ok(options)
}

fn no_key(key: &str, known: &[(&str, &Item)]) -> Unusable {
    let known: Vec<String> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
    let help = match known.as_slice() {
        [] => format!("add it, or leave `--schema-key {key}` away"),
        known => format!("name one that is there: {}", known.join(", ")),
    };
    Unusable { line: None, message: format!("`diesel.toml` has no `[print_schema.{key}]`"), help }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Reads one table of options.
struct Reader<'a> {
    text: &'a str,
    prefix: String,
}

impl Reader<'_> {
    fn read(
        &self,
        table: &dyn TableLike,
        skipped: &[&str],
        options: &mut PrintOptions,
    ) -> Result<(), Unusable> {
        for (name, item) in table.iter().filter(|(name, _)| !skipped.contains(name)) {
            self.option(name, item, options)?;
        }
        Ok(())
    }

    fn option(&self, name: &str, item: &Item, options: &mut PrintOptions) -> Result<(), Unusable> {
        match name {
            "file" => options.file = Some(self.string(name, item)?.into()),
            "patch_file" => options.patch_file = Some(Utf8PathBuf::from(self.string(name, item)?)),
            "schema" => options.schemas = Schemas::Named(Name::from(self.string(name, item)?)),
            "filter" => options.filter = self.filter(item)?,
            "column_sorting" => {
                options.column_sorting = match self.string(name, item)? {
                    "ordinal_position" => ColumnSorting::OrdinalPosition,
                    "name" => ColumnSorting::Name,
                    _ => return Err(self.wrong(name, item, "`ordinal_position` or `name`")),
                }
            }
            "import_types" => options.import_types = self.strings(name, item)?,
            "custom_type_derives" => options.derives = self.strings(name, item)?,
            "generate_missing_sql_type_definitions" => {
                options.leaves_out_types = !self.boolean(name, item)?;
            }
            "except_custom_type_definitions" => options.except_types = self.patterns(name, item)?,
            "sqlite_integer_primary_key_is_bigint" => {
                options.row_ids_are_bigint = self.boolean(name, item)?;
            }
            "allow_tables_to_appear_in_same_query_config" => {
                options.in_same_query = match self.string(name, item)? {
                    "all_tables" => InSameQuery::AllTables,
                    "fk_related_tables" => InSameQuery::FkRelatedTables,
                    "none" => InSameQuery::None,
                    _ => {
                        let one_of = "`all_tables`, `fk_related_tables` or `none`";
                        return Err(self.wrong(name, item, one_of));
                    }
                }
            }
            "with_docs" => options.docs = self.docs(name, item)?,
            "pg_domains_as_custom_types" => {
                options.domains_as_types = self.patterns(name, item)?;
            }
            _ => options.not_honoured.push(name.to_owned()),
        }
        Ok(())
    }

    fn docs(&self, name: &str, item: &Item) -> Result<Docs, Unusable> {
        let one_of = "a boolean, `database-comments-fallback-to-auto-generated-doc-comment`, `only-database-comments` or `no-doc-comments`";
        match (item.as_bool(), item.as_str()) {
            (Some(false), _) | (_, Some("no-doc-comments")) => Ok(Docs::None),
            (Some(true), _)
            | (_, Some("database-comments-fallback-to-auto-generated-doc-comment")) => {
                Ok(Docs::DatabaseOrMadeUp)
            }
            (_, Some("only-database-comments")) => Ok(Docs::OnlyDatabase),
            _ => Err(self.wrong(name, item, one_of)),
        }
    }

    fn filter(&self, item: &Item) -> Result<Filter, Unusable> {
        let one_of = "either `only_tables` or `except_tables`, with regular expressions";
        let table = item.as_table_like().ok_or_else(|| self.wrong("filter", item, one_of))?;
        let all: Vec<(&str, &Item)> = table.iter().collect();
        match all.as_slice() {
            [] => Ok(Filter::None),
            [("only_tables", of)] => Ok(Filter::Only(self.patterns("filter.only_tables", of)?)),
            [("except_tables", of)] => {
                Ok(Filter::Except(self.patterns("filter.except_tables", of)?))
            }
            _ => Err(self.wrong("filter", item, one_of)),
        }
    }

    fn string<'a>(&self, name: &str, item: &'a Item) -> Result<&'a str, Unusable> {
        item.as_str().ok_or_else(|| self.wrong(name, item, "a string"))
    }

    fn boolean(&self, name: &str, item: &Item) -> Result<bool, Unusable> {
        item.as_bool().ok_or_else(|| self.wrong(name, item, "`true` or `false`"))
    }

    fn strings(&self, name: &str, item: &Item) -> Result<Vec<String>, Unusable> {
        let wrong = || self.wrong(name, item, "a list of strings");
        let texts = item.as_array().ok_or_else(wrong)?.iter();
        texts.map(|text| text.as_str().map(ToOwned::to_owned).ok_or_else(wrong)).collect()
    }

    fn patterns(&self, name: &str, item: &Item) -> Result<Vec<Regex>, Unusable> {
        let compiled = |text: String| {
            Regex::new(&text).map_err(|error| {
                let told = error.to_string();
                let why = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Unusable {
                    line: item.span().map(|span| line_of(self.text, span.start)),
                    message: format!(
                        "`{}.{name}`: `{text}` is no regular expression: {why}",
                        self.prefix
                    ),
                    help: "write it as the crate `regex` reads it, with which Diesel reads it too"
                        .to_owned(),
                }
            })
        };
        self.strings(name, item)?.into_iter().map(compiled).collect()
    }

    fn wrong(&self, name: &str, item: &Item, expected: &str) -> Unusable {
        let dot = if name.is_empty() { "" } else { "." };
        Unusable {
            line: item.span().map(|span| line_of(self.text, span.start)),
            message: format!("`{}{dot}{name}` is to be {expected}", self.prefix),
            help: format!("write {expected}"),
        }
    }
}
