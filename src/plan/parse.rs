//! One plan file into a plan as written.

use super::authored::AuthoredPlan;
use crate::diagnostic::Sink;
use crate::source::{SourceFile, SourceId};

/// Reads a plan file; findings go to the sink, and `None` comes back if there is too little left to go on with.
///
/// A step that is broken is left out, so that the others are still checked.
pub fn parse(source: SourceId, file: &SourceFile, sink: &mut Sink) -> Option<AuthoredPlan> {
    let _ = (source, file, sink);
    todo!()
}
