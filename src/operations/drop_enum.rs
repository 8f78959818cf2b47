//! `drop_enum`.

use super::create_enum::has_enums;
use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::name::ObjectName;
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Drops an enum type that no column has.
    ///
    /// - `enum`: the type.
    ///
    /// Not on SQLite: it has no enum types.
    ///
    /// ```yaml
    /// title: Give up states
    /// expand:
    ///   - create_enum: { enum: order_state, values: [new, paid] }
    /// contract:
    ///   - drop_enum: { enum: order_state }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "enum to drop" => pub struct DropEnum {
        /// The type.
        r#enum: Spanned<ObjectName>,
    }
}

impl Operation for DropEnum {
    const KEY: &'static str = "drop_enum";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.r#enum])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.r#enum.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        has_enums(self.r#enum.span, lowering)?;
        lowering.enum_type(&self.r#enum)?;
        Some(vec![Change::DropEnum { name: self.r#enum.value.clone() }])
    }
}
