//! A table as Diesel sees it, and as it prints it.

use std::collections::BTreeSet;

use super::layout::Writer;
use super::options::{ColumnSorting, PrintOptions};
use super::types::{self, ColumnType};
use super::{names, row_ids};
use crate::catalog::{Catalog, Table};
use crate::dialect::Dialect;
use crate::name::ObjectName;

/// A table as Diesel sees it.
pub(super) struct PrintedTable<'a> {
    pub(super) name: &'a ObjectName,
    pub(super) table: &'a Table,
    pub(super) rust_name: String,
    /// The columns of its primary key by their SQL names.
    pub(super) key: Vec<String>,
    pub(super) columns: Vec<PrintedColumn>,
}

/// A column as Diesel sees it.
pub(super) struct PrintedColumn {
    sql_name: String,
    rust_name: String,
    comment: Option<String>,
    pub(super) column_type: ColumnType,
    /// Whether its type is defined beside the tables.
    pub(super) defines_type: bool,
}

impl<'a> PrintedTable<'a> {
    pub(super) fn new(
        catalog: &Catalog,
        name: &'a ObjectName,
        table: &'a Table,
        options: &PrintOptions,
    ) -> Result<Self, String> {
        let rust_name = names::rust_name(name.name.as_str(), None);
        let mut columns = Vec::new();
        for column in &table.columns {
            let sql_name = column.name.as_str().to_owned();
            let mut column_type = types::column_type(catalog, column, options)?;
            let mut keys = table.primary_key.iter();
            column_type.is_nullable |= keys.any(|key| key.terms.undeclared.contains(&column.name));
            columns.push(PrintedColumn {
                rust_name: names::rust_name(&sql_name, Some(&rust_name)),
                sql_name,
                comment: column.comment.clone(),
                defines_type: column_type.is_custom() && options.defines(&column_type.rust_name),
                column_type,
            });
        }
        let key: Vec<String> = match catalog.dialect {
            Dialect::Postgres => {
                let key = table.primary_key.iter().flat_map(|key| &key.columns);
                key.map(|name| name.as_str().to_owned()).collect()
            }
            // Diesel lists them in the order of the table there.
            Dialect::Sqlite => {
                let key = table.primary_key.as_ref().map_or(&[][..], |key| &key.columns);
                let in_key = table.columns.iter().map(|column| &column.name);
                in_key.filter(|name| key.contains(name)).map(|n| n.as_str().to_owned()).collect()
            }
        };
        let mut printed = Self { name, table, rust_name, key, columns };
        if printed.key.is_empty() {
            printed.add_row_id(catalog.dialect)?;
        }
        if options.row_ids_are_bigint && catalog.dialect == Dialect::Sqlite {
            printed.widen_row_ids(catalog);
        }
        match options.column_sorting {
            ColumnSorting::OrdinalPosition => {}
            ColumnSorting::Name => {
                printed.columns.sort_by(|one, other| one.sql_name.cmp(&other.sql_name));
            }
        }
        Ok(printed)
    }

    /// Adds the row id, under the first of its names that no column has.
    fn add_row_id(&mut self, dialect: Dialect) -> Result<(), String> {
        let taken = |alias: &str| self.columns.iter().any(|column| column.sql_name == alias);
        let alias = match dialect {
            Dialect::Postgres => None,
            Dialect::Sqlite => ["rowid", "oid", "_rowid_"].into_iter().find(|name| !taken(name)),
        };
        let Some(alias) = alias else { return Err("it has no primary key".to_owned()) };
        let column = PrintedColumn {
            sql_name: alias.to_owned(),
            rust_name: names::rust_name(alias, Some(&self.rust_name)),
            comment: None,
            column_type: ColumnType::plain("Integer"),
            defines_type: false,
        };
        self.columns.insert(0, column);
        self.key.push(alias.to_owned());
        Ok(())
    }

    fn widen_row_ids(&mut self, catalog: &Catalog) {
        let table = self.table;
        for column in &mut self.columns {
            let name = &column.sql_name;
            let known = table.columns.iter().find(|of| of.name.as_str() == name);
            let sql_type = known.map_or("integer", |of| of.sql_type.0.as_str());
            let holds_row_id = row_ids::is_row_id(table, &self.key, name, sql_type)
                || row_ids::refers_to_row_id(catalog, table, &self.rust_name, name);
            if column.column_type.rust_name == "Integer" && holds_row_id {
                "BigInt".clone_into(&mut column.column_type.rust_name);
            }
        }
    }

    pub(super) fn print(&self, options: &PrintOptions, writer: &mut Writer) {
        writer.open("diesel::table! {");
        self.print_imports(options, writer);
        let full_name = self.name.to_string();
        let own = self.table.comment.as_deref();
        let comment = options
            .docs
            .choose(own, || format!("Representation of the `{full_name}` table.\n\n{BY_DIESEL}"));
        print_docs(comment.as_deref(), writer);
        if self.rust_name != self.name.name.as_str() {
            writer.line(&format!("#[sql_name = {}]", names::rust_string(&full_name)));
        }
        let key: Vec<String> =
            self.key.iter().map(|name| names::rust_name(name, Some(&self.rust_name))).collect();
        let schema = self.name.schema.as_ref();
        let schema = schema.map(|schema| format!("{}.", names::rust_name(schema.as_str(), None)));
        let schema = schema.unwrap_or_default();
        writer.open(&format!("{schema}{} ({}) {{", self.rust_name, key.join(", ")));
        for column in &self.columns {
            let comment = options.docs.choose(column.comment.as_deref(), || {
                let (name, column_type) = (&column.sql_name, &column.column_type);
                format!(
                    "The `{name}` column of the `{full_name}` table.\n\nIts SQL type is `{column_type}`.\n\n{BY_DIESEL}"
                )
            });
            print_docs(comment.as_deref(), writer);
            if column.rust_name != column.sql_name {
                writer.line(&format!("#[sql_name = {}]", names::rust_string(&column.sql_name)));
            }
            if let Some(length) = column.column_type.max_length {
                writer.line(&format!("#[max_length = {length}]"));
            }
            writer.line(&format!("{} -> {},", column.rust_name, column.column_type));
        }
        writer.close("}");
        writer.close("}");
    }

    fn print_imports(&self, options: &PrintOptions, writer: &mut Writer) {
        for import in &options.import_types {
            writer.line(&format!("use {import};"));
        }
        let mut imported = BTreeSet::new();
        for column in self.columns.iter().filter(|column| column.defines_type) {
            let name = &column.column_type.rust_name;
            if !imported.insert(name) {
                continue;
            }
            if imported.len() == 1 && options.import_types.is_empty() {
                writer.line("use diesel::sql_types::*;");
            }
            writer.line(&format!("use super::sql_types::{name};"));
        }
        if !imported.is_empty() || !options.import_types.is_empty() {
            writer.blank();
        }
    }
}

/// How Diesel marks a comment of its own making.
pub(super) const BY_DIESEL: &str = "(Automatically generated by Diesel.)";

/// Writes a comment of several lines.
pub(super) fn print_docs(text: Option<&str>, writer: &mut Writer) {
    for line in text.into_iter().flat_map(str::lines).map(str::trim) {
        let space = if line.is_empty() { "" } else { " " };
        writer.line(&format!("///{space}{line}"));
    }
}
