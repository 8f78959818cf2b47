//! What constraints say beside their columns.

use std::collections::BTreeMap;

use sqlite3_parser::ast::{DeferSubclause, Expr, InitDeferredPred, ResolveType, SortedColumn};

use super::columns;
use super::reading;
use crate::catalog::{Deferral, KeyTerms, OnConflict, Table};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::Name;

/// Returns when a foreign key is checked.
pub(crate) fn deferral(clause: Option<&DeferSubclause>) -> Deferral {
    clause.map_or(Deferral::Never, |clause| {
        let deferred = clause.init_deferred == Some(InitDeferredPred::InitiallyDeferred);
        Deferral::of_flags(clause.deferrable, deferred)
    })
}

/// Returns what is done with a row that is in the way; nothing for `ABORT`, as where none is said.
pub(crate) const fn on_conflict(clause: Option<&ResolveType>) -> Option<OnConflict> {
    match clause {
        None | Some(ResolveType::Abort) => None,
        Some(ResolveType::Rollback) => Some(OnConflict::Rollback),
        Some(ResolveType::Fail) => Some(OnConflict::Fail),
        Some(ResolveType::Ignore) => Some(OnConflict::Ignore),
        Some(ResolveType::Replace) => Some(OnConflict::Replace),
    }
}

/// Returns the terms of a key that is written with its columns.
pub(super) fn key(
    table: &Table,
    columns: &[SortedColumn<'_>],
    clause: Option<&ResolveType>,
) -> KeyTerms {
    let mut collations = BTreeMap::new();
    for part in columns {
        if let (Some(name), Some(collation)) = (columns::named(&part.expr), collation(&part.expr)) {
            let name = reading::column(Some(table), &name);
            let own = table.column(&name).and_then(|column| column.collation.as_ref());
            if !is_own(own, &collation) {
                collations.insert(name, collation);
            }
        }
    }
    KeyTerms { collations, on_conflict: on_conflict(clause), ..KeyTerms::default() }
}

/// Returns whether a collation is the one that a column has anyway.
pub(super) fn is_own(own: Option<&Name>, collation: &Name) -> bool {
    own.map_or("binary", Name::as_str).eq_ignore_ascii_case(collation.as_str())
}

/// Returns the collation that a part of a key or an index is written with.
pub(crate) fn collation(expr: &Expr<'_>) -> Option<Name> {
    match expr {
        Expr::Collate(_, name) => Some(Name::new(unquote(name))),
        _ => None,
    }
}
