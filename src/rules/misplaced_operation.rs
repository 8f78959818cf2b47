//! `misplaced-operation`: a step stands in a phase that it does not belong to.

use super::Evidence;
use super::evidence::Judged;
use crate::change::Change;
use crate::change::effect::Effect;
use crate::diagnostic::Sink;
use crate::phase::Phase;

super::declare_rule! {
    /// A step stands in a phase that its kind does not belong to: data moves outside of backfill, structure changes inside of it, or something is
    /// added in contract.
    ///
    /// # Why it matters
    ///
    /// Each phase makes a promise. Expand takes moments and every live release works as before; backfill only moves data, can stop anywhere
    /// and runs as often as it must; contract only takes away. A step in the wrong place breaks the promise of the phase, or waits for a gate
    /// that it does not need.
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
    /// # file: 2026-02-01-000000_fill_names.yaml
    /// after: [create_users]
    /// expand:
    ///   - update: { table: users, set: { name: "''" }, where: name IS NULL }
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
    /// # file: 2026-02-01-000000_fill_names.yaml
    /// after: [create_users]
    /// backfill:
    ///   - update: { table: users, set: { name: "''" }, where: name IS NULL }
    /// ```
    pub static RULE = { id: "EC217", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let steps = evidence.changes.chunk_by(|one, other| one.place == other.place);
    for step in steps {
        // A more precise rule says what is wrong and where the step belongs.
        if step.iter().any(|judged| judged.misplaced().is_some()) {
            continue;
        }
        if let Some(judged) = step.iter().find(|judged| !belongs(judged)) {
            let kind = judged.step.operation.value.key();
            let phase = judged.step.phase;
            let message = if judged.step.written.is_some() {
                format!("this statement does not belong into {phase}")
            } else {
                format!("`{kind}` does not belong into {phase}")
            };
            sink.report(judged.finding(CODE, message).help(move_to(judged)));
        }
    }
}

fn belongs(judged: &Judged<'_>) -> bool {
    let phase = judged.step.phase;
    let in_kind = judged.step.operation.value.phases().contains(&phase);
    if judged.effects.is_empty() {
        return in_kind;
    }
    judged.effects.iter().all(|effect| match (effect, phase) {
        // What destroys, restricts or takes a guarantee away in expand is here only where a more precise rule allows it.
        (Effect::Opaque, _)
        | (Effect::MovesData(_), Phase::Backfill)
        | (
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::Restricts(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Destroys(_),
            Phase::Expand,
        ) => true,
        // An index may still serve those who read; names, comments and the like serve nobody.
        (Effect::Invisible(_), Phase::Expand) => {
            judged.fresh || !matches!(judged.change, Change::DropIndex { .. })
        }
        (
            Effect::Destroys(_)
            | Effect::Restricts(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_),
            Phase::Contract,
        ) => !matches!(judged.change, Change::AddColumn { .. }) || in_kind,
        (Effect::Adds(_), Phase::Contract) => in_kind,
        (Effect::MovesData(_), Phase::Expand | Phase::Contract)
        | (Effect::Retires(_), Phase::Backfill | Phase::Contract)
        | (
            Effect::Adds(_)
            | Effect::Destroys(_)
            | Effect::Restricts(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_),
            Phase::Backfill,
        ) => false,
    })
}

fn move_to(judged: &Judged<'_>) -> String {
    if judged.step.written.is_some() {
        let moves = judged.effects.iter().any(|effect| matches!(effect, Effect::MovesData(_)));
        let adds = judged.effects.iter().any(|effect| matches!(effect, Effect::Adds(_)));
        let phase = match (moves, adds) {
            (true, _) => "`backfill`",
            (false, true) => "`expand`",
            (false, false) => "`contract`",
        };
        return format!("move it to a step of its own in {phase}");
    }
    let phases = judged.step.operation.value.phases();
    let listed: Vec<String> = phases.iter().map(|phase| format!("`{phase}`")).collect();
    format!("move the step to {}", listed.join(" or "))
}
