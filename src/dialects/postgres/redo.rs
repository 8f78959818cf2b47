//! A backfill that a release outside its gate made void, done again.

use super::quote;
use crate::catalog::SqlExpression;
use crate::change::{DataChange, Write};
use crate::name::Name;

/// Returns the change that does a backfill again: an update of all rows that differ from what it sets, a copy
/// that overwrites. Other writes come back as they are.
///
/// Where the condition plainly has "is still NULL" beside other conditions, those stay.
pub(in crate::dialects) fn again(change: &DataChange) -> DataChange {
    let mut change = change.clone();
    match &mut change.write {
        Write::Update { set } => {
            let differs: Vec<String> = set
                .iter()
                .map(|(column, value)| {
                    let value = quote::parenthesized(value);
                    format!("{} IS DISTINCT FROM {value}", quote::quote(column))
                })
                .collect();
            let mut conditions = vec![format!("({})", differs.join(" OR "))];
            if let Some(condition) = &change.condition {
                let columns: Vec<&Name> = set.iter().map(|(column, _)| column).collect();
                conditions.extend(beside_null(condition.as_str(), &columns));
            }
            change.condition = Some(SqlExpression::new(conditions.join(" AND ")));
        }
        Write::Copy { overwrite, .. } => *overwrite = true,
        Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => {}
    }
    change
}

/// Returns the parts of a condition that do not say that one of these columns is NULL; none if the
/// condition is not a plain list of parts joined by AND, one of which says so.
fn beside_null(condition: &str, columns: &[&Name]) -> Vec<String> {
    let parts = conjuncts(condition).unwrap_or_default();
    let is_null = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let [column, is, null] = words.as_slice() else { return false };
        is.eq_ignore_ascii_case("is")
            && null.eq_ignore_ascii_case("null")
            && columns.iter().any(|name| {
                quote::quoted(name.as_str()) == *column || name.as_str() == column.to_lowercase()
            })
    };
    let rest: Vec<String> =
        parts.iter().filter(|part| !is_null(part)).map(|part| format!("({part})")).collect();
    if rest.len() < parts.len() { rest } else { Vec::new() }
}

/// Cuts a condition at its outermost ANDs; `None` where that cannot be told without a parser.
fn conjuncts(condition: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut word = String::new();
    let mut depth = 0_u32;
    let mut quote = None;
    for letter in condition.chars().chain([' ']) {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            }
        } else if matches!(letter, '$' | '\\') {
            return None;
        } else if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            if depth == 0 {
                match word.to_ascii_lowercase().as_str() {
                    "or" | "between" | "case" => return None,
                    "and" => {
                        let part = parts.last_mut()?;
                        part.truncate(part.len() - word.len());
                        parts.push(String::new());
                    }
                    _ => {}
                }
            }
            word.clear();
            match letter {
                '\'' | '"' => quote = Some(letter),
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        parts.last_mut()?.push(letter);
    }
    let whole = depth == 0 && quote.is_none();
    whole.then(|| parts.iter().map(|part| part.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Batch;

    fn update(condition: Option<&str>) -> DataChange {
        let set = [("given", "split_part(name, ' ', 1)"), ("Family", "x")];
        DataChange {
            table: "users".into(),
            key: vec!["id".into()],
            write: Write::Update {
                set: set.map(|(name, value)| (name.into(), SqlExpression::new(value))).to_vec(),
            },
            condition: condition.map(SqlExpression::new),
            batch: Batch::default(),
        }
    }

    fn condition_again(condition: Option<&str>) -> String {
        again(&update(condition)).condition.unwrap().as_str().to_owned()
    }

    const DIFFERS: &str =
        "(given IS DISTINCT FROM (split_part(name, ' ', 1)) OR \"Family\" IS DISTINCT FROM (x))";

    #[test]
    fn an_update_done_again_takes_the_rows_that_differ() {
        assert_eq!(condition_again(None), DIFFERS);
        assert_eq!(condition_again(Some("given IS NULL")), DIFFERS);
        assert_eq!(condition_again(Some("given IS NULL OR kind = 'a'")), DIFFERS);
    }

    #[test]
    fn conditions_beside_is_null_stay() {
        assert_eq!(
            condition_again(Some("Given is null AND name IS NOT NULL and \"Family\" IS NULL")),
            format!("{DIFFERS} AND (name IS NOT NULL)")
        );
        assert_eq!(
            condition_again(Some("given IS NULL AND (kind = 'this and that' OR other)")),
            format!("{DIFFERS} AND ((kind = 'this and that' OR other))")
        );
    }

    #[test]
    fn what_cannot_be_cut_is_left_out() {
        assert_eq!(condition_again(Some("given IS NULL AND n BETWEEN 1 AND 2")), DIFFERS);
        assert_eq!(condition_again(Some("given IS NULL AND x = $a$ and $a$")), DIFFERS);
        assert_eq!(condition_again(Some("kind = 'a' AND done IS FALSE")), DIFFERS);
    }
}
