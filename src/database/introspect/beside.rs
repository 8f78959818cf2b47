//! What a live database has that no catalog holds, in words.

use std::collections::BTreeSet;

use crate::database::{Database, DatabaseError};
use crate::dialect::Dialect;

/// What nobody asked for who reads a catalog: system schemas, what extensions own, what is planner's or Diesel's.
const USERS: &str = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/// Returns what is there and not in the catalog: functions, domains, policies … of PostgreSQL, virtual tables of SQLite.
///
/// # Errors
///
/// Returns what the engine says if a question fails.
pub fn beside(database: &mut dyn Database) -> Result<BTreeSet<String>, DatabaseError> {
    let sql = match database.dialect() {
        Dialect::Postgres => postgres(),
        Dialect::Sqlite => "SELECT 'virtual table `' || name || '`' FROM sqlite_master \
             WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
            .to_owned(),
    };
    let rows = database.query_texts(&sql)?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

fn postgres() -> String {
    let named = |name: &str| {
        format!(
            "'`' || CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || {name} || '`'"
        )
    };
    let own = |class: &str, of: &str| {
        format!(
            "NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{class}'::regclass AND d.objid = {of}.oid AND d.deptype = 'e')"
        )
    };
    let of_table = "JOIN pg_namespace n ON n.oid = c.relnamespace";
    let table = named("c.relname");
    let mut parts = vec![
        format!(
            "SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END || {} FROM pg_proc p \
             JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {USERS} AND p.proname NOT LIKE 'planner\\_sync\\_%' AND {}",
            named("p.proname"),
            own("pg_proc", "p")
        ),
        format!(
            "SELECT 'type ' || {} FROM pg_type t \
             JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid \
             WHERE {USERS} AND (t.typtype = 'r' OR t.typtype = 'c' AND c.relkind = 'c') AND {}",
            named("t.typname"),
            own("pg_type", "t")
        ),
        "SELECT 'extension `' || extname || '`' FROM pg_extension WHERE extname <> 'plpgsql'"
            .to_owned(),
        "SELECT 'event trigger `' || evtname || '`' FROM pg_event_trigger".to_owned(),
        "SELECT 'publication `' || pubname || '`' FROM pg_publication".to_owned(),
    ];
    let on_tables = [
        ("'policy `' || o.polname || '` on '", "pg_policy o ON o.polrelid = c.oid"),
        (
            "'rule `' || o.rulename || '` on '",
            "pg_rewrite o ON o.ev_class = c.oid AND o.rulename <> '_RETURN'",
        ),
        ("'statistics `' || o.stxname || '` on '", "pg_statistic_ext o ON o.stxrelid = c.oid"),
    ];
    parts.extend(on_tables.map(|(what, from)| {
        format!(
            "SELECT {what} || {table} FROM pg_class c {of_table} JOIN {from} WHERE {USERS} AND {}",
            own("pg_class", "c")
        )
    }));
    let tables = [
        ("'row level security of '", "c.relrowsecurity"),
        ("'foreign table '", "c.relkind = 'f'"),
        (
            "'what it inherits: table '",
            "NOT c.relispartition AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)",
        ),
        ("'that it is unlogged: table '", "c.relkind = 'r' AND c.relpersistence = 'u'"),
    ];
    parts.extend(tables.map(|(what, condition)| {
        format!("SELECT {what} || {table} FROM pg_class c {of_table} WHERE {USERS} AND {condition} AND {}", own("pg_class", "c"))
    }));
    parts.join(" UNION ALL ")
}
