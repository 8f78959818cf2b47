//! One word out of a few: orders, actions, places of NULLs.

use serde_json::{Value, json};

use crate::catalog::{Identity, Nulls, Order, ReferentialAction};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::yaml::decode::{Decode, Decoder};
use crate::yaml::node::{Node, NodeKind};

/// Reads one of the words, in any case, with spaces or `_`; `what` is a noun phrase for messages.
pub fn choice<T: Copy>(
    node: &Node,
    decoder: &mut Decoder<'_>,
    what: &str,
    words: &[(&'static str, T)],
) -> Option<T> {
    let all = || {
        let quoted: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        match quoted.as_slice() {
            [first, second] => format!("{first} or {second}"),
            _ => format!("one of {}", quoted.join(", ")),
        }
    };
    let NodeKind::Scalar { text, .. } = &node.kind else {
        decoder.wrong_shape(node, &format!("{what}: {}", all()));
        return None;
    };
    let read = text.trim().to_ascii_lowercase().replace('_', " ");
    let found = words.iter().find(|(word, _)| word.replace('_', " ") == read);
    if found.is_none() {
        let near = did_you_mean(&read, words.iter().map(|(word, _)| *word));
        decoder.sink.report(
            Diagnostic::new(code::INVALID_VALUE, format!("`{text}` is not {what}"))
                .at(node.span)
                .help(near.unwrap_or_else(|| format!("write {}", all()))),
        );
    }
    found.map(|(_, value)| *value)
}

fn one_of<T>(words: &[(&'static str, T)]) -> Value {
    json!({"enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>()})
}

const ORDERS: [(&str, Order); 2] = [("asc", Order::Ascending), ("desc", Order::Descending)];
const NULLS: [(&str, Nulls); 2] = [("first", Nulls::First), ("last", Nulls::Last)];
const IDENTITIES: [(&str, Identity); 2] =
    [("always", Identity::Always), ("by_default", Identity::ByDefault)];

impl Decode for Order {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        choice(node, decoder, "an order", &ORDERS)
    }
    fn schema() -> Value {
        one_of(&ORDERS)
    }
}

impl Decode for Nulls {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        choice(node, decoder, "a place for NULLs", &NULLS)
    }
    fn schema() -> Value {
        one_of(&NULLS)
    }
}

impl Decode for Identity {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        choice(node, decoder, "a kind of identity", &IDENTITIES)
    }
    fn schema() -> Value {
        one_of(&IDENTITIES)
    }
}

impl Decode for ReferentialAction {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        choice(node, decoder, "an action of a foreign key", &Self::ALL.map(|a| (a.words(), a)))
    }
    fn schema() -> Value {
        one_of(&Self::ALL.map(|action| (action.words(), action)))
    }
}
