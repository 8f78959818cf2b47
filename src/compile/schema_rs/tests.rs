//! The layout of what is printed; that it is Diesel's own is shown against the real command in `tests/introspect`.

use std::sync::Arc;

use super::*;
use crate::catalog::{Column, ForeignKey, Key, ReferenceTerms, Table};

fn table(columns: &[(&str, &str)], key: &[&str]) -> Table {
    let key: Vec<Name> = key.iter().map(|name| Name::from(*name)).collect();
    let column = |(name, sql_type): &(&str, &str)| {
        let mut column = Column::new(*name, *sql_type);
        column.nullable = !key.contains(&column.name);
        column
    };
    Table {
        columns: columns.iter().map(column).collect(),
        primary_key: Some(Key::new("pk".into(), key.clone())),
        ..Table::default()
    }
}

#[test]
fn tables_joins_and_types_are_printed_in_diesels_order() {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let users =
        table(&[("id", "bigint"), ("type", "character varying(20)"), ("mood", "mood")], &["id"]);
    let mut posts = table(&[("id", "bigint"), ("user_id", "bigint")], &["id"]);
    posts.foreign_keys.push(ForeignKey {
        name: "fk".into(),
        columns: vec!["user_id".into()],
        references: "users".into(),
        referenced_columns: vec!["id".into()],
        on_delete: crate::catalog::ReferentialAction::NoAction,
        on_update: crate::catalog::ReferentialAction::NoAction,
        validated: true,
        terms: ReferenceTerms::default(),
    });
    catalog.tables.insert("users".into(), Arc::new(users));
    catalog.tables.insert("posts".into(), Arc::new(posts));
    catalog.tables.insert("loose".into(), Arc::new(Table::default()));
    let expected = r#"// @generated automatically by Diesel CLI.
// `loose` is left out: it has no primary key

pub mod sql_types {
    #[derive(diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}

diesel::table! {
    posts (id) {
        id -> Int8,
        user_id -> Nullable<Int8>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    users (id) {
        id -> Int8,
        #[sql_name = "type"]
        #[max_length = 20]
        type_ -> Nullable<Varchar>,
        mood -> Nullable<Mood>,
    }
}

diesel::joinable!(posts -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(posts, users,);
"#;
    assert_eq!(schema_rs(&catalog, &PrintOptions::default()), expected);
}

#[test]
fn an_empty_catalog_is_only_the_first_line() {
    let empty = schema_rs(&Catalog::empty(Dialect::Sqlite), &PrintOptions::default());
    assert_eq!(empty, "// @generated automatically by Diesel CLI.\n");
}
