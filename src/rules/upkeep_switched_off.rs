//! `upkeep-switched-off`: the server no longer takes care of a table by itself.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::catalog::ObjectKind;
use crate::change::words::{Token, tokens};
use crate::change::{Change, Verb};
use crate::diagnostic::Sink;

super::declare_rule! {
    /// A hand-written migration switches autovacuum off for a table, or changes what of its rows is replicated (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// Without autovacuum old row versions stay until somebody runs `VACUUM`, the planner's statistics grow stale, and at last the server does it all the same, at a bad moment. With another
    /// `REPLICA IDENTITY` subscribers may no longer find the row that is updated, and with `NOTHING` updates of a published table fail.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users SET (autovacuum_enabled = false);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users RESET (autovacuum_enabled);
    /// ```
    ///
    /// ```sql bad
    /// -- given: CREATE PUBLICATION everything FOR TABLE users
    /// -- proves: breaks UPDATE users SET name = 'ann'
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users REPLICA IDENTITY NOTHING;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users REPLICA IDENTITY DEFAULT;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- given: CREATE PUBLICATION everything FOR TABLE users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.01);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users RESET (autovacuum_vacuum_scale_factor);
    /// ```
    pub static RULE = { id: "EC716", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in acts(evidence) {
        let Some(Change::Other(other)) = act.change() else { continue };
        let Some(table) = &other.on else { continue };
        let is_set = other.kind == ObjectKind::StorageParameter && other.verb != Verb::Drop;
        let (message, help) = if is_set && is_off(&other.text) {
            (
                format!("switches autovacuum off for `{table}`"),
                "tune it instead, e.g. `autovacuum_vacuum_scale_factor`",
            )
        } else if other.kind == ObjectKind::ReplicaIdentity {
            (
                format!("changes what is replicated of the rows of `{table}`"),
                "see that every subscriber and every change-data pipeline still finds the rows",
            )
        } else {
            continue;
        };
        report(CODE, act, (message, help.to_owned()), sink);
    }
}

/// Returns whether a list of parameters says `autovacuum_enabled = false`, in any of the ways to say so.
fn is_off(text: &str) -> bool {
    let tokens = tokens(text);
    tokens.windows(3).any(|three| match three {
        [Token::Word(name), Token::Sign('='), Token::Word(value) | Token::Text(value) | Token::Number(value)] => {
            let is_switch = name.eq_ignore_ascii_case("autovacuum_enabled");
            is_switch && ["false", "off", "no", "0"].iter().any(|off| value.eq_ignore_ascii_case(off))
        }
        _ => false,
    })
}
