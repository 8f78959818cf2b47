//! `rename-in-place`: SQL renames what releases name.

use super::Evidence;
use crate::change::Change;
use crate::change::words::{Token, tokens};
use crate::diagnostic::Sink;

super::declare_rule! {
    /// A `sql` step renames a table, a column, a view, a type or a schema.
    ///
    /// # Why it matters
    ///
    /// At the moment of the rename every live release names something that is not there. No phase is safe for that, because no release knows
    /// both names. Add the new name, keep both in step, move the data, and drop the old one. Indexes and constraints may be renamed:
    /// releases do not name them (an upsert that names its constraint does; think of it).
    ///
    /// # Bad
    ///
    /// ```yaml bad
    /// # proves: refuses SELECT full_name FROM users
    /// # file: 2026-01-01-000000_create_users.yaml
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: bigint, primary_key: true }
    ///         - { name: name, type: text }
    /// # file: 2026-02-01-000000_rename_name.yaml
    /// after: [create_users]
    /// contract:
    ///   - sql:
    ///       up: ALTER TABLE users RENAME COLUMN name TO full_name
    ///       down: ALTER TABLE users RENAME COLUMN full_name TO name
    ///       probe: SELECT count(*) = 1 FROM information_schema.columns WHERE column_name = 'full_name'
    ///       touches: [users]
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
    pub static RULE = { id: "EC208", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for judged in &evidence.changes {
        let by_sql = match judged.change {
            Change::Opaque(opaque) => {
                tokens(&opaque.text).split(|token| *token == Token::Sign(';')).any(renames)
            }
            change => is_rename(change) && !judged.fresh,
        };
        if by_sql {
            sink.report(judged.finding(CODE, "the SQL renames what releases name").help(
                "add the new name in `expand`, keep both in step with `sync_columns` or `sync_tables`, move the data in \
                 `backfill`, and drop the old name in `contract`",
            ));
        }
    }
}

/// Returns whether a change gives something that releases name another name.
pub(super) const fn is_rename(change: &Change) -> bool {
    matches!(
        change,
        Change::RenameTable { .. }
            | Change::RenameColumn { .. }
            | Change::RenameEnum { .. }
            | Change::RenameEnumValue { .. }
            | Change::RenameSequence { .. }
    )
}

/// Returns whether a statement renames something that releases name.
fn renames(statement: &[Token<'_>]) -> bool {
    let is = |token: Option<&Token<'_>>, word: &str| matches!(token, Some(Token::Word(it)) if it.eq_ignore_ascii_case(word));
    let Some(at) = statement.iter().position(|token| is(Some(token), "rename")) else {
        return false;
    };
    let is_alteration = is(statement.first(), "alter");
    let of_index = is(statement.get(1), "index");
    let of_constraint = is(statement.get(at + 1), "constraint");
    is_alteration && !of_index && !of_constraint
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_rename(sql: &str) -> bool {
        tokens(sql).split(|token| *token == Token::Sign(';')).any(renames)
    }

    #[test]
    fn only_what_releases_name_counts() {
        assert!(is_rename("alter table t rename to u"));
        assert!(is_rename("SELECT 1; ALTER TABLE t /* x */ RENAME a TO b"));
        assert!(is_rename("ALTER TYPE t RENAME VALUE 'a' TO 'b'"));
        assert!(!is_rename("ALTER INDEX i RENAME TO j"));
        assert!(!is_rename("ALTER TABLE t RENAME CONSTRAINT a TO b"));
        assert!(!is_rename("UPDATE t SET note = 'ALTER TABLE t RENAME TO u' -- rename"));
        assert!(!is_rename("SELECT rename FROM t"));
    }
}
