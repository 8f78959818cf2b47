//! What the migrations folder must contain, and how it differs from what it contains.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::CompiledProject;

/// Returns every file of the compiled output: path below the migrations folder, and its text.
#[must_use]
pub fn files(compiled: &CompiledProject) -> BTreeMap<String, String> {
    let migrations = compiled.steps.iter().flat_map(|step| &step.migrations);
    migrations
        .flat_map(|migration| {
            let of = |file: &str, text: &str| {
                (format!("{}/{file}", migration.directory), text.to_owned())
            };
            let files = &migration.files;
            [
                of("up.sql", &files.up),
                of("down.sql", &files.down),
                of("metadata.toml", &files.metadata),
            ]
        })
        .collect()
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

/// Compares the files that must be there with those that are, both by path below the migrations folder.
///
/// Found files count only in directories that planner compiles; others are the team's own.
#[must_use]
pub fn differences(
    expected: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> Vec<Stale> {
    let mut stale = Vec::new();
    for (path, text) in expected {
        match found.get(path) {
            None => stale.push(Stale::Missing(path.clone())),
            Some(other) if other != text => stale.push(Stale::Changed(path.clone())),
            Some(_) => {}
        }
    }
    let kept: BTreeSet<&str> = expected.keys().map(|path| directory_of(path)).collect();
    let there: BTreeSet<&str> = found.keys().map(|path| directory_of(path)).collect();
    let left_over = there.difference(&kept).filter(|directory| is_compiled(last_part(directory)));
    stale.extend(left_over.map(|directory| Stale::LeftOver((*directory).to_owned())));
    stale
}

fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn what_is_missing_changed_or_left_over_is_told() {
        let one = "202611210900001001ab12_a_expand_x";
        let two = "202611210900001002ab12_a_expand_y";
        let path = |directory: &str, file: &str| format!("{directory}/{file}");
        let expected = files(&[(&path(one, "up.sql"), "1"), (&path(one, "down.sql"), "2")]);
        let found = files(&[
            (&path(one, "up.sql"), "changed"),
            (&path(two, "up.sql"), "1"),
            ("2020-01-01-000000_by_hand/up.sql", "1"),
        ]);
        let stale = [
            Stale::Missing(path(one, "down.sql")),
            Stale::Changed(path(one, "up.sql")),
            Stale::LeftOver(two.to_owned()),
        ];
        assert_eq!(differences(&expected, &found), stale);
        assert_eq!(differences(&expected, &expected), []);
    }

    #[test]
    fn folders_of_dialects_are_looked_into() {
        let path = "sqlite/202611210900001001ab12_a_expand_x/up.sql";
        let stale = differences(&BTreeMap::new(), &files(&[(path, "1")]));
        assert_eq!(stale, [Stale::LeftOver(path.trim_end_matches("/up.sql").to_owned())]);
    }
}
