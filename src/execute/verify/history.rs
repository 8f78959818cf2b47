//! Trying hand-written migrations one after the other: each on empty tables, on tables with a row, undone and done again.
//!
//! There are two databases: one without made-up rows, which is the truth about what each migration leaves, and a copy of it that
//! has rows and is made anew wherever a migration fails there.

use super::base::{Base, Schema};
use super::filled::Filled;
use super::kept::{Rows, with_rows};
use super::report::{Problem, Subject, Treatment, VerifiedMigration};
use super::script::{Mode, Pieces, Ran};
use super::undone::{Around, undone};
use crate::database::DatabaseError;
use crate::execute::event::Observer;

/// What came of all of them.
#[derive(Debug)]
pub(super) struct Walked {
    pub base: Base,
    pub migrations: Vec<VerifiedMigration>,
    pub stopped: bool,
}

/// Runs the migrations in this order on a scratch database, and tries those that are to be tried.
pub(super) fn walk(
    base: Base,
    subjects: &[Subject],
    observer: &dyn Observer,
) -> Result<Walked, DatabaseError> {
    let mut walk = Walk { base, filled: None, before: None, failed: Vec::new() };
    let mut migrations = Vec::new();
    for subject in subjects {
        if observer.stop_requested() {
            return Ok(Walked { base: walk.base, migrations, stopped: true });
        }
        let verified = walk.migration(subject);
        // Somebody who asked to stop in the middle of it has cancelled what ran: it says nothing of the migration.
        if observer.stop_requested() && !verified.as_ref().is_ok_and(VerifiedMigration::holds) {
            return Ok(Walked { base: walk.base, migrations, stopped: true });
        }
        let verified = verified?;
        if subject.treatment == Treatment::Tried || !verified.holds() {
            migrations.push(verified);
        }
    }
    Ok(Walked { base: walk.base, migrations, stopped: false })
}

struct Walk {
    base: Base,
    /// The database with rows, where the last migration was tried too.
    filled: Option<Filled>,
    /// What is there before the next migration.
    before: Option<Schema>,
    /// The directories of those that failed.
    failed: Vec<String>,
}

impl Walk {
    fn migration(&mut self, subject: &Subject) -> Result<VerifiedMigration, DatabaseError> {
        let mut verified = VerifiedMigration {
            version: subject.version.clone(),
            directory: subject.directory.clone(),
            statements: Vec::new(),
            problems: Vec::new(),
            skipped: Vec::new(),
            without_row: Vec::new(),
            without: self.failed.clone(),
        };
        let before = match self.before.take() {
            Some(before) => before,
            None => Schema::read(self.base.fresh()?.1)?,
        };
        let is_tried = subject.treatment == Treatment::Tried;
        let mut filled = match (is_tried, self.filled.take()) {
            (true, Some(filled)) => Some(filled),
            (true, None) => Some(Filled::new(self.base.copy()?)),
            (false, _) => None,
        };
        if let Some(filled) = &mut filled {
            verified.without_row = filled.fill(&before.catalog)?;
        }
        let up = Pieces::cut(&subject.up, &before.catalog);
        let mode = if subject.run_in_transaction { Mode::Transaction } else { Mode::Bare };
        let saved = if up.is_taken_back(subject.run_in_transaction) {
            None
        } else {
            Some(self.base.copy()?)
        };
        let Ran { failed, skipped, .. } = up.run(self.base.fresh()?.1, mode, None)?;
        verified.skipped = skipped;
        if let Some(failed) = failed {
            // The others go on without it.
            verified.problems.push(Problem::Fails(failed));
            self.failed.push(subject.directory.clone());
            if let Some(saved) = saved {
                self.base = saved;
            }
            (self.before, self.filled) = (Some(before), filled);
            return Ok(verified);
        }
        drop(saved);
        let after = Schema::read(self.base.fresh()?.1)?;
        if let Some(mut filled) = filled {
            let (scratch, database) = filled.base.fresh()?;
            let rows = Rows::read(database, &before.catalog, &after.catalog)?;
            let Ran { tried, failed, .. } =
                up.run(database, mode, Some((scratch, &before.catalog)))?;
            verified.statements = tried;
            match failed {
                Some(failed) => verified.problems.push(Problem::FailsOnRows(failed)),
                None => self.filled = Some(filled),
            }
            let around = Around { before: &before, after: &after };
            let problem = undone(&mut self.base, subject, around, &mut verified.skipped)?;
            let is_undone = problem.is_none();
            verified.problems.extend(problem);
            if let (Some(filled), true) = (&mut self.filled, is_undone) {
                verified.problems.extend(with_rows(filled, subject, around, &rows)?);
            }
        }
        self.before = Some(after);
        Ok(verified)
    }
}
