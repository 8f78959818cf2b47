//! The trigger function that carries one table's rows over to another.

use super::{differ, field, quote, value};
use crate::catalog::{Catalog, SyncTables};
use crate::dialects::Refusal;
use crate::dialects::postgres::backfill::overriding;
use crate::name::Name;

/// Writes the body of the function.
///
/// # Errors
///
/// Refuses a target without a unique key on the columns that identify its rows: every write to the source
/// would fail.
pub(super) fn write(catalog: &Catalog, sync: &SyncTables) -> Result<String, Refusal> {
    refuse_without_key(catalog, sync)?;
    let to = quote::object(&sync.to);
    let mut lines = vec![String::new(), "#variable_conflict use_column".into(), "DECLARE".into()];
    for (number, column) in (1..).zip(&sync.key) {
        for row in ["old", "new"] {
            let column = quote::quote(column);
            lines.push(format!("  planner_{row}_{number} {to}.{column}%TYPE;"));
        }
    }
    lines.push("BEGIN".into());
    lines.push("  IF TG_OP <> 'INSERT' THEN".into());
    lines.extend(keys_of(sync, "OLD", "old"));
    lines.push("  END IF;".into());
    lines.push("  IF TG_OP <> 'DELETE' THEN".into());
    lines.extend(keys_of(sync, "NEW", "new"));
    lines.push("  END IF;".into());
    lines.push("  -- A row that gets another key is a row that goes and one that comes.".into());
    lines.push(format!(
        "  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND {}) THEN",
        differ(variables(sync, "old"), variables(sync, "new"))
    ));
    let same = sync.key.iter().zip(variables(sync, "old"));
    let same: Vec<String> = same
        .map(|(column, variable)| format!("{} = {variable}", field("planner_target", column)))
        .collect();
    lines.push(format!("    DELETE FROM {to} AS planner_target WHERE {};", same.join(" AND ")));
    lines.push("  END IF;".into());
    lines.push("  IF TG_OP <> 'DELETE' THEN".into());
    lines.extend(upsert(catalog, sync));
    lines.push("  END IF;".into());
    lines.push("  RETURN NULL;".into());
    lines.push("END\n".into());
    Ok(lines.join("\n"))
}

/// Refuses a target without a unique key on the columns that identify its rows.
fn refuse_without_key(catalog: &Catalog, sync: &SyncTables) -> Result<(), Refusal> {
    let is_key = |columns: &Vec<&Name>| {
        columns.len() == sync.key.len() && columns.iter().all(|column| sync.key.contains(column))
    };
    let target = catalog.table(&sync.to);
    if target.is_some_and(|table| table.arbiter_column_lists().iter().any(is_key)) {
        return Ok(());
    }
    let key: Vec<&str> = sync.key.iter().map(Name::as_str).collect();
    let key = key.join("`, `");
    Err(Refusal {
        message: format!("table `{}` has no unique key on `{key}` to find its rows by", sync.to),
        alternative: format!(
            "give `{}` a primary key or a unique constraint on `{key}`, or name the columns of one it has",
            sync.to
        ),
    })
}

/// Returns the variables that hold a row's key.
fn variables<'a>(sync: &'a SyncTables, row: &'a str) -> impl Iterator<Item = String> + 'a {
    (1..=sync.key.len()).map(move |number| format!("planner_{row}_{number}"))
}

/// Computes the target's key of a source row.
fn keys_of(sync: &SyncTables, row: &str, word: &str) -> Vec<String> {
    let expression =
        |key: &Name| sync.columns.iter().find(|(column, _)| column == key).map(|(_, value)| value);
    sync.key
        .iter()
        .zip(variables(sync, word))
        .filter_map(|(key, variable)| {
            Some(format!("    {variable} := {};", value(expression(key)?, row, &sync.from)))
        })
        .collect()
}

/// Writes the row to the target, whether it is there or not.
fn upsert(catalog: &Catalog, sync: &SyncTables) -> Vec<String> {
    let columns = || sync.columns.iter().map(|(column, _)| column);
    let values = sync.columns.iter().map(|(_, value)| quote::parenthesized(value));
    let set: Vec<String> = columns()
        .filter(|column| !sync.key.contains(column))
        .map(|column| format!("{0} = EXCLUDED.{0}", quote::quote(column)))
        .collect();
    let action = if set.is_empty() {
        "DO NOTHING".to_owned()
    } else {
        format!("DO UPDATE SET {}", set.join(", "))
    };
    vec![
        format!(
            "    INSERT INTO {} ({}){}",
            quote::object(&sync.to),
            quote::list(columns()),
            overriding(catalog, &sync.to, columns())
        ),
        format!(
            "    SELECT {} FROM (SELECT NEW.*) AS {}",
            quote::join(values),
            quote::quote(&sync.from.name)
        ),
        format!("    ON CONFLICT ({}) {action};", quote::list(&sync.key)),
    ]
}
