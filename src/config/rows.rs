//! A number of rows in `planner.yaml`.

use serde_json::{Value, json};

use crate::yaml::decode::{Decode, Decoder};
use crate::yaml::node::{Node, NodeKind};

/// A number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows(pub(super) u32);

impl Decode for Rows {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let read = match &node.kind {
            NodeKind::Scalar { text, .. } => text.parse().ok(),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
        };
        if read.is_none() {
            decoder.wrong_shape(node, "a number of rows");
        }
        read.map(Self)
    }

    fn schema() -> Value {
        json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
    }
}
