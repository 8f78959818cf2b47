//! Several files that belong together, written all or none.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::files;
use crate::exit::Failure;

/// Writes files, and the folders for them, all or none: where one cannot be written, what was written before it is taken back.
///
/// # Errors
///
/// Fails if one of them cannot be written, and says so if something could not be taken back.
pub fn write_all(files: &[(Utf8PathBuf, &str)]) -> Result<(), Failure> {
    let mut writing = Writing::default();
    let written = files
        .iter()
        .try_for_each(|(path, text)| writing.stage(path, text))
        .and_then(|()| writing.put());
    written.map_err(|failure| match writing.take_back().as_slice() {
        [] => failure,
        left => {
            failure.help(format!("see what is in {}: it could not be taken back", left.join(", ")))
        }
    })
}

/// Files on their way.
#[derive(Debug, Default)]
struct Writing {
    /// Folders that were not there before, and under which hidden names they are made beside their places: who looks on, or is left with what a killed process
    /// had done so far, finds a migration whole or not at all.
    folders: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
    /// Those of them that are at their places.
    put_folders: Vec<Utf8PathBuf>,
    /// What lies beside its place, in a folder that was there, and is still to be put there.
    staged: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// What is at its place, and what was there before.
    put: Vec<(Utf8PathBuf, Option<Vec<u8>>)>,
}

impl Writing {
    fn stage(&mut self, path: &Utf8Path, text: &str) -> Result<(), Failure> {
        let above = path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty());
        let Some(folder) = above.take_while(|folder| !folder.exists()).last() else {
            let beside = files::write_beside(path, text)?;
            self.staged.push((beside, path.to_owned()));
            return Ok(());
        };
        let hidden = self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let hidden = hidden(folder);
            // A killed process that had the number of this one may have left it.
            let _ = fs::remove_dir_all(&hidden);
            hidden
        });
        let inside = hidden.join(path.strip_prefix(folder).unwrap_or(path));
        let made = inside.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| fs::write(&inside, text));
        written.map_err(|error| files::not_written(path, &error))
    }

    fn put(&mut self) -> Result<(), Failure> {
        for (folder, hidden) in &self.folders {
            fs::rename(hidden, folder).map_err(|error| files::not_written(folder, &error))?;
            self.put_folders.push(folder.clone());
        }
        for (beside, path) in &self.staged {
            let before = path.is_file().then(|| fs::read(path).ok()).flatten();
            fs::rename(beside, path).map_err(|error| files::not_written(path, &error))?;
            self.put.push((path.clone(), before));
        }
        Ok(())
    }

    /// Returns what could not be taken back.
    fn take_back(&self) -> Vec<String> {
        // Those that were put are no longer there.
        for (beside, _) in &self.staged {
            let _ = fs::remove_file(beside);
        }
        for hidden in self.folders.values() {
            let _ = fs::remove_dir_all(hidden);
        }
        let mut left = Vec::new();
        for (path, before) in self.put.iter().rev() {
            let back = match before {
                Some(bytes) => fs::write(path, bytes),
                None => fs::remove_file(path),
            };
            if back.is_err() {
                left.push(format!("`{path}`"));
            }
        }
        for folder in self.put_folders.iter().rev() {
            if fs::remove_dir_all(folder).is_err() {
                left.push(format!("`{folder}`"));
            }
        }
        left
    }
}

/// Returns the name under which a folder is made: Diesel passes over what begins with a dot.
fn hidden(folder: &Utf8Path) -> Utf8PathBuf {
    let name = folder.file_name().unwrap_or("folder");
    folder.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "these tests look at files")]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, path)
    }

    #[test]
    fn files_that_belong_together_are_all_written() {
        let (_folder, at) = folder();
        let files = [(at.join("a/b/one"), "1"), (at.join("a/two"), "2")];
        write_all(&files).unwrap();
        assert_eq!(fs::read_to_string(at.join("a/b/one")).unwrap(), "1");
        assert_eq!(fs::read_dir(at.join("a")).unwrap().count(), 2);
    }

    #[test]
    fn a_new_folder_is_nowhere_to_be_seen_until_all_of_it_is_there() {
        let (_folder, at) = folder();
        let mut writing = Writing::default();
        for (file, text) in [("new/up.sql", "1"), ("new/down.sql", "2"), ("new/a/b", "3")] {
            writing.stage(&at.join(file), text).unwrap();
            assert!(!at.join("new").exists());
        }
        // What a killed process left there is not taken along.
        let left = at.join(format!(".other.{}.new", std::process::id()));
        fs::create_dir(&left).unwrap();
        fs::write(left.join("old"), "x").unwrap();
        writing.stage(&at.join("other/one"), "4").unwrap();
        writing.put().unwrap();
        assert_eq!(fs::read_dir(at.join("new")).unwrap().count(), 3);
        assert_eq!(fs::read_dir(at.join("other")).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&at).unwrap().count(), 2);
    }

    #[test]
    fn nothing_is_left_of_the_first_where_the_last_cannot_be_written() {
        let (_folder, at) = folder();
        fs::write(at.join("old"), "as it was").unwrap();
        for last in ["old/below-a-file", "taken"] {
            fs::create_dir_all(at.join("taken")).unwrap();
            let files = [(at.join("a/b/one"), "1"), (at.join("old"), "new"), (at.join(last), "2")];
            let failure = write_all(&files).unwrap_err();
            assert!(failure.message.contains("cannot write"), "{}", failure.message);
            assert_eq!(fs::read_to_string(at.join("old")).unwrap(), "as it was");
            let mut left: Vec<_> =
                fs::read_dir(&at).unwrap().map(|of| of.unwrap().file_name()).collect();
            left.sort();
            assert_eq!(left, ["old", "taken"]);
        }
    }
}
