//! `validating-constraint`: a constraint is checked against all rows while nobody may write.

use super::of_migrations::{fixes, on_used_tables, report_weighed};
use super::{Evidence, of_steps};
use crate::catalog::ObjectKind;
use crate::change::words::Words;
use crate::change::{Change, Constraint, Other, Verb};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::locks::Work;
use crate::name::Name;

super::declare_rule! {
    /// A hand-written migration, or a plan's `sql` step, adds a constraint that reads the whole table under a lock (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// `ADD CONSTRAINT … CHECK`, `FOREIGN KEY`, `UNIQUE`, `PRIMARY KEY` and `SET NOT NULL` look at every row while they hold a lock that keeps writers
    /// out, and for a foreign key those of the other table too. Added as `NOT VALID` a check or a foreign key is there at once, and `VALIDATE CONSTRAINT` in a later
    /// migration reads the rows beside the writers; a unique constraint takes over an index that was built concurrently; NOT NULL needs no reading where a
    /// validated check says the same. `add_check`, `add_foreign_key`, `create_index` and `set_not_null` in a plan do all of that.
    ///
    /// `planner check --fix` shows the same for hand-written migrations, and `--write` makes it, in migrations just after: for a check, a foreign key, a unique constraint, a primary key and `SET
    /// NOT NULL`, alone in a file whose `down.sql` undoes just that. A constraint without a name is written with the one that the server gives it, unless a migration before it does what planner cannot read. Left to people
    /// are constraints that are DEFERRABLE, and exclusion constraints, which nothing adds beside the writers.
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
    /// SELECT 1; -- nobody knows which were empty
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
    /// ```sql bad
    /// -- proves: scans users under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-02-01-000000_fill/up.sql
    /// UPDATE users SET name = 'user ' || id WHERE name IS NULL AND id <= 1000;
    /// -- file: migrations/2024-02-01-000000_fill/down.sql
    /// SELECT 1; -- nobody knows which were empty
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// -- squawk-ignore ban-new-write-restriction -- no release repeats a name
    /// ALTER TABLE users ADD CONSTRAINT one_of_a_name UNIQUE (name);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP CONSTRAINT one_of_a_name;
    /// ```
    ///
    /// ```sql bad
    /// -- proves: scans users under ACCESS EXCLUSIVE
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// -- squawk-ignore ban-new-write-restriction -- no release repeats a number, nor leaves it out
    /// ALTER TABLE users ADD PRIMARY KEY (id);
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// ALTER TABLE users DROP CONSTRAINT users_pkey;
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

/// What is done, how to do it beside the writers, and a constraint that may be validated later with the operation that does so.
type Looks<'a> = (String, &'static str, Option<(&'a Name, &'static str)>);

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, migration) in on_used_tables(evidence) {
        let Some((what, help, later)) = looks(act.change(), act.work()) else { continue };
        let message = format!("{what} by reading every row while nobody can write");
        let fix = match later {
            Some((name, _)) => fixes::validate_later(evidence, act, migration, name),
            None => fixes::in_stages(evidence, act, migration),
        };
        report_weighed(evidence, CODE, act, (message, help.to_owned(), fix), sink);
    }
    for judged in of_steps::on_used_tables(evidence) {
        let Some((what, help, later)) = looks(Some(judged.change), judged.work()) else { continue };
        let message = format!("{what} by reading every row while nobody can write");
        let help = later.map_or(help, |(_, operation)| operation);
        of_steps::report_by_size(evidence, CODE, judged, (message, help), sink);
    }
}

/// Says what is done, how to do it beside the writers, and, where validating it later is enough, the constraint's name and the operation
/// that does; nothing if no row is looked at.
fn looks(change: Option<&Change>, work: Work) -> Option<Looks<'_>> {
    Some(match change {
        Some(Change::AddConstraint { constraint, .. }) => match constraint {
            Constraint::Check(check) if check.validated => (
                format!("adds check `{}`", check.name),
                "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it",
                Some((&check.name, "use `add_check`")),
            ),
            Constraint::ForeignKey(key) if work.is_long() => (
                format!("adds foreign key `{}`", key.name),
                "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it",
                Some((&key.name, "use `add_foreign_key`")),
            ),
            Constraint::Unique(key) | Constraint::Primary(key) => (
                format!("adds constraint `{}`", key.name),
                "build a unique index with CREATE UNIQUE INDEX CONCURRENTLY first, then add the constraint USING INDEX",
                None,
            ),
            Constraint::Exclude(exclusion) if work.is_long() => (
                format!("adds exclusion constraint `{}`", exclusion.name),
                "there is no way to add one beside the writers: make a new table with it, and copy the rows",
                None,
            ),
            Constraint::Check(_) | Constraint::ForeignKey(_) | Constraint::Exclude(_) | Constraint::UsingIndex { .. } => {
                return None;
            }
        },
        Some(Change::SetNullable { table, column, nullable: false }) if work.is_long() => (
            format!("makes `{table}.{column}` NOT NULL"),
            "add CHECK (… IS NOT NULL) NOT VALID first, validate it in a migration after that, then SET NOT NULL and drop the check",
            None,
        ),
        Some(Change::Other(other)) if adds_to_domain(other) => {
            let name = other.name.as_ref().map(ToString::to_string).unwrap_or_default();
            (
                format!("adds a constraint to domain `{name}`, for every table that uses it,"),
                "add it as NOT VALID, and VALIDATE CONSTRAINT in a migration after it; or put the check on the column",
                None,
            )
        }
        Some(_) | None => return None,
    })
}

/// Returns whether a domain gets a constraint that every value of before is checked against.
fn adds_to_domain(other: &Other) -> bool {
    let words = Words::of(&other.text);
    other.kind == ObjectKind::Domain
        && other.verb == Verb::Alter
        && (words.has("add") && !words.has("valid") || words.has("set") && words.has("null"))
}
