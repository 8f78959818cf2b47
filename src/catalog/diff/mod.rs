//! What differs between two catalogs, told so that a person can act on it.

mod alike;
mod words;

pub use alike::named_alike;
pub use words::NOT_VALIDATED;

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalog, Column, Exclusion, Generated, Index, IndexKey, SqlExpression, Table, View};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: "table `users`", "column `users.name`".
    pub object: String,
    /// What was expected, in words; `None` if it should not be there.
    pub expected: Option<String>,
    /// What was found; `None` if it is missing.
    pub found: Option<String>,
}

/// Tells whether two expressions mean the same.
type Same<'a> = &'a dyn Fn(&SqlExpression, &SqlExpression) -> bool;

/// Compares two catalogs of one dialect. Expressions are compared loosely (by `same`), names of
/// triggers and functions exactly, and trigger texts only where both are known.
///
/// The order of columns and of constraints is no difference: no statement that names them depends on it. Syncs are
/// compared by the triggers and functions that they consist of. On SQLite a constraint that nobody named is found by what it says.
#[must_use]
pub fn diff(
    expected: &Catalog,
    found: &Catalog,
    same: &dyn Fn(&SqlExpression, &SqlExpression) -> bool,
) -> Vec<Difference> {
    let mut diff = Diff { same, differences: Vec::new() };
    diff.maps(
        &expected.enums,
        &found.enums,
        |name| format!("enum `{name}`"),
        |of| words::values(&of.values),
        |diff, object, expected, found| {
            diff.texts(object, words::values(&expected.values), words::values(&found.values));
        },
    );
    diff.sets("sequence", &expected.sequences, &found.sequences);
    diff.sets("function", &expected.functions, &found.functions);
    diff.maps(
        &expected.tables,
        &found.tables,
        |name| format!("table `{name}`"),
        |table| words::table(table),
        |_, _, _, _| {},
    );
    for (name, table) in &expected.tables {
        let Some(other) = found.table(name) else { continue };
        match expected.dialect {
            Dialect::Postgres => diff.table(name, table, other),
            Dialect::Sqlite => {
                let other = alike::named_alike(table, other, name.name.as_str(), same);
                diff.table(name, table, &other);
            }
        }
    }
    diff.maps(
        &expected.views,
        &found.views,
        |name| format!("view `{name}`"),
        words::view,
        Diff::view,
    );
    diff.differences
}

/// The differences so far.
struct Diff<'a> {
    same: Same<'a>,
    differences: Vec<Difference>,
}

impl Diff<'_> {
    fn add(&mut self, object: &str, expected: Option<String>, found: Option<String>) {
        self.differences.push(Difference { object: object.to_owned(), expected, found });
    }

    /// Adds a difference if the words differ.
    fn texts(&mut self, object: &str, expected: String, found: String) {
        if expected != found {
            self.add(object, Some(expected), Some(found));
        }
    }

    /// Compares objects by name: those that are missing, those too many, and `both` for the rest.
    fn maps<K: Ord, V>(
        &mut self,
        expected: &BTreeMap<K, V>,
        found: &BTreeMap<K, V>,
        object: impl Fn(&K) -> String,
        describe: impl Fn(&V) -> String,
        both: impl Fn(&mut Self, &str, &V, &V),
    ) {
        for (name, value) in expected {
            match found.get(name) {
                Some(other) => both(self, &object(name), value, other),
                None => self.add(&object(name), Some(describe(value)), None),
            }
        }
        for (name, value) in found.iter().filter(|(name, _)| !expected.contains_key(name)) {
            self.add(&object(name), None, Some(describe(value)));
        }
    }

    fn sets(&mut self, kind: &str, expected: &BTreeSet<ObjectName>, found: &BTreeSet<ObjectName>) {
        let there = || Some("there".to_owned());
        for name in expected.difference(found) {
            self.add(&format!("{kind} `{name}`"), there(), None);
        }
        for name in found.difference(expected) {
            self.add(&format!("{kind} `{name}`"), None, there());
        }
    }

    fn table(&mut self, name: &ObjectName, expected: &Table, found: &Table) {
        let object = format!("table `{name}`");
        self.texts(&object, words::table_options(expected), words::table_options(found));
        self.texts(
            &object,
            words::comment(expected.comment.as_deref()),
            words::comment(found.comment.as_deref()),
        );
        self.maps(
            &by_name(&expected.columns, |column| &column.name),
            &by_name(&found.columns, |column| &column.name),
            |column| format!("column `{name}.{column}`"),
            |column| words::column(column),
            |diff, object, expected, found| diff.column(object, expected, found),
        );
        self.constraints(name, expected, found);
        self.exclusions(name, expected, found);
        self.partitions(name, expected, found);
        self.maps(
            &expected.indexes,
            &found.indexes,
            |index| format!("index `{index}` on `{name}`"),
            words::index,
            Diff::index,
        );
        self.maps(
            &expected.triggers,
            &found.triggers,
            |trigger| format!("trigger `{trigger}` on `{name}`"),
            |_| "there".to_owned(),
            |diff, object, expected, found| {
                if let (Some(one), Some(other)) = (&expected.definition, &found.definition)
                    && words::trigger(one) != words::trigger(other)
                {
                    diff.texts(object, words::spaced(one), words::spaced(other));
                }
            },
        );
    }

    fn column(&mut self, object: &str, expected: &Column, found: &Column) {
        let kind = |column: &Column| format!("of type `{}`", column.sql_type);
        self.texts(object, kind(expected), kind(found));
        self.texts(object, words::nullable(expected), words::nullable(found));
        if !self.same_default(expected, found) {
            let default = |column: &Column| words::default(column.default.as_ref());
            self.add(object, Some(default(expected)), Some(default(found)));
        }
        if !self.same_generated(expected.generated.as_ref(), found.generated.as_ref()) {
            let generated = |column: &Column| words::generated(column.generated.as_ref());
            self.add(object, Some(generated(expected)), Some(generated(found)));
        }
        self.texts(object, words::collation(expected), words::collation(found));
        self.texts(object, words::on_null(expected), words::on_null(found));
        self.texts(
            object,
            words::comment(expected.comment.as_deref()),
            words::comment(found.comment.as_deref()),
        );
    }

    fn constraints(&mut self, table: &ObjectName, expected: &Table, found: &Table) {
        let primary_key = |table: &Table| table.primary_key.as_ref().map(words::key);
        let (one, other) = (primary_key(expected), primary_key(found));
        if one != other {
            self.add(&format!("primary key of `{table}`"), one, other);
        }
        let named = |kind: &str, name: &Name| format!("{kind} `{name}` on `{table}`");
        self.maps(
            &by_name(&expected.uniques, |key| &key.name),
            &by_name(&found.uniques, |key| &key.name),
            |name| named("unique constraint", name),
            |key| words::unique(key),
            |diff, object, one, other| {
                diff.texts(object, words::unique(one), words::unique(other));
            },
        );
        self.maps(
            &by_name(&expected.checks, |check| &check.name),
            &by_name(&found.checks, |check| &check.name),
            |name| named("check", name),
            |check| words::check(check),
            |diff, object, one, other| {
                if !(diff.same)(&one.expression, &other.expression)
                    || (one.validated, one.no_inherit) != (other.validated, other.no_inherit)
                {
                    diff.add(object, Some(words::check(one)), Some(words::check(other)));
                }
            },
        );
        self.maps(
            &by_name(&expected.foreign_keys, |key| &key.name),
            &by_name(&found.foreign_keys, |key| &key.name),
            |name| named("foreign key", name),
            |key| words::foreign_key(key),
            |diff, object, one, other| {
                diff.texts(object, words::foreign_key(one), words::foreign_key(other));
            },
        );
    }

    fn exclusions(&mut self, table: &ObjectName, expected: &Table, found: &Table) {
        self.maps(
            &by_name(&expected.exclusions, |of| &of.name),
            &by_name(&found.exclusions, |of| &of.name),
            |name| format!("exclusion constraint `{name}` on `{table}`"),
            |of| words::exclusion(of),
            |diff, object, one, other| {
                let rest = |of: &Exclusion| (of.operators.clone(), of.deferral);
                if !diff.is_same_index(&one.index, &other.index) || rest(one) != rest(other) {
                    diff.add(object, Some(words::exclusion(one)), Some(words::exclusion(other)));
                }
            },
        );
    }

    fn partitions(&mut self, table: &ObjectName, expected: &Table, found: &Table) {
        let (one, other) = (&expected.partition_by, &found.partition_by);
        let is_same = match (one.as_ref().map(keys), other.as_ref().map(keys)) {
            (Some((strategy, one)), Some((other_strategy, other))) => {
                strategy == other_strategy && (self.same)(&one, &other)
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_same {
            let object = format!("table `{table}`");
            self.add(
                &object,
                Some(words::partitioned(one.as_ref())),
                Some(words::partitioned(other.as_ref())),
            );
        }
        let is_same = match (&expected.partition_of, &found.partition_of) {
            (Some(one), Some(other)) => one.of == other.of && one.is_same_bound(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_same {
            let object = format!("table `{table}`");
            self.add(
                &object,
                Some(words::partition(expected.partition_of.as_ref())),
                Some(words::partition(found.partition_of.as_ref())),
            );
        }
    }

    fn index(&mut self, object: &str, expected: &Index, found: &Index) {
        if !self.is_same_index(expected, found) {
            self.add(object, Some(words::index(expected)), Some(words::index(found)));
        }
    }

    fn is_same_index(&self, expected: &Index, found: &Index) -> bool {
        let parts = expected.columns.len() == found.columns.len()
            && expected.columns.iter().zip(&found.columns).all(|(one, other)| {
                let key = match (&one.key, &other.key) {
                    (IndexKey::Column(one), IndexKey::Column(other)) => one == other,
                    (IndexKey::Expression(one), IndexKey::Expression(other)) => {
                        (self.same)(one, other)
                    }
                    (IndexKey::Column(_), IndexKey::Expression(_))
                    | (IndexKey::Expression(_), IndexKey::Column(_)) => false,
                };
                let rest = (one.order, one.nulls, &one.opclass, &one.terms);
                key && rest == (other.order, other.nulls, &other.opclass, &other.terms)
            });
        let predicate = self.same_option(expected.predicate.as_ref(), found.predicate.as_ref());
        let rest = |index: &Index| {
            let Index { columns: _, unique, predicate: _, method, include, valid, terms } = index;
            (*unique, *valid, method.clone(), include.clone(), terms.clone())
        };
        parts && predicate && rest(expected) == rest(found)
    }

    fn view(&mut self, object: &str, expected: &View, found: &View) {
        let columns = |view: &View| words::columns(&view.columns);
        if !expected.columns.is_empty() && !found.columns.is_empty() {
            self.texts(object, columns(expected), columns(found));
        }
        if expected.materialized != found.materialized
            || !(self.same)(&expected.query, &found.query)
        {
            self.add(object, Some(words::view(expected)), Some(words::view(found)));
        }
    }

    /// Compares defaults; a literal is a value of the column's type, as which a server may write it otherwise.
    fn same_default(&self, expected: &Column, found: &Column) -> bool {
        let (one, other) = (expected.default.as_ref(), found.default.as_ref());
        let typed = || {
            let one = one?;
            let is_literal = one.as_str().trim_start().starts_with('\'');
            let cast = format!("CAST({one} AS {})", expected.sql_type);
            Some((is_literal.then(|| SqlExpression::new(cast))?, other?))
        };
        self.same_option(one, other) || typed().is_some_and(|(one, other)| (self.same)(&one, other))
    }

    fn same_option(&self, one: Option<&SqlExpression>, other: Option<&SqlExpression>) -> bool {
        match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => (self.same)(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    fn same_generated(&self, one: Option<&Generated>, other: Option<&Generated>) -> bool {
        match (one, other) {
            (Some(Generated::Stored(one)), Some(Generated::Stored(other)))
            | (Some(Generated::Virtual(one)), Some(Generated::Virtual(other))) => {
                (self.same)(one, other)
            }
            (one, other) => one == other,
        }
    }
}

/// Returns the strategy, and the columns that a table is cut by.
fn keys(by: &SqlExpression) -> (&str, SqlExpression) {
    let (strategy, keys) = by.as_str().split_once(' ').unwrap_or((by.as_str(), ""));
    (strategy, SqlExpression::new(keys))
}

fn by_name<T>(items: &[T], name: impl Fn(&T) -> &Name) -> BTreeMap<Name, &T> {
    items.iter().map(|item| (name(item).clone(), item)).collect()
}

#[cfg(test)]
mod tests;
