//! What constraints and indexes say beside their columns.

use std::collections::BTreeMap;

use super::{Index, Undeclared};
use crate::name::Name;

/// Whether a constraint may be checked at the end of the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Deferral {
    /// It is checked at once: `NOT DEFERRABLE`, the default.
    #[default]
    Never,
    /// A transaction may ask for it: `DEFERRABLE INITIALLY IMMEDIATE`.
    Possible,
    /// Unless a transaction asks otherwise: `DEFERRABLE INITIALLY DEFERRED`.
    Initially,
}

impl Deferral {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Never, Self::Possible, Self::Initially];

    /// Returns the clause in lower case, which dialects render in upper case; nothing for the default.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Possible => "deferrable",
            Self::Initially => "deferrable initially deferred",
        }
    }

    /// Returns whether the check may come later than the statement.
    #[must_use]
    pub const fn is_deferrable(self) -> bool {
        match self {
            Self::Never => false,
            Self::Possible | Self::Initially => true,
        }
    }

    /// Returns what the two flags of an engine's catalog mean.
    #[must_use]
    pub const fn of_flags(deferrable: bool, deferred: bool) -> Self {
        match (deferrable, deferred) {
            (false, _) => Self::Never,
            (true, false) => Self::Possible,
            (true, true) => Self::Initially,
        }
    }
}

/// What a statement does whose row is in the way of a constraint (`ON CONFLICT`, SQLite).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnConflict {
    /// It ends the transaction.
    Rollback,
    /// It fails and leaves the rows before.
    Fail,
    /// It leaves out the row.
    Ignore,
    /// It takes away the row that is there.
    Replace,
}

impl OnConflict {
    /// All of them; `ABORT` is what is done where none is given.
    pub const ALL: [Self; 4] = [Self::Rollback, Self::Fail, Self::Ignore, Self::Replace];

    /// Returns its word in lower case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Fail => "fail",
            Self::Ignore => "ignore",
            Self::Replace => "replace",
        }
    }
}

/// Storage parameters of an index, or parameters of an operator class, by name in lower case.
pub type Parameters = BTreeMap<String, String>;

/// What a primary key or unique constraint says beside its name and columns.
#[derive(Clone, Debug, Default)]
pub struct KeyTerms {
    /// When it is checked (PostgreSQL).
    pub deferral: Deferral,
    /// Whether two NULLs are equal (`NULLS NOT DISTINCT`, PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// Columns that its index has beside those of the key (PostgreSQL).
    pub include: Vec<Name>,
    /// Storage parameters of its index (PostgreSQL).
    pub parameters: Parameters,
    /// Columns that it compares by another collation than their own (SQLite).
    pub collations: BTreeMap<Name, Name>,
    /// What is done with a row that is there already (SQLite).
    pub on_conflict: Option<OnConflict>,
    /// Columns of a primary key that are not declared `NOT NULL` (SQLite): planner counts on it that nobody writes NULL there, but
    /// Diesel does not. This is never compared.
    pub undeclared: Undeclared,
    /// On a partitioned table: whether partitions are still to get it (`ALTER TABLE ONLY`).
    pub incomplete: bool,
    /// On a partition: the key or index of the whole table that its index belongs to (PostgreSQL).
    pub part_of: Option<Name>,
}

/// What a foreign key says beside its columns and actions.
#[derive(Clone, Debug, Default)]
pub struct ReferenceTerms {
    /// When it is checked.
    pub deferral: Deferral,
    /// Whether all columns or none must be NULL (`MATCH FULL`, PostgreSQL).
    pub match_full: bool,
    /// The columns that a delete there sets, where not all (`ON DELETE SET NULL (columns)`, PostgreSQL 15).
    pub on_delete_columns: Vec<Name>,
    /// On a partition: the foreign key of the whole table that it is part of (PostgreSQL).
    pub part_of: Option<Name>,
    /// Whether the other table is written in another case than it has (SQLite): Diesel takes it for no table then. This is never
    /// compared, nor is what follows.
    pub respells_table: bool,
    /// Whether a column of the other table is.
    pub respells_column: bool,
}

impl PartialEq for ReferenceTerms {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            deferral,
            match_full,
            on_delete_columns,
            part_of,
            respells_table: _,
            respells_column: _,
        } = self;
        (*deferral, *match_full, on_delete_columns, part_of)
            == (other.deferral, other.match_full, &other.on_delete_columns, &other.part_of)
    }
}

impl Eq for ReferenceTerms {}

/// What an index says beside its parts, condition and method (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct IndexTerms {
    /// Whether two NULLs are equal (`NULLS NOT DISTINCT`, PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// Storage parameters.
    pub parameters: Parameters,
    /// On a partition: the index of the whole table that it belongs to (PostgreSQL).
    pub part_of: Option<Name>,
}

/// What a part of an index says beside its key, order and operator class.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PartTerms {
    /// A collation other than the column's or expression's own.
    pub collation: Option<Name>,
    /// Parameters of the operator class (PostgreSQL).
    pub parameters: Parameters,
}

/// An exclusion constraint (PostgreSQL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The constraint's name, and its index's.
    pub name: Name,
    /// Its index: parts, condition and method.
    pub index: Index,
    /// The operator of each part, with its schema where it is not the server's own: `&&`, `public.=`.
    pub operators: Vec<String>,
    /// When it is checked.
    pub deferral: Deferral,
}

impl PartialEq for KeyTerms {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            deferral,
            nulls_not_distinct,
            include,
            parameters,
            collations,
            on_conflict,
            incomplete,
            part_of,
            undeclared: _,
        } = self;
        (*deferral, *nulls_not_distinct, *on_conflict, *incomplete)
            == (other.deferral, other.nulls_not_distinct, other.on_conflict, other.incomplete)
            && (include, parameters, collations, part_of)
                == (&other.include, &other.parameters, &other.collations, &other.part_of)
    }
}

impl Eq for KeyTerms {}

impl KeyTerms {
    /// Returns whether `ON CONFLICT` finds the key and a foreign key may refer to it: not if it may be checked later, nor if it
    /// compares by another collation than its columns.
    #[must_use]
    pub fn is_arbiter(&self) -> bool {
        !self.deferral.is_deferrable() && self.collations.is_empty()
    }

    /// Puts a column's new name in place of the old one.
    pub fn rename_column(&mut self, from: &Name, to: &Name) {
        for name in self.include.iter_mut().filter(|name| *name == from) {
            name.clone_from(to);
        }
        if let Some(collation) = self.collations.remove(from) {
            self.collations.insert(to.clone(), collation);
        }
        self.undeclared.rename(from, to);
    }
}
