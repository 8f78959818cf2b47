//! A scratch database that can be copied, and what is in one.

use super::moments::without_moments;
use crate::catalog::diff::{Difference, NOT_VALIDATED, diff};
use crate::catalog::{Catalog, SqlExpression};
use crate::database::connection::LiveDatabase;
use crate::database::inventory::{COUNTING, Inventory};
use crate::database::scratch::Scratch;
use crate::database::{Database as _, DatabaseError};
use crate::expressions::same_expression;

/// A scratch database and the connection to it.
#[derive(Debug)]
pub(super) struct Base {
    // Before the database that it leads to: fields are dropped in this order.
    connection: Option<LiveDatabase>,
    scratch: Scratch,
}

impl Base {
    pub(super) const fn new(scratch: Scratch) -> Self {
        Self { connection: None, scratch }
    }

    /// Opens it with a connection that knows nothing of what ran before.
    pub(super) fn fresh(&mut self) -> Result<(&Scratch, &mut LiveDatabase), DatabaseError> {
        self.connection = None;
        let connection = self.scratch.open()?;
        Ok((&self.scratch, self.connection.insert(connection)))
    }

    /// Returns a copy.
    pub(super) fn copy(&mut self) -> Result<Self, DatabaseError> {
        self.connection = None;
        Ok(Self::new(self.scratch.copy()?))
    }

    /// Gives the database away.
    pub(super) fn into_scratch(self) -> Scratch {
        self.scratch
    }
}

/// All that is in a database but its rows.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub catalog: Catalog,
    inventory: Inventory,
    /// The days around the one on which it was read, as the server writes them.
    days: Vec<String>,
}

impl Schema {
    pub(super) fn read(database: &mut LiveDatabase) -> Result<Self, DatabaseError> {
        let days = database.days_around()?;
        Ok(Self { catalog: database.catalog()?, inventory: database.inventory()?, days })
    }

    /// Returns where another schema differs from this one.
    pub(super) fn differences(&self, found: &Self) -> Vec<Difference> {
        let dialect = self.catalog.dialect;
        let plain =
            |of: &SqlExpression| SqlExpression::new(without_moments(of.as_str(), &self.days));
        let same = |one: &SqlExpression, other: &SqlExpression| {
            same_expression(dialect, one, other)
                || same_expression(dialect, &plain(one), &plain(other))
        };
        let mut all = diff(&self.catalog, &found.catalog, &same);
        // That its rows were found to satisfy a constraint is nobody's harm.
        all.retain(|of| match (&of.expected, &of.found) {
            (Some(expected), Some(found)) => {
                expected.strip_suffix(NOT_VALIDATED) != Some(found.as_str())
            }
            (Some(_), None) | (None, _) => true,
        });
        let is_same = |one: &str, other: &str| {
            one == other || without_moments(one, &self.days) == without_moments(other, &self.days)
        };
        let (expected, found) = (&self.inventory, &found.inventory);
        let there = || Some("there before".to_owned());
        for (object, definition) in expected {
            let is = match found.get(object) {
                Some(other) if is_same(other, definition) => continue,
                Some(_) => Some("another one".to_owned()),
                None if object.starts_with(COUNTING) => continue,
                None => None,
            };
            all.push(Difference { object: object.clone(), expected: there(), found: is });
        }
        let is_new =
            |object: &&String| !expected.contains_key(*object) && !object.starts_with(COUNTING);
        for object in found.keys().filter(is_new) {
            let is = Some("left behind".to_owned());
            all.push(Difference { object: object.clone(), expected: None, found: is });
        }
        all
    }
}
