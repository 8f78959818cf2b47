//! A project whose schema was made by hand-written migrations goes on with plans.

use crate::support::ScratchPostgres;
use crate::support::diesel::{diesel, print_schema};
use crate::support::project::Project;

/// What `diesel setup` writes, as of Diesel 2.3.
const INITIAL_SETUP: &str =
    "-- This file was automatically created by Diesel to setup helper functions
CREATE OR REPLACE FUNCTION diesel_manage_updated_at(_tbl regclass) RETURNS VOID AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s
                    FOR EACH ROW EXECUTE PROCEDURE diesel_set_updated_at()', _tbl);
END;
$$ LANGUAGE plpgsql;

CREATE OR REPLACE FUNCTION diesel_set_updated_at() RETURNS trigger AS $$
BEGIN
    IF (
        NEW IS DISTINCT FROM OLD AND
        NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at
    ) THEN
        NEW.updated_at := current_timestamp;
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
";

/// Hand-written migrations: directory and `up.sql`.
const MIGRATIONS: [(&str, &str); 15] = [
    ("00000000000000_diesel_initial_setup", INITIAL_SETUP),
    (
        "2021-01-04-101500_create_users",
        "CREATE TABLE users (
  id SERIAL PRIMARY KEY,
  email VARCHAR(255) NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  is_admin BOOLEAN NOT NULL DEFAULT 'f',
  created_at TIMESTAMP NOT NULL DEFAULT NOW(),
  updated_at TIMESTAMP NOT NULL DEFAULT NOW()
);
SELECT diesel_manage_updated_at('users');
",
    ),
    (
        "2021-01-05-090000_create_posts",
        "CREATE TABLE posts (
  id BIGSERIAL PRIMARY KEY,
  author_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title VARCHAR NOT NULL,
  body TEXT NOT NULL DEFAULT '',
  published BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX ON posts (author_id);
",
    ),
    (
        "2021-02-01-000000_create_post_state",
        "CREATE TYPE post_state AS ENUM ('draft', 'review', 'published');
ALTER TABLE posts ADD COLUMN state post_state NOT NULL DEFAULT 'draft';
UPDATE posts SET state = 'published' WHERE published;
",
    ),
    ("2021-02-02-000000_drop_published", "ALTER TABLE posts DROP COLUMN published;"),
    (
        "2021-03-01-000000_tags",
        "CREATE TABLE IF NOT EXISTS tags (id serial primary key, name text not null, CHECK (name <> ''));
CREATE TABLE post_tags (post_id bigint NOT NULL REFERENCES posts, tag_id int NOT NULL REFERENCES tags, PRIMARY KEY (post_id, tag_id));
CREATE UNIQUE INDEX tags_lower_name ON tags (lower(name));
",
    ),
    ("2021-04-01-000000_rename_title", "ALTER TABLE posts RENAME COLUMN title TO headline;"),
    (
        "2021-05-01-000000_uuid_sessions",
        "CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id integer NOT NULL,
    data jsonb NOT NULL DEFAULT '{}'::jsonb,
    expires_at timestamptz
);
ALTER TABLE sessions ADD CONSTRAINT sessions_user_fk FOREIGN KEY (user_id) REFERENCES users(id);
",
    ),
    (
        "2021-06-01-000000_money",
        "ALTER TABLE users ADD COLUMN balance numeric(12, 2) NOT NULL DEFAULT 0, ADD CONSTRAINT users_balance_check CHECK (balance >= 0);",
    ),
    (
        "2021-07-01-000000_views",
        "CREATE VIEW published_posts AS SELECT p.id, p.headline, u.email FROM posts p JOIN users u ON u.id = p.author_id WHERE p.state = 'published';
COMMENT ON COLUMN users.balance IS 'in euros';
",
    ),
    (
        "2021-08-01-000000_index_concurrently",
        "CREATE INDEX CONCURRENTLY sessions_expires ON sessions (expires_at) WHERE expires_at IS NOT NULL;",
    ),
    ("2021-09-01-000000_widen", "ALTER TABLE post_tags ALTER COLUMN tag_id TYPE bigint;"),
    (
        "2021-10-01-000000_seed",
        "INSERT INTO tags (name) VALUES ('rust'), ('it''s; odd');\nDELETE FROM sessions;",
    ),
    (
        "2021-11-01-000000_audit",
        "CREATE TABLE audit (at timestamptz NOT NULL DEFAULT now(), what text, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'planner_nobody') THEN RAISE NOTICE 'none'; END IF;
END $$;
DROP TABLE audit;
",
    ),
    ("2022-01-01-000000_nick", "ALTER TABLE users ADD nick text;"),
];

pub(super) const PLAN: &str = "title: Users have display names
expand:
  - add_column: { table: users, column: display_name, type: text }
  - id: keep
    sync_columns: { table: users, forward: { display_name: nick }, backward: { nick: display_name } }
backfill:
  - update: { table: users, set: { display_name: nick }, where: display_name IS NULL AND nick IS NOT NULL }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: nick, replaced_by: [display_name] }
gates: { contract: { releases: { none: \"no release is live in this test\" } } }
";

pub(super) fn project(server: &ScratchPostgres) -> Project {
    let mut project = Project::postgres(&server.url);
    for (directory, up) in MIGRATIONS {
        project = project.file(&format!("migrations/{directory}/up.sql"), up);
        if up.contains("CONCURRENTLY") {
            let toml = format!("migrations/{directory}/metadata.toml");
            project = project.file(&toml, "run_in_transaction = false\n");
        }
    }
    project.file("diesel.toml", "[print_schema]\nfilter = { except_tables = [\"^planner_.*\"] }\n")
}

#[test]
fn plans_build_on_what_hand_written_migrations_made() {
    let server = ScratchPostgres::new();
    let project = project(&server);
    diesel(&server.url, project.path(), &["migration", "run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    project.write("plans/2026-01-01-000000_display_name.yaml", PLAN);
    let found = project.json(&["check"], 1);
    let found = found["diagnostics"].as_array().unwrap();
    let of_plans = |of: &&serde_json::Value| of["file"].as_str().unwrap().starts_with("plans/");
    assert_eq!(found.iter().filter(of_plans).collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
    project.run(&["compile"]).exits(0);
    let text = project.run(&["run"]).exits(0);
    assert!(text.contains("ran."), "{text}");
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let printed = print_schema(&server.url, project.path());
    assert_eq!(project.run(&["schema-rs"]).exits(0), printed);
    project.run(&["verify", "--plan", "display_name"]).exits(0);
    // The migrations have no way back, which is told; that they do what planner read is what counts here.
    let text = project.run(&["verify"]).exits(1);
    assert!(text.contains("there is no way back"), "{text}");
    assert!(!text.contains("not as read"), "{text}");
}

#[test]
fn a_project_without_plans_is_checked_and_adopted_as_it_is() {
    let url = "sqlite:app.db";
    let project = Project::with_config(&format!("dialect: sqlite\ndatabase: {url}\n"))
        .file(
            "migrations/2024-01-01-000000_make/up.sql",
            "CREATE TABLE made (id INTEGER PRIMARY KEY);",
        )
        .file("migrations/2024-01-01-000000_make/down.sql", "DROP TABLE made;");
    std::fs::remove_dir_all(project.path().join("plans")).ok();
    project.run(&["check"]).exits(0);
    project.run(&["baseline", "--from", "migrations"]).exits(0);
    assert_eq!(project.list("."), ["baseline.sqlite.sql", "migrations", "planner.yaml"]);
    std::fs::remove_dir_all(project.path().join("migrations")).unwrap();
    let told = project.run(&["check"]).fails(2);
    assert!(told.contains("there is no folder of plans: `plans`"), "{told}");
}
