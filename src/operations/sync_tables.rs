//! `sync_tables`.

use std::sync::Arc;

use super::fields::{ColumnList, CopiedColumns, required_columns};
use super::lowering::Role;
use super::sync_columns::sync_name;
use super::{Lowering, Operation, id};
use crate::catalog::{Sync, SyncTables as TableSync};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Carries every insert, update and delete of one table over to another, by trigger.
    ///
    /// - `from`, `to`: the tables.
    /// - `columns`: a list of columns that have the same name in both, or a mapping from the target's columns to
    ///   expressions of the source row: no subqueries, no random values.
    /// - `key`: the target's columns that identify a row; unique there, and among `columns`.
    ///
    /// Where both tables number their rows by themselves and `columns` carries the number over, PostgreSQL gives each of them every second number
    /// while they are in step, so that a release that inserts into one and a release that inserts into the other never take the same one;
    /// `drop_sync` lets the target go on alone behind the greatest. SQLite cannot: there let all live releases insert into
    /// `from`, or let the application make the keys.
    ///
    /// ```yaml
    /// title: Keep addresses apart from users
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: street, type: text }
    ///   - create_table:
    ///       table: addresses
    ///       columns:
    ///         - { name: user_id, type: integer, primary_key: true }
    ///         - { name: street, type: text }
    ///   - id: carry_over
    ///     sync_tables: { from: users, to: addresses, columns: { user_id: id, street: street }, key: [user_id] }
    /// backfill:
    ///   - copy_table: { from: users, to: addresses, columns: { user_id: id, street: street } }
    /// ```
    "sync of tables" => pub struct SyncTables {
        /// Where the rows come from.
        from: Spanned<ObjectName>,
        /// Where they go.
        to: Spanned<ObjectName>,
        /// Target columns and their values.
        columns: CopiedColumns,
        /// Target columns that identify a row.
        key: ColumnList,
    }
}

impl Operation for SyncTables {
    const KEY: &'static str = "sync_tables";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.from, &self.to])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.from.value.clone(), self.to.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let source = lowering.table(&self.from);
        let target = lowering.table(&self.to);
        let (source, target) = (source?, target?);
        two_tables(&self.from, &self.to, lowering)?;
        let (from, to) = (&self.from.value, &self.to.value);
        let columns = self.columns.lower(lowering, Role::Sync, (from, source), (to, target));
        let key = self.unique_key(lowering);
        let columns = columns?;
        let given: Vec<&Name> = columns.iter().map(|(name, _)| name).collect();
        required_columns(lowering, self.to.span, to, target, &given)?;
        let sync = Sync::Tables(TableSync {
            name: sync_name(lowering),
            from: from.clone(),
            to: to.clone(),
            columns,
            key: key?,
        });
        Some(vec![Change::CreateSync(Arc::new(sync))])
    }
}

impl SyncTables {
    /// Returns the key, if it is carried over and unique in the target.
    fn unique_key(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Name>> {
        let mut all = Some(());
        for name in &self.key.0 {
            if !self.columns.0.iter().any(|(column, _)| column.value == name.value) {
                all = None;
                let message = format!("key column `{name}` is not among the `columns`");
                lowering.report(
                    Diagnostic::new(code::INVALID_VALUE, message)
                        .label(name.span, "not carried over")
                        .help("add it to `columns`, or name columns that are there"),
                );
            }
        }
        all?;
        let target = lowering.before.table(&self.to.value)?;
        let key = self.key.names();
        let is_unique = target
            .arbiter_column_lists()
            .iter()
            .any(|list| list.len() == key.len() && key.iter().all(|name| list.contains(&name)));
        if is_unique || lowering.is_suspended(&self.to.value) {
            return Some(key);
        }
        let listed: Vec<&str> = key.iter().map(Name::as_str).collect();
        let message = format!("no key of table `{}` is exactly `{}`", self.to, listed.join(", "));
        let span = self.key.0.first().map_or(self.to.span, |name| name.span);
        lowering.report(
            Diagnostic::new(code::INVALID_VALUE, message)
                .label(span, "not unique")
                .help("name the primary key or a unique constraint of the target"),
        );
        None
    }
}

/// Reports a table that is carried over to itself.
pub(super) fn two_tables(
    from: &Spanned<ObjectName>,
    to: &Spanned<ObjectName>,
    lowering: &mut Lowering<'_>,
) -> Option<()> {
    if from.value != to.value {
        return Some(());
    }
    lowering.invalid(to.span, format!("`from` and `to` are both `{to}`"), "name two tables");
    None
}
