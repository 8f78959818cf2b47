//! Whether a backfill can be walked in batches and run twice.

use super::evaluate::{literal, truth};
use crate::catalog::{Catalog, SqlExpression, Table};
use crate::change::words::Words;
use crate::change::{DataChange, Write};
use crate::dialect::Dialect;
use crate::name::Name;

/// What is wrong with the key that a backfill walks by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// The table has no primary key, and the step names no other.
    Missing,
    /// Two rows may have the same key, so that one of them is never reached.
    NotUnique,
    /// Rows may have no key at all.
    Nullable(Name),
    /// The backfill itself writes the key, so that rows move while it walks.
    Written(Name),
}

/// Returns what is wrong with the key; nothing for what walks no rows, and for tables that are not known.
pub(super) fn key_problem(data: &DataChange, before: &Catalog) -> Option<KeyProblem> {
    match &data.write {
        Write::InsertSelect { .. } | Write::InsertValues { .. } => return None,
        Write::Update { .. } | Write::Delete | Write::Copy { .. } => {}
    }
    if data.key.is_empty() {
        return Some(KeyProblem::Missing);
    }
    let table = before.table(&data.table)?;
    let is_key = |list: &Vec<&Name>| list.iter().all(|column| data.key.contains(column));
    if !table.unique_column_lists().iter().any(is_key) {
        return Some(KeyProblem::NotUnique);
    }
    let nullable = |name: &&Name| {
        table.column(name).is_some_and(|column| column.nullable) && !is_primary(table, name)
    };
    if let Some(name) = data.key.iter().find(nullable) {
        return Some(KeyProblem::Nullable(name.clone()));
    }
    let Write::Update { set } = &data.write else { return None };
    let written = set.iter().find(|(column, _)| data.key.contains(column));
    written.map(|(column, _)| KeyProblem::Written(column.clone()))
}

fn is_primary(table: &Table, column: &Name) -> bool {
    table.primary_key.as_ref().is_some_and(|key| key.columns.contains(column))
}

/// Returns why running it twice is not the same as running it once, or why it never ends; nothing if it is fine.
pub(super) fn repeats(data: &DataChange, before: &Catalog) -> Option<String> {
    match &data.write {
        Write::Delete => None,
        Write::Update { set } => update_repeats(before.dialect, set, data.condition.as_ref()),
        Write::InsertSelect { columns, .. } | Write::InsertValues { columns, .. } => {
            insert_repeats(&columns.iter().collect::<Vec<_>>(), data, before)
        }
        Write::Copy { columns, .. } => insert_repeats(
            &columns.iter().map(|(column, _)| column).collect::<Vec<_>>(),
            data,
            before,
        ),
    }
}

fn insert_repeats(columns: &[&Name], data: &DataChange, before: &Catalog) -> Option<String> {
    let target = data.target();
    let is_told = |list: &Vec<&Name>| list.iter().all(|column| columns.contains(column));
    let told = before.table(target)?.unique_column_lists().iter().any(is_told);
    (!told).then(|| {
        format!("nothing unique in `{target}` is among the columns it writes, so a second run would put the same rows in again")
    })
}

fn update_repeats(
    dialect: Dialect,
    set: &[(Name, SqlExpression)],
    condition: Option<&SqlExpression>,
) -> Option<String> {
    let names = |text: &str| {
        let words = Words::of(text);
        set.iter().map(|(column, _)| column).find(|column| words.has(column.as_str())).cloned()
    };
    let Some(condition) = condition else {
        let (column, own) = set
            .iter()
            .find_map(|(column, value)| Some((column, names(value.as_str())?)))
            .map_or_else(
                || {
                    let volatile = set.iter().find(|(_, value)| is_volatile(dialect, value));
                    volatile.map(|(column, _)| (column, None))
                },
                |(column, own)| Some((column, Some(own))),
            )?;
        return Some(match own {
            Some(own) => format!(
                "it has no condition, and `{column}` is computed from `{own}`, which it sets, so a second run changes it again"
            ),
            None => format!("it has no condition, and `{column}` gets another value each time"),
        });
    };
    if names(condition.as_str()).is_none() {
        return Some(
            "its condition reads no column that it sets, so rows stay to be done for ever".into(),
        );
    }
    let value_of = |name: &str| {
        let (_, value) = set.iter().find(|(column, _)| column.as_str() == name)?;
        literal(value.as_str())
    };
    let after = truth(condition.as_str(), &value_of);
    (after.may_be_true && !after.may_be_false && !after.may_be_null).then(|| {
        "its condition still holds for rows that are done, so they stay to be done for ever".into()
    })
}

fn is_volatile(dialect: Dialect, value: &SqlExpression) -> bool {
    crate::expressions::expression(dialect, value.as_str()).is_ok_and(|value| value.is_volatile)
}
