//! What counts as used: whatever might be.

use super::*;
use crate::release::from_sources::ReleaseFiles;

const SCHEMA: &str = r#"
diesel::table! {
    users (id) {
        id -> Integer,
        email -> Text,
        nickname -> Nullable<Text>,
        #[sql_name = "type"]
        kind_ -> Text,
        #[sql_name = "last seen"]
        last_seen -> Timestamp,
    }
}
diesel::table! { posts (id) { id -> Integer, user_id -> Integer, headline -> Text, body -> Text, } }
diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts);
"#;

/// The columns of `users` that are left, then those of `posts`; `-` if the table is not used. And the warnings.
fn scanned(files: &[(&str, &str)]) -> (String, Vec<String>) {
    let mut release = ReleaseFiles::default();
    release.schema.push(release.sources.add("src/schema.rs", SCHEMA));
    release.rust.push(release.schema[0]);
    for (path, text) in files {
        let id = release.sources.add(*path, *text);
        if path.contains(".rs") { release.rust.push(id) } else { release.sql.push(id) }
    }
    let mut sink = Sink::default();
    let needs = release.needs(&mut sink).unwrap();
    let of = |name: &str| {
        let columns = needs.table(&name.into()).map(|table| {
            let names: Vec<&str> = table.columns.iter().map(|of| of.name.as_str()).collect();
            names.join(" ")
        });
        columns.unwrap_or_else(|| "-".to_owned())
    };
    assert!(!sink.has_errors(), "{:#?}", sink.found());
    let told = sink.into_sorted().into_iter().map(|found| found.message);
    (format!("{} | {}", of("users"), of("posts")), told.collect())
}

#[track_caller]
fn uses(source: &str, expected: &str) {
    let (left, found) = scanned(&[("src/main.rs", source)]);
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(left, expected, "{source}");
}

const ALL_OF_USERS: &str = "id email nickname type last seen | -";
const ALL_OF_POSTS: &str = "- | id user_id headline body";

#[test]
fn a_selected_column_is_used_and_the_others_are_not() {
    uses("fn f() { users::table.select(users::email).load::<String>(c)?; }", "id email | -");
    uses(
        "fn f() { users::table.filter(users::nickname.is_null()).select((users::id, users::email)).first(c) }",
        "id email nickname | -",
    );
    uses(
        "use schema::users::dsl::*; fn f() { users.select(email).load::<String>(c)? }",
        "id email | -",
    );
    uses(
        "use schema::users as u; fn f() { u::table.find(1).select(u::email).first::<String>(c) }",
        "id email | -",
    );
    uses("fn f() { users::dsl::users.count().get_result::<i64>(c) }", "id | -");
}

#[test]
fn a_query_that_does_not_say_what_it_selects_reads_everything() {
    for query in [
        "users::table.load::<User>(c)",
        "users::table.filter(users::id.eq(1)).first(c)",
        "users::table.find(1).get_result::<User>(c)",
        "users::table.load::<User>(c)?.iter().map(f).select(g)",
        "users::table.load::<User>(c)?.into_iter().count()",
        "users::table.load_all_of_them(c).select(users::id)",
        "{ let q = users::table.into_boxed(); q.select(users::id).load(c) }",
        "helper(users::table)",
        "users::table.select(users::all_columns).load::<User>(c)",
        "users::table.select(users::star).load::<User>(c)",
        "<users::table as diesel::Table>::all_columns()",
        "fn g<'a>() -> impl Sized + use<'a> { users::table.load::<User>(c) } x",
        "users::table.select(elsewhere::User::as_select()).load(c)",
        "users::table.select(T::as_select()).load(c)",
        "diesel::copy_to(users::table).load::<User, _>(c)",
        "posts::table.select(posts::id).filter(exists(users::table.filter(users::id.eq(1)))).load(c)",
    ] {
        let (left, found) = scanned(&[("src/main.rs", &format!("fn f() {{ {query}; }}"))]);
        assert!(found.is_empty(), "{found:?}");
        assert!(left.starts_with("id email nickname type last seen |"), "{query}: {left}");
    }
}

#[test]
fn a_table_under_another_name_is_the_table() {
    for source in [
        "use schema::users::dsl::*; fn f() { users.load::<User>(c) }",
        "use schema::users::dsl::users; fn f() { users.load::<User>(c) }",
        "use schema::users::dsl::users as people; fn f() { people.load::<User>(c) }",
        "use schema::users::table; fn f() { table.load::<User>(c) }",
        "use schema::users::table as people; fn f() { people.load::<User>(c) }",
        "use schema::users::*; fn f() { table.load::<User>(c) }",
        "use schema::users as u; use u::dsl::*; fn f() { users.load::<User>(c) }",
        "use schema::users as u; fn f() { u::table.load::<User>(c) }",
        "use schema::{other, users::{self as u, dsl}}; fn f() { dsl::users.load::<User>(c) }",
        "use schema::users::dsl as d; fn f() { d::users.load::<User>(c) }",
        "use schema::users::{dsl::{self as d}}; fn f() { d::users.load::<User>(c) }",
        "type People = users::table; ",
        "diesel::alias!(users as people: People); fn f() { people.load::<User>(c) }",
        "diesel::alias!(const PEOPLE: Alias<People> = users as people);",
    ] {
        uses(source, ALL_OF_USERS);
    }
    let (left, _) = scanned(&[
        (
            "src/prelude.rs",
            "pub use crate::schema::users::dsl::*; pub(crate) use schema::posts as p;",
        ),
        (
            "src/main.rs",
            "use crate::prelude::*; fn f() { users.load::<User>(c); p::table.load(c) }",
        ),
    ]);
    assert_eq!(left, "id email nickname type last seen | id user_id headline body");
}

#[test]
fn the_fields_of_a_struct_are_used() {
    let model = "#[derive(Queryable, Selectable)] #[diesel(table_name = users)]
        struct User { id: i32, nickname: Option<String>, #[diesel(column_name = kind_)] kind: String }";
    uses(
        &format!("{model} fn f() {{ users::table.select(User::as_select()).load(c) }}"),
        "id nickname type | -",
    );
    uses(
        &format!(
            "{model} impl User {{ fn all() -> impl Iterator<Item = Self> {{ users::table.select(Self::as_select()).load(c) }} }}"
        ),
        "id nickname type | -",
    );
    uses(
        &format!(
            "{model} impl<T> Load<T> for User {{ fn f() {{ users::table.select(Self::as_select()).load(c) }} }}"
        ),
        "id nickname type | -",
    );
    uses(
        &format!(
            "{model} impl Other {{ fn f() {{ users::table.select(Self::as_select()).load(c) }} }}"
        ),
        ALL_OF_USERS,
    );
    uses(
        "#[derive(HasQuery)] struct User { id: i32, r#email: String } fn f() { User::query().load(c) }",
        "id email | -",
    );
    uses(
        "#[derive(Insertable)] #[diesel(table_name = crate::schema::users)] struct New { #[diesel(column_name = \"type\")] kind: String }",
        "id type | -",
    );
}

#[test]
fn a_struct_without_a_table_name_is_of_the_table_that_diesel_infers() {
    uses(
        "use schema::*; #[derive(Insertable)] struct Post { headline: String }",
        "- | id user_id headline",
    );
}

#[test]
fn a_change_that_gives_nothing_back_uses_only_what_it_names() {
    for query in [
        "diesel::insert_into(users::table).values(&new).execute(c)",
        "insert_into(users::table).values(vec![a, b]).on_conflict(users::id).do_nothing().execute(c)",
        "insert_into(users::table).values(New { email: x }).execute(c)",
        "insert_into(users::table).values(users::email.eq(x)).execute(c)",
        "insert_into(users::table).values((users::email.eq(x),)).returning(users::id).get_result(c)",
        "insert_into(users::table).values(new).execute(c)",
        "new.insert_into(users::table).execute(c)",
        "diesel::update(users::table.filter(users::id.eq(1))).set(users::email.eq(x)).execute(c)",
        "diesel::update(users::table).set(users::email.eq(x)).returning(users::email).get_result(c)",
        "diesel::delete(users::table.find(1)).execute(c)",
    ] {
        uses(&format!("fn f() {{ {query}; x(email) }}"), "id email | -");
    }
}

#[test]
fn a_change_that_gives_rows_back_reads_everything() {
    for query in [
        "insert_into(users::table).values(&new).get_result::<User>(c)",
        "insert_into(users::table).values(&new).returning(users::all_columns).get_result(c)",
        "insert_into(users::table).values(&new).returning(elsewhere::User::as_returning()).get_result(c)",
        "update(users::table.find(1)).set(users::email.eq(x)).get_results::<User>(c)",
        "new.insert_into(users::table).get_result::<User>(c)",
        "delete(users::table.find(1)).get_result::<User>(c)",
        "{ let q = insert_into(users::table).values(&new); q.execute(c) }",
    ] {
        uses(&format!("fn f() {{ {query}; }}"), ALL_OF_USERS);
    }
    let row = "#[derive(Identifiable, AsChangeset)] #[diesel(table_name = users)] struct User { id: i32 }";
    for query in [
        "user.save_changes::<User>(c)",
        "diesel::update(&user).set(&change).get_result::<User>(c)",
        "Post::belonging_to(&user).load::<Post>(c)",
        "User::table().load(c); use diesel::associations::HasTable",
    ] {
        let (left, _) = scanned(&[("src/main.rs", &format!("{row} fn f() {{ {query}; }}"))]);
        assert!(left.starts_with("id email nickname type last seen |"), "{query}: {left}");
    }
    uses(
        &format!(
            "{row} fn f() {{ diesel::update(&user).set(&change).execute(c); Post::belonging_to(&user).select(posts::id).load(c) }}"
        ),
        "id | id user_id",
    );
}

#[test]
fn what_is_inserted_from_a_kept_query_writes_everything() {
    let source = "fn f() { let q = posts::table.select(posts::id); insert_into(users::table).values(q).execute(c) }";
    uses(source, "id email nickname type last seen | id user_id");
    let source = "fn f() { insert_into(users::table).values(posts::table.select(posts::id)).into_columns(users::id).execute(c) }";
    uses(source, "id | id user_id");
    let source = "fn f() { insert_into(users::table).values(new).execute(c);
        posts::table.select(posts::id).filter(posts::id.eq_any(users::table.select(users::id))).load(c) }";
    uses(source, "id | id user_id");
}

#[test]
fn joined_tables_are_used_as_the_query_says() {
    uses(
        "fn f() { users::table.inner_join(posts::table).select((users::email, posts::headline)).load(c) }",
        "id email | id user_id headline",
    );
    uses(
        "fn f() { users::table.inner_join(posts::table.on(posts::body.eq(users::email))).select(users::id).load(c) }",
        "id email | id user_id body",
    );
    uses(
        "fn f() { users::table.inner_join(posts::table).load::<(User, Post)>(c) }",
        "id email nickname type last seen | id user_id headline body",
    );
    uses("fn f() { q.left_join(posts::table).select(posts::id).load(c) }", "- | id user_id");
    uses("fn f() { q.left_join(posts::table).load(c) }", ALL_OF_POSTS);
}

#[test]
fn words_in_sql_are_used_whatever_their_case() {
    uses(
        r#"fn f() { sql_query("SELECT EMAIL, \"last seen\"\nFROM users WHERE\ntype = 'x'").load::<Row>(c) }"#,
        "id email type last seen | -",
    );
    uses(
        r##"fn f() { c.batch_execute(r#"update posts set headline = ''"#) }"##,
        "- | id user_id headline",
    );
    uses(
        r#"fn f() { sql_query(format!("select * from {}", "users")).load::<Row>(c); let _ = "users u.*"; }"#,
        ALL_OF_USERS,
    );
    uses(r#"fn f() { diesel::dsl::sql::<Text>("posts.body"); }"#, "- | id user_id body");
    let files = [
        (
            "src/main.rs",
            "fn f() { sql_query(include_str!(\"q/report.sql\")).load::<Row>(c); include_str!(\"x.html\"); }",
        ),
        ("src/q/report.sql", "select headline from posts"),
    ];
    let (left, found) = scanned(&files);
    assert_eq!((left.as_str(), found), ("- | id user_id headline", Vec::new()));
    let (left, found) = scanned(&files[..1]);
    assert_eq!(found, ["a file of SQL that is not below the scanned folders may use columns"]);
    assert_eq!(left, "id email nickname type last seen | id user_id headline body");
}

#[test]
fn what_a_macro_is_given_it_may_load() {
    uses("fn f() { my_query!(users, email) }", ALL_OF_USERS);
    uses("macro_rules! all { ($c:expr) => { users::table.load::<User>($c) } }", ALL_OF_USERS);
    uses(
        "macro_rules! one { ($t:ident, $c:ident) => { $t::table.select($t::$c) } } fn f() { posts::table.select(posts::id).load(c); col!(nickname) }",
        "- | id user_id",
    );
    uses(
        "fn f() { println!(\"{}\", posts::table.select(posts::body).first::<String>(c)?) }",
        "- | id user_id body",
    );
}

#[test]
fn macros_of_diesel_name_columns_and_load_nothing() {
    uses(
        "diesel::joinable!(posts -> users (nickname)); fn f() { users::table.select(users::id).load(c) }",
        "id nickname | -",
    );
    uses(
        "allow_columns_to_appear_in_same_group_by_clause!(posts::id, posts::body);",
        "- | id user_id body",
    );
}

#[test]
fn hostile_source_is_looked_through_in_time() {
    for text in [
        "use ".repeat(40_000),
        "a > (b) ".repeat(40_000),
        format!("{}{}", "f(".repeat(190), ")".repeat(190)),
        "users::table.".repeat(40_000),
        "#[cfg(test)] ".repeat(40_000),
    ] {
        let read = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
            let source = format!("fn f() {{ posts::table.select(posts::id).load(c); {text} }}");
            scanned(&[("src/main.rs", source.as_str())]).0
        });
        let left = read.unwrap().join().unwrap();
        assert!(left.contains("| id user_id"), "{left}");
    }
}

#[test]
fn only_tests_of_a_release_are_not_the_release() {
    uses(
        "/// Reads posts.body of users.nickname.
        fn f() { users::table.select(users::email).load(c) }
        #[cfg(test)] mod tests { fn f() { posts::table.load(c) } }
        #[cfg(test)] pub(crate) mod more { fn f() { users::table.load(c) } }",
        "id email | -",
    );
    uses(
        "fn f() { users::table.select(users::email).load(c) } #[cfg(feature = \"x\")] mod tests { fn f() { posts::table.load(c) } }",
        "id email | id user_id headline body",
    );
}

#[test]
fn what_hides_uses_leaves_everything_in() {
    let all = "id email nickname type last seen | id user_id headline body";
    for (source, message) in [
        (
            "fn f() { users::table.select(users::id); paste! { users::[<na me>] } }",
            "`paste!` may use columns that cannot be seen",
        ),
        (
            "include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));",
            "`include!` may use columns that cannot be seen",
        ),
        (
            "fn f() { users::table.select(users::id) ",
            "the file is not Rust: a bracket, a quote or a letter has no place here",
        ),
        ("fn main() {}", "no table of `schema.rs` occurs in the scanned source"),
    ] {
        let (left, found) = scanned(&[("src/main.rs", source)]);
        assert_eq!((left.as_str(), found), (all, vec![message.to_owned()]), "{source}");
    }
}

#[test]
fn requires_yaml_has_the_last_word() {
    let mut release = ReleaseFiles::default();
    release.schema.push(release.sources.add("src/schema.rs", SCHEMA));
    release.rust.push(
        release.sources.add("src/main.rs", "fn f() { users::table.select(users::id).load(c) }"),
    );
    release.requires = Some(release.sources.add(
        "requires.yaml",
        "tables: { users: { upserts: [[email]] }, posts: { reads: [body], writes: [] } }\nraw_sql: { audit: { reads: [at] } }\n",
    ));
    let mut sink = Sink::default();
    let needs = release.needs(&mut sink).unwrap();
    let told = needs.tables.iter().map(|table| {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        format!("{}: {}", table.name, columns.join(" "))
    });
    assert_eq!(told.collect::<Vec<_>>(), ["audit: at", "posts: body", "users: id email"]);
}
