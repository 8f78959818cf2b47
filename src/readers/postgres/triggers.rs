//! Triggers.

use squawk_syntax::ast::{self, AstNode};

use super::names;
use super::reading::{Reading, Thing};
use crate::catalog::{ObjectKind, Trigger};
use crate::change::words::{Token, placed};
use crate::change::{Change, Verb};
use crate::dialect::Dialect;
use crate::dialects::quote;
use crate::name::Name;
use crate::readers::How;

/// `CREATE TRIGGER`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateTrigger) -> Option<()> {
    let on = node.on_relation()?.relation_name_ref()?;
    if reading.is_temporary(&on) {
        return reading.temporary(node.syntax(), &on);
    }
    let table = reading.relation(&on)?;
    let name = names::of(&node.trigger()?)?;
    let replaces = node.or_replace().is_some();
    reading.how.if_not_exists = replaces;
    let there = reading.now().table(&table);
    if replaces && there.is_some_and(|table| table.triggers.contains_key(&name)) {
        let (table, name) = (table.clone(), name.clone());
        reading.change(node.syntax(), Change::DropTrigger { table, name });
    }
    // Once it is there, nothing tells that it replaced another.
    let text = reading.text(node.syntax());
    let words = node.or_replace().map(|of| reading.text(of.syntax()));
    let text = words.map_or_else(|| text.to_owned(), |words| text.replacen(words, "", 1));
    let trigger = Trigger { definition: Some(text) };
    reading.change(node.syntax(), Change::CreateTrigger { table, name, trigger });
    Some(())
}

/// `ALTER TRIGGER`.
pub(super) fn alter(reading: &mut Reading<'_>, node: &ast::AlterTrigger) -> Option<()> {
    let table = reading.relation(&node.on_relation()?.relation_name_ref()?)?;
    let name = names::of(&node.trigger_ref()?)?;
    match node.action()? {
        ast::AlterTriggerAction::TriggerRenameTo(to) => {
            let to = names::of(&to.trigger()?)?;
            let there = reading.now().table(&table).and_then(|table| table.triggers.get(&name));
            let definition = there.and_then(|of| renamed(of.definition.as_deref()?, &to));
            let trigger = Trigger { definition };
            if there.is_none() {
                reading.opaque(
                    node.syntax(),
                    format!("the trigger `{name}` of `{table}` is not known"),
                );
                return Some(());
            }
            let change = Change::DropTrigger { table: table.clone(), name };
            reading.change_how(node.syntax(), change, How { along: true, ..How::default() });
            reading.change(node.syntax(), Change::CreateTrigger { table, name: to, trigger });
        }
        ast::AlterTriggerAction::DependsOnExtension(_)
        | ast::AlterTriggerAction::NoDependsOnExtension(_) => {
            let thing = Thing::new(Verb::Alter, ObjectKind::StorageParameter);
            reading.other(node.syntax(), thing.on(table));
        }
    }
    Some(())
}

/// Returns the text of a trigger with another name.
fn renamed(text: &str, to: &Name) -> Option<String> {
    let tokens = placed(text);
    let is_trigger =
        |token: &Token<'_>| matches!(token, Token::Word(of) if of.eq_ignore_ascii_case("trigger"));
    let at = tokens.iter().position(|(_, token)| is_trigger(token))? + 1;
    let (place, Token::Word(_)) = tokens.get(at)? else { return None };
    let (before, rest) = (text.get(..place.start)?, text.get(place.end..)?);
    Some(format!("{before}{}{rest}", quote(Dialect::Postgres, to)))
}

/// `DROP TRIGGER`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropTrigger) -> Option<()> {
    reading.how.if_exists = node.if_exists().is_some();
    reading.how.cascade = super::cascades(node.drop_behavior());
    let on = node.on_relation()?.relation_name_ref()?;
    if reading.is_temporary(&on) {
        return reading.temporary(node.syntax(), &on);
    }
    let table = reading.relation(&on)?;
    let name = names::of(&node.trigger_ref()?)?;
    let catalog = reading.now();
    let is_view = catalog.views.contains_key(&table);
    let there = catalog.table(&table).is_some_and(|table| table.triggers.contains_key(&name));
    if reading.how.if_exists && !there && !is_view {
        return Some(());
    }
    reading.change(node.syntax(), Change::DropTrigger { table, name });
    Some(())
}
