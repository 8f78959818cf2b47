//! Rows of seed data, a statement each.

use super::acts::Act;
use crate::catalog::ObjectKind;
use crate::change::{Change, Verb};

/// Returns whether an act writes into the table that the one before it writes into, in the same way: of rows, of which there may be a
/// million, the first stands for all.
pub(super) fn is_one_more_row(last: &Act, act: &Act) -> bool {
    let (Some(Change::Other(first)), Some(Change::Other(other))) = (last.change(), act.change())
    else {
        return false;
    };
    let is_row = (other.verb, other.kind) == (Verb::Run, ObjectKind::Query) && other.on.is_some();
    is_row
        && (first.verb, first.kind) == (other.verb, other.kind)
        && (&first.on, &first.touches) == (&other.on, &other.touches)
        && (last.migration, last.how, last.is_fresh) == (act.migration, act.how, act.is_fresh)
        && (&last.effects, &last.accepted) == (&act.effects, &act.accepted)
}
