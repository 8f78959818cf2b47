//! Reading the migrations folder as Diesel does, for the rules.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Shell, files, side_by_side};
use crate::compile::lock_migrations;
use crate::config::Config;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::exit::Failure;
use crate::history::{Baseline, Directory, Files, History, Text};
use crate::source::Sources;
use crate::version::MigrationVersion;

/// The lock file's name.
pub const LOCK_FILE: &str = "planner.lock";

/// How large a file of a migration may be; seed data of tens of megabytes is common.
const LIMIT: files::Limit =
    files::Limit { bytes: 256 * 1024 * 1024, help: "split it into several migrations" };

/// How large a `metadata.toml` may be.
const METADATA_LIMIT: files::Limit =
    files::Limit { bytes: 64 * 1024, help: "keep only the keys that Diesel knows in it" };

/// Returns the folder of the migrations for an engine, relative to the project: one of its own where there are several engines.
#[must_use]
pub fn folder(config: &Config, dialect: Dialect) -> Utf8PathBuf {
    match config.dialects.len() {
        0 | 1 => config.migrations.clone(),
        _ => config.migrations.join(dialect.to_string()),
    }
}

/// Returns the name of a dialect's baseline, at the project's root.
#[must_use]
pub fn baseline_file(dialect: Dialect) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("baseline.{dialect}.sql"))
}

impl Shell {
    /// Reads the hand-written migrations of each engine, and its baseline, into a project's sources. What is wrong with the files of
    /// migrations is put into `found`, what is wrong with a baseline into the sink.
    ///
    /// # Errors
    ///
    /// Fails if a folder cannot be listed, or the lock file cannot be read.
    pub fn read_histories(
        &self,
        config: &Config,
        sources: &mut Sources,
        (found, sink): (&mut Sink, &mut Sink),
    ) -> Result<BTreeMap<Dialect, History>, Failure> {
        let lock = files::read(&self.root.join(LOCK_FILE))?.unwrap_or_default();
        let mut histories = BTreeMap::new();
        for dialect in config.dialects.iter().copied() {
            let folder = folder(config, dialect);
            let names = directories(&self.root.join(&folder))?;
            let read = side_by_side::map(&names, |name| self.directory(&folder, name));
            let mut directories = Vec::with_capacity(names.len());
            for (directory, of_files) in read {
                directories.push(directory);
                found.extend(of_files);
            }
            let mut history = History::gather(&folder, directories, sources);
            history.locked = lock_migrations::directories(&lock, dialect);
            history.edited = lock_migrations::edited(&lock, dialect, &history, sources);
            if let Some(baseline) = self.baseline(dialect, sources, sink) {
                history.begin_with(baseline);
            }
            histories.insert(dialect, history);
        }
        Ok(histories)
    }

    /// Reads the header of a dialect's baseline, if there is one.
    fn baseline(
        &self,
        dialect: Dialect,
        sources: &mut Sources,
        sink: &mut Sink,
    ) -> Option<Baseline> {
        let name = baseline_file(dialect);
        let path = self.root.join(&name);
        if is_absent(&path) {
            return None;
        }
        let text = files::read_within(&path, &name, LIMIT, sink)?;
        let source = sources.add(name, text.as_str());
        Baseline::read(source, &text, dialect, sink)
    }

    fn directory(&self, folder: &Utf8Path, name: &str) -> (Directory, Sink) {
        let mut sink = Sink::default();
        // The disk is asked last: most directories are compiled ones.
        let is_compiled = MigrationVersion::of_directory(name).is_compiled();
        let files = (!is_compiled).then(|| {
            let mut read = |file: &str, limit| {
                let shown = folder.join(name).join(file);
                let path = self.root.join(&shown);
                if is_absent(&path) {
                    return Text::Absent;
                }
                files::read_within(&path, &shown, limit, &mut sink)
                    .map_or(Text::Unreadable, Text::Read)
            };
            Files {
                up: read("up.sql", LIMIT),
                down: read("down.sql", LIMIT),
                metadata: read("metadata.toml", METADATA_LIMIT),
            }
        });
        (Directory { name: name.to_owned(), files }, sink)
    }
}

/// Returns whether there is nothing at a path; where that cannot be told, what is there cannot be read.
fn is_absent(path: &Utf8Path) -> bool {
    let is_none = |kind| matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
    path.symlink_metadata().is_err_and(|error| is_none(error.kind()))
}

/// Returns the names that Diesel takes for migrations: of everything but plain files and what is hidden. None if there is no such folder.
fn directories(folder: &Utf8Path) -> Result<Vec<String>, Failure> {
    let failure = |error: &io::Error| Failure::usage(format!("cannot list `{folder}`: {error}"));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failure(&error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failure(&error))?;
        let kind = entry.file_type().map_err(|error| failure(&error))?;
        let name = entry.file_name().into_string().map_err(|name| {
            let name = name.to_string_lossy().into_owned();
            Failure::usage(format!("the name of `{folder}/{name}` is not UTF-8"))
                .help("rename the file")
        })?;
        if !kind.is_file() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
