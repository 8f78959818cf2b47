//! Lists: of columns, where one name stands for a list of one, and of what must not be empty.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, code};
use crate::name::Name;
use crate::source::Spanned;
use crate::yaml::decode::{Decode, Decoder};
use crate::yaml::node::{Node, NodeKind};

/// One column or a list of columns, none of them twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnList(pub Vec<Spanned<Name>>);

impl ColumnList {
    /// Returns the names.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        self.0.iter().map(|name| name.value.clone()).collect()
    }
}

impl std::fmt::Display for ColumnList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|name| name.value.as_str()).collect();
        f.write_str(&names.join("_"))
    }
}

impl Decode for ColumnList {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let names = match &node.kind {
            NodeKind::Scalar { .. } => vec![Spanned::<Name>::decode(node, decoder)?],
            NodeKind::List(items) if !items.is_empty() => {
                Vec::<Spanned<Name>>::decode(node, decoder)?
            }
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                decoder.wrong_shape(node, "a column or a list of columns, as in `[a, b]`");
                return None;
            }
        };
        for (at, name) in names.iter().enumerate() {
            let earlier = names.iter().take(at).find(|earlier| earlier.value == name.value);
            if let Some(first) = earlier {
                decoder.sink.report(
                    Diagnostic::new(
                        code::INVALID_VALUE,
                        format!("column `{name}` is written twice"),
                    )
                    .label(name.span, "again here")
                    .label(first.span, "first here")
                    .help("keep one of them"),
                );
                return None;
            }
        }
        Some(Self(names))
    }

    fn schema() -> Value {
        json!({"anyOf": [Name::schema(), {"type": "array", "items": Name::schema(), "minItems": 1}]})
    }
}

/// A list with at least one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmpty<T>(pub Vec<T>);

impl<T: Decode> Decode for NonEmpty<T> {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        if matches!(&node.kind, NodeKind::List(items) if items.is_empty()) {
            decoder.sink.report(
                Diagnostic::new(code::INVALID_VALUE, "the list is empty")
                    .at(node.span)
                    .help("write at least one item, or remove the step"),
            );
            return None;
        }
        Vec::decode(node, decoder).map(Self)
    }

    fn schema() -> Value {
        json!({"type": "array", "items": T::schema(), "minItems": 1})
    }
}
