//! Dual write by trigger.

mod columns;
mod tables;

pub(super) use tables::on_conflict;

use crate::catalog::{Catalog, Sync};
use crate::dialect::Dialect;
use crate::dialects::Refusal;
use crate::name::{Name, ObjectName};

use super::quote::quote;
use super::rebuild::row_key;
use super::{missing, refuse as refusal};

/// Returns the statements that create a sync's triggers, in the order of [`Sync::triggers`].
pub(super) fn create(sync: &Sync, catalog: &Catalog) -> Result<Vec<String>, Refusal> {
    let names = sync.triggers(Dialect::Sqlite);
    let bodies = match sync {
        Sync::Columns { name: _, table, forward, backward } => {
            columns::triggers(table, forward, backward, catalog)?.to_vec()
        }
        Sync::Tables(tables) => tables::triggers(tables, catalog)?.to_vec(),
    };
    let pairs = names.iter().zip(bodies);
    Ok(pairs.map(|(name, body)| format!("CREATE TRIGGER {} {body}", quote(name))).collect())
}

/// Refuses what [`create`] refuses.
pub(super) fn refuse(sync: &Sync, catalog: &Catalog) -> Result<(), Refusal> {
    match sync {
        Sync::Columns { table: name, .. } => {
            let table = catalog.table(name).ok_or_else(|| missing("table", &name.name))?;
            row_key(name, table).map(|_| ())
        }
        Sync::Tables(tables) => tables::refuse(tables, catalog),
    }
}

/// Returns whether the text of each of a table's triggers is known, so that [`triggers_of`] refuses nothing.
pub(super) fn are_known(table: &ObjectName, catalog: &Catalog) -> bool {
    let makes = |sync: &Sync, name: &Name| {
        sync.table() == table
            && sync.triggers(Dialect::Sqlite).contains(name)
            && refuse(sync, catalog).is_ok()
    };
    let triggers = catalog.table(table).into_iter().flat_map(|table| &table.triggers);
    let mut unread = triggers.filter(|(_, trigger)| trigger.definition.is_none());
    unread.all(|(name, _)| catalog.syncs.values().any(|sync| makes(sync, name)))
}

/// Returns the statements that drop a sync's triggers.
pub(super) fn drop(sync: &Sync) -> Vec<String> {
    let names = sync.triggers(Dialect::Sqlite);
    names.iter().map(|name| format!("DROP TRIGGER {}", quote(name))).collect()
}

/// Returns the statements that create a table's triggers as the catalog knows them.
pub(super) fn triggers_of(table: &ObjectName, catalog: &Catalog) -> Result<Vec<String>, Refusal> {
    let triggers = catalog.table(table).into_iter().flat_map(|table| &table.triggers);
    let definition = |(name, trigger): (&Name, &crate::catalog::Trigger)| match &trigger.definition
    {
        Some(definition) => Ok(definition.trim().trim_end_matches(';').to_owned()),
        None => from_sync(name, table, catalog),
    };
    triggers.map(definition).collect()
}

/// Returns the statement that creates the trigger of this name, which belongs to a sync.
fn from_sync(name: &Name, table: &ObjectName, catalog: &Catalog) -> Result<String, Refusal> {
    for sync in catalog.syncs.values().filter(|sync| sync.table() == table) {
        let names = sync.triggers(Dialect::Sqlite);
        if let Some(at) = names.iter().position(|trigger| trigger == name)
            && let Some(statement) = create(sync, catalog)?.into_iter().nth(at)
        {
            return Ok(statement);
        }
    }
    Err(refusal(
        format!("the text of trigger `{name}` on table `{table}` is not known"),
        "run `planner baseline` so that planner reads it",
    ))
}
