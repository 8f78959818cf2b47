//! What rules look at.

use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::graph::StepGraph;
use crate::history::{History, Sizes};
use crate::name::Name;
use crate::plan::checked::CheckedProject;
use crate::source::{Sources, Spanned};

/// Everything a rule may look at.
#[derive(Debug)]
pub struct RuleContext<'a> {
    /// The plans.
    pub project: &'a CheckedProject,
    /// Their order.
    pub graph: &'a StepGraph,
    /// The migrations that people wrote by hand beside those of the plans.
    pub history: &'a History,
    /// The files that places are in.
    pub sources: &'a Sources,
    /// Severities by rule name, from `planner.yaml`.
    pub severities: &'a BTreeMap<String, Severity>,
    /// Rules of squawk's that `planner.yaml` names.
    pub squawk: &'a [Spanned<Name>],
    /// Apps that `planner.yaml` names.
    pub apps: &'a [String],
    /// Whether `planner.yaml` names apps, and for each the `schema.rs` that tells what its releases need: then a contract phase is
    /// gated by that, where nothing else is written.
    pub needs_are_known: bool,
    /// How large the tables are, where a database was asked.
    pub sizes: Option<&'a Sizes>,
    /// Today, for waivers.
    pub today: jiff::civil::Date,
}
