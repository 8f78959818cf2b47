//! Whether a schema serves a release: everything that the release may do works.
//!
//! The requirements are an upper bound of what the release does, so a break is something that *may* happen; that nothing
//! breaks is certain as far as the schema goes. What a schema cannot tell — whether what the release writes satisfies a
//! check — is told apart in [`super::restriction`].

mod unfilled;

use std::collections::BTreeSet;

use super::breakage::{Break, Broken};
use super::requirement::{ColumnNeed, Place, Requirements, TableNeed};
use super::{fits, loads};
use crate::catalog::{Catalog, Column, Sync, Table, View};
use crate::change::nullness::is_never_null;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

pub(crate) use unfilled::may_write_null;

/// A schema as releases meet it.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// What is known of the rows.
    pub rows: &'a KnownRows,
}

/// What is known of the rows in a schema, and no catalog tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownRows {
    /// Columns that may be NULL by the catalog and hold no NULL all the same: kept so by a sync, by a gated dual write or by
    /// the releases, and their backfill is complete.
    pub not_null: BTreeSet<(ObjectName, Name)>,
    /// Places that are going to replace another, and whose backfill is not complete.
    pub unfilled: Vec<Unfilled>,
}

/// A new place that does not hold yet what the old one does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfilled {
    /// The table of the new place, or the new table itself.
    pub table: ObjectName,
    /// The new column.
    pub column: Option<Name>,
    /// The table of the old place, or the old table itself.
    pub old_table: ObjectName,
    /// The old columns.
    pub old_columns: Vec<Name>,
}

/// Returns every way in which the schema breaks a release with these requirements, in order; it serves the release if
/// there is none.
#[must_use]
pub fn breaks(schema: Schema<'_>, needs: &Requirements) -> Vec<Break> {
    breaks_among(schema, needs, &|_| true)
}

/// As [`breaks`], but only of the tables and views that are asked for, and of enum types.
#[must_use]
pub fn breaks_among(
    schema: Schema<'_>,
    needs: &Requirements,
    concerns: &dyn Fn(&ObjectName) -> bool,
) -> Vec<Break> {
    let mut found = Found(Vec::new());
    for need in needs.tables.iter().filter(|need| concerns(&need.name)) {
        match (schema.catalog.table(&need.name), schema.catalog.views.get(&need.name)) {
            (Some(table), _) => of_table(schema, table, need, needs, &mut found),
            (None, Some(view)) => of_view(view, need, &mut found),
            (None, None) => found.table(need, "does not exist"),
        }
    }
    for place in schema.rows.unfilled.iter().filter(|place| concerns(&place.table)) {
        unfilled::judge(schema.catalog, place, needs, &mut found);
    }
    match schema.catalog.dialect {
        Dialect::Postgres => of_enums(schema.catalog, needs, &mut found),
        // There are no enum types: what a release calls one is a text.
        Dialect::Sqlite => {}
    }
    found.0.sort();
    found.0.dedup();
    found.0
}

/// Breaks while they are collected.
struct Found(Vec<Break>);

impl Found {
    fn push(
        &mut self,
        broken: Broken,
        object: &(impl ToString + ?Sized),
        place: Place,
        why: impl Into<String>,
    ) {
        let (object, why) = (object.to_string(), why.into());
        self.0.push(Break { broken, object, place: Some(place), why });
    }

    /// Everything that the release does with the table breaks.
    fn table(&mut self, need: &TableNeed, why: &str) {
        self.push(Broken::Reads, &need.name, need.place, why);
        self.writes(need, &need.name.to_string(), need.place, why);
    }

    fn writes(&mut self, need: &TableNeed, object: &str, place: Place, why: &str) {
        if need.access.inserts {
            self.push(Broken::Inserts, object, place, why);
        }
        if need.access.updates {
            self.push(Broken::Updates, object, place, why);
        }
    }

    /// Everything that the release does with the column breaks.
    fn column(&mut self, need: &TableNeed, column: &ColumnNeed, why: &str) {
        let object = format!("{}.{}", need.name, column.name);
        if column.reads {
            self.push(Broken::Reads, &object, column.place, why);
        }
        if column.writes {
            self.writes(need, &object, column.place, why);
        }
    }
}

fn of_view(view: &View, need: &TableNeed, found: &mut Found) {
    if need.access.writes() {
        found.writes(need, &need.name.to_string(), need.place, "is a view");
    }
    if view.columns.is_empty() {
        return;
    }
    for column in need.columns.iter().filter(|column| !view.columns.contains(&column.name)) {
        found.column(need, column, "is not in the view");
    }
}

fn of_table(
    schema: Schema<'_>,
    table: &Table,
    need: &TableNeed,
    needs: &Requirements,
    found: &mut Found,
) {
    for column in &need.columns {
        match table.column(&column.name) {
            None => found.column(need, column, "does not exist"),
            Some(live) => of_column(schema, live, need, column, needs, found),
        }
    }
    if need.access.inserts {
        for column in &table.columns {
            let written = need.column(&column.name).is_some_and(|column| column.writes);
            if !written && !column.may_be_left_out() && !is_filled(schema, table, need, column) {
                let object = format!("{}.{}", need.name, column.name);
                let why = "is required and has no default, and the release does not write it";
                found.push(Broken::Inserts, &object, need.place, why);
            }
        }
    }
    of_syncs(schema.catalog, need, needs, found);
    for upsert in &need.upserts {
        if !has_unique(table, &upsert.columns) {
            let columns: Vec<&str> = upsert.columns.iter().map(Name::as_str).collect();
            let object = format!("{}({})", need.name, columns.join(", "));
            let why = "has no unique index for the release's upserts";
            found.push(Broken::Upserts, &object, upsert.place, why);
        }
    }
}

fn of_column(
    schema: Schema<'_>,
    live: &Column,
    need: &TableNeed,
    column: &ColumnNeed,
    needs: &Requirements,
    found: &mut Found,
) {
    let Some(declared) = &column.declared else { return };
    let object = format!("{}.{}", need.name, column.name);
    if column.reads
        && let Err(why) = loads::loads(schema.catalog, declared, &live.sql_type)
    {
        found.push(Broken::Reads, &object, column.place, why);
    }
    if column.writes
        && live.generated.is_none()
        && let Err(why) = loads::stores(schema.catalog, declared, &live.sql_type)
    {
        found.writes(need, &object, column.place, &why);
    }
    let key = (need.name.clone(), column.name.clone());
    if column.reads && live.nullable && !declared.nullable && !schema.rows.not_null.contains(&key) {
        let why = format!("may be NULL, and the release reads it as `{declared}`");
        found.push(Broken::Reads, &object, column.place, why);
    }
    let promised = needs.satisfies.iter().any(|name| name.as_str() == object);
    if column.writes
        && declared.nullable
        && !live.nullable
        && live.generated.is_none()
        && !promised
        && !is_filled_anyway(schema, need, live)
    {
        let why = "takes no NULL, and the release may write one";
        found.writes(need, &object, column.place, why);
    }
}

/// Returns whether a trigger fills a column that an insert leaves out, or gives as NULL, before NOT NULL is checked.
/// A catalog read from a live database knows a sync only as a trigger; which columns it fills is then not known, and it is
/// taken to fill them, as it was when the release was let in.
fn is_filled(schema: Schema<'_>, table: &Table, need: &TableNeed, column: &Column) -> bool {
    let catalog = schema.catalog;
    match catalog.dialect {
        Dialect::Postgres => {}
        Dialect::Sqlite => return false,
    }
    let is_sync = |name: &&Name| name.as_str().starts_with("planner_sync_");
    let has_unknown =
        table.triggers.keys().filter(is_sync).any(|name| !catalog.syncs.contains_key(name));
    has_unknown || is_filled_anyway(schema, need, column)
}

fn is_filled_anyway(schema: Schema<'_>, need: &TableNeed, column: &Column) -> bool {
    match schema.catalog.dialect {
        Dialect::Postgres => {
            let values = fillings(schema.catalog, &need.name, &column.name);
            let is_given = |name: &str| {
                // What the release itself writes: never NULL if it is declared so, or if the table says so.
                let own = need.column(&Name::from(name)).filter(|column| column.writes);
                own.and_then(|own| own.declared.as_ref()).is_some_and(|of| !of.nullable)
            };
            values.into_iter().any(|value| is_never_null(value, &is_given))
        }
        Dialect::Sqlite => false,
    }
}

/// Returns the expressions by which syncs fill a column.
pub(crate) fn fillings<'a>(
    catalog: &'a Catalog,
    table: &ObjectName,
    column: &Name,
) -> Vec<&'a str> {
    let mut values = Vec::new();
    for sync in catalog.syncs.values() {
        match sync.as_ref() {
            Sync::Columns { table: of, forward, backward, name: _ } if of == table => {
                let both = forward.iter().chain(backward);
                let own = both.filter(|(name, _)| name == column);
                values.extend(own.map(|(_, value)| value.as_str()));
            }
            Sync::Columns { .. } | Sync::Tables(_) => {}
        }
    }
    values
}

/// What a sync computes from a release's writes must fit where it goes, or these writes fail.
fn of_syncs(catalog: &Catalog, need: &TableNeed, needs: &Requirements, found: &mut Found) {
    match catalog.dialect {
        Dialect::Postgres => {}
        // It keeps no lengths, and converts what it can.
        Dialect::Sqlite => return,
    }
    let Some(table) = catalog.table(&need.name).filter(|_| need.access.writes()) else { return };
    for sync in catalog.syncs.values() {
        let (forward, backward) = match sync.as_ref() {
            Sync::Columns { table, forward, backward, name: _ } if *table == need.name => {
                (forward, backward)
            }
            Sync::Columns { .. } | Sync::Tables(_) => continue,
        };
        for (target, value) in forward.iter().chain(backward) {
            let Some(column) = table.column(target) else { continue };
            let object = format!("{}.{target}", need.name);
            // A release that writes the target itself is not the one whose writes are converted.
            let own = need.column(target).is_some_and(|column| column.writes);
            let promised = needs.satisfies.iter().any(|name| name.as_str() == object);
            if !own
                && !promised
                && let Err(why) = fits::fits(table, value.as_str(), &column.sql_type)
            {
                found.writes(need, &object, need.place, &why);
            }
        }
    }
}

/// Returns whether a unique key or a valid unique index is on exactly these columns.
fn has_unique(table: &Table, columns: &[Name]) -> bool {
    let wanted: BTreeSet<&Name> = columns.iter().collect();
    let invalid: Vec<Vec<&Name>> = table
        .indexes
        .values()
        .filter(|index| !index.valid)
        .map(|index| index.columns.iter().filter_map(|part| part.key.column()).collect())
        .collect();
    table
        .arbiter_column_lists()
        .into_iter()
        .filter(|list| !invalid.contains(list))
        .any(|list| list.into_iter().collect::<BTreeSet<_>>() == wanted)
}

fn of_enums(catalog: &Catalog, needs: &Requirements, found: &mut Found) {
    for need in &needs.enums {
        let Some(live) = catalog.enums.get(&need.name) else {
            found.push(Broken::Reads, &need.name, need.place, "does not exist");
            continue;
        };
        for value in live.values.iter().filter(|value| !need.reads.contains(value)) {
            let why = format!("has the value `{value}`, which the release cannot read");
            found.push(Broken::Reads, &need.name, need.place, why);
        }
        for value in need.writes.iter().filter(|value| !live.values.contains(value)) {
            let why = format!("has no value `{value}`, which the release may write");
            found.push(Broken::Inserts, &need.name, need.place, &why);
            found.push(Broken::Updates, &need.name, need.place, &why);
        }
    }
}

#[cfg(test)]
mod tests;
