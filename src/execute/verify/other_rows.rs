//! Trying a migration that failed on made-up rows on rows that hold something else: some statements fail on any row, others only
//! on what planner made up.

use super::base::Base;
use super::filled::Filled;
use super::kept::Rows;
use super::report::{Remark, TriedStatement};
use super::script::{Mode, Pieces, Ran};
use crate::catalog::Catalog;
use crate::database::DatabaseError;
use crate::database::error::is_of_values;
use crate::database::made_up::{Kind, Likes};

/// A migration on rows.
#[derive(Debug)]
pub(super) struct OnRows {
    pub filled: Filled,
    /// What they were before it.
    pub rows: Rows,
    pub ran: Ran,
}

/// Runs a migration where tables have rows, and looks at what its statements do.
pub(super) fn on_rows(
    mut filled: Filled,
    up: &Pieces<'_>,
    mode: Mode,
    before: &Catalog,
) -> Result<OnRows, DatabaseError> {
    let (scratch, database) = filled.base.fresh()?;
    let rows = Rows::all(database, before)?;
    let ran = up.run(database, mode, Some((scratch, before)))?;
    filled.note(&up.sql.text);
    Ok(OnRows { filled, rows, ran })
}

/// What came of a migration that failed on rows.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It fails on these rows only, or may.
    Remark(Remark, Option<Box<Ended>>),
    /// It fails on any.
    Fails,
}

/// The rows on which it ran.
#[derive(Debug)]
pub(super) struct Ended {
    pub filled: Filled,
    pub rows: Rows,
    pub tried: Vec<TriedStatement>,
}

/// Tries a migration that failed on other rows, in copies of the database as it was before it.
pub(super) fn judge(
    saved: &mut Base,
    failed: &OnRows,
    up: &Pieces<'_>,
    mode: Mode,
    (before, after): (&Catalog, &Catalog),
) -> Result<Verdict, DatabaseError> {
    let Some(told) = &failed.ran.failed else { return Ok(Verdict::Fails) };
    let asked = &failed.ran.asked;
    if asked.is_of_any_row(&told.reason) {
        return Ok(Verdict::Fails);
    }
    let row = asked.table.as_ref().and_then(|table| failed.rows.told(table));
    let remark = |runs_on_others| Remark {
        failed: told.clone(),
        row: row.clone(),
        is_down: false,
        runs_on_others,
    };
    let suiting = Likes::suiting(before, after, &up.sql.text);
    let others = Kind::OTHERS.into_iter().map(|kind| suiting.of_kind(kind));
    for likes in std::iter::once(suiting.clone()).chain(others) {
        let mut filled = Filled::new(saved.copy()?, likes);
        filled.fill(before)?;
        if !filled.is_as_full_as(&failed.filled) {
            continue;
        }
        let OnRows { filled, rows, ran } = on_rows(filled, up, mode, before)?;
        if ran.failed.is_none() {
            let ended = Ended { filled, rows, tried: ran.tried };
            return Ok(Verdict::Remark(remark(true), Some(Box::new(ended))));
        }
    }
    if is_of_values(&told.reason, &told.place.sql) {
        return Ok(Verdict::Remark(remark(false), None));
    }
    Ok(Verdict::Fails)
}
