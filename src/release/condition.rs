//! Whether a release passes a gate's condition.

use super::{App, Release};
use crate::plan::gate::ReleaseCondition;

/// Returns whether the release passes: `Err` says why the question cannot be answered, which shuts the gate.
///
/// # Errors
///
/// Says what is wrong with the condition for this app: a range that names no registered release of an app that names releases by commit.
pub fn passes(condition: &ReleaseCondition, app: &App, release: &Release) -> Result<bool, String> {
    let _ = (condition, app, release);
    todo!()
}
