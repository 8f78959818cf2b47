//! How large the tables are, by what the server knows without counting.

use std::collections::BTreeMap;

use super::connection::LiveDatabase;
use super::sample::object;
use super::{Database as _, DatabaseError};
use crate::dialect::Dialect;
use crate::history::TableSize;
use crate::name::{Name, ObjectName};

impl LiveDatabase {
    /// Returns the sizes of all tables: of PostgreSQL by its own estimate, or by the table's length where it has none yet; of
    /// SQLite by what `ANALYZE` found, else by the highest row id.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn table_sizes(&mut self) -> Result<BTreeMap<ObjectName, TableSize>, DatabaseError> {
        match self.dialect() {
            Dialect::Postgres => self.postgres_sizes(),
            Dialect::Sqlite => self.sqlite_sizes(),
        }
    }

    fn postgres_sizes(&mut self) -> Result<BTreeMap<ObjectName, TableSize>, DatabaseError> {
        // A partitioned table has the rows of its partitions. A table that was never looked at has a negative estimate: then a row
        // for every hundred bytes is a fair guess, since only the order of magnitude matters.
        let sql = "WITH RECURSIVE parts(root, oid) AS (
                SELECT oid, oid FROM pg_class WHERE relkind IN ('r', 'p', 'm')
                UNION ALL
                SELECT parts.root, i.inhrelid FROM parts JOIN pg_inherits i ON i.inhparent = parts.oid
            )
            SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname::text END, c.relname::text,
                sum(CASE WHEN p.reltuples >= 0 THEN p.reltuples ELSE pg_relation_size(p.oid) / 100 END)::bigint::text,
                sum(pg_total_relation_size(p.oid))::bigint::text
            FROM parts JOIN pg_class c ON c.oid = parts.root JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_class p ON p.oid = parts.oid
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_temp%'
            GROUP BY 1, 2";
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let rows = self.query_texts(sql)?.into_iter().filter_map(|row| {
            let mut texts = row.into_iter();
            let (schema, name) = (texts.next()??, texts.next()??);
            let (rows, bytes) = (number(texts.next()?)?, number(texts.next()?));
            let schema = (!schema.is_empty()).then(|| Name::new(schema));
            Some((ObjectName { schema, name: Name::new(name) }, TableSize { rows, bytes }))
        });
        Ok(rows.collect())
    }

    fn sqlite_sizes(&mut self) -> Result<BTreeMap<ObjectName, TableSize>, DatabaseError> {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let first = |rows: Vec<Vec<Option<String>>>| rows.into_iter().flatten().flatten().next();
        let mut sizes = BTreeMap::new();
        for name in self.query_texts(tables)?.into_iter().flatten().flatten() {
            let table = ObjectName::bare(Name::new(name.clone()));
            let said = crate::dialects::literal(&name);
            // Neither the statistics nor a row id need be there.
            let known = self.query_texts(&format!("SELECT CAST(max(CAST(stat AS INTEGER)) AS TEXT) FROM sqlite_stat1 WHERE tbl = {said}"));
            let known = known.ok().and_then(first);
            let written = object(Dialect::Sqlite, &table);
            let highest = || {
                let found =
                    self.query_texts(&format!("SELECT CAST(max(rowid) AS TEXT) FROM {written}"));
                found.ok().and_then(first)
            };
            let rows =
                known.or_else(highest).and_then(|text| text.parse().ok()).unwrap_or_default();
            sizes.insert(table, TableSize { rows, bytes: None });
        }
        Ok(sizes)
    }
}
