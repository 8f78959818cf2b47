//! Releases that are named on the command line with their files, recorded or not.

use std::str::FromStr;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::Shell;
use super::needs::NeedsFrom;
use super::situation::Loaded;
use crate::exit::Failure;
use crate::release::{App, LiveState, Release};

/// `APP@VERSION=PATH[,PATH]`: a release and the files that say what it needs: its `schema.rs`, its `requires.yaml`, or a folder
/// with both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenRelease {
    app: String,
    version: String,
    schema: Vec<Utf8PathBuf>,
    requires: Option<Utf8PathBuf>,
}

impl FromStr for GivenRelease {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not of the form APP@VERSION=PATH");
        let (name, paths) = text.split_once('=').ok_or_else(wrong)?;
        let (app, version) = name.split_once('@').ok_or_else(wrong)?;
        let paths: Vec<Utf8PathBuf> = paths.split(',').map(Utf8PathBuf::from).collect();
        let is_empty = |text: &str| text.trim().is_empty();
        if is_empty(app) || is_empty(version) || paths.iter().any(|path| is_empty(path.as_str())) {
            return Err(wrong());
        }
        let (requires, schema): (Vec<_>, Vec<_>) =
            paths.into_iter().partition(|path| matches!(path.extension(), Some("yaml" | "yml")));
        if requires.len() > 1 {
            return Err(format!("`{text}` names more than one `requires.yaml`"));
        }
        let (app, version) = (app.trim().to_owned(), version.trim().to_owned());
        Ok(Self { app, version, schema, requires: requires.into_iter().next() })
    }
}

impl GivenRelease {
    /// Returns whether this is the release with this name.
    #[must_use]
    pub fn is(&self, app: &str, version: &str) -> bool {
        self.app == app && self.version == version
    }
}

impl Shell {
    /// Adds releases to what the ledger knows, as if what they need were recorded; who is live stays as it is.
    ///
    /// # Errors
    ///
    /// Fails if one is given twice, or its files cannot be read.
    pub fn take_given(&self, given: &[GivenRelease], loaded: &mut Loaded) -> Result<(), Failure> {
        let mut seen = std::collections::BTreeSet::new();
        for release in given {
            let GivenRelease { app, version, schema, requires } = release;
            if !seen.insert((app, version)) {
                return Err(Failure::usage(format!("`{app}@{version}` is given twice"))
                    .help("name all its files at once: `--release APP@VERSION=PATH,PATH`"));
            }
            let beside = self.requires_beside(schema).filter(|_| requires.is_none());
            let requires = requires.as_deref().or(beside.as_deref());
            let needs = self.needs_of(NeedsFrom { schema, requires, scan: &[] })?.map(Arc::new);
            let app = loaded
                .ledger
                .apps
                .entry(app.clone())
                .or_insert_with(|| App { name: app.clone(), releases: Vec::new() });
            if let Some(known) = app.releases.iter_mut().find(|of| of.version == *version) {
                known.needs = needs;
            } else {
                let new = Release::new(version, LiveState::Registered);
                app.releases.push(Release { needs, ..new });
            }
        }
        Ok(())
    }
}

impl Shell {
    /// Returns the `requires.yaml` in the folder that is given, if there is one.
    fn requires_beside(&self, schema: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
        let mut paths = schema.iter().map(|path| path.join("requires.yaml"));
        paths.find(|path| self.here.join(path).is_file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_given_with_its_files() {
        let given: GivenRelease = "web@2.0.0=src/schema.rs,requires.yaml".parse().unwrap();
        assert_eq!((given.app.as_str(), given.version.as_str()), ("web", "2.0.0"));
        assert_eq!(given.schema, ["src/schema.rs"]);
        assert_eq!(given.requires.unwrap(), "requires.yaml");
    }

    #[test]
    fn what_is_no_release_with_files_is_refused() {
        for text in ["web", "web@1", "web=a.rs", "@1=a.rs", "web@=a.rs", "web@1=", "web@1=a,,b"] {
            let why = text.parse::<GivenRelease>().unwrap_err();
            assert!(why.contains("APP@VERSION=PATH"), "{text}: {why}");
        }
        assert!("web@1=a.yaml,b.yml".parse::<GivenRelease>().unwrap_err().contains("more than"));
    }
}
