//! A column of the step's own table or of another: `given_name`, `addresses.street`.

use serde_json::{Value, json};

use crate::change::effect::Object;
use crate::name::{Name, ObjectName};
use crate::operations::Lowering;
use crate::source::Spanned;
use crate::yaml::decode::{Decode, Decoder};
use crate::yaml::node::{Node, NodeKind};

/// A column, perhaps of another table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnPath {
    /// The other table.
    pub table: Option<ObjectName>,
    /// The column.
    pub column: Name,
}

impl Decode for ColumnPath {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let text = Name::decode(node, decoder)?;
        let parts: Vec<&str> = text.as_str().split('.').collect();
        let has_gap = parts.iter().any(|part| part.is_empty());
        match text.as_str().rsplit_once('.') {
            _ if has_gap || parts.len() > 3 => {
                decoder.wrong_shape(node, "a column, or a table and a column as in `users.name`");
                None
            }
            Some((table, column)) => {
                Some(Self { table: Some(ObjectName::parse(table)), column: column.into() })
            }
            None => Some(Self { table: None, column: text }),
        }
    }

    fn schema() -> Value {
        Name::schema()
    }
}

/// One column path or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnPaths(pub Vec<Spanned<ColumnPath>>);

impl Decode for ColumnPaths {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { .. } => Spanned::decode(node, decoder).map(|path| Self(vec![path])),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                Vec::decode(node, decoder).map(Self)
            }
        }
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }

    fn schema() -> Value {
        json!({"anyOf": [Name::schema(), {"type": "array", "items": Name::schema()}]})
    }
}

impl ColumnPaths {
    /// Returns the columns as objects; those without a table are of `own`.
    #[must_use]
    pub fn objects(&self, own: &ObjectName) -> Vec<Object> {
        let object = |path: &Spanned<ColumnPath>| {
            let table = path.value.table.as_ref().unwrap_or(own);
            Object::Column(table.clone(), path.value.column.clone())
        };
        self.0.iter().map(object).collect()
    }

    /// Checks that every column exists; reports those that do not.
    pub fn check(&self, own: &ObjectName, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut all = Some(());
        for path in &self.0 {
            let table = path.value.table.clone().unwrap_or_else(|| own.clone());
            let table = Spanned::new(table, path.span);
            let column = Spanned::new(path.value.column.clone(), path.span);
            if lowering.column(&table, &column).is_none() {
                all = None;
            }
        }
        all
    }
}
