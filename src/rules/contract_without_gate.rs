//! `contract-without-gate`: a contract phase waits for no release.

use super::Evidence;
use crate::change::effect::{Effect, Object};
use crate::diagnostic::{Diagnostic, Sink, did_you_mean};
use crate::phase::Phase;
use crate::plan::checked::CheckedPlan;
use crate::plan::gate::{PhaseGates, ReleaseGate};

super::declare_rule! {
    /// A contract phase has no gate that says which releases may be live, and nothing else tells; or its gate says nothing of an app that `planner.yaml` names.
    ///
    /// # Why it matters
    ///
    /// Without it the phase would run as soon as the backfill ends, while instances of the release before still use what it removes. Say for
    /// each app from which release on it can do without: by range, by mark, or with `any` and a reason; or say once with
    /// `none` why no release can be affected. Only dropping an index that is not unique needs no gate.
    ///
    /// Where `planner.yaml` names a `schema` for each of its apps, what their releases need is recorded with each deploy, and a phase
    /// that only removes is gated by that: it waits while a live release needs what goes. A phase that asks something of
    /// what releases write (a check, a unique key, a foreign key, raw SQL) needs a written gate all the same: no `schema.rs` tells whether they obey.
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
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { soak: 24h } }
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
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates:
    ///   contract:
    ///     releases: { web: ">=2.5.0", worker: { marks: no-names }, cron: { any: never touches users } }
    ///     soak: 24h
    /// ```
    ///
    /// ```yaml good
    /// # file: planner.yaml
    /// apps: { web: { schema: ../web/src/schema.rs } }
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// ```
    pub static RULE = { id: "EC206", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let mut last = None;
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Contract) {
        let unseen = |effect: &Effect| matches!(effect, Effect::Invisible(_));
        if last == Some(judged.place.plan) || judged.effects.iter().all(unseen) {
            continue;
        }
        last = Some(judged.place.plan);
        let gates = judged.plan.gates.contract.as_deref();
        match gates.and_then(|gates| Some((gates, gates.releases.as_ref()?))) {
            None if evidence.context.needs_are_known && !asks_of_writes(evidence, judged.place.plan) => {}
            None => sink.report(judged.finding(CODE, "the contract phase waits for no release").help(
                "add `gates: { contract: { releases: { APP: \">=VERSION\" } } }` with the first release of each app that \
                 does not need what goes, or `releases: { none: \"why no release can be affected\" }`",
            )),
            Some((gates, releases)) => {
                silent_of(&evidence.context.apps.iter().map(String::as_str).collect::<Vec<_>>(), &releases.value, judged.plan, gates, sink);
            }
        }
    }
}

/// Returns whether the plan's contract phase asks something of what releases write, or does what planner cannot tell.
fn asks_of_writes(evidence: &Evidence<'_>, plan: usize) -> bool {
    let contract = evidence
        .changes
        .iter()
        .filter(|judged| judged.place.plan == plan && judged.step.phase == Phase::Contract);
    contract.flat_map(|judged| &judged.effects).any(|effect| match effect {
        // A column that takes no NULL any more is seen in what releases declare.
        Effect::Restricts(object) => !matches!(object, Object::Column(..)),
        Effect::Opaque => true,
        Effect::Adds(_)
        | Effect::Retires(_)
        | Effect::MovesData(_)
        | Effect::Destroys(_)
        | Effect::RemovesGuarantee(_)
        | Effect::Invisible(_) => false,
    })
}

/// Reports apps that the gate does not speak of: it would stay shut for ever.
fn silent_of(
    apps: &[&str],
    gate: &ReleaseGate,
    plan: &CheckedPlan,
    gates: &PhaseGates,
    sink: &mut Sink,
) {
    let ReleaseGate::Apps(conditions) = gate else { return };
    let span = gates.releases.as_ref().map_or(gates.span, |releases| releases.span);
    let named: Vec<&str> = conditions.iter().map(|(app, _)| app.value.as_str()).collect();
    for app in apps.iter().filter(|app| !named.contains(app)) {
        let others = named.iter().copied().filter(|name| !apps.contains(name));
        let help = did_you_mean(app, others).map(|_| format!("spell it `{app}`"));
        sink.report(
            Diagnostic::new(CODE, format!("the contract gate says nothing of app `{app}`"))
                .at(span)
                .plan(&plan.name)
                .help(format!(
                    "add the first release of `{app}` that does not need what goes, or `{app}: {{ any: \"why\" }}`"
                ))
                .maybe_help(help),
        );
    }
}
