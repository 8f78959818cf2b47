//! The folder of a scratch database that is a file, and the folders that processes which died left behind.

use std::cell::RefCell;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::DatabaseError;

/// What the names of the folders begin with.
const PREFIX: &str = "planner_verify_";
/// The file in it that is locked while its process lives.
const LOCK: &str = "in_use";
/// How often the folder's removal is tried.
const REMOVALS_MAX: u32 = 5;
/// How many names are tried.
const NAMES_MAX: u32 = 20;

/// A folder of one process, removed when this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Locked until the process ends, however it does.
    _in_use: File,
    /// What becomes true once somebody asks to stop.
    pub(super) asked: RefCell<Option<Arc<AtomicBool>>>,
    /// What processes that died had left behind.
    pub(super) left_behind: Vec<String>,
}

impl Folder {
    /// Makes it below the system's temporary folder.
    pub(super) fn make(now: jiff::Timestamp) -> Result<Self, DatabaseError> {
        let above = std::env::temp_dir();
        let left_behind = remove_left_behind(&above);
        for attempt in 0..NAMES_MAX {
            let name = format!("{PREFIX}{}_{}_{attempt}", now.as_nanosecond(), std::process::id());
            let path = above.join(name);
            let failed = |error: &io::Error| DatabaseError::Scratch {
                reason: format!("`{}` cannot be made: {error}", path.display()),
                help: "set TMPDIR to a folder that can be written to",
            };
            match fs::create_dir(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(failed(&error)),
            }
            let in_use = File::create(path.join(LOCK)).map_err(|error| failed(&error))?;
            // Another process may just be looking whether anybody uses it, and then removes it.
            if in_use.try_lock().is_ok() && path.join(LOCK).exists() {
                let asked = RefCell::new(None);
                return Ok(Self { path, _in_use: in_use, asked, left_behind });
            }
        }
        Err(DatabaseError::Scratch {
            reason: format!("no folder of its own could be had in `{}`", above.display()),
            help: "set TMPDIR to a folder of your own",
        })
    }

    /// Returns the URL and the name of a database in it.
    pub(super) fn database(&self, number: u32) -> (String, String) {
        let name = format!("scratch_{number}.db");
        (format!("sqlite:{}", self.path.join(&name).display()), name)
    }

    /// Copies a database that nobody has open.
    pub(super) fn copy(&self, from: &str, to: &str) -> Result<(), DatabaseError> {
        let source = self.path.join(from);
        let copied =
            if source.exists() { fs::copy(source, self.path.join(to)).map(drop) } else { Ok(()) };
        copied.map_err(|error| DatabaseError::Scratch {
            reason: format!("the scratch database cannot be copied: {error}"),
            help: "make room in the temporary folder, or set TMPDIR to another one",
        })
    }

    /// Removes a database of it.
    pub(super) fn remove(&self, name: &str) {
        for end in ["", "-wal", "-shm", "-journal"] {
            // Most of them are not there, and all of them go with the folder.
            let _ = fs::remove_file(self.path.join(format!("{name}{end}")));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A statement that was given up may just be making a file there. What cannot be removed now is a temporary file, which the
        // next one removes.
        let _ = (0..REMOVALS_MAX).find(|_| fs::remove_dir_all(&self.path).is_ok());
    }
}

/// Removes the folders whose processes are gone; says which.
fn remove_left_behind(above: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(above) else { return Vec::new() };
    let mut removed = Vec::new();
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if !is_ours {
            continue;
        }
        // One without this file is just being made.
        let Ok(in_use) = File::options().write(true).open(entry.path().join(LOCK)) else {
            continue;
        };
        match in_use.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => continue,
        }
        if fs::remove_dir_all(entry.path()).is_ok() {
            let name = entry.path().display().to_string();
            removed.push(format!("removed `{name}`, which a verification that died had left"));
        }
    }
    removed
}
