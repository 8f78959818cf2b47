//! Several files that belong together, written all or none.

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
    /// Folders that were not there before, outer ones first.
    folders: Vec<Utf8PathBuf>,
    /// What lies beside its place and is still to be put there.
    staged: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// What is at its place, and what was there before.
    put: Vec<(Utf8PathBuf, Option<Vec<u8>>)>,
}

impl Writing {
    fn stage(&mut self, path: &Utf8Path, text: &str) -> Result<(), Failure> {
        let above = path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty());
        let mut missing: Vec<_> = above.take_while(|folder| !folder.exists()).collect();
        missing.reverse();
        self.folders.extend(missing.into_iter().map(Utf8Path::to_owned));
        let beside = files::write_beside(path, text)?;
        self.staged.push((beside, path.to_owned()));
        Ok(())
    }

    fn put(&mut self) -> Result<(), Failure> {
        for (beside, path) in &self.staged {
            let before = fs::read(path).ok();
            fs::rename(beside, path).map_err(|error| files::not_written(path, &error))?;
            self.put.push((path.clone(), before));
        }
        Ok(())
    }

    /// Returns what could not be taken back.
    fn take_back(&self) -> Vec<String> {
        for (beside, _) in &self.staged {
            // Those that were put are no longer there.
            let _ = fs::remove_file(beside);
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
        for folder in self.folders.iter().rev() {
            // One that others have filled meanwhile stays.
            let _ = fs::remove_dir(folder);
        }
        left
    }
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
