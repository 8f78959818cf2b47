//! May this release be deployed now.

use super::Situation;
use crate::phase::PhaseKey;

/// The answer to `deploy check` and `deploy start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeployAnswer {
    /// It may be started now.
    Allowed,
    /// It would violate the standing gates of these plans' backfills, or was promised not to be live by phases that are open or done.
    Refused(Vec<DeployRefusal>),
}

/// Why a release may not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployRefusal {
    /// The phase whose gate stands.
    pub phase: PhaseKey,
    /// What the gate asks of the app's releases.
    pub requires: String,
    /// What to do instead.
    pub help: String,
}

/// Answers whether a release may be started. `marks` are those it would be started with.
#[must_use]
pub fn may_start(
    situation: &Situation<'_>,
    app: &str,
    version: &str,
    marks: &[String],
) -> DeployAnswer {
    let _ = (situation, app, version, marks);
    todo!()
}
