//! SQLite: a column holds anything, its type's letters only lean it; Diesel reads what is there by converting it.
//!
//! What a column holds is taken from its type as `diesel print-schema` reads it. Dates, times and JSON are texts to SQLite, so that they load
//! from `TEXT` too; truth values are numbers. A type without a meaning (none at all, `UUID`, `STRING`) refuses nothing.

use super::builtin::Builtin;
use super::{Fit, does_not_load};
use crate::catalog::SqlType;
use crate::compile::schema_rs::sqlite_type;
use crate::release::requirement::DeclaredType;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Bool,
    Tiny,
    Small,
    Integer,
    Big,
    Float,
    Double,
    /// `NUMERIC` and `DECIMAL`: whole numbers as such, others as floating point.
    Numeric,
    Text,
    Blob,
    Timestamp,
    Date,
    Time,
    Unknown,
}

/// Whether a column of this type can be read as declared.
pub(super) fn loads(declared: &DeclaredType, sql_type: &SqlType) -> Result<(), String> {
    let known = known(declared).filter(|_| declared.arrays.is_empty());
    match known {
        Some(builtin) if !reads(builtin, Column::of(&sql_type.0)) => {
            does_not_load(declared, sql_type)
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether values of the declared type can be written to a column of this type and compared with it.
pub(super) fn stores(declared: &DeclaredType, sql_type: &SqlType) -> Result<(), String> {
    let known = known(declared).filter(|_| declared.arrays.is_empty());
    let fit = known.map_or(Fit::Natural, |builtin| fit(builtin, Column::of(&sql_type.0)));
    fit.answer(declared, sql_type)
}

/// A custom type's name in SQLite says nothing; one that is named like a type of Diesel's is custom all the same.
fn known(declared: &DeclaredType) -> Option<Builtin> {
    if declared.custom.is_some() { None } else { Builtin::named(&declared.name) }
}

impl Column {
    fn of(text: &str) -> Self {
        let has = |part: &str| text.to_ascii_uppercase().contains(part);
        match sqlite_type(text) {
            Some("Bool") if has("TINY") => Self::Tiny,
            Some("Bool") => Self::Bool,
            Some("SmallInt") => Self::Small,
            Some("Integer") => Self::Integer,
            Some("BigInt") => Self::Big,
            Some("Text") => Self::Text,
            Some("Binary") if has("BLOB") || has("BINARY") => Self::Blob,
            Some("Float") => Self::Float,
            Some("Double") if has("DOUB") => Self::Double,
            Some("Double") => Self::Numeric,
            Some("Timestamp") => Self::Timestamp,
            Some("Date") => Self::Date,
            Some("Time") => Self::Time,
            _ => Self::Unknown,
        }
    }

    /// Whether it holds whole numbers only.
    const fn is_whole(self) -> bool {
        matches!(self, Self::Bool | Self::Tiny | Self::Small | Self::Integer | Self::Big)
    }

    /// Whether it holds numbers.
    const fn is_number(self) -> bool {
        self.is_whole() || matches!(self, Self::Float | Self::Double | Self::Numeric)
    }
}

/// Whether each value of a column arrives as it is.
const fn reads(declared: Builtin, column: Column) -> bool {
    use Column as C;
    match declared {
        Builtin::SmallInt => matches!(column, C::Bool | C::Tiny | C::Small | C::Unknown),
        // Any number but 0 is true.
        Builtin::Bool | Builtin::Integer => {
            matches!(column, C::Bool | C::Tiny | C::Small | C::Integer | C::Unknown)
        }
        Builtin::BigInt => column.is_whole() || matches!(column, C::Unknown),
        Builtin::Float => matches!(column, C::Bool | C::Tiny | C::Small | C::Float | C::Unknown),
        Builtin::Double | Builtin::Numeric => {
            column.is_number() && !matches!(column, C::Big) || matches!(column, C::Unknown)
        }
        // A number is read as its digits; older versions of SQLite (3.40) write fifteen of a floating point number.
        Builtin::Text | Builtin::Citext => !matches!(column, C::Blob),
        Builtin::Binary => {
            matches!(column, C::Blob | C::Text | C::Timestamp | C::Date | C::Time | C::Unknown)
        }
        Builtin::Date => matches!(column, C::Date | C::Text | C::Unknown),
        Builtin::Time => matches!(column, C::Time | C::Text | C::Unknown),
        // Diesel takes a floating point number for a Julian day.
        Builtin::Timestamp | Builtin::Timestamptz => {
            matches!(column, C::Timestamp | C::Text | C::Float | C::Double | C::Unknown)
        }
        // The digits of a whole number are JSON.
        Builtin::Json => column.is_whole() || matches!(column, C::Text | C::Unknown),
        Builtin::Jsonb => matches!(column, C::Blob | C::Unknown),
        Builtin::CChar
        | Builtin::Interval
        | Builtin::Uuid
        | Builtin::Oid
        | Builtin::Money
        | Builtin::Inet
        | Builtin::Cidr
        | Builtin::MacAddr
        | Builtin::MacAddr8
        | Builtin::PgLsn
        | Builtin::Range(_)
        | Builtin::Multirange(_) => true,
    }
}

/// How values fit: SQLite takes them all, but makes another value of some, or keeps it beside values of another kind,
/// with which it does not compare.
const fn fit(declared: Builtin, column: Column) -> Fit {
    use Column as C;
    let fits = match declared {
        Builtin::Bool | Builtin::SmallInt | Builtin::Integer | Builtin::BigInt => {
            column.is_whole() || matches!(column, C::Numeric | C::Unknown)
        }
        Builtin::Float | Builtin::Double | Builtin::Numeric => {
            matches!(column, C::Float | C::Double | C::Numeric | C::Unknown)
        }
        Builtin::Text | Builtin::Citext => {
            matches!(column, C::Text | C::Timestamp | C::Date | C::Time | C::Unknown)
        }
        Builtin::Binary | Builtin::Jsonb => matches!(column, C::Blob | C::Unknown),
        Builtin::Timestamp | Builtin::Timestamptz => {
            matches!(column, C::Timestamp | C::Text | C::Unknown)
        }
        Builtin::Json => matches!(column, C::Text | C::Unknown),
        Builtin::Date | Builtin::Time => reads(declared, column),
        Builtin::CChar
        | Builtin::Interval
        | Builtin::Uuid
        | Builtin::Oid
        | Builtin::Money
        | Builtin::Inet
        | Builtin::Cidr
        | Builtin::MacAddr
        | Builtin::MacAddr8
        | Builtin::PgLsn
        | Builtin::Range(_)
        | Builtin::Multirange(_) => true,
    };
    if fits { Fit::Natural } else { Fit::Lossy }
}
