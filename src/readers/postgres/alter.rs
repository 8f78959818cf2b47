//! `ALTER TABLE`: every action a part, in the order in which the server does them.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::columns::{self, Draft, Kind};
use super::reading::{Reading, Thing};
use super::table::primary_key;
use super::{alter_column, cascade, names, rename, terms};
use crate::catalog::{Column, ObjectKind};
use crate::change::naming::Naming;
use crate::change::{Change, Constraint, Touched, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// An action, taken apart where the server does its parts at different times.
enum Item {
    Column(SyntaxNode, Column),
    Constraint(Draft),
    Action(ast::AlterTableAction),
}

/// `ALTER TABLE`.
pub(super) fn table(reading: &mut Reading<'_>, node: &ast::AlterTable) -> Option<()> {
    if let Some(all) = node.all_in_tablespace() {
        reading.other(all.syntax(), Thing::new(Verb::Alter, ObjectKind::Tablespace));
        return Some(());
    }
    let relation = node.table_relation_name()?.table_name_ref()?;
    let if_exists = node.if_exists().is_some();
    if node.table_relation_name()?.only_token().is_some() {
        let name = reading.relation(&relation)?;
        reading.how.only = !reading.now().partitions_of(&name).is_empty();
    }
    of_relation(reading, node.syntax(), &relation, if_exists, node.actions())
}

/// The actions of `ALTER TABLE`, which views, indexes and sequences take in part too.
pub(super) fn of_relation(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    relation: &impl AstNode,
    if_exists: bool,
    actions: impl Iterator<Item = ast::AlterTableAction>,
) -> Option<()> {
    reading.how.if_exists = if_exists;
    if reading.is_temporary(relation) {
        return reading.temporary(node, relation);
    }
    let name = reading.relation(relation)?;
    if if_exists && !reading.has_relation(&name) && !is_partition(reading, &name) {
        return Some(());
    }
    let actions: Vec<ast::AlterTableAction> = actions.collect();
    let first = actions.first()?.syntax().text_range().start();
    let start = node.text_range().start();
    let head = reading.text.get(usize::from(start)..usize::from(first)).unwrap_or_default();
    reading.head = Some(head.trim().to_owned());
    if !reading.now().tables.contains_key(&name) {
        for action in &actions {
            rename::of_another(reading, &name, action)?;
        }
        reading.head = None;
        return Some(());
    }
    let mut items = Vec::new();
    for action in actions {
        take_apart(reading, &name, action, &mut items)?;
    }
    // The sort is stable: actions of one pass stay in the order written.
    items.sort_by_key(pass);
    for item in items {
        self::item(reading, &name, item)?;
    }
    reading.head = None;
    Some(())
}

/// An action on a table that the catalog does not have: whoever applies it says so.
pub(super) fn of_unknown(
    reading: &mut Reading<'_>,
    name: &ObjectName,
    action: ast::AlterTableAction,
) -> Option<()> {
    let mut items = Vec::new();
    take_apart(reading, name, action, &mut items)?;
    items.into_iter().try_for_each(|item| self::item(reading, name, item))
}

fn is_partition(reading: &mut Reading<'_>, name: &ObjectName) -> bool {
    reading.now().others.contains_key(&(ObjectKind::Partition, name.clone()))
}

fn take_apart(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    action: ast::AlterTableAction,
    items: &mut Vec<Item>,
) -> Option<()> {
    match &action {
        ast::AlterTableAction::AddColumn(add) => {
            let name = names::of(&add.column_name()?)?;
            let is_there = reading.now().column(table, &name).is_some();
            if add.if_not_exists().is_some() && is_there {
                return Some(());
            }
            let drafted = columns::column(reading, add.syntax(), name, add.ty().as_ref())?;
            items.push(Item::Column(add.syntax().clone(), drafted.column));
            items.extend(drafted.constraints.into_iter().map(Item::Constraint));
        }
        ast::AlterTableAction::AddConstraint(add) => {
            let draft = columns::draft(reading, &add.constraint()?, None)?;
            items.push(Item::Constraint(Draft { node: add.syntax().clone(), ..draft }));
        }
        _ => items.push(Item::Action(action)),
    }
    Some(())
}

/// The pass of the server that an action belongs to.
fn pass(item: &Item) -> u8 {
    use ast::AlterTableAction as Action;
    match item {
        Item::Column(..) => 2,
        Item::Constraint(draft) => match draft.kind {
            Kind::Check(_) => 3,
            Kind::NotNull(_) => 4,
            Kind::Primary(..) | Kind::Unique(..) | Kind::Exclude(_) | Kind::UsingIndex { .. } => 5,
            Kind::ForeignKey(_) | Kind::Unknown(_) => 6,
        },
        Item::Action(Action::DropColumn(_) | Action::DropConstraint(_)) => 0,
        Item::Action(Action::AlterColumn(alter)) => match alter.option() {
            Some(
                ast::AlterColumnOption::DropDefault(_)
                | ast::AlterColumnOption::DropIdentity(_)
                | ast::AlterColumnOption::DropExpression(_)
                | ast::AlterColumnOption::DropNotNull(_),
            ) => 0,
            Some(ast::AlterColumnOption::SetType(_)) => 1,
            Some(ast::AlterColumnOption::SetNotNull(_)) => 4,
            Some(
                ast::AlterColumnOption::SetDefault(_) | ast::AlterColumnOption::AddGenerated(_),
            ) => 6,
            _ => 7,
        },
        Item::Action(_) => 7,
    }
}

fn item(reading: &mut Reading<'_>, table: &ObjectName, item: Item) -> Option<()> {
    match item {
        Item::Column(node, column) => {
            reading.change(&node, Change::AddColumn { table: table.clone(), column });
        }
        Item::Constraint(draft) => constraint(reading, table, &draft),
        Item::Action(action) => self::action(reading, table, &action)?,
    }
    Some(())
}

fn constraint(reading: &mut Reading<'_>, table: &ObjectName, draft: &Draft) {
    match &draft.kind {
        Kind::NotNull(column) => {
            let (table, column) = (table.clone(), column.clone());
            reading.change(&draft.node, Change::SetNullable { table, column, nullable: false });
        }
        Kind::Unknown(why) => reading.opaque(&draft.node, *why),
        Kind::Primary(..)
        | Kind::Unique(..)
        | Kind::Check(_)
        | Kind::ForeignKey(_)
        | Kind::Exclude(_)
        | Kind::UsingIndex { .. } => {
            let catalog = reading.now();
            let mut naming = Naming::new(catalog, table);
            let made = columns::finish(draft, &mut naming, |target| {
                primary_key(catalog, target, table, &[])
            });
            if let Some(mut constraint) = made {
                if reading.how.only && !reading.now().partitions_of(table).is_empty() {
                    on_whole_only(&mut constraint);
                }
                let table = table.clone();
                reading.change(&draft.node, Change::AddConstraint { table, constraint });
            }
        }
    }
}

/// `ALTER TABLE ONLY`: the partitions get theirs later.
fn on_whole_only(constraint: &mut Constraint) {
    match constraint {
        Constraint::Primary(key) | Constraint::Unique(key) => key.terms.incomplete = true,
        Constraint::Check(_)
        | Constraint::ForeignKey(_)
        | Constraint::Exclude(_)
        | Constraint::UsingIndex { .. } => {}
    }
}

fn action(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    action: &ast::AlterTableAction,
) -> Option<()> {
    use ast::AlterTableAction as Action;
    match action {
        Action::AddColumn(_) | Action::AddConstraint(_) => {}
        Action::DropColumn(drop) => {
            let column = names::of(&drop.column_name_ref()?)?;
            if drop.if_exists().is_some() && reading.now().column(table, &column).is_none() {
                return Some(());
            }
            let how = dropping(drop.if_exists().is_some(), drop.drop_behavior());
            cascade::column(reading, drop.syntax(), table, column, how);
        }
        Action::DropConstraint(drop) => {
            let name = Name::new(names::parts(drop.constraint_name_ref()?.syntax()).pop()?);
            let how = dropping(drop.if_exists().is_some(), drop.drop_behavior());
            drop_constraint(reading, drop.syntax(), table, name, how);
        }
        Action::AlterColumn(alter) => alter_column::alter(reading, table, alter)?,
        Action::ValidateConstraint(validate) => {
            let name = names::parts(validate.constraint_name_ref()?.syntax()).pop()?;
            let (table, constraint) = (table.clone(), Name::new(name));
            reading.change(validate.syntax(), Change::ValidateConstraint { table, constraint });
        }
        Action::RenameColumn(rename) => {
            let from = names::of(&rename.column_name_ref()?)?;
            let to = names::of(&rename.column_name()?)?;
            let table = table.clone();
            reading.change(rename.syntax(), Change::RenameColumn { table, from, to });
        }
        Action::RenameConstraint(of) => rename::constraint(reading, table, of)?,
        Action::TableRenameTo(of) => {
            let to = table.sibling(Name::new(names::parts(of.table_name()?.syntax()).pop()?));
            let from = table.clone();
            reading.change(of.syntax(), Change::RenameTable { from, to });
        }
        Action::SetSchema(of) => {
            let to = rename::moved(table, of)?;
            let from = table.clone();
            reading.change(of.syntax(), Change::RenameTable { from, to });
        }
        _ => property(reading, table, action)?,
    }
    Some(())
}

pub(super) fn dropping(if_exists: bool, behavior: Option<ast::DropBehavior>) -> How {
    How { if_exists, cascade: super::cascades(behavior), ..How::default() }
}

fn drop_constraint(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    table: &ObjectName,
    constraint: Name,
    how: How,
) {
    let catalog = reading.now();
    let is_there = catalog
        .table(table)
        .is_some_and(|table| table.constraint_names().any(|name| *name == constraint));
    if is_there || !how.if_exists {
        cascade::constraint(reading, node, table, constraint, how);
    }
}

/// What the catalog does not hold as structure.
pub(super) fn property(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    action: &ast::AlterTableAction,
) -> Option<()> {
    use ast::AlterTableAction as Action;
    let named = |reading: &Reading<'_>, name: Option<ast::TableNameRef>| {
        name.and_then(|name| reading.relation(&name))
    };
    let (verb, kind) = match action {
        Action::AttachPartition(of) => {
            let thing = Thing::new(Verb::Create, ObjectKind::Partition);
            let thing = thing.named(named(reading, of.table_name_ref())).on(table.clone());
            reading.other(action.syntax(), thing);
            return Some(());
        }
        Action::DetachPartition(of) => {
            let option = of.detach_partition_option();
            if let Some(ast::DetachPartitionOption::DetachConcurrently(_)) = option {
                reading.alone = Some("DETACH PARTITION CONCURRENTLY");
                reading.how.concurrently = true;
            }
            let thing = Thing::new(Verb::Drop, ObjectKind::Partition);
            let thing = thing.named(named(reading, of.table_name_ref())).on(table.clone());
            reading.other(action.syntax(), thing);
            return Some(());
        }
        Action::EnableTrigger(_)
        | Action::EnableReplicaTrigger(_)
        | Action::EnableAlwaysTrigger(_)
        | Action::DisableTrigger(_) => {
            reading.opaque(
                action.syntax(),
                format!("whether triggers of `{table}` fire is not held in the catalog"),
            );
            return Some(());
        }
        Action::AlterConstraint(of) => {
            alter_constraint(reading, table, of)?;
            return Some(());
        }
        Action::MergePartitions(_) | Action::SplitPartition(_) => {
            (Verb::Alter, ObjectKind::Partition)
        }
        Action::ReplicaIdentity(_) => (Verb::Alter, ObjectKind::ReplicaIdentity),
        Action::OfType(_) | Action::InheritTable(_) => (Verb::Create, ObjectKind::Inheritance),
        Action::NotOf(_) | Action::NoInheritTable(_) => (Verb::Drop, ObjectKind::Inheritance),
        Action::EnableRls(_) | Action::ForceRls(_) => (Verb::Create, ObjectKind::RowSecurity),
        Action::DisableRls(_) | Action::NoForceRls(_) => (Verb::Drop, ObjectKind::RowSecurity),
        Action::EnableRule(_)
        | Action::EnableReplicaRule(_)
        | Action::EnableAlwaysRule(_)
        | Action::DisableRule(_) => (Verb::Alter, ObjectKind::Rule),
        Action::OwnerTo(_) => (Verb::Alter, ObjectKind::Owner),
        Action::SetTablespace(_) => (Verb::Alter, ObjectKind::Tablespace),
        Action::SetAccessMethod(_) => (Verb::Alter, ObjectKind::AccessMethod),
        Action::SetLogged(_) | Action::SetUnlogged(_) => (Verb::Alter, ObjectKind::Persistence),
        Action::ClusterOn(_)
        | Action::SetWithoutCluster(_)
        | Action::SetWithoutOids(_)
        | Action::SetOptions(_)
        | Action::OptionItemList(_) => (Verb::Alter, ObjectKind::StorageParameter),
        Action::ResetOptions(_) => (Verb::Drop, ObjectKind::StorageParameter),
        Action::AlterOptionList(_) => (Verb::Alter, ObjectKind::Foreign),
        Action::AddColumn(_)
        | Action::AddConstraint(_)
        | Action::DropColumn(_)
        | Action::DropConstraint(_)
        | Action::AlterColumn(_)
        | Action::ValidateConstraint(_)
        | Action::RenameColumn(_)
        | Action::RenameConstraint(_)
        | Action::TableRenameTo(_)
        | Action::SetSchema(_) => return None,
    };
    let parent = match action {
        Action::InheritTable(of) => of.table_name_ref(),
        Action::NoInheritTable(of) => of.table_name_ref(),
        _ => None,
    };
    let parent = parent.and_then(|parent| reading.relation(&parent));
    let touches = parent.into_iter().map(|object| Touched { object, column: None }).collect();
    reading.other(action.syntax(), Thing::new(verb, kind).on(table.clone()).touching(touches));
    Some(())
}

/// `ALTER CONSTRAINT`, which is about when a foreign key is checked; where it says nothing of it, it is at once.
fn alter_constraint(
    reading: &mut Reading<'_>,
    table: &ObjectName,
    node: &ast::AlterConstraint,
) -> Option<()> {
    let constraint = Name::new(names::parts(node.constraint_name_ref()?.syntax()).pop()?);
    let says_more = node.constraint_options().any(|option| match option {
        ast::ConstraintOption::Enforced(_)
        | ast::ConstraintOption::Inherit(_)
        | ast::ConstraintOption::NoInherit(_)
        | ast::ConstraintOption::NotEnforced(_)
        | ast::ConstraintOption::NotValid(_) => true,
        ast::ConstraintOption::DeferrableConstraintOption(_)
        | ast::ConstraintOption::InitiallyDeferredConstraintOption(_)
        | ast::ConstraintOption::InitiallyImmediateConstraintOption(_)
        | ast::ConstraintOption::NotDeferrableConstraintOption(_) => false,
    });
    if says_more {
        reading
            .opaque(node.syntax(), "whether a constraint is enforced is not held in the catalog");
        return Some(());
    }
    let deferral = terms::deferral(node.constraint_options()).unwrap_or_default();
    let table = table.clone();
    reading.change(node.syntax(), Change::SetDeferral { table, constraint, deferral });
    Some(())
}
