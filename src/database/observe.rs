//! What a statement really did: which locks it holds, which tables it read whole, which it wrote anew (PostgreSQL).

use std::collections::{BTreeMap, BTreeSet};

use super::connection::LiveDatabase;
use super::sample::object;
use super::{Database as _, DatabaseError};
use crate::dialect::Dialect;
pub use crate::dialects::locks::LockMode;
use crate::name::{Name, ObjectName};

/// What a session of a database has done so far in its transaction. SQLite has one lock, for all of it, and tells no scans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The strongest lock on each table.
    pub locks: BTreeMap<ObjectName, LockMode>,
    /// How often each table was read from its beginning, in this transaction.
    pub scans: BTreeMap<ObjectName, u64>,
    /// Which file each table is in; a table that was written anew has another one.
    pub files: BTreeMap<ObjectName, String>,
    /// Which table has which number (PostgreSQL): the lock on one that was dropped has nothing else.
    numbers: BTreeMap<String, ObjectName>,
}

impl Observed {
    /// Takes over from an earlier look where each table was that is not there any more: it may come back elsewhere.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        for (table, file) in &earlier.files {
            self.files.entry(table.clone()).or_insert_with(|| file.clone());
        }
        for (number, table) in &earlier.numbers {
            self.numbers.entry(number.clone()).or_insert_with(|| table.clone());
        }
        self
    }

    /// Returns what is new since an earlier look: locks that are stronger, tables that were scanned, tables that were written anew.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Done {
        let is_new = |(table, mode): &(&ObjectName, &LockMode)| {
            earlier.locks.get(*table).is_none_or(|had| had < mode)
        };
        let locks = self.locks.iter().filter(is_new).map(|(table, mode)| (table.clone(), *mode));
        let scanned = self
            .scans
            .iter()
            .filter(|(table, n)| earlier.scans.get(*table).is_none_or(|had| had < n) && **n > 0);
        let rewritten = self
            .files
            .iter()
            .filter(|(table, file)| earlier.files.get(*table).is_some_and(|had| had != *file));
        Done {
            locks: locks.collect(),
            scanned: scanned.map(|(table, _)| table.clone()).collect(),
            rewritten: rewritten.map(|(table, _)| table.clone()).collect(),
        }
    }
}

/// What one statement did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The locks that it took.
    pub locks: BTreeMap<ObjectName, LockMode>,
    /// The tables that it read whole.
    pub scanned: BTreeSet<ObjectName>,
    /// The tables that it wrote anew.
    pub rewritten: BTreeSet<ObjectName>,
}

impl Done {
    /// Leaves only what was done to some tables.
    pub fn keep(&mut self, wanted: impl Fn(&ObjectName) -> bool) {
        self.locks.retain(|table, _| wanted(table));
        self.scanned.retain(&wanted);
        self.rewritten.retain(&wanted);
    }
}

const OF_USERS: &str = "c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND n.nspname NOT LIKE 'pg\\_temp%'";

const NAME: &str = "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname::text END, c.relname::text";

impl LiveDatabase {
    /// Looks at what this connection has done so far in its transaction; `earlier` is what was seen in it before.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn observe(&mut self, earlier: &Observed) -> Result<Observed, DatabaseError> {
        if self.dialect() == Dialect::Sqlite {
            // A table that was written anew begins at another page.
            let sql =
                "SELECT '', name, CAST(rootpage AS TEXT) FROM sqlite_master WHERE type = 'table'";
            let files = named(self.query_texts(sql)?).collect();
            return Ok(Observed { files, ..Observed::default() }.after(earlier));
        }
        let scans = format!(
            "SELECT {NAME}, s.seq_scan::text FROM pg_stat_xact_all_tables s
                JOIN pg_class c ON c.oid = s.relid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE {OF_USERS}"
        );
        let of_tables = |what: &str| {
            format!(
                "SELECT {NAME}, {what} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OF_USERS}"
            )
        };
        let scans = named(self.query_texts(&scans)?);
        let scans = scans.filter_map(|(table, n)| Some((table, n.parse().ok()?))).collect();
        let files = of_tables("coalesce(pg_relation_filenode(c.oid)::text, '')");
        let files = named(self.query_texts(&files)?).collect();
        let numbers = named(self.query_texts(&of_tables("c.oid::text"))?);
        let numbers = numbers.map(|(table, number)| (number, table)).collect();
        let mut seen = Observed { locks: BTreeMap::new(), scans, files, numbers }.after(earlier);
        seen.locks = self.locks("l.pid = pg_backend_pid() AND l.granted", &seen.numbers)?;
        Ok(seen)
    }

    /// Returns the number of this connection's server process; 0 on SQLite.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn process(&mut self) -> Result<i64, DatabaseError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(0);
        }
        let found = self.query_texts("SELECT pg_backend_pid()::text")?;
        let text = found.into_iter().flatten().flatten().next();
        Ok(text.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    /// Returns the locks that another process waits for.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn waited_for(
        &mut self,
        process: i64,
        seen: &Observed,
    ) -> Result<BTreeMap<ObjectName, LockMode>, DatabaseError> {
        self.locks(&format!("l.pid = {process} AND NOT l.granted"), &seen.numbers)
    }

    /// Locks tables, in the open transaction, such that others may read and write them but not change what they are.
    ///
    /// # Errors
    ///
    /// Fails if the server does.
    pub fn hold_back_changes(&mut self, tables: &[ObjectName]) -> Result<(), DatabaseError> {
        tables.iter().try_for_each(|table| {
            let table = object(Dialect::Postgres, table);
            self.execute(&format!("LOCK TABLE ONLY {table} IN SHARE UPDATE EXCLUSIVE MODE"))
        })
    }

    fn locks(
        &mut self,
        which: &str,
        numbers: &BTreeMap<String, ObjectName>,
    ) -> Result<BTreeMap<ObjectName, LockMode>, DatabaseError> {
        let sql = format!(
            "SELECT l.relation::text, l.mode FROM pg_locks l WHERE l.locktype = 'relation' AND {which}"
        );
        let mut strongest = BTreeMap::new();
        for row in self.query_texts(&sql)? {
            let [Some(number), Some(mode)] = row.as_slice() else { continue };
            let Some((table, mode)) = numbers.get(number).zip(LockMode::parse(mode)) else {
                continue;
            };
            let known = strongest.entry(table.clone()).or_insert(mode);
            *known = (*known).max(mode);
        }
        Ok(strongest)
    }
}

/// Reads rows of a schema (empty for `public`), a name and a text.
fn named(rows: Vec<Vec<Option<String>>>) -> impl Iterator<Item = (ObjectName, String)> {
    rows.into_iter().filter_map(|row| {
        let mut texts = row.into_iter();
        let (schema, name, text) = (texts.next()??, texts.next()??, texts.next()??);
        let schema = (!schema.is_empty()).then(|| Name::new(schema));
        Some((ObjectName { schema, name: Name::new(name) }, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_read_from_what_the_server_calls_it() {
        for mode in LockMode::ALL {
            let name: String = mode.to_string().split(' ').map(capital).collect();
            assert_eq!(LockMode::parse(&format!("{name}Lock")), Some(mode));
        }
        assert_eq!(LockMode::parse("SIReadLock"), None);
    }

    fn capital(word: &str) -> String {
        let (first, rest) = word.split_at(1);
        format!("{first}{}", rest.to_lowercase())
    }

    #[test]
    fn only_what_is_new_or_stronger_was_done_since() {
        let earlier = Observed {
            locks: [("a".into(), LockMode::RowExclusive), ("b".into(), LockMode::Share)].into(),
            scans: [("a".into(), 1)].into(),
            files: [("a".into(), "1".to_owned())].into(),
            ..Observed::default()
        };
        let mut later = earlier.clone();
        assert_eq!(later.since(&earlier), Done::default());
        later.locks.insert("a".into(), LockMode::AccessExclusive);
        later.files.insert("a".into(), "2".to_owned());
        later.files.insert("new".into(), "3".to_owned());
        later.scans.insert("a".into(), 2);
        let done = later.since(&earlier);
        assert_eq!(done.locks, [("a".into(), LockMode::AccessExclusive)].into());
        assert_eq!(done.rewritten, ["a".into()].into());
        assert_eq!(done.scanned, ["a".into()].into());
    }
}
