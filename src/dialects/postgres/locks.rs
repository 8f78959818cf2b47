//! The locks that the server takes for a change, and what it does to the rows meanwhile (PostgreSQL manual, "Explicit
//! Locking" and the page of each statement; `tests/hazards` asks the server itself).

use super::locks_of_others;
use crate::catalog::{Catalog, Generated, Index, IndexColumn, IndexKey, SqlExpression, SqlType};
use crate::change::widening::widens;
use crate::change::words::Words;
use crate::change::{Change, Constraint, DataChange, Write};
use crate::dialect::Dialect;
use crate::dialects::locks::{Demand, LockMode, Work};
use crate::expressions::{self, same_expression};
use crate::name::{Name, ObjectName};

/// What the demands of a change are gathered in.
#[derive(Debug, Default)]
pub(super) struct Demands(Vec<Demand>);

impl Demands {
    /// Adds one; of two on the same table the stronger lock and the more work stay.
    pub(super) fn add(&mut self, table: &ObjectName, lock: LockMode, work: Work) {
        if let Some(known) = self.0.iter_mut().find(|of| of.table == *table) {
            known.lock = known.lock.max(lock);
            known.work = known.work.max(work);
        } else {
            self.0.push(Demand { table: table.clone(), lock, work });
        }
    }
}

/// Returns what a change asks of tables that are there before it.
pub(in crate::dialects) fn demands(
    change: &Change,
    concurrently: bool,
    before: &Catalog,
) -> Vec<Demand> {
    let mut found = Demands::default();
    of_change(change, concurrently, before, &mut found);
    let is_there = |name: &ObjectName| {
        before.tables.contains_key(name)
            || before.views.get(name).is_some_and(|view| view.materialized)
            || before.others.keys().any(|(_, other)| other == name)
    };
    found.0.retain(|of| is_there(&of.table));
    found.0
}

#[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
fn of_change(change: &Change, concurrently: bool, before: &Catalog, found: &mut Demands) {
    use LockMode::{AccessExclusive, AccessShare, Share, ShareRowExclusive, ShareUpdateExclusive};
    match change {
        Change::CreateTable { name: _, table } => {
            if let Some(partition) = &table.partition_of {
                found.add(&partition.of, AccessExclusive, Work::None);
                locks_of_others::rest(&partition.of, &partition.bound, before, found);
            }
            for key in &table.foreign_keys {
                found.add(&key.references, ShareRowExclusive, Work::None);
            }
        }
        Change::DropTable { name } => {
            found.add(name, AccessExclusive, Work::None);
            let whole = before.table(name).and_then(|table| table.partition_of.as_ref());
            if let Some(whole) = whole {
                found.add(&whole.of, AccessExclusive, Work::None);
            }
            let keys = before.table(name).into_iter().flat_map(|table| &table.foreign_keys);
            keys.for_each(|key| found.add(&key.references, AccessExclusive, Work::None));
        }
        Change::AddColumn { table, column } => {
            let work = match &column.generated {
                Some(Generated::Stored(_) | Generated::Identity(_)) => Work::Rewrite,
                None if column.default.as_ref().is_some_and(is_volatile) => Work::Rewrite,
                // Each row's value is put through the domain's checks, NULL too.
                None if is_checked_domain(&column.sql_type, before) => Work::Rewrite,
                None if column.default.is_none() && !column.nullable => Work::Scan,
                Some(Generated::Virtual(_)) | None => Work::None,
            };
            found.add(table, AccessExclusive, work);
        }
        Change::DropColumn { table, column, refill: _ } => {
            found.add(table, AccessExclusive, Work::None);
            let keys = before.table(table).into_iter().flat_map(|table| &table.foreign_keys);
            for key in keys.filter(|key| key.columns.contains(column)) {
                found.add(&key.references, AccessExclusive, Work::None);
            }
        }
        Change::SetNullable { table, column, nullable } => {
            let scans = !nullable && may_be_null(table, column, before);
            found.add(table, AccessExclusive, if scans { Work::Scan } else { Work::None });
        }
        Change::SetType { table, column, sql_type, using, collation } => {
            let was = before.column(table, column);
            let is_wider = was.is_some_and(|was| widens(&was.sql_type, sql_type));
            let sorts_otherwise = was.is_some_and(|was| was.collation != *collation);
            let reads_rows = is_checked(table, column, before)
                || sorts_otherwise && is_indexed(table, column, before);
            let work = match using {
                None if is_wider && reads_rows => Work::Scan,
                None if is_wider => Work::None,
                None | Some(_) => Work::Rewrite,
            };
            found.add(table, AccessExclusive, work);
        }
        Change::AddConstraint { table, constraint } => added(table, constraint, before, found),
        Change::DropConstraint { table, constraint } => {
            found.add(table, AccessExclusive, Work::None);
            let keys = before.table(table).into_iter().flat_map(|table| &table.foreign_keys);
            for key in keys.filter(|key| key.name == *constraint) {
                found.add(&key.references, AccessExclusive, Work::None);
            }
        }
        Change::ValidateConstraint { table, constraint: _ } => {
            found.add(table, ShareUpdateExclusive, Work::Scan);
        }
        Change::CreateIndex { table, .. } => {
            let lock = if concurrently { ShareUpdateExclusive } else { Share };
            found.add(table, lock, Work::Scan);
        }
        Change::DropIndex { table, name: _ } => {
            let lock = if concurrently { ShareUpdateExclusive } else { AccessExclusive };
            found.add(table, lock, Work::None);
        }
        Change::SetDeferral { table, constraint: _, deferral: _ } => {
            found.add(table, AccessExclusive, Work::None);
        }
        Change::SetDefault { table, .. }
        | Change::SetGenerated { table, .. }
        | Change::RenameTable { from: table, .. }
        | Change::RenameColumn { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::DropTrigger { table, .. } => found.add(table, AccessExclusive, Work::None),
        Change::SetComment { table, .. } => found.add(table, ShareUpdateExclusive, Work::None),
        Change::CreateTrigger { table, .. } => found.add(table, ShareRowExclusive, Work::None),
        Change::CreateSync(sync) => found.add(sync.table(), ShareRowExclusive, Work::None),
        Change::DropSync(sync) => found.add(sync.table(), AccessExclusive, Work::None),
        Change::Truncate { tables } => {
            for table in tables {
                found.add(table, AccessExclusive, Work::Rewrite);
            }
        }
        Change::Write(data) => written(data, found),
        Change::CreateView { view, .. } if view.materialized => {
            for name in before.tables.keys().filter(|name| reads(view.query.as_str(), name)) {
                found.add(name, AccessShare, Work::Scan);
            }
        }
        Change::DropView { name } => found.add(name, AccessExclusive, Work::None),
        Change::Other(other) => locks_of_others::of(other, concurrently, before, found),
        // What is not a table's matters to no other statement for longer than it takes.
        Change::RenameIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::Deprecate { .. }
        | Change::Opaque(_) => {}
    }
}

/// Returns whether a type is a domain that does not take every value of the type beneath it.
fn is_checked_domain(sql_type: &SqlType, before: &Catalog) -> bool {
    let mut over = sql_type;
    for _ in 0..before.domains.len() {
        let Some(domain) = before.domains.get(&ObjectName::parse(&over.0)) else { return false };
        if domain.not_null || Words::of(&domain.beside).has("check") {
            return true;
        }
        over = &domain.over;
    }
    false
}

/// Returns whether a check names the column: it is checked again with the column's new type.
fn is_checked(table: &ObjectName, column: &Name, before: &Catalog) -> bool {
    let checks = before.table(table).into_iter().flat_map(|table| &table.checks);
    let checks = checks.filter(|check| check.validated);
    let mut read = checks.filter_map(|check| {
        expressions::expression(Dialect::Postgres, check.expression.as_str()).ok()
    });
    read.any(|read| read.columns.iter().any(|of| of.name == column.as_str()))
}

/// Returns whether an index sorts the column by its own collation: it is built anew where that changes.
fn is_indexed(table: &ObjectName, column: &Name, before: &Catalog) -> bool {
    let Some(of) = before.table(table) else { return false };
    let names = |expression: &SqlExpression| {
        let read = expressions::expression(Dialect::Postgres, expression.as_str());
        read.is_ok_and(|read| read.columns.iter().any(|of| of.name == column.as_str()))
    };
    let is_part = |part: &IndexColumn| match &part.key {
        IndexKey::Column(of) => of == column && part.terms.collation.is_none(),
        IndexKey::Expression(expression) => names(expression),
    };
    let in_index = |index: &Index| {
        index.columns.iter().any(is_part) || index.predicate.as_ref().is_some_and(names)
    };
    let primary = of.primary_key.iter().map(|key| &key.columns);
    let mut keys = primary.chain(of.uniques.iter().map(|key| &key.columns));
    keys.any(|columns| columns.contains(column)) || of.indexes.values().any(in_index)
}

fn reads(query: &str, table: &ObjectName) -> bool {
    let read = expressions::query(Dialect::Postgres, query);
    read.is_ok_and(|(read, _)| read.tables.iter().any(|of| ObjectName::parse(&of.name) == *table))
}

fn is_volatile(default: &SqlExpression) -> bool {
    let read = expressions::expression(Dialect::Postgres, default.as_str());
    read.is_ok_and(|read| read.is_volatile)
}

/// Returns whether the server must look for NULLs ("if a valid CHECK constraint is found which proves no NULL can exist, then
/// the table scan is skipped").
fn may_be_null(table: &ObjectName, column: &Name, before: &Catalog) -> bool {
    if before.column(table, column).is_some_and(|column| !column.nullable) {
        return false;
    }
    let checks = before.table(table).into_iter().flat_map(|table| &table.checks);
    let says = SqlExpression::new(format!("{column} IS NOT NULL"));
    let mut valid = checks.filter(|check| check.validated);
    !valid.any(|check| same_expression(Dialect::Postgres, &check.expression, &says))
}

fn added(table: &ObjectName, constraint: &Constraint, before: &Catalog, found: &mut Demands) {
    use LockMode::{AccessExclusive, ShareRowExclusive};
    let scan = |scans| if scans { Work::Scan } else { Work::None };
    match constraint {
        Constraint::Unique(_) | Constraint::Primary(_) | Constraint::Exclude(_) => {
            found.add(table, AccessExclusive, Work::Scan);
        }
        Constraint::Check(check) => found.add(table, AccessExclusive, scan(check.validated)),
        Constraint::ForeignKey(key) => {
            found.add(table, ShareRowExclusive, scan(key.validated));
            found.add(&key.references, ShareRowExclusive, Work::None);
        }
        Constraint::UsingIndex { index, primary, .. } => {
            let index = before.table(table).and_then(|table| table.indexes.get(index));
            let columns = index.into_iter().flat_map(|index| &index.columns);
            let mut columns = columns.filter_map(|part| part.key.column());
            let scans = *primary && columns.any(|column| may_be_null(table, column, before));
            found.add(table, AccessExclusive, scan(scans));
        }
    }
}

fn written(data: &DataChange, found: &mut Demands) {
    use LockMode::{AccessShare, RowExclusive};
    match &data.write {
        Write::Update { .. } | Write::Delete => found.add(&data.table, RowExclusive, Work::Scan),
        Write::InsertValues { .. } => found.add(&data.table, RowExclusive, Work::None),
        Write::InsertSelect { query, .. } => {
            found.add(&data.table, RowExclusive, Work::None);
            if let Ok((read, _)) = expressions::query(Dialect::Postgres, query.as_str()) {
                for table in &read.tables {
                    found.add(&ObjectName::parse(&table.name), AccessShare, Work::Scan);
                }
            }
        }
        Write::Copy { to, .. } => {
            found.add(&data.table, AccessShare, Work::Scan);
            found.add(to, RowExclusive, Work::None);
        }
    }
}
