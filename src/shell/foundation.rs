//! Working out what plans begin with, on all processors.

use std::sync::Arc;

use super::project::ByHand;
use super::side_by_side;
use crate::catalog::Catalog;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::history::{History, Judge, Origin, schema};
use crate::plan::foundation::Foundation;
use crate::source::Sources;

/// Returns what the plans of a dialect begin with, and what it was made of. A judge looks on; what is wrong with the baseline is
/// put into the sink.
#[must_use]
pub fn of(
    dialect: Dialect,
    history: &History,
    sources: &Sources,
    judge: Option<&mut Judge>,
    sink: &mut Sink,
) -> (Arc<Catalog>, Foundation) {
    let baseline = history.baseline.as_ref();
    let base = baseline.and_then(|baseline| baseline.catalog(dialect, sources, sink));
    let places = schema::in_order(history);
    let mut laying = schema::Laying::on(dialect, base, judge);
    side_by_side::ahead(
        &places,
        |place| place.parsed_ahead(dialect, sources),
        |place, script| laying.lay(*place, &script, sources),
    );
    let (start, mut foundation) = laying.done();
    foundation.base_is_of_schema_rs =
        baseline.is_some_and(|baseline| baseline.header.origin == Origin::SchemaRs);
    foundation.covered.clone_from(&history.baselined);
    (start, foundation)
}

impl ByHand {
    /// As [`of`], for a dialect of the project.
    #[must_use]
    pub fn foundation(
        &self,
        dialect: Dialect,
        sources: &Sources,
        sink: &mut Sink,
    ) -> (Arc<Catalog>, Foundation) {
        match self.histories.get(&dialect) {
            Some(history) => of(dialect, history, sources, None, sink),
            None => (Arc::new(Catalog::empty(dialect)), Foundation::default()),
        }
    }
}
