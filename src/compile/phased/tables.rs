//! Tables that come, each after those that it refers to, and tables that go, in the other direction.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::fields;
use super::constraints::foreign_key;
use super::indexes::create_index;
use super::yaml::{Step, Yaml};
use super::{AskedBy, Draft, Place, named};
use crate::catalog::{Catalog, ForeignKey, Table};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts the tables that come.
    pub(super) fn new_tables(&mut self) {
        let new = |name: &&ObjectName| !self.have.tables.contains_key(*name);
        let new: BTreeSet<ObjectName> = self.want.tables.keys().filter(new).cloned().collect();
        let mut made = BTreeSet::new();
        for name in in_order(self.want, &new) {
            let Some(table) = self.want.table(&name) else { continue };
            self.plan.about.insert(name.clone());
            let is_there = |key: &&ForeignKey| {
                !new.contains(&key.references)
                    || made.contains(&key.references)
                    || key.references == name
            };
            let own = table.foreign_keys.iter().filter(|key| key.terms.part_of.is_none());
            let (now, later): (Vec<_>, Vec<_>) = own.partition(is_there);
            self.new_table(&name, table, &now);
            for key in later {
                let step = Step::new("add_foreign_key").with("table", named(&name));
                let step = Step { fields: [step.fields, foreign_key(key)].concat(), ..step };
                self.put(Place::NewRules, step);
            }
            for (index, of) in table.indexes.iter().filter(|(_, of)| of.terms.part_of.is_none()) {
                self.put(Place::NewRules, create_index(&name, index, of));
            }
            let bare = Table { triggers: BTreeMap::new(), ..table.clone() };
            self.triggers(&name, &bare, table);
            made.insert(name);
        }
    }

    fn new_table(&mut self, name: &ObjectName, table: &Table, keys: &[&ForeignKey]) {
        self.whole(name, table);
        if self.is_special(name, table) {
            let bare = Table {
                indexes: BTreeMap::new(),
                triggers: BTreeMap::new(),
                comment: None,
                foreign_keys: keys.iter().map(|key| (*key).clone()).collect(),
                ..table.clone()
            };
            let mut others = self.want.clone();
            others.tables.remove(name);
            others.lookup = crate::catalog::Lookup::default();
            let change = Change::CreateTable { name: name.clone(), table: bare };
            if self.raw(Place::NewTables, &["create_table", &name.to_string()], &[change], &others)
            {
                return;
            }
            self.unsaid(format!(
                "how the rows of table `{name}` are kept, and what its primary key is called"
            ));
        }
        let alone = match table.primary_key.as_ref().map(|key| key.columns.as_slice()) {
            Some([only]) => Some(only),
            Some(_) | None => None,
        };
        let column = |column| Yaml::Map(fields(column, "name", alone == Some(&column.name)));
        let columns = Yaml::List(table.columns.iter().map(column).collect());
        let mut step =
            Step::new("create_table").with("table", named(name)).with("columns", columns);
        if let (Some(key), None) = (&table.primary_key, alone) {
            step = step.with("primary_key", Yaml::texts(&key.columns));
        }
        let list = |items: Vec<Vec<(String, Yaml)>>| {
            Yaml::List(items.into_iter().map(Yaml::Map).collect())
        };
        let entry = |key: &str, value| (key.to_owned(), value);
        if !table.uniques.is_empty() {
            let of = |key: &crate::catalog::Key| {
                vec![
                    entry("columns", Yaml::texts(&key.columns)),
                    entry("name", Yaml::text(&key.name)),
                ]
            };
            step = step.with("unique", list(table.uniques.iter().map(of).collect()));
        }
        if !table.checks.is_empty() {
            let of = |check: &crate::catalog::Check| {
                vec![
                    entry("check", Yaml::text(&check.expression)),
                    entry("name", Yaml::text(&check.name)),
                ]
            };
            step = step.with("checks", list(table.checks.iter().map(of).collect()));
        }
        if !keys.is_empty() {
            step =
                step.with("foreign_keys", list(keys.iter().map(|key| foreign_key(key)).collect()));
        }
        match self.asked_by {
            AskedBy::Catalog => {}
            AskedBy::SchemaRs => step = step.ask(format!(
                "`schema.rs` says of `{name}` neither how its key is numbered nor defaults, unique columns, keys to other tables or indexes.\n\
                 Which does it need?"
            )),
        }
        self.put(Place::NewTables, step);
    }

    /// Returns whether a new table is one that the operation does not make: `STRICT`, `WITHOUT ROWID`, a primary key with a name of
    /// its own.
    fn is_special(&self, name: &ObjectName, table: &Table) -> bool {
        let conventional = Name::new(format!("{}_pkey", name.name));
        let has_own_name =
            || table.primary_key.as_ref().is_some_and(|key| key.name != conventional);
        match self.dialect {
            Dialect::Postgres => {
                let is_partitioned = table.partition_by.is_some() || table.partition_of.is_some();
                is_partitioned || has_own_name()
            }
            Dialect::Sqlite => table.strict || table.without_rowid,
        }
    }

    /// Tells what of a new table no step can say.
    fn whole(&mut self, name: &ObjectName, table: &Table) {
        if table.comment.is_some() {
            self.comment(name, None, table.comment.as_ref());
        }
        let loose = table.checks.iter().filter(|check| !check.validated).map(|check| &check.name);
        let loose = loose
            .chain(table.foreign_keys.iter().filter(|key| !key.validated).map(|key| &key.name));
        for constraint in loose.cloned().collect::<Vec<_>>() {
            self.unsaid(format!(
                "constraint `{constraint}` on `{name}` is to be NOT VALID: a plan validates it"
            ));
        }
    }

    /// Drafts the tables that go.
    pub(super) fn old_tables(&mut self) {
        let old = |name: &&ObjectName| !self.want.tables.contains_key(*name);
        let old: BTreeSet<ObjectName> = self.have.tables.keys().filter(old).cloned().collect();
        let mut order = in_order(self.have, &old);
        order.reverse();
        for name in order {
            let Some(table) = self.have.table(&name) else { continue };
            // With its table a partition goes by itself.
            if table.partition_of.as_ref().is_some_and(|of| old.contains(&of.of)) {
                continue;
            }
            self.plan.about.insert(name.clone());
            if self.gives_way(&name) {
                continue;
            }
            let mut step = Step::new("deprecate_table").with("table", named(&name));
            for question in self.is_table_renamed(&name, table) {
                step = step.ask(question);
            }
            self.put(Place::Retire, step);
            // A circle of tables that refer to one another is opened first.
            for key in table.foreign_keys.iter().filter(|key| old.contains(&key.references)) {
                if is_circle(self.have, &old, &name, &key.references) {
                    let step = Step::new("drop_constraint")
                        .with("table", named(&name))
                        .text("constraint", &key.name);
                    self.put(Place::OldRules, step);
                }
            }
            self.put(Place::OldTables, Step::new("drop_table").with("table", named(&name)));
        }
    }
}

/// Returns these tables, each after those of them that it refers to, as far as there is such an order.
fn in_order(catalog: &Catalog, names: &BTreeSet<ObjectName>) -> Vec<ObjectName> {
    let mut left: Vec<&ObjectName> = names.iter().collect();
    let mut order: Vec<ObjectName> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |name: &&ObjectName| {
            let keys = catalog.table(name).into_iter().flat_map(|table| &table.foreign_keys);
            let whole = catalog.table(name).and_then(|table| table.partition_of.as_ref());
            let mut targets = keys.map(|key| &key.references).chain(whole.map(|whole| &whole.of));
            targets.any(|target| target != *name && left.contains(&target))
        };
        let (waiting, mut ready): (Vec<&ObjectName>, Vec<&ObjectName>) =
            left.iter().copied().partition(waits);
        left = waiting;
        if ready.is_empty() {
            ready.push(left.remove(0));
        }
        order.extend(ready.into_iter().cloned());
    }
    order
}

/// Returns whether a table refers back to one that refers to it, through any of these.
fn is_circle(
    catalog: &Catalog,
    among: &BTreeSet<ObjectName>,
    from: &ObjectName,
    to: &ObjectName,
) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![to];
    while let Some(name) = open.pop() {
        if name == from {
            return to != from;
        }
        if seen.insert(name) {
            let keys = catalog.table(name).into_iter().flat_map(|table| &table.foreign_keys);
            open.extend(keys.map(|key| &key.references).filter(|target| among.contains(*target)));
        }
    }
    false
}
