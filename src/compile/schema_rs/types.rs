//! SQL types as Diesel's, by its own rules for each engine.

use std::fmt;

use super::options::PrintOptions;
use super::postgres_types;
use crate::catalog::{Catalog, Column};
use crate::dialect::Dialect;

/// The type of a column in `table!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnType {
    /// The schema it is in, unless that is the default one.
    pub schema: Option<String>,
    /// Its own name in the database.
    pub sql_name: String,
    /// Its name in `table!`.
    pub rust_name: String,
    /// Whether it is an array of that type.
    pub is_array: bool,
    /// Whether it may be null.
    pub is_nullable: bool,
    /// The length of `varchar(n)` and the like.
    pub max_length: Option<u64>,
}

impl ColumnType {
    /// Returns a type that may not be null.
    pub(super) fn plain(name: &str) -> Self {
        Self {
            schema: None,
            sql_name: name.to_owned(),
            rust_name: name.to_owned(),
            is_array: false,
            is_nullable: false,
            max_length: None,
        }
    }

    /// Returns whether Diesel does not bring the type along.
    pub(super) fn is_custom(&self) -> bool {
        !DIESEL_TYPES.contains(&self.rust_name.as_str())
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let array = if self.is_array { ("Array<Nullable<", ">>") } else { ("", "") };
        let nullable = if self.is_nullable { ("Nullable<", ">") } else { ("", "") };
        write!(f, "{}{}{}{}{}", nullable.0, array.0, self.rust_name, array.1, nullable.1)
    }
}

/// Returns the type of a column, or why Diesel has none.
pub(super) fn column_type(
    catalog: &Catalog,
    column: &Column,
    options: &PrintOptions,
) -> Result<ColumnType, String> {
    match catalog.dialect {
        Dialect::Postgres => Ok(postgres_types::column_type(catalog, column, options)),
        Dialect::Sqlite => {
            let (name, sql_type) = (&column.name, &column.sql_type);
            let unknown = || format!("Diesel knows no type `{sql_type}`, as column `{name}` has");
            let plain = ColumnType::plain(sqlite(&sql_type.0).ok_or_else(unknown)?);
            Ok(ColumnType { is_nullable: column.nullable, ..plain })
        }
    }
}

/// Types that Diesel's prelude for PostgreSQL has.
pub(crate) const DIESEL_TYPES: [&str; 66] = [
    "Bool",
    "Integer",
    "SmallInt",
    "BigInt",
    "Binary",
    "Text",
    "Double",
    "Float",
    "Numeric",
    "Timestamp",
    "Date",
    "Time",
    "Float4",
    "Smallint",
    "Int2",
    "Int4",
    "Int8",
    "Bigint",
    "Float8",
    "Decimal",
    "VarChar",
    "Varchar",
    "Char",
    "Tinytext",
    "Mediumtext",
    "Longtext",
    "Tinyblob",
    "Blob",
    "Mediumblob",
    "Longblob",
    "Varbinary",
    "Bit",
    "Cidr",
    "Citext",
    "Inet",
    "Jsonb",
    "MacAddr",
    "MacAddr8",
    "Money",
    "Oid",
    "Range",
    "Timestamptz",
    "Uuid",
    "Json",
    "PgLsn",
    "Record",
    "Interval",
    "Int4range",
    "Int8range",
    "Daterange",
    "Numrange",
    "Tsrange",
    "Tstzrange",
    "Int4multirange",
    "Int8multirange",
    "Datemultirange",
    "Nummultirange",
    "Tsmultirange",
    "Tstzmultirange",
    "SmallSerial",
    "BigSerial",
    "Serial",
    "Bytea",
    "Bpchar",
    "Macaddr",
    "Macaddr8",
];

/// Diesel's reading of SQLite's free type names.
pub(crate) fn sqlite(text: &str) -> Option<&'static str> {
    let name = text.to_lowercase();
    let name = if name == "generated always" { "" } else { name.as_str() };
    let has = |part: &str| name.contains(part);
    let found = if name == "boolean" || name == "bool" || has("tiny") && has("int") {
        "Bool"
    } else if name == "int2" || has("small") && has("int") {
        "SmallInt"
    } else if name == "int8" || has("big") && has("int") {
        "BigInt"
    } else if has("int") {
        "Integer"
    } else if has("char") || has("clob") || has("text") {
        "Text"
    } else if has("blob") || has("binary") || name.is_empty() {
        "Binary"
    } else if has("float") || has("real") {
        "Float"
    } else if has("double") || has("num") || has("dec") {
        "Double"
    } else {
        match name {
            "datetime" | "timestamp" => "Timestamp",
            "date" => "Date",
            "time" => "Time",
            _ => return None,
        }
    };
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_sqlite_is_read_by_its_letters() {
        for (text, name) in [
            ("INTEGER", Some("Integer")),
            ("VARCHAR(20)", Some("Text")),
            ("TINYINT", Some("Bool")),
            ("UNSIGNED BIG INT", Some("BigInt")),
            ("DECIMAL(10,2)", Some("Double")),
            ("", Some("Binary")),
            ("TIMESTAMP", Some("Timestamp")),
            ("JSON", None),
        ] {
            assert_eq!(sqlite(text), name, "{text}");
        }
    }
}
