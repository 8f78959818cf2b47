//! The entries that a connection has read already: the ledger only grows, so that later questions read what is new.

use super::DatabaseError;
use super::any::AnyConnection;
use super::ledger_store;
use crate::ledger::Entry;

/// What was read so far, oldest first.
#[derive(Default)]
pub(super) struct KnownEntries {
    read: Vec<Entry>,
}

impl KnownEntries {
    /// Forgets everything: entries that were read within a transaction were never written if it is taken back.
    pub(super) fn forget(&mut self) {
        self.read.clear();
    }

    /// Returns all entries, oldest first. Ids ascend in the order of commits, so nothing can appear behind the last one
    /// that is known. That one is read again, in case the ledger is another one by now.
    pub(super) fn all(
        &mut self,
        connection: &mut AnyConnection,
    ) -> Result<Vec<Entry>, DatabaseError> {
        let Some(last) = self.read.last() else {
            self.read = ledger_store::entries(connection)?;
            return Ok(self.read.clone());
        };
        let mut new = ledger_store::entries_from(connection, last.id)?.into_iter();
        if new.next().as_ref() == Some(last) {
            self.read.extend(new);
        } else {
            self.read = ledger_store::entries(connection)?;
        }
        Ok(self.read.clone())
    }
}
