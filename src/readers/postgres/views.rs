//! Views and materialized views.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Space, Thing};
use super::{alter, cascade, names, rename, shapes, table, touches};
use crate::catalog::{Catalog, ObjectKind, SqlExpression, View};
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::dialects::quote;
use crate::expressions::{self, Expression, TableReference};
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
    let mut view = view(reading, &query, node.column_list().as_ref(), false);
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
    let view = view(reading, &node.query()?, node.column_list().as_ref(), true);
    reading.change(node.syntax(), Change::CreateView { name, view });
    Some(())
}

/// Reads a view: its columns are those that are listed, then those of the query.
///
/// The server keeps what `*` was when the view was made, and names the columns in the query itself; so does planner.
fn view(
    reading: &mut Reading<'_>,
    query: &ast::SelectVariant,
    list: Option<&ast::ColumnList>,
    materialized: bool,
) -> View {
    reading.catch_up();
    let written = reading.text(query.syntax());
    let listed = list.map(shapes::columns).unwrap_or_default();
    let read = expressions::query_node_postgres(query.syntax());
    let starless = read.as_ref().ok().and_then(|(of, _)| all_columns(reading, query, written, of));
    let text = starless.as_deref().unwrap_or(written);
    let renamed = aliased(reading, query, text, &listed);
    let text = renamed.as_deref().unwrap_or(text);
    // The parser has read it already where nothing was put in its place.
    let is_as_written = starless.is_none() && renamed.is_none();
    let read = if is_as_written { read } else { expressions::query(Dialect::Postgres, text) };
    let mut columns: Vec<Name> = match read {
        Ok((_, Some(columns))) => columns.into_iter().map(Name::new).collect(),
        Ok((_, None)) | Err(_) => Vec::new(),
    };
    let text = text.to_owned();
    if !columns.is_empty() || !listed.is_empty() {
        let rest = columns.split_off(listed.len().min(columns.len()));
        columns = listed.into_iter().chain(rest).collect();
    }
    View { query: SqlExpression::new(text), columns, materialized }
}

fn targets(query: &ast::SelectVariant) -> Option<Vec<ast::Target>> {
    let ast::SelectVariant::Select(select) = query else { return None };
    Some(select.select_clause()?.target_list()?.targets().collect())
}

/// Writes out the `*` of a query over one table or view, and each `of.*`, where their columns are known.
fn all_columns(
    reading: &Reading<'_>,
    query: &ast::SelectVariant,
    text: &str,
    found: &Expression,
) -> Option<String> {
    let targets = targets(query)?;
    let mut edits = Vec::new();
    for target in &targets {
        let written = shapes::without_comments(target.syntax());
        let Some(of) = written.strip_suffix('*') else { continue };
        let (table, before) = match (of.strip_suffix('.'), found.tables.as_slice()) {
            (None, [table]) if of.is_empty() && targets.len() == 1 => (&table.name, String::new()),
            (Some(of), tables) => (called(tables, of)?, format!("{of}.")),
            (None, _) if of.is_empty() => return None,
            // Such as the operator of `2 *` in something that is no column of its own.
            (None, _) => continue,
        };
        let parts = table.split('.').map(str::to_owned).collect();
        let name = reading.name_of_parts(Space::Relation, parts)?;
        let columns = columns_of(reading.catalog(), &name).filter(|of| !of.is_empty())?;
        let columns = columns.iter().map(|name| before.clone() + &quote(Dialect::Postgres, name));
        edits.push((target.syntax().clone(), columns.collect::<Vec<_>>().join(", ")));
    }
    let edits: Vec<(&SyntaxNode, String)> =
        edits.iter().map(|(node, text)| (node, text.clone())).collect();
    (!edits.is_empty()).then(|| edited(text, query, &edits))
}

/// Returns the table that a query calls so, if it is one.
fn called<'a>(tables: &'a [TableReference], written: &str) -> Option<&'a String> {
    let name = match written.strip_prefix('"') {
        Some(quoted) => quoted.trim_end_matches('"').to_owned(),
        None => written.to_ascii_lowercase(),
    };
    let is_called = |table: &&TableReference| match &table.alias {
        Some(alias) => *alias == name,
        None => table.name == name || table.name.rsplit('.').next() == Some(&name),
    };
    let mut called = tables.iter().filter(is_called).map(|table| &table.name);
    let first = called.next()?;
    called.all(|other| other == first).then_some(first)
}

/// Names the columns of a query as the list before it does.
fn aliased(
    reading: &Reading<'_>,
    query: &ast::SelectVariant,
    text: &str,
    listed: &[Name],
) -> Option<String> {
    let targets = targets(query)?;
    let is_as_written = text == reading.text(query.syntax());
    if listed.is_empty() || targets.len() < listed.len() || !is_as_written {
        return None;
    }
    let renamed: Option<Vec<(SyntaxNode, String)>> = targets
        .iter()
        .zip(listed)
        .map(|(target, name)| {
            let expr = target.expr()?;
            let name = quote(Dialect::Postgres, name);
            Some((target.syntax().clone(), format!("{} AS {name}", reading.text(expr.syntax()))))
        })
        .collect();
    let renamed = renamed?;
    let edits: Vec<(&SyntaxNode, String)> =
        renamed.iter().map(|(node, text)| (node, text.clone())).collect();
    Some(edited(text, query, &edits))
}

/// Puts other texts in the places of nodes, which stand in order.
fn edited(text: &str, query: &ast::SelectVariant, edits: &[(&SyntaxNode, String)]) -> String {
    let start = usize::from(query.syntax().text_range().start());
    let mut edited = text.to_owned();
    for (node, new) in edits.iter().rev() {
        let range = node.text_range();
        let place = usize::from(range.start()) - start..usize::from(range.end()) - start;
        if edited.get(place.clone()).is_some() {
            edited.replace_range(place, new);
        }
    }
    edited
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
