//! What the migrations folder must contain, and how it differs from what it contains.

use std::collections::BTreeSet;
use std::fmt;

use super::files;
use super::migration::{CompiledMigration, CompiledProject, CompiledStep, MigrationFiles};
use crate::dialect::Dialect;
use crate::plan::checked::{CheckedPlan, CheckedProject};

/// A migration whose files can be written. Thousands of them are larger than all that is known of them.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    dialect: Dialect,
    plan: &'a CheckedPlan,
    step: &'a CompiledStep,
    migration: &'a CompiledMigration,
}

impl Content<'_> {
    /// Returns its files in the order of paths: path below the migrations folder, and text.
    #[must_use]
    pub fn files(&self) -> [(String, String); 3] {
        let MigrationFiles { up, down, metadata } =
            files::of(self.dialect, self.plan, self.step, self.migration);
        let files = [("down.sql", down), ("metadata.toml", metadata), ("up.sql", up)];
        files.map(|(file, text)| (format!("{}/{file}", self.migration.directory), text))
    }
}

/// Returns every migration of the compiled output, in the order of paths.
#[must_use]
pub fn contents<'a>(
    project: &'a CheckedProject,
    compiled: &'a CompiledProject,
) -> Vec<Content<'a>> {
    // Versions have one length and steps are in their order, so this is the order of paths.
    let mut contents = Vec::with_capacity(compiled.by_version.len());
    let mut plans = project.plans.iter().peekable();
    for step in &compiled.steps {
        while plans.next_if(|plan| plan.name != step.key.plan).is_some() {}
        let Some(plan) = plans.peek() else { break };
        let migrations = step.migrations.iter();
        let dialect = compiled.dialect;
        contents.extend(migrations.map(|migration| Content { dialect, plan, step, migration }));
    }
    contents
}

/// Returns every file of the compiled output, in the order of paths: path below the migrations folder, and its text.
#[must_use]
pub fn files(project: &CheckedProject, compiled: &CompiledProject) -> Vec<(String, String)> {
    contents(project, compiled).iter().flat_map(Content::files).collect()
}

/// Returns whether a directory name below the migrations folder is one that planner compiles, so that it may be
/// rewritten or removed: its version has the compiled shape.
#[must_use]
pub fn is_compiled(directory: &str) -> bool {
    crate::version::MigrationVersion::of_directory(directory).is_compiled()
}

/// One way in which the folder is not what the plans compile to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// The file is not there.
    Missing(String),
    /// The file has another text.
    Changed(String),
    /// No step compiles to this directory.
    LeftOver(String),
}

impl Stale {
    /// Returns what is wrong with a single file that has another text than it should, or is not there.
    #[must_use]
    pub fn of_file(path: &str, exists: bool) -> Self {
        if exists { Self::Changed(path.to_owned()) } else { Self::Missing(path.to_owned()) }
    }

    /// Returns the file or directory.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Changed(path) | Self::LeftOver(path) => path,
        }
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "`{path}` is missing"),
            Self::Changed(path) => write!(f, "`{path}` is not what its plan compiles to"),
            Self::LeftOver(path) => write!(f, "`{path}` belongs to no step"),
        }
    }
}

/// Returns those of the directories in the migrations folder that are compiled ones, and that no step compiles to.
#[must_use]
pub fn left_over<'a>(compiled: &CompiledProject, found: &'a [String]) -> Vec<&'a str> {
    let migrations = compiled.steps.iter().flat_map(|step| &step.migrations);
    let kept: BTreeSet<&str> = migrations.map(|of| of.directory.as_str()).collect();
    let names = found.iter().map(String::as_str);
    names.filter(|name| is_compiled(name) && !kept.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dialect::Dialect;

    #[test]
    fn only_compiled_directories_that_no_step_has_are_left_over() {
        let compiled = CompiledProject {
            dialect: Dialect::Sqlite,
            steps: Vec::new(),
            by_key: BTreeMap::new(),
            by_version: BTreeMap::new(),
        };
        let found = ["2020-01-01-000000_by_hand", "202611210900001001ab12_a_expand_x", "sqlite"];
        let found: Vec<String> = found.map(str::to_owned).to_vec();
        assert_eq!(left_over(&compiled, &found), ["202611210900001001ab12_a_expand_x"]);
    }
}
