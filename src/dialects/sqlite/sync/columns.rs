//! Columns of one table kept in step.
//!
//! `AFTER` triggers write the row again. Such a write fires the update trigger (within itself only with `recursive_triggers`),
//! which takes it for a release's: after the old side was computed it computes the new side from that, and where
//! `forward` does not give back what was written, the new side would be lost. So the last statement of each trigger puts the
//! new side back as the release wrote it; what that write fires finds the old side as it should be.

use super::super::missing;
use super::super::quote::{inside, list, object, quote};
use super::super::rebuild::row_key;
use super::super::words::mentions;
use crate::catalog::{Catalog, SqlExpression, Table};
use crate::dialects::Refusal;
use crate::name::{Name, ObjectName};

type Values = [(Name, SqlExpression)];

/// Returns the triggers after their names: on insert, on update.
pub(super) fn triggers(
    name: &ObjectName,
    forward: &Values,
    backward: &Values,
    catalog: &Catalog,
) -> Result<[String; 2], Refusal> {
    let table = catalog.table(name).ok_or_else(|| missing("table", &name.name))?;
    let key = row_key(name, table)?;
    let parts = Parts { table, name: object(name), key, forward, backward };
    Ok([parts.on_insert(), parts.on_update()])
}

struct Parts<'a> {
    table: &'a Table,
    name: String,
    key: Vec<String>,
    forward: &'a Values,
    backward: &'a Values,
}

impl Parts<'_> {
    fn on_insert(&self) -> String {
        let is_null = |side: &Values| {
            let parts = side.iter().map(|(column, _)| format!("NEW.{} IS NULL", quote(column)));
            parts.collect::<Vec<_>>().join(" AND ")
        };
        let new_is_null = is_null(self.forward);
        let old_is_null = format!("{} AND NOT ({new_is_null})", is_null(self.backward));
        let mut statements = vec![self.write(self.forward, &new_is_null)];
        if !self.backward.is_empty() {
            statements.push(self.write(self.backward, &old_is_null));
            statements.push(self.put_back(&old_is_null));
        }
        format!("AFTER INSERT ON {} FOR EACH ROW\nBEGIN\n{}END", self.name, statements.concat())
    }

    fn on_update(&self) -> String {
        let old_side = self.old_side();
        let old_changed = self.changed(old_side.iter().copied());
        let new_changed = self.changed(self.forward.iter().map(|(column, _)| column));
        let watched = old_side.iter().copied().chain(self.forward.iter().map(|(column, _)| column));
        let mut statements = vec![self.write(self.forward, &old_changed)];
        if !self.backward.is_empty() {
            statements.push(self.write(self.backward, &new_changed));
            statements.push(self.put_back(&new_changed));
        }
        format!(
            "AFTER UPDATE OF {} ON {} FOR EACH ROW\nWHEN ({old_changed}) <> ({new_changed})\nBEGIN\n{}END",
            list(watched),
            self.name,
            statements.concat()
        )
    }

    /// Returns the columns that the old side consists of: those computed backward, and all others that `forward` names.
    fn old_side(&self) -> Vec<&Name> {
        let is_in = |side: &Values, name: &Name| side.iter().any(|(column, _)| column == name);
        let named = |name: &Name| {
            self.forward.iter().any(|(_, value)| mentions(value.as_str(), name.as_str()))
        };
        let columns = self.table.columns.iter().map(|column| &column.name);
        columns
            .filter(|name| !is_in(self.forward, name))
            .filter(|name| is_in(self.backward, name) || named(name))
            .collect()
    }

    /// Returns the condition that one of the columns was changed by the statement, to the letter.
    fn changed<'n>(&self, columns: impl Iterator<Item = &'n Name>) -> String {
        let parts = columns.map(|column| {
            let name = quote(column);
            format!("OLD.{name} IS NOT NEW.{name}{}", self.exactly(column))
        });
        parts.collect::<Vec<_>>().join(" OR ")
    }

    /// Returns what makes a comparison with this column one of letters, whatever its collation takes for equal.
    fn exactly(&self, column: &Name) -> &'static str {
        let collated = self.table.column(column).is_some_and(|column| column.collation.is_some());
        if collated { " COLLATE BINARY" } else { "" }
    }

    /// Returns the statement that computes one side, if the sides do not agree and it is not so already.
    fn write(&self, side: &Values, when: &str) -> String {
        let set: Vec<String> = side
            .iter()
            .map(|(column, value)| format!("{} = {}", quote(column), inside(value)))
            .collect();
        let differs = |side: &Values| {
            let parts = side.iter().map(|(column, value)| {
                let exactly = self.exactly(column);
                format!("{} IS NOT ({}){exactly}", quote(column), inside(value))
            });
            parts.collect::<Vec<_>>().join(" OR ")
        };
        let mut condition = format!("({when})\n        AND ({})", differs(self.forward));
        if !std::ptr::eq(side, self.forward) {
            condition = format!("{condition}\n        AND ({})", differs(side));
        }
        self.update(&set.join(", "), &condition)
    }

    /// Returns the statement that puts the new side back as it was written.
    fn put_back(&self, when: &str) -> String {
        let names = || self.forward.iter().map(|(column, _)| (quote(column), self.exactly(column)));
        let set: Vec<String> = names().map(|(name, _)| format!("{name} = NEW.{name}")).collect();
        let differs: Vec<String> =
            names().map(|(name, exactly)| format!("{name} IS NOT NEW.{name}{exactly}")).collect();
        self.update(&set.join(", "), &format!("({when})\n        AND ({})", differs.join(" OR ")))
    }

    fn update(&self, set: &str, condition: &str) -> String {
        let row: Vec<String> = self.key.iter().map(|part| format!("{part} = NEW.{part}")).collect();
        format!(
            "    UPDATE {} SET {set}\n        WHERE {}\n        AND {condition};\n",
            self.name,
            row.join(" AND ")
        )
    }
}
