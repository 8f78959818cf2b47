//! `unprepared-restriction`: a hand-written migration refuses writes that passed before.

use super::of_migrations::{on_used_tables, report};
use super::Evidence;
use crate::catalog::{ObjectKind, Trigger};
use crate::change::Change;
use crate::change::effect::Effect;
use crate::diagnostic::{Code, Severity, Sink};
use crate::history::Act;

super::declare_rule! {
    /// A hand-written migration adds a column that writers must fill, on a table that is in use. Other restrictions (NOT NULL, CHECK,
    /// UNIQUE, FOREIGN KEY, a unique index, row level security, a policy, a revoked right) are warnings, unless an earlier migration filled the columns that
    /// NOT NULL or the check is about. A new trigger is a note: it may refuse rows.
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
            Some(Change::CreateIndex { table, name, index }) => {
                // New columns that the same migration adds hold nothing that could be there twice.
                let columns: Vec<&str> = index
                    .columns
                    .iter()
                    .filter_map(|part| part.key.column().map(|column| column.as_str()))
                    .collect();
                let message = format!("makes `{name}` unique: writes to `{table}` that repeat ({}) fail", columns.join(", "));
                let help = "see that no row repeats another, and that every live release keeps it so, before this runs";
                warn(act, message, help, sink);
            }
            Some(Change::CreateTrigger { table, name, trigger }) => {
                if is_only_diesels(trigger) {
                    continue;
                }
                let code = Code { severity: Severity::Note, ..CODE };
                let message = format!("adds trigger `{name}` to `{table}`, which live releases write without knowing of it");
                let help = "see that it refuses no row that a live release writes";
                report(code, act, (message, help.to_owned()), sink);
            }
            Some(Change::SetGenerated { .. }) => {
                let message = format!("makes the database compute {object}: writes of it fail");
                warn(act, message, "see that no live release writes the column before this runs", sink);
            }
            Some(Change::Other(other)) if is_access(other.kind) => {
                let message = format!("restricts who may do what with {object}: what passed before may fail");
                warn(act, message, "see that every live release may still do what it does", sink);
            }
            Some(_) | None => {}
        }
    }
}

fn warn(act: &Act, message: String, help: &str, sink: &mut Sink) {
    let code = Code { severity: Severity::Warning, ..CODE };
    report(code, act, (message, help.to_owned()), sink);
}

/// Returns whether it is about who may see and write what.
const fn is_access(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Policy | ObjectKind::RowSecurity | ObjectKind::Privilege | ObjectKind::Domain)
}

/// Returns whether a trigger is the one that Diesel's own `diesel_manage_updated_at` makes, whose text is not known.
fn is_only_diesels(trigger: &Trigger) -> bool {
    let text = trigger.definition.as_deref();
    text.is_none_or(|text| text.contains("diesel_set_updated_at"))
}
