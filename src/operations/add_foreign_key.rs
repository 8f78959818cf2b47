//! `add_foreign_key`.

use super::fields::{ColumnList, ForeignKeyParts, OwnTable, Target};
use super::lowering::naming::TakenNames;
use super::{Lowering, Operation, id};
use crate::catalog::ReferentialAction;
use crate::change::{Change, Constraint};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Adds a foreign key. Releases that write rows without a counterpart would fail, so this waits for a gate, except on
    /// columns that the same plan adds.
    ///
    /// - `table`, `columns`: what refers; one column or a list.
    /// - `references: { table, columns? }`: what it refers to, unique there; the primary key if `columns` is left out.
    /// - `on_delete`, `on_update`: `no action` (the default), `restrict`, `cascade`, `set null`, `set default`.
    /// - `name`: its name; else `orders_customer_id_fkey`.
    ///
    /// On PostgreSQL the rows are checked without blocking writes; on SQLite the table is rebuilt.
    ///
    /// ```yaml
    /// title: Orders have a customer
    /// expand:
    ///   - create_table:
    ///       table: customers
    ///       columns: [{ name: id, type: integer, primary_key: true }]
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: customer_id, type: integer }
    /// contract:
    ///   - add_foreign_key: { table: orders, columns: [customer_id], references: { table: customers }, on_delete: restrict }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "foreign key to add" => pub struct AddForeignKey {
        /// The table.
        table: Spanned<ObjectName>,
        /// The referring columns.
        columns: ColumnList,
        /// The table and the columns referred to.
        references: Target,
        /// What a delete there does here.
        on_delete: Option<ReferentialAction>,
        /// What an update there does here.
        on_update: Option<ReferentialAction>,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

impl Operation for AddForeignKey {
    const KEY: &'static str = "add_foreign_key";
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
        let catalog = lowering.before;
        let mut names = TakenNames::of(catalog, name, Some(table));
        let target_columns = self.references.written_columns();
        let parts = ForeignKeyParts {
            columns: &self.columns.0,
            target: &self.references.table,
            target_columns: target_columns.as_deref(),
            on_delete: self.on_delete,
            on_update: self.on_update,
            name: self.name.as_ref(),
        };
        let key = parts.lower(OwnTable { name, table }, &mut names, lowering)?;
        let constraint = Constraint::ForeignKey(key);
        Some(vec![Change::AddConstraint { table: name.clone(), constraint }])
    }
}
