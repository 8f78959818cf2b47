//! One release as a git tag has it.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::diagnostic::{Severity, Sink};
use crate::exit::Failure;
use crate::formats::{FormatName, format};
use crate::name::PlanName;
use crate::release::from_sources::ReleaseFiles;
use crate::release::{Requirements, schema_rs};
use crate::shell::git::{Blob, Git, Tag};
use crate::shell::{Shell, files};
use crate::source::SourceId;
use crate::version::MigrationVersion;

/// Where things are in the repository, seen from the folder that git is asked in.
#[derive(Debug)]
pub(super) struct Paths {
    /// `schema.rs`, or folders with it.
    pub schema: Vec<Utf8PathBuf>,
    /// `requires.yaml`; nothing is missed where it is not.
    pub requires: Option<Utf8PathBuf>,
    /// The folder of plans.
    pub plans: Utf8PathBuf,
    /// The folder of migrations.
    pub migrations: Utf8PathBuf,
}

/// Reads releases, each text once.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    shell: &'a Shell,
    git: &'a Git,
    paths: &'a Paths,
    /// What was read, by the names and contents of the files.
    read: BTreeMap<Vec<(Utf8PathBuf, String)>, Result<Requirements, String>>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(shell: &'a Shell, git: &'a Git, paths: &'a Paths) -> Self {
        Self { shell, git, paths, read: BTreeMap::new() }
    }

    /// Returns the files of a tag; `None` if it names no commit.
    ///
    /// # Errors
    ///
    /// Fails if git does.
    pub(super) fn open(&self, tag: &'a Tag) -> Result<Option<Tagged<'a>>, Failure> {
        let Paths { schema, requires, plans, migrations } = self.paths;
        let mut paths: Vec<&Utf8Path> = vec![plans, migrations];
        paths.extend(schema.iter().map(Utf8PathBuf::as_path));
        paths.extend(requires.as_deref());
        let Some(found) = self.git.files(tag, &paths)? else { return Ok(None) };
        let mut found = found.into_iter();
        Ok(Some(Tagged {
            tag,
            paths: self.paths,
            plans: found.next().unwrap_or_default(),
            migrations: found.next().unwrap_or_default(),
            schema: found.by_ref().take(schema.len()).collect(),
            requires: found.flatten().find(|blob| Some(&blob.path) == requires.as_ref()),
        }))
    }

    /// Reads what the release of a tag needs; the inner `Err` says why that cannot be told.
    ///
    /// # Errors
    ///
    /// Fails if git does.
    pub(super) fn needs(&mut self, tagged: &Tagged<'_>) -> Result<Result<Requirements, String>, Failure> {
        let mut schema = Vec::new();
        for (path, found) in self.paths.schema.iter().zip(&tagged.schema) {
            let is_rust = |blob: &&Blob| blob.path == *path || blob.path.extension() == Some("rs");
            let before = schema.len();
            schema.extend(found.iter().filter(is_rust).cloned());
            if schema.len() == before {
                return Ok(Err(format!("it has no `{path}`")));
            }
        }
        let requires = tagged.requires.as_ref();
        let key = schema.iter().chain(requires).map(|blob| (blob.path.clone(), blob.content.clone()));
        let key: Vec<(Utf8PathBuf, String)> = key.collect();
        if let Some(known) = self.read.get(&key) {
            return Ok(known.clone());
        }
        let read = self.read_files(tagged.tag, &schema, requires)?;
        self.read.insert(key, read.clone());
        Ok(read)
    }

    fn read_files(
        &self,
        tag: &Tag,
        schema: &[Blob],
        requires: Option<&Blob>,
    ) -> Result<Result<Requirements, String>, Failure> {
        let mut release = ReleaseFiles::default();
        for blob in schema {
            match self.source(blob, &mut release)? {
                Ok(source) => release.schema.push(source),
                Err(why) => return Ok(Err(why)),
            }
        }
        if let Some(blob) = requires {
            match self.source(blob, &mut release)? {
                Ok(source) => release.requires = Some(source),
                Err(why) => return Ok(Err(why)),
            }
        }
        let mut sink = Sink::default();
        let needs = release.needs(&mut sink);
        if !sink.is_empty() {
            let mut found = sink.into_sorted();
            for of in &mut found {
                // A release that cannot be read is left out, and the others are not.
                of.severity = of.severity.min(Severity::Warning);
            }
            let text = format(FormatName::Human).diagnostics(&release.sources, &found, self.shell.style);
            self.shell.say(&format!("in tag `{}`:\n{}", tag.name, text.trim_end()));
        }
        Ok(needs.ok_or_else(|| "what it needs cannot be read".to_owned()))
    }

    fn source(&self, blob: &Blob, release: &mut ReleaseFiles) -> Result<Result<SourceId, String>, Failure> {
        let bytes = self.git.content(blob, schema_rs::FILE_BYTES_MAX)?;
        Ok(match files::text(bytes) {
            Ok(text) => Ok(release.sources.add(blob.path.clone(), text)),
            Err(why) => Err(format!("`{}` {why}", blob.path)),
        })
    }
}

/// The files of a tag.
#[derive(Debug)]
pub(super) struct Tagged<'a> {
    tag: &'a Tag,
    paths: &'a Paths,
    schema: Vec<Vec<Blob>>,
    requires: Option<Blob>,
    plans: Vec<Blob>,
    migrations: Vec<Blob>,
}

impl Tagged<'_> {
    /// Returns the plans that it has.
    pub(super) fn plans(&self) -> Vec<PlanName> {
        let names = self.plans.iter().filter_map(|blob| {
            let name = blob.path.strip_prefix(&self.paths.plans).ok()?;
            let is_plan = name.parent() == Some(Utf8Path::new("")) && name.extension() == Some("yaml");
            let (_, name) = name.file_stem().filter(|_| is_plan)?.split_once('_')?;
            (!blob.path.file_name()?.starts_with('.')).then(|| PlanName::from(name))
        });
        names.collect()
    }

    /// Returns the hand-written migrations that it has.
    pub(super) fn migrations(&self) -> Vec<MigrationVersion> {
        let versions = self.migrations.iter().filter_map(|blob| {
            let mut parts = blob.path.strip_prefix(&self.paths.migrations).ok()?.components();
            let (directory, file) = (parts.next()?.as_str(), parts.next()?.as_str());
            let version = MigrationVersion::of_directory(directory);
            let is_own = file == "up.sql" && parts.next().is_none() && !directory.starts_with('.');
            (is_own && !version.is_compiled()).then_some(version)
        });
        versions.collect()
    }
}
