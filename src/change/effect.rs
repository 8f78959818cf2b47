//! What a change does to the releases that are live: the classes that decide its phase.

use crate::catalog::{Catalog, Generated, Identity, ObjectKind, SqlType, View};
use crate::name::{Name, ObjectName};

use super::{Change, Constraint, other};

/// An object that a change destroys, restricts, prepares ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A table.
    Table(ObjectName),
    /// A column of a table.
    Column(ObjectName, Name),
    /// An index of a table.
    Index(ObjectName, Name),
    /// A constraint of a table.
    Constraint(ObjectName, Name),
    /// A view.
    View(ObjectName),
    /// An enum type.
    Enum(ObjectName),
    /// A value of an enum type.
    EnumValue(ObjectName, String),
    /// A sequence that no column owns.
    Sequence(ObjectName),
    /// A hand-written trigger of a table or view.
    Trigger(ObjectName, Name),
    /// A sync, by its name.
    Sync(Name),
    /// Anything else, by its kind and name.
    Other(ObjectKind, ObjectName),
}

impl Object {
    /// Returns the table that it is, or is a part of.
    #[must_use]
    pub const fn table(&self) -> Option<&ObjectName> {
        match self {
            Self::Table(table)
            | Self::Column(table, _)
            | Self::Index(table, _)
            | Self::Constraint(table, _)
            | Self::Trigger(table, _) => Some(table),
            Self::View(_)
            | Self::Enum(_)
            | Self::EnumValue(..)
            | Self::Sequence(_)
            | Self::Sync(_)
            | Self::Other(..) => None,
        }
    }

    /// Returns the word for its kind in messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::Column(..) => "column",
            Self::Index(..) => "index",
            Self::Constraint(..) => "constraint",
            Self::View(_) => "view",
            Self::Enum(_) => "enum",
            Self::EnumValue(..) => "enum value",
            Self::Sequence(_) => "sequence",
            Self::Trigger(..) => "trigger",
            Self::Sync(_) => "sync",
            Self::Other(kind, _) => kind.word(),
        }
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(name)
            | Self::View(name)
            | Self::Enum(name)
            | Self::Sequence(name)
            | Self::Other(_, name) => name.fmt(f),
            Self::Column(table, part)
            | Self::Index(table, part)
            | Self::Constraint(table, part)
            | Self::Trigger(table, part) => {
                write!(f, "{table}.{part}")
            }
            Self::EnumValue(of, value) => write!(f, "{of}.{value}"),
            Self::Sync(name) => name.fmt(f),
        }
    }
}

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
            let restricts = added_constraint_restricts(table, constraint, before);
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
        Change::RenameTable { from, to } if before.views.contains_key(from) => {
            renamed(Object::View(from.clone()), Object::View(to.clone()))
        }
        Change::RenameTable { from, to } => {
            renamed(Object::Table(from.clone()), Object::Table(to.clone()))
        }
        Change::RenameColumn { table, from, to } => {
            renamed(column_of(table, from), column_of(table, to))
        }
        Change::RenameEnum { from, to } => {
            renamed(Object::Enum(from.clone()), Object::Enum(to.clone()))
        }
        Change::RenameEnumValue { name, from, to } => renamed(
            Object::EnumValue(name.clone(), from.clone()),
            Object::EnumValue(name.clone(), to.clone()),
        ),
        Change::RenameSequence { from, to } => {
            renamed(Object::Sequence(from.clone()), Object::Sequence(to.clone()))
        }
        Change::RenameConstraint { table, from, to: _ } => {
            vec![Effect::Invisible(Object::Constraint(table.clone(), from.clone()))]
        }
        Change::RenameIndex { table, from, to: _ } => {
            vec![Effect::Invisible(Object::Index(table.clone(), from.clone()))]
        }
        Change::SetType { table, column, sql_type, using: _, collation: _ } => {
            retyped(table, column, sql_type, before)
        }
        Change::SetGenerated { table, column, generated } => {
            generated_otherwise(table, column, generated.as_ref(), before)
        }
        // What writers must obey they obey since the constraint is there; comments are for people.
        Change::ValidateConstraint { .. } | Change::SetComment { .. } => Vec::new(),
        Change::CreateSequence { name } => vec![Effect::Adds(Object::Sequence(name.clone()))],
        Change::DropSequence { name } => vec![Effect::Destroys(Object::Sequence(name.clone()))],
        // Nobody knows what it does to the rows that are written.
        Change::CreateTrigger { table, name: _, trigger: _ } => {
            vec![Effect::Restricts(table_or_view(table, before))]
        }
        Change::DropTrigger { table, name } => {
            vec![Effect::RemovesGuarantee(Object::Trigger(table.clone(), name.clone()))]
        }
        Change::Truncate { tables } => {
            tables.iter().map(|table| Effect::Destroys(Object::Table(table.clone()))).collect()
        }
        Change::Other(other) => other::effects(other, before),
    }
}

fn renamed(from: Object, to: Object) -> Vec<Effect> {
    vec![Effect::Destroys(from), Effect::Adds(to)]
}

/// Returns the view with this name if there is one, else the table.
pub(super) fn table_or_view(name: &ObjectName, before: &Catalog) -> Object {
    if before.views.contains_key(name) {
        Object::View(name.clone())
    } else {
        Object::Table(name.clone())
    }
}

/// Returns whether rows that could be written before may be refused by the constraint: not where an index has kept them
/// unique all along.
fn added_constraint_restricts(
    table: &ObjectName,
    constraint: &Constraint,
    before: &Catalog,
) -> bool {
    match constraint {
        Constraint::Unique(_)
        | Constraint::Check(_)
        | Constraint::ForeignKey(_)
        | Constraint::Primary(_) => true,
        Constraint::UsingIndex { name: _, index, primary } => {
            let Some(of) = before.table(table) else { return true };
            let Some(index) = of.indexes.get(index) else { return true };
            let nullable = |part: &crate::catalog::IndexColumn| {
                let column = part.key.column().and_then(|name| of.column(name));
                column.is_none_or(|column| column.nullable)
            };
            *primary && index.columns.iter().any(nullable)
        }
    }
}

/// A retyped column cannot be read as before, unless the new type holds all values of the old one alike: then readers may
/// only meet longer ones.
fn retyped(table: &ObjectName, column: &Name, sql_type: &SqlType, before: &Catalog) -> Vec<Effect> {
    let object = column_of(table, column);
    match before.column(table, column) {
        Some(was) if was.sql_type == *sql_type => Vec::new(),
        Some(was) if super::widening::widens(&was.sql_type, sql_type) => {
            vec![Effect::RemovesGuarantee(object)]
        }
        Some(_) | None => vec![Effect::Destroys(object)],
    }
}

/// Who writes a column that the database computes from then on fails; who leaves it out of an insert fails once nothing
/// makes its value any more.
fn generated_otherwise(
    table: &ObjectName,
    column: &Name,
    generated: Option<&Generated>,
    before: &Catalog,
) -> Vec<Effect> {
    let object = column_of(table, column);
    let was = before.column(table, column).map(|column| column.generated.as_ref());
    match generated {
        _ if was == Some(generated) => Vec::new(),
        None => vec![Effect::RemovesGuarantee(object)],
        Some(Generated::Stored(_) | Generated::Virtual(_)) => vec![Effect::Restricts(object)],
        Some(Generated::Identity(Identity::Always)) => vec![Effect::Restricts(object)],
        Some(Generated::Identity(
            Identity::ByDefault | Identity::Serial | Identity::RowId | Identity::AutoIncrement,
        )) => vec![Effect::Adds(object)],
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
    use crate::catalog::{Column, Index, SqlExpression, Table};
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
