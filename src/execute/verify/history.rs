//! Trying hand-written migrations one after the other: each on empty tables, on tables with a row, undone and done again.
//!
//! There are two databases: one without made-up rows, which is the truth about what each migration leaves, and a copy of it that
//! has rows and is made anew wherever a migration fails there.

use super::base::{Base, Schema};
use super::filled::Filled;
use super::kept::{Back, Rows, with_rows};
use super::other_rows::{OnRows, Verdict, judge, on_rows};
use super::report::{Problem, Subject, Treatment, VerifiedMigration};
use super::script::{Mode, Pieces, Ran};
use super::undone::{Around, undone};
use crate::catalog::Catalog;
use crate::database::DatabaseError;
use crate::database::made_up::Likes;
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
            remarks: Vec::new(),
            skipped: Vec::new(),
            without_row: Vec::new(),
            without: self.failed.clone(),
        };
        let before = match self.before.take() {
            Some(before) => before,
            None => Schema::read(self.base.fresh()?.1)?,
        };
        let up = Pieces::cut(&subject.up, &before.catalog);
        let mode = if subject.run_in_transaction { Mode::Transaction } else { Mode::Bare };
        // On rows first: what fails there is tried again on other rows, beside what was there before it.
        let on_rows = match subject.treatment {
            Treatment::Tried => {
                let mut filled = match self.filled.take() {
                    Some(filled) => filled,
                    None => Filled::new(self.base.copy()?, Likes::default()),
                };
                verified.without_row = filled.fill(&before.catalog)?;
                Some(on_rows(filled, &up, mode, &before.catalog)?)
            }
            Treatment::Run => None,
        };
        let is_taken_back = up.is_taken_back(subject.run_in_transaction);
        let has_failed = on_rows.as_ref().is_some_and(|of| of.ran.failed.is_some());
        let saved = if is_taken_back && !has_failed { None } else { Some(self.base.copy()?) };
        let Ran { failed, skipped, .. } = up.run(self.base.fresh()?.1, mode, None)?;
        verified.skipped = skipped;
        if let Some(failed) = failed {
            // The others go on without it.
            verified.problems.push(Problem::Fails(failed));
            self.failed.push(subject.directory.clone());
            if let Some(saved) = saved {
                self.base = saved;
            }
            self.before = Some(before);
            self.filled =
                on_rows.filter(|_| is_taken_back && has_failed).map(|on_rows| on_rows.filled);
            return Ok(verified);
        }
        let after = Schema::read(self.base.fresh()?.1)?;
        let around = Around { before: &before, after: &after };
        if let Some(on_rows) = on_rows {
            let catalogs = (&before.catalog, &after.catalog);
            let rows = self.take(on_rows, saved, &up, mode, catalogs, &mut verified)?;
            self.back(subject, around, &rows, &mut verified)?;
        }
        self.before = Some(after);
        Ok(verified)
    }

    /// Takes what came of it on rows, and on others where it failed on these; returns the rows that were there before.
    fn take(
        &mut self,
        on_rows: OnRows,
        saved: Option<Base>,
        up: &Pieces<'_>,
        mode: Mode,
        (before, after): (&Catalog, &Catalog),
        verified: &mut VerifiedMigration,
    ) -> Result<Rows, DatabaseError> {
        let (Some(failed), Some(mut saved)) = (&on_rows.ran.failed, saved) else {
            verified.statements = on_rows.ran.tried;
            self.filled = Some(on_rows.filled);
            return Ok(on_rows.rows.kept_in(before, after));
        };
        match judge(&mut saved, &on_rows, up, mode, (before, after))? {
            Verdict::Fails => verified.problems.push(Problem::FailsOnRows(failed.clone())),
            Verdict::Remark(remark, ended) => {
                verified.remarks.push(remark);
                if let Some(ended) = ended {
                    verified.statements = ended.tried;
                    self.filled = Some(ended.filled);
                    return Ok(ended.rows.kept_in(before, after));
                }
            }
        }
        verified.statements = on_rows.ran.tried;
        Ok(Rows::default())
    }

    /// Undoes it, on empty tables and where there are rows.
    fn back(
        &mut self,
        subject: &Subject,
        around: Around<'_>,
        rows: &Rows,
        verified: &mut VerifiedMigration,
    ) -> Result<(), DatabaseError> {
        let problem = undone(&mut self.base, subject, around, &mut verified.skipped)?;
        let is_undone = problem.is_none();
        verified.problems.extend(problem);
        if let (Some(filled), true) = (&mut self.filled, is_undone) {
            match with_rows(filled, subject, around, rows)? {
                Some(Back::Wrong(problem)) => verified.problems.push(problem),
                Some(Back::Said(remark)) => verified.remarks.push(remark),
                None => {}
            }
        }
        Ok(())
    }
}
