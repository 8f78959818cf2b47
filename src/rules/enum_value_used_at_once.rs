//! `enum-value-used-at-once`: a new enum value is used in the transaction that adds it.

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::catalog::{ObjectKind, SqlExpression};
use crate::change::words::{Token, tokens};
use crate::change::{Change, Constraint, DataChange, Write};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::ObjectName;

super::declare_rule! {
    /// A hand-written migration adds a value to an enum and uses it (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// The server refuses to use a value before the transaction that adds it has ended: "unsafe use of new value". An enum that the migration itself creates may be used at once.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: fails
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TYPE mood AS ENUM ('glad');
    /// CREATE TABLE users (id bigint PRIMARY KEY, mood mood);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// DROP TYPE mood;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TYPE mood ADD VALUE 'sad';
    /// UPDATE users SET mood = 'sad' WHERE id = 1;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TYPE mood AS ENUM ('glad');
    /// CREATE TABLE users (id bigint PRIMARY KEY, mood mood);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// DROP TYPE mood;
    /// -- file: migrations/2024-03-01-000000_add/up.sql
    /// ALTER TYPE mood ADD VALUE 'sad';
    /// -- file: migrations/2024-03-01-000000_add/down.sql
    /// -- irreversible: a test
    /// -- file: migrations/2024-03-02-000000_use/up.sql
    /// UPDATE users SET mood = 'sad' WHERE id = 1;
    /// -- file: migrations/2024-03-02-000000_use/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC412", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    let mut made: Vec<(usize, &ObjectName)> = Vec::new();
    let mut added: Vec<(usize, &ObjectName, &str)> = Vec::new();
    for (act, _) in acts(evidence) {
        let Some(change) = act.change() else { continue };
        if let Change::CreateEnum { name, .. } = change {
            made.push((act.migration, name));
        } else if let Change::AddEnumValue { name, value, .. } = change
            && !made.contains(&(act.migration, name))
        {
            added.push((act.migration, name, value));
        } else if let Some((_, name, value)) =
            added.iter().find(|(migration, _, value)| *migration == act.migration && uses(change, value))
        {
            let message = format!("uses `{value}` in the transaction that adds it to `{name}`");
            let help = "put the ALTER TYPE into a migration of its own, before this one";
            report(CODE, act, (message, help.to_owned()), sink);
        }
    }
}

/// Returns whether the server reads this text as a value while it runs the statement. The body of a function is read later.
fn uses(change: &Change, value: &str) -> bool {
    let is_in = |text: &str| tokens(text).contains(&Token::Text(value));
    let has = |expression: &SqlExpression| is_in(expression.as_str());
    match change {
        Change::SetDefault { default, .. } => default.as_ref().is_some_and(has),
        Change::AddColumn { column, .. } => column.default.as_ref().is_some_and(has),
        Change::AddConstraint { constraint: Constraint::Check(check), .. } => has(&check.expression),
        Change::CreateIndex { index, .. } => index.predicate.as_ref().is_some_and(has),
        Change::CreateView { view, .. } | Change::ReplaceView { view, .. } => has(&view.query),
        Change::Write(data) => writes(data, &has),
        Change::Other(other) => other.kind == ObjectKind::Query && is_in(&other.text),
        Change::CreateTable { table, .. } => {
            let defaults = table.columns.iter().filter_map(|column| column.default.as_ref());
            defaults.chain(table.checks.iter().map(|check| &check.expression)).any(has)
        }
        Change::AddConstraint { .. }
        | Change::SetType { .. }
        | Change::DropTable { .. }
        | Change::DropColumn { .. }
        | Change::SetNullable { .. }
        | Change::DropConstraint { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::Opaque(_)
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::SetGenerated { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::RenameSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. } => false,
    }
}

fn writes(data: &DataChange, has: &dyn Fn(&SqlExpression) -> bool) -> bool {
    let written = match &data.write {
        Write::Update { set } => set.iter().any(|(_, value)| has(value)),
        Write::Delete => false,
        Write::InsertSelect { query, .. } => has(query),
        Write::InsertValues { rows, .. } => rows.iter().flatten().any(has),
        Write::Copy { columns, .. } => columns.iter().any(|(_, value)| has(value)),
    };
    written || data.condition.as_ref().is_some_and(has)
}
