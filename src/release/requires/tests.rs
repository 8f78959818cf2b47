//! What `requires.yaml` changes, and what is told of it.

use super::*;
use crate::release::requirement::{Access, Requirements};
use crate::release::schema_rs;

const SCHEMA: &str = r#"
pub mod sql_types {
    #[derive(SqlType)]
    #[diesel(postgres_type(name = "mood", schema = "app"))]
    pub struct Mood;
}
table! { users (id) { id -> BigInt, email -> Text, name -> Text, legacy -> Nullable<Text>, } }
table! { app.orders (id) { id -> BigInt, tenant_id -> BigInt, slug -> Text, } }
table! { outbox (id) { id -> BigInt, } }
"#;

fn merged(requires: &str) -> (Requirements, Mentioned, Vec<(String, String, String)>) {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let schema = sources.add("src/schema.rs", SCHEMA);
    let requires = sources.add("requires.yaml", requires);
    let declared = schema_rs::read(&sources, &[schema], &mut sink);
    let mut needs = declared.requirements();
    let mut mentioned = Mentioned::new();
    if let Some(written) = read(&sources, requires, &mut sink) {
        mentioned = apply(&mut needs, &declared.types, &written, &sources, requires, &mut sink);
    }
    let told = sink.into_sorted().into_iter().map(|found| {
        let place = found.labels.first().map(|label| sources.slice(label.span).to_owned());
        (found.message, place.unwrap_or_default(), found.help.unwrap_or_default())
    });
    (needs, mentioned, told.collect())
}

fn good(requires: &str) -> Requirements {
    let (needs, _, found) = merged(requires);
    assert!(found.is_empty(), "{found:#?}");
    needs
}

/// Columns in short: `email rw!` is read and written and in every insert.
fn told(needs: &Requirements, table: &str) -> Vec<String> {
    let table = needs.table(&table.into()).unwrap();
    let columns = table.columns.iter().map(|column| {
        let mut text = format!("{} ", column.name);
        text.extend(column.reads.then_some('r'));
        text.extend(column.writes.then_some('w'));
        text.extend(column.always_written.then_some('!'));
        text
    });
    columns.collect()
}

#[test]
fn without_a_word_everything_is_read_and_written() {
    for nothing in ["", "# nothing yet\n", "{}\n", "tables: { users: {} }\n"] {
        let needs = good(nothing);
        assert_eq!(told(&needs, "users"), ["id rw", "email rw", "name rw", "legacy rw"]);
        assert_eq!(needs.files, ["src/schema.rs", "requires.yaml"]);
    }
}

#[test]
fn columns_are_narrowed_to_what_is_read_and_written() {
    let needs = good(
        "tables:
  users:
    reads: [id, email]
    writes: [email, name]
    always_writes: [email]
    upserts: [[email], [name, email], [email, name]]
",
    );
    assert_eq!(told(&needs, "users"), ["id r", "email rw!", "name w"]);
    let users = needs.table(&"users".into()).unwrap();
    let lists: Vec<&[Name]> = users.upserts.iter().map(|upsert| &*upsert.columns).collect();
    assert_eq!(lists, [&[Name::from("email")][..], &["name".into(), "email".into()]]);
    assert_eq!(needs.at(users.upserts[0].place), "requires.yaml:6");
    assert_eq!(needs.at(users.columns[0].place), "src/schema.rs:7");
}

#[test]
fn ignored_tables_and_columns_are_not_needed() {
    let needs =
        good("tables: { users: { ignores: [legacy, name] } }\nignores: [outbox, app.orders]\n");
    assert_eq!(told(&needs, "users"), ["id rw", "email rw"]);
    assert_eq!(needs.tables.len(), 1);
}

#[test]
fn access_says_what_is_done_with_rows() {
    let of = |access: &str| {
        let needs = good(&format!("tables: {{ app.orders: {{ access: {access} }} }}\n"));
        let table = needs.table(&"app.orders".into()).unwrap().clone();
        (table.access, told(&needs, "app.orders")[0].clone())
    };
    assert_eq!(of("read"), (Access::READ_ONLY, "id r".into()));
    assert_eq!(of("write"), (Access::ALL, "id rw".into()));
    assert_eq!(
        of("[insert, delete]"),
        (Access { inserts: true, updates: false, deletes: true }, "id rw".into())
    );
    assert_eq!(of("[read, delete]").1, "id r");
}

#[test]
fn raw_sql_adds_tables_and_columns_without_a_type() {
    let needs = good(
        "raw_sql:
  audit: { columns: [id], writes: [at], always_writes: [at], upserts: [[id]] }
  report: { reads: [total] }
  users: { reads: [score] }
tables: { users: { access: read, reads: [id] } }
",
    );
    assert_eq!(told(&needs, "audit"), ["id rw", "at w!"]);
    assert_eq!(told(&needs, "report"), ["total r"]);
    assert_eq!(told(&needs, "users"), ["id r", "score r"]);
    let score = needs.table(&"users".into()).unwrap().column(&"score".into()).unwrap();
    assert_eq!((score.declared.clone(), needs.at(score.place)), (None, "requires.yaml:4".into()));
    assert_eq!(needs.table(&"report".into()).unwrap().access, Access::READ_ONLY);
    assert_eq!(needs.table(&"audit".into()).unwrap().access, Access::ALL);
    let names: Vec<String> = needs.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["audit", "outbox", "report", "users", "app.orders"]);
}

#[test]
fn enums_and_promises_are_kept() {
    let needs = good(
        "enums: { app.mood: { reads: [glad, no], writes: [glad] } }\nsatisfies: [users_age_check, users.name]\n",
    );
    assert_eq!(needs.enums[0].reads, ["glad", "no"]);
    assert_eq!(needs.enums[0].writes, ["glad"]);
    assert_eq!(needs.satisfies, ["users_age_check".into(), "users.name".into()]);
}

#[test]
fn what_is_mentioned_as_used_is_known_to_be() {
    let (_, mentioned, _) = merged(
        "tables: { users: { reads: [id], upserts: [[email]], ignores: [legacy] } }\nraw_sql: { a: { reads: [b] } }\n",
    );
    let told: Vec<String> =
        mentioned.iter().map(|(table, column)| format!("{table}.{column}")).collect();
    assert_eq!(told, ["a.b", "users.email", "users.id"]);
}

#[test]
fn every_mistake_is_told_at_its_word() {
    let (_, _, found) = merged(
        "tables:
  user: { reads: [id] }
  users:
    reads: [emial]
    acess: read
    ignores: [id]
    writes: [id]
    upserts: [[], [nope]]
  outbox: { access: read, always_writes: [id], writes: [id], upserts: [[id]] }
  app.orders: { writes: [slug], always_writes: [tenant_id], access: [insert, upsert] }
ignores: [users, outboks]
enums: { app.mod: { reads: [a] } }
",
    );
    let short: Vec<(&str, &str)> =
        found.iter().map(|(message, place, _)| (message.as_str(), place.as_str())).collect();
    assert_eq!(
        short,
        [
            ("a used table has no key `acess`", "acess"),
            ("`upsert` is not `read`, `write`, `insert`, `update` or `delete`", "upsert"),
        ]
    );
    let (_, _, found) = merged(
        "tables:
  user: { reads: [id] }
  users:
    reads: [emial]
    ignores: [id]
    writes: [id]
    upserts: [[], [nope]]
  outbox: { access: read, always_writes: [id], writes: [id], upserts: [[id]] }
  app.orders: { writes: [slug], always_writes: [tenant_id] }
ignores: [users, outboks]
enums: { app.mod: { reads: [a] } }
",
    );
    let short: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|(message, place, help)| (message.as_str(), place.as_str(), help.as_str()))
        .collect();
    let (keep, near) =
        ("keep the one that is right", |name: &str| format!("did you mean `{name}`?"));
    let declare =
        "declare it in `schema.rs`, or name it under `raw_sql` if only SQL of your own uses it";
    assert_eq!(
        short,
        [
            ("no table `user` is declared", "user", near("users").as_str()),
            ("`users` is used, and `ignores` says that it is not", "users", keep),
            ("no column `emial` of `users` is declared", "emial", &near("email")),
            ("`id` is used, and `ignores` says that it is not", "id", keep),
            ("an upsert conflicts on no column", "[]", "name the columns of its `ON CONFLICT`"),
            ("no column `nope` of `users` is declared", "nope", declare),
            ("`id` is in every insert, and `access` has no `insert`", "id", keep),
            ("`id` is written, and `access` says that nothing is", "id", keep),
            ("`id` is upserted on, and `access` has no `insert`", "id", keep),
            ("`tenant_id` is in every insert, and `writes` does not have it", "tenant_id", keep),
            ("no table `outboks` is declared", "outboks", &near("outbox")),
            ("`schema.rs` declares no type `app.mod`", "app.mod", &near("app.mood")),
        ]
    );
}

#[test]
fn the_schema_documents_every_key() {
    let schema = schema();
    for of in [&schema, &schema["properties"]["tables"]["additionalProperties"]] {
        for (key, property) in of["properties"].as_object().unwrap() {
            assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{key}");
        }
    }
}
