//! A scratch database whose tables have rows, as far as some can be made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::base::Base;
use crate::catalog::{Catalog, Table};
use crate::change::words::Words;
use crate::database::DatabaseError;
use crate::database::made_up::Likes;
use crate::name::ObjectName;

/// How often tables are gone through: a row may need one in a table that comes later.
const PASSES: usize = 3;

/// A scratch database with rows.
#[derive(Debug)]
pub(super) struct Filled {
    pub base: Base,
    /// Tables that have a row.
    full: BTreeSet<ObjectName>,
    /// Tables that took none, as they were then.
    refused: BTreeMap<ObjectName, Arc<Table>>,
    /// What rows are made up of.
    likes: Likes,
    /// Whether something has run since that may have taken rows away.
    may_have_lost: bool,
}

impl Filled {
    pub(super) const fn new(base: Base, likes: Likes) -> Self {
        let full = BTreeSet::new();
        Self { base, full, refused: BTreeMap::new(), likes, may_have_lost: false }
    }

    /// Takes note of a script that ran: only one that writes rows, or calls what may, takes any away.
    pub(super) fn note(&mut self, script: &str) {
        const MAY: [&str; 10] = [
            "delete", "truncate", "merge", "select", "perform", "call", "do", "execute", "replace",
            "insert",
        ];
        let words = Words::of(script);
        self.may_have_lost |= MAY.iter().any(|word| words.has(word));
    }

    /// Returns whether each table that has a row in another one has one here.
    pub(super) fn is_as_full_as(&self, other: &Self) -> bool {
        other.full.is_subset(&self.full)
    }

    /// Puts a row into each table that has none; returns the tables that took none.
    pub(super) fn fill(&mut self, catalog: &Catalog) -> Result<Vec<String>, DatabaseError> {
        if std::mem::take(&mut self.may_have_lost) {
            self.full.clear();
        }
        self.full.retain(|name| catalog.tables.contains_key(name));
        let (_, database) = self.base.fresh()?;
        for _ in 0..PASSES {
            let mut grew = false;
            for (name, table) in &catalog.tables {
                let is_known = self.full.contains(name)
                    || self.refused.get(name).is_some_and(|refused| refused == table);
                if is_known {
                    continue;
                }
                let likes = &self.likes;
                if database.has_row(name)?
                    || database.add_sample_row(name, table, catalog, likes)?
                {
                    self.full.insert(name.clone());
                    grew = true;
                }
            }
            if !grew {
                break;
            }
        }
        let empty = |(name, _): &(&ObjectName, &Arc<Table>)| !self.full.contains(*name);
        self.refused = catalog
            .tables
            .iter()
            .filter(empty)
            .map(|(name, table)| (name.clone(), Arc::clone(table)))
            .collect();
        Ok(self.refused.keys().map(ToString::to_string).collect())
    }
}
