//! Enums and other types.

use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Space, Thing};
use super::{cascade, names, other, rename};
use crate::catalog::{EnumType, ObjectKind};
use crate::change::{Change, EnumPlace, Verb};
use crate::name::Name;
use crate::readers::How;

/// `CREATE TYPE`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateType) -> Option<()> {
    let Some(ast::CreateTypeKind::EnumType(of)) = node.kind() else {
        return other::create(reading, node, ObjectKind::Type);
    };
    let name = reading.new_name(&node.type_name()?)?;
    let list = of.variant_list();
    let variants = list.iter().flat_map(ast::VariantList::variants);
    let values = variants
        .filter_map(|variant| variant.literal())
        .map(|literal| literal.string_value())
        .collect::<Option<Vec<String>>>()?;
    reading.change(node.syntax(), Change::CreateEnum { name, values: EnumType { values } });
    Some(())
}

/// `ALTER TYPE`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterType) -> Option<()> {
    let name = reading.name_in(Space::Type, node.type_name_ref()?.syntax())?;
    let is_enum = reading.now().enums.contains_key(&name);
    match node.action()? {
        ast::AlterTypeAction::AddValue(add) => {
            let value = add.literal()?.string_value()?;
            reading.how.if_not_exists = add.if_not_exists().is_some();
            let there = reading.now().enums.get(&name);
            let is_there = there.is_some_and(|of| of.values.contains(&value));
            if reading.how.if_not_exists && is_there {
                return Some(());
            }
            let place = match add.value_position() {
                Some(ast::ValuePosition::BeforeValue(at)) => {
                    Some(EnumPlace::Before(at.literal()?.string_value()?))
                }
                Some(ast::ValuePosition::AfterValue(at)) => {
                    Some(EnumPlace::After(at.literal()?.string_value()?))
                }
                None => None,
            };
            reading.change(node.syntax(), Change::AddEnumValue { name, value, place });
        }
        ast::AlterTypeAction::RenameValue(of) => {
            let (from, to) = (of.from()?.string_value()?, of.to()?.string_value()?);
            reading.change(node.syntax(), Change::RenameEnumValue { name, from, to });
        }
        ast::AlterTypeAction::TypeRenameTo(to) if is_enum => {
            let to = name.sibling(Name::new(names::parts(to.type_name()?.syntax()).pop()?));
            reading.change(node.syntax(), Change::RenameEnum { from: name, to });
        }
        ast::AlterTypeAction::SetSchema(to) if is_enum => {
            let to = rename::moved(&name, &to)?;
            reading.change(node.syntax(), Change::RenameEnum { from: name, to });
        }
        ast::AlterTypeAction::TypeRenameTo(_)
        | ast::AlterTypeAction::SetSchema(_)
        | ast::AlterTypeAction::OwnerTo(_)
        | ast::AlterTypeAction::SetOptions(_)
        | ast::AlterTypeAction::RenameAttribute(_)
        | ast::AlterTypeAction::AlterTypeAttributeActionList(_) => {
            return other::alter(reading, node, ObjectKind::Type);
        }
    }
    Some(())
}

/// `DROP TYPE`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropType) -> Option<()> {
    let cascade = super::cascades(node.drop_behavior());
    reading.how = How { if_exists: node.if_exists().is_some(), cascade, ..How::default() };
    let how = reading.how;
    let many = node.type_name_refs().count() > 1;
    for of in node.type_name_refs() {
        let name = reading.name_in(Space::Type, of.syntax())?;
        let place = if many { of.syntax() } else { node.syntax() };
        if how.cascade {
            cascade::columns_of_type(reading, place, &name, how);
        }
        let catalog = reading.now();
        let is_enum = catalog.enums.contains_key(&name);
        let is_other = catalog.others.contains_key(&(ObjectKind::Type, name.clone()));
        if is_enum {
            reading.change(place, Change::DropEnum { name });
        } else if is_other || !how.if_exists {
            let thing = Thing::new(Verb::Drop, ObjectKind::Type).named(name);
            reading.other(node.syntax(), thing);
        }
    }
    Some(())
}
