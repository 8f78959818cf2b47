//! PostgreSQL: the server sends bytes, and Diesel takes them for the declared type without asking what they are.

mod table;

use super::builtin::Builtin;
use super::{Fit, does_not_load};
use crate::catalog::{Catalog, SqlType};
use crate::compile::schema_rs::{postgres_type, upper_camel};
use crate::name::ObjectName;
use crate::release::requirement::DeclaredType;

/// What is known of a column's type.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: ObjectName,
    kind: Kind,
    is_array: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One of the server's own types and of citext, under its short name.
    Known,
    /// An enum of the catalog.
    Enum,
    /// A domain, a composite type, an extension's type …
    Unknown,
}

/// What is known of a declared type.
#[derive(Debug, PartialEq, Eq)]
enum Declared {
    /// Diesel's own, or a custom one for a type that Diesel has too.
    Builtin(Builtin),
    /// A custom one with its name in the database.
    Custom(ObjectName),
    /// A custom one of which only the Rust name is known.
    Unknown,
}

/// Whether a column of this type can be read as declared.
pub(super) fn loads(
    catalog: &Catalog,
    declared: &DeclaredType,
    sql_type: &SqlType,
) -> Result<(), String> {
    let column = Column::of(catalog, sql_type);
    let loads = match arrays(declared, &column) {
        Arrays::Differ => false,
        Arrays::Unknown => true,
        Arrays::Fit => match Declared::of(catalog, declared, &column) {
            Declared::Unknown => true,
            Declared::Custom(name) => same_type(&name, &column.name),
            Declared::Builtin(builtin) => match column.kind {
                Kind::Unknown => true,
                Kind::Enum => table::reads_labels(builtin),
                Kind::Known => table::reads(builtin, column.name.name.as_str()),
            },
        },
    };
    if loads { Ok(()) } else { does_not_load(declared, sql_type) }
}

/// Whether values of the declared type can be written to a column of this type and compared with it.
pub(super) fn stores(
    catalog: &Catalog,
    declared: &DeclaredType,
    sql_type: &SqlType,
) -> Result<(), String> {
    let column = Column::of(catalog, sql_type);
    let fit = match arrays(declared, &column) {
        Arrays::Differ => Fit::Refused,
        Arrays::Unknown => Fit::Natural,
        Arrays::Fit => match Declared::of(catalog, declared, &column) {
            Declared::Unknown => Fit::Natural,
            Declared::Custom(name) if same_type(&name, &column.name) => Fit::Natural,
            Declared::Custom(_) => Fit::Refused,
            Declared::Builtin(builtin) => match column.kind {
                Kind::Unknown => Fit::Natural,
                Kind::Enum => Fit::Refused,
                Kind::Known => table::fit(builtin, column.name.name.as_str()),
            },
        },
    };
    // Arrays have no operators across types.
    let fit = match fit {
        Fit::Converted if column.is_array => Fit::Refused,
        Fit::Natural | Fit::Converted | Fit::Lossy | Fit::Refused => fit,
    };
    fit.answer(declared, sql_type)
}

/// How a declared type and a column agree about being an array.
enum Arrays {
    Fit,
    Differ,
    Unknown,
}

fn arrays(declared: &DeclaredType, column: &Column) -> Arrays {
    let nameless = column.kind == Kind::Unknown
        || Builtin::named(&declared.name).is_none() && declared.custom.is_none();
    match (declared.arrays.len(), column.is_array) {
        (0, false) | (1, true) => Arrays::Fit,
        // A domain may be over an array, a custom type may be read from one.
        (1, false) if column.kind == Kind::Unknown => Arrays::Unknown,
        (0, true) if nameless => Arrays::Unknown,
        // Diesel reads no arrays of arrays.
        _ => Arrays::Differ,
    }
}

impl Column {
    fn of(catalog: &Catalog, sql_type: &SqlType) -> Self {
        let read = postgres_type(&sql_type.0);
        let own = matches!(read.schema.as_deref(), None | Some("pg_catalog" | "public"));
        let schema = read.schema.filter(|_| !own).map(Into::into);
        let is_enum = |name: &ObjectName| catalog.enums.contains_key(name);
        let written = ObjectName { schema, name: read.sql_name.as_str().into() };
        let short = match read.sql_name.as_str() {
            "smallserial" => "int2",
            "serial" => "int4",
            "bigserial" => "int8",
            other => other,
        };
        let (name, kind) = if is_enum(&written) {
            (written, Kind::Enum)
        } else if own && table::is_known(short) {
            (ObjectName::bare(short), Kind::Known)
        } else {
            (written, Kind::Unknown)
        };
        Self { name, kind, is_array: read.is_array }
    }
}

impl Declared {
    fn of(catalog: &Catalog, declared: &DeclaredType, column: &Column) -> Self {
        let Some(custom) = &declared.custom else {
            return match Builtin::named(&declared.name) {
                Some(builtin) => Self::Builtin(builtin),
                None => Self::by_convention(catalog, &declared.name, column),
            };
        };
        let own = custom.schema.as_ref().is_none_or(|schema| schema.as_str() == "pg_catalog");
        let read = postgres_type(custom.name.as_str());
        match Builtin::named(&read.rust_name) {
            Some(builtin) if own && !catalog.enums.contains_key(custom) => Self::Builtin(builtin),
            Some(_) | None => Self::Custom(custom.clone()),
        }
    }

    /// Takes a custom type for the one after which `diesel print-schema` would name it: the column's own, else an enum.
    fn by_convention(catalog: &Catalog, rust_name: &str, column: &Column) -> Self {
        let fits = |name: &&ObjectName| {
            upper_camel(name.name.as_str()).eq_ignore_ascii_case(&rust_name.replace('_', ""))
        };
        let mut candidates = std::iter::once(&column.name).chain(catalog.enums.keys());
        candidates.find(fits).map_or(Self::Unknown, |name| Self::Custom(name.clone()))
    }
}

/// Whether a custom type is the column's. One that names no schema is found on the search path, which is not known here.
fn same_type(custom: &ObjectName, column: &ObjectName) -> bool {
    let schemas = match (&custom.schema, &column.schema) {
        (Some(schema), None) => schema.as_str() == "pg_catalog",
        (Some(custom), Some(column)) => custom == column,
        (None, _) => true,
    };
    schemas && custom.name == column.name
}

#[cfg(test)]
mod tests;
