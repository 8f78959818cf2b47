//! Each form of `table!`, and what is told where one cannot be read.

use super::*;
use crate::diagnostic::Severity;
use crate::release::requirement::{Access, Requirements};

fn read_files(files: &[(&str, &str)]) -> (Sources, DeclaredSchema, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let ids: Vec<SourceId> = files.iter().map(|(path, text)| sources.add(*path, *text)).collect();
    let mut sink = Sink::default();
    let schema = read(&sources, &ids, &mut sink);
    (sources, schema, sink.into_sorted())
}

fn needs(text: &str) -> Requirements {
    let (_, schema, found) = read_files(&[("src/schema.rs", text)]);
    assert!(found.is_empty(), "{found:#?}");
    schema.requirements()
}

/// Tables and columns in short: `users(id: Integer@3)`.
fn told(needs: &Requirements) -> Vec<String> {
    let tables = needs.tables.iter().map(|table| {
        let columns = table.columns.iter().map(|column| {
            let declared = column.declared.as_ref().unwrap();
            let custom = declared.custom.as_ref().map(|name| format!("={name}"));
            format!("{}: {declared}{}", column.name, custom.unwrap_or_default())
        });
        format!("{}({})", table.name, columns.collect::<Vec<_>>().join(", "))
    });
    tables.collect()
}

fn messages(text: &str) -> Vec<(String, String)> {
    let (sources, _, found) = read_files(&[("src/schema.rs", text)]);
    let told = found.iter().map(|found| {
        let place = found.labels.first().map(|label| sources.slice(label.span).to_owned());
        (found.message.clone(), place.unwrap_or_default())
    });
    told.collect()
}

#[test]
fn the_macro_is_found_under_all_its_names() {
    for name in ["table!", "diesel::table!", "::diesel::table!", "diesel :: table !"] {
        assert_eq!(
            told(&needs(&format!("{name} {{ users {{ id -> Integer }} }}"))),
            ["users(id: Integer)"]
        );
    }
    assert_eq!(told(&needs("table!(users (id) { id -> Integer, });")), ["users(id: Integer)"]);
}

#[test]
fn a_table_may_stand_in_a_schema_and_have_a_composite_key() {
    let text = "table! { app.users (a, b) { a -> Integer, b -> BigInt, } }
        table! { public.plain (id) { id -> Integer } }";
    assert_eq!(told(&needs(text)), ["plain(id: Integer)", "app.users(a: Integer, b: BigInt)"]);
    let (_, schema, _) = read_files(&[("s.rs", text)]);
    assert_eq!(schema.tables[0].key, ["a", "b"]);
    let (_, schema, _) = read_files(&[("s.rs", "table! { t { id -> Integer } }")]);
    assert_eq!(schema.tables[0].key, ["id"]);
}

#[test]
fn names_in_the_database_are_kept_beside_those_in_rust() {
    let text = r#"
        diesel::table! {
            /// What people buy.
            #[sql_name = "Order Items"]
            #[allow(unused)]
            order_items (id) {
                id -> Integer,
                /// How it is called.
                #[sql_name = "type"]
                #[max_length = 20]
                type_ -> Varchar,
                #[cfg(feature = "old")]
                r#match -> Text,
            }
        }"#;
    let (_, schema, found) = read_files(&[("s.rs", text)]);
    assert!(found.is_empty(), "{found:#?}");
    let needs = schema.requirements();
    assert_eq!(told(&needs), ["Order Items(id: Integer, type: Text, match: Text)"]);
    let rust: Vec<&str> =
        schema.tables[0].columns.iter().map(|column| column.rust_name.as_str()).collect();
    assert_eq!(rust, ["id", "type_", "match"]);
    assert_eq!(schema.tables[0].rust_name, "order_items");
    assert_eq!(needs.at(needs.tables[0].place), "s.rs:6");
    assert_eq!(needs.at(needs.tables[0].columns[1].place), "s.rs:11");
}

#[test]
fn types_are_told_by_diesels_own_names() {
    let text = "table! {
        use diesel::sql_types::*;
        use diesel::sql_types::Text as Words;
        use diesel::{pg::sql_types::{Timestamptz, Uuid as Id}};
        t (a) {
            a -> Nullable<Int8>,
            b -> Array<Varchar>,
            c -> Nullable<Array<Nullable<Int4>>>,
            d -> Array<Array<Float8>>,
            e -> diesel::sql_types::Bpchar,
            f -> Words,
            g -> Id,
            h -> Int4range,
            i -> Range<Int4>,
            j -> Nullable<Multirange<Timestamptz>>,
            k -> Unsigned<Integer>,
            l -> Record<(Integer, Text)>,
            m -> diesel::sql_types::Nullable<::diesel::sql_types::Bytea>,
        }
    }";
    assert_eq!(
        told(&needs(text)),
        ["t(a: Nullable<BigInt>, b: Array<Text>, c: Nullable<Array<Nullable<Integer>>>, \
         d: Array<Array<Double>>, e: Text, f: Text, g: Uuid, h: Int4range, i: Int4range, \
         j: Nullable<Tstzmultirange>, k: Unsigned<Integer>, l: Record<(Integer,Text)>, \
         m: Nullable<Binary>)"]
    );
}

#[test]
fn every_alias_that_diesel_knows_has_its_own_name() {
    use diesel::sql_types as st;
    use std::any::TypeId;
    let same: &[(&str, TypeId, TypeId)] = &[
        ("Tinyint", TypeId::of::<st::Tinyint>(), TypeId::of::<st::TinyInt>()),
        ("Int2", TypeId::of::<st::Int2>(), TypeId::of::<st::SmallInt>()),
        ("Smallint", TypeId::of::<st::Smallint>(), TypeId::of::<st::SmallInt>()),
        ("Int4", TypeId::of::<st::Int4>(), TypeId::of::<st::Integer>()),
        ("Int8", TypeId::of::<st::Int8>(), TypeId::of::<st::BigInt>()),
        ("Bigint", TypeId::of::<st::Bigint>(), TypeId::of::<st::BigInt>()),
        ("Float4", TypeId::of::<st::Float4>(), TypeId::of::<st::Float>()),
        ("Float8", TypeId::of::<st::Float8>(), TypeId::of::<st::Double>()),
        ("Decimal", TypeId::of::<st::Decimal>(), TypeId::of::<st::Numeric>()),
        ("VarChar", TypeId::of::<st::VarChar>(), TypeId::of::<st::Text>()),
        ("Varchar", TypeId::of::<st::Varchar>(), TypeId::of::<st::Text>()),
        ("Char", TypeId::of::<st::Char>(), TypeId::of::<st::Text>()),
        ("Tinytext", TypeId::of::<st::Tinytext>(), TypeId::of::<st::Text>()),
        ("Mediumtext", TypeId::of::<st::Mediumtext>(), TypeId::of::<st::Text>()),
        ("Longtext", TypeId::of::<st::Longtext>(), TypeId::of::<st::Text>()),
        ("Tinyblob", TypeId::of::<st::Tinyblob>(), TypeId::of::<st::Binary>()),
        ("Blob", TypeId::of::<st::Blob>(), TypeId::of::<st::Binary>()),
        ("Mediumblob", TypeId::of::<st::Mediumblob>(), TypeId::of::<st::Binary>()),
        ("Longblob", TypeId::of::<st::Longblob>(), TypeId::of::<st::Binary>()),
        ("Varbinary", TypeId::of::<st::Varbinary>(), TypeId::of::<st::Binary>()),
        ("Bit", TypeId::of::<st::Bit>(), TypeId::of::<st::Binary>()),
    ];
    let own: &[(&str, TypeId)] = &[
        ("TinyInt", TypeId::of::<st::TinyInt>()),
        ("SmallInt", TypeId::of::<st::SmallInt>()),
        ("Integer", TypeId::of::<st::Integer>()),
        ("BigInt", TypeId::of::<st::BigInt>()),
        ("Float", TypeId::of::<st::Float>()),
        ("Double", TypeId::of::<st::Double>()),
        ("Numeric", TypeId::of::<st::Numeric>()),
        ("Text", TypeId::of::<st::Text>()),
        ("Binary", TypeId::of::<st::Binary>()),
    ];
    for (alias, id, expected) in same {
        assert_eq!(id, expected, "{alias}");
        let named = own.iter().find(|(name, _)| *name == types::own_name(alias)).unwrap();
        assert_eq!(named.1, *id, "{alias}");
    }
}

#[test]
fn a_custom_type_is_known_by_its_name_in_the_database() {
    let text = r#"
        pub mod sql_types {
            #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
            #[diesel(postgres_type(name = "mood", schema = "app"))]
            pub struct Mood;
            #[derive(SqlType)]
            #[diesel(postgres_type(name = "Bit", schema = "pg_catalog"))]
            pub struct Bit;
            #[derive(SqlType)]
            #[postgres(type_name = "old")]
            pub struct Old;
        }
        table! {
            use diesel::sql_types::*;
            use super::sql_types::Mood;
            use super::sql_types::Bit;
            users (id) {
                id -> Integer,
                mood -> Nullable<Mood>,
                moods -> Array<Nullable<super::sql_types::Mood>>,
                bit -> Bit,
                old -> super::sql_types::Old,
                place -> postgis_diesel::sql_types::Geometry,
                mac -> elsewhere::Macaddr,
            }
        }
        table! { others (id) { id -> Integer, bit -> Bit, } }
    "#;
    assert_eq!(
        told(&needs(text)),
        [
            "others(id: Integer, bit: Binary)",
            "users(id: Integer, mood: Nullable<Mood>=app.mood, moods: Array<Nullable<Mood>>=app.mood, \
         bit: Bit=pg_catalog.Bit, old: Old=old, place: Geometry, mac: Macaddr)",
        ]
    );
}

#[test]
fn of_two_types_with_one_name_the_nearest_is_meant() {
    let module = |name: &str| {
        format!(
            "pub mod {name} {{
                pub mod sql_types {{
                    #[derive(SqlType)] #[diesel(postgres_type(name = \"mood\", schema = \"{name}\"))]
                    pub struct Mood;
                }}
                diesel::table! {{
                    use super::sql_types::Mood;
                    {name}.t (id) {{ id -> Int4, mood -> Mood, }}
                }}
            }}"
        )
    };
    let text = format!("{}\n{}", module("one"), module("two"));
    assert_eq!(
        told(&needs(&text)),
        ["one.t(id: Integer, mood: Mood=one.mood)", "two.t(id: Integer, mood: Mood=two.mood)"]
    );
}

#[test]
fn modules_macros_and_conditions_hide_nothing() {
    let text = "
        #[cfg(feature = \"a\")] pub(crate) mod inner { pub mod deep {
            table! { deep (id) { id -> Integer, } }
        } }
        #[cfg(not(feature = \"a\"))]
        diesel::table! { other (id) { id -> Integer, } }
        cfg_if::cfg_if! { if #[cfg(unix)] { diesel::table! { in_macro (id) { id -> Integer, } } } }
        #[cfg(test)] mod tests { table! { only_in_tests (id) { id -> Integer, } } }
        #[cfg(test)] table! { only_in_tests (id) { id -> Integer, } }
        fn here() { table! { local (id) { id -> Integer, } } }
        diesel::joinable!(deep -> other (other_id));
        diesel::allow_tables_to_appear_in_same_query!(deep, other,);
    ";
    let names: Vec<String> = needs(text).tables.iter().map(|t| t.name.to_string()).collect();
    assert_eq!(names, ["deep", "in_macro", "local", "other"]);
    let (_, schema, _) = read_files(&[("s.rs", text)]);
    assert!(schema.joins.contains(&("deep".to_owned(), "other_id".to_owned())));
}

#[test]
fn a_view_is_only_read() {
    let needs = needs("diesel::view! { active_users (id) { id -> Integer, } }");
    assert_eq!(needs.tables[0].access, Access::READ_ONLY);
    assert!(!needs.tables[0].columns[0].writes);
}

#[test]
fn declarations_of_one_table_are_added_up_and_a_contradiction_is_told() {
    let text = "table! { t (id) { id -> Integer, a -> Nullable<Text>, } }
        mod slim { table! { t (id) { id -> Integer, a -> Text, b -> Bool } } }";
    assert_eq!(told(&needs(text)), ["t(id: Integer, a: Nullable<Text>, a: Text, b: Bool)"]);
    let text = "#[cfg(a)] table! { t (id) { id -> Integer, } }
        #[cfg(b)] table! { t (id) { id -> BigInt, } }";
    let (_, schema, found) = read_files(&[("s.rs", text)]);
    assert_eq!(told(&schema.requirements()), ["t(id: Integer, id: BigInt)"]);
    assert_eq!(found[0].severity, Severity::Warning);
    assert_eq!(found[0].message, "column `id` of `t` is declared as `Integer` and as `BigInt`");
}

#[test]
fn several_files_are_one_schema() {
    let (_, schema, found) = read_files(&[
        ("schema/mod.rs", "pub mod users; #[path = \"the_posts.rs\"] pub mod posts;"),
        ("schema/users.rs", "table! { users (id) { id -> Integer, } }"),
        ("schema/the_posts.rs", "\ntable! { posts (id) { id -> Integer, } }"),
    ]);
    assert!(found.is_empty(), "{found:#?}");
    let needs = schema.requirements();
    assert_eq!(needs.files, ["schema/users.rs", "schema/the_posts.rs"]);
    let places: Vec<String> = needs.tables.iter().map(|table| needs.at(table.place)).collect();
    assert_eq!(places, ["schema/the_posts.rs:2", "schema/users.rs:1"]);
}

#[test]
fn what_may_be_hidden_is_told() {
    let text = "mod users;
        macro_rules! t { ($n:ident) => { diesel::table! { $n (id) { id -> Integer, } } } }
        table! { t (id) { id -> Integer, } }";
    assert_eq!(
        messages(text),
        [
            ("module `users` is in a file that was not given".to_owned(), "users".to_owned()),
            ("a `table!` that a macro writes cannot be read".to_owned(), "table".to_owned()),
        ]
    );
    assert_eq!(messages("fn main() {}")[0].0, "the file declares no table");
}

#[test]
fn what_cannot_be_read_is_underlined() {
    for (text, message, place) in [
        (
            "table! { users (id) { id => Integer, } }",
            "the `table!` cannot be read: expected `->`",
            "=",
        ),
        (
            "table! { users (id) { id -> } }",
            "the `table!` cannot be read: unexpected end of input, expected identifier",
            "}",
        ),
        (
            "table! { users (id) { id -> &str, } }",
            "the `table!` cannot be read: expected identifier",
            "&",
        ),
        (
            "table! { #[sql_name = concat!(\"a\")] users { id -> Integer } }",
            "`sql_name` and `max_length` take one value each",
            "[sql_name = concat!(\"a\")]",
        ),
        (
            "table! { #[sql_name = 5] users { id -> Integer } }",
            "the `table!` cannot be read: invalid `#[sql_name = \"sql_name\"]` attribute",
            "#[sql_name = 5]",
        ),
        (
            "table! { users { id -> Integer }",
            "the file is not Rust: a bracket, a quote or a letter has no place here",
            "{",
        ),
        (
            "table! { users { id -> 'Integer } }\"",
            "the file is not Rust: a bracket, a quote or a letter has no place here",
            "\"",
        ),
    ] {
        let found = messages(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (message, place), "{text}");
    }
}

#[test]
fn every_broken_table_is_told_at_once() {
    let text = "table! { a { id } } table! { b { id -> Integer } } table! { c { -> } }";
    let (_, schema, found) = read_files(&[("s.rs", text)]);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(schema.tables.len(), 1);
}

#[test]
fn hostile_nesting_is_refused_on_a_small_stack() {
    let many = |text: &str, n: usize| text.repeat(n);
    let texts = [
        format!(
            "table! {{ t (id) {{ id -> {}Text{}, }} }}",
            many("Nullable<", 50_000),
            many(">", 50_000)
        ),
        format!("table! {{ t (id) {{ id -> A<{}Text>, }} }}", many("&", 50_000)),
        format!("table! {{ t (id) {{ id -> A<{}Text>, }} }}", many("fn() -> ", 50_000)),
        format!("table! {{ t (id) {{ id -> A<{}, }} }}", many("A<B,", 50_000)),
        format!("table! {{ use {}x; t (id) {{ id -> Text, }} }}", many("a::", 50_000)),
        format!(
            "table! {{ use a::{}x{}; t (id) {{ id -> Text, }} }}",
            many("{a::", 150),
            many("}", 150)
        ),
        format!("{}{}", many("(", 50_000), many(")", 50_000)),
        many("[", 2_000_000),
        many("mod a {", 190) + &many("}", 190),
        format!("const A: u8 = {}1;", many("!", 1_000_000)),
        format!("/*{}", many("/*", 1_000_000)),
    ];
    for text in texts {
        let shown = text.get(..60).unwrap_or(&text).to_owned();
        let read = std::thread::Builder::new().stack_size(512 * 1024).spawn(move || {
            let (_, schema, found) = read_files(&[("s.rs", &text)]);
            assert!(schema.tables.is_empty(), "{shown}");
            assert!(!found.is_empty(), "{shown}");
        });
        read.unwrap().join().unwrap();
    }
}
