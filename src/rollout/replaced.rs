//! Which places are going to replace which, as the plans say with `replaced_by`.

use std::sync::Arc;

use crate::change::{Change, Write};
use crate::name::Name;
use crate::phase::Phase;
use crate::plan::checked::CheckedProject;
use crate::plan::places;
use crate::release::compatibility::Unfilled;

/// Returns every place that a backfill fills and that a later step drops the old place for.
pub(super) fn replacements(project: &CheckedProject) -> Arc<[Unfilled]> {
    let mut found = Vec::new();
    for plan in &project.plans {
        for step in plan.steps_of(Phase::Contract) {
            let dropped = step.changes.iter().filter_map(|change| {
                if let Change::DropColumn { column, .. } = change {
                    Some(column.clone())
                } else {
                    None
                }
            });
            let old_columns: Vec<Name> = dropped.collect();
            for places in places::of_step(project, plan, step) {
                let place = |table, column| Unfilled {
                    table,
                    column,
                    old_table: places.fill.table.clone(),
                    old_columns: old_columns.clone(),
                };
                match &places.fill.write {
                    Write::Copy { to, .. } => found.push(place(to.clone(), None)),
                    Write::Update { set } => {
                        let columns = set.iter().map(|(column, _)| column.clone());
                        found.extend(columns.map(|of| place(places.fill.table.clone(), Some(of))));
                    }
                    Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => {}
                }
            }
        }
    }
    found.into()
}
