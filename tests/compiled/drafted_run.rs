//! Plans for the difference of two catalogs, run: the database is then as it was wanted.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::compile::phased::Phased;
use planner::database::introspect::{postgres, sqlite};
use planner::dialect::Dialect;
use planner::dialects::whole;

use super::drafted::{answered, drafted, states, unexpected};
use super::project::case;
use crate::support::ScratchPostgres;
use crate::support::project::Project;

#[test]
fn what_was_drafted_and_answered_runs_and_ends_at_what_was_wanted() {
    for (dialect, every, at_least) in [(Dialect::Sqlite, 1, 8), (Dialect::Postgres, 3, 3)] {
        let mut n_pairs = 0;
        for name in ["storefront", "restrictions"] {
            let states = states(&case(name), dialect);
            let states: Vec<&Catalog> =
                states.iter().filter(|state| !state.tables.is_empty()).collect();
            let pairs = states.iter().zip(states.iter().rev());
            for (have, want) in pairs.step_by(every) {
                n_pairs += usize::from(runs(have, want));
            }
        }
        assert!(n_pairs >= at_least, "{n_pairs} on {dialect}");
    }
}

/// Runs the plan that leads from one catalog to another; `false` if there is nothing to do.
fn runs(have: &Catalog, want: &Catalog) -> bool {
    let Some(ran) = ran(have, want, "", &answered) else { return false };
    assert_eq!(unexpected(&ran.plan, want, &ran.live), [], "{}", ran.text);
    true
}

/// A plan that was drafted, answered and run to its end.
struct Ran {
    plan: Phased,
    text: String,
    live: Catalog,
    project: Project,
    server: Option<ScratchPostgres>,
}

/// Drafts a plan, answers it, and runs it on tables with these rows; nothing if there is nothing to do.
fn ran(have: &Catalog, want: &Catalog, rows: &str, answer: &dyn Fn(&str) -> String) -> Option<Ran> {
    let (plan, text) = drafted(have, want);
    if !plan.has_steps() {
        return None;
    }
    let script: String =
        whole(have, true).statements.iter().map(|sql| format!("{sql};\n")).collect();
    let dialect = have.dialect;
    let server = (dialect == Dialect::Postgres).then(ScratchPostgres::new);
    let url = server.as_ref().map_or("app.db", |server| server.url.as_str());
    let config = format!("dialect: {dialect}\nenvironments: {{ dev: {{ gates: off }} }}\n");
    let project = Project::with_config(&config)
        .variable("DATABASE_URL", url)
        .file("migrations/2020-01-01-000000_before/up.sql", script + rows);
    project.run(&["run"]).exits(0);
    project.run(&["baseline"]).exits(0);
    let text = answer(&text);
    project.write("plans/2026-01-01-000000_go_there.yaml", &text);
    let ran = project.run(&["--env", "dev", "run"]);
    assert_eq!(ran.code, 0, "{}{}\n{text}", ran.out, ran.err);
    project.run(&["drift"]).exits(0);
    let live = if let Some(server) = &server {
        postgres::read(&mut server.connect()).unwrap()
    } else {
        let path = project.path().join("app.db");
        let mut file = diesel::Connection::establish(path.to_str().unwrap()).unwrap();
        sqlite::read(&mut file).unwrap()
    };
    Some(Ran { plan, text, live, project, server })
}

/// The catalog that statements make on a server.
fn made(sql: &str) -> Catalog {
    let server = ScratchPostgres::new();
    let mut connection = server.connect();
    connection.batch_execute(sql).unwrap();
    postgres::read(&mut connection).unwrap()
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

fn asked(ran: &Ran, sql: &str) -> String {
    let mut connection = ran.server.as_ref().unwrap().connect();
    diesel::sql_query(sql).get_result::<Found>(&mut connection).unwrap().text
}

#[test]
fn a_primary_key_that_other_tables_refer_to_gives_way_to_another_one() {
    let notes = "CREATE TABLE notes (id integer PRIMARY KEY, owner integer NOT NULL REFERENCES users (id) ON DELETE CASCADE);";
    let have = made(&format!(
        "CREATE TABLE users (id integer PRIMARY KEY, uid uuid DEFAULT gen_random_uuid(), boss integer REFERENCES users (id)); {notes}"
    ));
    let want = made(&format!(
        "CREATE TABLE users (id integer NOT NULL, uid uuid DEFAULT gen_random_uuid(), boss integer, PRIMARY KEY (uid),
             CONSTRAINT users_id_key UNIQUE (id));
         ALTER TABLE users ADD FOREIGN KEY (boss) REFERENCES users (id); {notes}"
    ));
    let rows = "INSERT INTO users (id, boss) VALUES (1, NULL), (2, 1); INSERT INTO notes VALUES (1, 2), (2, 1);";
    for (have, want) in [(&have, &want), (&want, &have)] {
        let answer = |text: &str| {
            let text = text.replace("VALUE", "gen_random_uuid()");
            answered(&text)
        };
        let ran = ran(have, want, rows, &answer).unwrap();
        let differences = unexpected(&ran.plan, want, &ran.live);
        assert_eq!((differences, &ran.plan.unsaid), (vec![], &vec![]), "{}", ran.text);
        let valid = "SELECT (count(*) FILTER (WHERE NOT convalidated))::text || ' of ' || count(*) AS text FROM pg_constraint
             WHERE contype = 'f' AND connamespace = 'public'::regnamespace";
        assert_eq!(asked(&ran, valid), "0 of 2");
        let gone = "WITH gone AS (DELETE FROM users WHERE id = 2 RETURNING id) SELECT count(*)::text AS text FROM gone";
        assert_eq!(asked(&ran, gone), "1");
        assert_eq!(asked(&ran, "SELECT count(*)::text AS text FROM notes"), "1", "it cascades");
        ran.project.run(&["verify"]).exits(0);
    }
}

#[test]
fn values_of_an_enum_go_with_the_type_that_another_one_takes_the_place_of() {
    let have = made(
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
         CREATE TABLE users (id integer PRIMARY KEY, feeling mood, usual mood NOT NULL DEFAULT 'ok', moods mood[]);",
    );
    let want = made(
        "CREATE TYPE mood AS ENUM ('calm', 'glad', 'ok');
         CREATE TABLE users (id integer PRIMARY KEY, feeling mood, usual mood NOT NULL DEFAULT 'ok', moods mood[]);",
    );
    let rows = "INSERT INTO users VALUES (1, 'sad', 'sad', '{sad,glad}'), (2, 'glad', 'ok', NULL), (3, NULL, 'glad', '{}');";
    let (_, open) = drafted(&have, &want);
    assert!(open.contains("QUESTION") && open.contains("THEN VALUE ELSE"), "{open}");
    let project = Project::with_config("dialect: postgres\n")
        .file("migrations/2020-01-01-000000_before/up.sql", "CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
             CREATE TABLE users (id integer PRIMARY KEY, feeling mood, usual mood NOT NULL DEFAULT 'ok', moods mood[]);")
        .file("plans/2026-01-01-000000_go_there.yaml", &open);
    assert!(!project.findings(1).is_empty(), "what is open is found by the check");
    let answer = |text: &str| answered(&text.replace("VALUE", "'ok'"));
    let ran = ran(&have, &want, rows, &answer).unwrap();
    assert_eq!(ran.plan.unsaid, Vec::<String>::new(), "{}", ran.text);
    let told = "SELECT string_agg(feeling_new::text || ' ' || usual_new::text || ' ' || coalesce(moods_new::text, '-'), ', ' ORDER BY id) AS text
         FROM (SELECT id, coalesce(feeling_new::text, '-') AS feeling_new, usual_new, moods_new FROM users) AS u";
    assert_eq!(asked(&ran, told), "ok ok {ok,glad}, glad ok -, - glad {}");
    let types = "SELECT string_agg(typname || array_length(enum_range(NULL::mood_new), 1), ' ') AS text FROM pg_type WHERE typname IN ('mood', 'mood_new')";
    assert_eq!(asked(&ran, types), "mood_new3");
    let default = "WITH new AS (INSERT INTO users (id) VALUES (9) RETURNING usual_new) SELECT usual_new::text AS text FROM new";
    assert_eq!(asked(&ran, default), "ok");
    ran.project.run(&["verify"]).exits(0);
}

/// The catalog that statements make in a file.
fn made_in_file(sql: &str) -> Catalog {
    let file = crate::support::ScratchSqlite::new();
    let mut connection = file.connect();
    connection.batch_execute(sql).unwrap();
    sqlite::read(&mut connection).unwrap()
}

#[test]
fn a_sqlite_table_gives_way_to_one_that_is_strict_or_has_another_key() {
    let notes = "CREATE TABLE notes (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);";
    let strict = format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, code TEXT) STRICT; CREATE INDEX by_name ON users (name); {notes}"
    );
    let keyed = format!(
        "CREATE TABLE users (id INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, code TEXT, PRIMARY KEY (name)); {notes}"
    );
    let have = made_in_file(&format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, code TEXT); CREATE INDEX by_name ON users (name); {notes}"
    ));
    let rows = "INSERT INTO users VALUES (1, 'ann', NULL), (2, 'bob', 'x'); INSERT INTO notes VALUES (1, 1), (2, 2);";
    for (want, is_strict) in [(strict, true), (keyed, false)] {
        let want = made_in_file(&want);
        let ran = ran(&have, &want, rows, &answered).unwrap();
        assert_eq!(ran.plan.unsaid, Vec::<String>::new(), "{}", ran.text);
        assert!(ran.text.contains("QUESTION"), "{}", ran.text);
        assert!(ran.live.table(&"users".into()).is_none(), "{}", ran.text);
        let table = ran.live.table(&"users_new".into()).unwrap();
        assert_eq!(table.strict, is_strict);
        assert_eq!(
            table.primary_key.as_ref().unwrap().columns,
            want.table(&"users".into()).unwrap().primary_key.as_ref().unwrap().columns
        );
        let keys = &ran.live.table(&"notes".into()).unwrap().foreign_keys;
        assert_eq!(keys[0].references, "users_new".into());
        let path = ran.project.path().join("app.db");
        let mut file: diesel::SqliteConnection =
            diesel::Connection::establish(path.to_str().unwrap()).unwrap();
        file.batch_execute("PRAGMA foreign_keys = ON; DELETE FROM users_new WHERE id = 2").unwrap();
        let sql = "SELECT (SELECT group_concat(id || name || coalesce(code, '-')) FROM users_new) || ' ' || (SELECT count(*) FROM notes) AS text";
        let found = diesel::sql_query(sql).get_result::<Found>(&mut file).unwrap();
        assert_eq!(found.text, "1ann- 1");
        ran.project.run(&["verify"]).exits(0);
    }
}

#[test]
fn a_sqlite_table_becomes_one_without_row_ids_and_back() {
    let plain = made_in_file(
        "CREATE TABLE users (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL); CREATE INDEX by_name ON users (name);",
    );
    let without = made_in_file(
        "CREATE TABLE users (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID; CREATE INDEX by_name ON users (name);",
    );
    let rows = "INSERT INTO users VALUES ('a', 'ann'), ('b', 'bob');";
    for (have, want, is_without) in [(&plain, &without, true), (&without, &plain, false)] {
        let ran = ran(have, want, rows, &answered).unwrap();
        assert_eq!(ran.plan.unsaid, Vec::<String>::new(), "{}", ran.text);
        assert!(ran.live.table(&"users".into()).is_none(), "{}", ran.text);
        let table = ran.live.table(&"users_new".into()).unwrap();
        assert_eq!(table.without_rowid, is_without, "{}", ran.text);
        assert_eq!(table.primary_key.as_ref().unwrap().columns, ["code".into()]);
        assert_eq!(table.indexes.len(), 1, "{}", ran.text);
        let path = ran.project.path().join("app.db");
        let mut file: diesel::SqliteConnection =
            diesel::Connection::establish(path.to_str().unwrap()).unwrap();
        let sql = "SELECT group_concat(code || name) AS text FROM (SELECT * FROM users_new ORDER BY code)";
        let found = diesel::sql_query(sql).get_result::<Found>(&mut file).unwrap();
        assert_eq!(found.text, "aann,bbob");
        ran.project.run(&["verify"]).exits(0);
    }
}

#[test]
fn a_new_table_without_row_ids_is_drafted_as_one() {
    let have = made_in_file("CREATE TABLE users (id INTEGER PRIMARY KEY);");
    let want = made_in_file(
        "CREATE TABLE users (id INTEGER PRIMARY KEY);
         CREATE TABLE tags (a TEXT NOT NULL, b INTEGER NOT NULL REFERENCES users (id), note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID, STRICT;",
    );
    let ran = ran(&have, &want, "", &answered).unwrap();
    assert_eq!(unexpected(&ran.plan, &want, &ran.live), [], "{}", ran.text);
    let table = ran.live.table(&"tags".into()).unwrap();
    assert!(table.without_rowid && table.strict, "{}", ran.text);
    ran.project.run(&["verify"]).exits(0);
}
