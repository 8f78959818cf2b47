//! Diesel's reading of PostgreSQL's types.

use super::options::PrintOptions;
use super::types::ColumnType;
use super::upper_camel;
use crate::catalog::{Catalog, Column, Domain};
use crate::dialects::is_own_type;
use crate::name::{Name, ObjectName};

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

/// The longest name that the server keeps.
const NAME_BYTES_MAX: usize = 63;

/// Returns the type of a column as Diesel prints it.
pub(super) fn column_type(
    catalog: &Catalog,
    column: &Column,
    options: &PrintOptions,
) -> ColumnType {
    let written = postgres(&column.sql_type.0);
    let domain = domain(catalog, &written, &column.sql_type.0);
    let is_nullable = column.nullable && !domain.is_some_and(|domain| domain.not_null);
    let mut column_type = match domain {
        None => written,
        Some(domain) => {
            // Diesel looks no further than at the type right beneath, be that another domain.
            let over = postgres(&domain.over.0);
            let names_domain =
                options.domains_as_types.iter().any(|of| of.is_match(&written.sql_name));
            let shown = if names_domain { written } else { over.clone() };
            ColumnType { max_length: over.max_length, ..shown }
        }
    };
    take_underscore(&mut column_type);
    ColumnType { is_nullable, ..column_type }
}

fn domain<'a>(catalog: &'a Catalog, column_type: &ColumnType, text: &str) -> Option<&'a Domain> {
    // The server writes the schema of what has the name of one of its own types.
    let is_its_own = is_own_type(&column_type.sql_name) && !text.starts_with("public.");
    if column_type.is_array || column_type.schema.is_none() && is_its_own {
        return None;
    }
    let schema = column_type.schema.as_deref().map(Name::new);
    let name = ObjectName { schema, name: Name::new(column_type.sql_name.as_str()) };
    catalog.domains.get(&name)
}

/// Takes what begins with an underscore for an array, as Diesel does: the server names the arrays of a type so, and cuts a name
/// that is too long then.
fn take_underscore(column_type: &mut ColumnType) {
    let name = &mut column_type.sql_name;
    if column_type.is_array {
        while name.len() >= NAME_BYTES_MAX {
            name.pop();
        }
    } else if let Some(rest) = name.strip_prefix('_') {
        *name = rest.to_owned();
        column_type.is_array = true;
    } else {
        return;
    }
    column_type.rust_name = upper_camel(name);
}

/// Diesel's reading of a type as PostgreSQL prints it, or as people write it; not null.
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
    let of_catalog = is_own_type(&sql_name) && schema.is_none();
    let has_length = matches!(sql_name.as_str(), "varchar" | "bpchar" | "bit" | "varbit");
    let schema = schema.filter(|schema| schema != "public");
    ColumnType {
        schema: if of_catalog { Some("pg_catalog".to_owned()) } else { schema },
        rust_name: upper_camel(&sql_name),
        sql_name,
        is_array,
        is_nullable: false,
        max_length: modifier.filter(|_| has_length && !is_array).and_then(|m| m.parse().ok()),
    }
}

/// Returns where this letter first stands outside of quotes.
fn outside(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    let found = text.char_indices().find(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == wanted && !quoted
    });
    found.map(|(at, _)| at)
}

/// Takes `(20)` out of `character varying(20)`, also from the middle of `timestamp(3) with time zone`.
fn without_modifier(text: &str) -> (String, Option<&str>) {
    let parts =
        outside(text, '(').and_then(|at| text.split_at_checked(at)).and_then(|(before, rest)| {
            let (inside, after) = rest.trim_start_matches('(').split_once(')')?;
            Some((before, inside, after))
        });
    match parts {
        Some((before, inside, after)) => (format!("{}{after}", before.trim_end()), Some(inside)),
        None => (text.to_owned(), None),
    }
}

/// Splits `schema.name` and takes the quotes away.
fn qualified(text: &str) -> (Option<String>, String) {
    let bare = |part: &str| {
        let inner = part.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        inner.map_or_else(|| part.to_owned(), |inner| inner.replace("\"\"", "\""))
    };
    match outside(text, '.').and_then(|at| text.split_at_checked(at)) {
        Some((schema, name)) => (Some(bare(schema)), bare(name.strip_prefix('.').unwrap_or(name))),
        None => (None, bare(text)),
    }
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
        let own = || Some("pg_catalog".to_owned());
        assert_eq!(told("bigint"), ("Int8".into(), None, own()));
        assert_eq!(told("character varying(20)"), ("Varchar".into(), Some(20), own()));
        assert_eq!(
            told("character varying(20)[]"),
            ("Array<Nullable<Varchar>>".into(), None, own())
        );
        assert_eq!(told("timestamp(3) with time zone"), ("Timestamptz".into(), None, own()));
        assert_eq!(told("numeric(10,2)"), ("Numeric".into(), None, own()));
        assert_eq!(told("interval day to second(3)"), ("Interval".into(), None, own()));
        assert_eq!(told("tsvector"), ("Tsvector".into(), None, own()));
        assert_eq!(told("billing.user_kind"), ("UserKind".into(), None, Some("billing".into())));
        assert_eq!(told("\"a.b\".\"My Type\""), ("MyType".into(), None, Some("a.b".into())));
    }
}
