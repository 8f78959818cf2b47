//! Functions and procedures: what their bodies touch.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::reading::{At, Reading, Thing};
use super::{depth, touches};
use crate::catalog::ObjectKind;
use crate::change::{Change, Touched, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE FUNCTION`.
pub(super) fn function(reading: &mut Reading<'_>, node: &ast::CreateFunction) -> Option<()> {
    let name = reading.new_name(&node.name()?)?;
    let is_safe = is_shallow(node.syntax());
    let body = node.body();
    let mut found = body.map(|body| touches::of(reading, body.syntax())).unwrap_or_default();
    if is_safe {
        let plpgsql = node.plpgsql().map(|body| (body.syntax(), body.text().to_owned()));
        let sql = node.sql_body().map(|body| (body.syntax(), body.text().to_owned()));
        found.extend(
            plpgsql.or(sql).map(|(body, text)| in_body(reading, &body, &text)).unwrap_or_default(),
        );
    }
    create(reading, node.syntax(), node.or_replace().is_some(), ObjectKind::Function, name, found);
    Some(())
}

/// `CREATE PROCEDURE`.
pub(super) fn procedure(reading: &mut Reading<'_>, node: &ast::CreateProcedure) -> Option<()> {
    let name = reading.new_name(&node.name()?)?;
    let is_safe = is_shallow(node.syntax());
    let body = node.body();
    let mut found = body.map(|body| touches::of(reading, body.syntax())).unwrap_or_default();
    if is_safe {
        let plpgsql = node.plpgsql().map(|body| (body.syntax(), body.text().to_owned()));
        let sql = node.sql_body().map(|body| (body.syntax(), body.text().to_owned()));
        found.extend(
            plpgsql.or(sql).map(|(body, text)| in_body(reading, &body, &text)).unwrap_or_default(),
        );
    }
    create(reading, node.syntax(), node.or_replace().is_some(), ObjectKind::Procedure, name, found);
    Some(())
}

fn create(
    reading: &mut Reading<'_>,
    node: &SyntaxNode,
    replaces: bool,
    kind: ObjectKind,
    name: crate::name::ObjectName,
    mut touches: Vec<Touched>,
) {
    reading.how.if_not_exists = replaces;
    touches.sort();
    touches.dedup();
    let verb = if replaces { Verb::Replace } else { Verb::Create };
    reading.other(node, Thing::new(verb, kind).named(name).touching(touches));
}

/// Returns what a body touches. It has a tree and a text of its own.
fn in_body(reading: &Reading<'_>, body: &SyntaxNode, text: &str) -> Vec<Touched> {
    let within = At::Within(0..0);
    let catalog = std::borrow::Cow::Borrowed(reading.catalog());
    let inner = Reading::new(text, within, reading.settings, catalog);
    let found = touches::of(&inner, body);
    if inner.lost.get() {
        reading.lost.set(true);
    }
    found
}

/// Returns whether none of the strings of a statement, of which one is a body, nests too deep to be read.
fn is_shallow(node: &SyntaxNode) -> bool {
    let literals = node.descendants().filter_map(ast::Literal::cast);
    literals.filter_map(|literal| literal.string_value()).all(|body| depth::is_shallow(&body))
}

/// `DROP FUNCTION`: with `CASCADE` the triggers that call it go too.
pub(super) fn drop(reading: &mut Reading<'_>, node: &impl AstNode, kind: ObjectKind) -> Option<()> {
    let cascades = node.syntax().children().any(|child| child.kind() == SyntaxKind::CASCADE);
    if cascades {
        let refs = node.syntax().descendants().filter(|node| {
            matches!(node.kind(), SyntaxKind::FUNCTION_NAME_REF | SyntaxKind::ROUTINE_NAME_REF)
        });
        let names: Vec<String> = refs.filter_map(|node| super::names::parts(&node).pop()).collect();
        let how = How { cascade: true, ..How::default() };
        for (table, name) in triggers_calling(reading, &names) {
            let change = Change::DropTrigger { table, name };
            reading.change_how(node.syntax(), change, how);
        }
    }
    super::other::drop(reading, node, kind)
}

fn triggers_calling(reading: &mut Reading<'_>, functions: &[String]) -> Vec<(ObjectName, Name)> {
    let mut found = Vec::new();
    for (table, of) in &reading.now().tables {
        for (name, trigger) in &of.triggers {
            let text = trigger.definition.as_deref().unwrap_or_default();
            let called = text.rsplit_once('(').map_or(text, |(before, _)| before).trim_end();
            let called = called.rsplit(|c: char| c.is_whitespace() || c == '.').next();
            let called = super::names::fold(called.unwrap_or_default());
            if functions.contains(&called) {
                found.push((table.clone(), name.clone()));
            }
        }
    }
    found
}
