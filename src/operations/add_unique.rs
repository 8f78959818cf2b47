//! `add_unique`.

use super::fields::ColumnList;
use super::lowering::naming::{Suffix, TakenNames};
use super::{Lowering, Operation, id};
use crate::catalog::Key;
use crate::change::{Change, Constraint};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Adds a unique constraint. Releases that write equal rows would fail, so this waits for a gate, except on columns
    /// that the same plan adds.
    ///
    /// - `table`, `columns`: one column or a list.
    /// - `name`: its name; else `users_email_key`.
    ///
    /// On PostgreSQL its index is built without blocking writes; on SQLite the table is rebuilt.
    ///
    /// ```yaml
    /// title: One account per address
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: email, type: text }
    /// contract:
    ///   - add_unique: { table: users, columns: email }
    /// gates:
    ///   contract:
    ///     releases: { web: ">=2.0.0" }
    ///     query: "SELECT count(*) = count(DISTINCT email) FROM users WHERE email IS NOT NULL"
    /// ```
    "unique constraint to add" => pub struct AddUnique {
        /// The table.
        table: Spanned<ObjectName>,
        /// The columns that are unique together.
        columns: ColumnList,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

impl Operation for AddUnique {
    const KEY: &'static str = "add_unique";
    // In expand only on what the same plan adds, which the rules decide.
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        match &self.name {
            Some(name) => id(Self::KEY, &[name]),
            None => id(Self::KEY, &[&self.table, &self.columns]),
        }
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let name = &self.table.value;
        let table = lowering.table(&self.table)?;
        lowering.has_columns(name, table, &self.columns.0)?;
        let catalog = lowering.before;
        let mut names = TakenNames::of(catalog, name, Some(table));
        let columns = self.columns.names();
        let key_name = match &self.name {
            Some(written) => names.write("unique constraint", written, lowering)?,
            None => names.make(&columns, Suffix::Key),
        };
        let constraint = Constraint::Unique(Key::new(key_name, columns));
        Some(vec![Change::AddConstraint { table: name.clone(), constraint }])
    }
}
