//! What a project asks of its `schema.rs`: the options that `diesel print-schema` takes from `diesel.toml`.

use camino::Utf8PathBuf;
use regex::Regex;

use crate::name::Name;
use crate::source::Span;

/// How a `schema.rs` is printed. The default is Diesel's own, but for all schemas.
#[derive(Clone, Debug, Default)]
pub struct PrintOptions {
    /// Which schemas are printed.
    pub schemas: Schemas,
    /// Which tables are printed.
    pub filter: Filter,
    /// The order of columns.
    pub column_sorting: ColumnSorting,
    /// What each table imports besides.
    pub import_types: Vec<String>,
    /// Whether types that Diesel does not bring along are named without being defined.
    pub leaves_out_types: bool,
    /// Types that are not defined, by their Rust names.
    pub except_types: Vec<Regex>,
    /// Domains that are printed as types of their own, by their names; of others the type beneath is (PostgreSQL).
    pub domains_as_types: Vec<Regex>,
    /// What defined types derive.
    pub derives: Vec<String>,
    /// Whether row ids, and what refers to them, are `BigInt` (SQLite).
    pub row_ids_are_bigint: bool,
    /// Which tables may appear in one query.
    pub in_same_query: InSameQuery,
    /// Which comments are written.
    pub docs: Docs,
    /// A patch to apply to what is printed.
    pub patch_file: Option<Utf8PathBuf>,
    /// Where Diesel writes it.
    pub file: Option<Utf8PathBuf>,
    /// Options that planner does not know.
    pub not_honoured: Vec<NotHonoured>,
}

/// An option that planner does not know.
#[derive(Clone, Debug)]
pub struct NotHonoured {
    /// Its full name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The option that may be meant, in a sentence.
    pub near: Option<String>,
}

/// Which schemas are printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Schemas {
    /// The default one, then each other one as a module.
    #[default]
    All,
    /// Only the default one.
    Default,
    /// Only this one, as a module.
    Named(Name),
}

/// Which tables are printed; a pattern need only match a part of the name.
#[derive(Clone, Debug, Default)]
pub enum Filter {
    /// All tables.
    #[default]
    None,
    /// Tables that match one of these.
    Only(Vec<Regex>),
    /// Tables that match none of these.
    Except(Vec<Regex>),
}

impl Filter {
    /// Returns whether the table with this name, without its schema, is left out.
    #[must_use]
    pub fn leaves_out(&self, table: &str) -> bool {
        let matches = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(table));
        match self {
            Self::None => false,
            Self::Only(patterns) => !matches(patterns),
            Self::Except(patterns) => matches(patterns),
        }
    }
}

/// The order of columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnSorting {
    /// As in the table.
    #[default]
    OrdinalPosition,
    /// By name.
    Name,
}

impl ColumnSorting {
    /// Diesel's words for them.
    pub const WORDS: [(&str, Self); 2] =
        [("ordinal_position", Self::OrdinalPosition), ("name", Self::Name)];
}

/// Which tables may appear in one query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InSameQuery {
    /// All.
    #[default]
    AllTables,
    /// Those that are joined, directly or over others.
    FkRelatedTables,
    /// Nothing is said of it.
    None,
}

impl InSameQuery {
    /// Diesel's words for them.
    pub const WORDS: [(&str, Self); 3] = [
        ("fk_related_tables", Self::FkRelatedTables),
        ("all_tables", Self::AllTables),
        ("none", Self::None),
    ];
}

/// Which comments are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Docs {
    /// None.
    #[default]
    None,
    /// Those of the database.
    OnlyDatabase,
    /// Those of the database, else a made-up one.
    DatabaseOrMadeUp,
}

impl Docs {
    /// Diesel's words for them.
    pub const WORDS: [(&str, Self); 3] = [
        ("database-comments-fallback-to-auto-generated-doc-comment", Self::DatabaseOrMadeUp),
        ("only-database-comments", Self::OnlyDatabase),
        ("no-doc-comments", Self::None),
    ];

    /// Returns the comment to write, where the database has this one.
    pub(super) fn choose(
        self,
        of_database: Option<&str>,
        made_up: impl Fn() -> String,
    ) -> Option<String> {
        match self {
            Self::None => None,
            Self::OnlyDatabase => of_database.map(ToOwned::to_owned),
            Self::DatabaseOrMadeUp => Some(of_database.map_or_else(made_up, ToOwned::to_owned)),
        }
    }
}

impl PrintOptions {
    /// Returns only what decides which tables are there and of which types, of all schemas: for comparing, not for printing.
    #[must_use]
    pub fn for_comparing(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            row_ids_are_bigint: self.row_ids_are_bigint,
            domains_as_types: self.domains_as_types.clone(),
            ..Self::default()
        }
    }

    /// Returns what defined types derive; Diesel adds its own trait at the end.
    pub(super) fn all_derives(&self) -> Vec<String> {
        const OWN: &str = "diesel::sql_types::SqlType";
        let mut derives = self.derives.clone();
        if !derives.iter().any(|derive| derive == OWN) {
            derives.push(OWN.to_owned());
        }
        derives
    }

    /// Returns whether a type of this name that Diesel does not bring along is defined.
    pub(super) fn defines(&self, rust_name: &str) -> bool {
        !self.leaves_out_types && !self.except_types.iter().any(|of| of.is_match(rust_name))
    }
}
