//! `unprepared-restriction`: a hand-written migration refuses writes that passed before.

use super::of_migrations::{on_used_tables, report};
use super::Evidence;
use crate::change::Change;
use crate::change::effect::Effect;
use crate::diagnostic::{Code, Severity, Sink};

super::declare_rule! {
    /// A hand-written migration adds a column that writers must fill, on a table that is in use. Other restrictions (NOT NULL, CHECK,
    /// UNIQUE, FOREIGN KEY) are warnings, unless an earlier migration filled the columns that NOT NULL or the check is about.
    ///
    /// # Why it matters
    ///
    /// The release that is live inserts without the new column, and its inserts fail from this moment on; on a table with rows the
    /// migration itself fails. A restriction belongs into a migration that ships after the release whose writes satisfy it.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_add_name/up.sql
    /// ALTER TABLE users ADD COLUMN name text NOT NULL;
    /// -- file: migrations/2024-03-01-000000_add_name/down.sql
    /// ALTER TABLE users DROP COLUMN name;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_add_name/up.sql
    /// ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT '';
    /// -- file: migrations/2024-03-01-000000_add_name/down.sql
    /// ALTER TABLE users DROP COLUMN name;
    /// ```
    pub static RULE = { id: "EC711", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in on_used_tables(evidence) {
        let restricted = act.effects.iter().find_map(|effect| match effect {
            Effect::Restricts(object) => Some(object),
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::Destroys(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        });
        let Some(object) = restricted else { continue };
        let object = format!("{} `{object}`", object.kind());
        match act.change() {
            Some(Change::AddColumn { .. }) => {
                let message = format!("adds {object}, which inserts of the live release leave out");
                let help = "give it a default, or make it nullable now and NOT NULL once every live release writes it";
                report(CODE, act, (message, help.to_owned()), sink);
            }
            Some(Change::SetNullable { .. } | Change::AddConstraint { .. })
                if !act.preparation.filled.is_empty() => {}
            Some(Change::SetNullable { .. } | Change::AddConstraint { .. }) => {
                let message = format!("restricts {object}: writes that passed before may fail");
                let help = "see that every live release satisfies it before this runs; a plan's contract phase waits for that";
                let code = Code { severity: Severity::Warning, ..CODE };
                report(code, act, (message, help.to_owned()), sink);
            }
            Some(_) | None => {}
        }
    }
}
