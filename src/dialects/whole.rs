//! A whole catalog as one SQL script.

use std::collections::BTreeSet;

use super::{Refusal, RenderContext, quote, render};
use crate::catalog::{Catalog, Domain, ObjectKind};
use crate::change::apply::apply;
use crate::change::making::making;
use crate::change::{Change, Other, Verb};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// The statements that make a catalog, each with what it makes.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// The statements in order, each without its final `;`.
    pub statements: Vec<String>,
    /// What could not be written, and why.
    pub left_out: Vec<String>,
}

/// Writes the statements that make a catalog in an empty database. Functions that triggers call are none of it, so that a script
/// that is to run has none `with_triggers`.
#[must_use]
pub fn whole(catalog: &Catalog, with_triggers: bool) -> Whole {
    let mut whole = Whole { statements: schemas(catalog), left_out: Vec::new() };
    let mut before = Catalog::empty(catalog.dialect);
    let mut domains = domains(catalog);
    for change in making(catalog) {
        if !matches!(change, Change::CreateEnum { .. } | Change::CreateSequence { .. }) {
            whole.others(std::mem::take(&mut domains), &mut before);
        }
        if !with_triggers && matches!(change, Change::CreateTrigger { .. }) {
            continue;
        }
        match plainly(&change, &before) {
            Ok(statements) => whole.statements.extend(statements),
            Err(refusal) => whole.left_out.push(refusal.message),
        }
        if let Err(error) = apply(&change, &mut before) {
            whole.left_out.push(error.to_string());
        }
    }
    whole.others(domains, &mut before);
    whole
}

impl Whole {
    /// Adds statements about what the catalog does not hold as structure.
    fn others(&mut self, made: Vec<Other>, before: &mut Catalog) {
        for other in made {
            self.statements.push(other.text.clone());
            if let Err(error) = apply(&Change::Other(other), before) {
                self.left_out.push(error.to_string());
            }
        }
    }
}

/// Returns what makes the domains, each after those that it is over.
#[must_use]
pub fn domains(catalog: &Catalog) -> Vec<Other> {
    let own = catalog.domains.iter().filter(|(_, domain)| !domain.of_extension);
    let mut left: Vec<(&ObjectName, &Domain)> = own.collect();
    let mut made = Vec::new();
    while !left.is_empty() {
        let names: BTreeSet<&ObjectName> = left.iter().map(|(name, _)| *name).collect();
        let waits = |(_, domain): &(&ObjectName, &Domain)| {
            let over = domain.over.0.trim_end_matches("[]").replace('"', "");
            names.iter().any(|name| name.to_string() == over)
        };
        let (waiting, mut ready): (Vec<_>, Vec<_>) = left.iter().copied().partition(waits);
        left = waiting;
        if ready.is_empty() {
            // None of them comes first, which no database has.
            ready = std::mem::take(&mut left);
        }
        made.extend(ready.into_iter().map(|(name, domain)| Other {
            verb: Verb::Create,
            kind: ObjectKind::Domain,
            name: Some(name.clone()),
            on: None,
            text: super::postgres::types::create_domain(name, domain),
            touches: Vec::new(),
            domain: Some(Box::new(domain.clone())),
        }));
    }
    made
}

/// Writes a change as people write it by hand: without what a migration of planner's has around it. The last statements of a change
/// that takes several migrations come last.
///
/// # Errors
///
/// Refuses what the dialect cannot do, or not in one go.
pub fn plainly(change: &Change, before: &Catalog) -> Result<Vec<String>, Refusal> {
    let context = RenderContext { before, fresh_table: true, lock_timeout_ms: 0 };
    let script = render(change, &context)?;
    let statements = script.groups.into_iter().flat_map(|group| group.statements);
    Ok(statements.filter(|sql| !sql.starts_with("SET LOCAL ")).collect())
}

/// Returns the statement that drops a domain (PostgreSQL).
#[must_use]
pub fn drop_domain(name: &ObjectName) -> String {
    let own = quote(Dialect::Postgres, &name.name);
    let schema = name.schema.as_ref();
    let schema = schema.map(|schema| format!("{}.", quote(Dialect::Postgres, schema)));
    format!("DROP DOMAIN {}{own}", schema.unwrap_or_default())
}

/// Returns the statement that drops a function without arguments (PostgreSQL).
#[must_use]
pub fn drop_function(name: &ObjectName) -> String {
    let own = quote(Dialect::Postgres, &name.name);
    let schema = name.schema.as_ref();
    let schema = schema.map(|schema| format!("{}.", quote(Dialect::Postgres, schema)));
    format!("DROP FUNCTION {}{own}()", schema.unwrap_or_default())
}

/// Writes the schemas that a catalog's objects are in.
fn schemas(catalog: &Catalog) -> Vec<String> {
    let tables = catalog.tables.keys().chain(catalog.views.keys());
    let types = catalog.enums.keys().chain(&catalog.sequences);
    let own = catalog.domains.iter().filter(|(_, domain)| !domain.of_extension);
    let domains = own.map(|(name, _)| name);
    let names: BTreeSet<&Name> =
        tables.chain(types).chain(domains).filter_map(|name| name.schema.as_ref()).collect();
    match catalog.dialect {
        Dialect::Postgres => {
            let create = |name| format!("CREATE SCHEMA {}", quote(Dialect::Postgres, name));
            names.into_iter().map(create).collect()
        }
        Dialect::Sqlite => Vec::new(),
    }
}
