//! The names that PostgreSQL gives to constraints and indexes that nobody named.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, SqlExpression};
use crate::dialect::Dialect;
use crate::expressions;
use crate::name::{Name, ObjectName};

/// What the server keeps of a name, in bytes.
const BYTES_MAX: usize = Dialect::Postgres.identifier_bytes_max();

/// Makes up names for one table as the server does.
pub(crate) struct Naming<'a> {
    catalog: &'a Catalog,
    table: &'a ObjectName,
    /// Names that this statement has given already.
    taken: BTreeSet<Name>,
}

impl<'a> Naming<'a> {
    pub(crate) const fn new(catalog: &'a Catalog, table: &'a ObjectName) -> Self {
        Self { catalog, table, taken: BTreeSet::new() }
    }

    /// Keeps a name that somebody wrote.
    pub(crate) fn take(&mut self, name: &Name) {
        self.taken.insert(name.clone());
    }

    /// Names a primary key.
    pub(crate) fn primary_key(&mut self) -> Name {
        self.choose("", "pkey", Self::is_relation_or_constraint)
    }

    /// Names a unique constraint.
    pub(crate) fn key(&mut self, columns: &[Name]) -> Name {
        self.choose(&joined(columns), "key", Self::is_relation_or_constraint)
    }

    /// Names an exclusion constraint over columns and expressions.
    pub(crate) fn exclusion(&mut self, columns: &[Name]) -> Name {
        self.choose(&joined(columns), "excl", Self::is_relation_or_constraint)
    }

    /// Names an index.
    pub(crate) fn index(&mut self, columns: &[Name]) -> Name {
        self.choose(&joined(columns), "idx", Self::is_relation)
    }

    /// Names a foreign key.
    pub(crate) fn foreign_key(&mut self, columns: &[Name]) -> Name {
        self.choose(&joined(columns), "fkey", Self::is_constraint)
    }

    /// Names a check: after its column if it names just one.
    pub(crate) fn check(&mut self, expression: &SqlExpression) -> Name {
        let read = expressions::expression(Dialect::Postgres, expression.as_str());
        let columns: BTreeSet<String> = read
            .map(|read| read.columns.into_iter().map(|column| column.name).collect())
            .unwrap_or_default();
        let mut columns = columns.into_iter();
        let only = match (columns.next(), columns.next()) {
            (Some(only), None) => only,
            _ => String::new(),
        };
        self.choose(&only, "check", Self::is_constraint)
    }

    fn choose(&mut self, columns: &str, label: &str, is_taken: fn(&Self, &Name) -> bool) -> Name {
        let table = self.table.name.as_str();
        let mut name = Name::new(object_name(table, columns, label));
        let mut pass = 0_u32;
        while self.taken.contains(&name) || is_taken(self, &name) {
            pass += 1;
            name = Name::new(object_name(table, columns, &format!("{label}{pass}")));
        }
        self.taken.insert(name.clone());
        name
    }

    fn is_relation_or_constraint(&self, name: &Name) -> bool {
        self.is_relation(name) || self.is_constraint(name)
    }

    fn is_relation(&self, name: &Name) -> bool {
        let object = self.table.sibling(name.clone());
        object == *self.table || self.catalog.is_relation(&object)
    }

    /// Returns whether any table of the schema has a constraint of this name: the server looks no closer.
    fn is_constraint(&self, name: &Name) -> bool {
        self.catalog.is_constraint(&self.table.sibling(name.clone()))
    }
}

/// Joins columns as the server does: what is longer than a name is cut off.
fn joined(columns: &[Name]) -> String {
    let mut text = String::new();
    for column in columns {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(column.as_str());
        if text.len() > BYTES_MAX {
            break;
        }
    }
    text
}

/// Joins table, columns and label; the longer of the first two is cut until all fits.
fn object_name(table: &str, columns: &str, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(!columns.is_empty());
    let room = BYTES_MAX.saturating_sub(overhead);
    let (mut one, mut two) = (table.len(), columns.len());
    while one + two > room {
        if one > two {
            one -= 1;
        } else {
            two -= 1;
        }
    }
    let mut name = clipped(table.to_owned(), one);
    if !columns.is_empty() {
        name.push('_');
        name.push_str(&clipped(columns.to_owned(), two));
    }
    name.push('_');
    name.push_str(label);
    name
}

/// Cuts a text where the server cuts it: at a whole letter.
pub(crate) fn clipped(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let mut end = bytes_max;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

/// Gives a second part of an index that has the name of an earlier one a number.
pub(crate) fn distinct(labels: &[Name]) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    for label in labels {
        let mut name = label.clone();
        let mut number = 0_u32;
        while found.contains(&name) {
            number += 1;
            let digits = number.to_string();
            let head = clipped(label.as_str().to_owned(), BYTES_MAX - digits.len());
            name = Name::new(format!("{head}{digits}"));
        }
        found.push(name);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_part_is_cut() {
        let long = "x".repeat(60);
        assert_eq!(object_name("t", "a_b", "key"), "t_a_b_key");
        assert_eq!(object_name("t", "", "pkey"), "t_pkey");
        let name = object_name(&long, &long, "fkey");
        assert_eq!(name.len(), 63);
        assert_eq!(name, format!("{}_{}_fkey", "x".repeat(29), "x".repeat(28)));
    }
}
