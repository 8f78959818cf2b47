//! `work-under-lock`: rows are worked on while an earlier statement still keeps everybody out.

use super::Evidence;
use super::of_migrations::{acts, report_by_size};
use crate::diagnostic::Sink;
use crate::dialects::locks::LockMode;
use crate::history::Act;
use crate::name::ObjectName;

super::declare_rule! {
    /// A hand-written migration takes a strong lock, and then reads or writes many rows in the same transaction (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// A lock is held until the transaction ends. `ADD COLUMN` by itself is done in a moment, but with an `UPDATE` behind it nobody can read or write the table until
    /// all rows are written. What changes the schema belongs into one migration, what moves data into another. Several statements in a file without a transaction
    /// share one all the same, since Diesel sends the file as one message.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: scans users under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ADD COLUMN nick text;
    /// UPDATE users SET nick = lower(name) WHERE team_id = 1;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP COLUMN nick;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_add/up.sql
    /// ALTER TABLE users ADD COLUMN nick text;
    /// -- file: migrations/2024-03-01-000000_add/down.sql
    /// ALTER TABLE users DROP COLUMN nick;
    /// -- file: migrations/2024-03-02-000000_fill/up.sql
    /// UPDATE users SET nick = lower(name) WHERE team_id = 1;
    /// -- file: migrations/2024-03-02-000000_fill/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC409", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    // The strongest lock of the transaction so far, and the migration that it belongs to; one finding for each.
    let mut strongest: Option<(usize, &ObjectName)> = None;
    let mut told = None;
    let controls = &evidence.context.history.controls;
    let mut before: Option<&Act> = None;
    for (act, _) in acts(evidence) {
        let ended = before.is_some_and(|before| {
            let between = |at: u32| before.span.end <= at && at <= act.span.start;
            let same = before.span.source == act.span.source;
            !same || controls.iter().any(|of| of.span.source == act.span.source && between(of.span.start))
        });
        if ended {
            strongest = None;
        }
        before = Some(act);
        let works = act.demands.iter().find(|of| of.work.is_long());
        if let (Some((migration, locked)), Some(works)) = (strongest, works)
            // What takes such a lock itself is found by the rule about it.
            && works.lock < LockMode::Share
            && told != Some(migration)
        {
            told = Some(migration);
            let message = format!(
                "works on the rows of `{}` while an earlier statement still keeps everybody from `{locked}`",
                works.table
            );
            let help = "put it into a migration of its own, after this one; a plan's backfill does it in batches";
            report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
        }
        let strong = act.demands.iter().find(|of| of.lock == LockMode::AccessExclusive);
        if strongest.is_none() {
            strongest = strong.map(|of| (act.migration, &of.table));
        }
    }
}
