//! Plans as written into plans whose every name is known.

use std::sync::Arc;

use super::authored::AuthoredPlan;
use super::checked::CheckedProject;
use crate::catalog::Catalog;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;

/// Lowers all plans, in version order, each step against the catalog as it stands before it.
///
/// `start` is the catalog before the first plan: empty, or that of a baseline. Steps that do not fit are
/// reported and left out, so that later ones are still checked; what a left-out step would have created is then
/// not reported as unknown again.
pub fn check(
    plans: Vec<AuthoredPlan>,
    dialect: Dialect,
    start: Arc<Catalog>,
    sink: &mut Sink,
) -> CheckedProject {
    let _ = (plans, dialect, start, sink);
    todo!()
}
