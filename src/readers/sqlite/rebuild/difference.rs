//! The changes that make one table of another.

use std::ops::Range;

use super::copy::{Copied, Source};
use super::options::options;
use crate::catalog::diff::diff;
use crate::catalog::{
    Catalog, Column, Generated, Identity, Index, IndexKey, ObjectKind, SqlExpression, Table,
};
use crate::change::apply::apply;
use crate::change::{Batch, Change, Constraint, DataChange, Other, Verb, Write};
use crate::dialect::Dialect;
use crate::expressions::same_expression;
use crate::name::{Name, ObjectName};

/// Where the statements of a rebuild are.
pub(super) struct Places {
    pub create: Range<usize>,
    pub copy: Range<usize>,
    pub drop: Range<usize>,
    /// Indexes and triggers by name.
    pub extras: Vec<(Name, Range<usize>)>,
}

/// A table before and after.
pub(super) struct Difference<'a> {
    pub before: &'a Catalog,
    pub table: &'a ObjectName,
    pub new: &'a Table,
    pub copied: &'a Copied,
}

fn same(one: &SqlExpression, other: &SqlExpression) -> bool {
    same_expression(Dialect::Sqlite, one, other)
}

fn same_option(one: Option<&SqlExpression>, other: Option<&SqlExpression>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => same(one, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

impl Difference<'_> {
    /// Returns the changes in order, each with its place; nothing if they do not come out even.
    pub(super) fn changes(&self, places: &Places) -> Option<Vec<(Change, Range<usize>)>> {
        let mut way =
            Way { catalog: self.before.clone(), table: self.table, places, changes: Vec::new() };
        self.renames(&mut way)?;
        self.leave_out(&mut way)?;
        let refilled = self.drop_columns(&mut way)?;
        self.add_columns(&mut way, &refilled)?;
        self.types(&mut way)?;
        self.add_key(&mut way)?;
        self.alter_columns(&mut way)?;
        self.add_constraints(&mut way)?;
        self.add_extras(&mut way)?;
        self.options(&mut way)?;
        let only = |table: &Table| {
            let mut catalog = Catalog::empty(Dialect::Sqlite);
            catalog.tables.insert(self.table.clone(), table.clone().into());
            catalog
        };
        let is_even = diff(&only(self.new), &only(way.now()?), &same).is_empty();
        is_even.then_some(way.changes)
    }

    fn source(&self, column: &Name) -> Option<&Source> {
        self.copied.iter().find(|(name, _)| name == column).map(|(_, source)| source)
    }

    /// A column that goes on under another name.
    fn renames(&self, way: &mut Way<'_>) -> Option<()> {
        let old = way.now()?.clone();
        let has = |table: &Table, name: &Name| {
            table.columns.iter().any(|c| c.name.as_str().eq_ignore_ascii_case(name.as_str()))
        };
        for (to, source) in self.copied {
            let Source::Column(from) = source else { continue };
            let used = self.copied.iter().filter(|(_, other)| other == source).count();
            let is_respelled = from != to && from.as_str().eq_ignore_ascii_case(to.as_str());
            let is_renamed = !has(&old, to) && !has(self.new, from) && used == 1;
            if is_respelled || is_renamed {
                let (table, from, to) = (self.table.clone(), from.clone(), to.clone());
                way.copy(Change::RenameColumn { table, from, to })?;
            }
        }
        Some(())
    }

    /// Drops what is not in the new table beside columns.
    fn leave_out(&self, way: &mut Way<'_>) -> Option<()> {
        let old = way.now()?.clone();
        let table = || self.table.clone();
        for (name, trigger) in &old.triggers {
            let new = self.new.triggers.get(name);
            let is_same = new.is_some_and(|new| match (&trigger.definition, &new.definition) {
                (Some(old), Some(new)) => {
                    same(&SqlExpression::new(old.as_str()), &SqlExpression::new(new.as_str()))
                }
                (None, _) | (_, None) => true,
            });
            if !is_same {
                way.drop(Change::DropTrigger { table: table(), name: name.clone() })?;
            }
        }
        for (name, index) in &old.indexes {
            if !self.new.indexes.get(name).is_some_and(|new| is_same_index(index, new)) {
                way.drop(Change::DropIndex { table: table(), name: name.clone() })?;
            }
        }
        let keys = old.foreign_keys.iter();
        for key in keys.filter(|key| !self.new.foreign_keys.contains(key)) {
            way.leave(&key.name)?;
        }
        for check in &old.checks {
            let mut new = self.new.checks.iter();
            if !new.any(|new| new.name == check.name && same(&new.expression, &check.expression)) {
                way.leave(&check.name)?;
            }
        }
        for key in old.uniques.iter().filter(|key| !self.new.uniques.contains(key)) {
            way.leave(&key.name)?;
        }
        match (&old.primary_key, &self.new.primary_key) {
            (Some(was), Some(is)) if was.columns == is.columns && was.name != is.name => {
                let (from, to) = (was.name.clone(), is.name.clone());
                way.define(Change::RenameConstraint { table: table(), from, to })
            }
            (Some(was), is) if is.as_ref() != Some(was) => way.leave(&was.name),
            (Some(_) | None, _) => Some(()),
        }
    }

    /// Drops columns that are not there any more, or whose values were not taken along; returns the latter.
    fn drop_columns(&self, way: &mut Way<'_>) -> Option<Vec<Name>> {
        let mut again = Vec::new();
        for column in way.now()?.clone().columns {
            let new = self.new.column(&column.name);
            let is_emptied = new.is_some_and(|new| {
                !is_computed(&column) && !is_computed(new) && self.source(&new.name).is_none()
            });
            if new.is_none() || is_emptied {
                let (table, column) = (self.table.clone(), column.name.clone());
                way.copy(Change::DropColumn { table, column: column.clone(), refill: None })?;
                again.extend(is_emptied.then_some(column));
            }
        }
        Some(again)
    }

    /// Adds columns, and fills all that are computed from others.
    fn add_columns(&self, way: &mut Way<'_>, emptied: &[Name]) -> Option<()> {
        let old = way.now()?.clone();
        let mut set = Vec::new();
        for new in &self.new.columns {
            let was = old.column(&new.name);
            let fill = self.source(&new.name).filter(|_| !emptied.contains(&new.name));
            let fill = fill.and_then(|source| self.fill(source, new, was));
            let retyped = was.is_some_and(|was| was.sql_type != new.sql_type);
            if was.is_none() {
                let column = added(new, fill.is_some());
                way.define(Change::AddColumn { table: self.table.clone(), column })?;
            }
            if !retyped {
                set.extend(fill.map(|fill| (new.name.clone(), fill)));
            }
        }
        if set.is_empty() {
            return Some(());
        }
        let key = old.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        way.copy(Change::Write(DataChange {
            table: self.table.clone(),
            key,
            write: Write::Update { set },
            condition: None,
            batch: Batch::default(),
        }))
    }

    /// Returns what a column is filled with, unless that is what it has by itself.
    fn fill(&self, source: &Source, new: &Column, was: Option<&Column>) -> Option<SqlExpression> {
        match source {
            Source::Column(from) => {
                let renamed = was.is_some_and(|was| was.name == new.name);
                let is_own = *from == new.name || renamed && self.is_renamed(from);
                (!is_own).then(|| SqlExpression::new(from.as_str()))
            }
            Source::Expression(text) => {
                let text = SqlExpression::new(text.as_str());
                let default = match &new.default {
                    Some(default) => same(default, &text),
                    None => text.as_str().eq_ignore_ascii_case("null"),
                };
                (was.is_some() || !default).then_some(text)
            }
        }
    }

    /// Returns whether the column has no other name than the new one.
    fn is_renamed(&self, from: &Name) -> bool {
        self.new.column(from).is_none()
            && self.copied.iter().filter(|(_, s)| *s == Source::Column(from.clone())).count() == 1
    }

    fn types(&self, way: &mut Way<'_>) -> Option<()> {
        for new in &self.new.columns {
            let was = way.now()?.column(&new.name)?.clone();
            if was.sql_type != new.sql_type || was.collation != new.collation {
                let using = self.source(&new.name).and_then(|s| self.fill(s, new, Some(&was)));
                let using = using.filter(|_| was.sql_type != new.sql_type);
                let (table, column) = (self.table.clone(), new.name.clone());
                let (sql_type, collation) = (new.sql_type.clone(), new.collation.clone());
                way.define(Change::SetType { table, column, sql_type, using, collation })?;
            }
        }
        Some(())
    }

    fn add_key(&self, way: &mut Way<'_>) -> Option<()> {
        let now = way.now()?;
        match &self.new.primary_key {
            Some(key) if now.primary_key.is_none() => {
                way.constrain(Constraint::Primary(key.clone()))
            }
            Some(_) | None => Some(()),
        }
    }

    fn alter_columns(&self, way: &mut Way<'_>) -> Option<()> {
        for new in &self.new.columns {
            let was = way.now()?.column(&new.name)?.clone();
            let table = || self.table.clone();
            let column = new.name.clone();
            if !same_option(was.default.as_ref(), new.default.as_ref()) {
                let (column, default) = (column.clone(), new.default.clone());
                way.define(Change::SetDefault { table: table(), column, default })?;
            }
            if !is_same_generated(was.generated.as_ref(), new.generated.as_ref()) {
                let (column, generated) = (column.clone(), new.generated.clone());
                way.define(Change::SetGenerated { table: table(), column, generated })?;
            }
            if was.nullable != new.nullable {
                let nullable = new.nullable;
                way.define(Change::SetNullable { table: table(), column, nullable })?;
            }
        }
        Some(())
    }

    fn add_constraints(&self, way: &mut Way<'_>) -> Option<()> {
        let now = way.now()?.clone();
        let has = |name: &Name| now.constraint_names().any(|there| there == name);
        for key in self.new.uniques.iter().filter(|key| !has(&key.name)) {
            way.constrain(Constraint::Unique(key.clone()))?;
        }
        for check in self.new.checks.iter().filter(|check| !has(&check.name)) {
            way.constrain(Constraint::Check(check.clone()))?;
        }
        for key in self.new.foreign_keys.iter().filter(|key| !has(&key.name)) {
            way.constrain(Constraint::ForeignKey(key.clone()))?;
        }
        Some(())
    }

    fn add_extras(&self, way: &mut Way<'_>) -> Option<()> {
        let now = way.now()?.clone();
        let table = || self.table.clone();
        for (name, index) in &self.new.indexes {
            if !now.indexes.contains_key(name) {
                let (name, index) = (name.clone(), index.clone());
                way.extra(&name.clone(), Change::CreateIndex { table: table(), name, index })?;
            }
        }
        for (name, trigger) in &self.new.triggers {
            if !now.triggers.contains_key(name) {
                let (name, trigger) = (name.clone(), trigger.clone());
                way.extra(&name.clone(), Change::CreateTrigger { table: table(), name, trigger })?;
            }
        }
        Some(())
    }

    /// What is said of the whole table, for which there is no change of its own.
    fn options(&self, way: &mut Way<'_>) -> Option<()> {
        let now = way.now()?;
        let options = options(self.new);
        if options == super::options::options(now) {
            return Some(());
        }
        way.define(Change::Other(Other {
            verb: Verb::Alter,
            kind: ObjectKind::StorageParameter,
            name: None,
            on: Some(self.table.clone()),
            text: options.join(", "),
            touches: Vec::new(),
            domain: None,
        }))
    }
}

/// Returns a column as it is added: what the rows are filled with, and what belongs to the primary key, comes later.
fn added(new: &Column, is_filled: bool) -> Column {
    let mut column = new.clone();
    let is_numbered = matches!(new.generated, Some(Generated::Identity(_)));
    if is_numbered {
        column.generated = None;
    }
    column.nullable = new.nullable || is_numbered || is_filled && new.default.is_none();
    column
}

const fn is_computed(column: &Column) -> bool {
    matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
}

fn is_same_generated(one: Option<&Generated>, other: Option<&Generated>) -> bool {
    match (one, other) {
        (Some(Generated::Stored(one)), Some(Generated::Stored(other)))
        | (Some(Generated::Virtual(one)), Some(Generated::Virtual(other))) => same(one, other),
        (
            Some(Generated::Identity(Identity::RowId)),
            Some(Generated::Identity(Identity::RowId)),
        ) => true,
        (one, other) => one == other,
    }
}

fn is_same_index(one: &Index, other: &Index) -> bool {
    let same_key = |one: &IndexKey, other: &IndexKey| match (one, other) {
        (IndexKey::Column(one), IndexKey::Column(other)) => one == other,
        (IndexKey::Expression(one), IndexKey::Expression(other)) => same(one, other),
        (IndexKey::Column(_), IndexKey::Expression(_))
        | (IndexKey::Expression(_), IndexKey::Column(_)) => false,
    };
    one.unique == other.unique
        && same_option(one.predicate.as_ref(), other.predicate.as_ref())
        && one.columns.len() == other.columns.len()
        && one.columns.iter().zip(&other.columns).all(|(one, other)| {
            same_key(&one.key, &other.key) && (one.order, &one.terms) == (other.order, &other.terms)
        })
}

/// The way from one table to the other: the catalog so far, and the changes that led there.
struct Way<'a> {
    catalog: Catalog,
    table: &'a ObjectName,
    places: &'a Places,
    changes: Vec<(Change, Range<usize>)>,
}

impl Way<'_> {
    fn now(&self) -> Option<&Table> {
        self.catalog.table(self.table)
    }

    /// Goes on by a change, unless the catalog refuses it.
    fn go(&mut self, change: Change, place: &Range<usize>) -> Option<()> {
        apply(&change, &mut self.catalog).ok()?;
        self.changes.push((change, place.clone()));
        Some(())
    }

    fn define(&mut self, change: Change) -> Option<()> {
        self.go(change, &self.places.create)
    }

    fn copy(&mut self, change: Change) -> Option<()> {
        self.go(change, &self.places.copy)
    }

    fn drop(&mut self, change: Change) -> Option<()> {
        self.go(change, &self.places.drop)
    }

    fn extra(&mut self, name: &Name, change: Change) -> Option<()> {
        let places = self.places;
        let place = places.extras.iter().find(|(of, _)| of == name).map(|(_, place)| place);
        self.go(change, place.unwrap_or(&places.create))
    }

    fn leave(&mut self, constraint: &Name) -> Option<()> {
        let (table, constraint) = (self.table.clone(), constraint.clone());
        self.define(Change::DropConstraint { table, constraint })
    }

    fn constrain(&mut self, constraint: Constraint) -> Option<()> {
        self.define(Change::AddConstraint { table: self.table.clone(), constraint })
    }
}
