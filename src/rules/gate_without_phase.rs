//! `gate-without-phase`: a gate before a phase that is not there.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::phase::Phase;

super::declare_rule! {
    /// A plan has a gate before a phase in which it has no step.
    ///
    /// # Why it matters
    ///
    /// The gate holds nothing back. Most often the steps that it should hold back stand in another phase.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_add_email.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: email, type: text }
    /// gates: { backfill: { releases: { web: ">=2.0.0" } } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_add_email.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: email, type: text }
    /// ```
    pub static RULE = { id: "EC218", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (at, plan) in evidence.context.project.plans.iter().enumerate() {
        for phase in Phase::ALL {
            let Some(gates) = plan.gates.of(phase) else { continue };
            if plan.steps_of(phase).next().is_none() && !evidence.is_incomplete(at) {
                sink.report(
                    Diagnostic::new(
                        CODE,
                        format!("the gate is before a {phase} phase that has no steps"),
                    )
                    .at(gates.span)
                    .plan(&plan.name)
                    .help(format!("remove it, or move the steps it should hold back to `{phase}`")),
                );
            }
        }
    }
}
