//! What a change touches, so that two unordered steps that do not commute are found.

mod altered;
mod touched;
mod written;

use self::touched::Touched;
use super::Change;
use super::effect::Object;
use crate::catalog::Catalog;

/// How a change uses an object.
///
/// Two accesses of one object commute if neither defines it, and neither writes data that the other reads or writes, and at most
/// one alters it (altering counts as writing against data: what a write may hold depends on it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Needs it to exist as it is.
    Uses,
    /// Reads the rows' values.
    ReadsData,
    /// Writes the rows' values.
    WritesData,
    /// Changes a property of it that those who only use or read it do not depend on: a default, nullability, another
    /// value of an enum.
    Alters,
    /// Creates or drops it, or replaces what it is.
    Defines,
}

impl Access {
    /// All accesses.
    pub const ALL: [Self; 5] =
        [Self::Uses, Self::ReadsData, Self::WritesData, Self::Alters, Self::Defines];

    /// Returns whether two accesses of one object give the same in either order.
    #[must_use]
    pub const fn commutes_with(self, other: Self) -> bool {
        match (self, other) {
            (Self::Defines, _)
            | (_, Self::Defines)
            | (Self::WritesData | Self::Alters, Self::WritesData | Self::Alters)
            | (Self::WritesData, Self::ReadsData)
            | (Self::ReadsData, Self::WritesData) => false,
            (Self::Uses | Self::ReadsData, Self::Uses | Self::ReadsData | Self::Alters)
            | (Self::Uses, Self::WritesData)
            | (Self::WritesData | Self::Alters, Self::Uses)
            | (Self::Alters, Self::ReadsData) => true,
        }
    }
}

/// Returns the objects that a change touches and how, given the catalog just before it. An object may
/// stand there more than once; columns that an expression names are among them.
///
/// Expressions are read by their words, so a name that only looks like a column's counts as one.
#[must_use]
pub fn footprint(change: &Change, before: &Catalog) -> Vec<(Object, Access)> {
    Touched::by(change, before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{
        Column, Index, IndexColumn, IndexKey, IndexTerms, Order, PartTerms, SqlExpression, Table,
        View,
    };
    use crate::change::{Batch, DataChange, Write};
    use crate::dialect::Dialect;
    use crate::name::ObjectName;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        for (table, columns) in [("users", ["id", "name"]), ("orders", ["id", "total"])] {
            let columns = columns.map(|column| Column::new(column, "text")).to_vec();
            let table = (table.into(), Table { columns, ..Table::default() }.into());
            catalog.tables.insert(table.0, table.1);
        }
        catalog
    }

    fn commute(one: &Change, other: &Change) -> bool {
        let (ours, theirs) = (footprint(one, &catalog()), footprint(other, &catalog()));
        let same = |(a, x): &(Object, Access)| {
            theirs.iter().filter(|(b, _)| a == b).all(|(_, y)| x.commutes_with(*y))
        };
        ours.iter().all(same)
    }

    fn add(table: &str, column: &str) -> Change {
        Change::AddColumn { table: table.into(), column: Column::new(column, "text") }
    }

    fn drop(table: &str, column: &str) -> Change {
        Change::DropColumn { table: table.into(), column: column.into(), refill: None }
    }

    fn update(table: &str, column: &str, value: &str, condition: &str) -> Change {
        Change::Write(DataChange {
            table: ObjectName::parse(table),
            key: vec!["id".into()],
            write: Write::Update { set: vec![(column.into(), SqlExpression::new(value))] },
            condition: Some(SqlExpression::new(condition)),
            batch: Batch::default(),
        })
    }

    fn index(column: &str) -> Change {
        let part = IndexColumn {
            key: IndexKey::Column(column.into()),
            order: Order::Ascending,
            nulls: None,
            opclass: None,
            terms: PartTerms::default(),
        };
        let index = Index {
            columns: vec![part],
            unique: false,
            predicate: None,
            method: None,
            include: Vec::new(),
            valid: true,
            terms: IndexTerms::default(),
        };
        let name = format!("{column}_idx").into();
        Change::CreateIndex { table: "users".into(), name, index }
    }

    #[test]
    fn two_teams_may_add_different_columns_to_one_table() {
        assert!(commute(&add("users", "a"), &add("users", "b")));
        assert!(!commute(&add("users", "a"), &add("users", "a")));
    }

    #[test]
    fn commuting_goes_both_ways() {
        for one in Access::ALL {
            for other in Access::ALL {
                assert_eq!(one.commutes_with(other), other.commutes_with(one));
            }
        }
    }

    #[test]
    fn whoever_uses_a_column_does_not_commute_with_its_drop() {
        let gone = drop("users", "name");
        assert!(!commute(&gone, &index("name")));
        assert!(commute(&gone, &index("id")));
        assert!(!commute(&gone, &update("users", "id", "lower(\"name\")", "true")));
        assert!(!commute(&gone, &update("users", "id", "1", "name IS NULL")));
        assert!(commute(&gone, &update("users", "id", "'name'", "id IS NULL")));
        assert!(commute(&gone, &update("orders", "total", "1", "total IS NULL")));
    }

    #[test]
    fn a_subquery_reads_the_other_table() {
        let query = "(SELECT max(name) FROM users)";
        assert!(!commute(&drop("users", "name"), &update("orders", "total", query, "true")));
        assert!(!commute(
            &update("users", "name", "'x'", "true"),
            &update("orders", "total", query, "true")
        ));
    }

    #[test]
    fn writes_of_different_columns_commute_and_of_the_same_do_not() {
        let (name, id) = (update("users", "name", "1", "true"), update("users", "id", "1", "true"));
        assert!(!commute(&name, &name.clone()));
        assert!(!commute(&name, &update("users", "other", "name", "true")));
        assert!(!commute(&id, &update("users", "name", "1", "true")), "a key is read");
    }

    #[test]
    fn a_default_matters_to_writes_but_not_to_an_index() {
        let default = Change::SetDefault {
            table: "users".into(),
            column: "name".into(),
            default: Some(SqlExpression::new("''")),
        };
        assert!(commute(&default, &index("name")));
        assert!(!commute(&default, &update("users", "name", "1", "true")));
        assert!(!commute(&default, &default.clone()));
    }

    #[test]
    fn a_view_uses_the_columns_it_names_or_all() {
        let view = |query: &str| {
            let query = SqlExpression::new(query);
            let view = View { query, columns: Vec::new(), materialized: false };
            Change::CreateView { name: "v".into(), view }
        };
        assert!(commute(&drop("users", "name"), &view("SELECT id FROM users")));
        assert!(!commute(&drop("users", "name"), &view("SELECT name FROM users")));
        assert!(!commute(&drop("users", "name"), &view("SELECT * FROM users")));
        assert!(!commute(
            &Change::DropTable { name: "users".into() },
            &view("SELECT 1 FROM users")
        ));
    }

    #[test]
    fn rows_that_come_write_every_column() {
        let insert = Change::Write(DataChange {
            table: "users".into(),
            key: Vec::new(),
            write: Write::InsertValues {
                columns: vec!["id".into()],
                rows: vec![vec![SqlExpression::new("1")]],
            },
            condition: None,
            batch: Batch::default(),
        });
        let required =
            Change::SetNullable { table: "users".into(), column: "name".into(), nullable: false };
        assert!(!commute(&insert, &required));
        assert!(commute(&insert, &add("users", "extra")));
    }
}
