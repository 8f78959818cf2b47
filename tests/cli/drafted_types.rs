//! Drafts keep every type: the plan from a `schema.rs` gives a database of which Diesel's own command prints that `schema.rs`.

use ::diesel::connection::SimpleConnection as _;

use crate::support::project::Project;
use crate::support::{ScratchPostgres, ScratchSqlite, diesel};

/// Every type that `diesel print-schema` tells apart on PostgreSQL, as people write it.
const POSTGRES: &str = "CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE SCHEMA app; CREATE TYPE app.\"Odd Kind\" AS ENUM ('x');
CREATE TABLE wide (
    id bigint PRIMARY KEY, short varchar(20), shorter varchar(7) NOT NULL, any_length varchar, fixed char(3) NOT NULL, one char,
    padded bpchar, body text NOT NULL, code \"char\", bits bit(8), more_bits varbit(9), any_bits varbit, amount numeric(10, 2),
    free_amount numeric NOT NULL, small smallint, whole integer, big bigint, f4 real, f8 double precision NOT NULL, yes boolean,
    bytes bytea, day date, at_time time, at_time_tz timetz, moment timestamp, moment_tz timestamptz NOT NULL, exact timestamp(3),
    span interval, uid uuid, j json, jb jsonb, ip inet, net cidr, mac macaddr, mac8 macaddr8, cash money, object oid, lsn pg_lsn,
    doc tsvector, search tsquery, place point, shape polygon, x xml, path jsonpath,
    r4 int4range, r8 int8range, rn numrange, rt tsrange, rtz tstzrange, rd daterange,
    m4 int4multirange, m8 int8multirange, mn nummultirange, mt tsmultirange, mtz tstzmultirange, md datemultirange,
    feeling mood NOT NULL, odd app.\"Odd Kind\", tags text[], names varchar(30)[] NOT NULL, feelings mood[], days date[],
    matrix integer[][], \"type\" text, \"Mixed Case\" varchar(5)
);
CREATE TABLE pairs (one integer, other varchar(12), note char(2)[], PRIMARY KEY (one, other));
";

const SQLITE: &str = "CREATE TABLE wide (
    id INTEGER PRIMARY KEY NOT NULL, small SMALLINT, whole INTEGER NOT NULL, big BIGINT, yes BOOLEAN, f4 FLOAT, f8 DOUBLE NOT NULL,
    short VARCHAR(20), body TEXT NOT NULL, bytes BLOB, day DATE, at_time TIME, moment TIMESTAMP NOT NULL, \"type\" TEXT
);
CREATE TABLE keyed (id BIGINT PRIMARY KEY NOT NULL, name VARCHAR(7));
CREATE TABLE pairs (one INTEGER NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other));
CREATE TABLE bare (note TEXT);
";

/// Drafts, runs and prints; the same for what the second draft finds.
fn is_kept(url: &str, project: &Project, wanted: &str) {
    let project_schema = project.path().join("src/schema.rs");
    assert_eq!(std::fs::read_to_string(&project_schema).unwrap(), wanted);
    let told = project.run(&["new", "all", "--from-schema"]).exits(0);
    assert!(!told.contains("Not in it"), "{told}");
    assert!(project.findings(0).iter().all(|(code, _)| code.starts_with("EC4")), "{told}");
    project.run(&["run"]).exits(0);
    let printed = diesel::print_schema(url, project.path());
    assert_eq!(printed, wanted);
    let again = project.run(&["new", "again", "--from-schema"]).exits(0);
    assert!(again.contains("there is nothing to plan"), "{again}");
}

/// Returns a project on a database, as `init` leaves it, that wants what Diesel prints of another one.
fn project(config: Project, wanted: &str) -> Project {
    let filter =
        "[print_schema]\nfile = \"src/schema.rs\"\nfilter = { except_tables = [\"^planner_\"] }\n";
    config.file("diesel.toml", filter).file("src/schema.rs", wanted)
}

fn printed(url: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), "").unwrap();
    diesel::print_schema(url, folder.path())
}

#[test]
fn every_type_of_postgresql_is_kept() {
    let (model, target) = (ScratchPostgres::new(), ScratchPostgres::new());
    model.connect().batch_execute(POSTGRES).unwrap();
    let types = "CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE SCHEMA app; CREATE TYPE app.\"Odd Kind\" AS ENUM ('x');";
    target.connect().batch_execute(types).unwrap();
    let wanted = printed(&model.url);
    let project = project(Project::postgres(&target.url), &wanted);
    project.run(&["baseline", "--from", "database"]).exits(0);
    is_kept(&target.url, &project, &wanted);
}

#[test]
fn every_type_of_sqlite_is_kept() {
    let model = ScratchSqlite::new();
    model.connect().batch_execute(SQLITE).unwrap();
    let wanted = printed(&model.path);
    let project = project(Project::sqlite(), &wanted);
    let path = project.path().join("test.db");
    is_kept(path.to_str().unwrap(), &project, &wanted);
}

#[test]
fn row_ids_that_diesel_is_told_to_call_bigint_stay_row_ids() {
    let setting = "[print_schema]\nfile = \"src/schema.rs\"\nsqlite_integer_primary_key_is_bigint = true\nfilter = { except_tables = [\"^planner_\"] }\n";
    let model = ScratchSqlite::new();
    model.connect().batch_execute(SQLITE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), setting).unwrap();
    let wanted = diesel::print_schema(&model.path, folder.path());
    assert!(wanted.contains("wide (id) {\n        id -> BigInt,"), "{wanted}");
    let project = project(Project::sqlite(), &wanted).file("diesel.toml", setting);
    let path = project.path().join("test.db");
    is_kept(path.to_str().unwrap(), &project, &wanted);
}

#[test]
fn a_wider_text_is_widened_in_place() {
    let database = ScratchPostgres::new();
    let made = "title: Users
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: integer, primary_key: true }
        - { name: name, type: varchar(20), nullable: false, default: \"'x'\" }
        - { name: note, type: varchar(20) }
        - { name: code, type: char(2) }
";
    let wanted = "diesel::table! { users (id) { id -> Int4, #[max_length = 40] name -> Varchar, note -> Nullable<Text>,
        #[max_length = 2] code -> Nullable<Bpchar>, } }";
    let project = Project::postgres(&database.url)
        .file("plans/2026-01-01-000000_users.yaml", made)
        .file("src/schema.rs", wanted);
    project.run(&["new", "longer", "--from-schema"]).exits(0);
    let plan = project.list("plans").pop().unwrap();
    let path = format!("plans/{plan}");
    let text = project.read(&path);
    assert!(text.contains("character varying(40)") && !text.contains("add_column"), "{text}");
    assert_eq!(project.findings(1)[0].0, "EC206", "a gate is asked for: {text}");
    project.write(
        &path,
        format!("{text}gates: {{ contract: {{ releases: {{ none: \"a test\" }} }} }}\n"),
    );
    assert_eq!(project.findings(0), []);
    project.run(&["run"]).exits(0);
    let again = project.run(&["new", "again", "--from-schema"]).exits(0);
    assert!(again.contains("there is nothing to plan"), "{again}");
    project.run(&["revert", "longer/contract", "--consent", "longer/contract"]).exits(0);
    project.run(&["run"]).exits(0);
}

#[test]
fn an_imported_type_is_found_among_the_enums() {
    let types = "title: Moods\nexpand:\n  - create_enum: { enum: user_mood, values: [glad] }\n";
    let wanted = "diesel::table! { use diesel::sql_types::*; use crate::db::UserMood;
        users (id) { id -> Int4, mood -> UserMood, tags -> Array<Text>, } }";
    let project = Project::with_config("dialect: postgres\n")
        .file("plans/2026-01-01-000000_moods.yaml", types)
        .file("src/schema.rs", wanted);
    let told = project.run(&["new", "users", "--from-schema"]).exits(0);
    assert!(told.contains("array_position(tags, NULL) IS NULL"), "{told}");
    let text = project.read(&format!("plans/{}", project.list("plans").pop().unwrap()));
    assert!(text.contains("type: user_mood"), "{text}");
    assert_eq!(project.findings(0), []);
}

/// Returns a project on a database with `have`, adopted, and drafts what another one with `want` has more.
fn from_database(have: &str, change: &str) -> (ScratchPostgres, Project, String) {
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("migrations/2020-01-01-000000_all/up.sql", have)
        .file("migrations/2020-01-01-000000_all/down.sql", "-- irreversible\n");
    diesel::diesel(&server.url, project.path(), &["migration", "run"]).exits(0);
    server.connect().batch_execute(change).unwrap();
    let told = project.run(&["new", "domains", "--from-database"]).exits(0);
    (server, project, told)
}

#[test]
fn domains_that_come_and_go_are_steps_of_their_own() {
    let have = "CREATE DOMAIN old AS text; CREATE TABLE users (id integer PRIMARY KEY, gone old);";
    let change = "CREATE DOMAIN handle AS varchar(20) DEFAULT 'nobody' CHECK (length(VALUE) > 1);
        CREATE DOMAIN nick AS handle NOT NULL; ALTER TABLE users ADD COLUMN called handle;
        CREATE TABLE notes (id integer PRIMARY KEY, by nick);";
    let (_live, project, told) = from_database(have, change);
    assert!(!told.contains("Not in it"), "{told}");
    let fresh = ScratchPostgres::new();
    let project = project.variable("DATABASE_URL", &fresh.url);
    let found = project.findings(0);
    assert!(found.iter().all(|(code, _)| code.starts_with("EC4")), "{found:?}");
    project.run(&["run"]).exits(0);
    fresh
        .connect()
        .batch_execute("INSERT INTO users (id) VALUES (1); INSERT INTO notes VALUES (1, 'ann')")
        .unwrap();
    let refused = fresh.connect().batch_execute("INSERT INTO notes VALUES (2, 'x')");
    assert!(refused.unwrap_err().to_string().contains("handle_check"));
    let text = project.run(&["drift"]);
    assert!(!text.out.contains("domain"), "{}", text.out);
    let (_live, project, _) =
        from_database(have, "ALTER TABLE users DROP COLUMN gone; DROP DOMAIN old");
    let plan = project.list("plans").pop().unwrap();
    let plan = project.read(&format!("plans/{plan}"));
    assert!(
        plan.contains("DROP DOMAIN old") && plan.contains("CREATE DOMAIN old AS text"),
        "{plan}"
    );
    assert!(project.findings(1).iter().all(|(code, _)| code == "EC206"), "{plan}");
}
