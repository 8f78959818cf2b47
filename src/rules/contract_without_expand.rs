//! `contract-without-expand`: something is destroyed that no expand step prepared.

use super::Evidence;
use super::evidence::Judged;
use crate::change::Change;
use crate::change::effect::Object;
use crate::diagnostic::Sink;
use crate::phase::Phase;
use crate::operations::Word;

super::declare_rule! {
    /// A contract step destroys a table, a column or a view that no expand step prepared.
    ///
    /// # Why it matters
    ///
    /// Whoever drops something must have thought before of those who use it. So the very object that goes must have been prepared by an expand
    /// step of this plan, or of one that its `after` names: either everything that `replaced_by` names was added there, or
    /// `deprecate_column` or `deprecate_table` retired it there, which is how data is given up on purpose. `deprecate_table` also
    /// retires a view. A sync is prepared by the step that created it; an enum by the steps that dropped its columns, since
    /// the database refuses to drop one that is used.
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
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
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
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC201", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Contract) {
        if evidence.is_incomplete(judged.place.plan) {
            continue;
        }
        if let Some(object) = judged.destroyed() {
            unprepared(evidence, judged, object, sink);
        }
    }
}

fn unprepared(evidence: &Evidence<'_>, judged: &Judged<'_>, object: &Object, sink: &mut Sink) {
    let plan = judged.place.plan;
    // The database refuses to drop an enum or a type that a column has, and the drop of each such column is judged itself;
    // of a rename speaks `rename-in-place`.
    let by_itself = match object {
        Object::Enum(_) | Object::Sequence(_) | Object::Trigger(..) | Object::Other(..) => true,
        _ if super::rename_in_place::is_rename(judged.change) => true,
        Object::Sync(_) => evidence.near(plan).any(|facts| facts.adds.contains(object)),
        Object::Table(_)
        | Object::Column(..)
        | Object::Index(..)
        | Object::Constraint(..)
        | Object::EnumValue(..)
        | Object::View(_) => false,
    };
    if by_itself || evidence.near(plan).any(|facts| facts.retires.contains(object)) {
        return;
    }
    let kind = object.kind();
    let replaced_by = judged.step.operation.value.replaced_by();
    let is_added =
        |target: &&Object| !evidence.near(plan).any(|facts| facts.adds.contains(*target));
    let diagnostic = match replaced_by.iter().find(is_added) {
        Some(target) => {
            let message = format!(
                "{kind} `{object}` is replaced by `{target}`, which no expand step before it adds"
            );
            let adder = evidence
                .context
                .project
                .plans
                .iter()
                .zip(&evidence.plans)
                .find(|(_, facts)| facts.adds.contains(target));
            let help = match adder {
                Some((adder, _)) => format!("add `after: [{}]` to this plan", adder.name),
                None => format!("add `{target}` in the expand phase of this plan"),
            };
            let word = Word::Replacement(target);
            judged.finding_at(word, evidence.context.project.dialect, CODE, message).help(help)
        }
        None if !replaced_by.is_empty() => return,
        None => {
            let message = format!("nothing prepared that {kind} `{object}` goes");
            judged.finding(CODE, message).help(how_to_prepare(judged.change, object))
        }
    };
    sink.report(diagnostic);
}

fn how_to_prepare(change: &Change, object: &Object) -> String {
    match (change, object) {
        (Change::DropColumn { table, column, .. }, _) => format!(
            "add `deprecate_column: {{ table: {table}, column: {column} }}` to `expand`, or say with `replaced_by` which columns have its data"
        ),
        (Change::DropTable { name }, _) => format!(
            "add `deprecate_table: {{ table: {name} }}` to `expand`, or say with `replaced_by` which tables have its rows"
        ),
        (Change::SetType { table, column, .. }, _) => format!(
            "add a column of the new type to `{table}` in `expand`, keep both in step with `sync_columns`, fill it in \
             `backfill`, and drop `{column}` in `contract`"
        ),
        (_, Object::View(name)) => {
            format!("add `deprecate_table: {{ table: {name} }}` to `expand`")
        }
        (_, object) => format!("prepare `{object}` in `expand`"),
    }
}
