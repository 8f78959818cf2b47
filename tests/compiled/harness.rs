//! Diesel's own harness on what was compiled: up, down and up again, with planner's ledger and without.

use diesel::connection::SimpleConnection;
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel::{Connection, RunQueryDsl as _, sql_query};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use planner::compile::migration::open_marker;
use planner::compile::{CompiledProject, directory, offline};
use planner::dialect::Dialect;
use planner::plan::checked::CheckedProject;

use super::project::{CASES, case, compile_texts};
use crate::support::{ScratchPostgres, ScratchSqlite};

/// Plans and what they compile to.
type Both = (CheckedProject, CompiledProject);

fn written((project, compiled): &Both) -> (tempfile::TempDir, FileBasedMigrations) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in directory::files(project, compiled) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let source = FileBasedMigrations::from_path(folder.path()).unwrap();
    (folder, source)
}

fn n_migrations(compiled: &CompiledProject) -> usize {
    compiled.by_version.len()
}

/// Runs everything, reverts from the end as far as can be, runs it again.
fn up_down_up<C>(connection: &mut C, both: &Both, schema: impl Fn(&mut C) -> String)
where
    C: Connection + MigrationConnection + MigrationHarness<C::Backend>,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    let ((_, compiled), (_folder, source)) = (both, written(both));
    let ran = connection.run_pending_migrations(source.clone()).unwrap();
    assert_eq!(ran.len(), n_migrations(compiled));
    let after = schema(connection);
    let migrations = compiled.steps.iter().flat_map(|step| &step.migrations);
    for migration in migrations.rev() {
        let reverted = connection.revert_last_migration(source.clone());
        match &migration.down {
            Ok(_) => drop(reverted.unwrap()),
            Err(why) => {
                let message = format!("{:?}", reverted.unwrap_err());
                assert!(message.contains(why.as_str()), "{message}");
                forget(connection, migration.version.as_str());
            }
        }
    }
    assert_eq!(schema(connection), "", "something is left over");
    connection.run_pending_migrations(source).unwrap();
    assert_eq!(schema(connection), after, "the second time is not as the first");
}

fn forget(connection: &mut impl SimpleConnection, version: &str) {
    connection
        .batch_execute(&format!(
            "DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"
        ))
        .unwrap();
}

/// With a ledger, the first gated migration fails and says which phase is shut; once all are open they run.
fn guarded<C>(connection: &mut C, both: &Both)
where
    C: Connection + MigrationConnection + MigrationHarness<C::Backend>,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    let ((_, compiled), (_folder, source)) = (both, written(both));
    connection.batch_execute("CREATE TABLE planner_entries (id integer)").unwrap();
    let gated: Vec<_> = compiled.steps.iter().filter(|step| step.gated).collect();
    let first = gated.first().unwrap();
    let error = format!("{:?}", connection.run_pending_migrations(source.clone()).unwrap_err());
    let closed = format!("planner: {} is not open", first.phase_key());
    assert!(error.contains(&closed), "{error}");
    let done = connection.applied_migrations().unwrap();
    let before = compiled.steps.iter().take_while(|step| !step.gated);
    assert_eq!(done.len(), before.map(|step| step.migrations.len()).sum::<usize>());
    for migration in gated.iter().flat_map(|step| &step.migrations) {
        let marker = open_marker(&migration.version);
        connection.batch_execute(&format!("CREATE VIEW {marker} AS SELECT 1 AS open")).unwrap();
    }
    connection.run_pending_migrations(source).unwrap();
    assert!(!connection.has_pending_migration(written(both).1).unwrap());
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines<C>(connection: &mut C, query: &str) -> String
where
    C: Connection + diesel::connection::LoadConnection,
    Line: diesel::deserialize::FromSqlRow<diesel::sql_types::Untyped, C::Backend>,
    diesel::query_builder::SqlQuery: diesel::query_dsl::methods::LoadQuery<'static, C, Line>,
{
    let lines: Vec<Line> = sql_query(query.to_owned()).load(connection).unwrap();
    lines.into_iter().map(|line| line.line + "\n").collect()
}

fn postgres_schema(connection: &mut diesel::PgConnection) -> String {
    lines(
        connection,
        "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default) AS line
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%' AND table_name NOT LIKE 'planner%'
         UNION ALL SELECT indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%'
         UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE '\\_\\_diesel%'
         UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
         UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY 1",
    )
}

fn sqlite_schema(connection: &mut diesel::SqliteConnection) -> String {
    lines(
        connection,
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master
         WHERE name NOT LIKE '\\_\\_diesel%' ESCAPE '\\' AND tbl_name NOT LIKE '\\_\\_diesel%' ESCAPE '\\'
           AND name NOT LIKE 'planner\\_open%' ESCAPE '\\' AND name <> 'sqlite_sequence'
         ORDER BY 1",
    )
}

#[test]
fn the_stock_harness_runs_postgres_migrations_up_down_and_up() {
    for name in CASES {
        let scratch = ScratchPostgres::new();
        let both = compile_texts(&case(name), Dialect::Postgres);
        up_down_up(&mut scratch.connect(), &both, postgres_schema);
    }
}

#[test]
fn the_stock_harness_runs_sqlite_migrations_up_down_and_up() {
    for name in CASES {
        let scratch = ScratchSqlite::new();
        let both = compile_texts(&case(name), Dialect::Sqlite);
        up_down_up(&mut scratch.connect(), &both, sqlite_schema);
    }
}

#[test]
fn the_stock_harness_cannot_jump_a_gate_on_postgres() {
    for name in CASES {
        let scratch = ScratchPostgres::new();
        let both = compile_texts(&case(name), Dialect::Postgres);
        guarded(&mut scratch.connect(), &both);
    }
}

#[test]
fn the_stock_harness_cannot_jump_a_gate_on_sqlite() {
    for name in CASES {
        let scratch = ScratchSqlite::new();
        let both = compile_texts(&case(name), Dialect::Sqlite);
        guarded(&mut scratch.connect(), &both);
    }
}

/// With a ledger, what would drop a table that somebody may have written to is not reverted by accident.
fn revert_guarded<C>(connection: &mut C, dialect: Dialect)
where
    C: Connection + MigrationConnection + MigrationHarness<C::Backend>,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    let text =
        "title: x\nexpand:\n  - create_table: { table: t, columns: [{ name: a, type: text }] }\n";
    let texts = [("plans/2026-01-01-000000_p.yaml".to_owned(), text.to_owned())];
    let both = compile_texts(&texts, dialect);
    let ((_, compiled), (_folder, source)) = (&both, written(&both));
    connection.run_pending_migrations(source.clone()).unwrap();
    connection.batch_execute("CREATE TABLE planner_entries (id integer)").unwrap();
    let error = format!("{:?}", connection.revert_last_migration(source.clone()).unwrap_err());
    assert!(error.contains("planner: reverting p/expand/create_table_t destroys data"), "{error}");
    connection.batch_execute("INSERT INTO t VALUES ('still there')").unwrap();
    let marker = open_marker(&compiled.steps[0].migrations[0].version);
    connection.batch_execute(&format!("CREATE VIEW {marker} AS SELECT 1 AS open")).unwrap();
    connection.revert_last_migration(source).unwrap();
    assert!(connection.batch_execute("INSERT INTO t VALUES ('gone')").is_err());
}

#[test]
fn the_stock_harness_cannot_revert_what_destroys_data_once_there_is_a_ledger() {
    let postgres = ScratchPostgres::new();
    revert_guarded(&mut postgres.connect(), Dialect::Postgres);
    let sqlite = ScratchSqlite::new();
    revert_guarded(&mut sqlite.connect(), Dialect::Sqlite);
}

fn script(dialect: Dialect, name: &str) -> (Both, String) {
    let (project, compiled) = compile_texts(&case(name), dialect);
    let migrations: Vec<_> = compiled.steps.iter().flat_map(|step| &step.migrations).collect();
    let script = offline::script(&project, &compiled, &migrations);
    ((project, compiled), script)
}

fn piped(mut command: std::process::Command, text: &str) {
    use std::io::Write as _;
    let pipe = std::process::Stdio::piped;
    let mut child = command.stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_offline_script_leaves_nothing_pending_in_psql() {
    for name in CASES {
        let scratch = ScratchPostgres::new();
        let (both, script) = script(Dialect::Postgres, name);
        let mut psql = std::process::Command::new("psql");
        psql.args(["-X", "-q", &scratch.url]);
        piped(psql, &script);
        assert!(!scratch.connect().has_pending_migration(written(&both).1).unwrap());
    }
}

#[test]
fn the_offline_script_leaves_nothing_pending_in_sqlite3() {
    for name in CASES {
        let scratch = ScratchSqlite::new();
        let (both, script) = script(Dialect::Sqlite, name);
        let mut sqlite3 = std::process::Command::new("sqlite3");
        sqlite3.arg(&scratch.path);
        piped(sqlite3, &script);
        assert!(!scratch.connect().has_pending_migration(written(&both).1).unwrap());
    }
}
