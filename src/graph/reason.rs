//! Why one step waits for another.

use std::fmt;

use crate::change::effect::Object;
use crate::phase::Phase;
use crate::source::Span;

/// The reason of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Within a phase, steps run as written.
    StepOrder,
    /// Within a plan, phases run in order.
    PhaseOrder,
    /// A step's `after` says so.
    StepAfter(Span),
    /// A plan's `after: [p]` says so: this phase waits for the same phase there, or for the last one there before it.
    PlanAfter(Span),
    /// A plan's `after: [p/phase]` says so: the whole plan waits for that phase.
    PhaseAfter(Span, Phase),
    /// Both touch this object, and declared order already says which is first.
    SameObject(Object),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepOrder => f.write_str("steps of a phase run as written"),
            Self::PhaseOrder => f.write_str("phases of a plan run in order"),
            Self::StepAfter(_) => f.write_str("the step's `after` says so"),
            Self::PlanAfter(_) => f.write_str("the plan's `after` says so"),
            Self::PhaseAfter(_, phase) => write!(f, "the plan waits for that {phase} phase"),
            Self::SameObject(object) => write!(f, "both touch `{object}`"),
        }
    }
}
