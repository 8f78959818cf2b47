//! What made the things that the catalog holds by name only, as the database tells it.

use std::sync::Arc;

use super::connection::LiveDatabase;
use super::inventory::{NAME, OF_USERS};
use super::{Database as _, DatabaseError};
use crate::catalog::{Defined, Definitions};
use crate::dialect::Dialect;
use crate::name::ObjectName;

/// The kinds that a database tells of.
const KINDS: [&str; 8] = [
    "function",
    "procedure",
    "policy",
    "rule",
    "domain",
    "trigger",
    "row level security",
    "virtual table",
];

/// A policy `p` as the statement that makes it.
pub(super) const POLICY: &str = "'CREATE POLICY p ON t AS '
    || CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END || ' FOR '
    || CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END
    || ' TO ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ', ') FROM unnest(p.polroles) r)
    || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
    || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')";

/// A domain `o` as what stands behind its name in the statement that makes it.
pub(super) const DOMAIN: &str = "concat_ws(' ', 'AS ' || format_type(o.typbasetype, o.typtypmod),
    CASE WHEN o.typcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = o.typbasetype) THEN 'COLLATE ' || o.typcollation::regcollation END,
    'DEFAULT ' || pg_get_expr(o.typdefaultbin, 0), CASE WHEN o.typnotnull THEN 'NOT NULL' END,
    (SELECT string_agg('CONSTRAINT ' || quote_ident(c.conname) || ' ' || pg_get_constraintdef(c.oid), ' ' ORDER BY c.conname)
        FROM pg_constraint c WHERE c.contypid = o.oid AND c.contype = 'c'))";

impl LiveDatabase {
    /// Returns the definitions of functions, policies, triggers of views and the like; of what belongs to an extension, none.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn definitions_of_others(&mut self) -> Result<Definitions, DatabaseError> {
        let sql = match self.dialect() {
            Dialect::Postgres => postgres(),
            Dialect::Sqlite => "SELECT 'trigger', t.tbl_name, t.name, t.sql FROM sqlite_master t
                    JOIN sqlite_master v ON v.type = 'view' AND v.name = t.tbl_name WHERE t.type = 'trigger'
                UNION ALL SELECT 'virtual table', name, '', sql FROM sqlite_master
                    WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'"
                .to_owned(),
        };
        let mut all = Definitions::new();
        for row in self.query_texts(&sql)? {
            let mut texts = row.into_iter();
            let mut next = || texts.next().flatten();
            let (Some(kind), Some(name), Some(part)) = (next(), next(), next()) else { continue };
            let Some(kind) = KINDS.into_iter().find(|of| *of == kind) else { continue };
            let name = match self.dialect() {
                Dialect::Postgres => ObjectName::parse(&name),
                Dialect::Sqlite => ObjectName::bare(name),
            };
            all.insert(Defined { kind, name, part }, next().map(Arc::from));
        }
        Ok(all)
    }

    /// Returns the triggers of tables that do not fire as they were made to, each with how it stands (PostgreSQL).
    ///
    /// # Errors
    ///
    /// Fails if the database cannot say.
    pub fn switched_triggers(
        &mut self,
    ) -> Result<Vec<(ObjectName, String, String)>, DatabaseError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {NAME} || o.relname, t.tgname::text, CASE t.tgenabled WHEN 'D' THEN 'disabled'
                    WHEN 'R' THEN 'enabled for replicas only' ELSE 'enabled for replicas too' END
             FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE t.tgenabled <> 'O' AND NOT t.tgisinternal AND {OF_USERS}"
        );
        let rows = self.query_texts(&sql)?.into_iter().filter_map(|row| {
            let mut texts = row.into_iter().flatten();
            Some((ObjectName::parse(&texts.next()?), texts.next()?, texts.next()?))
        });
        Ok(rows.collect())
    }
}

fn postgres() -> String {
    let parts = [
        format!(
            "SELECT CASE o.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, {NAME} || o.proname,
                coalesce((SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.at)
                    FROM unnest(o.proargtypes) WITH ORDINALITY AS a (type, at)), ''), pg_get_functiondef(o.oid)
             FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE o.prokind IN ('f', 'p', 'w') AND {OF_USERS}"
        ),
        format!(
            "SELECT 'policy', {NAME} || o.relname, p.polname::text, {POLICY}
             FROM pg_policy p JOIN pg_class o ON o.oid = p.polrelid JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {OF_USERS}"
        ),
        format!(
            "SELECT 'row level security', {NAME} || o.relname, '', trim(CASE WHEN o.relrowsecurity THEN 'enabled ' ELSE '' END
                || CASE WHEN o.relforcerowsecurity THEN 'forced' ELSE '' END)
             FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE (o.relrowsecurity OR o.relforcerowsecurity) AND {OF_USERS}"
        ),
        format!(
            "SELECT 'rule', {NAME} || o.relname, r.rulename::text, pg_get_ruledef(r.oid)
             FROM pg_rewrite r JOIN pg_class o ON o.oid = r.ev_class JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE r.rulename <> '_RETURN' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'domain', {NAME} || o.typname, '', {DOMAIN} FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace
             WHERE o.typtype = 'd' AND {OF_USERS}"
        ),
        format!(
            "SELECT 'trigger', {NAME} || o.relname, t.tgname::text, pg_get_triggerdef(t.oid)
             FROM pg_trigger t JOIN pg_class o ON o.oid = t.tgrelid JOIN pg_namespace n ON n.oid = o.relnamespace
             WHERE o.relkind = 'v' AND NOT t.tgisinternal AND {OF_USERS}"
        ),
    ];
    parts.join("\nUNION ALL\n")
}
