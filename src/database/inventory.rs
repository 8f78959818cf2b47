//! What is in a database beside what the catalog holds: functions, domains, policies …, each with its definition.

use std::collections::BTreeMap;

use super::connection::LiveDatabase;
use super::{Database as _, DatabaseError};
use crate::dialect::Dialect;

/// Objects in words, and their definitions.
pub type Inventory = BTreeMap<String, String>;

/// What belongs to an extension or to the system is nobody's work.
pub(super) const OF_USERS: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_t%'
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = o.oid AND e.deptype = 'e')";

/// How an object is called: without its schema if that is `public`.
pub(super) const NAME: &str = "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END";

impl LiveDatabase {
    /// Returns what the catalog does not hold of the users' schema.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn inventory(&mut self) -> Result<Inventory, DatabaseError> {
        let sql = match self.dialect() {
            Dialect::Postgres => format!("{}\nUNION ALL\n{}", postgres(), granted()),
            // Tables, indexes and the triggers of tables are in the catalog.
            Dialect::Sqlite => "SELECT 'trigger `' || t.name || '`', t.sql FROM sqlite_master t
                    LEFT JOIN sqlite_master v ON v.type = 'view' AND v.name = t.tbl_name
                    WHERE t.type = 'trigger' AND (v.name IS NOT NULL OR t.tbl_name = '__diesel_schema_migrations')
                UNION ALL SELECT 'virtual table `' || name || '`', sql FROM sqlite_master
                    WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
                .to_owned(),
        };
        self.inventory_by(&sql)
    }

    /// Returns the SQL that makes functions, sequences, and indexes of materialized views again (PostgreSQL).
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn definitions(&mut self) -> Result<Inventory, DatabaseError> {
        match self.dialect() {
            Dialect::Postgres => {
                self.inventory_by(&format!("{}\nUNION ALL\n{}", postgres(), sequences()))
            }
            Dialect::Sqlite => Ok(Inventory::new()),
        }
    }

    /// Returns the days around this one as the server writes them (PostgreSQL); none where an engine keeps what was written.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn days_around(&mut self) -> Result<Vec<String>, DatabaseError> {
        match self.dialect() {
            Dialect::Postgres => {
                let rows = self.query_texts(
                    "SELECT (current_date + n)::text FROM generate_series(-2, 2) AS days (n)",
                )?;
                Ok(rows.into_iter().flatten().flatten().collect())
            }
            Dialect::Sqlite => Ok(Vec::new()),
        }
    }

    fn inventory_by(&mut self, sql: &str) -> Result<Inventory, DatabaseError> {
        let rows = self.query_texts(sql)?.into_iter();
        Ok(rows
            .filter_map(|row| {
                let mut texts = row.into_iter();
                Some((texts.next()??, texts.next()?.unwrap_or_default()))
            })
            .collect())
    }
}

/// The statements that make the sequences that no column owns: what is not said is what the server takes then.
fn sequences() -> String {
    format!(
        "SELECT 'sequence `' || {NAME} || o.relname || '`', 'CREATE SEQUENCE ' || CASE n.nspname WHEN 'public' THEN ''
                ELSE quote_ident(n.nspname) || '.' END || quote_ident(o.relname)
            || CASE s.seqtypid::regtype::text WHEN 'bigint' THEN '' ELSE ' AS ' || s.seqtypid::regtype::text END
            || CASE s.seqincrement WHEN 1 THEN '' ELSE ' INCREMENT BY ' || s.seqincrement END
            || CASE WHEN s.seqincrement > 0 AND s.seqmin = 1 THEN '' ELSE ' MINVALUE ' || s.seqmin END
            || CASE WHEN s.seqincrement > 0 AND s.seqmax IN (32767, 2147483647, 9223372036854775807) THEN ''
                ELSE ' MAXVALUE ' || s.seqmax END
            || CASE s.seqstart WHEN s.seqmin THEN '' ELSE ' START WITH ' || s.seqstart END
            || CASE s.seqcache WHEN 1 THEN '' ELSE ' CACHE ' || s.seqcache END
            || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END
         FROM pg_sequence s JOIN pg_class o ON o.oid = s.seqrelid JOIN pg_namespace n ON n.oid = o.relnamespace
         WHERE {OF_USERS}"
    )
}

/// Returns what an array of grants says, in one order.
fn grants(of: &str) -> String {
    format!("(SELECT string_agg(g::text, ' ' ORDER BY g::text) FROM unnest({of}) g)")
}

/// What roles may do beyond what an owner may anyway, who owns what, what is said of objects, and how sequences that no column owns
/// count.
fn granted() -> String {
    let kind = "CASE o.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END";
    let of_relations = format!("o.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND {OF_USERS}");
    let differs = |own: &str, kind: &str, owner: &str| {
        let usual = grants(&format!("acldefault({kind}, {owner})"));
        format!("{own} IS NOT NULL AND {} IS DISTINCT FROM {usual}", grants(own))
    };
    let me = "(SELECT oid FROM pg_roles WHERE rolname = current_user)";
    let no_system = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";
    let parts = [
        format!(
            "SELECT 'grants on ' || {kind} || ' `' || {NAME} || o.relname || '`', {}
             FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {} AND {of_relations}",
            grants("o.relacl"),
            differs("o.relacl", "CASE o.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END", "o.relowner"),
        ),
        format!(
            "SELECT 'owner of ' || {kind} || ' `' || {NAME} || o.relname || '`', o.relowner::regrole::text
             FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE o.relowner <> {me} AND {of_relations}"
        ),
        format!(
            "SELECT 'grants on column `' || {NAME} || o.relname || '.' || a.attname || '`', {}
             FROM pg_attribute a JOIN pg_class o ON o.oid = a.attrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE cardinality(a.attacl) > 0 AND NOT a.attisdropped AND {OF_USERS}",
            grants("a.attacl"),
        ),
        format!(
            "SELECT 'grants on function `' || {NAME} || o.proname || '(' || pg_get_function_identity_arguments(o.oid) || ')`', {}
             FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE {} AND {OF_USERS}",
            grants("o.proacl"),
            differs("o.proacl", "'f'", "o.proowner"),
        ),
        format!(
            "SELECT 'grants on schema `' || n.nspname || '`', {} FROM pg_namespace n WHERE {} AND {no_system}",
            grants("n.nspacl"),
            differs("n.nspacl", "'n'", "n.nspowner"),
        ),
        format!(
            "SELECT 'owner of schema `' || n.nspname || '`', n.nspowner::regrole::text FROM pg_namespace n
             WHERE n.nspowner <> {me} AND n.nspname <> 'public' AND {no_system}"
        ),
        format!(
            "SELECT 'default privileges of `' || d.defaclrole::regrole::text || coalesce('` in `' || n.nspname, '') || '` on '
                || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                    WHEN 'T' THEN 'types' ELSE 'schemas' END, {}
             FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace",
            grants("d.defaclacl"),
        ),
        // The catalog does not hold Diesel's own table.
        "SELECT 'trigger `' || t.tgname || '` on `__diesel_schema_migrations`', pg_get_triggerdef(t.oid) FROM pg_trigger t
         WHERE t.tgrelid = to_regclass('__diesel_schema_migrations') AND NOT t.tgisinternal"
            .to_owned(),
        // Comments on tables and their columns are in the catalog.
        "SELECT 'comment on ' || i.type || ' `' || i.identity || '`', d.description
         FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
         WHERE i.type NOT IN ('table', 'table column', 'extension') AND d.objoid >= 16384
            AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = d.objoid AND e.deptype = 'e')"
            .to_owned(),
        format!("SELECT '{COUNTING}' || what, sql FROM ({}) AS definition (what, sql)", sequences()),
    ];
    parts.join("\nUNION ALL\n")
}

/// What a sequence's way to count is told under; that it is there at all is in the catalog.
pub const COUNTING: &str = "options of ";

fn postgres() -> String {
    let parts = [
        format!(
            "SELECT CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END
                || ' `' || {NAME} || o.proname || '(' || pg_get_function_identity_arguments(o.oid) || ')`',
                CASE WHEN o.prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(o.oid) ELSE '' END
             FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE {OF_USERS}"
        ),
        format!(
            "SELECT 'domain `' || {NAME} || o.typname || '`', format_type(o.typbasetype, o.typtypmod)
                || CASE WHEN o.typnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || o.typdefault, '')
                || coalesce((SELECT string_agg(' ' || pg_get_constraintdef(c.oid), '' ORDER BY c.conname)
                    FROM pg_constraint c WHERE c.contypid = o.oid), '')
             FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace WHERE o.typtype = 'd' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'type `' || {NAME} || o.relname || '`', (SELECT string_agg(a.attname || ' '
                || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped)
             FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE o.relkind = 'c' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'type `' || {NAME} || o.typname || '`', 'range' FROM pg_type o
             JOIN pg_namespace n ON n.oid = o.typnamespace WHERE o.typtype = 'r' AND {OF_USERS}"
        ),
        "SELECT 'schema `' || n.nspname || '`', '' FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%'
            AND n.nspname NOT IN ('information_schema', 'public')
            AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = n.oid AND e.deptype = 'e')"
            .to_owned(),
        "SELECT 'extension `' || e.extname || '`', '' FROM pg_extension e WHERE e.extname <> 'plpgsql'".to_owned(),
        format!(
            "SELECT 'policy `' || p.polname || '` on `' || {NAME} || o.relname || '`', p.polcmd::text || p.polpermissive::text
                || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ',' ORDER BY r::regrole::text)
                    FROM unnest(p.polroles) r) || coalesce(' USING ' || pg_get_expr(p.polqual, p.polrelid), '')
                || coalesce(' WITH CHECK ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
             FROM pg_policy p JOIN pg_class o ON o.oid = p.polrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE {OF_USERS}"
        ),
        format!(
            "SELECT 'row level security of `' || {NAME} || o.relname || '`', o.relrowsecurity::text || o.relforcerowsecurity::text
             FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE (o.relrowsecurity OR o.relforcerowsecurity) AND {OF_USERS}"
        ),
        format!(
            "SELECT 'rule `' || r.rulename || '` on `' || {NAME} || o.relname || '`', pg_get_ruledef(r.oid)
             FROM pg_rewrite r JOIN pg_class o ON o.oid = r.ev_class JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE r.rulename <> '_RETURN' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'index `' || i.relname || '`', pg_get_indexdef(i.oid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
             JOIN pg_class o ON o.oid = x.indrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE o.relkind = 'm' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'trigger `' || t.tgname || '` on `' || {NAME} || o.relname || '`', pg_get_triggerdef(t.oid)
             FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE o.relkind = 'v' AND NOT t.tgisinternal AND {OF_USERS}"
        ),
        format!(
            "SELECT 'inheritance of `' || {NAME} || o.relname || '`', i.inhparent::regclass::text
                || coalesce(' ' || pg_get_expr(o.relpartbound, o.oid), '')
             FROM pg_inherits i JOIN pg_class o ON o.oid = i.inhrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE o.relkind IN ('r', 'p') AND {OF_USERS}"
        ),
        "SELECT 'event trigger `' || evtname || '`', evtevent::text || evtfoid::regproc::text FROM pg_event_trigger".to_owned(),
        "SELECT 'publication `' || pubname || '`', '' FROM pg_publication".to_owned(),
    ];
    parts.join("\nUNION ALL\n")
}
