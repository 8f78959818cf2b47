//! Renames: everything that names what is renamed goes on naming it.

mod types;

pub(super) use types::{enum_type, enum_value, follow_type, sequence};

use super::{
    ApplyError, found, found_mut, has_column, is_free, is_no_enum, is_same_name, texts, uses,
};
use crate::catalog::{Catalog, Generated, IndexKey, Relation, SqlExpression, Sync, Table};
use crate::change::definition;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Refuses the name unless it is free, or the old one in another case, which SQLite takes for the same.
fn is_free_but_for(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
) -> Result<(), ApplyError> {
    let is_same = is_same_name(catalog.dialect, from.name.as_str(), to.name.as_str());
    if is_same && from.schema == to.schema && from != to {
        return Ok(());
    }
    is_free(catalog, to)?;
    is_no_enum(catalog, to)
}

/// Renames a table or a view. A sync's function names its tables in its body, which no engine rewrites.
pub(super) fn table(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
) -> Result<(), ApplyError> {
    if !catalog.views.contains_key(from) {
        found(catalog, from)?;
    }
    is_free_but_for(catalog, from, to)?;
    let names = |sync: &Sync| match sync {
        Sync::Columns { table, .. } => table == from,
        Sync::Tables(tables) => tables.from == *from || tables.to == *from,
    };
    if let Some(sync) = catalog.syncs.values().find(|sync| names(sync)) {
        let user = format!("sync `{}`", sync.name());
        return Err(ApplyError::InUse { kind: "table", object: Object::Table(from.clone()), user });
    }
    let referrers = catalog.referrers(from);
    if let Some(view) = catalog.views.remove(from) {
        catalog.views.insert(to.clone(), view);
    } else if let Some(table) = catalog.tables.remove(from) {
        catalog.tables.insert(to.clone(), table);
    }
    for name in &referrers {
        let name = if name == from { to } else { name };
        for key in found_mut(catalog, name).into_iter().flat_map(|table| &mut table.foreign_keys) {
            if key.references == *from {
                key.references = to.clone();
            }
        }
    }
    let dialect = catalog.dialect;
    if let Some(table) = found_mut(catalog, to) {
        if dialect == Dialect::Sqlite {
            rename_unnamed_key(table, from, to);
        }
        each_text(table, |text| texts::expression_with_table(dialect, text, from, to));
    }
    catalog.remember_rename(from, to);
    let names_it = |table: &Table| {
        let mut texts = table.triggers.values().filter_map(|of| of.definition.as_ref());
        texts.any(|text| uses::may_be_in(text, &from.name))
    };
    let triggered = catalog
        .with_triggers()
        .filter(|name| *name == to || dialect == Dialect::Sqlite)
        .filter(|name| catalog.table(name).is_some_and(names_it));
    let triggered: Vec<ObjectName> = triggered.cloned().collect();
    for name in triggered {
        each_trigger(catalog, &name, |text| texts::with_table(dialect, text, from, to));
    }
    for view in catalog.views.values_mut() {
        if let Some(renamed) = texts::view_with_table(dialect, view, from, to) {
            *view = renamed;
        }
    }
    for on in catalog.others.values_mut().flatten().filter(|on| *on == from) {
        *on = to.clone();
    }
    definition::follow(catalog, from, to);
    Ok(())
}

/// A primary key without a name is called by convention, after its table (SQLite).
fn rename_unnamed_key(table: &mut Table, from: &ObjectName, to: &ObjectName) {
    if let Some(key) = &mut table.primary_key
        && key.name.as_str() == format!("{}_pkey", from.name)
    {
        key.name = Name::new(format!("{}_pkey", to.name));
    }
}

/// Gives every trigger of a table whose text is known another text, or none if what it becomes is not known.
fn each_trigger(catalog: &mut Catalog, name: &ObjectName, with: impl Fn(&str) -> Option<String>) {
    let Some(table) = found_mut(catalog, name) else { return };
    for trigger in table.triggers.values_mut() {
        trigger.definition = trigger.definition.take().and_then(|text| with(&text));
    }
}

/// Rewrites the expressions of a table over its own rows.
fn each_text(table: &mut Table, with: impl Fn(&SqlExpression) -> Option<SqlExpression>) {
    let rewrite = |text: &mut SqlExpression| {
        if let Some(new) = with(text) {
            *text = new;
        }
    };
    for column in &mut table.columns {
        match &mut column.generated {
            Some(Generated::Stored(text) | Generated::Virtual(text)) => rewrite(text),
            Some(Generated::Identity(_)) | None => {}
        }
    }
    if let Some(by) = &mut table.partition_by
        && let Some((strategy, keys)) = by.as_str().split_once(' ')
    {
        let mut keys = SqlExpression::new(keys);
        rewrite(&mut keys);
        *by = SqlExpression::new(format!("{strategy} {keys}"));
    }
    table.checks.iter_mut().for_each(|check| rewrite(&mut check.expression));
    let excluded = table.exclusions.iter_mut().map(|of| &mut of.index);
    for index in table.indexes.values_mut().chain(excluded) {
        index.predicate.iter_mut().for_each(rewrite);
        for part in &mut index.columns {
            match &mut part.key {
                IndexKey::Column(_) => {}
                IndexKey::Expression(text) => rewrite(text),
            }
        }
    }
}

/// Renames a column of a table or of a view.
pub(super) fn column(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &Name,
    to: &Name,
) -> Result<(), ApplyError> {
    if catalog.views.contains_key(name) {
        view_column(catalog, name, from, to)?;
    } else {
        can_rename_column(catalog, name, from, to)?;
        if let Some(table) = found_mut(catalog, name) {
            column_of_table(table, from, to);
        }
        let dialect = catalog.dialect;
        if let Some(table) = found_mut(catalog, name) {
            each_text(table, |text| texts::expression_with_column(dialect, text, from, to));
        }
        for other in catalog.referrers(name) {
            let Some(table) = found_mut(catalog, &other) else { continue };
            for key in table.foreign_keys.iter_mut().filter(|key| key.references == *name) {
                replace_all(&mut key.referenced_columns, from, to);
            }
        }
        let triggered: Vec<ObjectName> = catalog.with_triggers().cloned().collect();
        for on in triggered.iter().filter(|on| *on == name || dialect == Dialect::Sqlite) {
            each_trigger(catalog, on, |text| {
                texts::with_column(dialect, text, on == name, name, [from, to])
            });
        }
    }
    let renamed: Vec<_> = catalog
        .views
        .iter()
        .filter_map(|(view, content)| {
            Some((view.clone(), texts::view_with_column(catalog, content, name, from, to)?))
        })
        .collect();
    catalog.views.extend(renamed);
    definition::follow_name(catalog, from.as_str());
    Ok(())
}

fn can_rename_column(
    catalog: &Catalog,
    name: &ObjectName,
    from: &Name,
    to: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    has_column(name, table, from)?;
    let is_same = |one: &Name| is_same_name(catalog.dialect, one.as_str(), to.as_str());
    let mut others = table.columns.iter().filter(|column| column.name != *from || from == to);
    if let Some(there) = others.find(|column| is_same(&column.name)) {
        let object = Object::Column(name.clone(), there.name.clone());
        return Err(ApplyError::Exists { kind: "column", object });
    }
    let mut syncs = catalog.syncs.values();
    match syncs.find(|sync| uses::sync_names_column(catalog.dialect, sync, name, from)) {
        None => Ok(()),
        Some(sync) => Err(ApplyError::InUse {
            kind: "column",
            object: Object::Column(name.clone(), from.clone()),
            user: format!("sync `{}`", sync.name()),
        }),
    }
}

fn column_of_table(table: &mut Table, from: &Name, to: &Name) {
    if let Some(column) = table.column_mut(from) {
        column.name = to.clone();
    }
    for key in table.primary_key.iter_mut().chain(&mut table.uniques) {
        replace_all(&mut key.columns, from, to);
        key.terms.rename_column(from, to);
    }
    for key in &mut table.foreign_keys {
        replace_all(&mut key.columns, from, to);
        replace_all(&mut key.terms.on_delete_columns, from, to);
    }
    let excluded = table.exclusions.iter_mut().map(|of| &mut of.index);
    for index in table.indexes.values_mut().chain(excluded) {
        replace_all(&mut index.include, from, to);
        for part in &mut index.columns {
            match &mut part.key {
                IndexKey::Column(name) if name == from => *name = to.clone(),
                IndexKey::Column(_) | IndexKey::Expression(_) => {}
            }
        }
    }
}

fn view_column(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &Name,
    to: &Name,
) -> Result<(), ApplyError> {
    let Some(view) = catalog.views.get_mut(name) else { return Ok(()) };
    if view.columns.is_empty() {
        view.query = texts::view_with_own_column(view, from, to).unwrap_or(view.query.clone());
        return Ok(());
    }
    let object = |column: &Name| Object::Column(name.clone(), column.clone());
    if !view.columns.contains(from) {
        let known = view.columns.iter().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "column", object: object(from), known });
    }
    if view.columns.contains(to) {
        return Err(ApplyError::Exists { kind: "column", object: object(to) });
    }
    view.query = texts::view_with_own_column(view, from, to).unwrap_or(view.query.clone());
    replace_all(&mut view.columns, from, to);
    Ok(())
}

fn replace_all(names: &mut [Name], from: &Name, to: &Name) {
    for name in names.iter_mut().filter(|name| *name == from) {
        *name = to.clone();
    }
}

pub(super) fn constraint(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &Name,
    to: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    let object = |constraint: &Name| Object::Constraint(name.clone(), constraint.clone());
    if !table.constraint_names().any(|there| there == from) {
        let known = table.constraint_names().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "constraint", object: object(from), known });
    }
    if table.constraint_names().any(|there| there == to) {
        return Err(ApplyError::Exists { kind: "constraint", object: object(to) });
    }
    let is_key = table.index_constraints().any(|key| key == from);
    if is_key && catalog.dialect == Dialect::Postgres {
        is_free(catalog, &name.sibling(to.clone()))?;
    }
    if let Some(table) = found_mut(catalog, name) {
        let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
        let keys = keys.map(|key| &mut key.name);
        let checks = table.checks.iter_mut().map(|check| &mut check.name);
        let foreign = table.foreign_keys.iter_mut().map(|key| &mut key.name);
        let excluded = table.exclusions.iter_mut().map(|of| &mut of.name);
        for name in keys.chain(checks).chain(foreign).chain(excluded).filter(|name| *name == from) {
            *name = to.clone();
        }
    }
    if is_key {
        catalog.remember(Relation::Key(name.clone(), to.clone()));
    }
    catalog.remember_constraint(name, to);
    Ok(())
}

pub(super) fn index(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &Name,
    to: &Name,
) -> Result<(), ApplyError> {
    let table = found(catalog, name)?;
    if !table.indexes.contains_key(from) {
        let object = Object::Index(name.clone(), from.clone());
        let known = table.indexes.keys().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "index", object, known });
    }
    is_free(catalog, &name.sibling(to.clone()))?;
    if let Some(table) = found_mut(catalog, name)
        && let Some(index) = table.indexes.remove(from)
    {
        table.indexes.insert(to.clone(), index);
    }
    catalog.remember(Relation::Index(name.clone(), to.clone()));
    Ok(())
}
