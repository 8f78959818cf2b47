//! A plan as written: every value with its place, nothing resolved, nothing trusted.

use std::sync::Arc;

use super::gate::AuthoredGates;
use crate::name::{Name, ObjectName, PlanName};
use crate::operations::AnyOperation;
use crate::phase::Phase;
use crate::source::{SourceId, Span, Spanned};
use crate::version::Stamp;

/// A plan file.
#[derive(Clone, Debug)]
pub struct AuthoredPlan {
    /// From the file's name.
    pub name: PlanName,
    /// From the file's name.
    pub stamp: Stamp,
    /// The file.
    pub source: SourceId,
    /// The file's text, in which findings inside of what was written are placed.
    pub text: Arc<str>,
    /// The place findings about the plan as a whole point to: its first key.
    pub span: Span,
    /// What the plan is for.
    pub title: Option<Spanned<String>>,
    /// Who to ask.
    pub owner: Option<Spanned<String>>,
    /// The older plans it builds on.
    pub after: Vec<Spanned<After>>,
    /// The steps in the order they run: expand, backfill, contract.
    pub steps: Vec<AuthoredStep>,
    /// What must hold before its phases.
    pub gates: AuthoredGates,
    /// What could not be read of it.
    pub lost: Lost,
}

/// What could not be read of a plan, so that others are not blamed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// The whole file.
    pub everything: bool,
    /// Objects that broken steps name.
    pub objects: Vec<ObjectName>,
}

/// An older plan that a plan builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The plan.
    pub plan: PlanName,
    /// The phase that the whole plan waits for; without it each phase waits for the same phase there.
    pub phase: Option<Phase>,
}

/// A step as written.
#[derive(Clone, Debug)]
pub struct AuthoredStep {
    /// Its id, written or derived from its operation; the span is the id's or the operation key's.
    pub id: Spanned<Name>,
    /// The phase it stands in.
    pub phase: Phase,
    /// Steps of the same plan that it waits for.
    pub after: Vec<Spanned<Name>>,
    /// Hazards it accepts.
    pub waivers: Vec<Waiver>,
    /// What it does; the span is that of the operation's key.
    pub operation: Spanned<Arc<AnyOperation>>,
    /// The whole step.
    pub span: Span,
}

/// A hazard accepted by name until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule's name or code.
    pub hazard: Spanned<String>,
    /// Why.
    pub reason: Spanned<String>,
    /// The last day it holds.
    pub until: Spanned<jiff::civil::Date>,
}
