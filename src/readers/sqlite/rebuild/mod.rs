//! The rebuild of a table, which is how SQLite does what its `ALTER TABLE` cannot, read as the change that it amounts to.
//!
//! Known are the orders in which people write it (<https://sqlite.org/lang_altertable.html>, section 7): a new table, the rows copied,
//! the old one dropped, the new one renamed; the old one renamed away first; and by way of a backup table, temporary or not.
//! [`find`] finds such sequences by their words alone, so that it does not depend on the catalog which statements belong to one.
//! The first statement of a sequence is then read as all of it: the table before is compared with the table after
//! ([`difference`]), and what was copied from where ([`copy`]) tells renamed columns from those that were dropped and
//! added. Each change has the place of the statement that does it. Where the comparison does not come out even, because rows
//! are left out or the table is not known, the first statement is read as each of the statements one after another.

pub(super) mod copy;
mod difference;
pub(super) mod find;
pub(super) mod found;
mod heads;
mod options;

use sqlite3_parser::ast::{Cmd, Stmt};

use super::cut::Cut;
use super::reading::{self, Reading};
use super::{index, one, table, triggers, with_command};
use crate::catalog::{Catalog, Table, Trigger};
use crate::change::Change;
use crate::change::apply::apply_as_run;
use crate::name::{Name, ObjectName};
use crate::readers::{How, Meaning, Part, Statement};
use difference::Difference;
use found::{Extra, Rebuild};

/// Reads the whole sequence at its first statement.
pub(super) fn read(
    rebuild: &Rebuild,
    cuts: &[Cut],
    text: &str,
    before: &Catalog,
) -> Option<Statement> {
    let first = cuts.get(rebuild.first())?;
    let last = cuts.get(rebuild.last())?;
    let parts = recognised(rebuild, cuts, text, before)
        .unwrap_or_else(|| one_by_one(rebuild, cuts, text, before));
    let place = first.place.start..last.place.end;
    Some(Statement { place, parts, alone: None, transaction: None })
}

/// Reads the statements of a sequence one after another.
fn one_by_one(rebuild: &Rebuild, cuts: &[Cut], text: &str, before: &Catalog) -> Vec<Part> {
    let mut catalog = before.clone();
    let mut parts = Vec::new();
    for cut in rebuild.members.iter().filter_map(|at| cuts.get(*at)) {
        let statement = one(cut, text, &catalog);
        for part in &statement.parts {
            if let Meaning::Change(change) = &part.meaning {
                // What the engine would refuse changes nothing.
                let _ = apply_as_run(change, &mut catalog);
            }
        }
        parts.extend(statement.parts);
    }
    parts
}

fn recognised(rebuild: &Rebuild, cuts: &[Cut], text: &str, before: &Catalog) -> Option<Vec<Part>> {
    let table = reading::known(before, ObjectName::bare(rebuild.table.as_str()));
    let old = before.table(&table)?;
    let is_there = |name: &String| {
        let name = reading::known(before, ObjectName::bare(name.as_str()));
        before.tables.contains_key(&name) || before.views.contains_key(&name)
    };
    if rebuild.scratch.iter().any(is_there) || rebuild.moves_away && is_followed(before, &table) {
        return None;
    }
    let create = cuts.get(rebuild.create)?;
    let mut new = definition(create, text, before, &table, &rebuild.scratch)?;
    let mut plain = Vec::new();
    let mut places = difference::Places {
        create: create.place.clone(),
        copy: cuts.get(rebuild.copy)?.place.clone(),
        drop: cuts.get(rebuild.drop)?.place.clone(),
        extras: Vec::new(),
    };
    for extra in &rebuild.extras {
        let cut = cuts.get(extra.at())?;
        match extra {
            Extra::Index(_) => {
                let (name, index) = index_of(cut, text, before, &new)?;
                places.extras.push((name.clone(), cut.place.clone()));
                new.indexes.insert(name, index);
            }
            Extra::Trigger(_) => {
                let (name, trigger) = trigger_of(cut, text, before)?;
                places.extras.push((name.clone(), cut.place.clone()));
                new.triggers.insert(name, trigger);
            }
            Extra::Gone(_) => {}
            Extra::DropIndex(_) | Extra::DropTrigger(_) => {
                plain.extend(elsewhere(cut, text, before, &table));
            }
        }
    }
    let copied = copy::copied(rebuild, cuts, text, before, old, &new)?;
    let difference = Difference { before, table: &table, new: &new, copied: &copied };
    let parts = difference.changes(&places)?.into_iter().map(|(change, place)| Part {
        place,
        meaning: Meaning::Change(Box::new(change)),
        how: How::default(),
    });
    plain.extend(parts);
    Some(plain)
}

/// Returns whether something follows when the table is renamed away, and goes on naming what is dropped in the end.
fn is_followed(before: &Catalog, table: &ObjectName) -> bool {
    before.references_to(table).any(|(from, _)| from != table)
}

/// Reads the definition of the new table under the name that it has in the end.
fn definition(
    cut: &Cut,
    text: &str,
    before: &Catalog,
    name: &ObjectName,
    scratch: &[String],
) -> Option<Table> {
    let mut new = with_command(cut, text, before, |reading, command| match command {
        Cmd::Stmt(Stmt::CreateTable { body, .. }) => table::table(reading, name, body),
        _ => None,
    })??;
    let own_key = new.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
    for key in &mut new.foreign_keys {
        let references = key.references.name.as_str().to_ascii_lowercase();
        if scratch.contains(&references) {
            key.references = name.clone();
            if key.referenced_columns.is_empty() {
                key.referenced_columns.clone_from(&own_key);
            }
        }
    }
    Some(new)
}

fn index_of(
    cut: &Cut,
    text: &str,
    before: &Catalog,
    new: &Table,
) -> Option<(Name, crate::catalog::Index)> {
    with_command(cut, text, before, |reading, command| match command {
        Cmd::Stmt(Stmt::CreateIndex {
            unique, if_not_exists, idx_name, tbl_name, columns, ..
        }) => {
            let written = index::Written {
                unique: *unique,
                if_not_exists: *if_not_exists,
                name: idx_name,
                table: tbl_name,
                columns,
            };
            let name = reading::written(idx_name).name;
            Some((name, index::index(reading, Some(new), &written)))
        }
        _ => None,
    })?
}

fn trigger_of(cut: &Cut, text: &str, before: &Catalog) -> Option<(Name, Trigger)> {
    with_command(cut, text, before, |reading: &Reading<'_>, command| match command {
        Cmd::Stmt(Stmt::CreateTrigger { trigger_name, temporary: false, .. }) => {
            let definition = Some(triggers::definition(reading));
            Some((reading::written(trigger_name).name, Trigger { definition }))
        }
        _ => None,
    })?
}

/// Reads a drop of an index or a trigger; that of the table itself goes with the table.
fn elsewhere(cut: &Cut, text: &str, before: &Catalog, of: &ObjectName) -> Vec<Part> {
    let mut parts = one(cut, text, before).parts;
    parts.retain(|part| match &part.meaning {
        Meaning::Change(change) => !matches!(
            change.as_ref(),
            Change::DropIndex { table, .. } | Change::DropTrigger { table, .. } if table == of
        ),
        Meaning::Opaque { .. } | Meaning::Unreadable { .. } => true,
    });
    parts
}
