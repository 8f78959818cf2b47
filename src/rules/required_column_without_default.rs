//! `required-column-without-default`: inserts that do not know a new column fail.

use super::Evidence;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::operations::Word;

super::declare_rule! {
    /// A column is added that is NOT NULL, has no default, and is not generated.
    ///
    /// # Why it matters
    ///
    /// A table with rows refuses such a column, and on an empty one every insert of a live release fails, since none of them names it. Add it nullable, fill it,
    /// and make it NOT NULL in contract; or give it a default.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: breaks INSERT INTO users (id, name) VALUES (1, 'ann')
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
    ///   - add_column: { table: users, column: email, type: text, nullable: false }
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
    ///   - add_column: { table: users, column: email, type: text, nullable: false, default: "''" }
    /// ```
    pub static RULE = { id: "EC210", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in evidence.changes.iter().filter(|judged| !judged.fresh) {
        if let Change::AddColumn { table, column } = judged.change
            && !column.may_be_left_out()
        {
            let message = format!(
                "column `{table}.{}` is required from the start, and live releases do not write it",
                column.name
            );
            let dialect = evidence.context.project.dialect;
            sink.report(judged.finding_at(Word::Nullable, dialect, CODE, message).help(
                "give it a default; or add it nullable, fill it in `backfill` and use `set_not_null` in `contract`",
            ));
        }
    }
}
