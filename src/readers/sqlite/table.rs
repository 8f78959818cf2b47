//! `CREATE TABLE`, and the tables, columns and constraints that it is made of.

use sqlite3_parser::ast::{
    self, CreateTableBody, ForeignKeyClause, NamedTableConstraint, RefArg, TabFlags,
    TableConstraint,
};
use sqlite3_parser::dialect::TokenType;

use super::columns::{self, Written};
use super::naming::conventional;
use super::reading::{self, Reading, Thing};
use super::tokens::Cursor;
use super::{from_query, terms};
use crate::catalog::{
    Check, ForeignKey, Generated, Identity, Key, KeyTerms, ObjectKind, ReferenceTerms,
    ReferentialAction, SqlExpression, Table,
};
use crate::change::{Change, Verb};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};

/// `CREATE TABLE`.
pub(super) fn create(
    reading: &mut Reading<'_>,
    temporary: bool,
    if_not_exists: bool,
    name: &ast::QualifiedName<'_>,
    body: &CreateTableBody<'_>,
) {
    reading.how.if_not_exists = if_not_exists;
    if temporary || reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let there = reading.relation(name);
    if if_not_exists && is_there(reading, &there) {
        return;
    }
    let name = reading::written(name);
    match body {
        CreateTableBody::ColumnsAndConstraints { .. } => {
            if let Some(table) = table(reading, &name, body) {
                reading.change(Change::CreateTable { name, table });
            }
        }
        CreateTableBody::AsSelect(select) => from_query::create_as(reading, name, select),
    }
}

/// Returns whether a table, a view or a virtual table has the name.
pub(super) fn is_there(reading: &Reading<'_>, name: &ObjectName) -> bool {
    let catalog = reading.catalog;
    catalog.tables.contains_key(name)
        || catalog.views.contains_key(name)
        || catalog.others.contains_key(&(ObjectKind::Virtual, name.clone()))
}

/// Reads the table that a `CREATE TABLE` makes, as if its name were `name`.
pub(super) fn table(
    reading: &Reading<'_>,
    name: &ObjectName,
    body: &CreateTableBody<'_>,
) -> Option<Table> {
    let CreateTableBody::ColumnsAndConstraints { columns, constraints, flags } = body else {
        return None;
    };
    let mut making = Making {
        reading,
        name,
        table: Table {
            strict: flags.contains(TabFlags::Strict),
            without_rowid: flags.contains(TabFlags::WithoutRowid),
            ..Table::default()
        },
        written: Written::default(),
    };
    let mut cursor = reading.cursor();
    cursor.to(TokenType::TK_LP);
    cursor.enter();
    for (nth, column) in columns.iter().enumerate() {
        if nth > 0 {
            cursor.behind(TokenType::TK_COMMA);
        }
        let column = columns::read(column, &mut cursor, &mut making.written);
        making.table.columns.push(column);
    }
    for constraint in constraints.iter().copied().flatten() {
        making.constraint(constraint, &mut cursor);
    }
    Some(making.finish())
}

/// A table while it is put together.
struct Making<'r, 'a> {
    reading: &'r Reading<'a>,
    name: &'r ObjectName,
    table: Table,
    written: Written,
}

impl Making<'_, '_> {
    fn constraint(&mut self, constraint: &NamedTableConstraint<'_>, cursor: &mut Cursor<'_>) {
        let name = constraint.name.as_ref().map(|name| Name::new(unquote(name.0)));
        match &constraint.constraint {
            TableConstraint::PrimaryKey { columns, auto_increment, conflict_clause } => {
                let terms = terms::key(&self.table, columns, conflict_clause.as_ref());
                let columns = self.sorted(columns);
                let is_row_id = match columns.as_slice() {
                    [only] => self.table.column(only).is_some_and(columns::is_integer),
                    _ => false,
                };
                self.written.primary_key = Some(columns::PrimaryKey {
                    name,
                    columns,
                    is_row_id,
                    auto_increment: *auto_increment,
                    terms,
                });
            }
            TableConstraint::Unique { columns, conflict_clause } => {
                let terms = terms::key(&self.table, columns, conflict_clause.as_ref());
                let columns = self.sorted(columns);
                self.written.uniques.push(columns::Unique { name, columns, terms });
            }
            TableConstraint::Check(_, _) => {
                cursor.behind(TokenType::TK_CHECK);
                let text = cursor.in_brackets().unwrap_or_default();
                self.written.checks.push(columns::WrittenCheck {
                    name,
                    column: None,
                    expression: SqlExpression::new(text),
                });
            }
            TableConstraint::ForeignKey { columns, clause, defer_clause } => {
                let columns = columns.iter().map(|column| self.own(&unquote(column.col_name.0)));
                let key = foreign_key(columns.collect(), clause, defer_clause.as_ref());
                self.written.foreign_keys.push((name, key));
            }
        }
    }

    fn own(&self, written: &str) -> Name {
        reading::column(Some(&self.table), written)
    }

    fn sorted(&self, columns: &[ast::SortedColumn<'_>]) -> Vec<Name> {
        let names = columns.iter().filter_map(|column| columns::named(&column.expr));
        names.map(|name| self.own(&name)).collect()
    }

    /// Gives every constraint its name, in the order in which a live table's are named.
    fn finish(mut self) -> Table {
        let name = self.name.name.as_str();
        let table = &mut self.table;
        let mut key = self.written.primary_key.take();
        let row_id = key.as_ref().is_some_and(|key| key.is_row_id) && !table.without_rowid;
        let uniques = std::mem::take(&mut self.written.uniques);
        for unique in distinct(uniques, key.as_mut().filter(|_| !row_id)).into_iter().rev() {
            let columns::Unique { name: given, columns, terms } = unique;
            let name = given.unwrap_or_else(|| conventional(name, table, &columns, "key"));
            table.uniques.push(Key { name, columns, terms });
        }
        table.uniques.reverse();
        if let Some(mut key) = key {
            // The engine itself takes these for declared.
            let is_declared = table.without_rowid || table.strict && !row_id;
            for column in &mut table.columns {
                if key.columns.contains(&column.name) {
                    if column.nullable && !is_declared {
                        key.terms.undeclared.insert(column.name.clone());
                    }
                    column.nullable = false;
                    if row_id {
                        let identity = if key.auto_increment {
                            Identity::AutoIncrement
                        } else {
                            Identity::RowId
                        };
                        column.generated = Some(Generated::Identity(identity));
                    }
                }
            }
            let name = key.name.unwrap_or_else(|| Name::new(format!("{name}_pkey")));
            let mut terms = key.terms;
            if row_id {
                terms.collations.clear();
            }
            table.primary_key = Some(Key { name, columns: key.columns, terms });
        }
        for (given, mut key) in std::mem::take(&mut self.written.foreign_keys) {
            complete(self.reading, self.name, &self.table, &mut key);
            key.name =
                given.unwrap_or_else(|| conventional(name, &self.table, &key.columns, "fkey"));
            self.table.foreign_keys.push(key);
        }
        for check in std::mem::take(&mut self.written.checks) {
            let check = named_check(check, name, &self.table);
            self.table.checks.push(check);
        }
        self.table
    }
}

/// Returns the unique constraints that have an index of their own: the engine makes one for equal constraints, which does
/// with a row in its way what any of them says.
fn distinct(
    uniques: Vec<columns::Unique>,
    mut key: Option<&mut columns::PrimaryKey>,
) -> Vec<columns::Unique> {
    let mut distinct: Vec<columns::Unique> = Vec::new();
    for unique in uniques {
        let is_same = |columns: &Vec<Name>, terms: &KeyTerms| {
            *columns == unique.columns && terms.collations == unique.terms.collations
        };
        let there = match &mut key {
            Some(key) if is_same(&key.columns, &key.terms) => Some(&mut key.terms),
            Some(_) | None => {
                let mut others = distinct.iter_mut();
                others
                    .find(|other| is_same(&other.columns, &other.terms))
                    .map(|other| &mut other.terms)
            }
        };
        match there {
            Some(terms) => terms.on_conflict = terms.on_conflict.or(unique.terms.on_conflict),
            None => distinct.push(unique),
        }
    }
    distinct
}

/// Gives a check its name.
pub(super) fn named_check(check: columns::WrittenCheck, name: &str, table: &Table) -> Check {
    let columns: Vec<Name> = check.column.into_iter().collect();
    let name = check.name.unwrap_or_else(|| conventional(name, table, &columns, "check"));
    Check { name, expression: check.expression, validated: true, no_inherit: false }
}

/// Reads `REFERENCES …`; the name is still to be given.
pub(super) fn foreign_key(
    columns: Vec<Name>,
    clause: &ForeignKeyClause<'_>,
    deferral: Option<&ast::DeferSubclause>,
) -> ForeignKey {
    let referenced = clause.columns.unwrap_or_default().iter();
    let mut key = ForeignKey {
        name: Name::new(""),
        columns,
        references: ObjectName::bare(unquote(clause.tbl_name.0)),
        referenced_columns: referenced
            .map(|column| Name::new(unquote(column.col_name.0)))
            .collect(),
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        validated: true,
        terms: ReferenceTerms { deferral: terms::deferral(deferral), ..ReferenceTerms::default() },
    };
    for arg in clause.args {
        match arg {
            RefArg::OnDelete(act) => key.on_delete = action(*act),
            RefArg::OnUpdate(act) => key.on_update = action(*act),
            RefArg::OnInsert(_) | RefArg::Match(_) => {}
        }
    }
    key
}

const fn action(act: ast::RefAct) -> ReferentialAction {
    match act {
        ast::RefAct::SetNull => ReferentialAction::SetNull,
        ast::RefAct::SetDefault => ReferentialAction::SetDefault,
        ast::RefAct::Cascade => ReferentialAction::Cascade,
        ast::RefAct::Restrict => ReferentialAction::Restrict,
        ast::RefAct::NoAction => ReferentialAction::NoAction,
    }
}

/// Writes the far end as the catalog has it; columns that are left out are those of the other table's primary key.
pub(super) fn complete(
    reading: &Reading<'_>,
    own_name: &ObjectName,
    own: &Table,
    key: &mut ForeignKey,
) {
    let written = key.references.clone();
    let is_own = key.references.name.as_str().eq_ignore_ascii_case(own_name.name.as_str());
    let target = if is_own {
        key.references = own_name.clone();
        Some(own)
    } else {
        key.references = reading::known(reading.catalog, key.references.clone());
        reading.catalog.table(&key.references)
    };
    key.terms.respells_table = key.references != written;
    let Some(target) = target else { return };
    for name in &mut key.referenced_columns {
        let known = reading::column(Some(target), name.as_str());
        key.terms.respells_column |= known != *name;
        *name = known;
    }
    if key.referenced_columns.is_empty()
        && let Some(primary) = &target.primary_key
    {
        key.referenced_columns = primary.columns.clone();
    }
}

/// `DROP TABLE`.
pub(super) fn drop(reading: &mut Reading<'_>, if_exists: bool, name: &ast::QualifiedName<'_>) {
    reading.how.if_exists = if_exists;
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let name = reading.relation(name);
    let entry = (ObjectKind::Virtual, name.clone());
    if reading.catalog.others.contains_key(&entry) {
        return reading.other(Thing::new(Verb::Drop, ObjectKind::Virtual).named(name));
    }
    if if_exists && !reading.catalog.tables.contains_key(&name) {
        return;
    }
    reading.change(Change::DropTable { name });
}

/// `CREATE VIRTUAL TABLE`.
pub(super) fn create_virtual(
    reading: &mut Reading<'_>,
    if_not_exists: bool,
    name: &ast::QualifiedName<'_>,
) {
    reading.how.if_not_exists = if_not_exists;
    if reading.is_temporary(name) {
        return reading.temporary(&name.name);
    }
    let there = reading.relation(name);
    if if_not_exists && is_there(reading, &there) {
        return;
    }
    reading.other(Thing::new(Verb::Create, ObjectKind::Virtual).named(reading::written(name)));
}
