//! `drop-of-required-column`: releases that stop writing a column would fail.

use super::Evidence;
use super::evidence::Detail;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A column is dropped that an insert must name until then: it is NOT NULL and has no default.
    ///
    /// # Why it matters
    ///
    /// Before contract the last releases that write the column are replaced by ones that do not. Until the column is gone, inserts of those fail. So
    /// it needs a default by then, also when it has `replaced_by`: `deprecate_column` with `default` gives it one, and a release that
    /// still reads it never sees NULL. On PostgreSQL a `sync_columns` that fills it does too; on SQLite NOT NULL is checked before
    /// triggers run. Where no default can be (the column is unique), drop its NOT NULL in the contract phase of an earlier plan.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: refuses INSERT INTO users (id) VALUES (1)
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text, nullable: false }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name }
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
    ///         - { name: name, type: text, nullable: false }
    /// # file: 2026-02-01-000000_drop_name.yaml
    /// after: [create_users]
    /// expand:
    ///   - deprecate_column: { table: users, column: name, default: "''" }
    /// contract:
    ///   - drop_column: { table: users, column: name }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    pub static RULE = { id: "EC211", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in &evidence.changes {
        let Change::DropColumn { table, column, .. } = judged.change else { continue };
        if judged.detail != (Detail::DroppedColumn { required: true })
            || evidence.is_incomplete(judged.place.plan)
        {
            continue;
        }
        let is_synced = evidence.is_synced(judged.place.plan, table, column);
        let help = match (evidence.context.project.dialect, is_synced) {
            (Dialect::Postgres, true) => continue,
            (Dialect::Sqlite, true) => format!(
                "add `drop_not_null: {{ table: {table}, column: {column} }}` to the contract phase of an earlier plan: SQLite checks it before the \
                 trigger fills the column, and a column that is kept in step has no default"
            ),
            (Dialect::Postgres | Dialect::Sqlite, false) => format!(
                "add `deprecate_column: {{ table: {table}, column: {column}, default: … }}` to `expand`; if no default fits, \
                 drop its NOT NULL in the contract phase of an earlier plan"
            ),
        };
        let message = format!(
            "column `{table}.{column}` is required until it goes, so releases that do not write it fail"
        );
        sink.report(judged.finding(CODE, message).help(help));
    }
}
