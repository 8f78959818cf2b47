//! `json-column`: a column is `json` and not `jsonb`.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::catalog::Column;
use crate::change::Change;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration makes a `json` column (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// There is no equality on `json`, so `SELECT DISTINCT`, `GROUP BY` and `UNION` over the column fail, those that name all columns of the table too. `jsonb` has it, takes an index, and is
    /// read by Diesel as easily. `json` is right only where the very text must be kept.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: refuses SELECT DISTINCT settings FROM users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, settings json);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, settings jsonb);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    pub static RULE = { id: "EC719", severity: Note, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in acts(evidence) {
        let (table, columns): (_, &[Column]) = match act.change() {
            Some(Change::CreateTable { name, table }) => (name, &table.columns),
            Some(Change::AddColumn { table, column }) => (table, std::slice::from_ref(column)),
            Some(_) | None => continue,
        };
        for column in columns.iter().filter(|column| column.sql_type.0 == "json") {
            let message = format!("column `{table}.{}` is `json`, which knows no equality", column.name);
            report(CODE, act, (message, "use `jsonb`".to_owned()), sink);
        }
    }
}
