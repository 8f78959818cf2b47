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
    /// Fills the side that is NULL from the other; where both are, forward.
    fn on_insert(&self) -> String {
        let is_null = |side: &Values| {
            let parts = side.iter().map(|(column, _)| format!("NEW.{} IS NULL", quote(column)));
            format!("({})", parts.collect::<Vec<_>>().join(" AND "))
        };
        let new_is_null = is_null(self.forward);
        let mut old_is_null = vec![is_null(self.backward)];
        let mut statements = String::new();
        if !self.forward.is_empty() {
            statements += &self.write(self.forward, std::slice::from_ref(&new_is_null));
            old_is_null.push(format!("NOT {new_is_null}"));
        }
        if !self.backward.is_empty() {
            statements += &self.write(self.backward, &old_is_null);
            statements += &self.put_back(&old_is_null);
        }
        format!("AFTER INSERT ON {} FOR EACH ROW\nBEGIN\n{statements}END", self.name)
    }

    /// Fills the side that did not change from the one that did; columns beside the sides count as a part of the side
    /// that is computed from them.
    fn on_update(&self) -> String {
        let columns = |side: &'_ Values| side.iter().map(|(column, _)| column.clone()).collect();
        let old: Vec<Name> = columns(self.backward);
        let new: Vec<Name> = if self.forward.is_empty() {
            self.others(self.backward)
        } else {
            columns(self.forward)
        };
        let others = if self.forward.is_empty() { Vec::new() } else { self.others(self.forward) };
        let source: Vec<Name> = old.iter().chain(&others).cloned().collect();
        let mut statements = String::new();
        if !self.forward.is_empty() {
            let when = [self.changed(&source), format!("NOT {}", self.changed(&new))];
            statements += &self.write(self.forward, &when);
        }
        if !self.backward.is_empty() {
            let mut when = vec![self.changed(&new), format!("NOT {}", self.changed(&old))];
            statements += &match self.forward {
                [] => self.write(self.backward, &when),
                forward => {
                    when.push(self.differs(forward));
                    let backward = self.write(self.backward, &when);
                    when.pop();
                    backward + &self.put_back(&when)
                }
            };
        }
        let watched: Vec<&Name> = source.iter().chain(&new).collect();
        format!(
            "AFTER UPDATE OF {} ON {} FOR EACH ROW\nWHEN {}\nBEGIN\n{statements}END",
            list(watched.iter().copied()),
            self.name,
            self.changed(watched)
        )
    }

    /// Returns the columns that a side's values are computed from, without those of either side.
    fn others(&self, side: &Values) -> Vec<Name> {
        let names =
            |name: &Name| side.iter().any(|(_, value)| mentions(value.as_str(), name.as_str()));
        let is_a_side =
            |name: &Name| self.forward.iter().chain(self.backward).any(|(side, _)| side == name);
        let columns = self.table.columns.iter().map(|column| &column.name);
        columns.filter(|name| names(name) && !is_a_side(name)).cloned().collect()
    }

    /// Returns the condition that the statement changed one of the columns.
    fn changed<'n>(&self, columns: impl IntoIterator<Item = &'n Name>) -> String {
        let parts = columns.into_iter().map(|column| {
            let name = quote(column);
            format!("OLD.{name} IS NOT NEW.{name}{}", self.exactly(column))
        });
        any(parts)
    }

    /// Returns the condition that a column of a side is not what the other side makes it.
    fn differs(&self, side: &Values) -> String {
        any(side.iter().map(|(column, value)| {
            format!("{} IS NOT ({}){}", quote(column), inside(value), self.exactly(column))
        }))
    }

    /// Returns what makes a comparison with this column one of letters, whatever its collation takes for equal.
    fn exactly(&self, column: &Name) -> &'static str {
        let collated = self.table.column(column).is_some_and(|column| column.collation.is_some());
        if collated { " COLLATE BINARY" } else { "" }
    }

    /// Returns the statement that computes one side, where it is not so already.
    fn write(&self, side: &Values, when: &[String]) -> String {
        let set =
            side.iter().map(|(column, value)| format!("{} = {}", quote(column), inside(value)));
        self.update(&set.collect::<Vec<_>>(), when, &self.differs(side))
    }

    /// Returns the statement that puts the new side back as it was written; none if nothing computes it.
    fn put_back(&self, when: &[String]) -> String {
        if self.forward.is_empty() {
            return String::new();
        }
        let names = || self.forward.iter().map(|(column, _)| (quote(column), self.exactly(column)));
        let set: Vec<String> = names().map(|(name, _)| format!("{name} = NEW.{name}")).collect();
        let differs =
            any(names().map(|(name, exactly)| format!("{name} IS NOT NEW.{name}{exactly}")));
        self.update(&set, when, &differs)
    }

    fn update(&self, set: &[String], when: &[String], differs: &str) -> String {
        let row = self.key.iter().map(|part| format!("{part} = NEW.{part}"));
        let conditions: Vec<String> =
            row.chain(when.iter().cloned()).chain([differs.to_owned()]).collect();
        format!(
            "    UPDATE {} SET {}\n        WHERE {};\n",
            self.name,
            set.join(", "),
            conditions.join("\n        AND ")
        )
    }
}

/// Returns the conditions as one that holds if any of them does.
fn any(conditions: impl Iterator<Item = String>) -> String {
    let conditions: Vec<String> = conditions.collect();
    if conditions.is_empty() {
        "(false)".to_owned()
    } else {
        format!("({})", conditions.join(" OR "))
    }
}
