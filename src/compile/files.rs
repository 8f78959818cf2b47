//! A step's migrations: their versions, their directories, and the text of each file.

use std::sync::Arc;

use super::Checksum;
use super::migration::{CompiledMigration, CompiledStep, MigrationFiles, Part, Work, open_marker};
use super::rendered::{RenderedGroup, RenderedStep, Weighed as _, is_alone};
use crate::dialect::Dialect;
use crate::dialects::{self, NOTHING, Transaction};
use crate::phase::Phase;
use crate::plan::checked::CheckedPlan;
use crate::version::MigrationVersion;

/// Longest name of a migration's directory in bytes; file systems allow 255.
const DIRECTORY_BYTES_MAX: usize = 200;

/// Wraps a step's groups into migrations, each with the next ordinal.
pub(super) fn step(
    dialect: Dialect,
    plan: &CheckedPlan,
    rendered: RenderedStep<'_>,
    gated: bool,
    ordinal: &mut usize,
) -> CompiledStep {
    let step = rendered.step;
    let writer = Writer {
        dialect,
        plan,
        phase: step.phase,
        step: step.key.id.as_str(),
        checksum: Checksum::of_changes(&step.changes),
        gated,
        several: rendered.weight().n_migrations(gated) > 1,
    };
    let mut migrations = Vec::with_capacity(rendered.groups.len());
    let mut next = |migrations: &Vec<CompiledMigration>| {
        *ordinal = ordinal.saturating_add(1);
        (*ordinal, migrations.len().saturating_add(1))
    };
    for group in rendered.groups {
        if gated && is_alone(&group.group.transaction) {
            let place = next(&migrations);
            migrations.push(writer.guard(place));
        }
        let place = next(&migrations);
        migrations.push(writer.migration(group, place));
    }
    CompiledStep {
        key: step.key.clone(),
        phase: step.phase,
        changes: Arc::clone(&step.changes),
        migrations,
        gated,
        checksum: writer.checksum,
    }
}

/// What the files of a step have in common.
struct Writer<'a> {
    dialect: Dialect,
    plan: &'a CheckedPlan,
    phase: Phase,
    step: &'a str,
    checksum: Checksum,
    gated: bool,
    several: bool,
}

impl Writer<'_> {
    /// The guard before a statement that must be alone in its file.
    fn guard(&self, place: (usize, usize)) -> CompiledMigration {
        let version = self.version(place.0);
        CompiledMigration {
            directory: self.directory(&version, place.1),
            work: Work::Guard,
            part: Part::default(),
            up: Vec::new(),
            transaction: Transaction::Shared,
            down: Ok(vec![NOTHING.to_owned()]),
            down_transaction: Transaction::Shared,
            files: MigrationFiles {
                up: self.file(&self.up_guard(&version)),
                down: self.file(&[NOTHING.to_owned()]),
                metadata: self.metadata(true),
            },
            version,
        }
    }

    fn migration(&self, rendered: RenderedGroup, place: (usize, usize)) -> CompiledMigration {
        let RenderedGroup { group, backfill, undo_destroys, part } = rendered;
        let version = self.version(place.0);
        let guard = if self.gated { self.up_guard(&version) } else { Vec::new() };
        let (back, back_guard) = match &group.undo {
            Ok(statements) => {
                let guard = if undo_destroys { self.down_guard(&version) } else { Vec::new() };
                (statements.clone(), guard)
            }
            Err(why) => (self.cannot_revert(why), Vec::new()),
        };
        // What cannot be undone is refused in whatever transaction there is.
        let back_transaction =
            if group.undo.is_ok() { &group.undo_transaction } else { &Transaction::Shared };
        let in_transaction = [&group.transaction, back_transaction]
            .into_iter()
            .all(|transaction| *transaction == Transaction::Shared);
        let files = MigrationFiles {
            up: self.direction(&group.statements, &guard, &group.transaction, in_transaction),
            down: self.direction(&back, &back_guard, back_transaction, in_transaction),
            metadata: self.metadata(in_transaction),
        };
        CompiledMigration {
            directory: self.directory(&version, place.1),
            work: backfill.map_or(Work::Statements, Work::Backfill),
            part,
            up: group.statements,
            transaction: group.transaction,
            down: group.undo,
            down_transaction: group.undo_transaction,
            files,
            version,
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
            Transaction::Shared if in_transaction => self.file(&[guard, statements].concat()),
            Transaction::Shared => {
                self.file(&dialects::in_own_transaction(self.dialect, statements, guard))
            }
            Transaction::ForeignKeysOff => {
                self.file(&dialects::wrap_foreign_keys_off(statements, guard))
            }
            // Nothing may stand beside the statement; its guard is the migration before it.
            Transaction::Alone { .. } => self.file(statements),
        }
    }

    fn version(&self, ordinal: usize) -> MigrationVersion {
        MigrationVersion::compiled(&self.plan.stamp, self.phase, ordinal, self.checksum.as_str())
    }

    fn directory(&self, version: &MigrationVersion, place: usize) -> String {
        let (plan, step) = (plain(self.plan.name.as_str()), plain(self.step));
        let mut name = format!("{version}_{plan}_{}_{step}", self.phase);
        let end = if self.several { format!("_{place}") } else { String::new() };
        name.truncate(DIRECTORY_BYTES_MAX.saturating_sub(end.len()));
        name + &end
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
    fn file(&self, statements: &[String]) -> String {
        let mut head =
            one_line(&format!("-- planner: {}/{}/{}", self.plan.name, self.phase, self.step));
        head.push('\n');
        if let Some(title) = &self.plan.title {
            head.push_str(&one_line(&format!("-- {title}")));
            head.push('\n');
        }
        let parts = statements.iter().flat_map(|statement| [statement, end_of(statement)]);
        std::iter::once(head.as_str()).chain(parts).collect::<Vec<&str>>().concat()
    }

    fn metadata(&self, in_transaction: bool) -> String {
        format!(
            "run_in_transaction = {in_transaction}\n\n[planner]\nplan = {}\nphase = {}\nstep = {}\nchecksum = {}\n",
            toml_text(self.plan.name.as_str()),
            toml_text(self.phase.word()),
            toml_text(self.step),
            toml_text(self.checksum.as_str()),
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
