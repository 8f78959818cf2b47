//! The files that say what a release needs from the schema, read from the disk.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Shell, files};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::exit::{Exit, Failure};
use crate::formats::{FormatName, format};
use crate::release::from_sources::ReleaseFiles;
use crate::release::{Requirements, scan, schema_rs};
use crate::source::{SourceId, Sources};

/// What one file of Rust may be.
const RUST: files::Limit =
    files::Limit { bytes: schema_rs::FILE_BYTES_MAX, help: "name the files that declare tables" };

/// Where a release's needs are read from, as named on the command line.
#[derive(Clone, Copy, Debug)]
pub struct NeedsFrom<'a> {
    /// Its `schema.rs`, or folders with it.
    pub schema: &'a [Utf8PathBuf],
    /// Its `requires.yaml`.
    pub requires: Option<&'a Utf8Path>,
    /// Folders of its source, which say what of it is used.
    pub scan: &'a [Utf8PathBuf],
}

impl Shell {
    /// Reads what a release of this app needs, if anything says so. With `--schema` alone the `requires.yaml` that
    /// `planner.yaml` names for the app is read too, if it is there.
    ///
    /// # Errors
    ///
    /// Fails if `planner.yaml` cannot be used, or if there are errors in the files, which are printed to standard error.
    pub fn needs(&self, app: &str, from: NeedsFrom<'_>) -> Result<Option<Requirements>, Failure> {
        if from.schema.is_empty() && !from.scan.is_empty() {
            return Err(Failure::usage("`--scan` narrows what `--schema` says, and there is none")
                .help("add `--schema FILE`"));
        }
        if from.schema.is_empty() && from.requires.is_none() {
            return Ok(None);
        }
        let mut sink = Sink::default();
        let config = self.read_config(&mut sink)?;
        let requires = self.requires_path(&config, app, from.requires);
        self.needs_in(from, requires, sink)
    }

    /// Reads what a release needs from these files alone.
    ///
    /// # Errors
    ///
    /// Fails if there are errors in the files, which are printed to standard error.
    pub fn needs_of(&self, from: NeedsFrom<'_>) -> Result<Option<Requirements>, Failure> {
        let requires = from.requires.map(|path| (self.here.join(path), path.to_owned()));
        self.needs_in(from, requires, Sink::default())
    }

    /// Reads a release's files, with a `requires.yaml` by where it is and how it is named.
    fn needs_in(
        &self,
        from: NeedsFrom<'_>,
        requires: Option<(Utf8PathBuf, Utf8PathBuf)>,
        mut sink: Sink,
    ) -> Result<Option<Requirements>, Failure> {
        let mut release = ReleaseFiles::default();
        for path in from.schema {
            self.rust_below(path, &mut release.sources, &mut release.schema, &mut sink)?;
        }
        self.source_below(from.scan, &mut release, &mut sink)?;
        if let Some((path, shown)) = requires {
            let limit = files::Limit {
                bytes: crate::yaml::node::FILE_BYTES_MAX,
                help: "say less, and let `schema.rs` say the rest",
            };
            let text = files::read_within(&path, &shown, limit, &mut sink);
            release.requires = text.map(|text| release.sources.add(shown, text));
        }
        let needs = if sink.has_errors() { None } else { release.needs(&mut sink) };
        self.report(&release.sources, sink)?;
        Ok(needs)
    }

    /// Returns where the app's `requires.yaml` is, and how it is named.
    fn requires_path(
        &self,
        config: &Config,
        app: &str,
        given: Option<&Utf8Path>,
    ) -> Option<(Utf8PathBuf, Utf8PathBuf)> {
        if let Some(given) = given {
            return Some((self.here.join(given), given.to_owned()));
        }
        let path = config.app(app)?.requires.as_ref()?;
        let full = self.root.join(path);
        full.exists().then(|| (full, path.clone()))
    }

    /// Reads a file, or all files of Rust below a folder.
    fn rust_below(
        &self,
        path: &Utf8Path,
        sources: &mut Sources,
        ids: &mut Vec<SourceId>,
        sink: &mut Sink,
    ) -> Result<(), Failure> {
        let full = self.here.join(path);
        if !full.is_dir() {
            let text = files::read_within(&full, path, RUST, sink);
            ids.extend(text.map(|text| sources.add(path, text)));
            return Ok(());
        }
        let found = files::below(&full, "rs")?;
        if found.is_empty() {
            let message = format!("there is no file of Rust below `{path}`");
            return Err(Failure::usage(message)
                .help("name the file that has Diesel's `table!` macros, or its folder"));
        }
        for file in found {
            let shown = path.join(&file);
            let text = files::read_within(&full.join(file), &shown, RUST, sink);
            ids.extend(text.map(|text| sources.add(shown, text)));
        }
        Ok(())
    }

    /// Reads a release's source. A file that cannot be read may hide uses, so that then nothing is called unused.
    fn source_below(
        &self,
        paths: &[Utf8PathBuf],
        release: &mut ReleaseFiles,
        sink: &mut Sink,
    ) -> Result<(), Failure> {
        let mut doubts = Sink::default();
        for path in paths {
            self.rust_below(path, &mut release.sources, &mut release.rust, &mut doubts)?;
            self.sql_below(path, &mut release.sources, &mut release.sql, &mut doubts)?;
        }
        if !doubts.is_empty() {
            release.rust.clear();
        }
        for mut doubt in doubts.into_found() {
            doubt.severity = Severity::Warning;
            sink.report(doubt.help(scan::NARROWS_NOTHING));
        }
        Ok(())
    }

    /// Reads all files of SQL below a folder.
    fn sql_below(
        &self,
        path: &Utf8Path,
        sources: &mut Sources,
        ids: &mut Vec<SourceId>,
        sink: &mut Sink,
    ) -> Result<(), Failure> {
        let full = self.here.join(path);
        let found = if full.is_dir() { files::below(&full, "sql")? } else { Vec::new() };
        for file in found {
            let shown = path.join(&file);
            let text = files::read_within(&full.join(file), &shown, RUST, sink);
            ids.extend(text.map(|text| sources.add(shown, text)));
        }
        Ok(())
    }

    /// Prints what was found in a release's files to standard error.
    ///
    /// # Errors
    ///
    /// Fails if there are errors among it.
    pub fn report(&self, sources: &Sources, sink: Sink) -> Result<(), Failure> {
        let found: Vec<Diagnostic> = sink.into_sorted();
        if found.is_empty() {
            return Ok(());
        }
        let text = format(FormatName::Human).diagnostics(sources, &found, self.style);
        self.say_findings(&text);
        let n = found.iter().filter(|found| found.severity == Severity::Error).count();
        if n == 0 {
            return Ok(());
        }
        let message = format!(
            "what the release needs cannot be read: {n} error{}",
            if n == 1 { "" } else { "s" }
        );
        Err(Failure::new(Exit::Findings, message).help("correct what is reported above"))
    }
}
