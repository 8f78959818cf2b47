//! The question to the catalog, or to the data, that tells whether a change holds.

mod told;

pub use told::told_by;

use crate::catalog::Catalog;
use crate::name::{Name, ObjectName};

/// A question with a yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A table with this name exists.
    Table(ObjectName),
    /// The table has this column.
    Column(ObjectName, Name),
    /// The column's default is there (`true`) or not.
    Default(ObjectName, Name, bool),
    /// The column may (`true`) or may not be NULL.
    Nullable(ObjectName, Name, bool),
    /// The table has a validated constraint with this name.
    Constraint(ObjectName, Name),
    /// The table has a valid index with this name.
    ValidIndex(ObjectName, Name),
    /// The table has an index with this name, valid or not.
    Index(ObjectName, Name),
    /// The enum type exists and has this value, if one is named.
    Enum(ObjectName, Option<String>),
    /// The view exists.
    View(ObjectName),
    /// The table has this trigger.
    Trigger(ObjectName, Name),
    /// A query that returns one true value.
    Query(String),
    /// The opposite.
    Not(Box<Self>),
    /// All of them; true if there is none.
    All(Vec<Self>),
}

impl Probe {
    /// Returns whether it says of anything that it was not done: there is nothing to look for.
    #[must_use]
    pub fn never_holds(&self) -> bool {
        matches!(self, Self::Not(probe) if matches!(&**probe, Self::All(all) if all.is_empty()))
    }

    /// Answers from a catalog; `None` if the answer is only in the data.
    #[must_use]
    pub fn holds(&self, catalog: &Catalog) -> Option<bool> {
        let table = |name: &ObjectName| catalog.table(name);
        let answer = match self {
            Self::Table(name) => table(name).is_some(),
            Self::Column(name, column) => catalog.column(name, column).is_some(),
            Self::Default(name, column, there) => {
                catalog.column(name, column).is_some_and(|c| c.default.is_some() == *there)
            }
            Self::Nullable(name, column, nullable) => {
                catalog.column(name, column).is_some_and(|c| c.nullable == *nullable)
            }
            Self::Constraint(name, constraint) => table(name).is_some_and(|table| {
                let unvalidated =
                    table.checks.iter().any(|c| c.name == *constraint && !c.validated)
                        || table.foreign_keys.iter().any(|k| k.name == *constraint && !k.validated);
                table.constraint_names().any(|name| name == constraint) && !unvalidated
            }),
            Self::ValidIndex(name, index) => {
                table(name).and_then(|t| t.indexes.get(index)).is_some_and(|index| index.valid)
            }
            Self::Index(name, index) => table(name).is_some_and(|t| t.indexes.contains_key(index)),
            Self::Enum(name, value) => catalog
                .enums
                .get(name)
                .is_some_and(|of| value.as_ref().is_none_or(|value| of.values.contains(value))),
            Self::View(name) => catalog.views.contains_key(name),
            Self::Trigger(name, trigger) => {
                table(name).is_some_and(|t| t.triggers.contains_key(trigger))
            }
            Self::Query(_) => return None,
            Self::Not(probe) => !probe.holds(catalog)?,
            Self::All(probes) => {
                let answers: Option<Vec<bool>> = probes.iter().map(|p| p.holds(catalog)).collect();
                answers?.into_iter().all(|holds| holds)
            }
        };
        Some(answer)
    }
}
