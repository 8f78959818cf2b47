//! `create_enum`.

use super::fields::NonEmpty;
use super::{Lowering, Operation, id};
use crate::catalog::EnumType;
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;

authored! {
    /// Creates an enum type.
    ///
    /// - `enum`: its name.
    /// - `values`: at least one, in the order they sort.
    ///
    /// Not on SQLite: it has no enum types; use a text column with a check.
    ///
    /// ```yaml
    /// title: States of an order
    /// expand:
    ///   - create_enum: { enum: order_state, values: [new, paid, shipped] }
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: state, type: order_state, nullable: false, default: "'new'" }
    /// ```
    "enum to create" => pub struct CreateEnum {
        /// The new type's name.
        r#enum: Spanned<ObjectName>,
        /// Its values in order.
        values: NonEmpty<Spanned<String>>,
    }
}

impl Operation for CreateEnum {
    const KEY: &'static str = "create_enum";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.r#enum])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.r#enum.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        has_enums(self.r#enum.span, lowering)?;
        let is_new = lowering.new_object("enum", &self.r#enum);
        let mut all = Some(());
        for (at, value) in self.values.0.iter().enumerate() {
            if enum_value(value, lowering).is_none() {
                all = None;
            }
            let mut earlier = self.values.0.iter().take(at);
            if let Some(first) = earlier.find(|earlier| earlier.value == value.value) {
                all = None;
                let message = format!("value `{value}` is written twice");
                lowering.report(
                    Diagnostic::new(code::INVALID_VALUE, message)
                        .label(value.span, "again here")
                        .label(first.span, "first here")
                        .help("keep one of them"),
                );
            }
        }
        is_new?;
        all?;
        let values = self.values.0.iter().map(|value| value.value.clone()).collect();
        Some(vec![Change::CreateEnum {
            name: self.r#enum.value.clone(),
            values: EnumType { values },
        }])
    }
}

/// Refuses enums where the dialect has none.
pub(super) fn has_enums(span: Span, lowering: &mut Lowering<'_>) -> Option<()> {
    match lowering.dialect {
        Dialect::Postgres => Some(()),
        Dialect::Sqlite => {
            lowering.unsupported(
                span,
                "sqlite has no enum types",
                "use a text column with a check, as in `check: \"state IN ('new', 'paid')\"`",
            );
            None
        }
    }
}

/// Checks a new value of an enum.
pub(super) fn enum_value(value: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<()> {
    let most = lowering.dialect.identifier_bytes_max();
    if !value.value.is_empty() && value.value.len() <= most && !value.value.contains('\0') {
        return Some(());
    }
    let message = format!("`{value}` is no value of an enum");
    lowering.invalid(value.span, message, format!("write 1 to {most} bytes"));
    None
}
