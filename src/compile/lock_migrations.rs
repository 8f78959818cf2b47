//! What the lock file says of hand-written migrations: that their `up.sql` was such when they were locked.
//!
//! Only `up.sql` counts, since it is what databases have run; how its lines end does not, since git may change that.

use std::collections::{BTreeMap, BTreeSet};

use super::Checksum;
use super::lock::{decoded, encoded, is_checksum};
use crate::dialect::Dialect;
use crate::history::{Content, HandWrittenMigration, History};
use crate::source::Sources;

/// Returns the lines for a dialect's part of the lock file, in the order of names.
#[must_use]
pub fn lines(history: &History, sources: &Sources) -> String {
    let line = |migration: &HandWrittenMigration| {
        let checksum = checksum(migration, sources)?;
        Some(format!("migration {} {checksum}\n\n", encoded(&migration.directory)))
    };
    history.hand_written.iter().filter_map(line).collect()
}

/// Returns the directories of those whose `up.sql` is not what a lock file says of it. Those that it does not name are new, and
/// lines that planner did not write say nothing.
#[must_use]
pub fn edited(
    lock: &str,
    dialect: Dialect,
    history: &History,
    sources: &Sources,
) -> BTreeSet<String> {
    let locked = locked(lock, dialect);
    let differs = |migration: &&HandWrittenMigration| {
        let checksum = checksum(migration, sources);
        let locked = locked.get(&migration.directory);
        checksum.zip(locked).is_some_and(|(checksum, locked)| checksum.as_str() != *locked)
    };
    let differing = history.hand_written.iter().filter(differs);
    differing.map(|migration| migration.directory.clone()).collect()
}

/// Returns the directories that a lock file names.
#[must_use]
pub fn directories(lock: &str, dialect: Dialect) -> BTreeSet<String> {
    locked(lock, dialect).into_keys().collect()
}

fn locked(lock: &str, dialect: Dialect) -> BTreeMap<String, &str> {
    let mut locked = BTreeMap::new();
    let mut is_here = false;
    for line in lock.lines() {
        match line.split_once(' ') {
            Some(("dialect", word)) => is_here = word == dialect.word(),
            Some(("migration", rest)) if is_here => {
                let read = rest.split_once(' ').filter(|(_, checksum)| is_checksum(checksum));
                let read = read.and_then(|(name, checksum)| Some((decoded(name)?, checksum)));
                locked.extend(read);
            }
            Some(_) | None => {}
        }
    }
    locked
}

/// Sums up an `up.sql`; none if it cannot be read.
fn checksum(migration: &HandWrittenMigration, sources: &Sources) -> Option<Checksum> {
    match migration.up.content {
        Content::Unreadable => None,
        Content::Empty | Content::Comments { .. } | Content::Statements => {
            let text = &sources.get(migration.up.source)?.text;
            Some(if text.contains('\r') {
                Checksum::of_text(&text.replace("\r\n", "\n"))
            } else {
                Checksum::of_text(text)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Directory, Files, Text};

    fn history(name: &str, up: &str) -> (History, Sources) {
        let mut sources = Sources::default();
        let files = Files { up: Text::Read(up.into()), ..Files::default() };
        let directory = Directory { name: name.into(), files: Some(files) };
        (History::gather("migrations".into(), vec![directory], &mut sources), sources)
    }

    #[test]
    fn only_what_was_locked_otherwise_in_this_dialect_is_edited() {
        let name = "2024_größe 1";
        let (locked, sources) = history(name, "SELECT 1;\nSELECT 2;\n");
        let lock = format!("dialect sqlite\n\n{}", lines(&locked, &sources));
        let edited = |name: &str, up: &str, dialect| {
            let (history, sources) = history(name, up);
            edited(&lock, dialect, &history, &sources).len()
        };
        assert_eq!(edited(name, "SELECT 1;\nSELECT 2;\n", Dialect::Sqlite), 0);
        assert_eq!(edited(name, "SELECT 1;\r\nSELECT 2;\r\n", Dialect::Sqlite), 0);
        assert_eq!(edited(name, "SELECT 1;\n", Dialect::Sqlite), 1);
        assert_eq!(edited(name, "SELECT 1;\n", Dialect::Postgres), 0);
        assert_eq!(edited("2024_other", "SELECT 1;\n", Dialect::Sqlite), 0);
    }

    #[test]
    fn the_lines_are_some_that_programs_with_embedded_migrations_take() {
        let (history, sources) = history("2024_größe 1", "SELECT 1;");
        let header =
            "# planner.lock, format 1. Written by `planner compile`: commit it, never edit it.";
        let lock = |lines: &str| format!("{header}\n\ndialect sqlite\n\n{lines}");
        let lines = lines(&history, &sources);
        assert_eq!(super::super::lock::parse(&lock(&lines)), Ok(Vec::new()));
        assert_eq!(super::super::lock::parse(&lock("migration a b\n")), Err(5));
    }
}
