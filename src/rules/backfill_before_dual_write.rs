//! `backfill-before-dual-write`: what releases write while a backfill runs is lost.

use super::Evidence;
use super::evidence::{Detail, Judged};
use crate::catalog::Sync;
use crate::change::effect::Object;
use crate::change::{Change, Write};
use crate::diagnostic::Sink;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::operations::Word;

super::declare_rule! {
    /// A backfill fills the place that another one's data moves to, or copies a table, or prepares NOT NULL, and nothing keeps the new place up to date
    /// from then on.
    ///
    /// # Why it matters
    ///
    /// From the moment the backfill starts until contract, live releases go on writing the old place. What they write after the backfill has passed
    /// a row is lost with the old place, or breaks `set_not_null`. So keep both in step inside the database with `sync_columns` or
    /// `sync_tables`; or name with `gates: { backfill: { releases: … } }` the first releases that write both, which is
    /// then a standing condition until contract. Before `set_not_null` a default, or a `query` in the contract gate, does too.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # then: UPDATE users SET name = 'bea' WHERE id = 1
    /// # proves: loses SELECT full_name FROM users WHERE full_name = 'bea'
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
    /// backfill:
    ///   - update: { table: users, set: { full_name: name }, where: full_name IS NULL AND name IS NOT NULL }
    /// contract:
    ///   - drop_column: { table: users, column: name, replaced_by: [full_name] }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # then: UPDATE users SET name = 'bea' WHERE id = 1
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
    ///
    /// ```yaml good
    /// # given: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # then: UPDATE users SET name = 'bea', full_name = 'bea' WHERE id = 1
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
    /// backfill:
    ///   - update: { table: users, set: { full_name: name }, where: full_name IS NULL AND name IS NOT NULL }
    /// contract:
    ///   - drop_column: { table: users, column: name, replaced_by: [full_name] }
    /// gates:
    ///   backfill: { releases: { web: { marks: writes-both-names } } }
    ///   contract: { releases: { web: ">=2.0.0" } }
    /// ```
    pub static RULE = { id: "EC301", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in
        evidence.changes.iter().filter(|judged| !evidence.is_incomplete(judged.place.plan))
    {
        match judged.step.phase {
            Phase::Expand => {}
            Phase::Backfill if is_gated(judged) => {}
            Phase::Backfill => filled(evidence, judged, sink),
            Phase::Contract => required(evidence, judged, sink),
        }
    }
}

fn is_gated(judged: &Judged<'_>) -> bool {
    judged.plan.gates.backfill.as_deref().is_some_and(|gates| gates.releases.is_some())
}

/// Reports a backfill whose target releases do not keep up to date.
fn filled(evidence: &Evidence<'_>, judged: &Judged<'_>, sink: &mut Sink) {
    let Change::Write(data) = judged.change else { return };
    let target = data.target();
    let plan = judged.place.plan;
    let columns = match &data.write {
        Write::Copy { to, .. } => {
            if !is_carried_over(evidence, plan, &data.table, to) {
                let message = format!(
                    "what releases write to `{}` while it is copied to `{to}` is lost",
                    data.table
                );
                let help = format!(
                    "add `sync_tables: {{ from: {}, to: {to}, … }}` to `expand`, or name with `gates: {{ backfill: {{ releases: … }} }}` \
                     the first releases that write both",
                    data.table
                );
                sink.report(judged.finding(CODE, message).help(help));
            }
            return;
        }
        Write::Update { set } => set.iter().map(|(column, _)| column).collect::<Vec<_>>(),
        Write::InsertSelect { columns, .. } | Write::InsertValues { columns, .. } => {
            columns.iter().collect()
        }
        Write::Delete => return,
    };
    for column in columns {
        let object = Object::Column(target.clone(), column.clone());
        let drops = evidence.replacements.get(&object).into_iter().flatten();
        // Only drops that this backfill comes before.
        let mut plans = drops.filter_map(|drop| evidence.facts(drop.plan));
        let takes_over = plans.any(|facts| facts.near.contains(&plan));
        if takes_over && !evidence.is_synced(plan, target, column) {
            let message =
                format!("what releases write to the old place while `{object}` is filled is lost");
            let help = format!(
                "add a `sync_columns` of `{target}` with `{column}` in `forward` to `expand`, or name with \
                 `gates: {{ backfill: {{ releases: … }} }}` the first releases that write both"
            );
            let word = Word::Filled(column);
            let dialect = evidence.context.project.dialect;
            sink.report(judged.finding_at(word, dialect, CODE, message).help(help));
            return;
        }
    }
}

fn is_carried_over(
    evidence: &Evidence<'_>,
    plan: usize,
    from: &ObjectName,
    to: &ObjectName,
) -> bool {
    evidence.near(plan).flat_map(|facts| &facts.syncs).any(|sync| match sync.as_ref() {
        Sync::Tables(tables) => tables.from == *from && tables.to == *to,
        Sync::Columns { .. } => false,
    })
}

/// Reports a `set_not_null` after a backfill that new rows may run past.
fn required(evidence: &Evidence<'_>, judged: &Judged<'_>, sink: &mut Sink) {
    let Change::SetNullable { table, column, nullable: false } = judged.change else { return };
    let Detail::Restriction(restriction) = &judged.detail else { return };
    let plan = judged.place.plan;
    let object = Object::Column(table.clone(), column.clone());
    let gated = |at: &usize| {
        let plan = evidence.context.project.plans.get(*at);
        plan.and_then(|plan| plan.gates.backfill.as_deref())
            .is_some_and(|gates| gates.releases.is_some())
    };
    let near = evidence.facts(plan).map(|facts| facts.near.as_slice()).unwrap_or_default();
    let has_query = judged.plan.gates.contract.as_deref().is_some_and(|gates| gates.query.is_some());
    if evidence.is_filled(plan, &object)
        && !restriction.has_default
        && !has_query
        && !evidence.is_synced(plan, table, column)
        && !near.iter().any(gated)
    {
        let message = format!("nothing keeps `{object}` filled between its backfill and this step");
        sink.report(judged.finding(CODE, message).help(
            "give the column a default, keep it in step with `sync_columns`, name with `gates: { backfill: { releases: … } }` the first \
             releases that write it, or add a `query` to the contract gate",
        ));
    }
}
