//! Trying a step that failed on made-up rows again, where tables have other rows.

use super::Trial;
use super::statement::{self, VerifiedStatement};
use crate::catalog::{Catalog, Generated};
use crate::change::Change;
use crate::compile::CompiledMigration;
use crate::database::DatabaseError;
use crate::database::error::is_of_values;
use crate::database::made_up::{Kind, Likes};
use crate::dialects::Transaction;

/// How often tables are gone through: a row may need one in a table that comes later.
const PASSES: usize = 3;

impl Trial<'_> {
    /// Runs a migration that failed on the values of rows where tables have other ones, at last none; returns what it did where it
    /// ran. What makes a column says nothing of the values that are there.
    pub(super) fn on_other_rows(
        &mut self,
        migration: &CompiledMigration,
        tried: &[VerifiedStatement],
        before: &Catalog,
    ) -> Result<Option<Vec<VerifiedStatement>>, DatabaseError> {
        let failed = tried.last().and_then(|of| Some((of.sql.clone(), of.failed.clone()?)));
        let Some((sql, reason)) = failed.filter(|(sql, reason)| is_of_values(reason, sql)) else {
            return Ok(None);
        };
        let is_of_any = |change: &Change| match change {
            Change::AddColumn { column, .. } => {
                !matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
            }
            _ => false,
        };
        let is_alone = matches!(migration.transaction, Transaction::Alone { .. });
        if is_alone || self.step.changes.iter().all(is_of_any) {
            return Ok(None);
        }
        let mut after = before.clone();
        for change in self.step.changes.iter() {
            // It was applied before.
            drop(crate::change::apply::apply(change, &mut after));
        }
        let suiting = Likes::suiting(before, &after, &migration.up.join(";\n"));
        let others = Kind::OTHERS.into_iter().map(|kind| Some(suiting.of_kind(kind)));
        for likes in std::iter::once(Some(suiting.clone())).chain(others).chain([None]) {
            self.database.empty_tables(before)?;
            if let Some(likes) = &likes {
                self.fill(before, likes)?;
            }
            let mut again = statement::migration(self.scratch, self.database, migration, before)?;
            if again.iter().any(|of| of.failed.is_some()) {
                continue;
            }
            for of in again.iter_mut().filter(|of| of.sql == sql) {
                of.failed_on_made_up = Some(reason.clone());
            }
            return Ok(Some(again));
        }
        Ok(None)
    }

    fn fill(&mut self, catalog: &Catalog, likes: &Likes) -> Result<(), DatabaseError> {
        for _ in 0..PASSES {
            for (name, table) in &catalog.tables {
                if !self.database.has_row(name)? {
                    self.database.add_sample_row(name, table, catalog, likes)?;
                }
            }
        }
        Ok(())
    }
}
