//! `unplanned-destructive-migration`: a hand-written migration takes away what nothing before it let go of.

use super::of_migrations::{on_used_tables, report};
use super::Evidence;
use crate::catalog::ObjectKind;
use crate::change::{Change, Other, Verb};
use crate::change::effect::Object;
use crate::diagnostic::{Code, Diagnostic, Severity, Sink};
use crate::dialect::Dialect;
use crate::history::{Act, Again, HandWrittenMigration, History};
use crate::name::ObjectName;

super::declare_rule! {
    /// A hand-written migration drops, renames, retypes or empties something, and no earlier migration or plan prepared it. Tables, columns, views and enums are
    /// errors; functions, types, domains, sequences, schemas, extensions, operators, casts, foreign tables, roles and the like, and enums that no column has had, which a release can only name in SQL of its own, are warnings.
    ///
    /// # Why it matters
    ///
    /// While the new release rolls out, the old one still runs, and a rollback brings it back: what it reads or writes must be there. So what goes
    /// is prepared in an earlier migration that is deployed before: its data is moved to what replaces it, and writers may
    /// leave it out (it may be NULL, or has a default). A drop that was prepared so is reported as a note, with what prepared it. Data is moved where
    /// it is written to a column that is no older and still there; of a table at least half of the columns, not only sums of them. A view may go after a younger one with most
    /// of its columns, an enum after its last column. A rename or a new type is prepared by nothing: the old name, or type, goes all the same. Preparing
    /// it in the same migration helps nobody, since both ship together. What the migration itself makes again, with what was in it, is not counted, nor is
    /// a table that was made in it or the day before; a table or column that comes back empty is, and a column that comes back with another type. A plan that deprecates the object, or `-- squawk-ignore` and `-- safety-assured:start` with a
    /// reason, cover it.
    ///
    /// `TRUNCATE`, and a `DELETE` of all rows (without `WHERE`, or where it holds for every row), take the rows from the releases that are live. Where the same migration fills the table again by a query,
    /// or drops it, that is not counted; where it writes rows of its own there, it is a warning. The `DELETE` that prepares a later drop is a note, as is one of rows that an earlier migration copied.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: breaks SELECT name FROM users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_drop_name/up.sql
    /// ALTER TABLE users DROP COLUMN name;
    /// -- file: migrations/2024-03-01-000000_drop_name/down.sql
    /// ALTER TABLE users ADD COLUMN name text NOT NULL DEFAULT '';
    /// ```
    ///
    /// A rename takes the old name away:
    ///
    /// ```sql bad
    /// -- proves: breaks SELECT name FROM users
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_rename/up.sql
    /// ALTER TABLE users RENAME COLUMN name TO full_name;
    /// -- file: migrations/2024-03-01-000000_rename/down.sql
    /// ALTER TABLE users RENAME COLUMN full_name TO name;
    /// ```
    ///
    /// So does making a table anew without its rows:
    ///
    /// ```sql bad
    /// -- given: INSERT INTO tokens VALUES (1, 'secret')
    /// -- proves: loses SELECT token FROM tokens
    /// -- file: migrations/2024-01-01-000000_create_tokens/up.sql
    /// CREATE TABLE tokens (id bigint PRIMARY KEY, token text);
    /// -- file: migrations/2024-01-01-000000_create_tokens/down.sql
    /// DROP TABLE tokens;
    /// -- file: migrations/2024-03-01-000000_hashes/up.sql
    /// DROP TABLE tokens;
    /// CREATE TABLE tokens (id bigint PRIMARY KEY, token text, hash text);
    /// -- file: migrations/2024-03-01-000000_hashes/down.sql
    /// ALTER TABLE tokens DROP COLUMN hash;
    /// ```
    ///
    /// And so does a `DELETE` that says not which rows:
    ///
    /// ```sql bad
    /// -- given: INSERT INTO tokens VALUES (1, 'secret')
    /// -- proves: loses SELECT token FROM tokens
    /// -- file: migrations/2024-01-01-000000_create_tokens/up.sql
    /// CREATE TABLE tokens (id bigint PRIMARY KEY, token text);
    /// -- file: migrations/2024-01-01-000000_create_tokens/down.sql
    /// DROP TABLE tokens;
    /// -- file: migrations/2024-03-01-000000_log_out/up.sql
    /// DELETE FROM tokens;
    /// -- file: migrations/2024-03-01-000000_log_out/down.sql
    /// -- irreversible: the tokens are gone
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_add_full_name/up.sql
    /// ALTER TABLE users ADD COLUMN full_name text;
    /// ALTER TABLE users ALTER COLUMN name SET DEFAULT '';
    /// -- file: migrations/2024-03-01-000000_add_full_name/down.sql
    /// ALTER TABLE users DROP COLUMN full_name;
    /// -- file: migrations/2024-03-02-000000_fill/up.sql
    /// UPDATE users SET full_name = name WHERE full_name IS NULL AND id <= 1000;
    /// -- file: migrations/2024-03-02-000000_fill/down.sql
    /// -- irreversible: the values of before are still there
    /// ```
    pub static RULE = { id: "EC710", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let history = evidence.context.history;
    let dialect = evidence.context.project.dialect;
    for (act, migration) in on_used_tables(evidence) {
        if let Some(table) = leaves_its_parent(act) {
            let message = format!("takes the rows of `{table}` out of its parent: who reads that no longer sees them");
            let help = "see that no live release looks for them there before this runs";
            let code = Code { severity: Severity::Warning, ..CODE };
            report(code, act, (message, help.to_owned()), sink);
            continue;
        }
        let Some(object) = act.destroyed().find(|object| is_judged(object)) else {
            if let Some(object) = act.destroyed().find(|object| may_be_named(object, dialect)) {
                let of_trigger = matches!(object, Object::Other(ObjectKind::Function, _))
                    && drops_a_trigger(evidence, act);
                if !of_trigger {
                    warn(act, object, sink);
                }
            }
            continue;
        };
        if act.preparation.is_unused {
            warn(act, object, sink);
            continue;
        }
        let what = what(act, object);
        let leads_to = act.preparation.leads_to.and_then(|at| history.hand_written.get(at));
        if let Some(plan) = covering_plan(evidence, object, migration) {
            note(act, format!("{what}: contract, prepared by plan `{plan}`"), sink);
        } else if act.preparation.is_there() {
            let by: Vec<String> =
                act.preparation.by().iter().map(|at| directory(history, *at)).collect();
            note(act, format!("{what}: contract, prepared by {}", by.join(", ")), sink);
        } else if let Some(drop) = leads_to {
            note(act, format!("{what}, which prepares that `{}` drops it", drop.directory), sink);
        } else if let Some(again @ (Again::Filled | Again::MayBeFilled)) = act.again {
            let code = Code { severity: Severity::Warning, ..CODE };
            report(code, act, filled(again, &what), sink);
        } else {
            let told = match act.again {
                Some(Again::Emptied) => emptied(object, &what),
                Some(Again::TypeMadeAnew) => made_anew(object),
                Some(Again::Retyped | Again::Filled | Again::MayBeFilled) | None => {
                    missing(act, object, &what)
                }
            };
            report(CODE, act, told, sink);
        }
    }
}

/// Returns the table that is no longer part of the one that it inherits from.
fn leaves_its_parent(act: &Act) -> Option<&ObjectName> {
    match act.change() {
        Some(Change::Other(Other { verb: Verb::Drop, kind: ObjectKind::Inheritance, on, .. })) => {
            on.as_ref()
        }
        Some(_) | None => None,
    }
}

/// Reports that something goes that a release can only name in SQL of its own.
fn warn(act: &Act, object: &Object, sink: &mut Sink) {
    let message = format!("{}: a release that names it fails", what(act, object));
    let help = "see that no live release, trigger or default uses it before this runs";
    let code = Code { severity: Severity::Warning, ..CODE };
    report(code, act, (message, help.to_owned()), sink);
}

/// Returns whether releases, or what they write to, may name such an object.
fn may_be_named(object: &Object, dialect: Dialect) -> bool {
    match object {
        Object::Sequence(_) => true,
        // SQLite's databases are attached to a connection, and the file stays.
        Object::Other(ObjectKind::Database, _) => dialect == Dialect::Postgres,
        // What is no part of a whole any more is told by itself.
        Object::Other(kind, _) => !matches!(kind, ObjectKind::Partition | ObjectKind::Inheritance),
        Object::Table(_)
        | Object::Column(..)
        | Object::View(_)
        | Object::Enum(_)
        | Object::EnumValue(..)
        | Object::Index(..)
        | Object::Constraint(..)
        | Object::Trigger(..)
        | Object::Sync(_) => false,
    }
}

/// Returns whether the migration of an act drops a trigger too: the function that goes is most likely its own.
fn drops_a_trigger(evidence: &Evidence<'_>, of: &Act) -> bool {
    let all = evidence.context.history.acts_of(of.migration).iter();
    all.filter_map(Act::change).any(|change| matches!(change, Change::DropTrigger { .. }))
}

fn note(act: &Act, message: String, sink: &mut Sink) {
    let code = Code { severity: Severity::Note, ..CODE };
    let help = "see that no release that needs it is live before this runs";
    sink.report(Diagnostic::new(code, message).at(act.span).help(help));
}

fn directory(history: &History, at: usize) -> String {
    history.hand_written.get(at).map(|of| format!("`{}`", of.directory)).unwrap_or_default()
}

/// Returns whether a release names such objects.
const fn is_judged(object: &Object) -> bool {
    match object {
        Object::Table(_)
        | Object::Column(..)
        | Object::View(_)
        | Object::Enum(_)
        | Object::EnumValue(..) => true,
        Object::Index(..)
        | Object::Constraint(..)
        | Object::Sequence(_)
        | Object::Trigger(..)
        | Object::Sync(_)
        | Object::Other(..) => false,
    }
}

/// Says what is done to an object.
fn what(act: &Act, object: &Object) -> String {
    let verb = match act.change() {
        Some(_) | None if act.again == Some(Again::Retyped) => "changes the type of",
        Some(
            Change::RenameTable { .. }
            | Change::RenameColumn { .. }
            | Change::RenameEnum { .. }
            | Change::RenameEnumValue { .. }
            | Change::RenameSequence { .. },
        ) => "renames",
        Some(Change::Other(other)) if other.verb == Verb::Rename => "renames or moves",
        Some(Change::SetType { .. } | Change::SetGenerated { .. }) => "changes the type of",
        Some(Change::Truncate { .. } | Change::Write(_)) => "empties",
        Some(Change::Other(other)) if other.kind == ObjectKind::Query => "empties",
        Some(_) | None => "drops",
    };
    format!("{verb} {} `{object}`", object.kind())
}

/// Says who notices that a type was made anew.
fn made_anew(object: &Object) -> (String, String) {
    let message = format!("makes the type of {} `{object}` anew: connections that are open know the old one by its number", object.kind());
    let help = "add a value with `ALTER TYPE … ADD VALUE`, and leave one that is not used any more; where that does not do, add a column of a new type beside it";
    (message, help.to_owned())
}

/// Says what is lost of something that the migration makes again empty.
fn emptied(object: &Object, what: &str) -> (String, String) {
    let of = if matches!(object, Object::Table(_)) { "rows" } else { "values" };
    let message = format!("{what} and makes it again without its {of}");
    let help = format!("copy the {of} before the drop, or alter what is there; if nobody needs them, say so with a plan that deprecates it");
    (message, help)
}

/// Says what becomes of the rows of a table that is emptied and filled otherwise.
fn filled(again: Again, what: &str) -> (String, String) {
    let message = if again == Again::Filled {
        format!("{what} and fills it with rows of its own: what releases have written there is lost")
    } else {
        format!("{what}, and nobody can tell whether what follows fills it again")
    };
    let help = "see that no live release needs the rows that go, or say with WHERE which those are";
    (message, help.to_owned())
}

/// Returns a plan that deprecates the object and is older than the migration.
fn covering_plan<'a>(
    evidence: &'a Evidence<'_>,
    object: &Object,
    migration: &HandWrittenMigration,
) -> Option<&'a str> {
    let plans = evidence.context.project.plans.iter();
    let mut older = plans.filter(|plan| plan.stamp.as_str() < migration.version.as_str());
    let deprecates = |change: &Change| {
        matches!((change, object),
            (Change::Deprecate { table, column: None }, Object::Table(gone)) if table == gone)
            || matches!((change, object),
            (Change::Deprecate { table, column: Some(column) }, Object::Column(of, gone))
                if table == of && column == gone)
    };
    let found = older.find(|plan| {
        plan.steps.iter().flat_map(|step| step.changes.iter()).any(deprecates)
    });
    found.map(|plan| plan.name.as_str())
}

/// Says what is missing, and what to do.
fn missing(act: &Act, object: &Object, what: &str) -> (String, String) {
    let preparation = &act.preparation;
    let message = if preparation.is_late {
        format!("{what}, and prepares that in the same migration, which ships at once")
    } else if preparation.is_required && !preparation.by().is_empty() {
        format!("{what}, which writers could not leave out before: it is NOT NULL without a default")
    } else {
        format!("{what}, and no earlier migration prepared it")
    };
    let help = match (act.change(), object) {
        (Some(Change::RenameTable { .. } | Change::RenameColumn { .. }), _) => {
            "add the new name beside the old one, move the data, deploy, and drop the old one in a later migration; or write a plan, which does it in phases"
        }
        (change, _) if act.again.is_some() || matches!(change, Some(Change::SetType { .. })) => {
            "add a column of the new type beside it, keep both in step, deploy, and drop the old one in a later migration; or write a plan, which does it in phases"
        }
        (_, Object::Table(_)) if what.starts_with("empties") => {
            "delete with WHERE the rows that nobody needs; where all go, in an earlier migration move them to what replaces the table and deploy. If nobody needs them, a plan with `deprecate_table` says so"
        }
        (_, Object::Column(..)) => {
            "in an earlier migration move its data to what replaces it, and let writers leave it out (DROP NOT NULL or a default); deploy; then drop it. If nobody needs the data, a plan with `deprecate_column` says so"
        }
        (_, Object::Table(_)) => {
            "in an earlier migration move its rows to what replaces it; deploy; then drop it. If nobody needs them, a plan with `deprecate_table` says so"
        }
        (_, _) => "make what replaces it in an earlier migration, deploy what uses that, then drop it",
    };
    (message, help.to_owned())
}
