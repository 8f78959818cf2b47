//! `contract-before-backfill`: a drop whose data nothing has moved.

use super::Evidence;
use crate::change::effect::Object;
use crate::diagnostic::Sink;
use crate::phase::Phase;
use crate::operations::Word;

super::declare_rule! {
    /// A contract step drops something in favour of another place, which no backfill has filled by then.
    ///
    /// # Why it matters
    ///
    /// The rows that are there when the plan runs would lose the value. Each `replaced_by` target must be filled by a backfill
    /// of this plan, or of one that its `after` names.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # proves: loses SELECT full_name FROM users WHERE full_name = 'ann'
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_rename_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: full_name, type: text }
    ///   - id: keep_in_step
    ///     sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    ///   - drop_column: { table: users, column: name, replaced_by: [full_name] }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_rename_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - add_column: { table: users, column: full_name, type: text }
    ///   - id: keep_in_step
    ///     sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// backfill:
    ///   - update: { table: users, set: { full_name: name }, where: full_name IS NULL AND name IS NOT NULL }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    ///   - drop_column: { table: users, column: name, replaced_by: [full_name] }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC207", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Contract) {
        let plan = judged.place.plan;
        let Some(object) = judged.destroyed().filter(|_| !evidence.is_incomplete(plan)) else {
            continue;
        };
        for target in judged.step.operation.value.replaced_by() {
            // A target that nothing before it adds is `contract-without-expand`.
            let is_added = evidence.near(plan).any(|facts| facts.adds.contains(&target));
            if !is_added || evidence.is_filled(plan, &target) {
                continue;
            }
            let message = format!(
                "{} `{object}` goes, and no backfill before it fills `{target}`",
                object.kind()
            );
            let project = evidence.context.project;
            let filler = project
                .plans
                .iter()
                .zip(&evidence.plans)
                .find_map(|(plan, facts)| Some((plan, *facts.fills.get(&target)?)));
            let word = Word::Replacement(&target);
            let diagnostic = judged.finding_at(word, evidence.context.project.dialect, CODE, message);
            sink.report(match filler {
                Some((filler, place)) => {
                    let step = filler.steps.get(place.step).map_or(filler.span, |step| step.operation.span);
                    diagnostic
                        .label(step, format!("plan `{}` fills it, in no order with this one", filler.name))
                        .help(format!("add `after: [{}]` if that plan is older; else fill `{target}` in this plan's `backfill`", filler.name))
                }
                None => diagnostic.help(how_to_fill(&target)),
            });
        }
    }
}

fn how_to_fill(target: &Object) -> String {
    match target {
        Object::Table(table) => {
            format!("add a `copy_table` with `to: {table}` to `backfill`")
        }
        Object::Column(table, column) => format!(
            "add an `update` of `{table}` that sets `{column}` where it is NULL to `backfill`"
        ),
        Object::Index(..)
        | Object::Constraint(..)
        | Object::View(_)
        | Object::Enum(_)
        | Object::EnumValue(..)
        | Object::Sequence(_)
        | Object::Trigger(..)
        | Object::Other(..)
        | Object::Sync(_) => "fill it in `backfill`".into(),
    }
}
