//! What breaks at a new place while its backfill is not complete.
//!
//! Until then NULL in the new place means: look in the old one. So does every release read it that knows both, and so does the
//! backfill. Who reads the new place must read the old one, and who may write NULL into the new one must write the old one too.

use super::{Found, Unfilled, fillings};
use crate::catalog::Catalog;
use crate::name::{Name, ObjectName};
use crate::release::breakage::Broken;
use crate::release::requirement::{Requirements, TableNeed};

/// A release that reads the new place, and not the one it replaces, finds nothing where there is something; and what it takes
/// away there, the backfill brings back.
pub(super) fn judge(catalog: &Catalog, place: &Unfilled, needs: &Requirements, found: &mut Found) {
    let Some(need) = needs.table(&place.table) else { return };
    let old = needs.table(&place.old_table);
    match &place.column {
        Some(column) => {
            // Who misses what is there waits for the backfill anyway.
            let is_missed = misses(place, column, need, old, found);
            if !is_missed {
                takes_away(catalog, place, column, needs, found);
            }
        }
        None if old.is_none() => {
            let why =
                format!("is not filled yet, and the release does not read `{}`", place.old_table);
            found.push(Broken::Reads, &need.name, need.place, why);
        }
        None => {}
    }
}

/// Returns whether a release reads the new place and not the old one.
fn misses(
    place: &Unfilled,
    column: &Name,
    need: &TableNeed,
    old: Option<&TableNeed>,
    found: &mut Found,
) -> bool {
    let reads_old =
        |name: &Name| old.and_then(|old| old.column(name)).is_some_and(|column| column.reads);
    let Some(column) = need.column(column).filter(|column| column.reads) else {
        return false;
    };
    let missing = place.old_columns.iter().find(|name| !reads_old(name));
    if let Some(missing) = missing {
        let object = format!("{}.{}", need.name, column.name);
        let why = format!(
            "is not filled yet, and the release does not read `{}.{missing}`",
            place.old_table
        );
        found.push(Broken::Reads, &object, column.place, why);
    }
    missing.is_some()
}

/// A release that knows both places takes a value away by NULL in the new one. If it leaves the old one as it is, and no sync
/// carries the NULL there, everybody takes the row for one that is not filled yet. An insert leaves nothing behind in the old place.
fn takes_away(
    catalog: &Catalog,
    place: &Unfilled,
    column: &Name,
    needs: &Requirements,
    found: &mut Found,
) {
    let live = catalog.table(&place.table).and_then(|table| table.column(column));
    let need = needs.table(&place.table).filter(|need| need.access.updates);
    let old = needs.table(&place.old_table);
    let (Some(need), Some(old)) = (need, old) else { return };
    let Some(of_column) = need.column(column) else { return };
    if live.is_none_or(|live| !live.nullable) || !may_write_null(needs, &place.table, column) {
        return;
    }
    let is_left = |name: &&Name| {
        let writes = old.access.writes() && old.column(name).is_some_and(|old| old.writes);
        !writes && fillings(catalog, &place.old_table, name).is_empty()
    };
    if let Some(left) = place.old_columns.iter().find(is_left) {
        let object = format!("{}.{column}", need.name);
        let why = format!(
            "is not filled yet, and the release may write NULL there without writing `{}.{left}`: the backfill would bring back what was there",
            place.old_table
        );
        found.push(Broken::Updates, &object, of_column.place, why);
    }
}

/// Returns whether a release may write NULL into a column itself.
pub(crate) fn may_write_null(needs: &Requirements, table: &ObjectName, column: &Name) -> bool {
    let Some(need) = needs.table(table).filter(|need| need.access.writes()) else { return false };
    let object = format!("{table}.{column}");
    let promised = needs.satisfies.iter().any(|name| name.as_str() == object);
    !promised
        && need.column(column).is_some_and(|column| {
            column.writes && column.declared.as_ref().is_none_or(|of| of.nullable)
        })
}
