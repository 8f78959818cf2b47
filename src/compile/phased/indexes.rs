//! Indexes that come and go.

use super::yaml::{Step, Yaml};
use super::{Columns, Draft, Place, named};
use crate::catalog::{Index, IndexColumn, IndexKey, Nulls, Order, Table};
use crate::dialects::{Hindrance, quote};
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts what differs in the indexes of a table that stays.
    pub(super) fn indexes(
        &mut self,
        table: &ObjectName,
        (have, want): (&Table, &Table),
        columns: &Columns,
    ) {
        for (name, index) in &have.indexes {
            let wanted = want.indexes.get(name);
            if wanted.is_some_and(|wanted| self.is_same(index, wanted))
                && !self.loses(have, index, columns)
            {
                continue;
            }
            let of = self.index_columns(have, index);
            if let [only] = of.as_slice()
                && columns.goes(only)
            {
                // It goes with its column.
                continue;
            }
            let step = Step::new("drop_index")
                .text("index", table.sibling(name.clone()))
                .with("table", named(table));
            self.put(Place::OldRules, step);
            self.plan.drops_unique_index |= index.unique;
        }
        for (name, index) in &want.indexes {
            let before = have.indexes.get(name);
            let of = self.index_columns(want, index);
            if columns.moved(&of).is_some() {
                self.moved_index(table, name, index, &of, columns);
            } else if !before.is_some_and(|before| self.is_same(before, index)) {
                self.new_index(table, name, index, (&of, columns), before.is_some());
            }
        }
    }

    /// Drafts an index for columns that take the place of others.
    fn moved_index(
        &mut self,
        table: &ObjectName,
        name: &Name,
        index: &Index,
        of: &[Name],
        columns: &Columns,
    ) {
        let is_plain = index.predicate.is_none()
            && index.columns.iter().all(|part| part.key.column().is_some());
        if !is_plain {
            let gone = of.iter().find(|name| columns.retyped.contains_key(*name));
            let gone = gone.map(ToString::to_string).unwrap_or_default();
            self.unsaid(format!("index `{name}` on `{table}` is to be on column `{gone}`, which another one replaces: add it there"));
            return;
        }
        let moved = |name: &Name| columns.retyped.get(name).unwrap_or(name).clone();
        let mut index = index.clone();
        for part in &mut index.columns {
            if let IndexKey::Column(name) = &mut part.key {
                *name = moved(name);
            }
        }
        index.include = index.include.iter().map(moved).collect();
        let mut step = create_index(table, name, &index);
        if index.unique {
            let parts = index.columns.iter().filter_map(|part| part.key.column());
            let parts = parts.map(|name| quote(self.dialect, name)).collect();
            self.plan.hindrances.push(Hindrance::Equal {
                table: table.clone(),
                parts,
                condition: None,
            });
            self.put(Place::Restrict, step);
            return;
        }
        // The releases that read the new column need it from the start, and its name is still taken.
        step.fields.retain(|(key, _)| key != "name");
        let step = step.note(format!("In place of `{name}`, whose name is taken until it goes"));
        self.put(Place::NewRules, step);
    }

    fn new_index(
        &mut self,
        table: &ObjectName,
        name: &Name,
        index: &Index,
        (of, columns): (&[Name], &Columns),
        is_there: bool,
    ) {
        let mut step = create_index(table, name, index);
        let is_free = !index.unique || self.is_free(table, of, columns);
        if is_free && !is_there {
            self.put(Place::NewRules, step);
            return;
        }
        if is_there {
            step = step.note("Another index has this name until then; for a while there is neither. A new name would let both be there");
        }
        if index.unique && !self.is_free(table, of, columns) {
            let part = |part: &IndexColumn| match &part.key {
                IndexKey::Column(name) => quote(self.dialect, name),
                IndexKey::Expression(expression) => format!("({expression})"),
            };
            let parts = index.columns.iter().map(part).collect();
            let condition = index.predicate.clone();
            self.plan.hindrances.push(Hindrance::Equal { table: table.clone(), parts, condition });
        }
        self.put(Place::Restrict, step);
    }

    /// Returns whether an index covers a column whose type changes.
    fn loses(&self, table: &Table, index: &Index, columns: &Columns) -> bool {
        self.index_columns(table, index).iter().any(|name| columns.goes(name))
    }

    /// Returns the columns that an index is made from.
    fn index_columns(&self, table: &Table, index: &Index) -> Vec<Name> {
        let mut all = Vec::new();
        for part in &index.columns {
            match &part.key {
                IndexKey::Column(name) => all.push(name.clone()),
                IndexKey::Expression(expression) => {
                    all.extend(self.columns_of(table, expression.as_str()));
                }
            }
        }
        all.extend(index.include.iter().cloned());
        if let Some(predicate) = &index.predicate {
            all.extend(self.columns_of(table, predicate.as_str()));
        }
        all.dedup();
        all
    }

    fn is_same(&self, one: &Index, other: &Index) -> bool {
        let key = |one: &IndexKey, other: &IndexKey| match (one, other) {
            (IndexKey::Column(one), IndexKey::Column(other)) => one == other,
            (IndexKey::Expression(one), IndexKey::Expression(other)) => self.same(one, other),
            (IndexKey::Column(_), IndexKey::Expression(_))
            | (IndexKey::Expression(_), IndexKey::Column(_)) => false,
        };
        let rest = |part: &IndexColumn| (part.order, part.nulls, part.opclass.clone());
        one.unique == other.unique
            && one.method == other.method
            && one.include == other.include
            && one.columns.len() == other.columns.len()
            && one
                .columns
                .iter()
                .zip(&other.columns)
                .all(|(one, other)| key(&one.key, &other.key) && rest(one) == rest(other))
            && self.same_option(one.predicate.as_ref(), other.predicate.as_ref())
    }
}

/// Returns the step that makes an index.
pub(super) fn create_index(table: &ObjectName, name: &Name, index: &Index) -> Step {
    let parts = index.columns.iter().map(part).collect();
    let mut step = Step::new("create_index")
        .with("table", named(table))
        .with("columns", Yaml::List(parts))
        .text("name", name);
    if index.unique {
        step = step.text("unique", "true");
    }
    if let Some(predicate) = &index.predicate {
        step = step.text("where", predicate);
    }
    if let Some(method) = &index.method {
        step = step.text("method", method);
    }
    if !index.include.is_empty() {
        step = step.with("include", Yaml::texts(&index.include));
    }
    step
}

fn part(part: &IndexColumn) -> Yaml {
    let IndexColumn { key, order, nulls, opclass, terms: _ } = part;
    let is_plain = *order == Order::Ascending && nulls.is_none() && opclass.is_none();
    let mut fields = match key {
        IndexKey::Column(name) if is_plain => return Yaml::text(name),
        IndexKey::Column(name) => vec![("column".to_owned(), Yaml::text(name))],
        IndexKey::Expression(expression) => vec![("expression".to_owned(), Yaml::text(expression))],
    };
    let mut add = |key: &str, value: &str| fields.push((key.to_owned(), Yaml::text(value)));
    if *order == Order::Descending {
        add("order", "desc");
    }
    match nulls {
        Some(Nulls::First) => add("nulls", "first"),
        Some(Nulls::Last) => add("nulls", "last"),
        None => {}
    }
    if let Some(opclass) = opclass {
        add("opclass", opclass.as_str());
    }
    Yaml::Map(fields)
}
