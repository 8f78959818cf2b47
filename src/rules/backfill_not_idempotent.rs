//! `backfill-not-idempotent`: a backfill that is run twice is not the same as run once.

use super::Evidence;
use super::evidence::Detail;
use crate::diagnostic::Sink;
use crate::operations::Word;

super::declare_rule! {
    /// A backfill would change its result when it is run again, or would never be done.
    ///
    /// # Why it matters
    ///
    /// A backfill is run in batches, is stopped, goes on, and is done again when a rollback made it void. So the `where` of an `update` names the
    /// rows still to do, and is false for a row once it is done; rows that are put in have a unique key among the columns that are written, so
    /// that a second run leaves them alone.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # then: INSERT INTO users VALUES (1, 3, true)
    /// # proves: changes again SELECT visits::text FROM users
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: visits, type: bigint }
    ///         - { name: active, type: boolean }
    /// backfill:
    ///   - update: { table: users, set: { visits: visits + 1 }, where: active }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # then: INSERT INTO users VALUES (1, 3, true)
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: visits, type: bigint }
    ///         - { name: active, type: boolean }
    /// backfill:
    ///   - update: { table: users, set: { visits: 1 }, where: active AND visits IS NULL }
    /// ```
    pub static RULE = { id: "EC302", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in &evidence.changes {
        if let Detail::Data { repeats: Some(why), .. } = &judged.detail {
            let kind = judged.step.operation.value.key();
            let message = format!("the `{kind}` cannot be run twice: {why}");
            let dialect = evidence.context.project.dialect;
            sink.report(judged.finding_at(Word::Condition, dialect, CODE, message).help(
                "let `where` name the rows still to do, so that it is false once a row is done; write the unique key of rows that are put in",
            ));
        }
    }
}
