//! Reads a SQLite catalog: from the pragmas, and from the text of the statements what only that tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::SqliteConnection;

use super::sqlite_rows as rows;
use super::sqlite_slices as slices;
use super::sqlite_text::{self as text, TableText};
use super::{is_own_table, is_own_view};
use crate::catalog::{
    Catalog, Check, Column, Deferral, ForeignKey, Generated, Identity, Index, IndexColumn,
    IndexKey, IndexTerms, Key, KeyTerms, OnConflict, Order, PartTerms, ReferenceTerms,
    ReferentialAction, SqlExpression, Table, Trigger, View,
};
use crate::database::DatabaseError;
use crate::dialect::Dialect;
use crate::dialects::normalize_type;
use crate::name::{Name, ObjectName};

/// Reads the whole schema of the main database, without SQLite's, planner's and Diesel's own tables and without
/// virtual tables. Constraints without a name get the conventional one.
///
/// # Errors
///
/// Returns what the engine says if a question fails.
pub fn read(connection: &mut SqliteConnection) -> Result<Catalog, DatabaseError> {
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let mut columns: BTreeMap<String, Vec<rows::Column>> = BTreeMap::new();
    for column in rows::columns(connection)? {
        columns.entry(column.table.clone()).or_default().push(column);
    }
    let mut parts: BTreeMap<String, Vec<rows::IndexPart>> = BTreeMap::new();
    for part in rows::index_parts(connection)? {
        parts.entry(part.index.clone()).or_default().push(part);
    }
    let mut indexes: BTreeMap<String, Vec<rows::Index>> = BTreeMap::new();
    for index in rows::indexes(connection)? {
        indexes.entry(index.table.clone()).or_default().push(index);
    }
    let mut foreign_keys: BTreeMap<String, Vec<rows::ForeignKeyPart>> = BTreeMap::new();
    for part in rows::foreign_keys(connection)? {
        foreign_keys.entry(part.table.clone()).or_default().push(part);
    }
    for row in rows::tables(connection)?.into_iter().filter(|row| !is_own_table(&row.name)) {
        let mut reading = Reading {
            text: text::table(&row.sql),
            name: row.name.clone(),
            table: Table {
                strict: row.strict != 0,
                without_rowid: row.without_rowid != 0,
                ..Table::default()
            },
        };
        let name = &row.name;
        reading.take_indexes(indexes.remove(name).unwrap_or_default(), &mut parts);
        reading.take_columns(columns.remove(name).unwrap_or_default());
        reading.take_foreign_keys(foreign_keys.remove(name).unwrap_or_default());
        reading.take_checks();
        catalog.tables.insert(ObjectName::bare(name.as_str()), Arc::new(reading.table));
    }
    complete_references(&mut catalog);
    for row in rows::objects(connection)? {
        take_object(connection, row, &mut catalog);
    }
    Ok(catalog)
}

/// A table while it is put together.
struct Reading {
    name: String,
    text: TableText,
    table: Table,
}

impl Reading {
    fn take_indexes(
        &mut self,
        indexes: Vec<rows::Index>,
        parts: &mut BTreeMap<String, Vec<rows::IndexPart>>,
    ) {
        for index in indexes {
            let parts = parts.remove(&index.name).unwrap_or_default();
            match index.origin.as_str() {
                "pk" => {
                    // The row id's own key has no index, so this one is told from it.
                    let (columns, collations) = key_parts(parts);
                    let on_conflict = self.text.on_conflict;
                    let terms = self.terms(&columns, &collations, on_conflict);
                    let name = self.primary_key_name();
                    self.table.primary_key = Some(Key { name, columns: names(columns), terms });
                }
                "u" => {
                    let (columns, collations) = key_parts(parts);
                    let (name, on_conflict) = match self.text.take_unique(&columns, &collations) {
                        Some(unique) => (unique.name, unique.on_conflict),
                        None => (None, None),
                    };
                    let name = name.unwrap_or_else(|| self.conventional(&columns, "key"));
                    let terms = self.terms(&columns, &collations, on_conflict);
                    let (name, columns) = (Name::new(name), names(columns));
                    self.table.uniques.push(Key { name, columns, terms });
                }
                _ => {
                    let name = Name::new(index.name.clone());
                    let index = take_index(&index, parts, |column| self.own_collation(column));
                    self.table.indexes.insert(name, index);
                }
            }
        }
        // SQLite lists the newest first; the text has the oldest first.
        self.table.uniques.reverse();
    }

    /// Returns the collation of a column.
    fn own_collation(&self, column: &str) -> &str {
        let mut all = self.text.collations.iter();
        let found = all.find(|(of, _)| of.eq_ignore_ascii_case(column));
        found.map_or("BINARY", |(_, collation)| collation.as_str())
    }

    fn terms(
        &self,
        columns: &[String],
        collations: &[String],
        on_conflict: Option<OnConflict>,
    ) -> KeyTerms {
        let others = columns.iter().zip(collations).filter(|(column, collation)| {
            !collation.eq_ignore_ascii_case(self.own_collation(column))
        });
        let collations = others
            .map(|(column, collation)| (Name::new(column.as_str()), Name::new(collation.as_str())));
        KeyTerms { collations: collations.collect(), on_conflict, ..KeyTerms::default() }
    }

    fn take_columns(&mut self, rows: Vec<rows::Column>) {
        let mut key: Vec<(i64, String)> =
            rows.iter().filter(|row| row.pk > 0).map(|row| (row.pk, row.name.clone())).collect();
        key.sort();
        let is_row_id =
            key.len() == 1 && self.table.primary_key.is_none() && !self.table.without_rowid;
        if !key.is_empty() && self.table.primary_key.is_none() {
            let columns = names(key.into_iter().map(|(_, name)| name).collect());
            let on_conflict = self.text.on_conflict;
            let terms = KeyTerms { on_conflict, ..KeyTerms::default() };
            let name = self.primary_key_name();
            self.table.primary_key = Some(Key { name, columns, terms });
        }
        if let Some(key) = &mut self.table.primary_key {
            let undeclared = rows.iter().filter(|row| row.pk > 0 && row.not_null == 0);
            key.terms.undeclared = undeclared.map(|row| Name::new(row.name.as_str())).collect();
        }
        for row in rows {
            let column = self.take_column(row, is_row_id);
            self.table.columns.push(column);
        }
    }

    fn take_column(&self, row: rows::Column, is_row_id: bool) -> Column {
        let of = |list: &[(String, String)]| {
            let found = list.iter().find(|(column, _)| column.eq_ignore_ascii_case(&row.name));
            found.map(|(_, text)| text.clone())
        };
        let expression = of(&self.text.generated).map(SqlExpression::new);
        let generated = match (row.hidden, expression) {
            (2, Some(expression)) => Some(Generated::Virtual(expression)),
            (3, Some(expression)) => Some(Generated::Stored(expression)),
            _ if is_row_id && row.pk > 0 && self.text.autoincrement => {
                Some(Generated::Identity(Identity::AutoIncrement))
            }
            _ if is_row_id && row.pk > 0 => Some(Generated::Identity(Identity::RowId)),
            _ => None,
        };
        Column {
            name: Name::new(row.name.clone()),
            sql_type: normalize_type(Dialect::Sqlite, &row.sql_type),
            nullable: row.not_null == 0 && row.pk == 0,
            default: row.default.map(SqlExpression::new),
            generated,
            collation: of(&self.text.collations).map(Name::new),
            on_null: (self.text.on_null.iter())
                .find(|(column, _)| column.eq_ignore_ascii_case(&row.name))
                .map(|(_, conflict)| *conflict),
            comment: None,
        }
    }

    fn take_foreign_keys(&mut self, parts: Vec<rows::ForeignKeyPart>) {
        let mut keys: BTreeMap<i64, Vec<rows::ForeignKeyPart>> = BTreeMap::new();
        for part in parts {
            keys.entry(part.id).or_default().push(part);
        }
        // SQLite numbers them from the last written to the first.
        for parts in keys.into_values().rev() {
            let Some(first) = parts.first() else { continue };
            let columns: Vec<String> = parts.iter().map(|part| part.column.clone()).collect();
            let (name, deferral) = match self.text.take_foreign_key(&columns) {
                Some(key) => (key.name, key.deferral),
                None => (None, Deferral::Never),
            };
            let name = name.unwrap_or_else(|| self.conventional(&columns, "fkey"));
            let targets: Option<Vec<String>> =
                parts.iter().map(|part| part.target_column.clone()).collect();
            self.table.foreign_keys.push(ForeignKey {
                name: Name::new(name),
                columns: names(columns),
                references: ObjectName::bare(first.target.as_str()),
                referenced_columns: names(targets.unwrap_or_default()),
                on_delete: ReferentialAction::parse(&first.on_delete).unwrap_or_default(),
                on_update: ReferentialAction::parse(&first.on_update).unwrap_or_default(),
                validated: true,
                terms: ReferenceTerms { deferral, ..ReferenceTerms::default() },
            });
        }
    }

    fn take_checks(&mut self) {
        for check in std::mem::take(&mut self.text.checks) {
            let name = match check.name {
                Some(name) => name,
                None => self.conventional(check.column.as_slice(), "check"),
            };
            self.table.checks.push(Check {
                name: Name::new(name),
                expression: SqlExpression::new(check.expression),
                validated: true,
                no_inherit: false,
            });
        }
    }

    fn primary_key_name(&self) -> Name {
        match &self.text.primary_key {
            Some(name) => Name::new(name.as_str()),
            None => Name::new(format!("{}_pkey", self.name)),
        }
    }

    /// Returns the name by convention, with a number where it is taken already.
    fn conventional(&self, columns: &[String], suffix: &str) -> String {
        let mut words = vec![self.name.as_str()];
        words.extend(columns.iter().map(String::as_str));
        words.push(suffix);
        let name = words.join("_");
        let taken = |name: &str| self.table.constraint_names().any(|taken| taken.as_str() == name);
        if !taken(&name) {
            return name;
        }
        (1..=u32::MAX)
            .map(|number| format!("{name}{number}"))
            .find(|name| !taken(name))
            .unwrap_or(name)
    }
}

fn names(texts: Vec<String>) -> Vec<Name> {
    texts.into_iter().map(Name::new).collect()
}

/// Returns the columns of a key's index, and the collation of each.
fn key_parts(parts: Vec<rows::IndexPart>) -> (Vec<String>, Vec<String>) {
    let binary = || "BINARY".to_owned();
    parts
        .into_iter()
        .filter_map(|part| Some((part.column?, part.collation.unwrap_or_else(binary))))
        .unzip()
}

fn take_index<'a>(
    row: &rows::Index,
    parts: Vec<rows::IndexPart>,
    own: impl Fn(&str) -> &'a str,
) -> Index {
    let (expressions, condition) = row.sql.as_deref().map(slices::index_parts).unwrap_or_default();
    let columns = parts.into_iter().enumerate().map(|(nth, part)| IndexColumn {
        // In an expression the collation is part of its text.
        terms: PartTerms {
            collation: part.collation.as_deref().zip(part.column.as_deref()).and_then(
                |(collation, column)| {
                    let is_own = collation.eq_ignore_ascii_case(own(column));
                    (!is_own).then(|| Name::new(collation))
                },
            ),
            ..PartTerms::default()
        },
        key: match part.column {
            Some(column) => IndexKey::Column(Name::new(column)),
            None => IndexKey::Expression(SqlExpression::new(
                expressions.get(nth).copied().unwrap_or_default(),
            )),
        },
        order: if part.descending != 0 { Order::Descending } else { Order::Ascending },
        nulls: None,
        opclass: None,
    });
    Index {
        columns: columns.collect(),
        unique: row.unique != 0,
        predicate: condition.map(SqlExpression::new),
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

/// Writes the far ends of foreign keys as their tables have them, whatever the case; columns that one leaves out are those of the
/// other table's primary key.
fn complete_references(catalog: &mut Catalog) {
    let folded = |name: &ObjectName| name.name.as_str().to_ascii_lowercase();
    let known: BTreeMap<String, (ObjectName, Arc<Table>)> = catalog
        .tables
        .iter()
        .map(|(name, table)| (folded(name), (name.clone(), Arc::clone(table))))
        .collect();
    for table in catalog.tables.values_mut().filter(|table| !table.foreign_keys.is_empty()) {
        for key in &mut Arc::make_mut(table).foreign_keys {
            let Some((name, target)) = known.get(&folded(&key.references)) else { continue };
            key.terms.respells_table = key.references != *name;
            key.references = name.clone();
            for written in &mut key.referenced_columns {
                let same = |c: &&Column| c.name.as_str().eq_ignore_ascii_case(written.as_str());
                if let Some(column) = target.columns.iter().find(same) {
                    key.terms.respells_column |= *written != column.name;
                    *written = column.name.clone();
                }
            }
            if key.referenced_columns.is_empty() {
                let primary = target.primary_key.as_ref();
                key.referenced_columns = primary.map(|key| key.columns.clone()).unwrap_or_default();
            }
        }
    }
}

fn take_object(connection: &mut SqliteConnection, row: rows::Object, catalog: &mut Catalog) {
    match row.kind.as_str() {
        "view" if !is_own_view(&row.name) => {
            let query = slices::after_as(&row.sql).unwrap_or_default();
            // A view whose tables are gone has no columns that anybody could tell.
            let columns = rows::view_columns(connection, &row.name).unwrap_or_default();
            let view = View {
                query: SqlExpression::new(query),
                columns: names(columns),
                materialized: false,
            };
            catalog.views.insert(ObjectName::bare(row.name), view);
        }
        "trigger" => {
            if let Some(table) = catalog.table_mut(&ObjectName::bare(row.table)) {
                let trigger = Trigger { definition: Some(row.sql) };
                table.triggers.insert(Name::new(row.name), trigger);
            }
        }
        _ => {}
    }
}
