//! Gives the folder of an example to the `diesel` command.

use std::path::Path;

use planner::database::Database as _;
use planner::database::connection::open;

use super::block::{Block, Trap};
use crate::support::ScratchPostgres;
use crate::support::diesel::diesel;

/// Whether Diesel does this with the folder.
pub fn is_in(block: &Block, trap: Trap, said: &mut Vec<String>) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let fails = matches!(trap, Trap::LeavesHalf | Trap::UndoesAll);
    write(folder.path(), block, fails);
    let on_server = !fails && !block.is_sqlite;
    let scratch = on_server.then(ScratchPostgres::new);
    let file = format!("sqlite:{}", folder.path().join("live.db").display());
    let url = scratch.as_ref().map_or(file, |scratch| scratch.url.clone());
    let migrations = folder.path().join("migrations");
    let mut migration = |what: &str| {
        let arguments = ["migration", what, "--migration-dir", migrations.to_str().unwrap()];
        let ran = diesel(url.trim_start_matches("sqlite:"), folder.path(), &arguments);
        said.push(format!("diesel migration {what}: {} {}", ran.code, ran.err));
        ran.code == 0
    };
    let passed = migration("run");
    match trap {
        Trap::Refuses => !passed,
        Trap::CannotRevert => passed && !block.is_irreversible() && !migration("revert"),
        Trap::ForgetsOne => passed && n_recorded(&url) < n_directories(folder.path()),
        Trap::LeavesHalf | Trap::UndoesAll => {
            assert!(!passed, "the last statement fails");
            let mut database = open(&url).unwrap();
            let is_there = database.query_texts("SELECT 'x' FROM users").is_ok();
            is_there == (trap == Trap::LeavesHalf)
        }
    }
}

/// Writes the folder; `fails` adds a statement that fails to the last `up.sql`.
fn write(folder: &Path, block: &Block, fails: bool) {
    std::fs::write(folder.join("diesel.toml"), "").unwrap();
    let last =
        block.files.iter().map(|(name, _)| name).filter(|name| name.ends_with("/up.sql")).max();
    for (name, text) in &block.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let failing = if fails && Some(name) == last { "SELECT no_such_function();\n" } else { "" };
        std::fs::write(path, format!("{text}{failing}")).unwrap();
    }
}

fn n_directories(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("migrations")).unwrap().count()
}

fn n_recorded(url: &str) -> usize {
    let mut database = open(url).unwrap();
    database.query_texts("SELECT version::text FROM __diesel_schema_migrations").unwrap().len()
}
