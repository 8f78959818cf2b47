//! What the migrations folder must contain, and how it differs from what it contains.

use std::collections::BTreeMap;

use super::CompiledProject;

/// Returns every file of the compiled output: path below the migrations folder, and its text.
#[must_use]
pub fn files(compiled: &CompiledProject) -> BTreeMap<String, String> {
    let _ = compiled;
    todo!()
}

/// Returns whether a directory name below the migrations folder is one that planner compiles, so that it may be
/// rewritten or removed: its version has the compiled shape.
#[must_use]
pub fn is_compiled(directory: &str) -> bool {
    crate::version::MigrationVersion::of_directory(directory).is_compiled()
}
