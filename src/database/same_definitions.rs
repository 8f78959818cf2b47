//! Definitions that the server keeps in words of its own: rules, domains, policies with subqueries, bodies that it has parsed, and
//! what was altered since it was made. It is asked how it would keep them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::connection::LiveDatabase;
use super::definitions::{DOMAIN, POLICY};
use super::sample::object;
use super::{Database as _, DatabaseError};
use crate::catalog::{Defined, Definitions};
use crate::change::definition::{Kept, needs_the_server, temporary};
use crate::dialect::Dialect;
use crate::dialects::{literal, quote};
use crate::name::ObjectName;

impl LiveDatabase {
    /// Returns what the server makes of the definitions of which only it can tell whether they are those that it has (PostgreSQL).
    ///
    /// Makes each a second time as a temporary object, in a transaction that is rolled back.
    ///
    /// # Errors
    ///
    /// Fails if the connection breaks.
    pub fn kept_definitions(
        &mut self,
        expected: &Definitions,
        found: &Definitions,
    ) -> Result<BTreeMap<Defined, Kept>, DatabaseError> {
        let mut all = BTreeMap::new();
        if self.dialect() != Dialect::Postgres {
            return Ok(all);
        }
        for (of, text) in expected {
            let (Some(text), Some(Some(is))) = (text, found.get(of)) else { continue };
            if !needs_the_server(of, text, is) {
                continue;
            }
            let would = self.kept_definition(of, text)?;
            // The names of temporary tables are in what it keeps of these.
            let is = match of.kind {
                "policy" | "rule" => self.kept_definition(of, is)?,
                _ => Some(Arc::clone(is)),
            };
            let kept = Kept { expected: Arc::clone(text), texts: would.zip(is) };
            all.insert(of.clone(), kept);
        }
        Ok(all)
    }

    fn kept_definition(
        &mut self,
        of: &Defined,
        text: &str,
    ) -> Result<Option<Arc<str>>, DatabaseError> {
        let Some(statements) = temporary(of, text) else { return Ok(None) };
        self.begin()?;
        let kept = self.made(of, &statements);
        self.roll_back()?;
        let Ok(rows) = kept else { return Ok(None) };
        let text = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
        Ok(text.map(Arc::from))
    }

    fn made(
        &mut self,
        of: &Defined,
        statements: &[String],
    ) -> Result<Vec<Vec<Option<String>>>, DatabaseError> {
        let temporary = ObjectName { schema: Some("pg_temp".into()), name: of.name.name.clone() };
        let name = literal(&object(Dialect::Postgres, &temporary));
        if matches!(of.kind, "policy" | "rule") {
            let own = quote(Dialect::Postgres, &of.name.name);
            let model = match of.name.schema {
                Some(_) => object(Dialect::Postgres, &of.name),
                None => format!("public.{own}"),
            };
            self.execute(&format!("CREATE TEMPORARY TABLE {own} (LIKE {model})"))?;
        }
        for statement in statements {
            self.execute(statement)?;
        }
        let part = literal(&of.part);
        self.query_texts(&match of.kind {
            "policy" => format!(
                "SELECT {POLICY} FROM pg_policy p WHERE p.polrelid = {name}::regclass AND p.polname = {part}"
            ),
            "rule" => format!(
                "SELECT pg_get_ruledef(r.oid) FROM pg_rewrite r WHERE r.ev_class = {name}::regclass AND r.rulename = {part}"
            ),
            "domain" => format!("SELECT {DOMAIN} FROM pg_type o WHERE o.oid = {name}::regtype"),
            _ => format!(
                "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = pg_my_temp_schema() AND p.proname = {}",
                literal(of.name.name.as_str())
            ),
        })
    }
}
