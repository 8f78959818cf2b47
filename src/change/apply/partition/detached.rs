//! The check that `DETACH PARTITION … CONCURRENTLY` leaves: what the partition took.

use crate::catalog::{Catalog, Check, SqlExpression};
use crate::change::Other;
use crate::change::naming::Naming;
use crate::change::words::Words;
use crate::name::ObjectName;

/// Returns the check, where the partition is one of a range or list of a single column.
pub(super) fn check(
    catalog: &Catalog,
    other: &Other,
    on: &ObjectName,
    name: &ObjectName,
) -> Option<Check> {
    if !Words::of(&other.text).has("concurrently") {
        return None;
    }
    let (strategy, key) = catalog.table(on)?.partition_by.as_ref()?.as_str().split_once(' ')?;
    let column = key.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    let table = catalog.table(name)?;
    let of = table.columns.iter().find(|of| of.name.as_str() == column.trim_matches('"'))?;
    let bound = table.partition_of.as_ref()?.bound.as_str();
    let mut conditions = vec![format!("({column} IS NOT NULL)")];
    match strategy {
        "RANGE" => {
            for (value, operator) in lists(bound).into_iter().zip([">=", "<"]) {
                if !["minvalue", "maxvalue"].contains(&value.to_ascii_lowercase().as_str()) {
                    conditions.push(format!("({column} {operator} {value})"));
                }
            }
        }
        "LIST" => {
            let values = lists(bound).pop()?;
            if values.to_ascii_lowercase().contains("null") {
                return None;
            }
            conditions.push(if values.contains(',') {
                // As the server writes a list of constants.
                let values: Vec<&str> =
                    values.split(',').map(|value| value.trim().trim_matches('\'')).collect();
                let (values, sql_type) = (values.join(","), &of.sql_type);
                format!("({column} = ANY ('{{{values}}}'::{sql_type}[]))")
            } else {
                format!("({column} = {values})")
            });
        }
        _ => return None,
    }
    let expression = SqlExpression::new(conditions.join(" AND "));
    let name = Naming::new(catalog, name).check(&expression);
    Some(Check { name, expression, validated: true, no_inherit: false })
}

/// Returns what stands in the outermost parentheses.
fn lists(text: &str) -> Vec<&str> {
    let (mut depth, mut is_quoted, mut start, mut found) = (0_u32, false, 0, Vec::new());
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => {
                depth += 1;
                if depth == 1 {
                    start = at + 1;
                }
            }
            ')' if !is_quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.extend(text.get(start..at).map(str::trim));
                }
            }
            _ => {}
        }
    }
    found
}
