//! SQLite scripts.

mod hostile;
mod live;
mod read;
mod round_trip;

/// Returns a script of this folder.
pub fn script(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join(format!("tests/readers/sqlite/scripts/{name}.sql"));
    std::fs::read_to_string(path).unwrap()
}

/// The names of all scripts.
pub const SCRIPTS: [&str; 5] = ["tables", "terms", "rest", "rebuilds", "unread"];
