//! Syncs, with the triggers and functions they consist of.

use std::sync::Arc;

use super::{ApplyError, found, found_mut, has_column, has_columns};
use crate::catalog::{Catalog, Sync, Trigger};
use crate::change::effect::Object;
use crate::name::Name;

pub(super) fn create(catalog: &mut Catalog, sync: &Arc<Sync>) -> Result<(), ApplyError> {
    let name = sync.table();
    let table = found(catalog, name)?;
    match sync.as_ref() {
        Sync::Columns { forward, backward, .. } => {
            for (column, _) in forward.iter().chain(backward) {
                has_column(name, table, column)?;
            }
        }
        Sync::Tables(tables) => {
            let target = found(catalog, &tables.to)?;
            for (column, _) in &tables.columns {
                has_column(&tables.to, target, column)?;
            }
            has_columns(&tables.to, target, &tables.key)?;
        }
    }
    let triggers = sync.triggers(catalog.dialect);
    let function = sync.function(catalog.dialect);
    let taken = catalog.syncs.contains_key(sync.name())
        || triggers.iter().any(|trigger| table.triggers.contains_key(trigger))
        || function.as_ref().is_some_and(|function| catalog.functions.contains(function));
    if taken {
        let object = Object::Sync(sync.name().clone());
        return Err(ApplyError::Exists { kind: "sync", object });
    }
    if let Some(table) = found_mut(catalog, name) {
        let made = triggers.into_iter().map(|trigger| (trigger, Trigger { definition: None }));
        table.triggers.extend(made);
    }
    catalog.remember_trigger(name);
    catalog.functions.extend(function);
    catalog.syncs.insert(sync.name().clone(), Arc::clone(sync));
    Ok(())
}

pub(super) fn drop(catalog: &mut Catalog, name: &Name) -> Result<(), ApplyError> {
    let Some(sync) = catalog.syncs.remove(name) else {
        let known = catalog.syncs.keys().map(ToString::to_string).collect();
        return Err(ApplyError::Missing {
            kind: "sync",
            object: Object::Sync(name.clone()),
            known,
        });
    };
    let triggers = sync.triggers(catalog.dialect);
    if let Some(function) = sync.function(catalog.dialect) {
        catalog.functions.remove(&function);
    }
    if let Some(table) = found_mut(catalog, sync.table()) {
        table.triggers.retain(|trigger, _| !triggers.contains(trigger));
        if table.triggers.is_empty() {
            catalog.forget_trigger(sync.table());
        }
    }
    Ok(())
}
