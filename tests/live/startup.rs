//! What an application asks when it starts.

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, PgConnection, SqliteConnection};
use planner::release::Requirements;
use planner::release::requirement::{Access, ColumnNeed, DeclaredType, Place, TableNeed};
use planner::startup::{self, StartupConnection, StartupError};

use crate::live::heartbeats::{live, on_file, project};
use crate::support::ScratchPostgres;

/// What a release needs that reads and writes these columns of `users`, each with its type and whether it may be NULL.
fn needs(columns: &[(&str, &str, bool)]) -> Requirements {
    let columns = columns.iter().enumerate().map(|(at, (name, declared, nullable))| ColumnNeed {
        name: (*name).into(),
        place: Place { file: 0, line: at as u32 + 4 },
        declared: Some(DeclaredType { nullable: *nullable, ..DeclaredType::plain(*declared) }),
        reads: true,
        writes: true,
        always_written: false,
    });
    let table = TableNeed {
        name: "users".into(),
        place: Place { file: 0, line: 2 },
        access: Access::ALL,
        columns: columns.collect(),
        upserts: Vec::new(),
    };
    Requirements {
        files: vec!["src/schema.rs".to_owned()],
        tables: vec![table],
        ..Requirements::default()
    }
}

fn refused<C: StartupConnection>(connection: &mut C, needs: &Requirements) -> String {
    match startup::check(connection, "web", "2.0.0", needs) {
        Err(error @ StartupError::Refused { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

const NEEDS: [(&str, &str, bool); 2] = [("id", "Integer", false), ("name", "Text", true)];

fn a_release_is_told_whether_the_schema_serves_it<C>(connection: &mut C)
where
    C: StartupConnection + SimpleConnection,
{
    connection
        .batch_execute("CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT)")
        .unwrap();
    let served = startup::check(connection, "web", "2.0.0", &needs(&NEEDS)).unwrap();
    assert_eq!(
        served.doubts,
        ["the database has no ledger, so nobody was asked whether it may be live"]
    );
    let text = refused(connection, &needs(&[NEEDS[0], ("nick", "Text", true)]));
    assert!(
        text.starts_with(
            "web 2.0.0 must not start on this schema:\n  reads, inserts and updates break"
        ),
        "{text}"
    );
    assert!(text.contains("`users.nick` does not exist (src/schema.rs:5)"), "{text}");
    // All reasons at once.
    let text = refused(connection, &needs(&[("a", "Text", true), ("b", "Text", true)]));
    assert!(text.contains("users.a") && text.contains("users.b"), "{text}");
    // NULL where the release expects none is a doubt: the plans may keep the column filled.
    let strict = needs(&[NEEDS[0], ("name", "Text", false)]);
    let served = startup::check(connection, "web", "2.0.0", &strict).unwrap();
    assert!(
        served.doubts[0]
            .starts_with("unless the plans keep it filled, reads break: `users.name` may be NULL"),
        "{served:?}"
    );
}

#[test]
fn a_release_is_told_whether_the_schema_serves_it_on_sqlite() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    a_release_is_told_whether_the_schema_serves_it(&mut connection);
}

#[test]
fn a_release_is_told_whether_the_schema_serves_it_on_postgresql() {
    a_release_is_told_whether_the_schema_serves_it(&mut ScratchPostgres::new().connect());
}

#[test]
fn what_a_release_needs_is_read_from_the_texts_it_carries() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection
        .batch_execute("CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT)")
        .unwrap();
    let schema = "diesel::table! { users (id) { id -> Integer, name -> Nullable<Text>, nick -> Nullable<Text>, } }";
    let all = startup::needs(schema, None).unwrap();
    assert!(refused(&mut connection, &all).contains("`users.nick` does not exist (schema.rs:1)"));
    let less = startup::needs(schema, Some("tables: { users: { ignores: [nick] } }\n")).unwrap();
    startup::check(&mut connection, "web", "2.0.0", &less).unwrap();
    let error = startup::needs("diesel::table! { users (id) { id -> } }", None).unwrap_err();
    assert!(error.to_string().starts_with("what the release needs cannot be read:\n"), "{error}");
}

#[test]
fn a_release_whose_start_nobody_recorded_is_a_doubt() {
    let project = project("", None);
    live(&project, "2.0.0");
    project.run(&["run", "--plan", "create_users"]).exits(0);
    let mut connection = on_file(&project);
    let all = needs(&[("id", "Integer", false), ("name", "Text", true), ("nick", "Text", true)]);
    assert_eq!(startup::check(&mut connection, "web", "2.0.0", &all).unwrap().doubts, [""; 0]);
    let doubts = startup::check(&mut connection, "web", "2'1", &all).unwrap().doubts;
    assert_eq!(
        doubts,
        [
            "no start of web 2'1 is recorded: `planner deploy start` was not asked whether it may be live"
        ]
    );
}

#[test]
fn a_role_that_may_read_nothing_is_answered_and_told_what_it_cannot_see() {
    let database = ScratchPostgres::new();
    let project = project("", Some(&database.url));
    live(&project, "2.0.0");
    project.run(&["run", "--plan", "create_users"]).exits(0);
    let role = "DO $$ BEGIN CREATE ROLE planner_blind LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    database.connect().batch_execute(role).unwrap();
    let url = database.url.replacen("planner@", "planner_blind@", 1);
    let mut blind = PgConnection::establish(&url).unwrap();
    blind.batch_execute("SET default_transaction_read_only = on").unwrap();
    let served = startup::check(&mut blind, "web", "2.0.0", &needs(&NEEDS)).unwrap();
    let said = "this role cannot see what deploys recorded: permission denied";
    assert!(served.doubts.len() == 1 && served.doubts[0].starts_with(said), "{served:?}");
    assert!(refused(&mut blind, &needs(&[("none", "Text", true)])).contains("users.none"));
}

#[test]
fn a_table_is_found_where_the_connection_finds_it() {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    connection
        .batch_execute("CREATE SCHEMA app; CREATE TABLE app.users (id integer PRIMARY KEY, name text); SET search_path = app")
        .unwrap();
    startup::check(&mut connection, "web", "2.0.0", &needs(&NEEDS)).unwrap();
    connection.batch_execute("SET search_path = public").unwrap();
    assert!(refused(&mut connection, &needs(&NEEDS)).contains("`users` does not exist"));
}
