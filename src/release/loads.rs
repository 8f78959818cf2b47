//! Which SQL types load into which of Diesel's.

use super::requirement::DeclaredType;
use crate::catalog::SqlType;
use crate::dialect::Dialect;

/// Returns whether a column of this type loads into what is declared.
///
/// # Errors
///
/// Says why not, in words that follow the column.
pub fn loads(_: Dialect, _: &DeclaredType, _: &SqlType) -> Result<(), String> {
    Ok(())
}

/// Returns whether what is declared can be written to a column of this type.
///
/// # Errors
///
/// Says why not, in words that follow the column.
pub fn stores(_: Dialect, _: &DeclaredType, _: &SqlType) -> Result<(), String> {
    Ok(())
}
