//! Working out what plans begin with, on all processors.

use std::sync::Arc;

use super::project::ByHand;
use super::side_by_side;
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::history::{History, schema};
use crate::plan::foundation::Foundation;
use crate::readers;
use crate::source::Sources;

/// Returns what the plans of a dialect begin with, and what it was made of.
#[must_use]
pub fn of_project(
    dialect: Dialect,
    by_hand: &ByHand,
    sources: &Sources,
) -> (Arc<Catalog>, Foundation) {
    match by_hand.histories.get(&dialect) {
        Some(history) => of(dialect, history, sources),
        None => (Arc::new(Catalog::empty(dialect)), Foundation::default()),
    }
}

/// Returns the schema that the hand-written migrations of a dialect leave, and what it was made of.
#[must_use]
pub fn of(dialect: Dialect, history: &History, sources: &Sources) -> (Arc<Catalog>, Foundation) {
    let migrations = schema::in_order(history);
    let scripts = side_by_side::map(&migrations, |migration| {
        let text = sources.get(migration.up.source).map_or("", |file| &file.text);
        readers::parse(dialect, text)
    });
    let migrations: Vec<_> = migrations.into_iter().zip(scripts).collect();
    schema::lay(dialect, None, &migrations, sources)
}
