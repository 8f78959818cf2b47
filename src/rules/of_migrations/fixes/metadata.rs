//! What a fix makes of a migration's `metadata.toml`: all that is in it stays, but for the one key.

use toml_edit::Document;

use super::super::super::Evidence;
use super::{METADATA, NO_TRANSACTION};
use crate::diagnostic::fix::{Edit, NewFile};
use crate::history::{HandWrittenMigration, Metadata};
use crate::source::Span;

/// What is to be changed, and the file that is to be written if there is none.
pub(super) type Changed = (Vec<Edit>, Vec<NewFile>);

/// Has a migration run without a transaction, if it is to be `alone`; `None` where the file is not what Diesel can read.
pub(super) fn without_transaction(
    evidence: &Evidence<'_>,
    migration: &HandWrittenMigration,
    alone: bool,
) -> Option<Changed> {
    let path = migration.path.join(METADATA);
    match &migration.metadata {
        Metadata::Invalid { .. } => None,
        Metadata::Absent if alone => {
            Some((Vec::new(), vec![NewFile { path, text: NO_TRANSACTION.to_owned() }]))
        }
        Metadata::Said(true) if alone => {
            let sources = evidence.context.sources;
            let source = sources.find(&path)?;
            let document = Document::parse(sources.get(source)?.text.as_ref()).ok()?;
            let place = document.get("run_in_transaction")?.span()?;
            let limit = |at: usize| u32::try_from(at).ok();
            let span = Span { source, start: limit(place.start)?, end: limit(place.end)? };
            Some((vec![Edit { span, text: "false".to_owned() }], Vec::new()))
        }
        // Without its key there is no transaction either, which another finding tells.
        Metadata::Absent | Metadata::Said(_) | Metadata::MissingKey { .. } => {
            Some((Vec::new(), Vec::new()))
        }
    }
}
