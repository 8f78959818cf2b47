//! What changes of rows touch.

use super::Access;
use super::touched::Touched;
use crate::change::{DataChange, Write};
use crate::name::ObjectName;

impl Touched<'_> {
    /// Whole rows come or go: all columns are written, also those that nobody named.
    pub(super) fn rows(&mut self, table: &ObjectName) {
        self.table(table, Access::WritesData);
        self.all_columns(table, Access::WritesData);
    }

    pub(super) fn write(&mut self, data: &DataChange) {
        self.table(&data.table, Access::Uses);
        self.columns(&data.table, &data.key, Access::ReadsData);
        if let Some(condition) = &data.condition {
            self.expression(condition, &data.table, Access::ReadsData);
        }
        match &data.write {
            Write::Update { set } => {
                for (column, value) in set {
                    self.column(&data.table, column, Access::WritesData);
                    self.expression(value, &data.table, Access::ReadsData);
                }
            }
            Write::Delete => self.rows(&data.table),
            Write::InsertSelect { columns: _, query } => {
                self.rows(&data.table);
                self.text(query.as_str(), None, Access::ReadsData);
            }
            Write::InsertValues { columns: _, rows } => {
                self.rows(&data.table);
                for value in rows.iter().flatten() {
                    self.text(value.as_str(), None, Access::ReadsData);
                }
            }
            Write::Copy { to, columns, overwrite: _ } => {
                self.rows(to);
                for (_, value) in columns {
                    self.expression(value, &data.table, Access::ReadsData);
                }
            }
        }
    }
}
