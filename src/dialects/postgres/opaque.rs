//! SQL that planner does not read: taken as it is.

use super::group;
use super::quote;
use crate::change::Opaque;
use crate::dialects::{RenderContext, Script};

/// Writes the statements.
pub(super) fn render(context: &RenderContext<'_>, opaque: &Opaque) -> Script {
    let up = quote::statement(&opaque.text);
    Script { groups: vec![group::shared(context, vec![up], Err(opaque.why.clone()))] }
}
