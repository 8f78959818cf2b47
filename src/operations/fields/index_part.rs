//! One part of an index: `email`, or `{ column | expression, order?, nulls?, opclass? }`.

use serde_json::{Value, json};

use crate::catalog::{IndexColumn, IndexKey, Nulls, Order, PartTerms, Table};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::operations::lowering::expression::Scope;
use crate::operations::lowering::{Lowering, Reported, Role};
use crate::source::Spanned;
use crate::yaml::decode::{Decode, Decoder, authored};
use crate::yaml::node::{Node, NodeKind};
use crate::yaml::text::SqlText;

authored! {
    /// A part of an index with its order.
    "index column" => pub struct IndexPart {
        /// The column.
        column: Option<Spanned<Name>>,
        /// The expression, instead of a column.
        expression: Option<SqlText>,
        /// `asc`, which is the default, or `desc`.
        order: Option<Order>,
        /// Where NULLs go: `first` or `last`.
        nulls: Option<Spanned<Nulls>>,
        /// The operator class (PostgreSQL).
        opclass: Option<SqlText>,
    }
}

/// A part of an index as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexField(pub Spanned<IndexPart>);

impl Decode for IndexField {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let part = match &node.kind {
            NodeKind::Scalar { .. } => IndexPart {
                column: Some(Spanned::<Name>::decode(node, decoder)?),
                expression: None,
                order: None,
                nulls: None,
                opclass: None,
            },
            NodeKind::Map(_) => IndexPart::decode(node, decoder)?,
            NodeKind::List(_) | NodeKind::Empty => {
                decoder.wrong_shape(node, "a column, or `{ column: … }` or `{ expression: … }`");
                return None;
            }
        };
        if part.column.is_some() == part.expression.is_some() {
            decoder.wrong_shape(node, "a part of an index with either `column` or `expression`");
            return None;
        }
        Some(Self(Spanned::new(part, node.span)))
    }

    fn schema() -> Value {
        json!({"anyOf": [Name::schema(), IndexPart::schema()]})
    }
}

impl IndexField {
    /// Returns the part and the word that stands for it in the index's made-up name.
    pub fn lower(
        &self,
        name: &ObjectName,
        table: &Table,
        lowering: &mut Lowering<'_>,
    ) -> Option<(IndexColumn, Name)> {
        let part = &self.0.value;
        let order = part.order.unwrap_or_default();
        let nulls = self.nulls(order, lowering);
        let opclass = self.opclass(lowering);
        let (key, word) = if let Some(column) = &part.column {
            lowering.column_of(name, table, column)?;
            (IndexKey::Column(column.value.clone()), column.value.clone())
        } else {
            let scope = Scope::of(name, table);
            let text = part.expression.as_ref()?;
            let (sql, parsed) = lowering.parsed_expression(Role::Index, text, &scope)?;
            // As PostgreSQL names it: after the function, or `expr`.
            let function = parsed.functions.first().map_or("expr", String::as_str);
            let word = function.rsplit('.').next().unwrap_or(function);
            (IndexKey::Expression(sql), Name::from(word))
        };
        Some((
            IndexColumn {
                key,
                order,
                nulls: nulls.ok()?,
                opclass: opclass.ok()?,
                terms: PartTerms::default(),
            },
            word,
        ))
    }

    /// Returns where NULLs go, `None` inside if it is the engine's own way.
    fn nulls(&self, order: Order, lowering: &mut Lowering<'_>) -> Result<Option<Nulls>, Reported> {
        let Some(written) = &self.0.value.nulls else { return Ok(None) };
        let own = match (lowering.dialect, order) {
            (Dialect::Postgres, Order::Ascending) | (Dialect::Sqlite, Order::Descending) => {
                Nulls::Last
            }
            (Dialect::Postgres, Order::Descending) | (Dialect::Sqlite, Order::Ascending) => {
                Nulls::First
            }
        };
        if written.value == own {
            return Ok(None);
        }
        match lowering.dialect {
            Dialect::Postgres => Ok(Some(written.value)),
            Dialect::Sqlite => {
                lowering.unsupported(
                    written.span,
                    "sqlite cannot choose where an index puts NULLs",
                    "remove `nulls`, or index the expression `column IS NULL` first",
                );
                Err(Reported)
            }
        }
    }

    fn opclass(&self, lowering: &mut Lowering<'_>) -> Result<Option<Name>, Reported> {
        let Some(text) = &self.0.value.opclass else { return Ok(None) };
        postgres_word("operator classes", text, lowering)
    }
}

/// Returns a word that only PostgreSQL knows. On SQLite it may stand under `postgres` alone.
///
/// # Errors
///
/// Anything else was reported.
pub fn postgres_word(
    what: &str,
    text: &SqlText,
    lowering: &mut Lowering<'_>,
) -> Result<Option<Name>, Reported> {
    let Some(written) = text.of(lowering.dialect) else { return Ok(None) };
    let word = written.value.trim();
    match lowering.dialect {
        Dialect::Sqlite => {
            lowering.unsupported(
                written.span,
                format!("sqlite has no {what}"),
                format!("write `{{ postgres: {word} }}`, or remove it"),
            );
            Err(Reported)
        }
        Dialect::Postgres if word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') => {
            Ok(Some(Name::from(word)))
        }
        Dialect::Postgres => {
            lowering.invalid(written.span, format!("`{word}` is not a name"), "write a name");
            Err(Reported)
        }
    }
}
