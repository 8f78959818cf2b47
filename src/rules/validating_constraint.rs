//! `validating-constraint`: a constraint is checked against all rows while nobody may write.

use super::of_migrations::{fixes, on_used_tables, report_weighed};
use super::Evidence;
use crate::catalog::ObjectKind;
use crate::change::words::Words;
use crate::change::{Change, Constraint, Other, Verb};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

super::declare_rule! {
    /// A hand-written migration adds a constraint that reads the whole table under a lock (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `ADD CONSTRAINT … CHECK`, `FOREIGN KEY`, `UNIQUE`, `PRIMARY KEY` and `SET NOT NULL` look at every row while they hold a lock that keeps writers
    /// out, and for a foreign key those of the other table too. Added as `NOT VALID` a check or a foreign key is there at once, and `VALIDATE CONSTRAINT` in a later
    /// migration reads the rows beside the writers; a unique constraint takes over an index that was built concurrently; NOT NULL needs no reading where a
    /// validated check says the same. `add_check`, `add_foreign_key`, `create_index` and `set_not_null` in a plan do all of that.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: scans users under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-02-01-000000_fill/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL AND id <= 1000;
    /// -- file: migrations/2024-02-01-000000_fill/down.sql
    /// -- irreversible: nobody knows which were empty
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ALTER COLUMN name SET NOT NULL;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
    /// ```
    ///
    /// ```sql bad
    /// -- proves: scans users under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-02-01-000000_fill/up.sql
    /// UPDATE users SET name = 'unknown' WHERE name = '';
    /// -- file: migrations/2024-02-01-000000_fill/down.sql
    /// SELECT 1; -- nobody knows which were empty
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// ALTER TABLE users ADD CONSTRAINT named CHECK (name <> '');
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP CONSTRAINT named;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// CREATE INDEX users_name ON users (name);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-02-01-000000_fill/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL AND id <= 1000;
    /// -- file: migrations/2024-02-01-000000_fill/down.sql
    /// -- irreversible: nobody knows which were empty
    /// -- file: migrations/2024-03-01-000000_check/up.sql
    /// ALTER TABLE users ADD CONSTRAINT users_name_set CHECK (name IS NOT NULL) NOT VALID;
    /// -- file: migrations/2024-03-01-000000_check/down.sql
    /// ALTER TABLE users DROP CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-02-000000_validate/up.sql
    /// ALTER TABLE users VALIDATE CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-02-000000_validate/down.sql
    /// -- irreversible: what is valid stays so
    /// -- file: migrations/2024-03-03-000000_later/up.sql
    /// ALTER TABLE users ALTER COLUMN name SET NOT NULL;
    /// ALTER TABLE users DROP CONSTRAINT users_name_set;
    /// -- file: migrations/2024-03-03-000000_later/down.sql
    /// ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
    /// ```
    pub static RULE = { id: "EC403", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, migration) in on_used_tables(evidence) {
        let (what, help, later) = match act.change() {
            Some(Change::AddConstraint { constraint, .. }) => match constraint {
                Constraint::Check(check) if check.validated => (
                    format!("adds check `{}`", check.name),
                    "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it",
                    Some(&check.name),
                ),
                Constraint::ForeignKey(key) if act.work().is_long() => (
                    format!("adds foreign key `{}`", key.name),
                    "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it",
                    Some(&key.name),
                ),
                Constraint::Unique(key) | Constraint::Primary(key) => (
                    format!("adds constraint `{}`", key.name),
                    "build a unique index with CREATE UNIQUE INDEX CONCURRENTLY first, then add the constraint USING INDEX",
                    None,
                ),
                Constraint::Check(_) | Constraint::ForeignKey(_) | Constraint::UsingIndex { .. } => {
                    continue;
                }
            },
            Some(Change::SetNullable { table, column, nullable: false }) if act.work().is_long() => (
                format!("makes `{table}.{column}` NOT NULL"),
                "add CHECK (… IS NOT NULL) NOT VALID first, validate it in a migration after that, then SET NOT NULL and drop the check",
                None,
            ),
            Some(Change::Other(other))
                if other.kind == ObjectKind::Exclusion && act.work().is_long() =>
            {
                let name = other.name.as_ref().map(ToString::to_string).unwrap_or_default();
                (
                    format!("adds exclusion constraint `{name}`"),
                    "there is no way to add one beside the writers: make a new table with it, and copy the rows",
                    None,
                )
            }
            Some(Change::Other(other)) if adds_to_domain(other) => {
                let name = other.name.as_ref().map(ToString::to_string).unwrap_or_default();
                (
                    format!("adds a constraint to domain `{name}`, for every table that uses it,"),
                    "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it; or put the check on the column",
                    None,
                )
            }
            Some(_) | None => continue,
        };
        let message = format!("{what} by reading every row while nobody can write");
        let fix =
            later.and_then(|name| fixes::validate_later(evidence, act, migration, name));
        report_weighed(evidence, CODE, act, (message, help.to_owned(), fix), sink);
    }
}

/// Returns whether a domain gets a constraint that every value of before is checked against.
fn adds_to_domain(other: &Other) -> bool {
    let words = Words::of(&other.text);
    other.kind == ObjectKind::Domain
        && other.verb == Verb::Alter
        && (words.has("add") && !words.has("valid") || words.has("set") && words.has("null"))
}
