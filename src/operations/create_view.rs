//! `create_view`.

use super::lowering::query::Query;
use super::{Lowering, Operation, id};
use crate::catalog::View;
use crate::change::Change;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Creates a view.
    ///
    /// - `view`: its name.
    /// - `as`: its query.
    ///
    /// ```yaml
    /// title: Open orders at a glance
    /// expand:
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: state, type: text }
    ///   - create_view: { view: open_orders, as: "SELECT id, state FROM orders WHERE state <> 'done'" }
    /// ```
    "view to create" => pub struct CreateView {
        /// The new view's name.
        view: Spanned<ObjectName>,
        /// Its query.
        r#as: SqlText,
    }
}

impl Operation for CreateView {
    const KEY: &'static str = "create_view";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.view])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.view.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let is_new = lowering.new_object("view", &self.view);
        let query = lowering.query(&self.r#as);
        is_new?;
        Some(vec![Change::CreateView {
            name: self.view.value.clone(),
            view: view_of(query?, false),
        }])
    }
}

/// Returns a view with this query.
pub(super) fn view_of(query: Query, materialized: bool) -> View {
    View { query: query.sql, columns: query.columns.unwrap_or_default(), materialized }
}
