//! What constraints say beside their columns, as SQL.

use crate::catalog::{Deferral, OnConflict};

/// Writes what is done with a row that is in the way; nothing for what is done where none is said.
pub(super) fn on_conflict(conflict: Option<OnConflict>) -> String {
    conflict.map_or_else(String::new, |conflict| {
        format!("ON CONFLICT {}", conflict.word().to_ascii_uppercase())
    })
}

/// Writes when a foreign key is checked.
pub(super) fn deferral(deferral: Deferral) -> String {
    deferral.words().to_ascii_uppercase()
}

/// Puts a space before what is there.
pub(super) fn after(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}
