//! What a change does to the releases that are live: the classes that decide its phase.

mod altered;
mod object;

use crate::catalog::{Catalog, View};
use crate::name::{Name, ObjectName};

use super::{Change, other};

pub use altered::says_only_not_null;
pub use object::Object;

pub(super) use altered::table_or_view;

/// One effect of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something new that nobody uses yet.
    Adds(Object),
    /// The object is going to be dropped; nothing changes.
    Retires(Object),
    /// Rows are written.
    MovesData(ObjectName),
    /// The object is gone afterwards, or can no longer be used as before.
    Destroys(Object),
    /// Writes that passed before may fail.
    Restricts(Object),
    /// Something that readers or upserts could rely on no longer holds.
    RemovesGuarantee(Object),
    /// Nothing a release can see: an index that is not unique goes.
    Invisible(Object),
    /// Unknown: opaque SQL.
    Opaque,
}

/// Returns what a change does, given the catalog just before it.
///
/// What cannot be told is taken for the worse: an unknown index is unique, a view whose columns are not known loses some. A change
/// that changes nothing (a column that is nullable already is made nullable) has no effect.
#[must_use]
pub fn effects(change: &Change, before: &Catalog) -> Vec<Effect> {
    match change {
        Change::CreateTable { name, table } => {
            let columns = table.columns.iter().map(|column| column_of(name, &column.name));
            std::iter::once(Object::Table(name.clone())).chain(columns).map(Effect::Adds).collect()
        }
        Change::DropTable { name } => vec![Effect::Destroys(Object::Table(name.clone()))],
        Change::AddColumn { table, column } => {
            let object = column_of(table, &column.name);
            let required = !column.may_be_left_out();
            let restricts = required.then(|| Effect::Restricts(object.clone()));
            std::iter::once(Effect::Adds(object)).chain(restricts).collect()
        }
        Change::DropColumn { table, column, refill: _ } => {
            vec![Effect::Destroys(column_of(table, column))]
        }
        Change::SetDefault { table, column, default } => {
            let had = before.column(table, column).is_none_or(|column| column.default.is_some());
            match default {
                Some(_) => vec![Effect::Adds(column_of(table, column))],
                None if had => vec![Effect::RemovesGuarantee(column_of(table, column))],
                None => Vec::new(),
            }
        }
        Change::SetNullable { table, column, nullable } => {
            let object = column_of(table, column);
            match before.column(table, column) {
                Some(column) if column.nullable == *nullable => Vec::new(),
                Some(_) | None if *nullable => vec![Effect::RemovesGuarantee(object)],
                Some(_) | None => vec![Effect::Restricts(object)],
            }
        }
        Change::AddConstraint { table, constraint } => {
            let object = Object::Constraint(table.clone(), constraint.name().clone());
            let restricts = altered::added_constraint_restricts(table, constraint, before);
            vec![if restricts { Effect::Restricts(object) } else { Effect::Adds(object) }]
        }
        Change::DropConstraint { table, constraint } => {
            let object = Object::Constraint(table.clone(), constraint.clone());
            vec![Effect::RemovesGuarantee(object)]
        }
        Change::CreateIndex { table, name, index } => {
            let object = Object::Index(table.clone(), name.clone());
            vec![if index.unique { Effect::Restricts(object) } else { Effect::Adds(object) }]
        }
        Change::DropIndex { table, name } => vec![dropped_index(table, name, before)],
        Change::CreateEnum { name, values: _ }
        | Change::AddEnumValue { name, value: _, place: _ } => {
            vec![Effect::Adds(Object::Enum(name.clone()))]
        }
        Change::DropEnum { name } => vec![Effect::Destroys(Object::Enum(name.clone()))],
        Change::CreateView { name, view: _ } => vec![Effect::Adds(Object::View(name.clone()))],
        Change::ReplaceView { name, view } => vec![replaced_view(name, view, before)],
        Change::DropView { name } => vec![Effect::Destroys(Object::View(name.clone()))],
        Change::CreateSync(sync) => vec![Effect::Adds(Object::Sync(sync.name().clone()))],
        Change::DropSync(sync) => vec![Effect::Destroys(Object::Sync(sync.name().clone()))],
        Change::Deprecate { table, column } => vec![Effect::Retires(match column {
            Some(column) => column_of(table, column),
            None if before.views.contains_key(table) => Object::View(table.clone()),
            None => Object::Table(table.clone()),
        })],
        Change::Write(data) => vec![Effect::MovesData(data.target().clone())],
        Change::Opaque(_) => vec![Effect::Opaque],
        Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. } => altered::effects(change, before),
        Change::Other(other) => other::effects(other, before),
    }
}

fn dropped_index(table: &ObjectName, name: &Name, before: &Catalog) -> Effect {
    let object = Object::Index(table.clone(), name.clone());
    let index = before.table(table).and_then(|table| table.indexes.get(name));
    match index {
        Some(index) if !index.unique => Effect::Invisible(object),
        Some(_) | None => Effect::RemovesGuarantee(object),
    }
}

fn replaced_view(name: &ObjectName, view: &View, before: &Catalog) -> Effect {
    let object = Object::View(name.clone());
    let keeps = before.views.get(name).is_some_and(|old| {
        let listed = !old.columns.is_empty() && !view.columns.is_empty();
        old.query == view.query
            || listed && old.columns.iter().all(|column| view.columns.contains(column))
    });
    if keeps { Effect::Adds(object) } else { Effect::Destroys(object) }
}

fn column_of(table: &ObjectName, column: &Name) -> Object {
    Object::Column(table.clone(), column.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, Index, IndexTerms, SqlExpression, Table};
    use crate::dialect::Dialect;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        let mut table = Table::default();
        table.columns.push(Column::new("name", "text"));
        for (name, unique) in [("plain", false), ("one", true)] {
            let index = Index {
                columns: Vec::new(),
                unique,
                predicate: None,
                method: None,
                include: Vec::new(),
                valid: true,
                terms: IndexTerms::default(),
            };
            table.indexes.insert(name.into(), index);
        }
        catalog.tables.insert("users".into(), table.into());
        catalog.views.insert("people".into(), view("q", &["a", "b"]));
        catalog
    }

    fn view(query: &str, columns: &[&str]) -> View {
        View {
            query: SqlExpression::new(query),
            columns: columns.iter().map(|name| Name::from(*name)).collect(),
            materialized: false,
        }
    }

    #[test]
    fn only_an_index_that_is_not_unique_goes_unseen() {
        let drop = |name: &str| {
            effects(&Change::DropIndex { table: "users".into(), name: name.into() }, &catalog())
        };
        assert!(matches!(drop("plain")[..], [Effect::Invisible(_)]));
        assert!(matches!(drop("one")[..], [Effect::RemovesGuarantee(_)]));
        assert!(matches!(drop("unknown")[..], [Effect::RemovesGuarantee(_)]));
    }

    #[test]
    fn a_view_that_loses_a_column_is_destroyed() {
        let replace = |columns: &[&str]| {
            let view = view("other", columns);
            effects(&Change::ReplaceView { name: "people".into(), view }, &catalog())
        };
        assert!(matches!(replace(&["a", "b", "c"])[..], [Effect::Adds(_)]));
        assert!(matches!(replace(&["a"])[..], [Effect::Destroys(_)]));
        assert!(matches!(replace(&[])[..], [Effect::Destroys(_)]));
    }

    #[test]
    fn making_a_nullable_column_nullable_does_nothing() {
        let set = |nullable| {
            let (table, column) = ("users".into(), "name".into());
            effects(&Change::SetNullable { table, column, nullable }, &catalog())
        };
        assert_eq!(set(true), []);
        assert!(matches!(set(false)[..], [Effect::Restricts(_)]));
    }

    #[test]
    fn a_required_column_restricts_writes() {
        let column = Column { nullable: false, ..Column::new("email", "text") };
        let change = Change::AddColumn { table: "users".into(), column };
        assert!(matches!(
            effects(&change, &catalog())[..],
            [Effect::Adds(_), Effect::Restricts(_)]
        ));
    }
}
