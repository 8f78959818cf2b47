//! `uncopied-column`: a replaced table goes with a column that nobody copied.

use std::collections::BTreeMap;

use super::Evidence;
use super::evidence::{Detail, Judged};
use crate::change::effect::Object;
use crate::change::words::{Words, objects};
use crate::change::{Change, Write};
use crate::diagnostic::Sink;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;

super::declare_rule! {
    /// A table is dropped in favour of others, and one of its columns is neither copied, nor deprecated, nor listed in `discard`.
    ///
    /// # Why it matters
    ///
    /// Its values are gone for good, and nobody said that they may be.
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
    ///         - { name: nick, type: text }
    /// # file: 2026-02-01-000000_people.yaml
    /// after: [create_users]
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    ///   - id: carry_over
    ///     sync_tables: { from: users, to: people, columns: [id, name], key: [id] }
    /// backfill:
    ///   - copy_table: { from: users, to: people, columns: [id, name] }
    /// contract:
    ///   - drop_sync: { step: carry_over }
    ///   - drop_table: { table: users, replaced_by: [people] }
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
    ///         - { name: nick, type: text }
    /// # file: 2026-02-01-000000_people.yaml
    /// after: [create_users]
    /// expand:
    ///   - create_table:
    ///       table: people
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    ///   - id: carry_over
    ///     sync_tables: { from: users, to: people, columns: [id, name], key: [id] }
    /// backfill:
    ///   - copy_table: { from: users, to: people, columns: [id, name] }
    /// contract:
    ///   - drop_sync: { step: carry_over }
    ///   - drop_table: { table: users, replaced_by: [people], discard: [nick] }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC214", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    // Only a table that is replaced makes it worth reading what all backfills read.
    if !evidence.replacements.keys().any(|target| matches!(target, Object::Table(_))) {
        return;
    }
    let copies = copies(evidence);
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Contract) {
        let (Change::DropTable { name }, Detail::DroppedTable { columns }) =
            (judged.change, &judged.detail)
        else {
            continue;
        };
        let operation = &judged.step.operation.value;
        let plan = judged.place.plan;
        let is_retired =
            |object: Object| evidence.near(plan).any(|facts| facts.retires.contains(&object));
        if operation.replaced_by().is_empty()
            || evidence.is_incomplete(plan)
            || is_retired(Object::Table(name.clone()))
        {
            continue;
        }
        let discarded = operation.discarded();
        let lost: Vec<String> = columns
            .iter()
            .filter(|column| !discarded.contains(column))
            .filter(|column| !is_retired(Object::Column(name.clone(), (*column).clone())))
            .filter(|column| !is_copied(evidence, &copies, judged, name, column))
            .map(|column| format!("`{column}`"))
            .collect();
        if !lost.is_empty() {
            let message = format!("table `{name}` goes, and nothing copies {}", lost.join(", "));
            sink.report(judged.finding(CODE, message).help(
                "copy the column in `backfill`, or list it in `discard` of this step to give its values up",
            ));
        }
    }
}

/// The words of what each plan's backfill reads of each table.
type Copies = BTreeMap<(usize, ObjectName), Words>;

fn copies(evidence: &Evidence<'_>) -> Copies {
    let mut copies = Copies::new();
    for judged in evidence.changes.iter().filter(|judged| judged.step.phase == Phase::Backfill) {
        let Change::Write(data) = judged.change else { continue };
        let mut read = |table: &ObjectName, text: &str| {
            copies.entry((judged.place.plan, table.clone())).or_default().add(text);
        };
        match &data.write {
            Write::Copy { columns, .. } => {
                for (_, value) in columns {
                    read(&data.table, value.as_str());
                }
            }
            Write::InsertSelect { query, .. } => {
                objects(query.as_str()).iter().for_each(|table| read(table, query.as_str()));
            }
            // An update may take a value over with a subquery.
            Write::Update { set } => {
                for (_, value) in set {
                    objects(value.as_str()).iter().for_each(|table| read(table, value.as_str()));
                }
            }
            Write::Delete | Write::InsertValues { .. } => {}
        }
    }
    copies
}

fn is_copied(
    evidence: &Evidence<'_>,
    copies: &Copies,
    judged: &Judged<'_>,
    table: &ObjectName,
    column: &Name,
) -> bool {
    let near = evidence.facts(judged.place.plan).map(|facts| facts.near.as_slice());
    near.unwrap_or_default().iter().any(|plan| {
        let words = copies.get(&(*plan, table.clone()));
        words.is_some_and(|words| words.has(column.as_str()) || words.may_take_all())
    })
}
