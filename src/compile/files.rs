//! A step's migrations: their versions, their directories, and the text of each file.

use std::sync::Arc;

use super::Checksum;
use super::migration::{CompiledMigration, CompiledStep, MigrationFiles, Part, Work, open_marker};
use super::rendered::{RenderedGroup, RenderedStep, Weighed as _, WeighedStep, is_alone};
use crate::dialect::Dialect;
use crate::dialects::{self, NOTHING, Transaction};
use crate::phase::Phase;
use crate::plan::checked::{CheckedPlan, CheckedStep};
use crate::version::MigrationVersion;

/// Longest name of a migration's directory in bytes; file systems allow 255.
const DIRECTORY_BYTES_MAX: usize = 200;

/// Wraps a step's groups into migrations, each with the next ordinal.
pub(super) fn step(
    plan: &CheckedPlan,
    rendered: RenderedStep<'_>,
    gated: bool,
    ordinal: &mut usize,
) -> CompiledStep {
    let step = rendered.step;
    let checksum = Checksum::of_step(step);
    let several = rendered.weight().n_migrations(gated) > 1;
    let mut migrations = Vec::with_capacity(rendered.groups.len());
    let mut next = |place: usize| {
        *ordinal = ordinal.saturating_add(1);
        let version =
            MigrationVersion::compiled(&plan.stamp, step.phase, *ordinal, checksum.as_str());
        let directory = directory(&version, plan, step, several.then_some(place));
        (version, directory)
    };
    for rendered in rendered.groups {
        if gated && is_alone(&rendered.group.transaction) {
            migrations.push(guard(next(migrations.len() + 1)));
        }
        migrations.push(migration(next(migrations.len() + 1), rendered));
    }
    compiled(step, checksum, migrations, gated)
}

/// As [`step`], without the statements.
pub(super) fn outline(
    plan: &CheckedPlan,
    weighed: &WeighedStep<'_>,
    gated: bool,
    ordinal: &mut usize,
) -> CompiledStep {
    let step = weighed.step;
    let checksum = Checksum::of_step(step);
    let mut migrations = Vec::with_capacity(weighed.weight().n_migrations(gated));
    let mut add = |part| {
        *ordinal = ordinal.saturating_add(1);
        let version =
            MigrationVersion::compiled(&plan.stamp, step.phase, *ordinal, checksum.as_str());
        migrations.push(CompiledMigration { part, ..CompiledMigration::outline(version) });
    };
    for (part, is_alone) in &weighed.groups {
        if gated && *is_alone {
            add(Part::default());
        }
        add(*part);
    }
    compiled(step, checksum, migrations, gated)
}

fn compiled(
    step: &CheckedStep,
    checksum: Checksum,
    migrations: Vec<CompiledMigration>,
    gated: bool,
) -> CompiledStep {
    CompiledStep {
        key: step.key.clone(),
        phase: step.phase,
        changes: Arc::clone(&step.changes),
        migrations,
        gated,
        checksum,
    }
}

/// The guard before a statement that must be alone in its file.
fn guard((version, directory): (MigrationVersion, String)) -> CompiledMigration {
    CompiledMigration {
        version,
        directory,
        work: Work::Guard,
        part: Part::default(),
        up: Vec::new(),
        transaction: Transaction::Shared,
        down: Ok(vec![NOTHING.to_owned()]),
        down_transaction: Transaction::Shared,
        down_destroys: false,
    }
}

fn migration(
    (version, directory): (MigrationVersion, String),
    rendered: RenderedGroup,
) -> CompiledMigration {
    let RenderedGroup { group, work, undo_destroys, part } = rendered;
    CompiledMigration {
        version,
        directory,
        work,
        part,
        up: group.statements,
        transaction: group.transaction,
        down: group.undo,
        down_transaction: group.undo_transaction,
        down_destroys: undo_destroys,
    }
}

fn directory(
    version: &MigrationVersion,
    plan: &CheckedPlan,
    step: &CheckedStep,
    place: Option<usize>,
) -> String {
    let (plan, id) = (plain(plan.name.as_str()), plain(step.key.id.as_str()));
    let mut name = format!("{version}_{plan}_{}_{id}", step.phase);
    let end = place.map(|place| format!("_{place}")).unwrap_or_default();
    name.truncate(DIRECTORY_BYTES_MAX.saturating_sub(end.len()));
    name + &end
}

/// Returns the texts of a migration's files.
pub(super) fn of(
    dialect: Dialect,
    plan: &CheckedPlan,
    step: &CompiledStep,
    migration: &CompiledMigration,
) -> MigrationFiles {
    let id = step.key.id.as_str();
    let writer =
        Writer { dialect, plan, phase: step.phase, step: id, checksum: step.checksum.as_str() };
    writer.files(migration, step.gated)
}

/// What the files of a step have in common.
struct Writer<'a> {
    dialect: Dialect,
    plan: &'a CheckedPlan,
    phase: Phase,
    step: &'a str,
    checksum: &'a str,
}

impl Writer<'_> {
    fn files(&self, migration: &CompiledMigration, gated: bool) -> MigrationFiles {
        let CompiledMigration { version, transaction, .. } = migration;
        let guard = if gated { self.up_guard(version) } else { Vec::new() };
        if migration.work == Work::Guard {
            return MigrationFiles {
                up: self.file(&guard, &[]),
                down: self.file(&[NOTHING.to_owned()], &[]),
                metadata: self.metadata(true),
            };
        }
        // What cannot be undone is refused in whatever transaction there is.
        let (refusal, back_guard);
        let (back, back_transaction): (&[String], _) = match &migration.down {
            Ok(statements) => {
                back_guard =
                    if migration.down_destroys { self.down_guard(version) } else { Vec::new() };
                (statements, &migration.down_transaction)
            }
            Err(why) => {
                (refusal, back_guard) = (self.cannot_revert(why), Vec::new());
                (&refusal, &Transaction::Shared)
            }
        };
        let in_transaction = [transaction, back_transaction]
            .into_iter()
            .all(|transaction| *transaction == Transaction::Shared);
        MigrationFiles {
            up: self.direction(&migration.up, &guard, transaction, in_transaction),
            down: self.direction(back, &back_guard, back_transaction, in_transaction),
            metadata: self.metadata(in_transaction),
        }
    }

    /// One direction's file: the statements, their guard, and the transaction that Diesel does not open.
    fn direction(
        &self,
        statements: &[String],
        guard: &[String],
        transaction: &Transaction,
        in_transaction: bool,
    ) -> String {
        match transaction {
            Transaction::Shared if in_transaction => self.file(guard, statements),
            Transaction::Shared => {
                self.file(&dialects::in_own_transaction(self.dialect, statements, guard), &[])
            }
            Transaction::ForeignKeysOff => {
                self.file(&dialects::wrap_foreign_keys_off(statements, guard), &[])
            }
            // Nothing may stand beside the statement; its guard is the migration before it.
            Transaction::Alone { .. } => self.file(statements, &[]),
        }
    }

    fn up_guard(&self, version: &MigrationVersion) -> Vec<String> {
        let message = format!(
            "planner: {}/{} is not open; `planner next-phase` says what it waits for",
            self.plan.name, self.phase
        );
        dialects::guard(self.dialect, &open_marker(version), &message)
    }

    fn down_guard(&self, version: &MigrationVersion) -> Vec<String> {
        let message = format!(
            "planner: reverting {}/{}/{} destroys data; use `planner revert`",
            self.plan.name, self.phase, self.step
        );
        dialects::guard(self.dialect, &open_marker(version), &message)
    }

    fn cannot_revert(&self, why: &str) -> Vec<String> {
        let message = format!(
            "planner: {}/{}/{} cannot be reverted: {why}",
            self.plan.name, self.phase, self.step
        );
        dialects::fail(self.dialect, &message)
    }

    /// The header and the statements, each ended. Never empty.
    fn file(&self, first: &[String], then: &[String]) -> String {
        let mut head =
            one_line(&format!("-- planner: {}/{}/{}", self.plan.name, self.phase, self.step));
        head.push('\n');
        if let Some(title) = &self.plan.title {
            head.push_str(&one_line(&format!("-- {title}")));
            head.push('\n');
        }
        let parts = first.iter().chain(then).flat_map(|statement| [statement, end_of(statement)]);
        std::iter::once(head.as_str()).chain(parts).collect::<Vec<&str>>().concat()
    }

    fn metadata(&self, in_transaction: bool) -> String {
        format!(
            "run_in_transaction = {in_transaction}\n\n[planner]\nplan = {}\nphase = {}\nstep = {}\nchecksum = {}\n",
            toml_text(self.plan.name.as_str()),
            toml_text(self.phase.word()),
            toml_text(self.step),
            toml_text(self.checksum),
        )
    }
}

/// What ends a statement: on a line of its own where the statement may end with a comment.
fn end_of(statement: &str) -> &'static str {
    let last = statement.lines().next_back().unwrap_or_default();
    if last.contains("--") { "\n;\n" } else { ";\n" }
}

/// Returns a text without line breaks and other control characters.
pub(super) fn one_line(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    text.trim_end().to_owned()
}

/// Reduces a name to `[a-z0-9_]`.
fn plain(name: &str) -> String {
    let reduced = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(reduced).collect()
}

/// Writes a TOML basic string. JSON's escapes are TOML's, but for one control character that JSON leaves alone.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_letters_becomes_a_plain_one() {
        assert_eq!(plain("Größe-2 x"), "gr__e_2_x");
    }

    #[test]
    fn a_text_cannot_leave_its_toml_string_or_its_comment() {
        assert_eq!(toml_text("a\"b\\c\nd\u{7f}"), "\"a\\\"b\\\\c\\nd\\u007f\"");
        assert_eq!(one_line("-- two\nlines\r\n"), "-- two lines");
    }

    #[test]
    fn a_comment_at_the_end_of_a_statement_does_not_swallow_its_end() {
        assert_eq!(end_of("x -- why"), "\n;\n");
        assert_eq!(end_of("-- why\nx"), ";\n");
    }
}
