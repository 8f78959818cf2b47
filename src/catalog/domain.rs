//! Domains (PostgreSQL): what of them decides which values a column has.

use super::SqlType;

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The type beneath it, which may be another domain.
    pub over: SqlType,
    /// Whether it takes no NULL.
    pub not_null: bool,
    /// What else was said when it was made: collation, default, checks (SQL).
    pub beside: String,
    /// Whether an extension made it, so that no script is to make it again.
    pub of_extension: bool,
}
