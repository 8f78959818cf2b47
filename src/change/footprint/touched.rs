//! Walks a change and notes each object that it touches.

use crate::catalog::{
    Catalog, Column, Exclusion, ForeignKey, Generated, Index, IndexKey, SqlExpression, SqlType,
    Sync, Table,
};
use crate::name::{Name, ObjectName};

use super::Access;
use crate::change::effect::Object;
use crate::change::words::{Words, objects};
use crate::change::{Change, Constraint};

/// Collects what one change touches.
pub(super) struct Touched<'a> {
    pub(super) before: &'a Catalog,
    found: Vec<(Object, Access)>,
}

impl<'a> Touched<'a> {
    /// Returns what the change touches, given the catalog just before it.
    pub(super) fn by(change: &Change, before: &'a Catalog) -> Vec<(Object, Access)> {
        let mut touched = Self { before, found: Vec::new() };
        touched.change(change);
        touched.partitions();
        touched.found
    }

    /// What is done to a table reaches its partitions.
    fn partitions(&mut self) {
        let mut at = 0;
        while let Some((object, access)) = self.found.get(at).cloned() {
            at += 1;
            let (table, column) = match object {
                Object::Table(table) => (table, None),
                Object::Column(table, column) => (table, Some(column)),
                _ => continue,
            };
            for part in self.before.partitions_of(&table) {
                let object = match &column {
                    None => Object::Table(part),
                    Some(column) => Object::Column(part, column.clone()),
                };
                self.found.push((object, access));
            }
        }
    }

    pub(super) fn add(&mut self, object: Object, access: Access) {
        self.found.push((object, access));
    }

    pub(super) fn table(&mut self, table: &ObjectName, access: Access) {
        self.add(Object::Table(table.clone()), access);
    }

    pub(super) fn column(&mut self, table: &ObjectName, column: &Name, access: Access) {
        self.add(Object::Column(table.clone(), column.clone()), access);
    }

    pub(super) fn columns<'n>(
        &mut self,
        table: &ObjectName,
        columns: impl IntoIterator<Item = &'n Name>,
        access: Access,
    ) {
        for column in columns {
            self.column(table, column, access);
        }
    }

    pub(super) fn all_columns(&mut self, table: &ObjectName, access: Access) {
        let before = self.before;
        let columns = before.table(table).into_iter().flat_map(|table| &table.columns);
        self.columns(table, columns.map(|column| &column.name), access);
    }

    /// The columns of one table that the words may name.
    fn mentioned(&mut self, words: &Words, table: &ObjectName, access: Access) {
        let before = self.before;
        let columns = before.table(table).into_iter().flat_map(|table| &table.columns);
        let named = columns
            .map(|column| &column.name)
            .filter(|name| words.may_take_all() || words.has(name.as_str()));
        self.columns(table, named, access);
    }

    /// What a text uses: columns of the table it stands at, and other tables and views that it may read.
    pub(super) fn text(&mut self, text: &str, own: Option<&ObjectName>, access: Access) {
        let words = Words::of(text);
        if let Some(own) = own {
            self.mentioned(&words, own, access);
        }
        // An expression reads another table only in a subquery, which stands in parentheses.
        if own.is_some() && !text.contains('(') {
            return;
        }
        for name in objects(text).iter().filter(|name| Some(*name) != own) {
            if self.before.views.contains_key(name) {
                self.add(Object::View(name.clone()), Access::Uses);
            }
            if self.before.tables.contains_key(name) {
                self.table(name, Access::Uses);
                self.mentioned(&words, name, access);
            }
        }
    }

    pub(super) fn expression(
        &mut self,
        expression: &SqlExpression,
        own: &ObjectName,
        access: Access,
    ) {
        self.text(expression.as_str(), Some(own), access);
    }

    /// The enum that a type is, perhaps as the element of an array.
    fn sql_type(&mut self, sql_type: &SqlType) {
        if self.before.enums.is_empty() {
            return;
        }
        let name = ObjectName::parse(sql_type.0.trim_end_matches("[]").trim_matches('"'));
        if self.before.enums.contains_key(&name) {
            self.add(Object::Enum(name), Access::Uses);
        }
    }

    fn foreign_key(&mut self, table: &ObjectName, key: &ForeignKey) {
        if key.references != *table {
            self.table(&key.references, Access::Uses);
        }
        self.columns(&key.references, &key.referenced_columns, Access::ReadsData);
        // What makes the referenced columns unique must stay.
        let before = self.before;
        let Some(referenced) = before.table(&key.references) else { return };
        for unique in referenced.primary_key.iter().chain(&referenced.uniques) {
            if unique.columns == key.referenced_columns {
                let object = Object::Constraint(key.references.clone(), unique.name.clone());
                self.add(object, Access::Uses);
            }
        }
        for (name, index) in referenced.indexes.iter().filter(|(_, index)| index.unique) {
            let columns = index.columns.iter().map(|part| part.key.column());
            if columns.eq(key.referenced_columns.iter().map(Some)) {
                let object = Object::Index(key.references.clone(), name.clone());
                self.add(object, Access::Uses);
            }
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable { name, table } => self.create_table(name, table),
            Change::DropTable { name } => self.drop_table(name),
            Change::AddColumn { table, column } => self.add_column(table, column),
            Change::DropColumn { table, column, refill: _ } => self.drop_column(table, column),
            Change::SetDefault { table, column, default } => {
                self.table(table, Access::Uses);
                self.column(table, column, Access::Alters);
                if let Some(default) = default {
                    self.default(default);
                }
            }
            Change::SetNullable { table, column, nullable: _ }
            | Change::SetComment { table, column: Some(column), comment: _ } => {
                self.table(table, Access::Uses);
                self.column(table, column, Access::Alters);
            }
            Change::SetComment { table, column: None, comment: _ } => {
                self.table(table, Access::Alters);
            }
            Change::AddConstraint { table, constraint } => self.add_constraint(table, constraint),
            Change::DropConstraint { table, constraint }
            | Change::SetDeferral { table, constraint, deferral: _ }
            | Change::ValidateConstraint { table, constraint } => {
                self.table(table, Access::Uses);
                self.add(Object::Constraint(table.clone(), constraint.clone()), Access::Defines);
                self.constrained(table, constraint);
            }
            Change::CreateIndex { table, name, index } => {
                self.table(table, Access::Uses);
                self.add(Object::Index(table.clone(), name.clone()), Access::Defines);
                self.indexed(table, index);
            }
            Change::DropIndex { table, name } => {
                self.table(table, Access::Uses);
                self.add(Object::Index(table.clone(), name.clone()), Access::Defines);
                let before = self.before;
                if let Some(index) = before.table(table).and_then(|table| table.indexes.get(name)) {
                    self.indexed(table, index);
                }
            }
            Change::CreateEnum { name, values: _ }
            | Change::DropEnum { name }
            | Change::RenameEnumValue { name, from: _, to: _ } => {
                self.add(Object::Enum(name.clone()), Access::Defines);
            }
            Change::AddEnumValue { name, value: _, place: _ } => {
                self.add(Object::Enum(name.clone()), Access::Alters);
            }
            Change::CreateView { name, view } | Change::ReplaceView { name, view } => {
                self.add(Object::View(name.clone()), Access::Defines);
                self.text(view.query.as_str(), None, Access::Uses);
            }
            Change::DropView { name } => self.add(Object::View(name.clone()), Access::Defines),
            Change::CreateSync(sync) | Change::DropSync(sync) => self.sync(sync),
            Change::Deprecate { table, column } => {
                self.table(table, Access::Uses);
                self.columns(table, column, Access::Uses);
            }
            Change::Write(data) => self.write(data),
            Change::Opaque(opaque) => self.said(&opaque.touches),
            Change::RenameTable { from, to } => self.rename_table(from, to),
            Change::RenameColumn { table, from, to } => self.rename_column(table, from, to),
            Change::RenameConstraint { table, from, to } => self.parts_of(
                table,
                [from, to].map(|name| Object::Constraint(table.clone(), name.clone())),
            ),
            Change::RenameIndex { table, from, to } => self
                .parts_of(table, [from, to].map(|name| Object::Index(table.clone(), name.clone()))),
            Change::RenameEnum { from, to } => {
                self.add(Object::Enum(from.clone()), Access::Defines);
                self.add(Object::Enum(to.clone()), Access::Defines);
            }
            Change::SetType { table, column, sql_type, using, collation: _ } => {
                self.table(table, Access::Uses);
                self.column(table, column, Access::Defines);
                self.sql_type(sql_type);
                if let Some(using) = using {
                    self.expression(using, table, Access::ReadsData);
                }
            }
            Change::SetGenerated { table, column, generated } => {
                self.set_generated(table, column, generated.as_ref());
            }
            Change::CreateSequence { name } | Change::DropSequence { name } => {
                self.add(Object::Sequence(name.clone()), Access::Defines);
            }
            Change::RenameSequence { from, to } => {
                self.add(Object::Sequence(from.clone()), Access::Defines);
                self.add(Object::Sequence(to.clone()), Access::Defines);
            }
            Change::CreateTrigger { table, name, trigger: _ }
            | Change::DropTrigger { table, name } => self.trigger(table, name),
            Change::Truncate { tables } => tables.iter().for_each(|table| self.rows(table)),
            Change::Other(other) => self.other(other),
        }
    }

    fn add_column(&mut self, table: &ObjectName, column: &Column) {
        self.table(table, Access::Uses);
        self.column(table, &column.name, Access::Defines);
        self.sql_type(&column.sql_type);
        if let Some(default) = &column.default {
            self.default(default);
        }
        if let Some(Generated::Stored(made) | Generated::Virtual(made)) = &column.generated {
            self.expression(made, table, Access::ReadsData);
        }
    }

    fn add_constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        self.table(table, Access::Uses);
        let object = Object::Constraint(table.clone(), constraint.name().clone());
        self.add(object, Access::Defines);
        match constraint {
            Constraint::Unique(key) => self.columns(table, &key.columns, Access::ReadsData),
            Constraint::Exclude(of) => self.excluded(table, of),
            Constraint::Primary(key) => {
                self.columns(table, &key.columns, Access::ReadsData);
                self.columns(table, &key.columns, Access::Alters);
            }
            Constraint::UsingIndex { name: _, index, primary, deferral: _ } => {
                self.add(Object::Index(table.clone(), index.clone()), Access::Defines);
                let before = self.before;
                let of = before.table(table).and_then(|table| table.indexes.get(index));
                if let Some(of) = of {
                    self.indexed(table, of);
                    let columns = of.columns.iter().filter_map(|part| part.key.column());
                    self.columns(table, columns.filter(|_| *primary), Access::Alters);
                }
            }
            Constraint::Check(check) => {
                self.expression(&check.expression, table, Access::ReadsData);
            }
            Constraint::ForeignKey(key) => {
                self.columns(table, &key.columns, Access::ReadsData);
                self.foreign_key(table, key);
            }
        }
    }

    fn create_table(&mut self, name: &ObjectName, table: &Table) {
        self.table(name, Access::Defines);
        for column in &table.columns {
            self.column(name, &column.name, Access::Defines);
            self.sql_type(&column.sql_type);
            if let Some(default) = &column.default {
                self.default(default);
            }
        }
        for key in &table.foreign_keys {
            self.foreign_key(name, key);
        }
    }

    pub(super) fn drop_table(&mut self, name: &ObjectName) {
        self.table(name, Access::Defines);
        self.all_columns(name, Access::Defines);
        let before = self.before;
        let Some(table) = before.table(name) else { return };
        for index in table.indexes.keys() {
            self.add(Object::Index(name.clone(), index.clone()), Access::Defines);
        }
        for constraint in table.constraint_names() {
            self.add(Object::Constraint(name.clone(), constraint.clone()), Access::Defines);
        }
        for key in table.foreign_keys.iter().filter(|key| key.references != *name) {
            self.table(&key.references, Access::Uses);
        }
    }

    fn drop_column(&mut self, table: &ObjectName, column: &Name) {
        self.table(table, Access::Uses);
        self.column(table, column, Access::Defines);
        let before = self.before;
        let Some(of) = before.table(table) else { return };
        // Indexes and constraints on the column go with it.
        for (name, index) in &of.indexes {
            if index.columns.iter().any(|part| part.key.column() == Some(column)) {
                self.add(Object::Index(table.clone(), name.clone()), Access::Defines);
            }
        }
        let keys = of.primary_key.iter().chain(&of.uniques).map(|key| (&key.name, &key.columns));
        for (name, columns) in
            keys.chain(of.foreign_keys.iter().map(|key| (&key.name, &key.columns)))
        {
            if columns.contains(column) {
                self.add(Object::Constraint(table.clone(), name.clone()), Access::Defines);
            }
        }
    }

    /// The columns that a constraint speaks of: a write of them may pass only before it comes or after it went.
    fn constrained(&mut self, table: &ObjectName, constraint: &Name) {
        let before = self.before;
        let Some(of) = before.table(table) else { return };
        for key in of.primary_key.iter().chain(&of.uniques).filter(|key| key.name == *constraint) {
            self.columns(table, &key.columns, Access::ReadsData);
        }
        for key in of.foreign_keys.iter().filter(|key| key.name == *constraint) {
            self.columns(table, &key.columns, Access::ReadsData);
            self.columns(&key.references, &key.referenced_columns, Access::ReadsData);
        }
        for check in of.checks.iter().filter(|check| check.name == *constraint) {
            self.expression(&check.expression, table, Access::ReadsData);
        }
        for exclusion in of.exclusions.iter().filter(|of| of.name == *constraint) {
            self.excluded(table, exclusion);
        }
    }

    fn excluded(&mut self, table: &ObjectName, exclusion: &Exclusion) {
        self.indexed(table, &Index { unique: true, ..exclusion.index.clone() });
    }

    fn indexed(&mut self, table: &ObjectName, index: &Index) {
        let access = if index.unique { Access::ReadsData } else { Access::Uses };
        for part in &index.columns {
            match &part.key {
                IndexKey::Column(column) => self.column(table, column, access),
                IndexKey::Expression(expression) => self.expression(expression, table, access),
            }
        }
        self.columns(table, &index.include, Access::Uses);
        if let Some(predicate) = &index.predicate {
            self.expression(predicate, table, access);
        }
    }

    fn sync(&mut self, sync: &Sync) {
        self.add(Object::Sync(sync.name().clone()), Access::Defines);
        self.table(sync.table(), Access::Uses);
        match sync {
            Sync::Columns { name: _, table, forward, backward } => {
                for (column, value) in forward.iter().chain(backward) {
                    self.column(table, column, Access::WritesData);
                    self.expression(value, table, Access::ReadsData);
                }
            }
            Sync::Tables(tables) => {
                self.rows(&tables.to);
                for (_, value) in &tables.columns {
                    self.expression(value, &tables.from, Access::ReadsData);
                }
            }
        }
    }
}
