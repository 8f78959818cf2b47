//! PostgreSQL scripts.

mod hostile;
mod live;
mod partitions;
mod parts;
mod round_trip;
mod told;

/// Returns a script of this folder.
pub fn script(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join(format!("tests/readers/postgres/scripts/{name}.sql"));
    std::fs::read_to_string(path).unwrap()
}

/// The names of all scripts.
pub const SCRIPTS: [&str; 9] =
    ["along", "alter", "blocks", "names", "odd", "partitions", "rest", "tables", "terms"];
