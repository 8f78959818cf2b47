//! Whether a statement of a `DO` block runs: surely, unless its thing is there already, only if it is there, or who knows.

use std::collections::BTreeSet;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use crate::catalog::Catalog;
use crate::change::Change;
use crate::change::apply::{ApplyError, apply};
use crate::readers::{Meaning, Part};

/// When a statement runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Surely,
    /// Unless what it makes is there: one of these names, or whatever it is.
    Unless(Option<BTreeSet<String>>),
    /// If what it changes is there.
    IfThere(Option<BTreeSet<String>>),
    Maybe(&'static str),
}

impl Guard {
    pub(super) const fn maybe(why: &'static str) -> Self {
        Self::Maybe(why)
    }

    /// Returns the guard of what stands inside another.
    pub(super) fn and(self, inner: Self) -> Self {
        match (self, inner) {
            (Self::Surely, guard) | (guard, Self::Surely) => guard,
            (Self::Unless(one), Self::Unless(other)) => Self::Unless(one.or(other)),
            (Self::IfThere(one), Self::IfThere(other)) => Self::IfThere(one.or(other)),
            (Self::Maybe(why), _) | (_, Self::Maybe(why)) => Self::Maybe(why),
            (Self::Unless(_), Self::IfThere(_)) | (Self::IfThere(_), Self::Unless(_)) => {
                Self::Maybe("it runs only under a condition")
            }
        }
    }

    /// Returns the parts that are certain, or why none is.
    pub(super) fn take(&self, parts: Vec<Part>, mut catalog: Catalog) -> Result<Vec<Part>, String> {
        if parts.is_empty() {
            return Ok(parts);
        }
        let unsure = "it runs only under a condition".to_owned();
        let (names, when_new) = match self {
            Self::Surely => return Ok(parts),
            Self::Maybe(why) => return Err((*why).to_owned()),
            Self::Unless(names) => (names, true),
            Self::IfThere(names) => (names, false),
        };
        let mut certain = Vec::new();
        for mut part in parts {
            let Meaning::Change(change) = &part.meaning else { return Err(unsure) };
            if names.as_ref().is_some_and(|names| !is_named(change, names)) {
                return Err(unsure);
            }
            match (apply(change, &mut catalog), when_new) {
                // It is there already, or not there: nothing of the statement runs.
                (Err(ApplyError::Exists { .. }), true)
                | (Err(ApplyError::Missing { .. }), false) => {
                    return Ok(Vec::new());
                }
                _ => {}
            }
            part.how.if_not_exists |= when_new;
            part.how.if_exists |= !when_new;
            certain.push(part);
        }
        Ok(certain)
    }
}

/// Returns whether a condition that speaks of these names speaks of what a change makes or changes.
fn is_named(change: &Change, names: &BTreeSet<String>) -> bool {
    let has = |name: &str| names.contains(&name.to_lowercase());
    match change {
        Change::CreateTable { name, .. }
        | Change::DropTable { name }
        | Change::CreateEnum { name, .. }
        | Change::DropEnum { name }
        | Change::CreateView { name, .. }
        | Change::DropView { name }
        | Change::CreateSequence { name }
        | Change::DropSequence { name } => has(name.name.as_str()),
        Change::AddEnumValue { value, .. } => has(value),
        Change::RenameEnumValue { from, to, .. } => has(from) || has(to),
        Change::AddColumn { column, .. } => has(column.name.as_str()),
        Change::DropColumn { column, .. }
        | Change::SetDefault { column, .. }
        | Change::SetNullable { column, .. }
        | Change::SetType { column, .. }
        | Change::SetGenerated { column, .. } => has(column.as_str()),
        Change::AddConstraint { constraint, .. } => has(constraint.name().as_str()),
        Change::DropConstraint { constraint, .. }
        | Change::SetDeferral { constraint, .. }
        | Change::ValidateConstraint { constraint, .. } => has(constraint.as_str()),
        Change::CreateIndex { name, .. }
        | Change::DropIndex { name, .. }
        | Change::CreateTrigger { name, .. }
        | Change::DropTrigger { name, .. } => has(name.as_str()),
        Change::RenameTable { from, to }
        | Change::RenameEnum { from, to }
        | Change::RenameSequence { from, to } => has(from.name.as_str()) || has(to.name.as_str()),
        Change::RenameColumn { from, to, .. }
        | Change::RenameConstraint { from, to, .. }
        | Change::RenameIndex { from, to, .. } => has(from.as_str()) || has(to.as_str()),
        Change::Other(other) => other.name.as_ref().is_some_and(|name| has(name.name.as_str())),
        Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::Opaque(_)
        | Change::ReplaceView { .. }
        | Change::SetComment { .. }
        | Change::Truncate { .. } => false,
    }
}

/// Reads `EXCEPTION WHEN duplicate_object THEN NULL`: what is there already is left alone.
pub(super) fn of_exception(section: &ast::PlpgsqlExceptionSection) -> Guard {
    let mut all_duplicate = true;
    let mut all_undefined = true;
    for handler in section.handlers() {
        for condition in handler.conditions() {
            let text = condition.syntax().text().to_string().to_lowercase();
            // The conditions of one handler may be one node, joined by `or`.
            for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                if matches!(word, "" | "or" | "when") {
                    continue;
                }
                all_duplicate &= word.starts_with("duplicate_");
                all_undefined &= word.starts_with("undefined_");
            }
        }
        let does_nothing = handler.body().is_none_or(|body| {
            body.stmts().all(|stmt| {
                matches!(
                    stmt,
                    ast::PlpgsqlStmt::PlpgsqlNullStmt(_) | ast::PlpgsqlStmt::PlpgsqlRaiseStmt(_)
                )
            })
        });
        all_duplicate &= does_nothing;
        all_undefined &= does_nothing;
    }
    match (all_duplicate, all_undefined) {
        (true, false) => Guard::Unless(None),
        (false, true) => Guard::IfThere(None),
        _ => Guard::Maybe("what fails in it is taken back and passed over"),
    }
}

/// Reads the condition of an `IF` that asks the system catalogs whether something is there.
pub(super) fn of_condition(cond: &ast::PlpgsqlExpr) -> Guard {
    let text = super::shapes::without_comments(cond.syntax()).to_lowercase();
    let text = text.trim_start_matches('(').trim_start();
    let asks = ["pg_", "information_schema", "to_reg"].iter().any(|word| text.contains(word));
    let names = strings(cond.syntax());
    if !asks || names.is_empty() || text.contains(" or ") {
        return Guard::Maybe("it runs only under a condition");
    }
    let is_new = text.starts_with("not exists")
        || text.starts_with("not (exists")
        || (text.contains("to_reg") && text.ends_with("is null"));
    let is_there =
        text.starts_with("exists") || (text.contains("to_reg") && text.ends_with("is not null"));
    match (is_new, is_there) {
        (true, _) => Guard::Unless(Some(names)),
        (false, true) => Guard::IfThere(Some(names)),
        (false, false) => Guard::Maybe("it runs only under a condition"),
    }
}

/// Returns the strings of a condition, and the last part of those that are dotted.
fn strings(node: &SyntaxNode) -> BTreeSet<String> {
    let literals = node.descendants().filter_map(ast::Literal::cast);
    let texts = literals.filter_map(|literal| literal.string_value());
    let mut found = BTreeSet::new();
    for text in texts {
        let text = text.replace('"', "").to_lowercase();
        if let Some((_, last)) = text.rsplit_once('.') {
            found.insert(last.to_owned());
        }
        found.insert(text);
    }
    found
}

/// Returns the literal that an expression consists of.
pub(super) fn only_literal(node: &SyntaxNode) -> Option<ast::Literal> {
    let mut node = node.clone();
    loop {
        if let Some(literal) = ast::Literal::cast(node.clone()) {
            return Some(literal);
        }
        let mut children = node.children();
        match (children.next(), children.next()) {
            (Some(only), None) => node = only,
            _ => return None,
        }
    }
}
