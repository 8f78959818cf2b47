//! Texts in plans that are SQL: a type or an expression, the same for every dialect or one for each.

use serde_json::{Value, json};

use super::decode::{Decode, Decoder};
use super::node::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dialect::Dialect;
use crate::source::Spanned;

/// A SQL text as written: `text`, or `{ postgres: timestamptz, sqlite: timestamp }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlText {
    /// The text for dialects that are not named.
    pub any: Option<Spanned<String>>,
    /// Texts by dialect.
    pub by_dialect: Vec<(Dialect, Spanned<String>)>,
}

impl SqlText {
    /// Returns the text for a dialect, if there is one.
    #[must_use]
    pub fn of(&self, dialect: Dialect) -> Option<&Spanned<String>> {
        let own = self.by_dialect.iter().find(|(of, _)| *of == dialect).map(|(_, text)| text);
        own.or(self.any.as_ref())
    }
}

impl Decode for SqlText {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { text, .. } if !text.trim().is_empty() => Some(Self {
                any: Some(Spanned::new(text.clone(), node.span)),
                by_dialect: Vec::new(),
            }),
            NodeKind::Map(entries) if !entries.is_empty() => {
                let mut by_dialect = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let text = Spanned::<String>::decode(value, decoder);
                    let Some(dialect) = Dialect::parse(&key.value) else {
                        let words = Dialect::ALL.map(Dialect::word);
                        let help = did_you_mean(&key.value, words);
                        decoder.sink.report(
                            Diagnostic::new(
                                code::UNKNOWN_KEY,
                                format!("`{}` is no dialect", key.value),
                            )
                            .at(key.span)
                            .help(
                                help.unwrap_or_else(|| format!("dialects: {}", words.join(", "))),
                            ),
                        );
                        continue;
                    };
                    if by_dialect.iter().any(|(of, _)| *of == dialect) {
                        decoder.sink.report(
                            Diagnostic::new(
                                code::DUPLICATE_KEY,
                                format!("key `{dialect}` is written twice"),
                            )
                            .at(key.span)
                            .help("keep one of them"),
                        );
                    }
                    by_dialect.push((dialect, text?));
                }
                Some(Self { any: None, by_dialect })
            }
            _ => {
                decoder.wrong_shape(
                    node,
                    "a SQL text, or one for each dialect as in `{ postgres: …, sqlite: … }`",
                );
                None
            }
        }
    }

    fn schema() -> Value {
        let text = String::schema();
        let properties: serde_json::Map<String, Value> = Dialect::ALL
            .into_iter()
            .map(|dialect| (dialect.word().to_owned(), text.clone()))
            .collect();
        let each =
            json!({"type": "object", "properties": properties, "additionalProperties": false});
        json!({"anyOf": [text, each]})
    }
}
