//! `planner drift` asks PostgreSQL about definitions that it keeps in words of its own.

use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const MADE: &str = "CREATE TABLE notes (id integer PRIMARY KEY, owner text, team integer, at timestamptz);
CREATE TABLE members (team integer, name text);
CREATE SCHEMA app;
CREATE TABLE app.jobs (id integer PRIMARY KEY, state text);
CREATE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT a * 2; END;
CREATE FUNCTION more(a int DEFAULT 1) RETURNS int RETURN a + 1;
CREATE FUNCTION plain() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE tidy(before timestamptz) LANGUAGE sql AS $$ DELETE FROM notes WHERE at < before $$;
CREATE POLICY team ON notes USING (team IN (SELECT m.team FROM members m WHERE name = current_setting('app.user')));
CREATE POLICY own ON notes FOR SELECT USING (owner = 'x');
CREATE POLICY jobs ON app.jobs AS RESTRICTIVE USING (EXISTS (SELECT FROM notes WHERE notes.id = jobs.id));
CREATE RULE quiet AS ON DELETE TO notes WHERE old.id = 0 DO INSTEAD NOTHING;
CREATE OR REPLACE RULE logged AS ON INSERT TO app.jobs DO ALSO INSERT INTO members (team, name) VALUES (new.id, new.state);
CREATE DOMAIN short AS varchar(20) DEFAULT 'a' CHECK (length(VALUE) > 0);
CREATE DOMAIN code AS text COLLATE \"C\" CHECK (VALUE ~ '^[a-z]+$');";

const ALTERED: &str = "ALTER FUNCTION plain() STABLE;
ALTER FUNCTION twice(integer) COST 20;
ALTER PROCEDURE tidy(timestamptz) SECURITY DEFINER SET search_path = public;
ALTER POLICY own ON notes TO PUBLIC USING (owner = 'y');
ALTER DOMAIN short SET NOT NULL;
ALTER DOMAIN short ADD CONSTRAINT few CHECK (VALUE <> 'b');
ALTER DOMAIN code SET DEFAULT 'c';
ALTER POLICY team ON notes RENAME TO teams;";

/// What is done by hand, and what is said of it.
const BY_HAND: [(&str, &str); 11] = [
    (
        "CREATE OR REPLACE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql IMMUTABLE COST 20 BEGIN ATOMIC SELECT a * 3; END",
        "function `twice` should be",
    ),
    (
        "CREATE OR REPLACE FUNCTION more(a int DEFAULT 1) RETURNS int RETURN a + 2",
        "function `more` should be",
    ),
    ("ALTER FUNCTION plain() IMMUTABLE", "function `plain` should be stable and is immutable"),
    (
        "ALTER PROCEDURE tidy(timestamptz) SECURITY INVOKER",
        "procedure `tidy` should be security definer and is security invoker",
    ),
    (
        "ALTER POLICY teams ON notes USING (team IN (SELECT m.team FROM members m))",
        "policy `teams` on `notes` should be",
    ),
    ("ALTER POLICY own ON notes USING (owner = 'x')", "policy `own` on `notes` should be"),
    (
        "ALTER POLICY jobs ON app.jobs USING (EXISTS (SELECT FROM notes WHERE notes.id > jobs.id))",
        "policy `jobs` on `app.jobs` should be",
    ),
    (
        "CREATE OR REPLACE RULE quiet AS ON DELETE TO notes WHERE old.id = 1 DO INSTEAD NOTHING",
        "rule `quiet` on `notes` should be",
    ),
    (
        "CREATE OR REPLACE RULE logged AS ON INSERT TO app.jobs DO ALSO INSERT INTO members (team) VALUES (new.id)",
        "rule `logged` on `app.jobs` should be",
    ),
    ("ALTER DOMAIN short DROP CONSTRAINT few", "domain `short` should be"),
    ("ALTER DOMAIN code DROP DEFAULT", "domain `code` should be"),
];

#[test]
fn what_the_server_keeps_in_other_words_is_compared_in_its_words() {
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("migrations/2020-01-01-000000_made/up.sql", MADE)
        .file("migrations/2020-01-02-000000_altered/up.sql", ALTERED);
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let mut connection = server.connect();
    for (sql, _) in BY_HAND {
        connection.batch_execute(sql).unwrap();
    }
    let json = project.json(&["drift"], 4);
    let found = json["drift"].as_array().unwrap();
    let all: Vec<&str> = found.iter().map(|of| of["message"].as_str().unwrap()).collect();
    for (sql, said) in BY_HAND {
        assert!(all.iter().any(|message| message.contains(said)), "{sql}: {all:#?}");
    }
    assert_eq!(all.len(), BY_HAND.len(), "{all:#?}");
}

#[test]
fn what_the_server_does_not_take_a_second_time_is_said_to_be_uncompared() {
    let server = ScratchPostgres::new();
    let made = "CREATE DOMAIN short AS text CHECK (length(VALUE) > 0);";
    let project =
        Project::postgres(&server.url).file("migrations/2020-01-01-000000_made/up.sql", made);
    project.run(&["run"]).exits(0);
    let name = server.url.rsplit('/').next().unwrap();
    let role = format!("planner_reader_{}", std::process::id());
    server
        .connect()
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}; REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC"
        ))
        .unwrap();
    let url = server.url.replace("planner@", &format!("{role}@"));
    let project = project.variable("DATABASE_URL", &url);
    let ran = project.run(&["drift"]);
    server.connect().batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("domain `short` was not compared"), "{}", ran.out);
}
