//! Asking git about tags, the files in them, and what differs: nothing is changed, and nothing is fetched.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::Shell;
use crate::exit::Failure;

/// A git repository, seen from one of its folders.
#[derive(Debug)]
pub struct Git {
    folder: Utf8PathBuf,
    /// Where that folder is below the repository's top.
    prefix: Utf8PathBuf,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// When its commit was made, in seconds; 0 if it names no commit.
    pub committed: i64,
}

/// A file in a tag: its path below the asked folder's path, and the name of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The path as asked for, and what is below it.
    pub path: Utf8PathBuf,
    /// What git calls its content; equal contents are called the same.
    pub content: String,
}

impl Shell {
    /// Opens the repository that a folder belongs to.
    ///
    /// # Errors
    ///
    /// Fails if there is no git, or no repository.
    pub fn git(&self, folder: &Utf8Path) -> Result<Git, Failure> {
        let mut git = Git { folder: folder.to_owned(), prefix: Utf8PathBuf::new() };
        let prefix = git.text(&["rev-parse", "--show-prefix"])?;
        git.prefix = Utf8PathBuf::from(prefix.trim_end_matches('\n'));
        Ok(git)
    }
}

impl Git {
    /// Returns the tags whose names match a pattern as `git for-each-ref` reads it.
    ///
    /// # Errors
    ///
    /// Fails if git does.
    pub fn tags(&self, pattern: &str) -> Result<Vec<Tag>, Failure> {
        if pattern.contains(|letter: char| letter.is_control()) {
            return Err(Failure::usage("the pattern of tags has a control character in it"));
        }
        let format = "--format=%(refname) %(committerdate:unix) %(*committerdate:unix)";
        let pattern = format!("refs/tags/{pattern}");
        let listed = self.text(&["for-each-ref", format, &pattern])?;
        let tags = listed.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?.strip_prefix("refs/tags/")?.to_owned();
            let committed = words.next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
            Some(Tag { name, committed })
        });
        Ok(tags.collect())
    }

    /// Returns, for each of these paths, the files at it in a tag: the file itself, or those below the folder. Links are
    /// none. `None` if the tag names nothing that has files.
    ///
    /// # Errors
    ///
    /// Fails if a path leads out of the repository.
    pub fn files(&self, tag: &Tag, paths: &[&Utf8Path]) -> Result<Option<Vec<Vec<Blob>>>, Failure> {
        let below_top: Vec<Utf8PathBuf> =
            paths.iter().map(|path| self.below_top(path)).collect::<Result<_, _>>()?;
        let reference = format!("refs/tags/{}", tag.name);
        // A path that looks like an option is none behind `./`.
        let asked: Vec<String> = below_top.iter().map(|path| format!("./{path}")).collect();
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", &reference];
        if !asked.iter().any(|path| path == "./") {
            arguments.extend(asked.iter().map(String::as_str));
        }
        let Ok(listed) = self.bytes(&arguments) else { return Ok(None) };
        let mut found = vec![Vec::new(); paths.len()];
        for entry in listed.split(|byte| *byte == 0) {
            // A name that is no text cannot be a plan's, and no path asked for leads to it.
            let Ok(entry) = std::str::from_utf8(entry) else { continue };
            let Some((about, name)) = entry.split_once('\t') else { continue };
            let mut about = about.split(' ');
            let (mode, content) = (about.next().unwrap_or_default(), about.nth(1));
            let (true, Some(content)) = (mode.starts_with("100"), content) else { continue };
            for ((path, below_top), found) in paths.iter().zip(&below_top).zip(&mut found) {
                let Ok(below) = Utf8Path::new(name).strip_prefix(below_top) else { continue };
                let is_it = below.as_str().is_empty();
                let path = if is_it { (*path).to_owned() } else { path.join(below) };
                found.push(Blob { path, content: content.to_owned() });
            }
        }
        Ok(Some(found))
    }

    /// Returns a file's content.
    ///
    /// # Errors
    ///
    /// Fails if it is longer than the limit, is not in this clone, or git fails.
    pub fn content(&self, blob: &Blob, limit: u64) -> Result<Vec<u8>, Failure> {
        let size = self.text(&["cat-file", "-s", &blob.content])?;
        if size.trim().parse::<u64>().is_ok_and(|size| size > limit) {
            return Err(Failure::usage(format!("`{}` has more than {limit} bytes", blob.path)));
        }
        self.bytes(&["cat-file", "blob", &blob.content])
    }

    /// Returns a path below the repository's top.
    pub(super) fn below_top(&self, path: &Utf8Path) -> Result<Utf8PathBuf, Failure> {
        let outside = || {
            Failure::usage(format!("`{path}` is not in the repository at `{}`", self.folder))
                .help("give a path below its folder, or another repository with `--repo`")
        };
        if path.is_absolute() {
            return Err(outside());
        }
        let joined = self.prefix.join(path);
        let mut parts: Vec<&str> = Vec::new();
        for part in joined.components() {
            match part {
                Utf8Component::CurDir | Utf8Component::RootDir | Utf8Component::Prefix(_) => {}
                Utf8Component::ParentDir => {
                    parts.pop().ok_or_else(outside)?;
                }
                Utf8Component::Normal(part) => parts.push(part),
            }
        }
        Ok(parts.join("/").into())
    }

    pub(super) fn text(&self, arguments: &[&str]) -> Result<String, Failure> {
        String::from_utf8(self.bytes(arguments)?)
            .map_err(|_| Failure::usage("git names something that is not UTF-8"))
    }

    fn bytes(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        let environment = BTreeMap::from([
            // What is asked for is a name, never a pattern.
            ("GIT_LITERAL_PATHSPECS", "1"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("LC_ALL", "C"),
        ]);
        let output = Command::new("git")
            .args(["--no-pager", "-c", "protocol.allow=never"])
            .args(arguments)
            .current_dir(&self.folder)
            .envs(environment)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                Failure::usage(format!("cannot run `git` in `{}`: {error}", self.folder))
                    .help("install git, and check `--repo`")
            })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ");
        Err(Failure::usage(format!("git cannot tell about `{}`: {said}", self.folder))
            .help("name the app's repository with `--repo`"))
    }
}
