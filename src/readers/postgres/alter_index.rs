//! `ALTER INDEX`.

use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Thing};
use super::{index, names, rename};
use crate::catalog::ObjectKind;
use crate::change::{Touched, Verb};
use crate::name::Name;

/// `ALTER INDEX`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterIndex) -> Option<()> {
    reading.how.if_exists = node.if_exists().is_some();
    let (Some(written), Some(action)) = (node.index_ref(), node.action()) else {
        reading.other(node.syntax(), Thing::new(Verb::Alter, ObjectKind::Tablespace));
        return Some(());
    };
    let name = reading.relation(&written)?;
    if reading.how.if_exists && !reading.has_relation(&name) {
        return Some(());
    }
    let table = index::table_of(reading, &name).or_else(|| index::table_of_key(reading, &name));
    let kind = match &action {
        ast::AlterIndexAction::IndexRenameTo(to) => {
            let to = Name::new(names::parts(to.index()?.syntax()).pop()?);
            rename::index(reading, node.syntax(), &name, to);
            return Some(());
        }
        ast::AlterIndexAction::AttachIndexPartition(of) => {
            let part = reading.relation(&of.index_ref()?)?;
            let thing = Thing::new(Verb::Alter, ObjectKind::Partition).named(part).on(table);
            let touches = vec![Touched { object: name, column: None }];
            reading.other(node.syntax(), thing.touching(touches));
            return Some(());
        }
        ast::AlterIndexAction::SetTablespace(_) => ObjectKind::Tablespace,
        ast::AlterIndexAction::AlterSetStatistics(_) => ObjectKind::Statistics,
        ast::AlterIndexAction::ResetOptions(_)
        | ast::AlterIndexAction::SetOptions(_)
        | ast::AlterIndexAction::DependsOnExtension(_)
        | ast::AlterIndexAction::NoDependsOnExtension(_) => ObjectKind::StorageParameter,
    };
    let mut thing = Thing::new(Verb::Alter, kind).on(table);
    if let ast::AlterIndexAction::ResetOptions(_) | ast::AlterIndexAction::SetOptions(_) = &action {
        thing = thing.named(name);
    }
    reading.other(node.syntax(), thing);
    Some(())
}
