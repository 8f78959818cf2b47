//! Tables that are created.

use squawk_syntax::ast::{self, AstNode};

use super::columns::{self, Draft, DraftColumn, Kind};
use super::copied::{self, Copied};
use super::reading::{Reading, Thing};
use super::shapes;
use crate::catalog::{
    Catalog, Check, Column, Exclusion, ForeignKey, Key, KeyTerms, ObjectKind, Partition,
    SqlExpression, Table,
};
use crate::change::inherited;
use crate::change::naming::Naming;
use crate::change::{Change, Constraint, Touched, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE TABLE`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateTable) -> Option<()> {
    let written = node.table_name()?;
    let if_not_exists = node.if_not_exists().is_some();
    reading.how = How { if_not_exists, ..How::default() };
    if is_temporary(node.persistence().as_ref()) {
        return reading.temporary(node.syntax(), &written);
    }
    let name = reading.new_name(&written)?;
    if if_not_exists && reading.has_relation(&name) {
        return Some(());
    }
    let mut partition_of = None;
    if let Some(of) = node.partition_of() {
        let on = reading.relation(&of.table_name_ref()?)?;
        if reading.now().table(&on).is_none() {
            let thing = Thing::new(Verb::Create, ObjectKind::Partition).named(name).on(on);
            reading.other(node.syntax(), thing);
            return Some(());
        }
        let bound = SqlExpression::new(bound(&node.partition_type()?));
        partition_of = Some(Partition { of: on, bound });
    }
    if node.of_type().is_some() {
        reading.opaque(node.syntax(), "the columns of a table `OF` a type are not known");
        return Some(());
    }
    let drafted = match Drafted::of(reading, node, &name, partition_of.as_ref()) {
        Ok(drafted) => drafted,
        Err(why) => {
            reading.opaque(node.syntax(), why);
            return Some(());
        }
    };
    let mut table = drafted.table(reading.catalog(), &name);
    table.partition_of = partition_of;
    table.partition_by = node.partition_by().map(|of| partition_by(&of));
    reading.change(node.syntax(), Change::CreateTable { name: name.clone(), table });
    for (index_name, index) in drafted.copied.indexes {
        let (table, name) = (name.clone(), index_name);
        reading.change(node.syntax(), Change::CreateIndex { table, name, index });
    }
    properties(reading, node, &name);
    Some(())
}

/// Returns which rows a partition takes.
fn bound(node: &ast::PartitionType) -> String {
    let text = shapes::without_comments(node.syntax());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.eq_ignore_ascii_case("default") { text.to_ascii_uppercase() } else { text }
}

/// Returns how a table is cut into partitions: `RANGE (at)`.
fn partition_by(node: &ast::PartitionBy) -> SqlExpression {
    let text = shapes::without_comments(node.syntax());
    let start = text.find('(').unwrap_or(text.len());
    let (head, keys) = text.split_at(start);
    let strategy = head.split_whitespace().next_back().unwrap_or_default().to_ascii_uppercase();
    SqlExpression::new(format!("{strategy} {keys}"))
}

/// What a table has beside its columns and constraints.
fn properties(reading: &mut Reading<'_>, node: &ast::CreateTable, name: &ObjectName) {
    let thing = |kind| Thing::new(Verb::Create, kind).on(name.clone());
    if let Some(of) = node.inherits() {
        let parents: Vec<ObjectName> =
            of.table_name_refs().filter_map(|parent| reading.relation(&parent)).collect();
        // What it names itself stays where a parent loses it.
        let list = node.table_arg_list();
        let own =
            list.iter().flat_map(ast::TableArgList::args).filter_map(|argument| match argument {
                ast::TableArg::Column(of) => Some(columns::of(reading, &of)?.column.name),
                ast::TableArg::LikeClause(_) | ast::TableArg::TableConstraint(_) => None,
            });
        let own: Vec<Touched> =
            own.map(|column| Touched { object: name.clone(), column: Some(column) }).collect();
        let parents = parents.into_iter().map(|object| Touched { object, column: None });
        let touches = parents.chain(own).collect();
        reading.other(of.syntax(), thing(ObjectKind::Inheritance).touching(touches));
    }
    if let Some(ast::Persistence::Unlogged(of)) = node.persistence() {
        reading.other(of.syntax(), thing(ObjectKind::Persistence));
    }
    if let Some(of) = node.using_method() {
        reading.other(of.syntax(), thing(ObjectKind::AccessMethod));
    }
    if let Some(of) = node.table_params() {
        reading.other(of.syntax(), thing(ObjectKind::StorageParameter));
    }
    if let Some(of) = node.tablespace_clause() {
        reading.other(of.syntax(), thing(ObjectKind::Tablespace));
    }
}

pub(super) fn is_temporary(persistence: Option<&ast::Persistence>) -> bool {
    matches!(persistence, Some(ast::Persistence::Temp(_)))
}

/// The parts of a table as they are written.
#[derive(Default)]
struct Drafted {
    columns: Vec<Column>,
    drafts: Vec<Draft>,
    copied: Copied,
}

impl Drafted {
    fn of(
        reading: &mut Reading<'_>,
        node: &ast::CreateTable,
        name: &ObjectName,
        partition_of: Option<&Partition>,
    ) -> Result<Self, String> {
        reading.catch_up();
        let mut drafted = Self::default();
        let whole = partition_of.and_then(|of| reading.catalog().table(&of.of));
        for column in whole.into_iter().flat_map(|whole| &whole.columns) {
            drafted.copied.inherited.insert(column.name.clone());
            drafted.columns.push(inherited::column(column));
        }
        let list = node.table_arg_list();
        if let Some(inherits) = node.inherits() {
            let own: Vec<Column> = list
                .iter()
                .flat_map(ast::TableArgList::args)
                .filter_map(|argument| match argument {
                    ast::TableArg::Column(of) => Some(columns::of(reading, &of)?.column),
                    ast::TableArg::LikeClause(_) | ast::TableArg::TableConstraint(_) => None,
                })
                .collect();
            for parent in inherits.table_name_refs() {
                let columns = (&mut drafted.columns, own.as_slice());
                copied::inherit(reading, &parent, columns, &mut drafted.copied)?;
            }
        }
        for argument in list.iter().flat_map(ast::TableArgList::args) {
            match argument {
                ast::TableArg::Column(column) => drafted.column(reading, &column)?,
                ast::TableArg::LikeClause(like) => {
                    copied::like(reading, &like, name, &mut drafted.columns, &mut drafted.copied)?;
                }
                ast::TableArg::TableConstraint(constraint) => {
                    let constraint = ast::Constraint::cast(constraint.syntax().clone());
                    let draft = constraint.and_then(|of| columns::draft(reading, &of, None));
                    drafted.drafts.extend(draft);
                }
            }
        }
        let unknown = drafted.drafts.iter().find_map(|draft| match &draft.kind {
            Kind::Unknown(why) => Some((*why).to_owned()),
            _ => None,
        });
        unknown.map_or(Ok(drafted), Err)
    }

    fn column(&mut self, reading: &Reading<'_>, node: &ast::Column) -> Result<(), String> {
        // The columns of a partition are named only to say more of them.
        if node.ty().is_none() {
            let name = node.name().as_ref().and_then(super::names::of);
            let there = self.columns.iter_mut().find(|there| Some(&there.name) == name.as_ref());
            let Some(there) = there else { return Err("a column has no type".to_owned()) };
            let drafted = columns::with_clauses(reading, node.syntax(), there.clone());
            *there = drafted.column;
            self.drafts.extend(drafted.constraints);
            return Ok(());
        }
        let Some(DraftColumn { column, constraints, .. }) = columns::of(reading, node) else {
            return Err("a column has no type".to_owned());
        };
        // A column that a parent has too is one with it; what is said here is added.
        match self.columns.iter_mut().find(|there| there.name == column.name) {
            Some(inherited) if self.copied.inherited.contains(&column.name) => {
                inherited.nullable &= column.nullable;
                if column.default.is_some() || column.generated.is_some() {
                    inherited.default = column.default;
                    inherited.generated = column.generated;
                }
            }
            Some(_) | None => self.columns.push(column),
        }
        self.drafts.extend(constraints);
        Ok(())
    }

    /// Puts the table together; the names are given in the order in which the server gives them.
    fn table(&self, catalog: &Catalog, name: &ObjectName) -> Table {
        let mut table = Table { columns: self.columns.clone(), ..Table::default() };
        table.checks.clone_from(&self.copied.checks);
        let mut naming = Naming::new(catalog, name);
        for check in &table.checks {
            naming.take(&check.name);
        }
        let mut finished = Vec::new();
        for rank in 0..4 {
            for draft in self.drafts.iter().filter(|draft| self.rank(draft) == Some(rank)) {
                finished.extend(columns::finish(draft, &mut naming, |target| {
                    primary_key(catalog, target, name, &finished_key(&finished))
                }));
            }
        }
        for draft in &self.drafts {
            if let Kind::NotNull(column) = &draft.kind
                && let Some(column) = table.column_mut(column)
            {
                column.nullable = false;
            }
        }
        for constraint in finished {
            match constraint {
                Constraint::Primary(key) => {
                    for column in &key.columns {
                        if let Some(column) = table.column_mut(column) {
                            column.nullable = false;
                        }
                    }
                    table.primary_key = Some(key);
                }
                Constraint::Unique(key) => table.uniques.push(key),
                // There are no rows yet that `NOT VALID` could pass over.
                Constraint::Check(check) => table.checks.push(Check { validated: true, ..check }),
                Constraint::ForeignKey(key) => {
                    table.foreign_keys.push(ForeignKey { validated: true, ..key });
                }
                Constraint::Exclude(exclusion) => table.exclusions.push(exclusion),
                Constraint::UsingIndex { .. } => {}
            }
        }
        if let Some(columns) = &self.copied.primary_key
            && table.primary_key.is_none()
        {
            let (columns, terms) = columns.clone();
            table.primary_key = Some(Key { name: naming.primary_key(), columns, terms });
        }
        for (columns, terms) in self.copied.uniques.clone() {
            let name = naming.key(&columns::labels(&columns, &terms));
            table.uniques.push(Key { name, columns, terms });
        }
        for (labels, exclusion) in self.copied.exclusions.clone() {
            let name = naming.exclusion(&labels);
            table.exclusions.push(Exclusion { name, ..exclusion });
        }
        table
    }

    /// The server adds checks with the table, then the indexes, the primary key's first, then foreign keys. Of two keys over the
    /// same columns it makes one.
    fn rank(&self, draft: &Draft) -> Option<u8> {
        let earlier = || self.drafts.iter().take_while(|other| other.node != draft.node);
        match &draft.kind {
            Kind::Check(_) => Some(0),
            Kind::Primary(..) => Some(1),
            Kind::Unique(columns, terms) => {
                let is_same =
                    |of: &Vec<Name>, other: &KeyTerms| of == columns && is_same_index(other, terms);
                let is_primary = |other: &Draft| matches!(&other.kind, Kind::Primary(of, terms) if is_same(of, terms));
                let is_unique = |other: &Draft| matches!(&other.kind, Kind::Unique(of, terms) if is_same(of, terms));
                let is_double = self.drafts.iter().any(is_primary) || earlier().any(is_unique);
                (!is_double).then_some(2)
            }
            Kind::Exclude(_) => Some(2),
            Kind::ForeignKey(_) => Some(3),
            Kind::UsingIndex { .. } | Kind::NotNull(_) | Kind::Unknown(_) => None,
        }
    }
}

/// Returns whether one index serves two keys over the same columns.
fn is_same_index(one: &KeyTerms, other: &KeyTerms) -> bool {
    (one.deferral, one.nulls_not_distinct, &one.include)
        == (other.deferral, other.nulls_not_distinct, &other.include)
}

fn finished_key(finished: &[Constraint]) -> Vec<Name> {
    let key = finished.iter().find_map(|constraint| match constraint {
        Constraint::Primary(key) => Some(key.columns.clone()),
        _ => None,
    });
    key.unwrap_or_default()
}

/// Returns the columns of a table's primary key: of the one that is being created, or of one that is there.
pub(super) fn primary_key(
    catalog: &Catalog,
    target: &ObjectName,
    own: &ObjectName,
    own_key: &[Name],
) -> Vec<Name> {
    if target == own && !own_key.is_empty() {
        return own_key.to_vec();
    }
    let key = catalog.table(target).and_then(|table| table.primary_key.as_ref());
    key.map(|key| key.columns.clone()).unwrap_or_default()
}

/// `DROP TABLE`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropTable) -> Option<()> {
    let how = super::alter::dropping(node.if_exists().is_some(), node.drop_behavior());
    reading.how = how;
    let many = node.table_name_refs().count() > 1;
    let mut tables = Vec::new();
    for written in node.table_name_refs() {
        if reading.is_temporary(&written) {
            reading.temporary(node.syntax(), &written)?;
            continue;
        }
        let name = reading.relation(&written)?;
        let place = if many { written.syntax() } else { node.syntax() }.clone();
        let catalog = reading.now();
        if catalog.tables.contains_key(&name) {
            tables.push((place, name));
        } else if let Some(on) = catalog.others.get(&(ObjectKind::Partition, name.clone())).cloned()
        {
            let thing = Thing::new(Verb::Drop, ObjectKind::Partition).named(name).on(on);
            reading.other(node.syntax(), thing);
        } else if !how.if_exists {
            tables.push((place, name));
        }
    }
    super::cascade::tables(reading, &tables, how);
    Some(())
}
