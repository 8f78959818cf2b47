//! `drop_view`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Drops a view.
    ///
    /// - `view`: the view.
    ///
    /// ```yaml
    /// title: Give up the view of open orders
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns: [{ name: id, type: integer, primary_key: true }]
    ///   - create_view: { view: open_orders, as: SELECT id FROM orders }
    /// contract:
    ///   - drop_view: { view: open_orders }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "view to drop" => pub struct DropView {
        /// The view.
        view: Spanned<ObjectName>,
    }
}

impl Operation for DropView {
    const KEY: &'static str = "drop_view";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.view])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.view.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        lowering.view(&self.view)?;
        Some(vec![Change::DropView { name: self.view.value.clone() }])
    }
}
