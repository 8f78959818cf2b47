//! The migrations that people wrote by hand beside the compiled ones, as Diesel itself reads them.

mod acts;
mod added;
mod again;
mod backward;
pub mod baseline;
mod comes_with;
mod copies;
mod emptied;
mod lost_key;
mod metadata;
mod preparation;
pub mod schema;
mod script;
mod seed;
mod session;
mod sizes;
mod successors;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

pub use acts::{Accepted, Act, Does, Judge};
pub use again::Again;
pub use backward::Refused;
pub use baseline::{Baseline, Origin};
pub use metadata::{Metadata, runs_in_transaction};
pub use preparation::Preparation;
pub use script::{Content, Script};
pub use session::{Control, Timeouts};
pub use sizes::{Sizes, TableSize};

use crate::name::ObjectName;
use crate::source::{Sources, Span};
use crate::version::MigrationVersion;

/// A migrations folder.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The hand-written migrations, in the order of their directories' names.
    pub hand_written: Vec<HandWrittenMigration>,
    /// The directories whose versions have the shape of compiled ones: path and version.
    pub compiled: Vec<(Utf8PathBuf, MigrationVersion)>,
    /// The directories that are no migrations, since they have no `up.sql`.
    pub others: Vec<Utf8PathBuf>,
    /// The directories of those whose `up.sql` is not what was locked.
    pub edited: BTreeSet<String>,
    /// The directories of those that are locked: they may have run anywhere.
    pub locked: BTreeSet<String>,
    /// Versions that were there before planner was: these migrations are not judged.
    pub baselined: BTreeSet<MigrationVersion>,
    /// What says so.
    pub baseline: Option<Baseline>,
    /// What the judged ones do, in the order in which Diesel runs them.
    pub acts: Vec<Act>,
    /// Where the acts of each migration are among them.
    acts_of: BTreeMap<usize, Range<usize>>,
    /// The versions of all migrations, the compiled ones too.
    pub versions: BTreeSet<MigrationVersion>,
    /// Where they begin and end transactions.
    pub controls: Vec<Control>,
    /// What of their `down.sql` is no SQL, the first statement of each; asked for by `check` alone.
    pub refused: Vec<Refused>,
    /// Tables that they made and that have no primary key, and where each was made.
    pub keyless: Vec<(Span, ObjectName)>,
}

/// A hand-written migration.
#[derive(Clone, Debug)]
pub struct HandWrittenMigration {
    /// Its directory, relative to the project.
    pub path: Utf8PathBuf,
    /// Its directory's name.
    pub directory: String,
    /// The version that Diesel knows it by.
    pub version: MigrationVersion,
    /// What stands behind the version in the directory's name; may be empty.
    pub name: String,
    /// What it does.
    pub up: Script,
    /// What undoes it, if anything does.
    pub down: Option<Script>,
    /// What is said of how it runs.
    pub metadata: Metadata,
}

impl HandWrittenMigration {
    /// Returns the place that speaks for the whole migration: the first line of its `up.sql`.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.up.first_line
    }
}

/// A directory of the folder, before it is known what it is.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Its name.
    pub name: String,
    /// Its files; not read if it is a compiled one.
    pub files: Option<Files>,
}

/// The files that Diesel looks for.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// `up.sql`.
    pub up: Text,
    /// `down.sql`.
    pub down: Text,
    /// `metadata.toml`.
    pub metadata: Text,
}

/// What was found of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Text {
    /// It is not there.
    #[default]
    Absent,
    /// It is there and cannot be read, which has been reported.
    Unreadable,
    /// Its text.
    Read(String),
}

impl History {
    /// Puts a folder's directories in their places; `folder` is relative to the project.
    #[must_use]
    pub fn gather(
        folder: &Utf8Path,
        mut directories: Vec<Directory>,
        sources: &mut Sources,
    ) -> Self {
        directories.sort_by(|a, b| a.name.cmp(&b.name));
        let mut history = Self::default();
        for Directory { name, files } in directories {
            let (path, version) = (folder.join(&name), MigrationVersion::of_directory(&name));
            match files {
                None => history.compiled.push((path, version)),
                Some(files) => match Script::read(&path.join("up.sql"), files.up, sources) {
                    None => history.others.push(path),
                    Some(up) => history.hand_written.push(HandWrittenMigration {
                        version,
                        name: name
                            .split_once('_')
                            .map(|(_, name)| name.to_owned())
                            .unwrap_or_default(),
                        up,
                        down: Script::read(&path.join("down.sql"), files.down, sources),
                        metadata: Metadata::read(
                            &path.join("metadata.toml"),
                            files.metadata,
                            sources,
                        ),
                        directory: name,
                        path,
                    }),
                },
            }
        }
        history
    }

    /// Takes note of what was there before planner was.
    pub fn begin_with(&mut self, baseline: Baseline) {
        self.baselined.clone_from(&baseline.header.covered);
        self.baseline = Some(baseline);
    }

    /// Returns what a migration does, by its place in [`History::hand_written`], in the order in which it does it.
    #[must_use]
    pub fn acts_of(&self, migration: usize) -> &[Act] {
        let range = self.acts_of.get(&migration).cloned().unwrap_or_default();
        self.acts.get(range).unwrap_or_default()
    }

    /// Finds out once where what is, so that nobody has to look through all of it.
    fn index(&mut self) {
        self.acts_of.clear();
        for (at, act) in self.acts.iter().enumerate() {
            // The acts of one migration stand together.
            self.acts_of.entry(act.migration).or_insert(at..at).end = at + 1;
        }
        let own = self.hand_written.iter().map(|of| of.version.clone());
        let compiled = self.compiled.iter().map(|(_, version)| version.clone());
        self.versions = own.chain(compiled).collect();
    }

    /// Returns the hand-written migrations that are judged.
    pub fn judged(&self) -> impl Iterator<Item = &HandWrittenMigration> {
        self.hand_written.iter().filter(|migration| !self.baselined.contains(&migration.version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(name: &str, up: Option<&str>) -> Directory {
        let up = up.map_or(Text::Absent, |text| Text::Read(text.to_owned()));
        Directory { name: name.to_owned(), files: Some(Files { up, ..Files::default() }) }
    }

    #[test]
    fn versions_and_names_are_diesels() {
        let mut sources = Sources::default();
        let names = [
            "2020-12-7-120000_short_month",
            "2019-04-19_867530_x",
            "2021-01-01-000000-0000_new cli",
            "create users",
            "20200101000000",
            "2022-01-01-000000_x.sql",
        ];
        let directories = names.iter().map(|name| directory(name, Some("SELECT 1;"))).collect();
        let history = History::gather("migrations".into(), directories, &mut sources);
        let read: Vec<(&str, &str)> = history
            .hand_written
            .iter()
            .map(|migration| (migration.version.as_str(), migration.name.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("20190419", "867530_x"),
                ("2020127120000", "short_month"),
                ("20200101000000", ""),
                ("202101010000000000", "new cli"),
                ("20220101000000", "x.sql"),
                ("create users", ""),
            ]
        );
        for (migration, name) in history.hand_written.iter().zip(sources.files()) {
            let read = migrations_internals::version_from_string(&migration.directory).unwrap();
            assert_eq!(migration.version.as_str(), read);
            assert_eq!(name.path, migration.path.join("up.sql"));
        }
    }

    #[test]
    fn what_was_there_before_planner_is_not_judged() {
        let mut sources = Sources::default();
        let directories =
            vec![directory("1_a", Some("")), directory("2_b", Some("")), directory("docs", None)];
        let mut history = History::gather("migrations".into(), directories, &mut sources);
        history.baselined.insert(MigrationVersion::of_directory("1_a"));
        let judged: Vec<&str> =
            history.judged().map(|migration| migration.directory.as_str()).collect();
        assert_eq!(judged, ["2_b"]);
        assert_eq!(history.others, ["migrations/docs"]);
    }
}
