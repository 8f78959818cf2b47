//! `sync-column-with-default`: a sync cannot tell a default from a write.

use super::Evidence;
use super::evidence::Detail;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::operations::Word;

super::declare_rule! {
    /// A column that a sync fills has a default, or is generated.
    ///
    /// # Why it matters
    ///
    /// The trigger computes the side that was not written from the one that was. A default looks like a write, so the other side would be
    /// computed from it, and real data is lost. Columns in step have no default.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # then: INSERT INTO users (id, name) VALUES (1, 'ann')
    /// # proves: loses SELECT name FROM users WHERE name = 'ann' AND full_name = 'ann'
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
    ///   - add_column: { table: users, column: full_name, type: text, default: "''" }
    ///   - sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # then: INSERT INTO users (id, name) VALUES (1, 'ann')
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
    ///   - sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// ```
    pub static RULE = { id: "EC212", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in &evidence.changes {
        if let (Detail::Sync { with_default }, Change::CreateSync(sync)) =
            (&judged.detail, judged.change)
        {
            for column in with_default {
                let message = format!(
                    "column `{}.{column}` is kept in step, and has a value without being written",
                    sync.table()
                );
                let help = "drop its default in an earlier step, or keep another column in step";
                let word = Word::Filled(column);
                let dialect = evidence.context.project.dialect;
                sink.report(judged.finding_at(word, dialect, CODE, message).help(help));
            }
        }
        if let (
            Detail::Default { synced_by: Some(sync), .. },
            Change::SetDefault { table, column, .. },
        ) = (&judged.detail, judged.change)
        {
            let message =
                format!("column `{table}.{column}` gets a default while `{sync}` keeps it in step");
            let help = "leave the default out; on PostgreSQL the sync fills the column for releases that do not write it";
            let dialect = evidence.context.project.dialect;
            sink.report(judged.finding_at(Word::Default, dialect, CODE, message).help(help));
        }
    }
}
