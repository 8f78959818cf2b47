//! Tables that inherit from others without being partitions of them (PostgreSQL).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::name::{Name, ObjectName};

/// Which tables inherit from which. Few databases have any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heirs(Option<Arc<BTreeMap<ObjectName, Heir>>>);

/// A table that inherits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heir {
    /// The tables that it inherits from.
    pub parents: BTreeSet<ObjectName>,
    /// The columns that it has of its own too, so that they stay where a parent loses them.
    pub own: BTreeSet<Name>,
    /// The checks that it has of its own too.
    pub own_checks: BTreeSet<Name>,
}

impl Heirs {
    /// Returns whether a table inherits, or others inherit from it.
    #[must_use]
    pub fn names(&self, table: &ObjectName) -> bool {
        self.0.as_ref().is_some_and(|all| {
            all.contains_key(table) || all.values().any(|heir| heir.parents.contains(table))
        })
    }

    /// Returns the tables that inherit from this one, in the order of their names.
    #[must_use]
    pub fn of(&self, parent: &ObjectName) -> Vec<ObjectName> {
        let all = self.0.iter().flat_map(|all| all.iter());
        let heirs = all.filter(|(_, heir)| heir.parents.contains(parent));
        heirs.map(|(name, _)| name.clone()).collect()
    }

    /// Returns what a table inherits.
    #[must_use]
    pub fn get(&self, table: &ObjectName) -> Option<&Heir> {
        self.0.as_ref()?.get(table)
    }

    /// Notes that a table inherits from others, and has these columns and checks of its own.
    pub fn add(
        &mut self,
        table: &ObjectName,
        parents: impl IntoIterator<Item = ObjectName>,
        own: impl IntoIterator<Item = Name>,
        own_checks: impl IntoIterator<Item = Name>,
    ) {
        let heir = self.all().entry(table.clone()).or_default();
        heir.parents.extend(parents);
        heir.own.extend(own);
        heir.own_checks.extend(own_checks);
    }

    /// Ends it; all that a table has is its own then.
    pub fn end(&mut self, table: &ObjectName, parent: &ObjectName, all: (&[Name], &[Name])) {
        if let Some(heir) = self.all().get_mut(table)
            && heir.parents.remove(parent)
        {
            heir.own.extend(all.0.iter().cloned());
            heir.own_checks.extend(all.1.iter().cloned());
        }
        self.clear();
    }

    /// Forgets a table that goes.
    pub fn forget(&mut self, table: &ObjectName) {
        let all = self.all();
        all.remove(table);
        for heir in all.values_mut() {
            heir.parents.remove(table);
        }
        self.clear();
    }

    /// Follows a table to its new name.
    pub fn rename(&mut self, from: &ObjectName, to: &ObjectName) {
        let all = self.all();
        if let Some(heir) = all.remove(from) {
            all.insert(to.clone(), heir);
        }
        for heir in all.values_mut() {
            if heir.parents.remove(from) {
                heir.parents.insert(to.clone());
            }
        }
    }

    /// Follows a column of a table to its new name.
    pub fn rename_column(&mut self, table: &ObjectName, from: &Name, to: &Name) {
        if let Some(heir) = self.all().get_mut(table)
            && heir.own.remove(from)
        {
            heir.own.insert(to.clone());
        }
    }

    fn all(&mut self) -> &mut BTreeMap<ObjectName, Heir> {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Without any it is as if there never had been one.
    fn clear(&mut self) {
        self.all().retain(|_, heir| !heir.parents.is_empty());
        if self.all().is_empty() {
            self.0 = None;
        }
    }
}
