//! The stock `diesel` command.

use std::path::Path;
use std::process::Command;

use planner::compile::schema_rs::diesel_toml::DieselToml;
use planner::compile::schema_rs::options::PrintOptions;
use planner::diagnostic::Sink;
use planner::source::Sources;

use super::project::{Ran, ran};

/// Runs `diesel` in a folder on a database, and returns what it did.
pub fn diesel(url: &str, folder: &Path, arguments: &[&str]) -> Ran {
    let program = std::env::var("PLANNER_TEST_DIESEL").unwrap_or_else(|_| {
        panic!("PLANNER_TEST_DIESEL names no `diesel` command; run `tests/run`, which installs it")
    });
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_clear().env("DATABASE_URL", url);
    // `print-schema` formats with rustfmt where it finds it.
    for name in ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    ran(command.output().unwrap())
}

/// Runs all migrations of a folder.
#[track_caller]
pub fn migrate(url: &str, migrations: &Path) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), "").unwrap();
    diesel(
        url,
        folder.path(),
        &["migration", "run", "--migration-dir", migrations.to_str().unwrap()],
    )
    .exits(0);
}

/// Undoes the last migration of a folder.
#[track_caller]
pub fn revert(url: &str, migrations: &Path) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), "").unwrap();
    let migrations = migrations.to_str().unwrap();
    diesel(url, folder.path(), &["migration", "revert", "--migration-dir", migrations]).exits(0);
}

/// Undoes all migrations of a folder.
#[track_caller]
pub fn revert_all(url: &str, migrations: &Path) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("diesel.toml"), "").unwrap();
    diesel(
        url,
        folder.path(),
        &["migration", "revert", "--all", "--migration-dir", migrations.to_str().unwrap()],
    )
    .exits(0);
}

/// The options of a key of this `diesel.toml`.
#[track_caller]
pub fn print_options(text: &str, key: &str) -> PrintOptions {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let source = sources.add("diesel.toml", text);
    let read = DieselToml::read(source, text, &mut sink);
    let read = read.unwrap_or_else(|| panic!("{text}\n{:?}", sink.found()));
    read.key(key).unwrap().clone()
}

/// Prints the schema of a database by the `diesel.toml` of a folder.
#[track_caller]
pub fn print_schema(url: &str, folder: &Path) -> String {
    diesel(url, folder, &["print-schema"]).exits(0)
}
