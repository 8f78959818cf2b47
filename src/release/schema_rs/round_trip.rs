//! Whatever catalog is printed as a `schema.rs`, reading it gives the catalog's columns.

use std::sync::Arc;

use proptest::prelude::*;

use super::read;
use crate::catalog::{Catalog, Column, EnumType, Key, Table};
use crate::compile::schema_rs::options::PrintOptions;
use crate::compile::schema_rs::schema_rs;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::release::loads::loads;
use crate::source::Sources;

const POSTGRES: [&str; 22] = [
    "bigint",
    "integer",
    "smallint",
    "boolean",
    "text",
    "character varying(20)",
    "character(3)",
    "double precision",
    "real",
    "numeric(10,2)",
    "timestamp with time zone",
    "timestamp without time zone",
    "date",
    "time without time zone",
    "interval",
    "uuid",
    "jsonb",
    "bytea",
    "int4range",
    "mood",
    "app.temper",
    "macaddr",
];
const SQLITE: [&str; 9] =
    ["INTEGER", "BIGINT", "TEXT", "BOOLEAN", "VARCHAR(20)", "DOUBLE", "TIMESTAMP", "DATE", "BLOB"];

/// A column: its name, which of the types, whether an array, whether nullable, whether in the key.
type AnyColumn = (String, usize, bool, bool, bool);

/// Names as people give them, and as nobody should.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9_]{0,8}",
        "[A-Z][A-Za-z0-9]{0,6}",
        // Diesel takes `r#` at the beginning of a name away.
        "[a-z]{1,3}[ .\"'#$-][a-zäß0-9]{1,4}"
            .prop_filter("a raw identifier", |name| !name.starts_with("r#")),
        Just("type".to_owned()),
        Just("self".to_owned()),
        Just("table".to_owned()),
        Just("id".to_owned()),
        Just("users".to_owned()),
        Just("1st".to_owned()),
        Just("__x".to_owned()),
    ]
}

prop_compose! {
    fn any_table()(
        columns in prop::collection::btree_map(any_name(), (0_usize..22, any::<bool>(), any::<bool>()), 1..8),
        n_key in 1_usize..3,
    ) -> Vec<AnyColumn> {
        let columns = columns.into_iter().enumerate();
        columns.map(|(nth, (name, (of, array, null)))| (name, of, array, null, nth < n_key)).collect()
    }
}

fn catalog(dialect: Dialect, tables: Vec<(Option<&str>, String, Vec<AnyColumn>)>) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    if dialect == Dialect::Postgres {
        for name in ["mood", "app.temper"] {
            let of = EnumType { values: vec!["glad".to_owned()] };
            catalog.enums.insert(name.into(), of);
        }
    }
    for (schema, name, columns) in tables {
        let schema = schema.filter(|_| dialect == Dialect::Postgres).map(Name::from);
        let key: Vec<Name> =
            columns.iter().filter(|of| of.4).map(|of| Name::from(of.0.as_str())).collect();
        let columns = columns.into_iter().map(|(name, of, array, nullable, in_key)| {
            let sql_type = match dialect {
                Dialect::Postgres if array => format!("{}[]", POSTGRES[of % POSTGRES.len()]),
                Dialect::Postgres => POSTGRES[of % POSTGRES.len()].to_owned(),
                Dialect::Sqlite => SQLITE[of % SQLITE.len()].to_owned(),
            };
            let mut column = Column::new(name.as_str(), sql_type.as_str());
            column.nullable = nullable && !in_key;
            column
        });
        let table = Table {
            columns: columns.collect(),
            primary_key: Some(Key::new("pk".into(), key)),
            ..Table::default()
        };
        let name = ObjectName { schema, name: name.as_str().into() };
        catalog.tables.insert(name, Arc::new(table));
    }
    catalog
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_catalog_is_read_as_its_columns(
        tables in prop::collection::vec((prop::option::of(Just("app")), any_name(), any_table()), 1..5),
        sqlite in any::<bool>(),
    ) {
        let dialect = if sqlite { Dialect::Sqlite } else { Dialect::Postgres };
        let catalog = catalog(dialect, tables);
        let text = schema_rs(&catalog, &PrintOptions::default());
        let mut sources = Sources::default();
        let source = sources.add("src/schema.rs", text.as_str());
        let mut sink = Sink::default();
        let needs = read(&sources, &[source], &mut sink).requirements();
        // Diesel prints no table whose name begins so.
        let printed: Vec<_> = catalog
            .tables
            .iter()
            .filter(|(name, _)| !name.name.as_str().starts_with("__"))
            .collect();
        prop_assert!(sink.is_empty() || printed.is_empty(), "{:?}\n{}", sink.found(), text);
        prop_assert_eq!(needs.tables.len(), printed.len(), "{}", text);
        for (name, table) in printed {
            let need = needs.table(name).unwrap_or_else(|| panic!("{name} is missing\n{text}"));
            let names: Vec<&Name> = need.columns.iter().map(|column| &column.name).collect();
            let expected: Vec<&Name> = table.columns.iter().map(|column| &column.name).collect();
            prop_assert_eq!(names, expected, "{}", text);
            for (read, column) in need.columns.iter().zip(&table.columns) {
                let declared = read.declared.as_ref().unwrap();
                prop_assert_eq!(declared.nullable, column.nullable);
                prop_assert_eq!(!declared.arrays.is_empty(), column.sql_type.0.ends_with("[]"));
                let loaded = loads(&catalog, declared, &column.sql_type);
                prop_assert!(loaded.is_ok(), "{} {:?}: {:?}\n{}", column.name, declared, loaded, text);
            }
        }
    }
}
