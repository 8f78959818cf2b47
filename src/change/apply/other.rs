//! Sequences, hand-written triggers, and what the catalog knows by name only.

use super::{ApplyError, found, found_mut, is_free, is_no_enum, is_same_name, texts, uses};
use super::{heirs, partition, rename};
use crate::catalog::{Catalog, Domain, Generated, Identity, ObjectKind, Relation, Trigger};
use crate::change::definition;
use crate::change::effect::Object;
use crate::change::words::{Token, Words, tokens};
use crate::change::{Other, Verb};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

pub(super) fn create_sequence(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    is_free(catalog, name)?;
    is_no_enum(catalog, name)?;
    catalog.sequences.insert(name.clone());
    catalog.remember(Relation::Sequence(name.clone()));
    Ok(())
}

pub(super) fn has_sequence(catalog: &Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    if catalog.sequences.contains(name) {
        return Ok(());
    }
    let known = catalog.sequences.iter().map(ToString::to_string).collect();
    Err(ApplyError::Missing { kind: "sequence", object: Object::Sequence(name.clone()), known })
}

pub(super) fn drop_sequence(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    has_sequence(catalog, name)?;
    if let Some(user) = uses::of_sequence(catalog, name) {
        let object = Object::Sequence(name.clone());
        return Err(ApplyError::InUse { kind: "sequence", object, user });
    }
    catalog.sequences.remove(name);
    Ok(())
}

pub(super) fn create_trigger(
    catalog: &mut Catalog,
    on: &ObjectName,
    name: &Name,
    trigger: &Trigger,
) -> Result<(), ApplyError> {
    // The catalog holds no triggers of views.
    if catalog.views.contains_key(on) {
        definition::note_trigger(catalog, on, name, trigger.definition.as_deref());
        return Ok(());
    }
    let table = found(catalog, on)?;
    let taken = match catalog.dialect {
        Dialect::Postgres => table.triggers.contains_key(name).then_some(on),
        Dialect::Sqlite => catalog.with_triggers().find(|other| {
            let table = catalog.table(other);
            let mut names = table.into_iter().flat_map(|table| table.triggers.keys());
            names.any(|there| is_same_name(Dialect::Sqlite, there.as_str(), name.as_str()))
        }),
    };
    if let Some(on) = taken {
        let object = Object::Trigger(on.clone(), name.clone());
        return Err(ApplyError::Exists { kind: "trigger", object });
    }
    if let Some(table) = found_mut(catalog, on) {
        table.triggers.insert(name.clone(), trigger.clone());
    }
    catalog.remember_trigger(on);
    Ok(())
}

pub(super) fn drop_trigger(
    catalog: &mut Catalog,
    on: &ObjectName,
    name: &Name,
) -> Result<(), ApplyError> {
    if catalog.views.contains_key(on) {
        definition::forget_trigger(catalog, on, name);
        return Ok(());
    }
    let table = found(catalog, on)?;
    let object = || Object::Trigger(on.clone(), name.clone());
    if !table.triggers.contains_key(name) {
        let known = table.triggers.keys().map(ToString::to_string).collect();
        return Err(ApplyError::Missing { kind: "trigger", object: object(), known });
    }
    let of_sync = catalog
        .syncs
        .values()
        .find(|sync| sync.table() == on && sync.triggers(catalog.dialect).contains(name));
    if let Some(sync) = of_sync {
        let user = format!("sync `{}`", sync.name());
        return Err(ApplyError::InUse { kind: "trigger", object: object(), user });
    }
    if let Some(table) = found_mut(catalog, on) {
        table.triggers.remove(name);
        if table.triggers.is_empty() {
            catalog.forget_trigger(on);
        }
    }
    Ok(())
}

/// Notes what comes and goes. What is unknown may go: a history may begin before planner knows it.
pub(super) fn other(catalog: &mut Catalog, other: &Other) -> Result<(), ApplyError> {
    match (other.kind, &other.name) {
        (ObjectKind::Domain, Some(name)) if other.verb == Verb::Alter => {
            let domain = other.domain.iter().map(|domain| (name.clone(), Domain::clone(domain)));
            catalog.domains.extend(domain);
        }
        (ObjectKind::Partition, _) => partition::other(catalog, other)?,
        (ObjectKind::Inheritance, _) => heirs::note(catalog, other),
        (ObjectKind::Sequence, Some(name)) => owned_sequence(catalog, other, name),
        (ObjectKind::StorageParameter, None) => table_options(catalog, other),
        (ObjectKind::StorageParameter, Some(name)) => index_parameters(catalog, other, name),
        _ => {}
    }
    let Some(name) = other.name.as_ref().filter(|_| other.kind.is_object()) else {
        definition::note(catalog, other, None);
        return Ok(());
    };
    let renamed = match other.verb {
        Verb::Rename => texts::new_name(&other.text, name),
        Verb::Create | Verb::Replace | Verb::Alter | Verb::Drop | Verb::Run => None,
    };
    let entry = (other.kind, name.clone());
    match other.verb {
        Verb::Create => {
            is_new(catalog, other.kind, name)?;
            catalog.others.insert(entry, other.on.clone());
            catalog.domains.extend(other.domain.iter().map(|of| (name.clone(), Domain::clone(of))));
        }
        Verb::Replace => {
            catalog.others.insert(entry, other.on.clone());
        }
        Verb::Drop => {
            let takes_users_along = Words::of(&other.text).has("cascade");
            if !takes_users_along && let Some(user) = uses::of_other(catalog, other.kind, name) {
                let object = Object::Other(other.kind, name.clone());
                return Err(ApplyError::InUse { kind: other.kind.word(), object, user });
            }
            catalog.others.remove(&entry);
            if other.kind == ObjectKind::Domain {
                catalog.domains.remove(name);
            }
        }
        Verb::Rename => {
            let on = catalog.others.remove(&entry);
            if let Some(new) = renamed.clone() {
                if other.kind == ObjectKind::Function {
                    follow_function(catalog, name, &new);
                }
                if matches!(other.kind, ObjectKind::Domain | ObjectKind::Type) {
                    rename::follow_type(catalog, name, &new);
                }
                catalog.others.insert((other.kind, new), on.unwrap_or_else(|| other.on.clone()));
            }
        }
        Verb::Alter | Verb::Run => {}
    }
    definition::note(catalog, other, renamed.as_ref());
    Ok(())
}

/// The triggers that call a function go on calling it.
fn follow_function(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    let tables: Vec<ObjectName> = catalog.with_triggers().cloned().collect();
    for name in tables {
        let Some(table) = catalog.table(&name) else { continue };
        let follows = |text: &String| texts::with_function(text, from, to);
        let new: Vec<(Name, String)> = table
            .triggers
            .iter()
            .filter_map(|(name, of)| Some((name.clone(), follows(of.definition.as_ref()?)?)))
            .collect();
        for (trigger, text) in new {
            let table = found_mut(catalog, &name);
            if let Some(trigger) = table.and_then(|table| table.triggers.get_mut(&trigger)) {
                trigger.definition = Some(text);
            }
        }
    }
}

/// The storage parameters of an index that are set or reset (PostgreSQL).
fn index_parameters(catalog: &mut Catalog, other: &Other, name: &ObjectName) {
    let Some(table) = other.on.as_ref().and_then(|on| found_mut(catalog, on)) else { return };
    let keys = table.primary_key.iter_mut().chain(&mut table.uniques);
    let of_key = keys.filter(|key| key.name == name.name).map(|key| &mut key.terms.parameters);
    let excluded = table.exclusions.iter_mut().filter(|of| of.name == name.name);
    let own = table.indexes.get_mut(&name.name).into_iter();
    let of_index = own.chain(excluded.map(|of| &mut of.index)).map(|of| &mut of.terms.parameters);
    let Some(parameters) = of_key.chain(of_index).next() else { return };
    let is_reset = Words::of(&other.text).has("reset");
    let list = other.text.rsplit_once('(').map_or("", |(_, list)| list);
    for item in
        list.trim_end_matches(|c: char| c == ')' || c == ';' || c.is_whitespace()).split(',')
    {
        let (parameter, value) = item.split_once('=').unwrap_or((item, "true"));
        let parameter = parameter.trim().to_ascii_lowercase();
        if is_reset {
            parameters.remove(&parameter);
        } else {
            let value = value.trim().trim_matches('\'').to_ascii_lowercase();
            parameters.insert(parameter, value);
        }
    }
}

/// The options of a table that was made anew, and as strings the columns of its key that are not declared to be without NULL, are the
/// statement's whole text (SQLite).
fn table_options(catalog: &mut Catalog, other: &Other) {
    if catalog.dialect != Dialect::Sqlite || other.verb != Verb::Alter {
        return;
    }
    let words = Words::of(&other.text);
    let table = other.on.as_ref().and_then(|on| found_mut(catalog, on));
    if let Some(table) = table {
        table.strict = words.has("strict");
        table.without_rowid = words.has("rowid");
        if let Some(key) = &mut table.primary_key {
            let names = tokens(&other.text).into_iter().filter_map(|token| match token {
                Token::Text(name) => Some(Name::new(name.replace("''", "'"))),
                Token::Word(_) | Token::Number(_) | Token::Sign(_) => None,
            });
            key.terms.undeclared = names.collect();
        }
    }
}

/// A sequence that a column comes to own (`OWNED BY`, the column is what the statement touches) is listed no more; with a
/// default that takes from it, the column is a serial.
fn owned_sequence(catalog: &mut Catalog, other: &Other, name: &ObjectName) {
    let mut owners = other.touches.iter().filter_map(|of| Some((&of.object, of.column.as_ref()?)));
    let (Verb::Alter, Some((table, owner))) = (other.verb, owners.next_back()) else { return };
    if !catalog.sequences.remove(name) {
        return;
    }
    catalog.forget_names();
    let column = found_mut(catalog, table).and_then(|table| table.column_mut(owner));
    if let Some(column) = column
        && column.default.as_ref().is_some_and(|text| texts::takes_from(text, name))
    {
        column.default = None;
        column.generated = Some(Generated::Identity(Identity::Serial));
    }
}

/// Refuses a second type of one name. Functions may be overloaded, policies of two tables share a name, and of a schema or
/// an extension nobody knows here whether `IF NOT EXISTS` was written.
fn is_new(catalog: &mut Catalog, kind: ObjectKind, name: &ObjectName) -> Result<(), ApplyError> {
    if !matches!(kind, ObjectKind::Domain | ObjectKind::Type) {
        return Ok(());
    }
    is_no_enum(catalog, name)?;
    match catalog.relation(name) {
        Some(Relation::Table(_) | Relation::View(_) | Relation::Sequence(_)) => {
            is_free(catalog, name)?;
        }
        Some(Relation::Index(..) | Relation::Key(..)) | None => {}
    }
    let there = [ObjectKind::Domain, ObjectKind::Type]
        .into_iter()
        .find(|kind| catalog.others.contains_key(&(*kind, name.clone())));
    match there {
        None => Ok(()),
        Some(kind) => {
            let object = Object::Other(kind, name.clone());
            Err(ApplyError::Exists { kind: kind.word(), object })
        }
    }
}
