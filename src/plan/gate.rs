//! Gates as written: conditions that must hold before a phase may start.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, code};
use crate::name::Name;
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Decode, Decoder, Fields, Named};
use crate::yaml::duration::Duration;
use crate::yaml::node::{Node, NodeKind};
use crate::yaml::text::SqlText;

/// The gates of a plan, by the phase they shut. Expand phases have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthoredGates {
    /// Before and, as a standing condition, during backfill until contract.
    pub backfill: Option<Box<PhaseGates>>,
    /// Before contract.
    pub contract: Option<Box<PhaseGates>>,
}

/// What must hold before one phase; all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseGates {
    /// The key of the phase under `gates`.
    pub span: Span,
    /// Which releases may be live.
    pub releases: Option<Spanned<ReleaseGate>>,
    /// For how long, in seconds, the other gates have held.
    pub soak_seconds: Option<Spanned<u64>>,
    /// A named person must have said so.
    pub approval: Option<Spanned<bool>>,
    /// A verified backup, newer than the phase before.
    pub backup: Option<Spanned<bool>>,
    /// A query that must return one true value.
    pub query: Option<SqlText>,
}

/// Which releases may be live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseGate {
    /// `none: "why no release can be affected"`.
    NoneAffected(Spanned<String>),
    /// One condition an app, in the order written.
    Apps(Vec<(Spanned<Name>, Spanned<ReleaseCondition>)>),
}

/// What a live release of an app must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseCondition {
    /// A semver requirement as in Cargo (`>=2.5.0`), or for apps whose releases are not named by semver
    /// `>=NAME`: that release or one registered after it.
    Range(String),
    /// It declares all these marks.
    Marks(Vec<String>),
    /// Any release will do, for this reason.
    Any(String),
}

impl AuthoredGates {
    /// Reads the mapping under `gates`; what is broken in it is reported and left out.
    pub fn read(node: &Node, decoder: &mut Decoder<'_>) -> Self {
        let Some(mut fields) = Fields::open(node, "`gates` mapping", decoder) else {
            return Self::default();
        };
        let mut take = |key: &'static str, decoder: &mut Decoder<'_>| {
            let (key, node) = fields.node(key)?;
            PhaseGates::read(key.span, node, decoder).map(Box::new)
        };
        let gates =
            Self { backfill: take("backfill", decoder), contract: take("contract", decoder) };
        if let Some((key, _)) = fields.node("expand") {
            decoder.sink.report(
                Diagnostic::new(code::INVALID_VALUE, "an expand phase has no gate")
                    .at(key.span)
                    .help("remove it: what only adds is safe for every release"),
            );
        }
        fields.finish(decoder);
        gates
    }

    /// Returns the gates written for a phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Option<&PhaseGates> {
        match phase {
            Phase::Expand => None,
            Phase::Backfill => self.backfill.as_deref(),
            Phase::Contract => self.contract.as_deref(),
        }
    }
}

impl PhaseGates {
    fn read(span: Span, node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let mut fields = Fields::open(node, "gate", decoder)?;
        let releases = fields.take::<Option<Spanned<ReleaseGate>>>("releases", decoder).flatten();
        let soak = fields.take::<Option<Spanned<Duration>>>("soak", decoder).flatten();
        let approval = fields.take::<Option<Spanned<bool>>>("approval", decoder).flatten();
        let backup = fields.take::<Option<Spanned<bool>>>("backup", decoder).flatten();
        let query = fields.take::<Option<SqlText>>("query", decoder).flatten();
        fields.finish(decoder);
        let soak_seconds = soak.map(|soak| soak.map(|soak| soak.milliseconds.div_ceil(1_000)));
        Some(Self { span, releases, soak_seconds, approval, backup, query })
    }
}

impl Decode for ReleaseGate {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            decoder.wrong_shape(node, "a mapping from apps, as in `{ web: \">=2.5.0\" }`");
            return None;
        };
        if let [(key, reason)] = entries.as_slice()
            && key.value == "none"
        {
            return Spanned::<String>::decode(reason, decoder).map(Self::NoneAffected);
        }
        if let Some((key, _)) = entries.iter().find(|(key, _)| key.value == "none") {
            decoder.sink.report(
                Diagnostic::new(code::INVALID_VALUE, "`none` stands beside apps")
                    .at(key.span)
                    .help("write `none: \"why\"` alone, or conditions of apps"),
            );
            return None;
        }
        if entries.is_empty() {
            decoder.wrong_shape(node, "a mapping from apps, as in `{ web: \">=2.5.0\" }`");
            return None;
        }
        let apps = Named::<Spanned<ReleaseCondition>>::decode(node, decoder)?;
        Some(Self::Apps(apps.0))
    }

    fn schema() -> Value {
        let none = json!({"type": "object", "properties": {"none": {"type": "string"}}, "required": ["none"], "additionalProperties": false});
        json!({"anyOf": [none, Named::<ReleaseCondition>::schema()]})
    }
}

impl Decode for ReleaseCondition {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        const SHAPE: &str =
            "a range such as `\">=2.5.0\"`, `{ marks: [a] }` or `{ any: \"reason\" }`";
        match &node.kind {
            NodeKind::Scalar { text, .. } if !text.trim().is_empty() => {
                Some(Self::Range(text.trim().to_owned()))
            }
            NodeKind::Map(_) => {
                let mut fields = Fields::open(node, "release condition", decoder)?;
                let marks = fields.node("marks").map(|(_, node)| match &node.kind {
                    NodeKind::Scalar { text, .. } => Some(vec![text.clone()]),
                    NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => {
                        Vec::<String>::decode(node, decoder)
                    }
                });
                let any = fields.take::<Option<String>>("any", decoder).flatten();
                fields.finish(decoder);
                match (marks, any) {
                    (Some(marks), None) => {
                        let marks = marks?;
                        if marks.is_empty() {
                            decoder.wrong_shape(node, "at least one mark");
                            return None;
                        }
                        Some(Self::Marks(marks))
                    }
                    (None, Some(reason)) => Some(Self::Any(reason)),
                    (Some(_), Some(_)) | (None, None) => {
                        decoder.wrong_shape(node, SHAPE);
                        None
                    }
                }
            }
            NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Empty => {
                decoder.wrong_shape(node, SHAPE);
                None
            }
        }
    }

    fn schema() -> Value {
        let text = String::schema();
        let list = json!({"type": "array", "items": text});
        json!({"anyOf": [
            {"type": "string"},
            {"type": "object", "properties": {"marks": {"anyOf": [text, list]}}, "required": ["marks"], "additionalProperties": false},
            {"type": "object", "properties": {"any": text}, "required": ["any"], "additionalProperties": false},
        ]})
    }
}

impl std::fmt::Display for ReleaseCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Range(range) => f.write_str(range),
            Self::Marks(marks) => write!(f, "marks {}", marks.join(", ")),
            Self::Any(_) => f.write_str("any"),
        }
    }
}
