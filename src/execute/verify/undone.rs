//! Undoing a hand-written migration and doing it again, and what its `down.sql` leaves.

use super::base::{Base, Schema};
use super::report::{Problem, Subject};
use super::script::{Mode, Pieces, Ran};
use crate::database::connection::LiveDatabase;
use crate::database::{Database as _, DatabaseError};
use crate::dialect::Dialect;

/// What is there before a migration and after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    pub before: &'a Schema,
    pub after: &'a Schema,
}

/// Undoes a migration that has just run, and does it again; nothing of it is left.
pub(super) fn undone(
    base: &mut Base,
    subject: &Subject,
    around: Around<'_>,
    skipped: &mut Vec<super::report::Failed>,
) -> Result<Option<Problem>, DatabaseError> {
    let up = Pieces::cut(&subject.up, &around.before.catalog);
    let down = subject.down.as_ref().map(|down| Pieces::cut(down, &around.after.catalog));
    let Some(down) = down.filter(|down| !down.all.is_empty()) else {
        let left = around.before.differences(around.after);
        let is_fine = left.is_empty() || subject.irreversible;
        return Ok((!is_fine).then_some(Problem::NoWayBack(left)));
    };
    let trial = Trial { up: &up, down: &down, around };
    let is_plain = around.before.catalog.dialect == Dialect::Postgres
        && [&up, &down].into_iter().all(|of| of.is_taken_back(subject.run_in_transaction));
    if is_plain {
        let (_, database) = base.fresh()?;
        database.begin()?;
        let tried = trial.run(database, Mode::Open, skipped);
        database.roll_back()?;
        match tried? {
            // What is not yet committed may be in its own way, so that this is no proof.
            Some(Problem::FailsAgain(_) | Problem::DiffersAgain(_)) => skipped.clear(),
            problem => return Ok(problem),
        }
    }
    let mode = if subject.run_in_transaction { Mode::Transaction } else { Mode::Bare };
    let mut copy = base.copy()?;
    let (_, database) = copy.fresh()?;
    trial.run(database, mode, skipped)
}

struct Trial<'a> {
    up: &'a Pieces<'a>,
    down: &'a Pieces<'a>,
    around: Around<'a>,
}

impl Trial<'_> {
    fn run(
        &self,
        database: &mut LiveDatabase,
        mode: Mode,
        skipped: &mut Vec<super::report::Failed>,
    ) -> Result<Option<Problem>, DatabaseError> {
        let Ran { failed, skipped: left_out, .. } = self.down.run(database, mode, None)?;
        skipped.extend(left_out);
        if let Some(failed) = failed {
            return Ok(Some(Problem::DownFails(failed)));
        }
        let left = self.around.before.differences(&Schema::read(database)?);
        let again = self.up.run(database, mode, None)?.failed;
        if !left.is_empty() {
            return Ok(Some(Problem::NotUndone(left, again)));
        }
        if let Some(failed) = again {
            return Ok(Some(Problem::FailsAgain(failed)));
        }
        let differs = self.around.after.differences(&Schema::read(database)?);
        Ok((!differs.is_empty()).then_some(Problem::DiffersAgain(differs)))
    }
}
