//! Constraints of a new table: uniques, checks and foreign keys, each with or without a name.

use serde_json::{Value, json};

use crate::catalog::{Check, ReferentialAction, Table};
use crate::name::{Name, ObjectName};
use crate::operations::lowering::expression::{Scope, same_name};
use crate::operations::lowering::naming::{Suffix, TakenNames};
use crate::operations::lowering::{Lowering, Role};
use crate::source::Spanned;
use crate::yaml::decode::{Decode, Decoder, authored};
use crate::yaml::node::{Node, NodeKind};
use crate::yaml::text::SqlText;

use super::{ColumnList, Target};

authored! {
    /// A unique constraint with a name.
    "unique constraint" => pub struct NamedUnique {
        /// Its columns.
        columns: ColumnList,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

/// A unique constraint: `[a, b]` or `{ columns: [a, b], name: n }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueField {
    /// Its columns.
    pub columns: ColumnList,
    /// Its name, if one was written.
    pub name: Option<Spanned<Name>>,
}

impl Decode for UniqueField {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::List(_) => {
                ColumnList::decode(node, decoder).map(|columns| Self { columns, name: None })
            }
            NodeKind::Map(_) => NamedUnique::decode(node, decoder)
                .map(|NamedUnique { columns, name }| Self { columns, name }),
            NodeKind::Scalar { .. } | NodeKind::Empty => {
                // `unique: [a, b]` could mean one constraint or two.
                decoder.wrong_shape(
                    node,
                    "the column list of a unique constraint: `[[a, b]]` is one over both, `[[a], [b]]` one over each",
                );
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [
            {"type": "array", "items": Name::schema(), "minItems": 1},
            NamedUnique::schema(),
        ]})
    }
}

authored! {
    /// A check with a name.
    "check" => pub struct NamedCheck {
        /// The condition that every row meets.
        check: SqlText,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

/// A check: a condition or `{ check: …, name: n }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckField {
    /// The condition.
    pub check: SqlText,
    /// Its name, if one was written.
    pub name: Option<Spanned<Name>>,
}

impl Decode for CheckField {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let is_named = match &node.kind {
            NodeKind::Map(entries) => {
                entries.iter().any(|(key, _)| matches!(key.value.as_str(), "check" | "name"))
            }
            NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Empty => false,
        };
        if is_named {
            return NamedCheck::decode(node, decoder)
                .map(|NamedCheck { check, name }| Self { check, name });
        }
        SqlText::decode(node, decoder).map(|check| Self { check, name: None })
    }

    fn schema() -> Value {
        json!({"anyOf": [SqlText::schema(), NamedCheck::schema()]})
    }
}

authored! {
    /// A foreign key of a new table.
    "foreign key" => pub struct ForeignKeyField {
        /// The referring columns.
        columns: ColumnList,
        /// The table and the columns referred to.
        references: Target,
        /// What a delete there does here.
        on_delete: Option<ReferentialAction>,
        /// What an update there does here.
        on_update: Option<ReferentialAction>,
        /// Its name.
        name: Option<Spanned<Name>>,
    }
}

/// Returns a check of a table, named after the one column that it names.
pub fn check_of(
    name: &ObjectName,
    table: &Table,
    text: &SqlText,
    written: Option<&Spanned<Name>>,
    names: &mut TakenNames<'_>,
    lowering: &mut Lowering<'_>,
) -> Option<Check> {
    let scope = Scope::of(name, table);
    let parsed = lowering.parsed_expression(Role::Check, text, &scope);
    let written = match written {
        Some(written) => Some(names.write("check", written, lowering)?),
        None => None,
    };
    let (expression, parsed) = parsed?;
    let name = written.unwrap_or_else(|| {
        let mut columns: Vec<&Name> = Vec::new();
        for reference in &parsed.columns {
            let found = scope
                .columns
                .iter()
                .find(|own| same_name(lowering.dialect, own.as_str(), &reference.name));
            columns.extend(found.filter(|own| !columns.contains(own)));
        }
        let only: Option<&Name> = match columns.as_slice() {
            [only] => Some(*only),
            [] | [_, _, ..] => None,
        };
        names.make(only, Suffix::Check)
    });
    Some(Check { name, expression, validated: true, no_inherit: false })
}
