//! Durations as people write them: `10ms`, `2s`, `5m`, `24h`, `7d`.

use serde_json::{Value, json};

use super::decode::{Decode, Decoder};
use super::node::{Node, NodeKind};

/// A duration in milliseconds, 0 to about 49,710 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    /// Its length.
    pub milliseconds: u64,
}

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Duration {
    /// Reads a whole number and a unit: `ms`, `s`, `m`, `h` or `d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(digits);
        let (_, factor) = UNITS.into_iter().find(|(word, _)| *word == unit.trim())?;
        let milliseconds = number.parse::<u64>().ok()?.checked_mul(factor)?;
        (milliseconds <= u64::from(u32::MAX) * 1_000).then_some(Self { milliseconds })
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = |(_, factor): &&(&str, u64)| self.milliseconds.is_multiple_of(*factor);
        match UNITS.iter().rev().find(whole) {
            Some((unit, factor)) if self.milliseconds > 0 => {
                write!(f, "{}{unit}", self.milliseconds / factor)
            }
            _ => write!(f, "{}ms", self.milliseconds),
        }
    }
}

impl Decode for Duration {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let read = match &node.kind {
            NodeKind::Scalar { text, .. } => Self::parse(text),
            NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => None,
        };
        if read.is_none() {
            decoder.wrong_shape(node, "a duration such as `500ms`, `2s`, `24h` or `7d`");
        }
        read
    }

    fn schema() -> Value {
        json!({"type": "string", "pattern": "^[0-9]+ ?(ms|s|m|h|d)$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(Duration::parse("24h").unwrap().milliseconds, 86_400_000);
        assert_eq!(Duration::parse("10 ms").unwrap().to_string(), "10ms");
        assert_eq!(Duration::parse("48h").unwrap().to_string(), "2d");
        for text in ["24", "h", "-1s", "1.5h", "99999999999999999999d", "9000000d"] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
