//! `add_enum_value`.

use super::create_enum::{enum_value, has_enums};
use super::{Lowering, Operation, id};
use crate::catalog::EnumType;
use crate::change::{Change, EnumPlace};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Adds a value to an enum type. It cannot be taken away again.
    ///
    /// - `enum`: the type.
    /// - `value`: the new value.
    /// - `before` or `after`: the value it sorts next to; at the end if both are left out.
    ///
    /// Not on SQLite: it has no enum types; use a text column with a check.
    ///
    /// ```yaml
    /// title: Orders can be cancelled
    /// expand:
    ///   - create_enum: { enum: order_state, values: [new, shipped] }
    ///   - add_enum_value: { enum: order_state, value: paid, after: new }
    ///   - add_enum_value: { enum: order_state, value: cancelled }
    /// ```
    "enum value to add" => pub struct AddEnumValue {
        /// The type.
        r#enum: Spanned<ObjectName>,
        /// The new value.
        value: Spanned<String>,
        /// The value that comes after it.
        before: Option<Spanned<String>>,
        /// The value that comes before it.
        after: Option<Spanned<String>>,
    }
}

impl Operation for AddEnumValue {
    const KEY: &'static str = "add_enum_value";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.r#enum, &self.value])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.r#enum.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        has_enums(self.r#enum.span, lowering)?;
        let known = lowering.enum_type(&self.r#enum)?;
        enum_value(&self.value, lowering)?;
        if known.values.contains(&self.value.value) {
            let message =
                format!("value `{}` of enum `{}` already exists", self.value, self.r#enum);
            lowering.report(
                Diagnostic::new(code::OBJECT_EXISTS, message)
                    .label(self.value.span, "a value it has")
                    .help("choose another value, or remove the step"),
            );
            return None;
        }
        let place = match (&self.before, &self.after) {
            (None, None) => None,
            (Some(before), None) => {
                self.known_value(known, before, lowering)?;
                Some(EnumPlace::Before(before.value.clone()))
            }
            (None, Some(after)) => {
                self.known_value(known, after, lowering)?;
                Some(EnumPlace::After(after.value.clone()))
            }
            (Some(_), Some(after)) => {
                let message = "a value goes either before or after another";
                lowering.invalid(after.span, message, "remove `before` or `after`");
                return None;
            }
        };
        let (name, value) = (self.r#enum.value.clone(), self.value.value.clone());
        Some(vec![Change::AddEnumValue { name, value, place }])
    }
}

impl AddEnumValue {
    fn known_value(
        &self,
        known: &EnumType,
        value: &Spanned<String>,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        if known.values.contains(&value.value) {
            return Some(());
        }
        if !lowering.is_suspended(&self.r#enum.value) {
            let near = did_you_mean(&value.value, known.values.iter().map(String::as_str));
            let message = format!("value `{value}` of enum `{}` does not exist", self.r#enum);
            lowering.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, message)
                    .label(value.span, "unknown value")
                    .help(near.unwrap_or_else(|| format!("values: {}", known.values.join(", ")))),
            );
        }
        None
    }
}
