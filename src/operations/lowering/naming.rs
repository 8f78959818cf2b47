//! Names of constraints and indexes that nobody wrote, as PostgreSQL makes them up.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::Lowering;
use crate::catalog::{Catalog, Table};
use crate::diagnostic::{Diagnostic, code};
use crate::name::{Name, ObjectName};
use crate::source::Spanned;

/// What a name that nobody wrote ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suffix {
    /// A primary key.
    PrimaryKey,
    /// A unique constraint or a unique index.
    Key,
    /// A check.
    Check,
    /// A foreign key.
    ForeignKey,
    /// An index.
    Index,
}

impl Suffix {
    const fn word(self) -> &'static str {
        match self {
            Self::PrimaryKey => "pkey",
            Self::Key => "key",
            Self::Check => "check",
            Self::ForeignKey => "fkey",
            Self::Index => "idx",
        }
    }
}

/// The names of constraints and indexes that are taken on a table, old ones and those of the step.
#[derive(Debug)]
pub struct TakenNames<'a> {
    catalog: &'a Catalog,
    name: ObjectName,
    table: Option<&'a Table>,
    taken: BTreeSet<Name>,
    reserved: BTreeSet<Name>,
}

impl<'a> TakenNames<'a> {
    /// Starts with the names that a table has; `None` for a table that is being created.
    #[must_use]
    pub fn of(catalog: &'a Catalog, name: &ObjectName, table: Option<&'a Table>) -> Self {
        let name = name.clone();
        Self { catalog, name, table, taken: BTreeSet::new(), reserved: BTreeSet::new() }
    }

    /// Keeps a name that is written further on from being made up.
    pub fn reserve(&mut self, name: &Name) {
        self.reserved.insert(name.clone());
    }

    /// Takes a name that was written, or reports that the table has it already.
    pub fn write(
        &mut self,
        kind: &str,
        name: &Spanned<Name>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Name> {
        lowering.new_name(kind, name)?;
        if !self.is_taken(&name.value) {
            self.taken.insert(name.value.clone());
            return Some(name.value.clone());
        }
        if !lowering.is_suspended(&self.name) {
            let message = format!("`{name}` of table `{}` already exists", self.name);
            lowering.report(
                Diagnostic::new(code::OBJECT_EXISTS, message)
                    .label(name.span, "a name that is taken")
                    .help(format!("choose another name for the {kind}, or remove the step")),
            );
        }
        None
    }

    /// Makes up a name from the table, columns and a suffix, with a number if it is taken.
    pub fn make<'c>(
        &mut self,
        columns: impl IntoIterator<Item = &'c Name>,
        suffix: Suffix,
    ) -> Name {
        let mut stem = self.name.name.as_str().to_owned();
        for column in columns {
            stem.push('_');
            stem.push_str(column.as_str());
        }
        let most = self.catalog.dialect.identifier_bytes_max();
        let mut name = joined(&stem, suffix.word(), most);
        let mut number = 0_u32;
        while self.is_taken(&name) || self.reserved.contains(&name) {
            number += 1;
            name = joined(&stem, &format!("{}{number}", suffix.word()), most);
        }
        self.taken.insert(name.clone());
        name
    }

    fn is_taken(&self, name: &Name) -> bool {
        let object = self.name.sibling(name.clone());
        let has = |table: &Table| {
            table.indexes.contains_key(name) || table.constraint_names().any(|of| of == name)
        };
        self.taken.contains(name)
            || self.table.is_some_and(has)
            || object == self.name
            || self.catalog.tables.contains_key(&object)
            || self.catalog.views.contains_key(&object)
    }
}

/// Joins a stem and a suffix; a stem that is too long is cut and gets a hash of the whole.
fn joined(stem: &str, suffix: &str, bytes_max: usize) -> Name {
    let room = bytes_max.saturating_sub(suffix.len() + 1);
    Name::new(format!("{}_{suffix}", shortened(stem, room)))
}

/// Returns a name, or if it is longer than `bytes_max`, its beginning and eight hex digits of its hash.
#[must_use]
pub fn shortened(name: &str, bytes_max: usize) -> String {
    if name.len() <= bytes_max {
        return name.to_owned();
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash = digest.iter().take(4).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
    let mut end = bytes_max.saturating_sub("_01234567".len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash:08x}", name.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn a_taken_name_gets_a_number() {
        let catalog = Catalog::empty(Dialect::Postgres);
        let mut names = TakenNames::of(&catalog, &"users".into(), None);
        let email = Name::from("email");
        let made: Vec<String> =
            (0..3).map(|_| names.make([&email], Suffix::Key).to_string()).collect();
        assert_eq!(made, ["users_email_key", "users_email_key1", "users_email_key2"]);
    }

    #[test]
    fn a_long_name_is_cut_with_a_hash_that_tells_it_from_others() {
        let catalog = Catalog::empty(Dialect::Postgres);
        let table = ObjectName::bare("ä".repeat(40));
        let mut names = TakenNames::of(&catalog, &table, None);
        let one = names.make([&"a".into()], Suffix::Index);
        let other = names.make([&"b".into()], Suffix::Index);
        assert_ne!(one, other);
        assert!(one.as_str().len() <= 63 && one.as_str().ends_with("_idx"), "{one}");
    }
}
