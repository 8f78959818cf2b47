//! `table-without-key`: a table has no primary key.

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};

super::declare_rule! {
    /// A hand-written migration makes a table that has no primary key when the migration ends.
    ///
    /// # Why it matters
    ///
    /// Diesel does not map such a table: `diesel print-schema` leaves it out with a warning, and `table!` wants a key. planner cannot fill its rows in batches either, and logical replication
    /// cannot update them.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- then: CREATE PUBLICATION everything FOR TABLE users
    /// -- proves: refuses UPDATE users SET name = 'ann'
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint NOT NULL, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- then: CREATE PUBLICATION everything FOR TABLE users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    pub static RULE = { id: "EC715", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (span, table) in &evidence.context.history.keyless {
        let message = format!("makes table `{table}` without a primary key, which Diesel cannot map");
        let help = "give it a PRIMARY KEY, of several columns if no single one tells its rows apart";
        sink.report(Diagnostic::new(CODE, message).at(*span).help(help));
    }
}
