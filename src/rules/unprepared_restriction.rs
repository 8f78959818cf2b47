//! `unprepared-restriction`: a hand-written migration refuses writes that passed before.

use super::Evidence;
use super::of_migrations::{on_used_tables, report};
use crate::catalog::{ObjectKind, Trigger};
use crate::change::effect::Effect;
use crate::change::words::Words;
use crate::change::{Change, Constraint, Other, Verb};
use crate::diagnostic::{Code, Severity, Sink};
use crate::history::Act;
use crate::name::Name;

super::declare_rule! {
    /// A hand-written migration adds a column that writers must fill, on a table that is in use, or makes a column so that it has itself added. Other restrictions (NOT NULL, CHECK,
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
    /// -- proves: breaks INSERT INTO users (id) VALUES (1)
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
        let Some(change) = act.change() else { continue };
        let Some(object) = restricted else {
            if takes_rights_of_many(change) {
                let message = "takes rights away from many objects: what passed before may fail".to_owned();
                warn(act, message, "see that every live release may still do what it does", sink);
            }
            continue;
        };
        let object = format!("{} `{object}`", object.kind());
        if !is_on_new_columns(evidence, act, change) {
            tell(act, change, &object, sink);
        }
    }
}

/// Says what a change restricts.
fn tell(act: &Act, change: &Change, object: &str, sink: &mut Sink) {
    match change {
        Change::AddColumn { .. } => {
            let message = format!("adds {object}, which inserts of the live release leave out");
            let help = "give it a default, or make it nullable now and NOT NULL once every live release writes it";
            report(CODE, act, (message, help.to_owned()), sink);
        }
        Change::SetNullable { .. } | Change::SetDefault { .. } if act.is_of_new_column => {
            let message = format!(
                "makes {object} required, which inserts of the live release leave out: the same migration adds it"
            );
            let help = "leave it nullable or with a default now, and make it required once every live release writes it";
            report(CODE, act, (message, help.to_owned()), sink);
        }
        Change::SetNullable { .. } | Change::AddConstraint { .. }
            if !act.preparation.filled.is_empty() => {}
        Change::SetNullable { .. } | Change::AddConstraint { .. } => {
            let message = format!("restricts {object}: writes that passed before may fail");
            let help = "see that every live release satisfies it before this runs; a plan's contract phase waits for that";
            warn(act, message, help, sink);
        }
        Change::CreateIndex { table, name, .. } => {
            let message =
                format!("makes `{name}` unique: writes to `{table}` that repeat a value fail");
            let help = "see that no row repeats another, and that every live release keeps it so, before this runs";
            warn(act, message, help, sink);
        }
        Change::CreateTrigger { table, name, trigger } if !is_only_diesels(trigger) => {
            let code = Code { severity: Severity::Note, ..CODE };
            let message = format!(
                "adds trigger `{name}` to `{table}`, which live releases write without knowing of it"
            );
            let help = "see that it refuses no row that a live release writes";
            report(code, act, (message, help.to_owned()), sink);
        }
        Change::SetGenerated { .. } => {
            let message = format!("makes the database compute {object}: writes of it fail");
            warn(act, message, "see that no live release writes the column before this runs", sink);
        }
        Change::Other(other) if other.kind == ObjectKind::Domain && restricts_writers(other) => {
            let message = format!("restricts the values of {object}: writes that passed before may fail");
            let help = "see that every live release satisfies it before this runs";
            warn(act, message, help, sink);
        }
        Change::Other(other) if restricts_writers(other) => {
            let message =
                format!("restricts who may do what with {object}: what passed before may fail");
            warn(act, message, "see that every live release may still do what it does", sink);
        }
        Change::Other(other) if other.kind == ObjectKind::Rule => {
            let of = other.on.as_ref().map_or_else(String::new, |table| format!(" `{table}`"));
            let message = format!("makes the server do otherwise what live releases ask of{of}");
            warn(act, message, "see that every live release gets what it asks for; a trigger is plainer", sink);
        }
        // Nothing else restricts a table that somebody uses.
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::DropConstraint { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Write(_)
        | Change::Opaque(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::SetType { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_) => {}
    }
}

/// Returns whether a key or a foreign key is on a column that the same migration adds, where every row and every writer that does not
/// know it leaves NULL, which fits.
fn is_on_new_columns(evidence: &Evidence<'_>, of: &Act, change: &Change) -> bool {
    let (table, columns): (_, Vec<&Name>) = if let Change::CreateIndex { table, index, .. } = change
    {
        (table, index.columns.iter().filter_map(|part| part.key.column()).collect())
    } else if let Change::AddConstraint { table, constraint } = change {
        let columns = match constraint {
            Constraint::Unique(key) => key.columns.iter().collect(),
            Constraint::ForeignKey(key) => key.columns.iter().collect(),
            Constraint::Check(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_)
            | Constraint::UsingIndex { .. } => {
                Vec::new()
            }
        };
        (table, columns)
    } else {
        return false;
    };
    evidence.context.history.acts_of(of.migration).iter().any(|act| {
        let Some(Change::AddColumn { table: to, column }) = act.change() else { return false };
        to == table
            && column.nullable
            && column.default.is_none()
            && column.generated.is_none()
            && columns.contains(&&column.name)
    })
}

fn warn(act: &Act, message: String, help: &str, sink: &mut Sink) {
    let code = Code { severity: Severity::Warning, ..CODE };
    report(code, act, (message, help.to_owned()), sink);
}

/// Returns whether it takes rights away without naming an object: those of a schema, or those of what is still to be made.
const fn takes_rights_of_many(change: &Change) -> bool {
    matches!(
        change,
        Change::Other(Other { verb: Verb::Drop, kind: ObjectKind::Privilege, name: None, on: None, .. })
    )
}

/// Returns whether it is about who may see and write what, or has a domain check more.
fn restricts_writers(other: &Other) -> bool {
    const ACCESS: &[ObjectKind] =
        &[ObjectKind::Policy, ObjectKind::RowSecurity, ObjectKind::Privilege];
    let words = Words::of(&other.text);
    let checks_more = words.has("add") || words.has("set") && words.has("null");
    ACCESS.contains(&other.kind) || other.kind == ObjectKind::Domain && checks_more
}

/// Returns whether a trigger is the one that Diesel's own `diesel_manage_updated_at` makes, whose text is not known.
fn is_only_diesels(trigger: &Trigger) -> bool {
    let text = trigger.definition.as_deref();
    text.is_none_or(|text| text.contains("diesel_set_updated_at"))
}
