//! `planner baseline`: an existing project is adopted, and not a file of it is edited.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use super::adopted::{PLAN, project as postgres_project};
use crate::support::ScratchPostgres;
use crate::support::diesel::{diesel, print_schema};
use crate::support::project::Project;

/// Hand-written migrations of a SQLite project: directory and `up.sql`.
const SQLITE: [(&str, &str); 15] = [
    (
        "2021-01-04-101500_create_users",
        "CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  email VARCHAR(255) NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  is_admin BOOLEAN NOT NULL DEFAULT 0,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
",
    ),
    (
        "2021-01-05-090000_create_posts",
        "CREATE TABLE posts (
  id INTEGER PRIMARY KEY NOT NULL,
  author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title VARCHAR NOT NULL,
  body TEXT NOT NULL DEFAULT '',
  published BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX posts_author ON posts (author_id);
",
    ),
    (
        "2021-02-01-000000_state",
        "ALTER TABLE posts ADD COLUMN state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published'));
UPDATE posts SET state = 'published' WHERE published;
",
    ),
    ("2021-02-02-000000_drop_published", "ALTER TABLE posts DROP COLUMN published;"),
    (
        "2021-03-01-000000_tags",
        "CREATE TABLE IF NOT EXISTS tags (id integer primary key not null, name text not null, CHECK (name <> ''));
CREATE TABLE post_tags (post_id integer NOT NULL REFERENCES posts, tag_id int NOT NULL REFERENCES tags, PRIMARY KEY (post_id, tag_id)) WITHOUT ROWID;
CREATE UNIQUE INDEX tags_lower_name ON tags (lower(name));
",
    ),
    ("2021-04-01-000000_rename_title", "ALTER TABLE posts RENAME COLUMN title TO headline;"),
    (
        "2021-05-01-000000_sessions",
        "CREATE TABLE sessions (id BLOB PRIMARY KEY NOT NULL, user_id INTEGER NOT NULL, data TEXT NOT NULL DEFAULT '{}', expires_at TIMESTAMP, CONSTRAINT sessions_user_fk FOREIGN KEY (user_id) REFERENCES users(id));",
    ),
    ("2021-06-01-000000_balance", "ALTER TABLE users ADD COLUMN balance NUMERIC NOT NULL DEFAULT 0;"),
    (
        "2021-07-01-000000_views",
        "CREATE VIEW published_posts AS SELECT p.id, p.headline, u.email FROM posts p JOIN users u ON u.id = p.author_id WHERE p.state = 'published';",
    ),
    (
        "2021-08-01-000000_partial_index",
        "CREATE INDEX sessions_expires ON sessions (expires_at DESC) WHERE expires_at IS NOT NULL;",
    ),
    (
        "2021-09-01-000000_trigger",
        "CREATE TABLE log (what TEXT);
CREATE TRIGGER users_log AFTER INSERT ON users BEGIN INSERT INTO log (what) VALUES ('a user; new'); END;
",
    ),
    ("2021-10-01-000000_seed", "INSERT INTO tags (name) VALUES ('rust'), ('it''s; odd');\nDELETE FROM sessions;"),
    ("2021-11-01-000000_rename_table", "ALTER TABLE log RENAME TO audit_log;"),
    ("2021-12-01-000000_scratch", "CREATE TABLE scratch (x ANY) STRICT; DROP TABLE scratch;"),
    ("2022-01-01-000000_nick", "ALTER TABLE users ADD nick text;"),
];

fn sqlite_project() -> Project {
    let project = Project::with_config("dialect: sqlite\n");
    SQLITE
        .iter()
        .fold(project, |project, (directory, up)| {
            project.file(&format!("migrations/{directory}/up.sql"), up)
        })
        .file("diesel.toml", "[print_schema]\nfilter = { except_tables = [\"^planner_.*\"] }\n")
        .variable("DATABASE_URL", "app.db")
}

/// All files of a project that are its own.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.to_str().unwrap().contains("app.db") {
            found.insert(path.to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// Adopts a project from a place, goes on with a plan, and looks at it from all sides.
#[track_caller]
fn adopt(project: &Project, url: &str, from: &[&str], file: &str) {
    diesel(url, project.path(), &["migration", "run"]).exits(0);
    let before = files(project.path());
    let mut command = vec!["baseline"];
    command.extend(from);
    let text = project.run(&command).exits(0);
    assert!(text.contains("Written; commit it."), "{text}");
    assert!(text.contains("covers 15 migrations"), "{text}");
    assert!(text.contains("Recorded in the database's ledger (entry 1)."), "{text}");
    let mut after = files(project.path());
    after.retain(|path, _| !path.ends_with(file));
    assert_eq!(after, before, "no file of the project is edited");
    assert_eq!(project.findings(0), []);
    project.run(&["drift"]).exits(0);
    let text = project.run(&command).exits(0);
    assert!(text.contains("Nothing changes in it.") && !text.contains("Recorded"), "{text}");

    project.write("plans/2026-01-01-000000_display_name.yaml", PLAN);
    assert_eq!(project.findings(0), []);
    project.run(&["compile"]).exits(0);
    let text = project.run(&["run"]).exits(0);
    assert!(text.contains("ran."), "{text}");
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let printed = print_schema(url, project.path());
    assert_eq!(project.run(&["schema-rs"]).exits(0), printed);
    let told = project.run(&["new", "nothing", "--from-database"]).exits(0);
    assert_eq!(told, "The database is what the plans end with: there is nothing to plan.\n");
    project.write("src/schema.rs", printed);
    let told = project.run(&["new", "nothing", "--from-schema"]).exits(0);
    assert_eq!(told, "`src/schema.rs` is what the plans end with: there is nothing to plan.\n");
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("Nothing changes in it.") && !text.contains("Recorded"), "{text}");
    let text = project.run(&["history"]).exits(0);
    assert!(
        text.contains("baseline from the") && text.contains("covering 15 migrations"),
        "{text}"
    );
}

#[test]
fn a_postgresql_project_is_adopted_from_its_database() {
    let server = ScratchPostgres::new();
    let project = postgres_project(&server);
    adopt(&project, &server.url, &[], "baseline.postgres.sql");
    let text = project.read("baseline.postgres.sql");
    for said in [
        "-- from: database",
        "-- left out: function `diesel_set_updated_at`",
        "-- left out: extension `pgcrypto`",
        "-- covers: 20210104101500",
        "CREATE TABLE users",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let text = project.run(&["baseline", "--from", "database"]).fails(2);
    assert!(text.contains("plans have run on this database"), "{text}");
}

#[test]
fn a_postgresql_project_is_adopted_from_its_migrations() {
    let server = ScratchPostgres::new();
    let project = postgres_project(&server);
    adopt(&project, &server.url, &["--from", "migrations"], "baseline.postgres.sql");
    assert!(!project.read("baseline.postgres.sql").contains("CREATE"));
}

#[test]
fn a_sqlite_project_is_adopted_from_either() {
    for from in [&[][..], &["--from", "migrations"]] {
        let project = sqlite_project();
        let url = project.path().join("app.db");
        adopt(&project, url.to_str().unwrap(), from, "baseline.sqlite.sql");
    }
}

const SCHEMA: &str = "diesel::table! {
    users (id) {
        id -> Integer,
        email -> Text,
        password_hash -> Text,
        is_admin -> Bool,
        created_at -> Nullable<Timestamp>,
        mood -> Mood,
    }
}
";

#[test]
fn the_places_are_compared_and_what_differs_is_shown() {
    let project = sqlite_project().file("src/schema.rs", SCHEMA);
    let path = project.path().join("app.db");
    diesel(path.to_str().unwrap(), project.path(), &["migration", "run"]).exits(0);
    let mut file = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    file.batch_execute("ALTER TABLE users ADD COLUMN by_hand TEXT; DROP INDEX posts_author; CREATE VIRTUAL TABLE words USING fts5(word)")
        .unwrap();
    project.write(
        "migrations/2022-02-01-000000_later/up.sql",
        "CREATE TABLE later (id INTEGER PRIMARY KEY NOT NULL);",
    );
    project.write("migrations/2022-02-01-000000_later/down.sql", "DROP TABLE later;");
    let text = project.run(&["baseline", "--dry-run"]).exits(0);
    for said in [
        "Compared the database and the migrations: 2 differences.",
        "column `users.by_hand`: only in the database (of type `TEXT`, nullable)",
        "index `posts_author` on `posts`: only in the migrations (on `author_id`)",
        "of the 16 migrations 1 have not run on the database",
        "column `users.created_at`: `Timestamp` in the database, `Nullable<Timestamp>` in `src/schema.rs`",
        "column `users.mood`: only in `src/schema.rs` (`Mood`)",
        "table `posts`: only in the database",
        "left out: virtual table `words`",
        "It would be written.",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!project.path().join("baseline.sqlite.sql").exists());
    let json = project.json(&["baseline"], 0);
    assert_eq!(json["from"], "database");
    assert_eq!(json["outcome"], "written");
    assert_eq!(json["covers"].as_array().unwrap().len(), 15);
    assert_eq!(json["compared"][0]["differences"].as_array().unwrap().len(), 2);
    assert_eq!(project.findings(0), []);

    let text = project.run(&["baseline", "--from", "schema.rs"]).exits(0);
    for said in [
        "left out: what no `schema.rs` says: defaults",
        "left out: column `users.mood`: sqlite has no type that Diesel prints as `Mood`",
        "changes: from `schema.rs`, no longer from the database",
        "changes: covers `20220201000000` too",
        "changes: table `posts`: only in the one before",
        "(entry 2)",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(project.findings(0), []);
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("from `schema.rs`") && text.contains("Nothing changes"), "{text}");
}

#[test]
fn without_a_database_the_migrations_are_enough() {
    let project = sqlite_project();
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("from the migrations, covers 15 migrations"), "{text}");
    assert!(!text.contains("Recorded"), "{text}");
    assert!(!project.path().join("app.db").exists(), "no database is made");
    assert_eq!(project.findings(0), []);
    project.write("migrations/2022-02-01-000000_later/up.sql", "DROP TABLE users;");
    let found = project.findings(1);
    assert!(found.iter().any(|(code, _)| code == "EC710"), "{found:?}");
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("changes: covers `20220201000000` too"), "{text}");
}

#[test]
fn an_empty_database_gets_the_migrations_and_then_the_plans() {
    let project = sqlite_project();
    let url = project.path().join("app.db");
    diesel(url.to_str().unwrap(), project.path(), &["migration", "run"]).exits(0);
    project.run(&["baseline"]).exits(0);
    project.write("plans/2026-01-01-000000_display_name.yaml", PLAN);
    let project = project.variable("DATABASE_URL", "fresh.db");
    let text = project.run(&["run"]).exits(0);
    assert!(text.contains("ran."), "{text}");
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
}

#[test]
fn what_cannot_be_done_is_said_with_what_to_do() {
    let empty = Project::with_config("dialect: sqlite\n");
    let text = empty.run(&["baseline"]).fails(2);
    assert!(text.contains("no hand-written migrations and no database"), "{text}");
    let text = empty.run(&["baseline", "--from", "migrations"]).fails(2);
    assert!(text.contains("there are no hand-written migrations"), "{text}");
    let text = empty.run(&["baseline", "--from", "schema.rs"]).fails(2);
    assert!(text.contains("there is no `src/schema.rs`"), "{text}");
    let text = empty.run(&["baseline", "--from", "memory"]).fails(2);
    assert!(text.contains("places: migrations, database, schema.rs"), "{text}");

    let project = sqlite_project();
    let text = project.run(&["baseline", "--from", "database"]).fails(2);
    assert!(text.contains("there is no database to take the schema from"), "{text}");
    project.write("baseline.sqlite.sql", "-- planner baseline 7\n");
    let text = project.run(&["baseline"]).fails(2);
    assert!(text.contains("was written by a newer planner"), "{text}");
    project.write("baseline.sqlite.sql", "-- planner baseline 1\n-- dialect: postgres\n");
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("cannot be read, and is written anew"), "{text}");
    assert_eq!(project.findings(0), []);
    project.write("src/schema.rs", "diesel::table! { users ");
    let text = project.run(&["baseline", "--from", "schema.rs"]).fails(1);
    assert!(text.contains("`src/schema.rs` cannot be read"), "{text}");
}

#[test]
fn a_database_that_is_down_is_no_reason_not_to_adopt() {
    let down = "postgres://nobody:secret@127.0.0.1:1/none";
    let project = Project::with_config("dialect: postgres\n").variable("DATABASE_URL", down).file(
        "migrations/2021-01-01-000000_users/up.sql",
        "CREATE TABLE users (id integer PRIMARY KEY);",
    );
    let text = project.run(&["baseline", "--from", "database"]).fails(2);
    assert!(
        text.contains("help: check that the server runs") && !text.contains("secret"),
        "{text}"
    );
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("the database was not asked") && !text.contains("secret"), "{text}");
    assert!(text.contains("from the migrations, covers 1 migration\n"), "{text}");
}

#[test]
fn a_project_of_three_hundred_migrations_is_adopted() {
    let mut project = Project::with_config("dialect: sqlite\n").variable("DATABASE_URL", "app.db");
    for nth in 0..300_u32 {
        let table = nth / 6;
        let up = match nth % 6 {
            0 => format!(
                "CREATE TABLE t{table} (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL DEFAULT '', parent INTEGER REFERENCES t{}(id));",
                table / 2
            ),
            1 => format!("ALTER TABLE t{table} ADD COLUMN size INTEGER CHECK (size >= 0);"),
            2 => format!("CREATE INDEX t{table}_name ON t{table} (name, size DESC);"),
            3 => format!(
                "UPDATE t{table} SET size = 1; ALTER TABLE t{table} RENAME COLUMN size TO weight;"
            ),
            4 => {
                format!("CREATE VIEW v{table} AS SELECT id, weight FROM t{table} WHERE weight > 1;")
            }
            _ => format!("ALTER TABLE t{table} ADD COLUMN at TIMESTAMP;"),
        };
        let day =
            format!("20{:02}-{:02}-{:02}-000000", 10 + nth / 100, 1 + nth / 25 % 12, 1 + nth % 25);
        project = project.file(&format!("migrations/{day}-{nth:04}_change/up.sql"), up);
    }
    let path = project.path().join("app.db");
    diesel(path.to_str().unwrap(), project.path(), &["migration", "run"]).exits(0);
    let before = files(project.path());
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("Compared the database and the migrations: they agree."), "{text}");
    assert!(text.contains("covers 300 migrations"), "{text}");
    project.write(
        "plans/2026-01-01-000000_go_on.yaml",
        "title: Go on\nexpand:\n  - add_column: { table: t7, column: more, type: text }\n",
    );
    assert_eq!(project.findings(0), []);
    project.run(&["compile"]).exits(0);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let after = files(project.path());
    assert!(before.iter().all(|(path, text)| after.get(path) == Some(text)));
}

#[test]
fn each_engine_of_a_project_has_its_own() {
    let project = Project::with_config("dialect: [sqlite, postgres]\n")
        .file(
            "migrations/sqlite/2021-01-01-000000_users/up.sql",
            "CREATE TABLE users (id INTEGER PRIMARY KEY);",
        )
        .file(
            "migrations/postgres/2021-01-01-000000_users/up.sql",
            "CREATE TABLE users (id serial PRIMARY KEY);",
        );
    let text = project.run(&["baseline"]).exits(0);
    assert!(text.contains("`planner baseline --dialect sqlite` writes its baseline"), "{text}");
    project.run(&["baseline", "--dialect", "sqlite"]).exits(0);
    let found = project.list(".");
    assert!(
        ["baseline.sqlite.sql", "baseline.postgres.sql"]
            .iter()
            .all(|file| found.iter().any(|name| name == file)),
        "{found:?}"
    );
    assert_eq!(project.findings(0), []);
    let text = sqlite_project().run(&["baseline", "--dialect", "postgres"]).fails(2);
    assert!(text.contains("the project does not compile for postgres"), "{text}");
}
