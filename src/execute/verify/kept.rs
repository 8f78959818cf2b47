//! Undoing a hand-written migration where tables have rows, and doing it again: what was there before must still be there.

use std::collections::BTreeMap;

use super::base::Schema;
use super::filled::Filled;
use super::report::{Problem, Remark, Subject};
use super::script::{Mode, Pieces, Ran};
use super::undone::Around;
use crate::catalog::{Catalog, Column};
use crate::database::connection::LiveDatabase;
use crate::database::error::is_of_values;
use crate::database::{Database as _, DatabaseError};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// The rows of the tables that are there before a migration and after it, in the columns that are there both times.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows(BTreeMap<ObjectName, Table>);

#[derive(Clone, Debug)]
struct Table {
    columns: Vec<Kept>,
    rows: Vec<Vec<Option<String>>>,
}

/// A column that a migration leaves where it is.
#[derive(Clone, Debug)]
struct Kept {
    name: Name,
    /// Whether its values are written alike before and after, and never change by themselves.
    is_alike: bool,
}

impl Rows {
    /// Reads them.
    pub(super) fn read(
        database: &mut LiveDatabase,
        before: &Catalog,
        after: &Catalog,
    ) -> Result<Self, DatabaseError> {
        let mut all = BTreeMap::new();
        for (name, table) in &before.tables {
            let Some(later) = after.table(name) else { continue };
            let kept = |column: &Column| {
                let later = later.column(&column.name)?;
                let is_alike = later.sql_type == column.sql_type && !is_moment(&column.sql_type.0);
                Some(Kept { name: column.name.clone(), is_alike })
            };
            let columns: Vec<Kept> = table.columns.iter().filter_map(kept).collect();
            if columns.is_empty() {
                continue;
            }
            let names: Vec<&Name> = columns.iter().map(|column| &column.name).collect();
            let rows = database.rows_of(name, &names)?;
            all.insert(name.clone(), Table { columns, rows });
        }
        Ok(Self(all))
    }

    /// Reads those that are there before a migration, of which nobody knows yet what it leaves where it is.
    pub(super) fn all(
        database: &mut LiveDatabase,
        before: &Catalog,
    ) -> Result<Self, DatabaseError> {
        Self::read(database, before, before)
    }

    /// Leaves only the columns that are there after the migration too.
    #[must_use]
    pub(super) fn kept_in(mut self, before: &Catalog, after: &Catalog) -> Self {
        self.0.retain(|name, table| {
            let (Some(earlier), Some(later)) = (before.table(name), after.table(name)) else {
                return false;
            };
            let all = std::mem::take(&mut table.columns);
            let mut stays = Vec::new();
            for mut kept in all {
                let column = later.column(&kept.name);
                stays.push(column.is_some());
                if let Some(column) = column {
                    let was = earlier.column(&kept.name);
                    kept.is_alike &= was.is_some_and(|was| was.sql_type == column.sql_type);
                    table.columns.push(kept);
                }
            }
            for row in &mut table.rows {
                let mut at = stays.iter();
                row.retain(|_| at.next().copied().unwrap_or(false));
            }
            !table.columns.is_empty()
        });
        self
    }

    /// Says what the first row of a table has, in the columns with a value.
    pub(super) fn told(&self, name: &ObjectName) -> Option<String> {
        let table = self.0.get(name)?;
        let row = table.rows.first()?;
        let has = |(column, value): (&Kept, &Option<String>)| {
            Some(format!("{} = {}", column.name, value.as_deref()?))
        };
        let told: Vec<String> = table.columns.iter().zip(row).filter_map(has).collect();
        Some(format!("`{name}` has the row ({})", told.join(", ")))
    }

    /// Returns what is lost of these rows and those that a migration left, where it was undone.
    fn lost(&self, done: &Self, undone: &Self) -> Vec<String> {
        let mut lost = Vec::new();
        for (name, left) in &undone.0 {
            let (Some(before), Some(after)) = (self.0.get(name), done.0.get(name)) else {
                continue;
            };
            let least = before.rows.len().min(after.rows.len());
            if left.rows.len() < least {
                let n = left.rows.len();
                lost.push(format!("table `{name}`: {n} of {least} rows are left"));
                continue;
            }
            for (at, column) in left.columns.iter().enumerate() {
                let [was, then, is] = [before, after, left].map(|table| values(table, at));
                let n_least = n_values(&was).min(n_values(&then));
                let path = format!("column `{name}.{}`", column.name);
                if n_values(&is) < n_least {
                    lost.push(format!("{path}: it had a value, and has none"));
                } else if column.is_alike && is.len() == least && is != was && is != then {
                    lost.push(format!(
                        "{path}: it has another value than before and than after `up.sql`"
                    ));
                }
            }
        }
        lost
    }
}

/// Returns the values of a column in order.
fn values(table: &Table, at: usize) -> Vec<Option<&str>> {
    let mut values: Vec<Option<&str>> =
        table.rows.iter().map(|row| row.get(at).and_then(Option::as_deref)).collect();
    values.sort_unstable();
    values
}

fn n_values(values: &[Option<&str>]) -> usize {
    values.iter().flatten().count()
}

/// Returns whether values of a type are moments, which triggers set to now.
fn is_moment(sql_type: &str) -> bool {
    let lower = sql_type.to_ascii_lowercase();
    lower.contains("time") || lower.contains("date")
}

/// What came of the way back where tables have rows.
#[derive(Clone, Debug)]
pub(super) enum Back {
    /// This is wrong with it.
    Wrong(Problem),
    /// It failed on what planner made up.
    Said(Remark),
}

/// Undoes a migration that has just run on tables with rows, which were those, and does it again; nothing of it is left.
pub(super) fn with_rows(
    filled: &mut Filled,
    subject: &Subject,
    around: Around<'_>,
    rows: &Rows,
) -> Result<Option<Back>, DatabaseError> {
    let Some(down) = &subject.down else { return Ok(None) };
    let up = Pieces::cut(&subject.up, &around.before.catalog);
    let down = Pieces::cut(down, &around.after.catalog);
    if down.all.is_empty() {
        return Ok(None);
    }
    filled.fill(&around.after.catalog)?;
    let trial = Trial { up: &up, down: &down, around, rows };
    let is_plain = around.before.catalog.dialect == Dialect::Postgres
        && [&up, &down].into_iter().all(|of| of.is_taken_back(subject.run_in_transaction));
    if is_plain {
        let (_, database) = filled.base.fresh()?;
        database.begin()?;
        let tried = trial.run(database, Mode::Open);
        database.roll_back()?;
        match tried? {
            // What is not yet committed may be in its own way, so that this is no proof.
            Some(Back::Wrong(Problem::FailsAgain(_))) => {}
            said => return Ok(said),
        }
    }
    let mode = if subject.run_in_transaction { Mode::Transaction } else { Mode::Bare };
    let mut copy = filled.base.copy()?;
    let (_, database) = copy.fresh()?;
    trial.run(database, mode)
}

struct Trial<'a> {
    up: &'a Pieces<'a>,
    down: &'a Pieces<'a>,
    around: Around<'a>,
    rows: &'a Rows,
}

impl Trial<'_> {
    fn run(&self, database: &mut LiveDatabase, mode: Mode) -> Result<Option<Back>, DatabaseError> {
        let (Schema { catalog: before, .. }, Schema { catalog: after, .. }) =
            (self.around.before, self.around.after);
        let done = Rows::read(database, before, after)?;
        let Ran { failed, asked, .. } = self.down.run(database, mode, None)?;
        if let Some(failed) = failed {
            if asked.is_of_any_row(&failed.reason)
                || !is_of_values(&failed.reason, &failed.place.sql)
            {
                return Ok(Some(Back::Wrong(Problem::DownFailsOnRows(failed))));
            }
            let row = asked.table.and_then(|table| done.told(&table));
            let remark = Remark { failed, row, is_down: true, runs_on_others: false };
            return Ok(Some(Back::Said(remark)));
        }
        let lost = self.rows.lost(&done, &Rows::read(database, before, after)?);
        if !lost.is_empty() {
            return Ok(Some(Back::Wrong(Problem::RowsLost(lost))));
        }
        let again = self.up.run(database, mode, None)?.failed;
        Ok(again.map(|failed| Back::Wrong(Problem::FailsAgain(failed))))
    }
}
