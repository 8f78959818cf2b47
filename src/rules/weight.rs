//! How much a finding weighs that is the worse the larger a table is.

use super::Evidence;
use crate::diagnostic::{Code, Severity};
use crate::name::ObjectName;

/// Returns a code as heavy as the largest of the tables makes it, a note on a small and an error on a large one, and how large that
/// is, in words for the end of the message; nothing where no database was asked, or it does not have them.
pub(super) fn weighed<'a>(
    evidence: &Evidence<'_>,
    code: Code,
    tables: impl IntoIterator<Item = &'a ObjectName>,
) -> Option<(Code, String)> {
    let sizes = evidence.context.sizes?;
    let known = tables.into_iter().filter_map(|table| sizes.tables.get(table));
    let size = known.max_by_key(|size| size.rows)?;
    let severity = if size.rows < sizes.small_rows {
        Severity::Note
    } else if size.rows >= sizes.large_rows {
        Severity::Error
    } else {
        code.severity
    };
    Some((Code { severity, ..code }, format!(" ({size})")))
}
