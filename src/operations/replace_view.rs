//! `replace_view`.

use super::create_view::view_of;
use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Gives a view another query. One that keeps every column may stand in expand; one that loses a column takes it away
    /// from releases that read it, and belongs into contract.
    ///
    /// - `view`: the view.
    /// - `as`: its new query.
    ///
    /// ```yaml
    /// title: Open orders with their region
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: state, type: text }
    ///         - { name: region, type: text }
    ///   - create_view: { view: open_orders, as: "SELECT id FROM orders WHERE state <> 'done'" }
    ///   - replace_view: { view: open_orders, as: "SELECT id, region FROM orders WHERE state <> 'done'" }
    /// ```
    "view to replace" => pub struct ReplaceView {
        /// The view.
        view: Spanned<ObjectName>,
        /// Its new query.
        r#as: SqlText,
    }
}

impl Operation for ReplaceView {
    const KEY: &'static str = "replace_view";
    const PHASES: &'static [Phase] = &[Phase::Expand, Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.view])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.view.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let old = lowering.view(&self.view);
        let query = lowering.query(&self.r#as);
        let (old, query) = (old?, query?);
        let name = self.view.value.clone();
        Some(vec![Change::ReplaceView { name, view: view_of(query, old.materialized) }])
    }
}
