//! How a backfill is cut up: `{ rows: 5000, pause: 10ms }`.

use serde_json::{Value, json};

use crate::change::Batch;
use crate::yaml::decode::{Decode, Decoder, Fields};
use crate::yaml::duration::Duration;
use crate::yaml::node::{Node, NodeKind};

/// The most rows of one batch: more hold their locks for too long.
const ROWS_MAX: u32 = 1_000_000;

struct Rows(u32);

impl Decode for Rows {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let rows = match &node.kind {
            NodeKind::Scalar { text, .. } => text.replace('_', "").parse::<u32>().ok(),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
        };
        let rows = rows.filter(|rows| (1..=ROWS_MAX).contains(rows));
        if rows.is_none() {
            decoder.wrong_shape(node, "a number of rows from 1 to 1000000");
        }
        rows.map(Self)
    }
    fn schema() -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": ROWS_MAX})
    }
}

struct Pause(u32);

impl Decode for Pause {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let pause = Duration::decode(node, decoder)?;
        let Ok(milliseconds) = u32::try_from(pause.milliseconds) else {
            decoder.wrong_shape(node, "a pause of at most 49 days");
            return None;
        };
        Some(Self(milliseconds))
    }
    fn schema() -> Value {
        Duration::schema()
    }
}

impl Decode for Batch {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let mut fields = Fields::open(node, "batch", decoder)?;
        let rows = fields.take::<Option<Rows>>("rows", decoder);
        let pause = fields.take::<Option<Pause>>("pause", decoder);
        fields.finish(decoder);
        Some(Self { rows: rows?.map(|rows| rows.0), pause_ms: pause?.map(|pause| pause.0) })
    }

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {"rows": Rows::schema(), "pause": Pause::schema()},
            "additionalProperties": false,
        })
    }
}
