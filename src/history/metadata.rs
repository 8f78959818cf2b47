//! A `metadata.toml`, as Diesel reads it.

use std::ops::Range;

use camino::Utf8Path;
use toml_edit::Document;

use super::Text;
use crate::diagnostic::did_you_mean;
use crate::source::{SourceId, Sources, Span};

/// The only key that means anything to Diesel.
const KEY: &str = "run_in_transaction";

/// What a migration says of how it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metadata {
    /// There is no such file, or it cannot be read: Diesel opens a transaction.
    Absent,
    /// It says so.
    Said(bool),
    /// The key is missing: Diesel opens no transaction.
    MissingKey {
        /// Where it is missing, or the key that stands for it.
        span: Span,
        /// The key that was meant, if one looks like it.
        near: Option<String>,
    },
    /// It is not what Diesel can read, so that Diesel takes no notice of it and opens a transaction.
    Invalid {
        /// Where.
        span: Span,
        /// Why.
        reason: String,
    },
}

impl Metadata {
    /// Returns whether Diesel runs the migration in a transaction.
    #[must_use]
    pub const fn run_in_transaction(&self) -> bool {
        match self {
            Self::Absent | Self::Invalid { .. } => true,
            Self::Said(said) => *said,
            Self::MissingKey { .. } => false,
        }
    }

    pub(super) fn read(path: &Utf8Path, text: Text, sources: &mut Sources) -> Self {
        match text {
            Text::Absent | Text::Unreadable => Self::Absent,
            Text::Read(text) => {
                let source = sources.add(path, text.as_str());
                Self::of(source, &text)
            }
        }
    }

    fn of(source: SourceId, text: &str) -> Self {
        let place = |range: Range<usize>| {
            let limit = |at: usize| u32::try_from(at.min(text.len())).unwrap_or(u32::MAX);
            Span { source, start: limit(range.start), end: limit(range.end) }
        };
        let start = || place(0..text.lines().next().map_or(0, str::len));
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(error) => {
                let reason = error.message().lines().next().unwrap_or_default().to_owned();
                return Self::Invalid { span: error.span().map_or_else(start, place), reason };
            }
        };
        if let Some(item) = document.get(KEY) {
            return item.as_bool().map_or_else(
                || Self::Invalid {
                    span: item.span().map_or_else(start, place),
                    reason: format!("`{KEY}` is {}, not `true` or `false`", item.type_name()),
                },
                Self::Said,
            );
        }
        let keys = || document.iter().map(|(key, _)| key);
        let meant = keys().find(|key| did_you_mean(key, [KEY]).is_some());
        let meant = meant.or_else(|| keys().find(|key| key.contains("transaction")));
        let span = meant.and_then(|key| document.key(key)?.span());
        Self::MissingKey { span: span.map_or_else(start, place), near: meant.map(str::to_owned) }
    }
}

/// Returns whether Diesel runs a migration with this `metadata.toml` in a transaction.
#[must_use]
pub fn runs_in_transaction(text: Option<&str>) -> bool {
    let text = text.map_or(Text::Absent, |text| Text::Read(text.to_owned()));
    Metadata::read("metadata.toml".into(), text, &mut Sources::default()).run_in_transaction()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Metadata, String) {
        let mut sources = Sources::default();
        let metadata =
            Metadata::read("metadata.toml".into(), Text::Read(text.into()), &mut sources);
        let shown = match &metadata {
            Metadata::Absent | Metadata::Said(_) => String::new(),
            Metadata::MissingKey { span, .. } | Metadata::Invalid { span, .. } => {
                sources.slice(*span).to_owned()
            }
        };
        (metadata, shown)
    }

    #[test]
    fn it_means_what_it_means_to_diesel() {
        for text in [
            "",
            "\n",
            "# run_in_transaction = true\n",
            "run_in_transaction = true\n",
            "run_in_transaction = false",
            "run_in_transactions = true",
            "run_in_transaction = \"yes\"",
            "run_in_transaction = 1",
            "run_in_transaction: false",
            "run_in_transaction = true\nrun_in_transaction = false\n",
            "[migration]\nrun_in_transaction = true\n",
            "other = 1\nrun_in_transaction = true\n",
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let read = migrations_internals::TomlMetadata::read_from_file(file.path());
            let expected = read.unwrap_or_default().run_in_transaction;
            assert_eq!(runs_in_transaction(Some(text)), expected, "{text:?}");
        }
        assert!(runs_in_transaction(None));
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let near = |metadata: &Metadata| match metadata {
            Metadata::MissingKey { near, .. } => near.clone(),
            Metadata::Absent | Metadata::Said(_) | Metadata::Invalid { .. } => None,
        };
        let (metadata, shown) = read("# größe\nrun_in_transactoin = true\n");
        assert_eq!(
            (near(&metadata).as_deref(), shown.as_str()),
            (Some("run_in_transactoin"), "run_in_transactoin")
        );
        let (metadata, shown) = read("# nothing\n");
        assert_eq!((near(&metadata), shown.as_str()), (None, "# nothing"));
        let (metadata, shown) = read("run_in_transaction = \"no\"\n");
        assert!(matches!(metadata, Metadata::Invalid { .. }), "{metadata:?}");
        assert_eq!(shown, "\"no\"");
        let (metadata, _) = read("a = 'größe\nb\n");
        assert!(matches!(metadata, Metadata::Invalid { .. }), "{metadata:?}");
    }
}
