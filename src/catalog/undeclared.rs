//! Columns of a primary key that are not declared `NOT NULL` (SQLite).

use std::collections::BTreeSet;

use crate::name::Name;

/// The columns of a primary key that are not declared `NOT NULL`. Few keys have any, and every table would be larger for them.
#[derive(Clone, Debug, Default)]
pub struct Undeclared(Option<Box<Names>>);

#[derive(Clone, Debug, Default)]
struct Names(BTreeSet<Name>);

impl Undeclared {
    /// Adds a column.
    pub fn insert(&mut self, name: Name) {
        self.0.get_or_insert_default().0.insert(name);
    }

    /// Returns the columns in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().flat_map(|names| &names.0)
    }

    /// Returns whether a column is one of them.
    #[must_use]
    pub fn contains(&self, name: &Name) -> bool {
        self.0.as_ref().is_some_and(|names| names.0.contains(name))
    }

    /// Puts a column's new name in place of the old one.
    pub fn rename(&mut self, from: &Name, to: &Name) {
        if let Some(names) = &mut self.0
            && names.0.remove(from)
        {
            names.0.insert(to.clone());
        }
    }
}

impl FromIterator<Name> for Undeclared {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.insert(name);
        }
        all
    }
}
