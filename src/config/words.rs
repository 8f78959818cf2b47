//! The words of `planner.yaml` that stand for a choice.

use serde_json::{Value, json};

use super::written::word;
use super::{HeartbeatEvidence, ReleaseNaming, Upgrades};
use crate::yaml::decode::{Decode, Decoder};
use crate::yaml::node::Node;

impl Decode for ReleaseNaming {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        word(node, decoder, &["semver", "registered"], |text| match text {
            "semver" => Some(Self::Semver),
            "registered" => Some(Self::Registered),
            _ => None,
        })
    }

    fn schema() -> Value {
        json!({"enum": ["semver", "registered"]})
    }
}

impl Decode for HeartbeatEvidence {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        word(node, decoder, &["additional", "sole_evidence"], |text| match text {
            "additional" => Some(Self::Additional),
            "sole_evidence" => Some(Self::Sole),
            _ => None,
        })
    }

    fn schema() -> Value {
        json!({"enum": ["additional", "sole_evidence"]})
    }
}

impl Decode for Upgrades {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        word(node, decoder, &["continuously", "by_release"], |text| match text {
            "continuously" => Some(Self::Continuously),
            "by_release" => Some(Self::ByRelease),
            _ => None,
        })
    }

    fn schema() -> Value {
        json!({"enum": ["continuously", "by_release"]})
    }
}
