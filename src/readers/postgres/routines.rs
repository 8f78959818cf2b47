//! Functions and procedures: what their bodies touch.

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::reading::{At, Reading, Thing};
use super::{bodies, touches};
use crate::catalog::ObjectKind;
use crate::change::{Change, Touched, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE FUNCTION`.
pub(super) fn function(reading: &mut Reading<'_>, node: &ast::CreateFunction) -> Option<()> {
    let name = reading.new_name(&node.name()?)?;
    let found = touched(reading, node.body(), node.option_list().as_ref());
    create(reading, node.syntax(), node.or_replace().is_some(), ObjectKind::Function, name, found);
    Some(())
}

/// `CREATE PROCEDURE`.
pub(super) fn procedure(reading: &mut Reading<'_>, node: &ast::CreateProcedure) -> Option<()> {
    let name = reading.new_name(&node.name()?)?;
    let found = touched(reading, node.body(), node.option_list().as_ref());
    create(reading, node.syntax(), node.or_replace().is_some(), ObjectKind::Procedure, name, found);
    Some(())
}

/// Returns what the body of a routine touches; where it cannot be read, every table that a word of it names.
fn touched(
    reading: &Reading<'_>,
    body: Option<ast::RoutineBody>,
    options: Option<&ast::FuncOptionList>,
) -> Vec<Touched> {
    let mut found = body.map(|body| touches::of(reading, body.syntax())).unwrap_or_default();
    let (language, literal) = options.map(bodies::of_options).unwrap_or_default();
    let Some(text) = literal.and_then(|literal| literal.string_value()) else { return found };
    match language.as_deref() {
        Some("plpgsql") => match bodies::plpgsql(&text) {
            Some(block) if block.problem.is_none() => {
                found.extend(in_body(reading, block.tree.syntax(), &text));
            }
            Some(_) | None => found.extend(touches::named(reading, &text)),
        },
        Some("sql") => {
            let parse = SourceFile::parse(&text);
            if parse.errors().is_empty() {
                found.extend(in_body(reading, &parse.syntax_node(), &text));
            } else {
                found.extend(touches::named(reading, &text));
            }
        }
        Some(_) | None => found.extend(touches::named(reading, &text)),
    }
    found
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
