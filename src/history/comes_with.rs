//! Foreign keys that are written with their column.

use super::Act;
use crate::change::{Change, Constraint};

/// Returns whether a foreign key is written with its column, which holds nothing yet: then the server looks at no row.
pub(super) fn comes_with(change: &Change, act: &Act, last: &Act) -> bool {
    let Change::AddConstraint { table, constraint: Constraint::ForeignKey(key) } = change else {
        return false;
    };
    let Some(Change::AddColumn { table: of, column }) = last.change() else { return false };
    let is_inside = last.span.source == act.span.source
        && last.span.start <= act.span.start
        && act.span.end <= last.span.end;
    of == table && is_inside && column.default.is_none() && key.columns == [column.name.clone()]
}
