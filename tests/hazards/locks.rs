//! The locks, scans and rewrites that planner predicts are those that the server takes and does.

use std::collections::BTreeMap;

use planner::catalog::Catalog;
use planner::change::apply::apply;
use planner::database::Database as _;
use planner::database::connection::open;
use planner::database::observe::{LockMode, Observed};
use planner::dialect::Dialect;
use planner::dialects::locks::{Demand, Work, demands};
use planner::name::ObjectName;
use planner::readers::{self, Meaning};

use super::stage::statements;
use crate::support::ScratchPostgres;

const BASE: &str = "
    CREATE TYPE mood AS ENUM ('glad');
    CREATE DOMAIN amount AS integer;
    CREATE DOMAIN positive AS amount CHECK (VALUE > 0);
    CREATE DOMAIN few AS positive;
    CREATE DOMAIN given AS integer NOT NULL DEFAULT 3;
    CREATE TYPE pair AS (id bigint, title text);
    CREATE TABLE teams (id bigint PRIMARY KEY, title text);
    CREATE TABLE users (
        id bigint PRIMARY KEY, name character varying(20), email text NOT NULL, team_id bigint, at timestamptz, n numeric(10,2),
        CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id),
        CONSTRAINT users_name_set CHECK (name IS NOT NULL)
    );
    ALTER TABLE users ADD COLUMN seen timestamp(3), ADD COLUMN flags bit varying(4), ADD COLUMN since interval(2), ADD COLUMN note text;
    CREATE INDEX users_seen ON users (seen);
    CREATE UNIQUE INDEX users_email ON users (email);
    CREATE INDEX users_name ON users (name);
    ALTER TABLE users ADD CONSTRAINT users_n CHECK (n > 0) NOT VALID;
    CREATE MATERIALIZED VIEW names AS SELECT id, title FROM teams;
    CREATE UNIQUE INDEX names_id ON names (id);
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER users_nothing BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION nothing();
    CREATE TABLE parts (n integer) INHERITS (teams);
    CREATE TABLE others (id bigint NOT NULL, title text);
    INSERT INTO teams VALUES (1, 'a');
    INSERT INTO users VALUES (1, 'a', 'a', 1, now(), 1);
";

/// Each runs in a transaction of its own, on the schema above.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id))",
    "DROP TABLE users CASCADE",
    "ALTER TABLE users ADD COLUMN nick text",
    "ALTER TABLE users ADD COLUMN nick text NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN made timestamptz DEFAULT now()",
    "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE users ADD COLUMN number bigserial",
    "ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE users ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED",
    "ALTER TABLE users ADD COLUMN other_id bigint REFERENCES teams (id)",
    "ALTER TABLE users ADD COLUMN amount amount",
    "ALTER TABLE users ADD COLUMN amount amount DEFAULT 1",
    "ALTER TABLE users ADD COLUMN positive positive",
    "ALTER TABLE users ADD COLUMN positive positive DEFAULT 1",
    "ALTER TABLE users ADD COLUMN few few",
    "ALTER TABLE users ADD COLUMN few few[]",
    "ALTER TABLE users ADD COLUMN given given",
    "ALTER TABLE users DROP COLUMN email",
    "ALTER TABLE users DROP COLUMN team_id",
    "ALTER TABLE users ALTER COLUMN name SET DEFAULT 'a'",
    "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
    "ALTER TABLE users ALTER COLUMN team_id SET NOT NULL",
    "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
    "ALTER TABLE users ALTER COLUMN name TYPE text",
    "ALTER TABLE users ALTER COLUMN name TYPE character varying(40)",
    "ALTER TABLE users ALTER COLUMN n TYPE numeric(12,2)",
    "ALTER TABLE users ALTER COLUMN n TYPE bigint",
    "ALTER TABLE users ALTER COLUMN email TYPE text USING lower(email)",
    "ALTER TABLE users ALTER COLUMN seen TYPE timestamp(6)",
    "ALTER TABLE users ALTER COLUMN seen TYPE timestamp(1)",
    "ALTER TABLE users ALTER COLUMN seen TYPE timestamp",
    "ALTER TABLE users ALTER COLUMN flags TYPE bit varying(9)",
    "ALTER TABLE users ALTER COLUMN flags TYPE bit varying",
    "ALTER TABLE users ALTER COLUMN since TYPE interval",
    "ALTER TABLE users ALTER COLUMN email TYPE text COLLATE \"C\"",
    "ALTER TABLE users ALTER COLUMN note TYPE text COLLATE \"C\"",
    "LOCK TABLE users",
    "LOCK users IN SHARE ROW EXCLUSIVE MODE NOWAIT",
    "LOCK TABLE ONLY teams, users IN EXCLUSIVE MODE",
    "CREATE RULE quiet AS ON INSERT TO users DO INSTEAD NOTHING",
    "MERGE INTO users USING teams ON teams.id = team_id WHEN MATCHED THEN UPDATE SET name = title",
    "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0)",
    "ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_n",
    "ALTER TABLE users ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES teams (id)",
    "ALTER TABLE users ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES teams (id) NOT VALID",
    "ALTER TABLE users ADD CONSTRAINT c UNIQUE (name)",
    "ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX users_email",
    "ALTER TABLE users ADD CONSTRAINT c EXCLUDE (name WITH =)",
    "ALTER TABLE users DROP CONSTRAINT users_pkey",
    "ALTER TABLE users DROP CONSTRAINT users_team",
    "ALTER TABLE users DROP CONSTRAINT users_name_set",
    "CREATE INDEX users_at ON users (at)",
    "CREATE UNIQUE INDEX users_at ON users (at)",
    "DROP INDEX users_name",
    "ALTER INDEX users_name RENAME TO users_names",
    "ALTER TABLE users RENAME COLUMN name TO full_name",
    "ALTER TABLE users RENAME CONSTRAINT users_n TO users_number",
    "COMMENT ON TABLE users IS 'people'",
    "COMMENT ON COLUMN users.name IS 'a name'",
    "CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION nothing()",
    "DROP TRIGGER users_nothing ON users",
    "TRUNCATE users",
    "REINDEX TABLE users",
    "CLUSTER users USING users_name",
    "ANALYZE users",
    "REFRESH MATERIALIZED VIEW names",
    "REFRESH MATERIALIZED VIEW CONCURRENTLY names",
    "DROP MATERIALIZED VIEW names",
    "ALTER TABLE users SET UNLOGGED",
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY own ON users USING (true)",
    "ALTER TABLE users SET (autovacuum_enabled = false)",
    "ALTER TABLE users ALTER COLUMN name SET STATISTICS 500",
    "ALTER TABLE parts NO INHERIT teams",
    "ALTER TABLE others OF pair",
    "ALTER TABLE users REPLICA IDENTITY FULL",
    "ALTER TABLE users OWNER TO CURRENT_USER",
    "UPDATE users SET name = 'b'",
    "DELETE FROM users",
    "INSERT INTO users (id, email, name) VALUES (2, 'b', 'b')",
    "INSERT INTO teams (id, title) SELECT id + 1, name FROM users",
    "UPDATE users SET name = title FROM teams WHERE teams.id = team_id",
    "ALTER TYPE mood ADD VALUE 'sad'",
    "CREATE VIEW emails AS SELECT email FROM users",
    "GRANT SELECT ON users TO CURRENT_USER",
];

#[test]
fn what_is_predicted_of_a_statement_is_what_the_server_does() {
    let scratch = ScratchPostgres::new();
    let mut database = open(&scratch.url).unwrap();
    database.execute(BASE).unwrap();
    let before_all = schema();
    let mut wrong = Vec::new();
    for sql in STATEMENTS {
        let predicted = predicted(sql, &before_all);
        database.begin().unwrap();
        let before = database.observe(&Observed::default()).unwrap();
        database.execute(sql).unwrap();
        let done = database.observe(&before).unwrap().since(&before);
        database.roll_back().unwrap();
        for table in ["users", "teams", "names", "parts", "others"].map(ObjectName::parse) {
            let expected = predicted.get(&table);
            let lock = expected.map(|of| of.lock).filter(|lock| is_told(*lock));
            let taken = done.locks.get(&table).copied().filter(|lock| is_told(*lock));
            if lock != taken {
                wrong.push(format!("{sql}: {table}: predicted {lock:?}, taken {taken:?}"));
            }
            let work = expected.map_or(Work::None, |of| of.work);
            let rewritten = done.rewritten.contains(&table);
            if rewritten != (work == Work::Rewrite) {
                wrong.push(format!("{sql}: {table}: predicted {work:?}, rewritten: {rewritten}"));
            }
            // Which rows a write or a foreign key looks at, the server decides by what it knows of them.
            let is_certain = taken.is_some_and(|lock| lock >= LockMode::Share);
            let scanned = done.scanned.contains(&table);
            // The rows of a column that comes with its foreign key hold nothing that could refer to anything: see `history`.
            let is_certain = is_certain && !sql.contains("ADD COLUMN other_id");
            if is_certain && !rewritten && scanned != work.is_long() && !is_referenced(sql, &table)
            {
                wrong.push(format!("{sql}: {table}: predicted {work:?}, scanned: {scanned}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Locks that readers and writers take all the time are not predicted for every table that is looked into.
fn is_told(lock: LockMode) -> bool {
    lock >= LockMode::ShareUpdateExclusive
}

/// Whether the table is only looked into for the keys that rows of another one refer to.
fn is_referenced(sql: &str, table: &ObjectName) -> bool {
    sql.contains("REFERENCES") && table.name.as_str() == "teams"
}

/// The catalog as planner itself reads it from the script.
fn schema() -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    changes(BASE, &mut catalog);
    catalog
}

/// The changes of a script with their `CONCURRENTLY`, applied one after the other.
fn changes(script: &str, catalog: &mut Catalog) -> Vec<Vec<Demand>> {
    let parsed = readers::parse(Dialect::Postgres, script);
    let mut found = Vec::new();
    for at in 0..statements(script).len() {
        let statement = parsed.read(at, script, catalog).unwrap();
        for part in statement.parts {
            let Meaning::Change(change) = part.meaning else {
                panic!("this is not read: {:?}", &script[part.place])
            };
            found.push(demands(&change, part.how.concurrently, catalog));
            let _ = apply(&change, catalog);
        }
    }
    found
}

/// What is predicted of a statement, the strongest of its parts for each table.
fn predicted(sql: &str, before: &Catalog) -> BTreeMap<ObjectName, Demand> {
    let mut strongest: BTreeMap<ObjectName, Demand> = BTreeMap::new();
    for demand in changes(sql, &mut before.clone()).into_iter().flatten() {
        let known = strongest.entry(demand.table.clone()).or_insert_with(|| demand.clone());
        known.lock = known.lock.max(demand.lock);
        known.work = known.work.max(demand.work);
    }
    strongest
}
