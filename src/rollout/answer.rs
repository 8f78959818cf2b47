//! The answer to "what may run now".

use crate::diagnostic::Diagnostic;
use crate::name::StepKey;
use crate::phase::PhaseKey;
use crate::release::Told;
use crate::version::MigrationVersion;

/// What may run now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextPhase {
    /// Migrations started and not known finished.
    pub resume: Vec<Resume>,
    /// Phases that a run would do now, in order; a later one may wait only for earlier ones of this list.
    pub ready: Vec<ReadyPhase>,
    /// Phases that wait for a fact, each with every reason. Phases that only wait for a blocked one are in `waiting`.
    pub blocked: Vec<BlockedPhase>,
    /// Phases that only wait for other phases, with the phases they wait for.
    pub waiting: Vec<(PhaseKey, Vec<PhaseKey>)>,
    /// Where database, ledger and files disagree, also where no phase is blocked by it.
    pub drift: Vec<Diagnostic>,
    /// How many phases are complete.
    pub n_complete: usize,
}

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Something is in doubt.
    Resume,
    /// Something may run.
    Ready,
    /// Everything that remains is blocked.
    Blocked,
    /// Nothing remains.
    Complete,
}

impl Answer {
    /// Returns the word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Ready => "ready",
            Self::Blocked => "blocked",
            Self::Complete => "complete",
        }
    }
}

impl NextPhase {
    /// Returns the answer in one word.
    #[must_use]
    pub const fn answer(&self) -> Answer {
        if !self.resume.is_empty() {
            Answer::Resume
        } else if !self.ready.is_empty() {
            Answer::Ready
        } else if !self.blocked.is_empty() || !self.waiting.is_empty() {
            Answer::Blocked
        } else {
            Answer::Complete
        }
    }
}

/// A migration in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Its step.
    pub step: StepKey,
    /// Which migration.
    pub version: MigrationVersion,
    /// Since when.
    pub since: jiff::Timestamp,
}

/// A phase that may run now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyPhase {
    /// The phase.
    pub phase: PhaseKey,
    /// Its steps that are still to do.
    pub steps: Vec<StepKey>,
    /// Query gates, which are asked just before it runs.
    pub queries: Vec<String>,
    /// Whether what it drops is compared with what replaces it just before it runs, if it drops such a thing.
    pub compares: bool,
    /// What opened its gates, for people; empty if it has none.
    pub because: Vec<String>,
}

/// A phase that waits for facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedPhase {
    /// The phase.
    pub phase: PhaseKey,
    /// Every reason.
    pub because: Vec<Because>,
    /// The smallest set of facts that would unblock it, each a thing to do: "retire web 2.3.0, or finish the rollout of web 2.5.0".
    pub unblock: Vec<String>,
}

/// A reason that a phase is blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// A live release does not pass the release gate.
    LiveRelease {
        /// The app.
        app: String,
        /// The release.
        release: String,
        /// What is asked of it: ">=2.5.0", "marks writes-both-names".
        requires: String,
    },
    /// A live release would not be served any more.
    BreaksRelease {
        /// The app.
        app: String,
        /// The release.
        release: String,
        /// What of the schema it needs: `users.name`.
        needs: Vec<String>,
        /// The ways in which it breaks.
        breaks: Told,
    },
    /// It is not recorded what a live release needs, and no gate says that it may be live.
    UnknownNeeds {
        /// The app.
        app: String,
        /// The release.
        release: String,
    },
    /// Nothing is known about an app's releases.
    UnknownApp {
        /// The app.
        app: String,
    },
    /// The gate says nothing of an app that is known.
    UngatedApp {
        /// The app.
        app: String,
    },
    /// Nobody wrote which releases may be live, and what the phase does needs that to be known.
    MissingGate,
    /// A condition cannot be evaluated.
    Unanswerable {
        /// The app.
        app: String,
        /// Why not.
        why: String,
    },
    /// It must soak longer.
    Soak {
        /// When the soak began, if it did.
        since: Option<jiff::Timestamp>,
        /// When it ends, if it began.
        until: Option<jiff::Timestamp>,
    },
    /// Nobody approved it.
    Approval {
        /// Who approved other steps than these, if somebody did.
        outdated: Option<String>,
    },
    /// The query gate is not true.
    Query {
        /// The query.
        query: String,
        /// What it returned, in words.
        result: String,
    },
    /// The place that goes holds what the one that replaces it does not.
    LeftBehind {
        /// What was found, in words.
        text: String,
        /// How many rows.
        rows: u64,
        /// The keys of the first.
        keys: Vec<String>,
    },
    /// Two places could not be compared.
    NotCompared {
        /// Which, in words.
        places: String,
        /// Why not.
        why: String,
    },
    /// A gate kind that this program cannot evaluate.
    UnsupportedGate {
        /// Its key.
        gate: &'static str,
    },
    /// It removes what another plan prepares that comes first in the same release.
    ShippedTogether {
        /// The app that is upgraded release by release.
        app: String,
        /// The release.
        release: String,
        /// The plan that prepares it.
        plan: String,
    },
    /// The backfill is void since this release was forced in.
    VoidBackfill {
        /// App and release.
        release: String,
    },
    /// Its migrations were edited after they ran, or ledger and database disagree.
    Drift {
        /// What was found.
        message: String,
    },
}

impl Because {
    /// Returns the reason's word in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::LiveRelease { .. } | Self::BreaksRelease { .. } => "live_release",
            Self::UnknownNeeds { .. } => "unknown_needs",
            Self::UnknownApp { .. } => "unknown_app",
            Self::UngatedApp { .. } => "ungated_app",
            Self::MissingGate => "missing_gate",
            Self::Unanswerable { .. } => "unanswerable",
            Self::Soak { .. } => "soak",
            Self::Approval { .. } => "approval",
            Self::Query { .. } => "query",
            Self::LeftBehind { .. } => "left_behind",
            Self::NotCompared { .. } => "not_compared",
            Self::UnsupportedGate { .. } => "unsupported_gate",
            Self::ShippedTogether { .. } => "shipped_together",
            Self::VoidBackfill { .. } => "void_backfill",
            Self::Drift { .. } => "drift",
        }
    }
}
