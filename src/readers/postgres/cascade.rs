//! What goes together with what is dropped.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;

use super::reading::Reading;
use crate::catalog::{Catalog, Generated, Identity, Index, IndexKey, SqlExpression, Table};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// Drops tables, and before them what would keep them: foreign keys among them, and with `CASCADE` all that use them.
pub(super) fn tables(reading: &mut Reading<'_>, nodes: &[(SyntaxNode, ObjectName)], how: How) {
    for (node, table) in nodes {
        if how.cascade {
            views_of(reading, node, table, None, how);
        }
        let catalog = reading.now();
        let keys = catalog.references_to(table).filter(|(from, _)| {
            *from != table && (how.cascade || nodes.iter().any(|(_, dropped)| dropped == *from))
        });
        let keys: Vec<(ObjectName, Name)> =
            keys.map(|(from, key)| (from.clone(), key.name.clone())).collect();
        for (table, constraint) in keys {
            reading.change_how(node, Change::DropConstraint { table, constraint }, how);
        }
    }
    // With its table a partition goes by itself.
    let mut nodes: Vec<_> = nodes.iter().collect();
    nodes.sort_by_key(|(_, table)| std::cmp::Reverse(depth(reading.now(), table)));
    for (node, table) in nodes {
        reading.change_how(node, Change::DropTable { name: table.clone() }, how);
    }
}

/// Returns of how many tables a table is a partition, one of another.
fn depth(catalog: &Catalog, table: &ObjectName) -> usize {
    let of = |table: &&Table| catalog.table(&table.partition_of.as_ref()?.of);
    std::iter::successors(catalog.table(table), of).take(catalog.tables.len()).count()
}

/// Drops a view, and with `CASCADE` those that read it.
pub(super) fn view(reading: &mut Reading<'_>, node: &SyntaxNode, name: &ObjectName, how: How) {
    if how.cascade {
        views_of(reading, node, name, None, how);
    }
    reading.change_how(node, Change::DropView { name: name.clone() }, how);
}

/// Drops the views that read a relation, or one column of it; those that read them go first.
fn views_of(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    relation: &ObjectName,
    column: Option<&Name>,
    how: How,
) {
    let mut chain = vec![(relation.clone(), column.cloned())];
    // Files may hold views that read one another, and a view that cannot go would be found for ever.
    let mut seen = BTreeSet::from([relation.clone()]);
    while let Some((on, column)) = chain.last() {
        if let Some(reader) = view_reading(reading.now(), on, column.as_ref(), &seen) {
            seen.insert(reader.clone());
            chain.push((reader, None));
            continue;
        }
        let Some((name, _)) = chain.pop().filter(|_| !chain.is_empty()) else { return };
        let n_parts = reading.parts.len();
        reading.change_how(node, Change::DropView { name: name.clone() }, how);
        reading.catch_up();
        if reading.catalog().views.contains_key(&name) {
            reading.take_back(n_parts);
        }
    }
}

fn view_reading(
    catalog: &Catalog,
    relation: &ObjectName,
    column: Option<&Name>,
    seen: &BTreeSet<ObjectName>,
) -> Option<ObjectName> {
    let reads = |query: &str| {
        let Ok((found, _)) = expressions::query(Dialect::Postgres, query) else { return false };
        let is_it = |table: &str| ObjectName::parse(table) == *relation;
        let from: Vec<_> = found.tables.iter().filter(|table| is_it(&table.name)).collect();
        let names = |column: &Name| {
            found.columns.iter().any(|of| {
                let by = of.qualifier.as_deref();
                of.name == column.as_str()
                    && from.iter().any(|table| {
                        by.is_none_or(|by| {
                            table.alias.as_deref() == Some(by) || relation.name.as_str() == by
                        })
                    })
            })
        };
        !from.is_empty() && column.is_none_or(names)
    };
    catalog
        .views
        .iter()
        .find(|(name, view)| !seen.contains(*name) && reads(view.query.as_str()))
        .map(|(name, _)| name.clone())
}

/// Drops a column, and with `CASCADE` the views, generated columns and foreign keys that use it.
pub(super) fn column(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    table: &ObjectName,
    column: Name,
    how: How,
) {
    if how.cascade {
        views_of(reading, node, table, Some(&column), how);
        let catalog = reading.now();
        let keys = catalog.references_to(table);
        let keys = keys.filter(|(_, key)| key.referenced_columns.contains(&column));
        let keys: Vec<(ObjectName, Name)> =
            keys.map(|(from, key)| (from.clone(), key.name.clone())).collect();
        let made: Vec<Name> = catalog
            .table(table)
            .into_iter()
            .flat_map(|table| &table.columns)
            .filter(|other| other.name != column && is_made_of(other.generated.as_ref(), &column))
            .map(|other| other.name.clone())
            .collect();
        for (table, constraint) in keys {
            reading.change_how(node, Change::DropConstraint { table, constraint }, how);
        }
        for column in made {
            let change = Change::DropColumn { table: table.clone(), column, refill: None };
            reading.change_how(node, change, how);
        }
    }
    for change in shared(reading.now(), table, &column) {
        reading.change_how(node, change, How { along: true, ..how });
    }
    let change = Change::DropColumn { table: table.clone(), column, refill: None };
    reading.change_how(node, change, how);
}

/// Returns how the constraints and indexes go that a column shares with others of its table: the server drops them along with it.
fn shared(catalog: &Catalog, name: &ObjectName, column: &Name) -> Vec<Change> {
    let Some(table) = catalog.table(name) else { return Vec::new() };
    let is_shared = |columns: &BTreeSet<Name>| columns.len() > 1 && columns.contains(column);
    let of = |columns: &[Name]| columns.iter().cloned().collect::<BTreeSet<_>>();
    let keys = table.primary_key.iter().chain(&table.uniques);
    let keys = keys.map(|key| {
        let mut columns = of(&key.columns);
        columns.extend(key.terms.include.iter().cloned());
        (&key.name, columns)
    });
    let foreign = table.foreign_keys.iter().map(|key| (&key.name, of(&key.columns)));
    let checks = table.checks.iter().map(|check| (&check.name, named(&check.expression)));
    let of_index = |index: &Index| {
        let mut columns: BTreeSet<Name> = index.include.iter().cloned().collect();
        columns.extend(index.predicate.iter().flat_map(named));
        for part in &index.columns {
            match &part.key {
                IndexKey::Column(name) => columns.extend([name.clone()]),
                IndexKey::Expression(text) => columns.extend(named(text)),
            }
        }
        columns
    };
    let exclusions = table.exclusions.iter().map(|of| (&of.name, of_index(&of.index)));
    let indexes = table.indexes.iter().filter(|(_, index)| is_shared(&of_index(index)));
    let constraints = keys.chain(foreign).chain(checks).chain(exclusions);
    let constraints = constraints.filter(|(_, columns)| is_shared(columns));
    let constraints = constraints.map(|(constraint, _)| Change::DropConstraint {
        table: name.clone(),
        constraint: constraint.clone(),
    });
    let indexes =
        indexes.map(|(index, _)| Change::DropIndex { table: name.clone(), name: index.clone() });
    constraints.chain(indexes).collect()
}

/// Returns the columns that an expression names.
fn named(text: &SqlExpression) -> BTreeSet<Name> {
    let read = expressions::expression(Dialect::Postgres, text.as_str()).unwrap_or_default();
    read.columns.into_iter().map(|of| Name::new(of.name)).collect()
}

fn is_made_of(generated: Option<&Generated>, column: &Name) -> bool {
    let text = match generated {
        Some(Generated::Stored(text) | Generated::Virtual(text)) => text,
        Some(Generated::Identity(_)) | None => return false,
    };
    expressions::expression(Dialect::Postgres, text.as_str())
        .is_ok_and(|found| found.columns.iter().any(|of| of.name == column.as_str()))
}

/// Drops a constraint, and with `CASCADE` the foreign keys that rely on it.
pub(super) fn constraint(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    table: &ObjectName,
    constraint: Name,
    how: How,
) {
    if how.cascade {
        let catalog = reading.now();
        let key = catalog.table(table).and_then(|table| {
            let mut keys = table.primary_key.iter().chain(&table.uniques);
            keys.find(|key| key.name == constraint).map(|key| key.columns.clone())
        });
        let relies = |columns: &Vec<Name>, of: &[Name]| {
            columns.len() == of.len() && of.iter().all(|column| columns.contains(column))
        };
        let keys: Vec<(ObjectName, Name)> = key
            .iter()
            .flat_map(|columns| {
                let referring = catalog.references_to(table);
                referring.filter(|(_, key)| relies(columns, &key.referenced_columns))
            })
            .map(|(from, key)| (from.clone(), key.name.clone()))
            .collect();
        for (table, constraint) in keys {
            reading.change_how(node, Change::DropConstraint { table, constraint }, how);
        }
    }
    let table = table.clone();
    reading.change_how(node, Change::DropConstraint { table, constraint }, how);
}

/// Drops the columns of a type that goes with `CASCADE`.
pub(super) fn columns_of_type(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    name: &ObjectName,
    how: How,
) {
    let printed = printed(name);
    let is_of_it = |sql_type: &str| sql_type.trim_end_matches("[]") == printed;
    let mut found = Vec::new();
    for (table, of) in &reading.now().tables {
        let columns = of.columns.iter().filter(|column| is_of_it(&column.sql_type.0));
        found.extend(columns.map(|column| (table.clone(), column.name.clone())));
    }
    for (table, column) in found {
        self::column(reading, node, &table, column, how);
    }
}

/// Returns a type's name as columns have it.
fn printed(name: &ObjectName) -> String {
    let quote = |name: &Name| crate::dialects::quote(Dialect::Postgres, name);
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema), quote(&name.name)),
        None => quote(&name.name),
    }
}

/// Drops the defaults that take their numbers from a sequence that goes with `CASCADE`.
pub(super) fn defaults_of_sequence(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    name: &ObjectName,
    how: How,
) {
    let mut found = Vec::new();
    for (table, of) in &reading.now().tables {
        for column in &of.columns {
            let serial = column.generated == Some(Generated::Identity(Identity::Serial));
            let owned = format!("{}_{}_seq", table.name, column.name);
            let owns = serial && table.schema == name.schema && name.name.as_str() == owned;
            let default = column.default.as_ref();
            if owns || default.is_some_and(|text| super::sequence::takes_from(text, name)) {
                found.push((table.clone(), column.name.clone(), serial));
            }
        }
    }
    for (table, column, serial) in found {
        let change = if serial {
            Change::SetGenerated { table, column, generated: None }
        } else {
            Change::SetDefault { table, column, default: None }
        };
        reading.change_how(node, change, how);
    }
}
