//! One table's rows carried over to another.

use super::super::quote::{inside, list, object, quote};
use super::super::rebuild::row_key;
use super::super::{missing, refuse as refusal};
use crate::catalog::{Catalog, SqlExpression, SyncTables, Table};
use crate::dialects::Refusal;
use crate::name::Name;

/// Returns the triggers after their names: on insert, on update, on delete.
pub(super) fn triggers(sync: &SyncTables, catalog: &Catalog) -> Result<[String; 3], Refusal> {
    let from = catalog.table(&sync.from).ok_or_else(|| missing("table", &sync.from.name))?;
    let row_key = keyed(sync, from, catalog)?;
    let source = object(&sync.from);
    let target = object(&sync.to);
    let new_row: Vec<String> = row_key.iter().map(|part| format!("{part} = NEW.{part}")).collect();
    let carry_over = format!(
        "    INSERT INTO {target} ({})\n        SELECT {} FROM {source} WHERE {}\n        {};\n",
        list(sync.columns.iter().map(|(column, _)| column)),
        values(&sync.columns),
        new_row.join(" AND "),
        on_conflict(&sync.to.name, sync.columns.iter().map(|(column, _)| column), &sync.key)
    );
    let keys: Vec<&(Name, SqlExpression)> = sync
        .key
        .iter()
        .filter_map(|key| sync.columns.iter().find(|(column, _)| column == key))
        .collect();
    let at = |row: &str| pseudo_row(from, row, &source);
    // A row's key may change: the target's row keeps what this sync does not know of it, so it moves too, unless another
    // row is there.
    let moved = format!(
        "WHERE {}\n        AND ({})",
        is_old_key(&keys, &at("OLD")),
        key_changed(&keys, &at("OLD"), &at("NEW"))
    );
    let move_over = format!(
        "    UPDATE OR IGNORE {target} SET {}\n        {moved};\n    DELETE FROM {target}\n        {moved};\n",
        set_keys(&keys, &at("NEW")),
    );
    let take_away =
        format!("    DELETE FROM {target}\n        WHERE {};\n", is_old_key(&keys, &at("OLD")));
    let head = |event: &str| format!("AFTER {event} ON {source} FOR EACH ROW\nBEGIN\n");
    Ok([
        format!("{}{carry_over}END", head("INSERT")),
        format!("{}{move_over}{carry_over}END", head("UPDATE")),
        format!("{}{take_away}END", head("DELETE")),
    ])
}

/// Refuses what [`triggers`] refuses.
pub(super) fn refuse(sync: &SyncTables, catalog: &Catalog) -> Result<(), Refusal> {
    let from = catalog.table(&sync.from).ok_or_else(|| missing("table", &sync.from.name))?;
    keyed(sync, from, catalog).map(|_| ())
}

/// Returns the key that tells the source's rows apart, or refuses tables whose rows cannot be told apart.
fn keyed(sync: &SyncTables, from: &Table, catalog: &Catalog) -> Result<Vec<String>, Refusal> {
    let to = catalog.table(&sync.to).ok_or_else(|| missing("table", &sync.to.name))?;
    require_unique_key(sync, to)?;
    row_key(&sync.from, from)
}

/// Refuses a key that the target does not keep unique: every write to the source would fail.
fn require_unique_key(sync: &SyncTables, to: &Table) -> Result<(), Refusal> {
    let lists = to.arbiter_column_lists();
    let is_key = |columns: &Vec<&Name>| {
        columns.len() == sync.key.len() && sync.key.iter().all(|key| columns.contains(&key))
    };
    if lists.iter().any(is_key) {
        return Ok(());
    }
    let key = sync.key.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    Err(refusal(
        format!("table `{}` has no primary key or unique constraint on `{key}`", sync.to),
        "add one, or name another `key`",
    ))
}

/// Returns the clause that brings a row up to date that is already there, where it differs.
pub(in super::super) fn on_conflict<'a>(
    target: &Name,
    columns: impl Iterator<Item = &'a Name>,
    key: &[Name],
) -> String {
    let rest: Vec<String> = columns.filter(|column| !key.contains(column)).map(quote).collect();
    let conflict = if key.is_empty() { String::new() } else { format!(" ({})", list(key)) };
    if rest.is_empty() {
        return format!("ON CONFLICT{conflict} DO NOTHING");
    }
    let set: Vec<String> = rest.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let target = quote(target);
    let differs: Vec<String> =
        rest.iter().map(|name| format!("{target}.{name} IS NOT excluded.{name}")).collect();
    format!(
        "ON CONFLICT{conflict} DO UPDATE SET {}\n        WHERE {}",
        set.join(", "),
        differs.join(" OR ")
    )
}

fn values(columns: &[(Name, SqlExpression)]) -> String {
    columns.iter().map(|(_, value)| inside(value)).collect::<Vec<_>>().join(", ")
}

/// Returns a row of the source as it was or is (`OLD`, `NEW`), as a table with the source's name to select from.
fn pseudo_row(from: &Table, row: &str, source: &str) -> String {
    let columns = from.columns.iter().map(|column| {
        let name = quote(&column.name);
        format!("{row}.{name} AS {name}")
    });
    format!("(SELECT {}) AS {source}", columns.collect::<Vec<_>>().join(", "))
}

fn set_keys(keys: &[&(Name, SqlExpression)], new: &str) -> String {
    let parts = keys.iter().map(|(column, value)| {
        format!("{} = (SELECT {} FROM {new})", quote(column), inside(value))
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn is_old_key(keys: &[&(Name, SqlExpression)], old: &str) -> String {
    let parts = keys.iter().map(|(column, value)| {
        format!("{} IS (SELECT {} FROM {old})", quote(column), inside(value))
    });
    parts.collect::<Vec<_>>().join(" AND ")
}

fn key_changed(keys: &[&(Name, SqlExpression)], old: &str, new: &str) -> String {
    let parts = keys.iter().map(|(_, value)| {
        let value = inside(value);
        format!("(SELECT {value} FROM {old}) IS NOT (SELECT {value} FROM {new})")
    });
    parts.collect::<Vec<_>>().join(" OR ")
}
