//! `add_check`.

use super::fields::check_of;
use super::lowering::naming::TakenNames;
use super::{Lowering, Operation, id};
use crate::change::{Change, Constraint};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Adds a check. Releases that write rows which do not meet it would fail, so this waits for a gate, except on columns
    /// that the same plan adds.
    ///
    /// - `table`: the table.
    /// - `check`: the condition that every row meets.
    /// - `name`: its name; else `orders_total_check`, or `orders_check` if it names several columns.
    ///
    /// On PostgreSQL the rows are checked without blocking writes; on SQLite the table is rebuilt.
    ///
    /// ```yaml
    /// title: Totals are not negative
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: total, type: integer }
    /// backfill:
    ///   - update: { table: orders, set: { total: "0" }, where: total < 0 }
    /// contract:
    ///   - add_check: { table: orders, check: total >= 0 }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "check to add" => pub struct AddCheck {
        /// The table.
        table: Spanned<ObjectName>,
        /// The condition that every row meets.
        check: SqlText,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

impl Operation for AddCheck {
    const KEY: &'static str = "add_check";
    // In expand only on what the same plan adds, which the rules decide.
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        match &self.name {
            Some(name) => id(Self::KEY, &[name]),
            None => id(Self::KEY, &[&self.table]),
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
        let check = check_of(name, table, &self.check, self.name.as_ref(), &mut names, lowering)?;
        let constraint = Constraint::Check(check);
        Some(vec![Change::AddConstraint { table: name.clone(), constraint }])
    }
}
