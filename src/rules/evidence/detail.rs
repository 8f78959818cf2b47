//! What the catalog just before a change tells of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::data::{self, KeyProblem};
use super::evaluate::{Literal, Truth, literal, truth};
use super::{PlanFacts, column_of};
use crate::catalog::{Catalog, Column, Generated, Index, SqlExpression, Sync, Table};
use crate::change::effect::Object;
use crate::change::words::Words;
use crate::change::{Change, Constraint};
use crate::graph::walk::Visited;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;

/// What the catalog just before a change tells of it, as far as a rule asks.
#[derive(Debug, PartialEq)]
pub enum Detail {
    /// Nothing that matters.
    None,
    /// A column goes.
    DroppedColumn {
        /// Whether an insert without it failed just before this plan's contract phase.
        required: bool,
    },
    /// A table goes.
    DroppedTable {
        /// Its columns, without those that the database computes from others.
        columns: Vec<Name>,
    },
    /// Writes are restricted.
    Restriction(Restriction),
    /// A default comes.
    Default {
        /// What a row with it fails on, e.g. "unique constraint `users_email_key`".
        violates: Option<String>,
        /// The sync that fills the column.
        synced_by: Option<Name>,
    },
    /// Columns are put in step.
    Sync {
        /// Those that have a default or are generated.
        with_default: Vec<Name>,
    },
    /// Rows are written.
    Data {
        /// What is wrong with the key that it walks by.
        key: Option<KeyProblem>,
        /// Why running it twice is not the same as once.
        repeats: Option<String>,
    },
}

/// A restriction of writes to an existing table.
#[derive(Debug, PartialEq)]
pub struct Restriction {
    /// The table.
    pub table: ObjectName,
    /// The columns it speaks of.
    pub columns: Vec<Name>,
    /// Tables that rows may have to be put into first: the one a foreign key refers to.
    pub references: Option<ObjectName>,
    /// Whether rows that ignore the columns that this plan added satisfy it.
    pub proven: bool,
    /// Whether a column that must not be NULL has a default.
    pub has_default: bool,
    /// What the columns' defaults fail on.
    pub default_violates: Option<String>,
}

/// What must be remembered from change to change.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// Columns, of those that the plan's contract drops, without which an insert fails when that phase begins.
    required: BTreeSet<Object>,
    /// The plan whose contract that is.
    contract_of: Option<usize>,
    /// The syncs that are there, by table.
    syncs: BTreeMap<ObjectName, Vec<Arc<Sync>>>,
}

impl Surroundings {
    pub(super) fn detail(
        &mut self,
        visited: Visited<'_>,
        before: &Catalog,
        facts: &PlanFacts<'_>,
    ) -> Detail {
        if visited.step.phase == Phase::Contract && self.contract_of != Some(visited.place.plan) {
            self.enter_contract(visited, before);
        }
        match visited.change {
            Change::DropColumn { table, column, refill: _ } => {
                let required = self.required.contains(&column_of(table, column));
                Detail::DroppedColumn { required }
            }
            Change::DropTable { name } => {
                Detail::DroppedTable { columns: stored_columns(before, name) }
            }
            Change::SetNullable { table, column, nullable: false } => {
                required_detail(visited, before, facts, table, column)
            }
            Change::AddConstraint { table, constraint } => {
                constraint_detail(visited, before, facts, table, constraint)
            }
            Change::CreateIndex { table, name: _, index } if index.unique => {
                index_detail(visited, before, facts, table, index)
            }
            Change::SetDefault { table, column, default: Some(default) } => {
                self.default_detail(before, table, column, default)
            }
            Change::CreateSync(sync) => {
                let with_default = sync_defaults(sync, before);
                self.syncs.entry(sync.table().clone()).or_default().push(sync.clone());
                Detail::Sync { with_default }
            }
            Change::DropSync(sync) => {
                if let Some(syncs) = self.syncs.get_mut(sync.table()) {
                    syncs.retain(|other| other.name() != sync.name());
                }
                Detail::None
            }
            Change::Write(write) => Detail::Data {
                key: data::key_problem(write, before),
                repeats: data::repeats(write, before),
            },
            Change::CreateTable { .. }
            | Change::AddColumn { .. }
            | Change::SetDefault { .. }
            | Change::SetNullable { .. }
            | Change::DropConstraint { .. }
            | Change::CreateIndex { .. }
            | Change::DropIndex { .. }
            | Change::CreateEnum { .. }
            | Change::AddEnumValue { .. }
            | Change::DropEnum { .. }
            | Change::CreateView { .. }
            | Change::ReplaceView { .. }
            | Change::DropView { .. }
            | Change::Deprecate { .. }
            | Change::RenameTable { .. }
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
            | Change::Truncate { .. }
            | Change::Other(_)
            | Change::Opaque(_) => Detail::None,
        }
    }

    /// Looks at what the plan's contract drops before its first change: a column that this very phase makes nullable was
    /// still required while the last releases that write it were replaced.
    fn enter_contract(&mut self, visited: Visited<'_>, before: &Catalog) {
        self.contract_of = Some(visited.place.plan);
        self.required.clear();
        for change in visited.plan.steps_of(Phase::Contract).flat_map(|step| step.changes.iter()) {
            if let Change::DropColumn { table, column, .. } = change {
                let found = before.column(table, column);
                if found.is_some_and(|column| !column.may_be_left_out()) {
                    self.required.insert(column_of(table, column));
                }
            }
        }
    }

    fn default_detail(
        &self,
        before: &Catalog,
        table: &ObjectName,
        column: &Name,
        default: &SqlExpression,
    ) -> Detail {
        let syncs = self.syncs.get(table).into_iter().flatten();
        let synced_by = syncs
            .filter(|sync| sync.filled().contains(&column))
            .map(|sync| sync.name().clone())
            .next();
        let constant = literal(default.as_str()).filter(|value| *value != Literal::Null);
        let violates = constant.and_then(|value| violated(before.table(table)?, column, &value));
        Detail::Default { violates, synced_by }
    }
}

fn stored_columns(before: &Catalog, table: &ObjectName) -> Vec<Name> {
    let columns = before.table(table).into_iter().flat_map(|table| &table.columns);
    columns.filter(|column| !is_computed(column)).map(|column| column.name.clone()).collect()
}

fn required_detail(
    visited: Visited<'_>,
    before: &Catalog,
    facts: &PlanFacts<'_>,
    table: &ObjectName,
    column: &Name,
) -> Detail {
    let found = before.column(table, column);
    let known = Known::of(visited, before, table, facts);
    let value = known.as_ref().and_then(|known| known.value(column.as_str()));
    Detail::Restriction(Restriction {
        table: table.clone(),
        columns: vec![column.clone()],
        references: None,
        proven: value.is_some_and(|value| value != Literal::Null),
        has_default: found.is_some_and(|column| column.default.is_some()),
        default_violates: None,
    })
}

fn index_detail(
    visited: Visited<'_>,
    before: &Catalog,
    facts: &PlanFacts<'_>,
    table: &ObjectName,
    index: &Index,
) -> Detail {
    let known = Known::of(visited, before, table, facts);
    Detail::Restriction(Restriction {
        table: table.clone(),
        columns: index_columns(index, before.table(table)),
        references: None,
        proven: known.is_some_and(|known| known.satisfies_index(index)),
        has_default: false,
        default_violates: None,
    })
}

fn is_computed(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
}

/// Returns what the second row with this value fails on.
fn violated(table: &Table, column: &Name, value: &Literal) -> Option<String> {
    let keys = table.primary_key.iter().chain(&table.uniques);
    if let Some(key) = keys.clone().find(|key| key.columns.contains(column)) {
        return Some(format!("unique constraint `{}`", key.name));
    }
    let is_in = |index: &Index| {
        let mut parts = index.columns.iter().map(|part| part.key.column());
        index.unique && index.predicate.is_none() && parts.any(|part| part == Some(column))
    };
    if let Some((name, _)) = table.indexes.iter().find(|(_, index)| is_in(index)) {
        return Some(format!("unique index `{name}`"));
    }
    if let Some(key) = table.foreign_keys.iter().find(|key| key.columns.contains(column)) {
        return Some(format!("foreign key `{}`", key.name));
    }
    let value_of = |name: &str| (name == column.as_str()).then(|| value.clone());
    let fails = |truth: Truth| truth.may_be_false && !truth.may_be_true && !truth.may_be_null;
    let check =
        table.checks.iter().find(|check| fails(truth(check.expression.as_str(), &value_of)))?;
    Some(format!("check `{}`", check.name))
}

fn constraint_detail(
    visited: Visited<'_>,
    before: &Catalog,
    facts: &PlanFacts<'_>,
    table: &ObjectName,
    constraint: &Constraint,
) -> Detail {
    let of = before.table(table);
    let known = Known::of(visited, before, table, facts);
    let known = known.as_ref();
    let is_null = |columns: &[Name]| {
        let null = |column: &Name| {
            known.and_then(|known| known.value(column.as_str())) == Some(Literal::Null)
        };
        columns.iter().any(null)
    };
    let mut default_violates = None;
    let (columns, references, proven) = match constraint {
        // One NULL is enough: two rows with NULL are not equal, and a reference with NULL refers to nothing.
        Constraint::Unique(key) => {
            (key.columns.clone(), None, !key.terms.nulls_not_distinct && is_null(&key.columns))
        }
        Constraint::ForeignKey(key) => {
            let n = if key.terms.match_full { 1 } else { key.columns.len().max(1) };
            (key.columns.clone(), Some(key.references.clone()), key.columns.chunks(n).all(is_null))
        }
        Constraint::Exclude(exclusion) => (index_columns(&exclusion.index, of), None, false),
        // A primary key takes no NULL.
        Constraint::Primary(key) => (key.columns.clone(), None, false),
        Constraint::UsingIndex { name: _, index, primary: _, deferral: _ } => {
            let index = of.and_then(|of| of.indexes.get(index));
            (index.map(|index| index_columns(index, of)).unwrap_or_default(), None, false)
        }
        Constraint::Check(check) => {
            let text = check.expression.as_str();
            let words = Words::of(text);
            let columns = of.into_iter().flat_map(|of| &of.columns).map(|column| &column.name);
            let columns: Vec<Name> =
                columns.filter(|name| words.has(name.as_str())).cloned().collect();
            let decided = known.map(|known| truth(text, &|name| known.value(name)));
            let default_of = |name: &str| {
                let column = of?.column(&Name::from(name))?;
                literal(column.default.as_ref()?.as_str())
            };
            let by_default = truth(text, &default_of);
            if by_default.may_be_false && !by_default.may_be_true && !by_default.may_be_null {
                default_violates = Some(format!("check `{}`", check.name));
            }
            (columns, None, decided.is_some_and(|truth| !truth.may_be_false))
        }
    };
    let (table, has_default) = (table.clone(), false);
    let restriction =
        Restriction { table, columns, references, proven, has_default, default_violates };
    Detail::Restriction(restriction)
}

fn index_columns(index: &Index, table: Option<&Table>) -> Vec<Name> {
    let mut words = Words::default();
    for part in &index.columns {
        if let crate::catalog::IndexKey::Expression(expression) = &part.key {
            words.add(expression.as_str());
        }
    }
    let plain = index.columns.iter().filter_map(|part| part.key.column()).cloned();
    let all = table.into_iter().flat_map(|table| &table.columns).map(|column| &column.name);
    plain.chain(all.filter(|name| words.has(name.as_str())).cloned()).collect()
}

/// Returns the columns that a sync fills and that have a value without being written.
fn sync_defaults(sync: &Sync, before: &Catalog) -> Vec<Name> {
    let has_default = |name: &&&Name| {
        let column = before.column(sync.table(), name);
        column.is_some_and(|column| column.default.is_some() || column.generated.is_some())
    };
    sync.filled().iter().filter(has_default).map(|name| (*name).clone()).collect()
}

/// What is known of a row that was written by somebody who ignores the columns that the plan added.
struct Known<'a> {
    table: &'a Table,
    name: &'a ObjectName,
    facts: &'a PlanFacts<'a>,
    /// Columns that a sync of the plan fills: their values are anybody's.
    synced: BTreeSet<&'a Name>,
}

impl<'a> Known<'a> {
    fn of(
        visited: Visited<'a>,
        before: &'a Catalog,
        name: &'a ObjectName,
        facts: &'a PlanFacts<'a>,
    ) -> Option<Self> {
        let mut synced = BTreeSet::new();
        for change in visited.plan.steps_of(Phase::Expand).flat_map(|step| step.changes.iter()) {
            if let Change::CreateSync(sync) = change {
                if sync.table() == name {
                    synced.extend(sync.filled());
                }
                if let Sync::Tables(tables) = sync.as_ref()
                    && tables.to == *name
                {
                    synced.extend(tables.columns.iter().map(|(column, _)| column));
                }
            }
        }
        Some(Self { table: before.table(name)?, name, facts, synced })
    }

    /// Returns the value of a column in such a row, if it is known.
    fn value(&self, column: &str) -> Option<Literal> {
        let column = self.table.column(&Name::from(column))?;
        let is_added = self.facts.adds.contains(&column_of(self.name, &column.name))
            && !self.facts.adds.contains(&Object::Table(self.name.clone()));
        if !is_added || self.synced.contains(&column.name) || column.generated.is_some() {
            return None;
        }
        column.default.as_ref().map_or(Some(Literal::Null), |default| literal(default.as_str()))
    }

    fn satisfies_index(&self, index: &Index) -> bool {
        let outside = index.predicate.as_ref().is_some_and(|predicate| {
            !truth(predicate.as_str(), &|name| self.value(name)).may_be_true
        });
        let is_null = |name: &Name| self.value(name.as_str()) == Some(Literal::Null);
        let null = index.columns.iter().filter_map(|part| part.key.column()).any(is_null);
        outside || null && !index.terms.nulls_not_distinct
    }
}
