//! `drop_constraint`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Drops a unique constraint, a check or a foreign key. Releases may rely on what it guarantees, so this waits for a
    /// gate.
    ///
    /// - `table`, `constraint`: which, by name. A constraint without a name on SQLite goes by the name PostgreSQL would
    ///   have given it.
    ///
    /// A primary key cannot be dropped: move the rows to a new table.
    ///
    /// ```yaml
    /// title: Refunds make totals negative
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: total, type: integer, check: total >= 0 }
    /// contract:
    ///   - drop_constraint: { table: orders, constraint: orders_total_check }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "constraint to drop" => pub struct DropConstraint {
        /// The table.
        table: Spanned<ObjectName>,
        /// The constraint's name.
        constraint: Spanned<Name>,
    }
}

impl Operation for DropConstraint {
    const KEY: &'static str = "drop_constraint";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.constraint])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let table = lowering.table(&self.table)?;
        let (name, span) = (&self.constraint.value, self.constraint.span);
        if table.primary_key.as_ref().is_some_and(|key| key.name == *name) {
            let message = format!("`{name}` is the primary key of table `{}`", self.table);
            let help = "create a new table with another key, and move the rows with `sync_tables` and `copy_table`";
            lowering.invalid(span, message, help);
            return None;
        }
        if table.constraint_names().any(|known| known == name) {
            let (table, constraint) = (self.table.value.clone(), name.clone());
            return Some(vec![Change::DropConstraint { table, constraint }]);
        }
        if !lowering.is_suspended(&self.table.value) {
            let near = did_you_mean(name.as_str(), table.constraint_names().map(Name::as_str));
            let help = if table.indexes.contains_key(name) {
                "it is an index: drop it with `drop_index`".to_owned()
            } else {
                near.unwrap_or_else(|| "name one of the table's constraints".to_owned())
            };
            let message = format!("constraint `{}.{name}` does not exist", self.table);
            lowering.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, message)
                    .label(span, "unknown constraint")
                    .help(help),
            );
        }
        None
    }
}
