//! `backfill-without-key`: a backfill cannot be walked in batches.

use super::Evidence;
use super::evidence::{Detail, Judged, KeyProblem};
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::operations::Word;

super::declare_rule! {
    /// A backfill walks a table that has no primary key, or by columns that are no key.
    ///
    /// # Why it matters
    ///
    /// A backfill goes through the table by key, batch after batch, and remembers how far it is. With equal keys, or none, rows are left out; if
    /// it changes the key itself, rows move away under it.
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # file: 2026-01-01-000000_create_visits.yaml
    /// expand:
    ///   - create_table:
    ///       table: visits
    ///       columns:
    ///         - { name: page, type: text, nullable: false }
    ///         - { name: n, type: bigint }
    /// backfill:
    ///   - update: { table: visits, set: { n: 0 }, where: n IS NULL }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml good
    /// # file: 2026-01-01-000000_create_visits.yaml
    /// expand:
    ///   - create_table:
    ///       table: visits
    ///       columns:
    ///         - { name: page, type: text, nullable: false, unique: true }
    ///         - { name: n, type: bigint }
    /// backfill:
    ///   - update: { table: visits, set: { n: 0 }, where: n IS NULL, key: [page] }
    /// ```
    pub static RULE = { id: "EC303", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    // What runs as written walks by no key.
    let walks = |judged: &&Judged<'_>| judged.step.written.is_none();
    for judged in evidence.changes.iter().filter(walks) {
        let (Detail::Data { key: Some(problem), .. }, Change::Write(data)) =
            (&judged.detail, judged.change)
        else {
            continue;
        };
        let table = &data.table;
        let message = match problem {
            KeyProblem::Missing => {
                format!("table `{table}` has no primary key to walk by")
            }
            KeyProblem::NotUnique => {
                format!("the columns of `key` are not unique in `{table}`")
            }
            KeyProblem::Nullable(column) => {
                format!("`{column}` of `key` may be NULL, and such rows are never reached")
            }
            KeyProblem::Written(column) => {
                format!("the step changes `{column}`, by which it walks `{table}`")
            }
        };
        let help = match problem {
            KeyProblem::Written(_) => "walk by another unique column with `key`",
            KeyProblem::Missing | KeyProblem::NotUnique | KeyProblem::Nullable(_) => {
                "name with `key` columns that are unique together and never NULL"
            }
        };
        let word = match problem {
            KeyProblem::Missing | KeyProblem::NotUnique => Word::Key(None),
            KeyProblem::Nullable(column) => Word::Key(Some(column)),
            KeyProblem::Written(column) => Word::Filled(column),
        };
        let dialect = evidence.context.project.dialect;
        sink.report(judged.finding_at(word, dialect, CODE, message).help(help));
    }
}
