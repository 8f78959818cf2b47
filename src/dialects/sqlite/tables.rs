//! Tables, columns and indexes as SQL.

use super::quote::{inside, list, object, quote};
use super::words::{Kind, is_literal, unqualified, words};
use super::{refuse, terms};
use crate::catalog::{
    Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey, Key, Order, Table,
};
use crate::dialects::Refusal;
use crate::name::{Name, ObjectName};

/// Returns the statement that creates a table as `name`, whose constraints know it as `known_as`.
pub(super) fn create_table(
    name: &Name,
    table: &Table,
    known_as: &ObjectName,
) -> Result<String, Refusal> {
    let numbered = self_numbering(table)?;
    refuse_computed(table, known_as)?;
    let mut parts = Vec::new();
    for column in &table.columns {
        let is_numbered = numbered.is_some_and(|numbered| numbered.name == column.name);
        let key = table.primary_key.as_ref().filter(|_| is_numbered);
        let mut keys = table.primary_key.iter();
        let is_undeclared = keys.any(|key| key.terms.undeclared.contains(&column.name));
        let nullable = column.nullable || is_undeclared;
        let written = Column { nullable, ..column.clone() };
        parts.push(column_definition(&written, known_as, key));
    }
    if let (Some(key), None) = (&table.primary_key, numbered) {
        parts.push(primary_key(key, known_as));
    }
    parts.extend(
        table
            .uniques
            .iter()
            .map(|key| format!("CONSTRAINT {} UNIQUE {}", quote(&key.name), key_columns(key))),
    );
    parts.extend(table.checks.iter().map(|check| check_constraint(check, known_as)));
    parts.extend(table.foreign_keys.iter().map(foreign_key));
    let options: Vec<&str> = [("STRICT", table.strict), ("WITHOUT ROWID", table.without_rowid)]
        .into_iter()
        .filter_map(|(option, on)| on.then_some(option))
        .collect();
    let options =
        if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    Ok(format!("CREATE TABLE {} (\n    {}\n){options}", quote(name), parts.join(",\n    ")))
}

/// Refuses a table without a column that can be written, and a primary key of one that cannot.
fn refuse_computed(table: &Table, name: &ObjectName) -> Result<(), Refusal> {
    let is_computed =
        |c: &Column| matches!(c.generated, Some(Generated::Stored(_) | Generated::Virtual(_)));
    if table.columns.iter().all(is_computed) {
        return Err(refuse(
            format!("table `{name}` would have no column that can be written"),
            "keep one, or drop the table",
        ));
    }
    let mut key = table.primary_key.iter().flat_map(|key| &key.columns);
    match key.find(|column| table.column(column).is_some_and(is_computed)) {
        Some(column) => Err(refuse(
            format!("the computed column `{name}.{column}` cannot be in a primary key on SQLite"),
            "add a unique index",
        )),
        None => Ok(()),
    }
}

/// Returns the column that is the row id under another name: the only one that numbers itself.
pub(super) fn row_id_column(table: &Table) -> Option<&Column> {
    let by_key = table.primary_key.as_ref().and_then(|key| match key.columns.as_slice() {
        [only] => table.column(only),
        _ => None,
    });
    let by_identity =
        || table.columns.iter().find(|c| matches!(c.generated, Some(Generated::Identity(_))));
    by_key
        .or_else(by_identity)
        .filter(|column| column.sql_type.0.eq_ignore_ascii_case("INTEGER") && !table.without_rowid)
}

/// Returns the row id column, or refuses a self-numbering column that cannot be one.
pub(super) fn self_numbering(table: &Table) -> Result<Option<&Column>, Refusal> {
    let row_id = row_id_column(table);
    let numbers = |c: &&Column| matches!(c.generated, Some(Generated::Identity(_)));
    let is_row_id = |c: &&Column| row_id.is_some_and(|row_id| row_id.name == c.name);
    match table.columns.iter().find(|column| numbers(column) && !is_row_id(column)) {
        Some(column) => Err(refuse(
            format!("column `{}` cannot number itself on SQLite", column.name),
            "make it the table's only primary key column, of type `integer`",
        )),
        None => Ok(row_id),
    }
}

/// Returns whether the table's numbers are never used twice.
pub(super) fn is_autoincrement(table: &Table) -> bool {
    row_id_column(table).is_some_and(|column| {
        matches!(column.generated, Some(Generated::Identity(Identity::AutoIncrement)))
    })
}

/// Returns a column as it stands in a table's definition; `row_id` is what stands before `PRIMARY KEY`, if it is the row id.
pub(super) fn column_definition(
    column: &Column,
    table: &ObjectName,
    row_id: Option<&Key>,
) -> String {
    let row_id = row_id.map(|key| {
        let conflict = terms::after(&terms::on_conflict(key.terms.on_conflict));
        format!("{}PRIMARY KEY{conflict}", key_name(key, table))
    });
    let mut text = quote(&column.name);
    let mut add = |part: &str| {
        if !part.is_empty() {
            text.push(' ');
            text.push_str(part);
        }
    };
    add(&column.sql_type.0);
    if !column.nullable {
        add("NOT NULL");
        add(&terms::on_conflict(column.on_null));
    }
    if let Some(key) = row_id {
        add(&key);
        if matches!(column.generated, Some(Generated::Identity(Identity::AutoIncrement))) {
            add("AUTOINCREMENT");
        }
    }
    if let Some(default) = &column.default {
        add("DEFAULT");
        add(&default_text(default.as_str()));
    }
    if let Some(collation) = &column.collation {
        add("COLLATE");
        add(&quote(collation));
    }
    match &column.generated {
        Some(Generated::Identity(_)) | None => {}
        Some(Generated::Stored(expression)) => {
            add(&format!("GENERATED ALWAYS AS ({}) STORED", own(&inside(expression), table)));
        }
        Some(Generated::Virtual(expression)) => {
            add(&format!("GENERATED ALWAYS AS ({}) VIRTUAL", own(&inside(expression), table)));
        }
    }
    text
}

/// Returns an expression over one table's row without the table's name, which a rebuild changes.
fn own(expression: &str, table: &ObjectName) -> String {
    unqualified(expression, table.name.as_str())
}

/// Returns a default as it may stand after `DEFAULT`: only literals and single words go without parentheses.
fn default_text(default: &str) -> String {
    let single = match words(default).as_slice() {
        [word] => matches!(word.kind, Kind::Bare | Kind::Quoted),
        _ => false,
    };
    if single || is_literal(default) {
        default.trim().to_owned()
    } else {
        format!("({})", inside(&crate::catalog::SqlExpression::new(default)))
    }
}

/// Writes a primary key.
fn primary_key(key: &Key, table: &ObjectName) -> String {
    format!("{}PRIMARY KEY {}", key_name(key, table), key_columns(key))
}

/// Writes the columns of a key, and what is done with a row that is there already.
fn key_columns(key: &Key) -> String {
    let column = |name: &Name| match key.terms.collations.get(name) {
        Some(collation) => format!("{} COLLATE {}", quote(name), quote(collation)),
        None => quote(name),
    };
    let columns: Vec<String> = key.columns.iter().map(column).collect();
    let conflict = terms::after(&terms::on_conflict(key.terms.on_conflict));
    format!("({}){conflict}", columns.join(", "))
}

/// Writes the name of a primary key only where it is not the conventional one, which says nothing.
fn key_name(key: &Key, table: &ObjectName) -> String {
    if key.name.as_str() == format!("{}_pkey", table.name) {
        String::new()
    } else {
        format!("CONSTRAINT {} ", quote(&key.name))
    }
}

fn check_constraint(check: &Check, table: &ObjectName) -> String {
    format!("CONSTRAINT {} CHECK ({})", quote(&check.name), own(&inside(&check.expression), table))
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}",
        quote(&key.name),
        list(&key.columns),
        object(&key.references)
    );
    if !key.referenced_columns.is_empty() {
        text = format!("{text} ({})", list(&key.referenced_columns));
    }
    for (event, action) in [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)] {
        if action != crate::catalog::ReferentialAction::NoAction {
            text = format!("{text} {event} {}", action.words().to_ascii_uppercase());
        }
    }
    text.push_str(&terms::after(&terms::deferral(key.terms.deferral)));
    text
}

/// Returns whether the engine itself can add the column to a table that may have rows.
pub(super) fn can_be_added(column: &Column) -> bool {
    let literal = column.default.as_ref().is_none_or(|default| is_literal(default.as_str()));
    let filled = column
        .default
        .as_ref()
        .is_some_and(|default| !default.as_str().trim().eq_ignore_ascii_case("null"));
    match &column.generated {
        None => literal && (column.nullable || filled),
        Some(Generated::Virtual(_)) => column.nullable,
        Some(Generated::Stored(_) | Generated::Identity(_)) => false,
    }
}

/// Refuses an index with parts that the engine does not have.
pub(super) fn refuse_index(index: &Index) -> Result<(), Refusal> {
    if let Some(method) = index.method.as_ref().filter(|method| method.as_str() != "btree") {
        return Err(refuse(format!("SQLite has no index method `{method}`"), "leave out `method`"));
    }
    if !index.include.is_empty() {
        return Err(refuse(
            "SQLite has no `include` columns in indexes",
            "add them to the end of `columns`, or leave them out",
        ));
    }
    index.columns.iter().try_for_each(refuse_index_part)
}

fn refuse_index_part(part: &IndexColumn) -> Result<(), Refusal> {
    if part.nulls.is_some() {
        return Err(refuse(
            "SQLite cannot choose where an index puts NULLs",
            "leave out `nulls`; they come first in ascending order",
        ));
    }
    match &part.opclass {
        Some(class) => {
            Err(refuse(format!("SQLite has no operator class `{class}`"), "leave out `opclass`"))
        }
        None => Ok(()),
    }
}

/// Returns the statement that creates an index.
pub(super) fn create_index(
    table: &ObjectName,
    name: &Name,
    index: &Index,
) -> Result<String, Refusal> {
    refuse_index(index)?;
    let parts: Vec<String> = index.columns.iter().map(index_part).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate = index
        .predicate
        .as_ref()
        .map_or_else(String::new, |predicate| format!(" WHERE {}", predicate.as_str().trim()));
    Ok(format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate}",
        quote(name),
        object(table),
        parts.join(", ")
    ))
}

fn index_part(part: &IndexColumn) -> String {
    let mut text = match &part.key {
        IndexKey::Column(column) => quote(column),
        IndexKey::Expression(expression) => inside(expression),
    };
    if let Some(collation) = &part.terms.collation {
        text.push_str(" COLLATE ");
        text.push_str(&quote(collation));
    }
    match part.order {
        Order::Ascending => {}
        Order::Descending => text.push_str(" DESC"),
    }
    text
}

/// Returns the statements that create a table's indexes.
pub(super) fn create_indexes(name: &ObjectName, table: &Table) -> Result<Vec<String>, Refusal> {
    table.indexes.iter().map(|(index, definition)| create_index(name, index, definition)).collect()
}
