//! Working out what plans begin with, on all processors.

use std::sync::Arc;

use super::project::ByHand;
use super::side_by_side;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::history::{History, Judge, schema};
use crate::plan::foundation::Foundation;
use crate::source::Sources;

/// Returns what the plans of a dialect begin with, and what it was made of.
#[must_use]
pub fn of_project(
    dialect: Dialect,
    by_hand: &ByHand,
    sources: &Sources,
) -> (Arc<Catalog>, Foundation) {
    match by_hand.histories.get(&dialect) {
        Some(history) => of(dialect, history, sources, None),
        None => (Arc::new(Catalog::empty(dialect)), Foundation::default()),
    }
}

/// Returns the schema that the hand-written migrations of a dialect leave, and what it was made of. A judge looks on.
#[must_use]
pub fn of(
    dialect: Dialect,
    history: &History,
    sources: &Sources,
    judge: Option<&mut Judge>,
) -> (Arc<Catalog>, Foundation) {
    let places = schema::in_order(history);
    let scripts = side_by_side::map(&places, |place| place.parsed(dialect, sources));
    let migrations: Vec<_> = places.into_iter().zip(scripts).collect();
    schema::lay(dialect, None, &migrations, sources, judge)
}
