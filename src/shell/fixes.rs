//! Making the fixes that findings carry: worked out first, written whole or not at all.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::together::write_all;
use super::{Shell, files};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::fix::{Edit, Fix, NewFile, edited};
use crate::exit::Failure;
use crate::formats::diff;
use crate::source::{SourceId, Sources};

/// What fixes come to, file by file.
#[derive(Debug, Default)]
pub struct Rewrites {
    /// Each file's text so far, none for one that is new, and what it becomes.
    files: BTreeMap<Utf8PathBuf, (Option<String>, String)>,
    /// For each finding, whether it is fixed by that.
    pub fixes: Vec<bool>,
    /// Why fixes are not made: the finding's place and the reason.
    pub held_back: Vec<(usize, String)>,
}

/// Works out what the fixes of these findings come to. Of two that change one place the first is taken.
#[must_use]
pub fn rewrites(sources: &Sources, found: &[Diagnostic]) -> Rewrites {
    let mut rewrites = Rewrites { fixes: vec![false; found.len()], ..Rewrites::default() };
    let mut edits: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
    let mut new_files: BTreeMap<&Utf8PathBuf, &NewFile> = BTreeMap::new();
    for (at, diagnostic) in found.iter().enumerate() {
        let Some(fix) = &diagnostic.fix else { continue };
        if let Some(why) = &fix.held_back {
            rewrites.held_back.push((at, why.clone()));
        } else if !take(fix, sources, (&mut edits, &mut new_files)) {
            let why = "another fix changes the same place; check again after that".to_owned();
            rewrites.held_back.push((at, why));
        } else if let Some(fixed) = rewrites.fixes.get_mut(at) {
            *fixed = true;
        }
    }
    for (source, edits) in edits {
        let Some(file) = sources.get(source) else { continue };
        let Some(new) = edited(&file.text, &edits) else { continue };
        rewrites.files.insert(file.path.clone(), (Some(file.text.to_string()), new));
    }
    for (path, file) in new_files {
        rewrites.files.insert(path.clone(), (None, file.text.clone()));
    }
    rewrites
}

type Taken<'t, 'f> =
    (&'t mut BTreeMap<SourceId, Vec<&'f Edit>>, &'t mut BTreeMap<&'f Utf8PathBuf, &'f NewFile>);

/// Adds a fix to those that were taken, unless it contradicts one of them.
fn take<'f>(fix: &'f Fix, sources: &Sources, (edits, new_files): Taken<'_, 'f>) -> bool {
    let is_other = |file: &&NewFile| new_files.get(&file.path).is_some_and(|other| other != file);
    if fix.new_files.iter().any(|file| is_other(&file)) {
        return false;
    }
    for edit in &fix.edits {
        let taken = edits.get(&edit.span.source).into_iter().flatten();
        let mut all: Vec<&Edit> = taken.copied().filter(|taken| *taken != edit).collect();
        let same_place = all.iter().any(|taken| taken.span == edit.span);
        all.push(edit);
        let text = sources.get(edit.span.source).map(|file| &file.text);
        if same_place || text.is_none_or(|text| edited(text, &all).is_none()) {
            return false;
        }
    }
    for edit in &fix.edits {
        let of_file = edits.entry(edit.span.source).or_default();
        if !of_file.contains(&edit) {
            of_file.push(edit);
        }
    }
    new_files.extend(fix.new_files.iter().map(|file| (&file.path, file)));
    true
}

impl Rewrites {
    /// Returns how many files there are to write.
    #[must_use]
    pub fn n_files(&self) -> usize {
        self.files.len()
    }

    /// Returns how many findings are fixed.
    #[must_use]
    pub fn n_fixed(&self) -> usize {
        self.fixes.iter().filter(|fixed| **fixed).count()
    }

    /// Shows what would change.
    #[must_use]
    pub fn diff(&self) -> String {
        let one = |(path, (old, new)): (&Utf8PathBuf, &(Option<String>, String))| {
            diff::unified(path, old.as_deref(), new)
        };
        self.files.iter().map(one).collect()
    }

    /// Writes the files, all or none, the new ones first: without them the others may mean something else.
    ///
    /// # Errors
    ///
    /// Fails if a file is not as it was read, or one cannot be written; then nothing has changed.
    pub fn write(&self, shell: &Shell) -> Result<(), Failure> {
        for (path, (old, _)) in &self.files {
            let is_as_read = match old {
                Some(old) => files::has_text(&shell.root.join(path), old)? == Some(true),
                None => shell.root.join(path).symlink_metadata().is_err(),
            };
            if !is_as_read {
                return Err(Failure::usage(format!("`{path}` has changed since it was read"))
                    .help("run `planner check --write` again"));
            }
        }
        let is_new = |of: &(Option<String>, String)| of.0.is_none();
        let (new, old): (Vec<_>, Vec<_>) = self.files.iter().partition(|(_, of)| is_new(of));
        let all = new.into_iter().chain(old);
        let all: Vec<_> =
            all.map(|(path, (_, text))| (shell.root.join(path), text.as_str())).collect();
        write_all(&all)
    }
}
