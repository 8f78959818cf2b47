//! What the catalog refuses, as a finding.

use super::Lowering;
use crate::change::apply::ApplyError;
use crate::change::effect::Object;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::ObjectName;
use crate::source::Span;

/// Turns the catalog's refusal into a finding at a place.
#[must_use]
pub fn refused(error: &ApplyError, span: Span) -> Diagnostic {
    match error {
        ApplyError::Missing { known, object, .. } => {
            let name = match object {
                Object::Column(_, column) => column.to_string(),
                other => other.to_string(),
            };
            let near = did_you_mean(&name, known.iter().map(String::as_str));
            Diagnostic::new(code::UNKNOWN_OBJECT, error.to_string())
                .at(span)
                .help(near.unwrap_or_else(|| "create it in an earlier step or plan".into()))
        }
        ApplyError::Exists { .. } => Diagnostic::new(code::OBJECT_EXISTS, error.to_string())
            .at(span)
            .help("choose another name, or remove the step"),
        ApplyError::InUse { user, .. } => {
            Diagnostic::new(code::DROP_OF_USED_OBJECT, error.to_string())
                .at(span)
                .help(format!("drop or change {user} in an earlier step"))
        }
        ApplyError::OfWhole { of, .. } => {
            Diagnostic::new(code::UNSUPPORTED_ON_DIALECT, error.to_string())
                .at(span)
                .help(format!("add it to `{of}`: all of its partitions have it then"))
        }
    }
}

/// Returns whether a refusal is about one of these objects, or a part of one.
pub(crate) fn is_about<'o>(
    error: &ApplyError,
    objects: impl IntoIterator<Item = &'o ObjectName>,
) -> bool {
    let text = match error {
        ApplyError::Missing { object, .. }
        | ApplyError::Exists { object, .. }
        | ApplyError::InUse { object, .. }
        | ApplyError::OfWhole { object, .. } => object.to_string(),
    };
    objects.into_iter().any(|name| {
        let name = name.to_string();
        text == name || text.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'))
    })
}

impl Lowering<'_> {
    /// Returns whether a left-out step is to blame for a refusal.
    #[must_use]
    pub fn is_suspended_in(&self, error: &ApplyError) -> bool {
        is_about(error, self.suspended)
    }
}
