//! `drop_index`.

use super::{Lowering, Operation, id};
use crate::catalog::Table;
use crate::change::Change;
use crate::change::effect::Object;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Drops an index. One that is not unique may go without a gate: no release can tell. What upserts conflict on needs
    /// its unique index.
    ///
    /// - `index`: its name, or `schema.name`.
    /// - `table`: its table; found if left out.
    /// - `replaced_by`: the index that does its work from now on.
    ///
    /// An index that belongs to a constraint goes with `drop_constraint`.
    ///
    /// ```yaml
    /// title: A wider index on orders
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: region, type: text }
    ///   - create_index: { table: orders, columns: [region] }
    ///   - create_index: { table: orders, columns: [region, id] }
    /// contract:
    ///   - drop_index: { index: orders_region_idx, table: orders, replaced_by: orders_region_id_idx }
    /// ```
    "index to drop" => pub struct DropIndex {
        /// The index.
        index: Spanned<ObjectName>,
        /// Its table.
        table: Option<Spanned<ObjectName>>,
        /// The index that took its place.
        replaced_by: Option<Spanned<Name>>,
    }
}

impl Operation for DropIndex {
    const KEY: &'static str = "drop_index";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.index])
    }

    fn objects(&self) -> Vec<ObjectName> {
        let table = self.table.iter().map(|table| table.value.clone());
        std::iter::once(self.index.value.clone()).chain(table).collect()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let (table_name, table) = match &self.table {
            Some(written) => (&written.value, lowering.table(written)?),
            None => self.table_of_index(lowering)?,
        };
        let name = &self.index.value.name;
        if !table.indexes.contains_key(name) {
            self.unknown(table_name, table, lowering);
            return None;
        }
        if let Some(replacing) = &self.replaced_by {
            let is_other = replacing.value != *name;
            let is_known = table.indexes.contains_key(&replacing.value)
                || table.constraint_names().any(|name| *name == replacing.value);
            if !(is_known && is_other) {
                if !lowering.is_suspended(table_name) {
                    let known = table.indexes.keys().filter(|other| *other != name);
                    let near = did_you_mean(replacing.value.as_str(), known.map(Name::as_str));
                    let message = format!("table `{table_name}` has no other index `{replacing}`");
                    let help = "create it in an earlier step or plan";
                    lowering.report(
                        Diagnostic::new(code::UNKNOWN_OBJECT, message)
                            .label(replacing.span, "unknown index")
                            .help(near.unwrap_or_else(|| help.into())),
                    );
                }
                return None;
            }
        }
        Some(vec![Change::DropIndex { table: table_name.clone(), name: name.clone() }])
    }

    fn replaced_by(&self) -> Vec<Object> {
        // Without the table only the catalog knows whose index it is.
        let (Some(table), Some(index)) = (&self.table, &self.replaced_by) else {
            return Vec::new();
        };
        vec![Object::Index(table.value.clone(), index.value.clone())]
    }
}

impl DropIndex {
    fn table_of_index<'a>(
        &self,
        lowering: &mut Lowering<'a>,
    ) -> Option<(&'a ObjectName, &'a Table)> {
        let catalog = lowering.before;
        if let Some(found) = catalog.table_of_index(&self.index.value) {
            return Some(found);
        }
        let index = &self.index.value;
        let owner = catalog.tables.iter().find(|(name, table)| {
            name.schema == index.schema
                && table.constraint_names().any(|constraint| *constraint == index.name)
        });
        if let Some((name, table)) = owner {
            self.unknown(name, table, lowering);
        } else if !lowering.is_suspended(index) {
            let tables = catalog.tables.values();
            let known = tables.flat_map(|table| table.indexes.keys()).map(Name::as_str);
            let near = did_you_mean(index.name.as_str(), known);
            lowering.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, format!("index `{index}` does not exist"))
                    .label(self.index.span, "unknown index")
                    .help(near.unwrap_or_else(|| "create it in an earlier step or plan".into())),
            );
        }
        None
    }

    fn unknown(&self, name: &ObjectName, table: &Table, lowering: &mut Lowering<'_>) {
        if lowering.is_suspended(name) || lowering.is_suspended(&self.index.value) {
            return;
        }
        let index = &self.index.value.name;
        let (message, help) = if table.constraint_names().any(|constraint| constraint == index) {
            (
                format!("`{index}` is a constraint of table `{name}`"),
                "drop it with `drop_constraint`".to_owned(),
            )
        } else {
            let near = did_you_mean(index.as_str(), table.indexes.keys().map(Name::as_str));
            (
                format!("index `{index}` of table `{name}` does not exist"),
                near.unwrap_or_else(|| "create it in an earlier step or plan".into()),
            )
        };
        lowering.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, message)
                .label(self.index.span, "unknown index")
                .help(help),
        );
    }
}
