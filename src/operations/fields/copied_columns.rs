//! Columns that rows are carried over by: names, or target columns with expressions of the source.

use serde_json::{Value, json};

use crate::catalog::{Generated, Identity, SqlExpression, Table};
use crate::dialects::quote;
use crate::name::{Name, ObjectName};
use crate::operations::Lowering;
use crate::operations::lowering::expression::{Role, Scope};
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Decode, Decoder, Named};
use crate::yaml::node::{Node, NodeKind};
use crate::yaml::text::SqlText;

use super::ColumnList;

/// Target columns and, where it is not the column of the same name, their value from the source row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedColumns(pub Vec<(Spanned<Name>, Option<SqlText>)>);

impl Decode for CopiedColumns {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::List(items) if !items.is_empty() => {
                let names = ColumnList::decode(node, decoder)?.0;
                Some(Self(names.into_iter().map(|name| (name, None)).collect()))
            }
            NodeKind::Map(entries) if !entries.is_empty() => {
                let named = Named::<SqlText>::decode(node, decoder)?.0;
                Some(Self(named.into_iter().map(|(name, text)| (name, Some(text))).collect()))
            }
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Scalar { .. } | NodeKind::Empty => {
                decoder.wrong_shape(
                    node,
                    "a list of columns, or a mapping from target columns to expressions",
                );
                None
            }
        }
    }

    fn schema() -> Value {
        json!({"anyOf": [
            {"type": "array", "items": Name::schema(), "minItems": 1},
            {"type": "object", "additionalProperties": SqlText::schema(), "minProperties": 1},
        ]})
    }
}

impl CopiedColumns {
    /// Checks the columns of both tables and returns each target column with its value.
    pub fn lower(
        &self,
        lowering: &mut Lowering<'_>,
        role: Role,
        (from, source): (&ObjectName, &Table),
        (to, target): (&ObjectName, &Table),
    ) -> Option<Vec<(Name, SqlExpression)>> {
        let scope = Scope::of(from, source);
        let mut columns = Vec::with_capacity(self.0.len());
        let mut is_whole = true;
        for (name, text) in &self.0 {
            let there = lowering.column_of(to, target, name);
            let there = there.and_then(|column| match &column.generated {
                Some(Generated::Stored(_) | Generated::Virtual(_)) => {
                    lowering.invalid(
                        name.span,
                        format!("column `{to}.{name}` is generated and cannot be written"),
                        "leave it out",
                    );
                    None
                }
                Some(Generated::Identity(Identity::Always)) => {
                    lowering.invalid(
                        name.span,
                        format!("column `{to}.{name}` is always numbered by the database"),
                        "create it with `identity: by_default`",
                    );
                    None
                }
                Some(Generated::Identity(
                    Identity::ByDefault
                    | Identity::Serial
                    | Identity::RowId
                    | Identity::AutoIncrement,
                ))
                | None => Some(()),
            });
            let value = match text {
                Some(text) => lowering.expression_as(role, text, &scope),
                None => lowering
                    .column_of(from, source, name)
                    .map(|_| SqlExpression::new(quote(lowering.dialect, &name.value))),
            };
            match (there, value) {
                (Some(()), Some(value)) => columns.push((name.value.clone(), value)),
                (Some(()) | None, _) => is_whole = false,
            }
        }
        is_whole.then_some(columns)
    }
}

/// Checks that rows with only these columns can be inserted; reports a column that must have a value.
pub fn required_columns(
    lowering: &mut Lowering<'_>,
    span: Span,
    name: &ObjectName,
    table: &Table,
    given: &[&Name],
) -> Option<()> {
    let catalog = lowering.before;
    let is_filled = |column: &Name| {
        let of_table = catalog.syncs.values().filter(|sync| sync.table() == name);
        of_table.flat_map(|sync| sync.filled()).any(|filled| filled == column)
    };
    let left_out = table.columns.iter().find(|column| {
        !column.may_be_left_out() && !given.contains(&&column.name) && !is_filled(&column.name)
    });
    let Some(left_out) = left_out else { return Some(()) };
    if !lowering.is_suspended(name) {
        let column = &left_out.name;
        lowering.invalid(
            span,
            format!("column `{name}.{column}` gets no value, but is NOT NULL without a default"),
            format!("add `{column}` to the columns"),
        );
    }
    None
}
