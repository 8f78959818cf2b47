//! `restriction-without-backfill`: rows that are there may violate a new restriction.

use super::Evidence;
use super::evidence::{Detail, Restriction};
use crate::change::effect::{Effect, Object};
use crate::diagnostic::Sink;
use crate::phase::Phase;

super::declare_rule! {
    /// A contract step restricts an existing table, and nothing makes sure that the rows that are there satisfy it.
    ///
    /// # Why it matters
    ///
    /// The step would fail in the middle of a contract phase. Repair the rows in a backfill, or let a `query` gate hold the phase until they
    /// are right. Nothing is needed where it is proven: for columns that the same plan adds and that are NULL.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # given: INSERT INTO users (id) VALUES (1)
    /// # proves: fails
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_names_are_required.yaml
    /// after: [create_users]
    /// contract:
    ///   - set_not_null: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # given: INSERT INTO users (id) VALUES (1)
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_names_are_required.yaml
    /// after: [create_users]
    /// contract:
    ///   - set_not_null: { table: users, column: name }
    /// gates:
    ///   contract:
    ///     releases: { web: ">=2.0.0" }
    ///     query: SELECT count(*) = 0 FROM users WHERE name IS NULL
    /// ```
    pub static RULE = { id: "EC215", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Contract) {
        let Detail::Restriction(restriction) = &judged.detail else { continue };
        let plan = judged.place.plan;
        let restricted = judged.effects.iter().find_map(|effect| match effect {
            Effect::Restricts(object) => Some(object),
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::Destroys(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        });
        let gates = judged.plan.gates.contract.as_deref();
        let has_query = gates.is_some_and(|gates| gates.query.is_some());
        if let Some(object) = restricted
            && !restriction.proven
            && !has_query
            && !evidence.is_incomplete(plan)
            && !is_repaired(evidence, plan, restriction)
        {
            let message = format!(
                "rows of `{}` may violate {} `{object}`, and nothing repairs them before",
                restriction.table,
                object.kind()
            );
            sink.report(judged.finding(CODE, message).help(
                "repair the rows in `backfill`, or add a `query` to the contract gate that is true once they are right",
            ));
        }
    }
}

/// Returns whether a backfill before it touches what is restricted.
fn is_repaired(evidence: &Evidence<'_>, plan: usize, restriction: &Restriction) -> bool {
    let table = &restriction.table;
    evidence.near(plan).any(|facts| {
        let fills = |object: &Object| facts.fills.contains_key(object);
        restriction
            .columns
            .iter()
            .any(|column| fills(&Object::Column(table.clone(), column.clone())))
            || fills(&Object::Table(table.clone()))
            || facts.deletes.contains(table)
            || restriction.references.as_ref().is_some_and(|to| fills(&Object::Table(to.clone())))
    })
}
