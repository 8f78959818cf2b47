//! Programs that run their embedded migrations when they start.

use diesel::Connection;
use diesel::migration::MigrationSource;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use planner::database::migration_source::{LedgerConnection, OpenMigrations};

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const PLANS: [(&str, &str); 2] = [
    (
        "plans/2026-01-01-000000_create_users.yaml",
        "title: Users\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }] }\n",
    ),
    (
        "plans/2026-01-02-000000_drop_name.yaml",
        "title: Names go\nafter: [create_users]\nexpand:\n  - deprecate_column: { table: users, column: name }\ncontract:\n  - drop_column: { table: users, column: name }\ngates: { contract: { releases: { web: \">=2.0.0\" } } }\n",
    ),
];

/// Starts a program that migrates: it runs whatever the source yields, and must not fail.
fn start<C>(connection: &mut C, project: &Project)
where
    C: Connection + LedgerConnection + MigrationHarness<C::Backend>,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    let files = FileBasedMigrations::from_path(project.path().join("migrations")).unwrap();
    let open = OpenMigrations::new(files, &project.read("planner.lock"), connection).unwrap();
    connection.run_pending_migrations(open).unwrap();
}

fn n_applied<C: Connection + MigrationHarness<C::Backend>>(connection: &mut C) -> usize {
    connection.applied_migrations().unwrap().len()
}

fn a_gate_holds_back_a_program_that_migrates<C>(project: &Project, connect: impl Fn() -> C)
where
    C: Connection + LedgerConnection + MigrationHarness<C::Backend>,
    FileBasedMigrations: MigrationSource<C::Backend>,
{
    for (path, text) in PLANS {
        project.write(path, text);
    }
    project.run(&["compile"]).exits(0);
    // The ledger is there as soon as a release is recorded.
    let release = ["--app", "web", "--version", "1.0.0"];
    project.run(&[&["deploy", "start"], &release[..]].concat()).exits(0);
    project.run(&[&["deploy", "finish"], &release[..]].concat()).exits(0);
    let mut connection = connect();
    start(&mut connection, project);
    assert_eq!(n_applied(&mut connection), 2, "the contract phase is not open");
    start(&mut connection, project);
    assert_eq!(n_applied(&mut connection), 2);
    let release = ["--app", "web", "--version", "2.0.0"];
    project.run(&[&["deploy", "start"], &release[..]].concat()).exits(0);
    project.run(&[&["deploy", "finish"], &release[..]].concat()).exits(0);
    start(&mut connection, project);
    assert_eq!(n_applied(&mut connection), 2, "the gate holds, but nobody has opened the phase");
    project.run(&["run", "--open"]).exits(0);
    start(&mut connection, project);
    assert_eq!(n_applied(&mut connection), 3);
    // Planner takes note of what the program ran, and nothing is left to do.
    project.run(&["run"]).exits(0);
    assert_eq!(project.json(&["next-phase"], 0)["answer"], "complete");
}

#[test]
fn a_gate_holds_back_a_program_that_migrates_on_sqlite() {
    let project = Project::sqlite();
    let path = project.path().join("test.db");
    let connect = move || diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    a_gate_holds_back_a_program_that_migrates(&project, connect);
}

#[test]
fn a_gate_holds_back_a_program_that_migrates_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = Project::postgres(&database.url);
    a_gate_holds_back_a_program_that_migrates(&project, || database.connect());
}

#[test]
fn a_database_without_a_ledger_gets_everything() {
    let project = Project::sqlite();
    for (path, text) in PLANS {
        project.write(path, text);
    }
    project.run(&["compile"]).exits(0);
    let mut connection = diesel::SqliteConnection::establish(":memory:").unwrap();
    start(&mut connection, &project);
    assert_eq!(n_applied(&mut connection), 3);
}
