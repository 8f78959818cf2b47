//! From YAML nodes to typed values, reporting every unknown, duplicate, missing and ill-shaped key.
//!
//! A type is declared once, with `authored!`: its keys, which of them are required, its JSON Schema
//! and the words of its documentation all come from that declaration.

use serde_json::{Value, json};

use super::node::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::source::{Span, Spanned};

/// What decoding needs besides the node.
#[derive(Debug)]
pub struct Decoder<'a> {
    /// Where findings go.
    pub sink: &'a mut Sink,
}

impl Decoder<'_> {
    /// Reports that a value has the wrong shape; `expected` is a noun phrase: "a list of columns".
    pub fn wrong_shape(&mut self, node: &Node, expected: &str) {
        let message = match &node.kind {
            NodeKind::Scalar { text, .. } => format!("`{}` is not {expected}", shorten(text)),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                format!("{} stands where {expected} is due", node.describe())
            }
        };
        self.sink.report(
            Diagnostic::new(code::INVALID_VALUE, message)
                .at(node.span)
                .help(format!("write {expected}")),
        );
    }
}

/// A type that can be read from a node.
pub trait Decode: Sized {
    /// Reads the value; reports and returns `None` if the node has no such shape.
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self>;

    /// Returns the value of a key that was not written, or `None` if the key is required.
    #[must_use]
    fn missing() -> Option<Self> {
        None
    }

    /// Returns the JSON Schema of what may be written.
    #[must_use]
    fn schema() -> Value;
}

/// Cuts a text that goes into a message to its first line and 40 characters.
fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or(line)),
        None => line.to_owned(),
    }
}

/// The keys of one mapping while they are taken out by name.
#[derive(Debug)]
pub struct Fields<'a> {
    span: Span,
    entries: Vec<(&'a Spanned<String>, &'a Node, bool)>,
    known: Vec<&'static str>,
    what: &'static str,
}

impl<'a> Fields<'a> {
    /// Opens a mapping; `what` is a noun phrase without article for messages: "column", "plan". Equal
    /// keys are reported here.
    pub fn open(node: &'a Node, what: &'static str, decoder: &mut Decoder<'_>) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            decoder.wrong_shape(node, &format!("a mapping with the keys of a {what}"));
            return None;
        };
        let mut keys: Vec<&Spanned<String>> = entries.iter().map(|(key, _)| key).collect();
        // The sort is stable, so of equal keys the first written stays first.
        keys.sort_by(|a, b| a.value.cmp(&b.value));
        for equal in keys.chunk_by(|a, b| a.value == b.value) {
            let [first, others @ ..] = equal else { continue };
            for key in others {
                decoder.sink.report(
                    Diagnostic::new(
                        code::DUPLICATE_KEY,
                        format!("key `{}` is written twice", key.value),
                    )
                    .label(key.span, "again here")
                    .label(first.span, "first here")
                    .help("keep one of them"),
                );
            }
        }
        let entries = entries.iter().map(|(key, value)| (key, value, false)).collect();
        Some(Self { span: node.span, entries, known: Vec::new(), what })
    }

    /// Takes the node of a key, if it was written.
    pub fn node(&mut self, key: &'static str) -> Option<(&'a Spanned<String>, &'a Node)> {
        self.known.push(key);
        let mut found = None;
        for (written, node, taken) in &mut self.entries {
            if written.value == key {
                *taken = true;
                found = found.or(Some((*written, *node)));
            }
        }
        found
    }

    /// Takes and reads a key. A required key that is missing is reported.
    pub fn take<T: Decode>(&mut self, key: &'static str, decoder: &mut Decoder<'_>) -> Option<T> {
        if let Some((_, node)) = self.node(key) {
            return T::decode(node, decoder);
        }
        let missing = T::missing();
        if missing.is_none() {
            decoder.sink.report(
                Diagnostic::new(code::MISSING_KEY, format!("the {} has no `{key}`", self.what))
                    .at(self.span)
                    .help(format!("add `{key}: …`")),
            );
        }
        missing
    }

    /// Returns the keys that nobody took, without reporting them.
    #[must_use]
    pub fn rest(&self) -> Vec<(&'a Spanned<String>, &'a Node)> {
        let rest = self.entries.iter().filter(|(_, _, taken)| !taken);
        rest.map(|(key, node, _)| (*key, *node)).collect()
    }

    /// Reports every key that nobody took.
    pub fn finish(self, decoder: &mut Decoder<'_>) {
        for (key, _) in self.rest() {
            let near = did_you_mean(&key.value, self.known.iter().copied());
            let help = near.unwrap_or_else(|| format!("known keys: {}", self.known.join(", ")));
            decoder.sink.report(
                Diagnostic::new(
                    code::UNKNOWN_KEY,
                    format!("a {} has no key `{}`", self.what, key.value),
                )
                .at(key.span)
                .help(help),
            );
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        T::decode(node, decoder).map(Some)
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
    fn schema() -> Value {
        T::schema()
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            decoder.wrong_shape(node, "a list, as in `[a, b]`");
            return None;
        };
        // Every item is read even if one is bad, so that all findings come at once.
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, decoder)).collect();
        read.into_iter().collect()
    }
    fn missing() -> Option<Self> {
        Some(Self::new())
    }
    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }
}

impl Decode for String {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let NodeKind::Scalar { text, .. } = &node.kind else {
            decoder.wrong_shape(node, "a text");
            return None;
        };
        Some(text.clone())
    }
    fn schema() -> Value {
        // A value is taken as written, so a number or a boolean is a text too.
        json!({"type": ["string", "number", "boolean"]})
    }
}

impl Decode for bool {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { text, plain: true } if text == "true" => Some(true),
            NodeKind::Scalar { text, plain: true } if text == "false" => Some(false),
            _ => {
                decoder.wrong_shape(node, "`true` or `false`");
                None
            }
        }
    }
    fn schema() -> Value {
        json!({"type": "boolean"})
    }
}

impl Decode for Name {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { text, .. } if !text.is_empty() && !text.contains('\0') => {
                Some(Self::new(text.as_str()))
            }
            _ => {
                decoder.wrong_shape(node, "a name");
                None
            }
        }
    }
    fn schema() -> Value {
        String::schema()
    }
}

impl Decode for ObjectName {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let name = Name::decode(node, decoder)?;
        let parts: Vec<&str> = name.as_str().split('.').collect();
        if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
            decoder.wrong_shape(node, "a name, or a schema and a name as in `billing.invoices`");
            return None;
        }
        Some(Self::parse(name.as_str()))
    }
    fn schema() -> Value {
        String::schema()
    }
}

impl<T: Decode> Decode for Spanned<T> {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        T::decode(node, decoder).map(|value| Self::new(value, node.span))
    }
    fn missing() -> Option<Self> {
        None
    }
    fn schema() -> Value {
        T::schema()
    }
}

/// A mapping with names as keys, in the order written: `set`, `forward`, `columns` of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T>(pub Vec<(Spanned<Name>, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Decode> Decode for Named<T> {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            decoder.wrong_shape(node, "a mapping from names, as in `{ a: … }`");
            return None;
        };
        let mut read = Vec::with_capacity(entries.len());
        let mut whole = true;
        for (key, value) in entries {
            if let Some((first, _)) =
                read.iter().find(|(name, _): &&(Spanned<Name>, T)| name.value.as_str() == key.value)
            {
                decoder.sink.report(
                    Diagnostic::new(
                        code::DUPLICATE_KEY,
                        format!("key `{}` is written twice", key.value),
                    )
                    .label(key.span, "again here")
                    .label(first.span, "first here")
                    .help("keep one of them"),
                );
            }
            match T::decode(value, decoder) {
                Some(value) => {
                    read.push((Spanned::new(Name::new(key.value.as_str()), key.span), value));
                }
                None => whole = false,
            }
        }
        whole.then_some(Self(read))
    }
    fn schema() -> Value {
        json!({"type": "object", "additionalProperties": T::schema()})
    }
}

/// Declares a struct that is read from a mapping, with its keys, their documentation and JSON Schema.
///
/// ```text
/// authored! {
///     /// A column to add.
///     "column" => pub struct AddColumn {
///         /// The table.
///         table: Spanned<ObjectName>,
///         /// NULL is allowed unless this is false.
///         nullable: Option<bool>,
///     }
/// }
/// ```
///
/// A key is its field's name; a field named `r#where` reads `where`. `Option` and `Vec` fields may be left out.
macro_rules! authored {
    ($(#[doc = $doc:literal])+ $what:literal => pub struct $name:ident {
        $( $(#[doc = $field_doc:literal])+ $field:ident : $type:ty, )*
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $( $(#[doc = $field_doc])+ pub $field: $type, )* }

        impl $name {
            /// Its documentation, in Markdown.
            pub const DOC: &'static str = concat!($($doc, "\n"),+);
        }

        impl $crate::yaml::decode::Decode for $name {
            fn decode(
                node: &$crate::yaml::node::Node,
                decoder: &mut $crate::yaml::decode::Decoder<'_>,
            ) -> Option<Self> {
                let mut fields = $crate::yaml::decode::Fields::open(node, $what, decoder)?;
                // All keys are read before the first `?`, so that all findings come at once.
                $( let $field = fields.take::<$type>(
                    $crate::yaml::decode::key(stringify!($field)), decoder); )*
                fields.finish(decoder);
                Some(Self { $( $field: $field?, )* })
            }
            fn schema() -> serde_json::Value {
                let mut schema = $crate::yaml::schema::ObjectSchema::new(Self::DOC);
                $( schema.key::<$type>(
                    $crate::yaml::decode::key(stringify!($field)), concat!($($field_doc, "\n"),+)); )*
                schema.finish()
            }
        }
    };
}
pub(crate) use authored;

/// Returns a field's key: its name without `r#`.
#[must_use]
pub const fn key(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}
