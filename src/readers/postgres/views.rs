//! Views and materialized views.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Space, Thing};
use super::{alter, cascade, names, rename, shapes, table, touches};
use crate::catalog::{Catalog, ObjectKind, SqlExpression, View};
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE VIEW`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateView) -> Option<()> {
    let written = node.view()?;
    if table::is_temporary(node.persistence().as_ref()) {
        return reading.temporary(node.syntax(), &written);
    }
    let name = reading.new_name(&written)?;
    let replaces = node.or_replace().is_some();
    reading.how.if_not_exists = replaces;
    let query = node.query()?;
    let mut view = view(reading, &query, node.column_list(), false);
    if node.recursive_token().is_some() {
        reading.opaque(node.syntax(), "a recursive view is not known to planner");
        return Some(());
    }
    if replaces && reading.now().views.contains_key(&name) {
        reading.change(node.syntax(), Change::ReplaceView { name, view });
    } else {
        view.columns.shrink_to_fit();
        reading.change(node.syntax(), Change::CreateView { name, view });
    }
    Some(())
}

/// `CREATE MATERIALIZED VIEW`.
pub(super) fn create_materialized(
    reading: &mut Reading<'_>,
    node: &ast::CreateMaterializedView,
) -> Option<()> {
    let name = reading.new_name(&node.view()?)?;
    reading.how.if_not_exists = node.if_not_exists().is_some();
    if reading.how.if_not_exists && reading.has_relation(&name) {
        return Some(());
    }
    let view = view(reading, &node.query()?, node.column_list(), true);
    reading.change(node.syntax(), Change::CreateView { name, view });
    Some(())
}

/// Reads a view: its columns are those that are listed, then those of the query.
fn view(
    reading: &mut Reading<'_>,
    query: &ast::SelectVariant,
    list: Option<ast::ColumnList>,
    materialized: bool,
) -> View {
    reading.catch_up();
    let text = reading.text(query.syntax());
    let read = expressions::query(Dialect::Postgres, text).ok();
    let mut columns: Vec<Name> = match read {
        Some((_, Some(columns))) => columns.into_iter().map(Name::new).collect(),
        Some((found, None)) => all_columns(reading, query, &found).unwrap_or_default(),
        None => Vec::new(),
    };
    let listed = list.as_ref().map(shapes::columns).unwrap_or_default();
    if !columns.is_empty() || !listed.is_empty() {
        let rest = columns.split_off(listed.len().min(columns.len()));
        columns = listed.into_iter().chain(rest).collect();
    }
    View { query: SqlExpression::new(text), columns, materialized }
}

/// Returns the columns of `*` over one table or view that is known.
fn all_columns(
    reading: &Reading<'_>,
    query: &ast::SelectVariant,
    found: &expressions::Expression,
) -> Option<Vec<Name>> {
    let ast::SelectVariant::Select(select) = query else { return None };
    let targets: Vec<String> = select
        .select_clause()?
        .target_list()?
        .targets()
        .map(|target| shapes::without_comments(target.syntax()))
        .collect();
    let [only] = found.tables.as_slice() else { return None };
    if targets != ["*"] {
        return None;
    }
    let parts = only.name.split('.').map(str::to_owned).collect();
    columns_of(reading.catalog(), &reading.name_of_parts(Space::Relation, parts)?)
}

/// Returns the columns of a table or view.
pub(super) fn columns_of(catalog: &Catalog, name: &ObjectName) -> Option<Vec<Name>> {
    if let Some(table) = catalog.table(name) {
        return Some(table.columns.iter().map(|column| column.name.clone()).collect());
    }
    catalog.views.get(name).map(|view| view.columns.clone())
}

/// `DROP VIEW` and `DROP MATERIALIZED VIEW`.
pub(super) fn drop(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    views: impl Iterator<Item = ast::ViewRef>,
    how: How,
) -> Option<()> {
    reading.how = how;
    let views: Vec<ast::ViewRef> = views.collect();
    for view in &views {
        if reading.is_temporary(view) {
            reading.temporary(node, view)?;
            continue;
        }
        let name = reading.relation(view)?;
        if how.if_exists && !reading.now().views.contains_key(&name) {
            continue;
        }
        let place = if views.len() > 1 { view.syntax() } else { node };
        cascade::view(reading, place, &name, how);
    }
    Some(())
}

/// `ALTER VIEW`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterView) -> Option<()> {
    reading.how.if_exists = node.if_exists().is_some();
    let name = reading.relation(&node.view_ref()?)?;
    if reading.how.if_exists && !reading.now().views.contains_key(&name) {
        return Some(());
    }
    let kind = match node.action()? {
        ast::AlterViewAction::ViewRenameTo(to) => {
            let to = name.sibling(Name::new(names::parts(to.view()?.syntax()).pop()?));
            reading.change(node.syntax(), Change::RenameTable { from: name, to });
            return Some(());
        }
        ast::AlterViewAction::SetSchema(to) => {
            let to = rename::moved(&name, &to)?;
            reading.change(node.syntax(), Change::RenameTable { from: name, to });
            return Some(());
        }
        ast::AlterViewAction::RenameColumn(of) => {
            let from = names::of(&of.column_name_ref()?)?;
            let to = names::of(&of.column_name()?)?;
            reading.change(node.syntax(), Change::RenameColumn { table: name, from, to });
            return Some(());
        }
        ast::AlterViewAction::AlterViewColumn(_) => {
            column_property(reading, &name, node.syntax());
            return Some(());
        }
        ast::AlterViewAction::OwnerTo(_) => ObjectKind::Owner,
        ast::AlterViewAction::ResetOptions(_) | ast::AlterViewAction::SetOptions(_) => {
            ObjectKind::StorageParameter
        }
    };
    reading.other(node.syntax(), Thing::new(Verb::Alter, kind).on(name));
    Some(())
}

/// A default of a view's column, which the catalog does not hold.
pub(super) fn column_property(reading: &mut Reading<'_>, view: &ObjectName, node: &SyntaxNode) {
    reading.opaque(
        node,
        format!("the defaults of the columns of the view `{view}` are not held in the catalog"),
    );
}

/// `ALTER MATERIALIZED VIEW`.
pub(super) fn alter_materialized(
    reading: &mut Reading<'_>,
    node: &ast::AlterMaterializedView,
) -> Option<()> {
    reading.how.if_exists = node.if_exists().is_some();
    let Some(view) = node.view_ref() else {
        reading.other(node.syntax(), Thing::new(Verb::Alter, ObjectKind::Tablespace));
        return Some(());
    };
    let name = reading.relation(&view)?;
    if reading.how.if_exists && !reading.now().views.contains_key(&name) {
        return Some(());
    }
    for action in node.action() {
        match action {
            ast::AlterMaterializedViewAction::ViewRenameTo(to) => {
                let to = name.sibling(Name::new(names::parts(to.view()?.syntax()).pop()?));
                let from = name.clone();
                reading.change(node.syntax(), Change::RenameTable { from, to });
            }
            ast::AlterMaterializedViewAction::RenameColumn(of) => {
                let from = names::of(&of.column_name_ref()?)?;
                let to = names::of(&of.column_name()?)?;
                let table = name.clone();
                reading.change(node.syntax(), Change::RenameColumn { table, from, to });
            }
            ast::AlterMaterializedViewAction::SetSchema(to) => {
                let to = rename::moved(&name, &to)?;
                let from = name.clone();
                reading.change(node.syntax(), Change::RenameTable { from, to });
            }
            ast::AlterMaterializedViewAction::AlterTableAction(action) => {
                alter::property(reading, &name, &action)
                    .or_else(|| rename::of_another(reading, &name, &action))?;
            }
            ast::AlterMaterializedViewAction::DependsOnExtension(_)
            | ast::AlterMaterializedViewAction::NoDependsOnExtension(_) => {
                let thing = Thing::new(Verb::Alter, ObjectKind::StorageParameter);
                reading.other(node.syntax(), thing.on(name.clone()));
            }
        }
    }
    Some(())
}

/// `REFRESH MATERIALIZED VIEW`.
pub(super) fn refresh(reading: &mut Reading<'_>, node: &ast::Refresh) -> Option<()> {
    reading.how.concurrently = node.concurrently_token().is_some();
    let name = reading.relation(&node.view_ref()?)?;
    let touches = touches::of(reading, node.syntax());
    let thing = Thing::new(Verb::Run, ObjectKind::MaterializedView).named(name.clone()).on(name);
    reading.other(node.syntax(), thing.touching(touches));
    Some(())
}
