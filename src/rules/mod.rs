//! What must not be in a plan, one file a rule: its page, its examples, its check.
//!
//! To add a rule: `rules/<bad_pattern>.rs` with [`declare_rule!`], a bad and a good plan in its
//! documentation; and one line in the list below. Its name is its file's name; its examples are its tests.

pub mod context;
mod declare;

pub use context::RuleContext;
pub(crate) use declare::{declare_rule, rules};

use crate::diagnostic::{Code, Sink};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code, name and default severity.
    pub code: Code,
    /// The version of planner that brought it.
    pub since: &'static str,
    /// Its page, in Markdown: what it finds, why it matters, a bad and a good plan.
    pub doc: &'static str,
    /// Finds it; `None` for what is found while files are read and names checked.
    pub check: Option<fn(&RuleContext<'_>, &mut Sink)>,
    /// Whether a waiver may name it.
    pub waivable: bool,
}

rules! {
    invalid_yaml,
}

/// Runs every rule and applies waivers and configured severities.
pub fn check(context: &RuleContext<'_>, sink: &mut Sink) {
    let _ = (context, sink);
    todo!()
}
