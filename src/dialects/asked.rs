//! Questions that gates ask: are there rows that a restriction would not let be?

use super::quote;
use crate::catalog::SqlExpression;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// What rows must not be before a restriction comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// NULL in this column.
    Null {
        /// The table.
        table: ObjectName,
        /// The column.
        column: Name,
    },
    /// Equal in all of these columns or expressions, none of them NULL, among the rows that the condition chooses.
    Equal {
        /// The table.
        table: ObjectName,
        /// Columns, quoted where need be, and expressions.
        parts: Vec<String>,
        /// Which rows count.
        condition: Option<SqlExpression>,
    },
    /// Outside of this condition.
    Outside {
        /// The table.
        table: ObjectName,
        /// The condition; NULL counts as met.
        condition: SqlExpression,
    },
    /// Without a counterpart.
    Alone {
        /// The table.
        table: ObjectName,
        /// The referring columns.
        columns: Vec<Name>,
        /// The table referred to.
        target: ObjectName,
        /// The columns referred to.
        target_columns: Vec<Name>,
    },
}

/// Returns a query with one true value if no row hinders.
#[must_use]
pub fn none_hinders(dialect: Dialect, hindrances: &[Hindrance]) -> String {
    match hindrances {
        [only] => format!("SELECT count(*) = 0 FROM {}", rows(dialect, only)),
        several => {
            let count = |of| format!("(SELECT count(*) FROM {})", rows(dialect, of));
            let counts: Vec<String> = several.iter().map(count).collect();
            format!("SELECT {} = 0", counts.join(" + "))
        }
    }
}

/// Returns what stands behind FROM.
fn rows(dialect: Dialect, hindrance: &Hindrance) -> String {
    let name = |name: &Name| quote(dialect, name);
    let object = |of: &ObjectName| {
        let schema = of.schema.as_ref().map(|schema| format!("{}.", name(schema)));
        format!("{}{}", schema.unwrap_or_default(), name(&of.name))
    };
    match hindrance {
        Hindrance::Null { table, column } => {
            format!("{} WHERE {} IS NULL", object(table), name(column))
        }
        Hindrance::Outside { table, condition } => {
            format!("{} WHERE NOT ({condition})", object(table))
        }
        Hindrance::Equal { table, parts, condition } => {
            let mut conditions: Vec<String> =
                parts.iter().map(|part| format!("{part} IS NOT NULL")).collect();
            conditions.extend(condition.iter().map(|condition| format!("({condition})")));
            format!(
                "(SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1) AS equal_rows",
                object(table),
                conditions.join(" AND "),
                parts.join(", ")
            )
        }
        Hindrance::Alone { table, columns, target, target_columns } => {
            let there = |column: &Name| format!("own.{} IS NOT NULL", name(column));
            let there: Vec<String> = columns.iter().map(there).collect();
            let pairs = columns.iter().zip(target_columns);
            let pairs: Vec<String> = pairs
                .map(|(own, other)| format!("other.{} = own.{}", name(other), name(own)))
                .collect();
            format!(
                "{} AS own WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS other WHERE {})",
                object(table),
                there.join(" AND "),
                object(target),
                pairs.join(" AND ")
            )
        }
    }
}
