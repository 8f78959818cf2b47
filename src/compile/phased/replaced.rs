//! Tables that another one takes the place of, since the engine has no other way (SQLite): another primary key, `STRICT`, `WITHOUT ROWID`.

use super::yaml::{Step, Yaml};
use super::{Draft, Place, named};
use crate::catalog::{Catalog, Column, Generated, Table};
use crate::change::Change;
use crate::change::apply::apply;
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};

/// A table that another one takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplacedTable {
    old: ObjectName,
    /// The one that takes its place, and keeps its name.
    new: ObjectName,
    /// The columns that tell one row from another in both.
    key: Vec<Name>,
}

/// Finds the tables that are to be what no statement makes of them; what is wanted then names the tables that take their places.
pub(super) fn replaced(have: &Catalog, want: &mut Catalog) -> Vec<ReplacedTable> {
    let mut all = Vec::new();
    if have.dialect == Dialect::Postgres {
        return all;
    }
    for (name, table) in &have.tables {
        let Some(wanted) = want.table(name) else { continue };
        let options = |of: &Table| (of.strict, of.without_rowid);
        let is_another = options(table) != options(wanted) || Draft::changes_key(table, wanted);
        let Some(key) = key(table, wanted).filter(|_| is_another && is_copied(have, name, wanted))
        else {
            continue;
        };
        let first = Name::new(format!("{}_new", name.name));
        let numbered = (2_u32..100).map(|number| Name::new(format!("{}_new{number}", name.name)));
        let mut names = std::iter::once(first).chain(numbered).map(|new| name.sibling(new));
        let is_free = |name: &ObjectName| {
            [&*have, &*want]
                .iter()
                .all(|of| !of.tables.contains_key(name) && !of.views.contains_key(name))
        };
        let Some(new) = names.find(is_free) else { continue };
        if let Some(changed) = renamed(have, want, name, &new) {
            *want = changed;
            all.push(ReplacedTable { old: name.clone(), new, key });
        }
    }
    all
}

/// Returns columns that are unique in both tables: the old primary key, if it may be.
fn key(have: &Table, want: &Table) -> Option<Vec<Name>> {
    let lists = |of: &Table| -> Vec<Vec<Name>> {
        let lists = of.arbiter_column_lists().into_iter();
        lists.map(|list| list.into_iter().cloned().collect()).collect()
    };
    let wanted = lists(want);
    lists(have).into_iter().find(|list| wanted.contains(list))
}

/// Returns whether the rows of a table fit as they are into the one that is wanted, and nothing else knows it but keys of other tables.
fn is_copied(have: &Catalog, name: &ObjectName, want: &Table) -> bool {
    let Some(table) = have.table(name) else { return false };
    let is_computed = |column: &Column| {
        matches!(column.generated, Some(Generated::Stored(_) | Generated::Virtual(_)))
    };
    let fits = want.columns.iter().all(|new| {
        let old = table.column(&new.name);
        old.is_some_and(|old| {
            !is_computed(old) && !is_computed(new) && (new.nullable || !old.nullable)
        })
    });
    let is_read = have.views.values().any(|view| {
        expressions::query(have.dialect, view.query.as_str()).is_ok_and(|(read, _)| {
            read.tables.iter().any(|of| ObjectName::parse(&of.name) == *name)
        })
    });
    fits && table.columns.len() == want.columns.len()
        && table.triggers.is_empty()
        && want.triggers.is_empty()
        && !is_read
}

/// Gives a table of what is wanted another name, and its indexes, which are there beside those of the old one.
fn renamed(have: &Catalog, want: &Catalog, old: &ObjectName, new: &ObjectName) -> Option<Catalog> {
    let mut changed = want.clone();
    let (from, to) = (old.clone(), new.clone());
    apply(&Change::RenameTable { from, to }, &mut changed).ok()?;
    let indexes: Vec<Name> = changed.table(new)?.indexes.keys().cloned().collect();
    for index in indexes {
        if have.table_of_index(&old.sibling(index.clone())).is_some() {
            let to = Name::new(format!("{index}_new"));
            let rename = Change::RenameIndex { table: new.clone(), from: index, to };
            apply(&rename, &mut changed).ok()?;
        }
    }
    Some(changed)
}

impl Draft<'_> {
    /// Drafts how a table gives way to the one that takes its place; `false` if none does.
    pub(super) fn gives_way(&mut self, old: &ObjectName) -> bool {
        let Some(of) = self.replaced_tables.iter().find(|of| of.old == *old).cloned() else {
            return false;
        };
        let Some(table) = self.have.table(old) else { return false };
        let columns = || Yaml::texts(table.columns.iter().map(|column| &column.name));
        let new = &of.new;
        let id = format!("carry_{}_over", super::raw::word(&[old.name.as_str()]));
        let mut sync = Step::new("sync_tables")
            .ask(format!(
                "`{old}` is to have another primary key or to be STRICT or WITHOUT ROWID, or no longer, which no step makes of a table that is\\n\
                 there; so a new table takes its place and keeps its own name. Is `{new}` the right one? From now on what is written to `{old}`\\n\
                 must fit into it too, and until no release inserts into `{old}` any more, none may take numbers of its own in `{new}`"
            ))
            .with("from", named(old))
            .with("to", named(new))
            .with("columns", columns())
            .with("key", Yaml::texts(&of.key));
        sync.id = Some(id.clone());
        self.put(Place::NewTriggers, sync);
        let copy = Step::new("copy_table")
            .with("from", named(old))
            .with("to", named(new))
            .with("columns", columns());
        self.put(Place::Fill, copy);
        self.put(Place::OldTables, Step::new("drop_sync").text("step", id));
        let drop = Step::new("drop_table")
            .with("table", named(old))
            .with("replaced_by", Yaml::texts([new]));
        self.put(Place::OldTables, drop);
        true
    }
}
