//! What no operation can say of constraints, indexes and partitions: it is told, and the rest is drafted without it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::diff::{Difference, diff};
use crate::catalog::{
    Catalog, IndexTerms, KeyTerms, Lookup, PartTerms, ReferenceTerms, SqlExpression, Table,
};
use crate::expressions::same_expression;

/// Returns a catalog without what no operation can say.
pub(super) fn plain(catalog: &Catalog) -> Catalog {
    let tables = catalog.tables.iter();
    let tables = tables.map(|(name, table)| (name.clone(), Arc::new(plain_table(table))));
    Catalog { tables: tables.collect(), lookup: Lookup::default(), ..catalog.clone() }
}

fn plain_table(table: &Table) -> Table {
    let mut plain = Table { exclusions: Vec::new(), ..table.clone() };
    for column in &mut plain.columns {
        column.on_null = None;
    }
    for key in plain.primary_key.iter_mut().chain(&mut plain.uniques) {
        key.terms = KeyTerms { part_of: key.terms.part_of.take(), ..KeyTerms::default() };
    }
    for key in &mut plain.foreign_keys {
        let part_of = key.terms.part_of.take();
        key.terms = ReferenceTerms { part_of, ..ReferenceTerms::default() };
    }
    for index in plain.indexes.values_mut() {
        let part_of = index.terms.part_of.take();
        index.terms = IndexTerms { part_of, ..IndexTerms::default() };
        for part in &mut index.columns {
            part.terms = PartTerms::default();
        }
    }
    plain
}

/// Says what of the difference no operation can make.
pub(super) fn unsaid(have: &Catalog, want: &Catalog) -> Vec<String> {
    let same =
        |one: &SqlExpression, other: &SqlExpression| same_expression(have.dialect, one, other);
    let (plain_have, plain_want) = (plain(have), plain(want));
    let had = diff(&plain_have, have, &same);
    let wanted = diff(&plain_want, want, &same);
    let is_there = |list: &[Difference], one: &Difference| {
        list.iter().any(|other| (&other.object, &other.found) == (&one.object, &one.found))
    };
    let text = |words: &Option<String>| words.clone().unwrap_or_else(|| "gone".to_owned());
    let mut unsaid: Vec<String> = wanted
        .iter()
        .filter(|one| !is_there(&had, one))
        .map(|one| format!("{} is to be {}", one.object, text(&one.found)))
        .collect();
    let drafted = diff(&plain_have, &plain_want, &same);
    let others: BTreeSet<&String> =
        drafted.iter().chain(&wanted).map(|difference| &difference.object).collect();
    let ended = had.iter().filter(|one| !others.contains(&one.object));
    let goes = |one: &&Difference| !drafted.iter().any(|of| is_in_lost_table(of, one));
    unsaid.extend(
        ended.filter(goes).map(|one| format!("{} is to be {}", one.object, text(&one.expected))),
    );
    unsaid
}

/// Returns whether a difference is of a table that is to go, or to come.
fn is_in_lost_table(of: &Difference, one: &Difference) -> bool {
    of.found.is_none()
        && of
            .object
            .strip_prefix("table ")
            .is_some_and(|table| one.object.ends_with(&format!(" `{}`", table.trim_matches('`'))))
}
