//! Gates as written: conditions that must hold before a phase may start.

use crate::name::Name;
use crate::source::{Span, Spanned};
use crate::yaml::text::SqlText;

/// The gates of a plan, by the phase they shut. Expand phases have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthoredGates {
    /// Before and, as a standing condition, during backfill until contract.
    pub backfill: Option<PhaseGates>,
    /// Before contract.
    pub contract: Option<PhaseGates>,
}

/// What must hold before one phase; all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseGates {
    /// The key of the phase under `gates`.
    pub span: Span,
    /// Which releases may be live.
    pub releases: Option<Spanned<ReleaseGate>>,
    /// For how long, in seconds, the other gates have held.
    pub soak_seconds: Option<Spanned<u64>>,
    /// A named person must have said so.
    pub approval: Option<Spanned<bool>>,
    /// A verified backup, newer than the phase before.
    pub backup: Option<Spanned<bool>>,
    /// A query that must return one true value.
    pub query: Option<SqlText>,
}

/// Which releases may be live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseGate {
    /// `none: "why no release can be affected"`.
    NoneAffected(Spanned<String>),
    /// One condition an app, in the order written.
    Apps(Vec<(Spanned<Name>, Spanned<ReleaseCondition>)>),
}

/// What a live release of an app must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseCondition {
    /// A semver requirement as in Cargo (`>=2.5.0`), or for apps whose releases are not named by semver
    /// `>=NAME`: that release or one registered after it.
    Range(String),
    /// It declares all these marks.
    Marks(Vec<String>),
    /// Any release will do, for this reason.
    Any(String),
}
