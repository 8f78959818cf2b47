//! `removed-guarantee`: readers or upserts can no longer rely on what they relied on.

use super::Evidence;
use super::of_migrations::{on_used_tables, report};
use crate::change::Change;
use crate::change::effect::{Effect, Object};
use crate::diagnostic::{Code, Severity, Sink};

super::declare_rule! {
    /// A hand-written migration lets NULL into a column, drops a constraint, a default or a unique index, on a table that is in use. A unique key that
    /// upserts may name is a warning, anything else a note.
    ///
    /// # Why it matters
    ///
    /// The releases that are live count on it: one that reads a column as never NULL fails on the first NULL, an insert that leaves a column out needs its default, and `ON CONFLICT (…)`
    /// fails on every call once no unique index has those columns. So it goes after the releases that can do without. Letting NULL in is the right preparation of a drop: the
    /// note says only that readers must stand it.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: breaks INSERT INTO users VALUES (1, 'a') ON CONFLICT (email) DO NOTHING
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text);
    /// CREATE UNIQUE INDEX users_email ON users (email);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// DROP INDEX CONCURRENTLY users_email;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    ///
    /// # Good
    ///
    /// An upsert finds another unique index on the same columns:
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, email text, CONSTRAINT users_email_key UNIQUE (email));
    /// CREATE UNIQUE INDEX users_email ON users (email);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// DROP INDEX CONCURRENTLY users_email;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);
    /// -- file: migrations/2024-03-01-000000_later/metadata.toml
    /// run_in_transaction = false
    /// ```
    pub static RULE = { id: "EC713", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    for (act, _) in on_used_tables(evidence) {
        let removed = act.effects.iter().find_map(|effect| match effect {
            Effect::RemovesGuarantee(object) => Some(object),
            Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::Destroys(_)
            | Effect::Restricts(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        });
        let (Some(object), Some(change)) = (removed, act.change()) else { continue };
        let Some((what, help)) = told(change) else { continue };
        let is_key = act.lost_key.is_some();
        let is_renamed = act.how.along && matches!(change, Change::DropTrigger { .. });
        if is_renamed || !is_key && matches!(change, Change::DropIndex { .. }) {
            continue;
        }
        let code = Code { severity: if is_key { CODE.severity } else { Severity::Note }, ..CODE };
        let named = named(object);
        let (message, help) = match &act.lost_key {
            Some(columns) => (
                format!("drops {named}, and an upsert that says ON CONFLICT ({columns}) fails from then on"),
                "see that no live release names these columns in an upsert, or build another unique index on them first",
            ),
            None => (format!("{what} {named}"), help),
        };
        report(code, act, (message, help.to_owned()), sink);
    }
}

fn named(object: &Object) -> String {
    format!("{} `{object}`", object.kind())
}

/// Says what is done to the object and what to see to; nothing where another rule does.
const fn told(change: &Change) -> Option<(&'static str, &'static str)> {
    match change {
        Change::SetNullable { .. } => {
            Some(("lets NULL into", "see that every live release can read NULL there before one is written"))
        }
        Change::SetDefault { .. } => {
            Some(("drops the default of", "see that every live release writes the column, or can read NULL there"))
        }
        Change::SetGenerated { .. } => {
            Some(("no longer computes", "see that every live release writes the column"))
        }
        Change::DropTrigger { .. } => {
            Some(("drops", "see that no live release relies on what it did to the rows that are written"))
        }
        Change::Other(_) => Some(("no longer keeps", "see that no live release relies on it")),
        Change::DropConstraint { .. } | Change::DropIndex { .. } => {
            Some(("drops", "see that no live release relies on what it kept out"))
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::AddConstraint { .. }
        | Change::CreateIndex { .. }
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
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        // Longer values are read like those of before.
        | Change::SetType { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::Truncate { .. } => None,
    }
}
