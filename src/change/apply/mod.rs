//! What a change does to a catalog.
//!
//! Refuses what the engine would refuse. Expressions of what is *added* are not read here: whoever made the
//! change has read them; those of what is already there are read when something they may name is dropped.

mod alter;
mod constraint;
mod heirs;
mod object;
mod other;
mod partition;
mod rename;
mod sync;
mod table;
mod texts;
mod uses;

pub(super) use uses::taken_along;

use std::sync::Arc;

use super::effect::Object;
use super::{Change, DataChange, Write};
use crate::catalog::{Catalog, Relation, Table};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Why a change cannot be applied to a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Something it names is not there.
    #[error("{kind} `{object}` does not exist")]
    Missing {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is missing.
        object: Object,
        /// Names of the same kind that are there, for "did you mean".
        known: Vec<String>,
    },
    /// Something it creates is already there.
    #[error("{kind} `{object}` already exists")]
    Exists {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is there.
        object: Object,
    },
    /// Something still uses what it drops.
    #[error("{kind} `{object}` is used by {user}")]
    InUse {
        /// "table", "column", "index" ….
        kind: &'static str,
        /// What is to go.
        object: Object,
        /// Who uses it: "index `users_name_idx`".
        user: String,
    },
    /// A partition has the columns of its table, and no others (PostgreSQL).
    #[error("column `{object}` cannot be added alone: its table is a partition of `{of}`")]
    OfWhole {
        /// The column.
        object: Object,
        /// The table that it would have to be added to.
        of: ObjectName,
    },
}

/// Applies a change of a migration that an engine took: as [`apply`], but for what an engine lets through although it breaks what is left.
///
/// SQLite drops a table that foreign keys of others and views still name; they name nothing then, until there is one again.
///
/// # Errors
///
/// Returns the first reason why the database would refuse the change; the catalog is then unchanged.
pub fn apply_as_run(change: &Change, catalog: &mut Catalog) -> Result<(), ApplyError> {
    match change {
        Change::DropTable { name } if catalog.dialect == Dialect::Sqlite => {
            found(catalog, name)?;
            table::take_away(catalog, name);
            Ok(())
        }
        // None takes it: what it would make is followed all the same, and told as refused.
        Change::AddColumn { .. } => with_partitions(change, catalog),
        _ => apply(change, catalog),
    }
}

/// Applies a change in place.
///
/// # Errors
///
/// Returns the first reason why the database would refuse the change; the catalog is then unchanged.
pub fn apply(change: &Change, catalog: &mut Catalog) -> Result<(), ApplyError> {
    partition::refuse(change, catalog)?;
    with_partitions(change, catalog)
}

/// Applies a change to the table that it names and to its partitions.
fn with_partitions(change: &Change, catalog: &mut Catalog) -> Result<(), ApplyError> {
    let has_heirs = change.table().is_some_and(|table| catalog.heirs.names(table));
    if !has_heirs && !partition::is_followed(change, catalog) {
        return alone(change, catalog);
    }
    let heirs = change.table().map(|table| catalog.heirs.of(table)).unwrap_or_default();
    let parts = change.table().map(|table| catalog.partitions_of(table)).unwrap_or_default();
    let mut after = catalog.clone();
    alone(change, &mut after)?;
    partition::follow(change, &parts, &mut after)?;
    heirs::follow(change, &heirs, &mut after)?;
    *catalog = after;
    Ok(())
}

/// Applies a change to the table that it names, and to nothing that belongs to it.
fn alone(change: &Change, catalog: &mut Catalog) -> Result<(), ApplyError> {
    match change {
        Change::CreateTable { name, table } => table::create(catalog, name, table),
        Change::DropTable { name } => table::drop(catalog, name),
        Change::AddColumn { table, column } => table::add_column(catalog, table, column),
        Change::DropColumn { table, column, refill: _ } => {
            table::drop_column(catalog, table, column)
        }
        Change::SetDefault { table, column, default } => {
            table::set_default(catalog, table, column, default.as_ref())
        }
        Change::SetNullable { table, column, nullable } => {
            table::set_nullable(catalog, table, column, *nullable)
        }
        Change::AddConstraint { table, constraint } => constraint::add(catalog, table, constraint),
        Change::DropConstraint { table, constraint } => {
            constraint::drop(catalog, table, constraint)
        }
        Change::CreateIndex { table, name, index } => {
            constraint::create_index(catalog, table, name, index)
        }
        Change::DropIndex { table, name } => constraint::drop_index(catalog, table, name),
        Change::CreateEnum { name, values } => object::create_enum(catalog, name, values),
        Change::AddEnumValue { name, value, place } => {
            object::add_enum_value(catalog, name, value, place.as_ref())
        }
        Change::DropEnum { name } => object::drop_enum(catalog, name),
        Change::CreateView { name, view } => object::create_view(catalog, name, view),
        Change::ReplaceView { name, view } => object::replace_view(catalog, name, view),
        Change::DropView { name } => object::drop_view(catalog, name),
        Change::CreateSync(sync) => sync::create(catalog, sync),
        Change::DropSync(sync) => sync::drop(catalog, sync.name()),
        Change::Deprecate { table, column: None } if catalog.views.contains_key(table) => Ok(()),
        Change::Deprecate { table, column } => {
            let found = found(catalog, table)?;
            column.iter().try_for_each(|column| has_column(table, found, column))
        }
        Change::Write(data) => can_write(catalog, data),
        // What an opaque step touches, it may create itself.
        Change::Opaque(_) => Ok(()),
        Change::RenameTable { from, to } => rename::table(catalog, from, to),
        Change::RenameColumn { table, from, to } => rename::column(catalog, table, from, to),
        Change::RenameConstraint { table, from, to } => {
            rename::constraint(catalog, table, from, to)
        }
        Change::RenameIndex { table, from, to } => rename::index(catalog, table, from, to),
        Change::RenameEnum { from, to } => rename::enum_type(catalog, from, to),
        Change::RenameEnumValue { name, from, to } => rename::enum_value(catalog, name, from, to),
        Change::RenameSequence { from, to } => rename::sequence(catalog, from, to),
        Change::SetType { table, column, sql_type, using: _, collation } => {
            alter::set_type(catalog, table, column, sql_type, collation.as_ref())
        }
        Change::SetGenerated { table, column, generated } => {
            alter::set_generated(catalog, table, column, generated.as_ref())
        }
        Change::SetDeferral { table, constraint, deferral } => {
            constraint::set_deferral(catalog, table, constraint, *deferral)
        }
        Change::ValidateConstraint { table, constraint } => {
            alter::validate(catalog, table, constraint)
        }
        Change::SetComment { table, column, comment } => {
            alter::set_comment(catalog, table, column.as_ref(), comment.as_deref())
        }
        Change::CreateSequence { name } => other::create_sequence(catalog, name),
        Change::DropSequence { name } => other::drop_sequence(catalog, name),
        Change::CreateTrigger { table, name, trigger } => {
            other::create_trigger(catalog, table, name, trigger)
        }
        Change::DropTrigger { table, name } => other::drop_trigger(catalog, table, name),
        // Whether those that refer to it are emptied too (`CASCADE`) is not known here.
        Change::Truncate { tables } => {
            tables.iter().try_for_each(|table| found(catalog, table).map(drop))
        }
        Change::Other(other) => other::other(catalog, other),
    }
}

/// Checks that a data change finds its tables and columns.
fn can_write(catalog: &Catalog, data: &DataChange) -> Result<(), ApplyError> {
    let table = found(catalog, &data.table)?;
    has_columns(&data.table, table, &data.key)?;
    match &data.write {
        Write::Update { set } => {
            set.iter().try_for_each(|(column, _)| has_column(&data.table, table, column))
        }
        Write::Delete => Ok(()),
        Write::InsertSelect { columns, .. } | Write::InsertValues { columns, .. } => {
            has_columns(&data.table, table, columns)
        }
        Write::Copy { to, columns, .. } => {
            let target = found(catalog, to)?;
            columns.iter().try_for_each(|(column, _)| has_column(to, target, column))
        }
    }
}

/// Returns the table, or says that it is missing.
fn found<'a>(catalog: &'a Catalog, name: &ObjectName) -> Result<&'a Table, ApplyError> {
    catalog.table(name).ok_or_else(|| ApplyError::Missing {
        kind: "table",
        object: Object::Table(name.clone()),
        known: catalog.tables.keys().map(ToString::to_string).collect(),
    })
}

/// Returns the table to change it, without losing the catalog's lookup.
fn found_mut<'a>(catalog: &'a mut Catalog, name: &ObjectName) -> Option<&'a mut Table> {
    catalog.tables.get_mut(name).map(Arc::make_mut)
}

/// Says so if the table lacks the column.
fn has_column(name: &ObjectName, table: &Table, column: &Name) -> Result<(), ApplyError> {
    match table.column(column) {
        Some(_) => Ok(()),
        None => Err(ApplyError::Missing {
            kind: "column",
            object: Object::Column(name.clone(), column.clone()),
            known: table.columns.iter().map(|column| column.name.to_string()).collect(),
        }),
    }
}

/// Says so if the table lacks one of the columns.
fn has_columns(name: &ObjectName, table: &Table, columns: &[Name]) -> Result<(), ApplyError> {
    columns.iter().try_for_each(|column| has_column(name, table, column))
}

/// Says so if the name is taken in the namespace of tables, views and indexes.
fn is_free(catalog: &mut Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    let Some(relation) = catalog.relation(name) else { return Ok(()) };
    let kind = relation.kind();
    let object = match relation {
        Relation::Table(name) | Relation::Sequence(name) => Object::Table(name),
        Relation::View(name) => Object::View(name),
        Relation::Index(table, name) => Object::Index(table, name),
        Relation::Key(table, name) => Object::Constraint(table, name),
    };
    Err(ApplyError::Exists { kind, object })
}

/// Says so if the name is taken among types, to which tables and views belong on PostgreSQL.
fn is_no_enum(catalog: &Catalog, name: &ObjectName) -> Result<(), ApplyError> {
    if catalog.enums.contains_key(name) {
        return Err(ApplyError::Exists { kind: "enum", object: Object::Enum(name.clone()) });
    }
    Ok(())
}

/// Returns whether two names are one to the engine.
fn is_same_name(dialect: Dialect, one: &str, other: &str) -> bool {
    match dialect {
        Dialect::Postgres => one == other,
        Dialect::Sqlite => one.eq_ignore_ascii_case(other),
    }
}
