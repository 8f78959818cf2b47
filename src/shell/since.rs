//! What a branch changes, so that only that is judged.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::Shell;
use super::git::Git;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::exit::Failure;
use crate::source::Sources;

/// The files that differ between where a branch began and the working tree.
#[derive(Debug)]
pub struct Changed {
    git: Git,
    /// From the top of the repository.
    files: BTreeSet<Utf8PathBuf>,
    /// Those of them that are there no more.
    removed: BTreeSet<Utf8PathBuf>,
}

impl Shell {
    /// Returns what differs between the working tree and the commit where this branch parted from a revision. What git does not know
    /// yet, and does not ignore, counts as added.
    ///
    /// # Errors
    ///
    /// Fails if there is no git, no repository, no such revision, or no common history.
    pub fn changed_since(&self, revision: &str) -> Result<Changed, Failure> {
        let git = self.git(&self.root).map_err(|failure| {
            failure.help("`--since` needs git and a clone; leave it away to judge everything")
        })?;
        let base = base(&git, revision)?;
        let list = |arguments: &[&str]| git.text(arguments);
        let listed = list(&[
            "diff",
            "--name-status",
            "--no-renames",
            "--no-ext-diff",
            "--ignore-submodules",
            "-z",
            &base,
            "--",
        ])?;
        let (mut files, mut removed) = (BTreeSet::new(), BTreeSet::new());
        let mut words = listed.split('\0');
        while let (Some(status), Some(path)) = (words.next(), words.next()) {
            if status == "D" {
                removed.insert(Utf8PathBuf::from(path));
            }
            files.insert(Utf8PathBuf::from(path));
        }
        let added = list(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z"])?;
        files.extend(added.split('\0').filter(|path| !path.is_empty()).map(Utf8PathBuf::from));
        Ok(Changed { git, files, removed })
    }
}

/// Returns the commit where the branch parted from a revision.
fn base(git: &Git, revision: &str) -> Result<String, Failure> {
    let is_shallow = || {
        git.text(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said.trim() == "true")
    };
    let shallow = "this clone has only a part of the history: fetch all of it (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab, \
                   `git fetch --unshallow`)";
    let commit = format!("{revision}^{{commit}}");
    // What begins like an option is none of git's names.
    let known = if revision.starts_with('-') || revision.contains('\0') {
        None
    } else {
        git.text(&["rev-parse", "--verify", "--quiet", &commit]).ok()
    };
    let Some(known) = known else {
        let help = if is_shallow() {
            shallow
        } else {
            "name a branch, a tag or a commit, such as `origin/main`; `git fetch` may bring it"
        };
        return Err(Failure::usage(format!("git knows no revision `{revision}`")).help(help));
    };
    if let Ok(base) = git.text(&["merge-base", known.trim(), "HEAD"]) {
        return Ok(base.trim().to_owned());
    }
    let help = if is_shallow() {
        shallow
    } else {
        "name a revision that this branch has a commit in common with"
    };
    Err(Failure::usage(format!("this branch has no commit in common with `{revision}`")).help(help))
}

impl Changed {
    /// Returns why everything is judged all the same: a removed plan, or another configuration, may concern any file.
    #[must_use]
    pub fn concerns_all(&self, config: &Config) -> Option<String> {
        let is_changed = |path: &Utf8Path| self.has(path);
        if is_changed(config::FILE_NAME.into()) {
            return Some(format!("`{}` differs", config::FILE_NAME));
        }
        let folder = self.git.below_top(&config.plans).ok()?;
        let removed = self
            .removed
            .iter()
            .find(|path| path.starts_with(&folder) && path.extension() == Some("yaml"))?;
        Some(format!("`{}` is gone", removed.file_name()?))
    }

    /// Returns whether a file of the project differs, or one in it if it is a folder; what is not in the repository does.
    #[must_use]
    pub fn has(&self, path: &Utf8Path) -> bool {
        let Ok(path) = self.git.below_top(path) else { return true };
        // Paths are ordered part by part, so that what is in a folder comes right behind it.
        let next = self.files.range(path.clone()..).next();
        next.is_some_and(|next| next.starts_with(&path))
    }

    /// Leaves the findings that a changed file has a place in, and those of no plan's and no migration's file. Of a migration all
    /// files count: what one of them lacks may be found at another.
    pub fn keep(&self, config: &Config, sources: &Sources, found: &mut Vec<Diagnostic>) {
        found.retain(|found| {
            let labels = found.labels.iter().filter_map(|label| sources.get(label.span.source));
            let mut files = labels.map(|file| &file.path).chain(&found.file).peekable();
            let is_judged_by_file = |own: &Utf8PathBuf| {
                own.starts_with(&config.plans) || own.starts_with(&config.migrations)
            };
            files.peek().is_none_or(|own| !is_judged_by_file(own))
                || files.any(|file| self.has(&whole(config, file)))
        });
    }
}

/// Returns the directory of the migration that a file belongs to, or the file itself.
fn whole(config: &Config, file: &Utf8Path) -> Utf8PathBuf {
    let is_of_migration = file
        .file_name()
        .is_some_and(|name| matches!(name, "up.sql" | "down.sql" | "metadata.toml"));
    match file.parent() {
        Some(directory) if is_of_migration && file.starts_with(&config.migrations) => {
            directory.to_owned()
        }
        Some(_) | None => file.to_owned(),
    }
}
