//! Enum types and views.

use super::{ApplyError, is_free, is_no_enum, uses};
use crate::catalog::{Catalog, EnumType, Relation, View};
use crate::change::effect::Object;
use crate::change::{EnumPlace, definition};
use crate::name::ObjectName;

pub(super) fn create_enum(
    catalog: &mut Catalog,
    name: &ObjectName,
    values: &EnumType,
) -> Result<(), ApplyError> {
    is_no_enum(catalog, name)?;
    // Tables, views and sequences are types too; indexes are not.
    match catalog.relation(name) {
        Some(Relation::Table(_) | Relation::View(_) | Relation::Sequence(_)) => {
            is_free(catalog, name)?;
        }
        Some(Relation::Index(..) | Relation::Key(..)) | None => {}
    }
    for (at, value) in values.values.iter().enumerate() {
        if values.values.iter().take(at).any(|earlier| earlier == value) {
            return Err(ApplyError::Exists { kind: "enum value", object: value_of(name, value) });
        }
    }
    catalog.enums.insert(name.clone(), values.clone());
    Ok(())
}

fn value_of(name: &ObjectName, value: &str) -> Object {
    Object::Column(name.clone(), value.into())
}

fn missing_enum(catalog: &Catalog, name: &ObjectName) -> ApplyError {
    let known = catalog.enums.keys().map(ToString::to_string).collect();
    ApplyError::Missing { kind: "enum", object: Object::Enum(name.clone()), known }
}

pub(super) fn has_enum(catalog: &Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    if catalog.enums.contains_key(name) { Ok(()) } else { Err(missing_enum(catalog, name)) }
}

pub(super) fn add_enum_value(
    catalog: &mut Catalog,
    name: &ObjectName,
    value: &str,
    place: Option<&EnumPlace>,
) -> Result<(), ApplyError> {
    let missing = missing_enum(catalog, name);
    let Some(of) = catalog.enums.get_mut(name) else { return Err(missing) };
    if of.values.iter().any(|there| there == value) {
        return Err(ApplyError::Exists { kind: "enum value", object: value_of(name, value) });
    }
    let position = |wanted: &String| {
        of.values.iter().position(|there| there == wanted).ok_or_else(|| ApplyError::Missing {
            kind: "enum value",
            object: value_of(name, wanted),
            known: of.values.clone(),
        })
    };
    let at = match place {
        None => of.values.len(),
        Some(EnumPlace::Before(value)) => position(value)?,
        Some(EnumPlace::After(value)) => position(value)?.saturating_add(1),
    };
    of.values.insert(at, value.to_owned());
    Ok(())
}

pub(super) fn drop_enum(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    if !catalog.enums.contains_key(name) {
        return Err(missing_enum(catalog, name));
    }
    if let Some(user) = uses::of_enum(catalog, name) {
        let object = Object::Enum(name.clone());
        return Err(ApplyError::InUse { kind: "enum", object, user });
    }
    catalog.enums.remove(name);
    Ok(())
}

pub(super) fn create_view(
    catalog: &mut Catalog,
    name: &ObjectName,
    view: &View,
) -> Result<(), ApplyError> {
    is_free(catalog, name)?;
    is_no_enum(catalog, name)?;
    catalog.views.insert(name.clone(), view.clone());
    catalog.remember(Relation::View(name.clone()));
    Ok(())
}

fn has_view(catalog: &Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    if catalog.views.contains_key(name) {
        return Ok(());
    }
    let known = catalog.views.keys().map(ToString::to_string).collect();
    Err(ApplyError::Missing { kind: "view", object: Object::View(name.clone()), known })
}

pub(super) fn replace_view(
    catalog: &mut Catalog,
    name: &ObjectName,
    view: &View,
) -> Result<(), ApplyError> {
    has_view(catalog, name)?;
    catalog.views.insert(name.clone(), view.clone());
    Ok(())
}

pub(super) fn drop_view(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    has_view(catalog, name)?;
    if let Some(user) = uses::view_reading(catalog, name) {
        let object = Object::View(name.clone());
        return Err(ApplyError::InUse { kind: "view", object, user });
    }
    catalog.views.remove(name);
    definition::forget(catalog, name);
    catalog.count_again();
    Ok(())
}
