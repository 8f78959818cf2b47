//! `ALTER TABLE`.

use sqlite3_parser::ast::{
    self, AlterTableBody, ColumnDefinition, NamedTableConstraint, TableConstraint,
};
use sqlite3_parser::dialect::TokenType;

use super::columns::{self, Written, WrittenCheck};
use super::naming::conventional;
use super::reading::{self, Reading, Thing};
use super::table::{complete, foreign_key, named_check};
use super::terms;
use crate::catalog::{Key, ObjectKind, SqlExpression, Table};
use crate::change::{Change, Constraint, Verb};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// `ALTER TABLE`.
pub(super) fn read(
    reading: &mut Reading<'_>,
    name: &ast::QualifiedName<'_>,
    body: &AlterTableBody<'_>,
) {
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let table = reading.relation(name);
    if reading.catalog.others.contains_key(&(ObjectKind::Virtual, table.clone())) {
        return alter_virtual(reading, table, body);
    }
    let own = reading.catalog.table(&table);
    let column = |written: &ast::Name<'_>| reading::column(own, &unquote(written.0));
    let change = match body {
        AlterTableBody::RenameTo(to) => {
            let to = table.sibling(Name::new(unquote(to.0)));
            Change::RenameTable { from: table, to }
        }
        AlterTableBody::RenameColumn { old, new } => {
            Change::RenameColumn { from: column(old), to: Name::new(unquote(new.0)), table }
        }
        AlterTableBody::DropColumn(dropped) => {
            Change::DropColumn { column: column(dropped), table, refill: None }
        }
        AlterTableBody::DropColumnNotNull(of) => {
            Change::SetNullable { column: column(of), table, nullable: true }
        }
        AlterTableBody::SetColumnNotNull(of, _) => {
            Change::SetNullable { column: column(of), table, nullable: false }
        }
        AlterTableBody::DropConstraint(dropped) => {
            let written = unquote(dropped.0);
            let mut names = own.into_iter().flat_map(Table::constraint_names);
            let found = names.find(|name| name.as_str().eq_ignore_ascii_case(&written)).cloned();
            let constraint = found.unwrap_or_else(|| Name::new(written));
            Change::DropConstraint { table, constraint }
        }
        AlterTableBody::AddColumn(definition) => return add_column(reading, &table, definition),
        AlterTableBody::AddConstraint(constraint) => {
            return add_constraint(reading, table, constraint);
        }
    };
    reading.change(change);
}

/// A virtual table can only be renamed: one name goes, another comes.
fn alter_virtual(reading: &mut Reading<'_>, table: ObjectName, body: &AlterTableBody<'_>) {
    let new = match body {
        AlterTableBody::RenameTo(to) => Some(table.sibling(Name::new(unquote(to.0)))),
        AlterTableBody::RenameColumn { .. }
        | AlterTableBody::DropColumn(_)
        | AlterTableBody::DropColumnNotNull(_)
        | AlterTableBody::SetColumnNotNull(_, _)
        | AlterTableBody::DropConstraint(_)
        | AlterTableBody::AddColumn(_)
        | AlterTableBody::AddConstraint(_) => None,
    };
    reading.other(Thing::new(Verb::Rename, ObjectKind::Virtual).named(table));
    if new.is_some() {
        reading.other(Thing::new(Verb::Create, ObjectKind::Virtual).named(new));
    }
}

/// `ADD COLUMN`: the column, then what of its constraints belongs to the table.
fn add_column(reading: &mut Reading<'_>, name: &ObjectName, definition: &ColumnDefinition<'_>) {
    let mut cursor = reading.cursor();
    // `ALTER TABLE a.b ADD …`: the word may also be a name.
    cursor.skip(3);
    if cursor.peek().is_some_and(|token| token.kind == TokenType::TK_DOT) {
        cursor.skip(2);
    }
    cursor.behind(TokenType::TK_ADD);
    if cursor.peek().is_some_and(|token| token.kind == TokenType::TK_COLUMNKW) {
        cursor.skip(1);
    }
    let mut written = Written::default();
    let column = columns::read(definition, &mut cursor, &mut written);
    let mut table = reading.catalog.table(name).cloned().unwrap_or_default();
    table.columns.push(column.clone());
    reading.change(Change::AddColumn { table: name.clone(), column });
    let of = name.name.as_str();
    let mut constraints = Vec::new();
    if let Some(key) = written.primary_key {
        let given = key.name.unwrap_or_else(|| Name::new(format!("{of}_pkey")));
        let (columns, terms) = (key.columns, key.terms);
        constraints.push(Constraint::Primary(Key { name: given, columns, terms }));
    }
    for columns::Unique { name: given, columns, terms } in written.uniques {
        let name = given.unwrap_or_else(|| conventional(of, &table, &columns, "key"));
        let key = Key { name, columns, terms };
        table.uniques.push(key.clone());
        constraints.push(Constraint::Unique(key));
    }
    for (given, mut key) in written.foreign_keys {
        complete(reading, name, &table, &mut key);
        key.name = given.unwrap_or_else(|| conventional(of, &table, &key.columns, "fkey"));
        table.foreign_keys.push(key.clone());
        constraints.push(Constraint::ForeignKey(key));
    }
    for check in written.checks {
        let check = named_check(check, of, &table);
        table.checks.push(check.clone());
        constraints.push(Constraint::Check(check));
    }
    for constraint in constraints {
        reading.change(Change::AddConstraint { table: name.clone(), constraint });
    }
}

/// `ADD CONSTRAINT`, of which the engine takes checks only.
fn add_constraint(
    reading: &mut Reading<'_>,
    name: ObjectName,
    constraint: &NamedTableConstraint<'_>,
) {
    let table = reading.catalog.table(&name).cloned().unwrap_or_default();
    let given = constraint.name.as_ref().map(|name| Name::new(unquote(name.0)));
    let of = name.name.as_str();
    let own = |written: &str| reading::column(Some(&table), written);
    let sorted = |columns: &[ast::SortedColumn<'_>]| -> Vec<Name> {
        columns.iter().filter_map(|c| columns::named(&c.expr)).map(|name| own(&name)).collect()
    };
    let constraint = match &constraint.constraint {
        TableConstraint::Check(_, _) => {
            let mut cursor = reading.cursor();
            cursor.behind(TokenType::TK_CHECK);
            let expression = SqlExpression::new(cursor.in_brackets().unwrap_or_default());
            let check = WrittenCheck { name: given, column: None, expression };
            Constraint::Check(named_check(check, of, &table))
        }
        TableConstraint::PrimaryKey { columns, conflict_clause, .. } => {
            let terms = terms::key(&table, columns, conflict_clause.as_ref());
            let name = given.unwrap_or_else(|| Name::new(format!("{of}_pkey")));
            Constraint::Primary(Key { name, columns: sorted(columns), terms })
        }
        TableConstraint::Unique { columns, conflict_clause } => {
            let terms = terms::key(&table, columns, conflict_clause.as_ref());
            let columns = sorted(columns);
            let name = given.unwrap_or_else(|| conventional(of, &table, &columns, "key"));
            Constraint::Unique(Key { name, columns, terms })
        }
        TableConstraint::ForeignKey { columns, clause, defer_clause } => {
            let columns = columns.iter().map(|column| own(&unquote(column.col_name.0)));
            let mut key = foreign_key(columns.collect(), clause, defer_clause.as_ref());
            complete(reading, &name, &table, &mut key);
            key.name = given.unwrap_or_else(|| conventional(of, &table, &key.columns, "fkey"));
            Constraint::ForeignKey(key)
        }
    };
    reading.change(Change::AddConstraint { table: name, constraint });
}
