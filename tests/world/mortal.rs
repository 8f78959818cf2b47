//! A database that dies just before its n-th effect, as a process does: from then on nothing reaches the file. To die
//! after an effect is to die before the next.

use std::collections::BTreeSet;

use jiff::Timestamp;
use planner::catalog::Catalog;
use planner::database::connection::LiveDatabase;
use planner::database::error::Retry;
use planner::database::{Cursor, Database, DatabaseError};
use planner::dialect::Dialect;
use planner::ledger::{Entry, Event};
use planner::release::pulse::Beat;
use planner::version::MigrationVersion;

/// See above.
pub struct Mortal {
    inner: LiveDatabase,
    /// With which effect to die, from 0.
    death: Option<usize>,
    /// Effects so far.
    pub n_effects: usize,
    is_dead: bool,
    in_transaction: bool,
    /// Called after every effect outside of a transaction.
    watch: Box<dyn FnMut(&mut LiveDatabase)>,
}

type Answer<T> = Result<T, DatabaseError>;

fn dead<T>() -> Answer<T> {
    let (reason, sql) = ("the process died".to_owned(), String::new());
    Err(DatabaseError::Statement { reason, sql, retry: Retry::Never })
}

impl Mortal {
    pub fn new(inner: LiveDatabase, death: Option<usize>) -> Self {
        let watch = Box::new(|_: &mut LiveDatabase| {});
        Self { inner, death, n_effects: 0, is_dead: false, in_transaction: false, watch }
    }

    pub fn watched(mut self, watch: impl FnMut(&mut LiveDatabase) + 'static) -> Self {
        self.watch = Box::new(watch);
        self
    }

    fn effect<T>(&mut self, act: impl FnOnce(&mut LiveDatabase) -> Answer<T>) -> Answer<T> {
        self.is_dead |= self.death == Some(self.n_effects);
        if self.is_dead {
            return dead();
        }
        self.n_effects += 1;
        let done = act(&mut self.inner);
        if !self.in_transaction {
            (self.watch)(&mut self.inner);
        }
        done
    }

    fn look<T>(&mut self, look: impl FnOnce(&mut LiveDatabase) -> Answer<T>) -> Answer<T> {
        if self.is_dead { dead() } else { look(&mut self.inner) }
    }
}

impl Database for Mortal {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn now(&mut self) -> Answer<Timestamp> {
        self.look(LiveDatabase::now)
    }

    fn ledger_format(&mut self) -> Answer<Option<i64>> {
        self.look(LiveDatabase::ledger_format)
    }

    fn install_ledger(&mut self) -> Answer<()> {
        self.effect(LiveDatabase::install_ledger)
    }

    fn entries(&mut self) -> Answer<Vec<Entry>> {
        self.look(LiveDatabase::entries)
    }

    fn append(&mut self, actor: &str, event: &Event) -> Answer<Entry> {
        self.effect(|inner| inner.append(actor, event))
    }

    fn heartbeats(&mut self) -> Answer<Vec<Beat>> {
        self.look(LiveDatabase::heartbeats)
    }

    fn forget_heartbeats(&mut self, before: Timestamp) -> Answer<u64> {
        self.effect(|inner| inner.forget_heartbeats(before))
    }

    fn applied_versions(&mut self) -> Answer<BTreeSet<MigrationVersion>> {
        self.look(LiveDatabase::applied_versions)
    }

    fn record_version(&mut self, version: &MigrationVersion) -> Answer<()> {
        self.effect(|inner| inner.record_version(version))
    }

    fn forget_version(&mut self, version: &MigrationVersion) -> Answer<()> {
        self.effect(|inner| inner.forget_version(version))
    }

    fn begin(&mut self) -> Answer<()> {
        self.in_transaction = true;
        self.effect(LiveDatabase::begin)
    }

    fn commit(&mut self) -> Answer<()> {
        self.in_transaction = false;
        self.effect(LiveDatabase::commit)
    }

    fn roll_back(&mut self) -> Answer<()> {
        self.in_transaction = false;
        self.look(LiveDatabase::roll_back)
    }

    fn lock_ledger(&mut self) -> Answer<()> {
        self.effect(LiveDatabase::lock_ledger)
    }

    fn execute(&mut self, sql: &str) -> Answer<()> {
        self.effect(|inner| inner.execute(sql))
    }

    fn execute_counting(&mut self, sql: &str) -> Answer<u64> {
        self.effect(|inner| inner.execute_counting(sql))
    }

    fn query_texts(&mut self, sql: &str) -> Answer<Vec<Vec<Option<String>>>> {
        self.look(|inner| inner.query_texts(sql))
    }

    fn query_gate(&mut self, sql: &str, timeout_ms: u32) -> Answer<Option<bool>> {
        self.look(|inner| inner.query_gate(sql, timeout_ms))
    }

    fn query_texts_within(&mut self, sql: &str, timeout: u32) -> Answer<Vec<Vec<Option<String>>>> {
        self.look(|inner| inner.query_texts_within(sql, timeout))
    }

    fn enforce_foreign_keys(&mut self, on: bool) -> Answer<()> {
        self.effect(|inner| inner.enforce_foreign_keys(on))
    }

    fn set_lock_timeout(&mut self, milliseconds: u32) -> Answer<()> {
        self.look(|inner| inner.set_lock_timeout(milliseconds))
    }

    fn set_statement_timeout(&mut self, milliseconds: Option<u32>) -> Answer<()> {
        self.look(|inner| inner.set_statement_timeout(milliseconds))
    }

    fn watch_locks(&mut self) {
        self.inner.watch_locks();
    }

    fn in_the_way(&mut self) -> Vec<String> {
        self.inner.in_the_way()
    }

    fn catalog(&mut self) -> Answer<Catalog> {
        self.look(LiveDatabase::catalog)
    }

    fn try_lease(&mut self, holder: &str, seconds: u32) -> Answer<bool> {
        self.effect(|inner| inner.try_lease(holder, seconds))
    }

    fn lease_holder(&mut self) -> Answer<Option<(String, Option<Timestamp>)>> {
        self.look(LiveDatabase::lease_holder)
    }

    fn release_lease(&mut self, holder: &str) -> Answer<()> {
        self.effect(|inner| inner.release_lease(holder))
    }

    fn cursor(&mut self, version: &MigrationVersion) -> Answer<Option<Cursor>> {
        self.look(|inner| inner.cursor(version))
    }

    fn save_cursor(&mut self, version: &MigrationVersion, cursor: &Cursor) -> Answer<()> {
        self.effect(|inner| inner.save_cursor(version, cursor))
    }

    fn forget_cursor(&mut self, version: &MigrationVersion) -> Answer<()> {
        self.effect(|inner| inner.forget_cursor(version))
    }
}
