//! What lowering an operation needs: the dialect, the catalog before the step, what the plan did so far,
//! and where findings go.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Column, SqlExpression, Sync, Table};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::text::SqlText;

/// The surroundings of a step while it is lowered.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The dialect that texts are taken for.
    pub dialect: Dialect,
    /// The catalog just before the step.
    pub before: &'a Catalog,
    /// The plan.
    pub plan: &'a PlanName,
    /// The step's id.
    pub step: &'a Spanned<Name>,
    /// The step's phase.
    pub phase: Phase,
    /// Syncs that steps of this plan created, by the creating step's id.
    pub syncs: &'a BTreeMap<Name, std::sync::Arc<Sync>>,
    /// Objects that a left-out step would have created or dropped: names of them are not reported.
    pub suspended: &'a std::collections::BTreeSet<ObjectName>,
    /// Where findings go.
    pub sink: &'a mut Sink,
}

impl<'a> Lowering<'a> {
    /// Returns the table of this name, or reports that there is none.
    pub fn table(&mut self, name: &Spanned<ObjectName>) -> Option<&'a Table> {
        let _ = name;
        todo!()
    }

    /// Returns the column, or reports that there is none.
    pub fn column(
        &mut self,
        table: &Spanned<ObjectName>,
        column: &Spanned<Name>,
    ) -> Option<&'a Column> {
        let _ = (table, column);
        todo!()
    }

    /// Takes a type for this dialect, normalised; reports if there is none for it.
    pub fn sql_type(&mut self, text: &SqlText) -> Option<crate::catalog::SqlType> {
        let _ = text;
        todo!()
    }

    /// Takes an expression for this dialect, parses it, and checks the columns it names against a table's.
    pub fn expression(
        &mut self,
        text: &SqlText,
        columns: &[&Name],
        table: &ObjectName,
    ) -> Option<SqlExpression> {
        let _ = (text, columns, table);
        todo!()
    }
}
