//! The options that `diesel print-schema` has on its command line: they come before those of `diesel.toml`.

use camino::Utf8PathBuf;
use clap::builder::PossibleValuesParser;
use regex::Regex;

use crate::compile::schema_rs::diesel_toml::{PATTERN_HELP, pattern};
use crate::compile::schema_rs::options::{
    ColumnSorting, Docs, Filter, InSameQuery, PrintOptions, Schemas,
};
use crate::exit::Failure;
use crate::name::Name;
use crate::shell::Shell;

/// What is given on the command line.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of `diesel print-schema`, before those of `diesel.toml`")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(super) struct Given {
    /// Regular expressions of tables, for `--only-tables` or `--except-tables`
    #[arg(value_name = "TABLE")]
    tables: Vec<String>,
    /// Print only tables that match one of TABLE
    #[arg(short, long, requires = "tables", conflicts_with = "except_tables")]
    only_tables: bool,
    /// Print no tables that match one of TABLE
    #[arg(short, long, requires = "tables")]
    except_tables: bool,
    /// Print this schema, as a module
    #[arg(short, long, value_name = "NAME")]
    schema: Option<String>,
    /// Write a comment on each table and column: the database's, else a made-up one
    #[arg(long)]
    with_docs: bool,
    /// Which comments to write
    #[arg(long, value_name = "WHICH", value_parser = PossibleValuesParser::new(Docs::WORDS.map(|(word, _)| word)))]
    with_docs_config: Option<String>,
    /// Which tables may appear in one query
    #[arg(long, value_name = "WHICH", value_parser = PossibleValuesParser::new(InSameQuery::WORDS.map(|(word, _)| word)))]
    allow_tables_to_appear_in_same_query_config: Option<String>,
    /// The order of columns
    #[arg(long, value_name = "ORDER", value_parser = PossibleValuesParser::new(ColumnSorting::WORDS.map(|(word, _)| word)))]
    column_sorting: Option<String>,
    /// A patch to apply to what is printed
    #[arg(long, value_name = "FILE")]
    patch_file: Option<Utf8PathBuf>,
    /// What each table imports; may be given several times
    #[arg(long, value_name = "PATH")]
    import_types: Vec<String>,
    /// Name types that Diesel does not bring along without defining them
    #[arg(long)]
    no_generate_missing_sql_type_definitions: bool,
    /// Regular expressions of types that are not defined, by their Rust names
    #[arg(long, value_name = "TYPE", num_args = 1..)]
    except_custom_type_definitions: Vec<String>,
    /// What defined types derive; may be given several times
    #[arg(long, value_name = "TRAIT")]
    custom_type_derives: Vec<String>,
    /// A regular expression of domains that are printed as types of their own; may be given several times
    #[arg(long, value_name = "DOMAIN")]
    pg_domains_as_custom_types: Vec<String>,
    /// Print row ids, and what refers to them, as `BigInt` (SQLite)
    #[arg(long)]
    sqlite_integer_primary_key_is_bigint: bool,
}

impl Given {
    /// Puts what is given in the place of what `diesel.toml` says.
    pub(super) fn apply(&self, options: &mut PrintOptions, shell: &Shell) -> Result<(), Failure> {
        match (self.only_tables, self.except_tables) {
            (true, _) => options.filter = Filter::Only(patterns("--only-tables", &self.tables)?),
            (_, true) => options.filter = Filter::Except(patterns("--except-tables", &self.tables)?),
            (false, false) if !self.tables.is_empty() => {
                return Err(Failure::usage("tables are named, but not whether they are to be printed")
                    .help("add `--only-tables` or `--except-tables`"));
            }
            (false, false) => {}
        }
        if let Some(schema) = &self.schema {
            options.schemas = Schemas::Named(Name::from(schema.as_str()));
        }
        if self.with_docs {
            options.docs = Docs::DatabaseOrMadeUp;
        }
        set(&mut options.docs, self.with_docs_config.as_deref(), &Docs::WORDS);
        let in_same_query = self.allow_tables_to_appear_in_same_query_config.as_deref();
        set(&mut options.in_same_query, in_same_query, &InSameQuery::WORDS);
        set(&mut options.column_sorting, self.column_sorting.as_deref(), &ColumnSorting::WORDS);
        if let Some(file) = &self.patch_file {
            options.patch_file = Some(shell.here.join(file));
        }
        if !self.import_types.is_empty() {
            options.import_types.clone_from(&self.import_types);
        }
        options.leaves_out_types |= self.no_generate_missing_sql_type_definitions;
        if !self.except_custom_type_definitions.is_empty() {
            let types = &self.except_custom_type_definitions;
            options.except_types = patterns("--except-custom-type-definitions", types)?;
        }
        if !self.custom_type_derives.is_empty() {
            options.derives.clone_from(&self.custom_type_derives);
        }
        if !self.pg_domains_as_custom_types.is_empty() {
            let domains = &self.pg_domains_as_custom_types;
            options.domains_as_types = patterns("--pg-domains-as-custom-types", domains)?;
        }
        options.row_ids_are_bigint |= self.sqlite_integer_primary_key_is_bigint;
        Ok(())
    }
}

fn patterns(option: &str, texts: &[String]) -> Result<Vec<Regex>, Failure> {
    let read = |text: &String| {
        pattern(text).map_err(|why| Failure::usage(format!("`{option}`: {why}")).help(PATTERN_HELP))
    };
    texts.iter().map(read).collect()
}

fn set<T: Copy>(option: &mut T, given: Option<&str>, words: &[(&str, T)]) {
    let found = given.and_then(|given| words.iter().find(|(word, _)| *word == given));
    if let Some((_, value)) = found {
        *option = *value;
    }
}
