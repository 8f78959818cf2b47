//! SQLite scripts.

mod live;

/// Returns a script of this folder.
fn script(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join(format!("tests/readers/sqlite/scripts/{name}.sql"));
    std::fs::read_to_string(path).unwrap()
}
