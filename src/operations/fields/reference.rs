//! What a foreign key refers to, and foreign keys as they go into the catalog.

use crate::catalog::{ForeignKey, ReferenceTerms, ReferentialAction, Table};
use crate::diagnostic::{Diagnostic, code};
use crate::name::{Name, ObjectName};
use crate::operations::Lowering;
use crate::operations::lowering::naming::{Suffix, TakenNames};
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;

use super::ColumnList;

authored! {
    /// What a column refers to.
    "reference" => pub struct Reference {
        /// The table referred to.
        table: Spanned<ObjectName>,
        /// Its column; the primary key if left out.
        column: Option<Spanned<Name>>,
        /// What a delete there does here.
        on_delete: Option<ReferentialAction>,
        /// What an update there does here.
        on_update: Option<ReferentialAction>,
    }
}

authored! {
    /// What columns refer to.
    "reference" => pub struct Target {
        /// The table referred to.
        table: Spanned<ObjectName>,
        /// Its columns, as many as refer to it; the primary key if left out.
        columns: Option<ColumnList>,
        /// Its column, if it is one.
        column: Option<Spanned<Name>>,
    }
}

impl Target {
    /// Returns the columns written under either key.
    #[must_use]
    pub fn written_columns(&self) -> Option<Vec<Spanned<Name>>> {
        if self.columns.is_none() && self.column.is_none() {
            return None;
        }
        let listed = self.columns.iter().flat_map(|list| &list.0);
        Some(listed.chain(&self.column).cloned().collect())
    }
}

/// The table that gets a foreign key, as it is once its columns and keys are there.
#[derive(Clone, Copy, Debug)]
pub struct OwnTable<'t> {
    /// Its name.
    pub name: &'t ObjectName,
    /// What it consists of.
    pub table: &'t Table,
}

/// A foreign key as written.
#[derive(Clone, Copy, Debug)]
pub struct ForeignKeyParts<'f> {
    /// The referring columns.
    pub columns: &'f [Spanned<Name>],
    /// The table referred to.
    pub target: &'f Spanned<ObjectName>,
    /// The columns referred to; the primary key if not written.
    pub target_columns: Option<&'f [Spanned<Name>]>,
    /// What a delete there does here.
    pub on_delete: Option<ReferentialAction>,
    /// What an update there does here.
    pub on_update: Option<ReferentialAction>,
    /// Its name, if one was written.
    pub name: Option<&'f Spanned<Name>>,
}

impl ForeignKeyParts<'_> {
    /// Checks both sides and names the key.
    pub fn lower(
        &self,
        own: OwnTable<'_>,
        names: &mut TakenNames<'_>,
        lowering: &mut Lowering<'_>,
    ) -> Option<ForeignKey> {
        let has_columns = lowering.has_columns(own.name, own.table, self.columns);
        let there = if self.target.value == *own.name {
            Some(own.table)
        } else {
            lowering.table(self.target)
        };
        let referenced_columns = self.referenced(there?, lowering);
        let on_delete = self.on_delete.unwrap_or_default();
        let on_update = self.on_update.unwrap_or_default();
        has_columns?;
        let referenced_columns = referenced_columns?;
        self.nullable_for(own, [on_delete, on_update], lowering)?;
        let name = match self.name {
            Some(name) => names.write("foreign key", name, lowering)?,
            None => names.make(self.columns.iter().map(|c| &c.value), Suffix::ForeignKey),
        };
        Some(ForeignKey {
            name,
            columns: self.columns.iter().map(|column| column.value.clone()).collect(),
            references: self.target.value.clone(),
            referenced_columns,
            on_delete,
            on_update,
            validated: true,
            terms: ReferenceTerms::default(),
        })
    }

    /// Returns the columns referred to, if they exist, are as many, and are unique together.
    fn referenced(&self, there: &Table, lowering: &mut Lowering<'_>) -> Option<Vec<Name>> {
        let target = self.target;
        let columns = match self.target_columns {
            Some(columns) => {
                lowering.has_columns(&target.value, there, columns)?;
                columns.iter().map(|column| column.value.clone()).collect()
            }
            None => match &there.primary_key {
                Some(key) => key.columns.clone(),
                None if lowering.is_suspended(&target.value) => return None,
                None => {
                    lowering.invalid(
                        target.span,
                        format!("table `{target}` has no primary key to refer to"),
                        "name the columns of a unique constraint under `references`",
                    );
                    return None;
                }
            },
        };
        if columns.len() != self.columns.len() {
            let (here, there) = (self.columns.len(), columns.len());
            lowering.invalid(
                self.target_span(),
                format!("{here} columns refer to {there}"),
                "name as many columns on both sides",
            );
            return None;
        }
        let is_unique = there
            .arbiter_column_lists()
            .iter()
            .any(|list| list.len() == columns.len() && columns.iter().all(|c| list.contains(&c)));
        if !is_unique && !lowering.is_suspended(&target.value) {
            let listed: Vec<&str> = columns.iter().map(Name::as_str).collect();
            let message = format!("no key of table `{target}` is exactly `{}`", listed.join(", "));
            lowering.report(
                Diagnostic::new(code::INVALID_VALUE, message)
                    .label(self.target_span(), "not unique")
                    .help("refer to its primary key, or add a unique constraint there first"),
            );
        }
        is_unique.then_some(columns)
    }

    /// Reports `set null` on a column that cannot be NULL: every such delete or update would fail.
    fn nullable_for(
        &self,
        own: OwnTable<'_>,
        actions: [ReferentialAction; 2],
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        if !actions.contains(&ReferentialAction::SetNull) {
            return Some(());
        }
        let fixed = self
            .columns
            .iter()
            .find(|name| own.table.column(&name.value).is_some_and(|column| !column.nullable));
        let Some(name) = fixed else { return Some(()) };
        lowering.invalid(
            name.span,
            format!("column `{}.{name}` is NOT NULL, so `set null` would always fail", own.name),
            "choose another action, or let the column be NULL",
        );
        None
    }

    fn target_span(&self) -> Span {
        self.target_columns.and_then(<[_]>::first).map_or(self.target.span, |column| column.span)
    }
}
