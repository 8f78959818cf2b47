//! A backfill that a release outside its gate made void, done again.

use super::quote;
use crate::catalog::SqlExpression;
use crate::change::{DataChange, Write};
use crate::dialects::conjuncts::beside_null;
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
                conditions.extend(beside_null(condition.as_str(), &columns, quote::quoted));
            }
            change.condition = Some(SqlExpression::new(conditions.join(" AND ")));
        }
        Write::Copy { overwrite, .. } => *overwrite = true,
        Write::Delete | Write::InsertSelect { .. } | Write::InsertValues { .. } => {}
    }
    change
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
