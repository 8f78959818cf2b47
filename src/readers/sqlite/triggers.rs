//! Triggers.

use sqlite3_parser::ast;
use sqlite3_parser::dialect::TokenType;

use super::reading::{self, Reading};
use crate::catalog::{Catalog, Trigger};
use crate::change::Change;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// `CREATE TRIGGER`.
pub(super) fn create(
    reading: &mut Reading<'_>,
    temporary: bool,
    if_not_exists: bool,
    name: &ast::QualifiedName<'_>,
    table: &ast::QualifiedName<'_>,
) {
    reading.how.if_not_exists = if_not_exists;
    if temporary || reading.is_temporary(name) || reading.is_temporary(table) {
        return reading.temporary(&name.name);
    }
    let table = reading.relation(table);
    let name = reading::written(name).name;
    if if_not_exists && find(reading.catalog, name.as_str()).is_some() {
        return;
    }
    let trigger = Trigger { definition: Some(definition(reading)) };
    reading.change(Change::CreateTrigger { table, name, trigger });
}

/// Returns the statement as the engine keeps it: without `IF NOT EXISTS` and without a schema.
pub(super) fn definition(reading: &Reading<'_>) -> String {
    let mut cursor = reading.cursor();
    cursor.behind(TokenType::TK_TRIGGER);
    if cursor.peek().is_some_and(|token| token.kind == TokenType::TK_IF)
        && cursor.peek_after(1).is_some_and(|token| token.kind == TokenType::TK_NOT)
    {
        cursor.skip(3);
    }
    if cursor.peek_after(1).is_some_and(|token| token.kind == TokenType::TK_DOT) {
        cursor.skip(2);
    }
    format!("CREATE TRIGGER {}", cursor.rest())
}

/// Returns the table that has the trigger, and the trigger's name as the catalog writes it.
pub(super) fn find<'c>(catalog: &'c Catalog, written: &str) -> Option<(&'c ObjectName, &'c Name)> {
    catalog.with_triggers().find_map(|name| {
        let (name, table) = catalog.tables.get_key_value(name)?;
        let mut triggers = table.triggers.keys();
        let found = triggers.find(|trigger| trigger.as_str().eq_ignore_ascii_case(written));
        Some((name, found?))
    })
}

/// `DROP TRIGGER`.
pub(super) fn drop(reading: &mut Reading<'_>, if_exists: bool, name: &ast::QualifiedName<'_>) {
    reading.how.if_exists = if_exists;
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let written = unquote(name.name.0);
    match find(reading.catalog, &written) {
        Some((table, trigger)) => {
            let (table, name) = (table.clone(), trigger.clone());
            reading.change(Change::DropTrigger { table, name });
        }
        None if if_exists && reading.catalog.views.is_empty() => {}
        None => {
            reading.opaque(format!("the table or view of the trigger `{written}` is not known"));
        }
    }
}
