//! SQL types as Diesel's, by its own rules for each engine.

use std::fmt;

use super::names::upper_camel;
use crate::catalog::Column;
use crate::dialect::Dialect;

/// The type of a column in `table!`.
#[derive(Debug, PartialEq, Eq)]
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
pub(super) fn column_type(dialect: Dialect, column: &Column) -> Result<ColumnType, String> {
    let mut column_type = match dialect {
        Dialect::Postgres => postgres(&column.sql_type.0),
        Dialect::Sqlite => {
            let (name, sql_type) = (&column.name, &column.sql_type);
            let unknown = || format!("Diesel knows no type `{sql_type}`, as column `{name}` has");
            ColumnType::plain(sqlite(&sql_type.0).ok_or_else(unknown)?)
        }
    };
    column_type.is_nullable = column.nullable;
    Ok(column_type)
}

/// Long names of types and the short ones that PostgreSQL keeps them under.
const SHORT_NAMES: [(&str, &str); 15] = [
    ("bigint", "int8"),
    ("integer", "int4"),
    ("smallint", "int2"),
    ("boolean", "bool"),
    ("character varying", "varchar"),
    ("character", "bpchar"),
    ("double precision", "float8"),
    ("real", "float4"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("bit varying", "varbit"),
    ("\"char\"", "char"),
    ("decimal", "numeric"),
];

/// Types of PostgreSQL itself that Diesel does not know.
const CATALOG_TYPES: [&str; 33] = [
    "bit",
    "box",
    "circle",
    "cid",
    "int2vector",
    "jsonpath",
    "line",
    "lseg",
    "name",
    "oidvector",
    "path",
    "pg_snapshot",
    "point",
    "polygon",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "tid",
    "timetz",
    "tsquery",
    "tsvector",
    "txid_snapshot",
    "varbit",
    "xid",
    "xml",
];

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

/// Diesel's reading of a type as PostgreSQL prints it; not null.
pub(crate) fn postgres(text: &str) -> ColumnType {
    let (text, is_array) = match text.strip_suffix("[]") {
        Some(element) => (element, true),
        None => (text, false),
    };
    let (long_name, modifier) = without_modifier(text);
    let short = SHORT_NAMES.iter().find(|(long, _)| *long == long_name);
    let interval = long_name.starts_with("interval ");
    let (schema, sql_name) = match short {
        Some((_, short)) => (None, (*short).to_owned()),
        None if interval => (None, "interval".to_owned()),
        None => qualified(&long_name),
    };
    let of_catalog = CATALOG_TYPES.contains(&sql_name.as_str()) && schema.is_none();
    let has_length = matches!(sql_name.as_str(), "varchar" | "bpchar" | "bit" | "varbit");
    ColumnType {
        schema: if of_catalog { Some("pg_catalog".to_owned()) } else { schema },
        rust_name: upper_camel(&sql_name),
        sql_name,
        is_array,
        is_nullable: false,
        max_length: modifier.filter(|_| has_length && !is_array).and_then(|m| m.parse().ok()),
    }
}

/// Takes `(20)` out of `character varying(20)`, also from the middle of `timestamp(3) with time zone`.
fn without_modifier(text: &str) -> (String, Option<&str>) {
    let parts = text.split_once('(').and_then(|(before, rest)| {
        rest.split_once(')').map(|(inside, after)| (before, inside, after))
    });
    match parts {
        Some((before, inside, after)) if !text.starts_with('"') || before.ends_with('"') => {
            (format!("{}{after}", before.trim_end()), Some(inside))
        }
        _ => (text.to_owned(), None),
    }
}

/// Splits `schema.name` and takes the quotes away.
fn qualified(text: &str) -> (Option<String>, String) {
    let mut quoted = false;
    let dot = text.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == '.' && !quoted
    });
    let bare = |part: &str| {
        let inner = part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.map_or_else(|| part.to_owned(), |inner| inner.replace("\"\"", "\""))
    };
    match dot.and_then(|(at, _)| text.split_at_checked(at)) {
        Some((schema, name)) => (Some(bare(schema)), bare(name.trim_start_matches('.'))),
        None => (None, bare(text)),
    }
}

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
    fn a_type_of_postgresql_becomes_its_short_name() {
        let told = |text: &str| {
            let found = postgres(text);
            (found.to_string(), found.max_length, found.schema)
        };
        assert_eq!(told("bigint"), ("Int8".into(), None, None));
        assert_eq!(told("character varying(20)"), ("Varchar".into(), Some(20), None));
        assert_eq!(
            told("character varying(20)[]"),
            ("Array<Nullable<Varchar>>".into(), None, None)
        );
        assert_eq!(told("timestamp(3) with time zone"), ("Timestamptz".into(), None, None));
        assert_eq!(told("numeric(10,2)"), ("Numeric".into(), None, None));
        assert_eq!(told("interval day to second(3)"), ("Interval".into(), None, None));
        assert_eq!(told("tsvector"), ("Tsvector".into(), None, Some("pg_catalog".into())));
        assert_eq!(told("billing.user_kind"), ("UserKind".into(), None, Some("billing".into())));
        assert_eq!(told("\"a.b\".\"My Type\""), ("MyType".into(), None, Some("a.b".into())));
    }

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
