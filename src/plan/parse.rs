//! One plan file into a plan as written.

use std::sync::Arc;

use super::authored::{After, AuthoredPlan, AuthoredStep, Lost, Waiver};
use super::gate::AuthoredGates;
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::name::{Name, ObjectName, PlanName};
use crate::operations::{AnyOperation, KEYS};
use crate::phase::{Phase, PhaseKey};
use crate::source::{SourceFile, SourceId, Span, Spanned};
use crate::version::Stamp;
use crate::yaml::decode::{Decode, Decoder, Fields};
use crate::yaml::node::{self, Node, NodeKind};

/// The most steps in one phase: a migration's version has three digits for its place.
const STEPS_MAX: usize = 300;
/// The longest name of a plan in bytes, so that directories and markers named after it stay short.
const NAME_BYTES_MAX: usize = 100;

/// Reads a plan file; findings go to the sink, and `None` comes back if there is too little left to go on with.
///
/// A step that is broken is left out, so that the others are still checked.
pub fn parse(source: SourceId, file: &SourceFile, sink: &mut Sink) -> Option<AuthoredPlan> {
    let named = name(file, sink);
    let first_new = sink.len();
    let node = node::read(source, &file.text, sink);
    let (stamp, name) = named?;
    let mut decoder = Decoder { sink };
    let plan = node.and_then(|node| body(&node, source, name.clone(), stamp.clone(), &mut decoder));
    sink.name_plan(first_new, Some(&name));
    let plan = plan.unwrap_or_else(|| unreadable(source, name, stamp));
    Some(AuthoredPlan { text: Arc::clone(&file.text), ..plan })
}

/// Returns a plan that stands for a file that cannot be read: other plans may name it, and are not blamed for
/// what it would have created. `None` if the file has no name of a plan's.
#[must_use]
pub fn stand_in(source: SourceId, file: &SourceFile) -> Option<AuthoredPlan> {
    let (stamp, name) = name(file, &mut Sink::default())?;
    Some(unreadable(source, name, stamp))
}

fn unreadable(source: SourceId, name: PlanName, stamp: Stamp) -> AuthoredPlan {
    AuthoredPlan {
        name,
        stamp,
        source,
        text: Arc::default(),
        span: Span { source, start: 0, end: 0 },
        title: None,
        owner: None,
        after: Vec::new(),
        steps: Vec::new(),
        gates: AuthoredGates::default(),
        lost: Lost { everything: true, objects: Vec::new() },
    }
}

/// Returns stamp and name from a file's name, or reports what is wrong with it.
fn name(file: &SourceFile, sink: &mut Sink) -> Option<(Stamp, PlanName)> {
    let stem = file.path.file_stem().unwrap_or_default();
    let (stamp, name) = stem.split_once('_').unwrap_or((stem, ""));
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let is_name = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(legal);
    if let (Some(stamp), true) = (Stamp::parse(stamp), is_name) {
        return Some((stamp, name.into()));
    }
    sink.report(
        Diagnostic::new(code::INVALID_FILE_NAME, format!("`{stem}` is no name of a plan's file"))
            .in_file(file.path.clone())
            .help(format!(
                "name it as `2026-11-21-090000_split_user_name.yaml`: a moment in 14 digits, `_`, and a name of \
                 letters, digits, `_` and `-` with at most {NAME_BYTES_MAX} characters; `planner new NAME` does"
            )),
    );
    None
}

fn body(
    node: &Node,
    source: SourceId,
    name: PlanName,
    stamp: Stamp,
    decoder: &mut Decoder<'_>,
) -> Option<AuthoredPlan> {
    let mut fields = Fields::open(node, "plan", decoder)?;
    let title = fields.take::<Option<Spanned<String>>>("title", decoder).flatten();
    let owner = fields.take::<Option<Spanned<String>>>("owner", decoder).flatten();
    let after = fields.take::<Vec<Spanned<After>>>("after", decoder).unwrap_or_default();
    let (mut steps, mut lost) = (Vec::new(), Lost::default());
    let mut n_written = 0;
    for phase in Phase::ALL {
        if let Some((key, node)) = fields.node(phase.word()) {
            n_written += phase_steps(phase, key.span, node, (&mut steps, &mut lost), decoder);
        }
    }
    let gates = fields.node("gates").map(|(_, node)| AuthoredGates::read(node, decoder));
    if let Some((key, _)) = fields.node("change") {
        decoder.sink.report(
            Diagnostic::new(code::UNKNOWN_KEY, "this planner knows no recipes under `change`")
                .at(key.span)
                .help("write the steps out under `expand`, `backfill` and `contract`"),
        );
    }
    fields.finish(decoder);
    let span = first_key(node);
    if n_written == 0 {
        decoder.sink.report(
            Diagnostic::new(code::EMPTY_PLAN, format!("plan `{name}` has no step"))
                .at(span)
                .help("add a step under `expand`, `backfill` or `contract`"),
        );
    }
    report_duplicate_ids(&steps, decoder);
    let gates = gates.unwrap_or_default();
    let text = Arc::default();
    Some(AuthoredPlan { name, stamp, source, text, span, title, owner, after, steps, gates, lost })
}

fn first_key(node: &Node) -> Span {
    match &node.kind {
        NodeKind::Map(entries) => entries.first().map_or(node.span, |(key, _)| key.span),
        NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Empty => node.span,
    }
}

/// Reads the steps of one phase and returns how many were written.
fn phase_steps(
    phase: Phase,
    key: Span,
    node: &Node,
    (steps, lost): (&mut Vec<AuthoredStep>, &mut Lost),
    decoder: &mut Decoder<'_>,
) -> usize {
    let items = match &node.kind {
        NodeKind::List(items) => items,
        NodeKind::Empty => {
            decoder.sink.report(
                Diagnostic::new(code::INVALID_VALUE, format!("`{phase}` has no steps"))
                    .at(key)
                    .help("add a step, or remove the key"),
            );
            return 1;
        }
        NodeKind::Scalar { .. } | NodeKind::Map(_) => {
            decoder.wrong_shape(node, "a list of steps, each after a `-`");
            return 1;
        }
    };
    if items.len() > STEPS_MAX {
        decoder.sink.report(
            Diagnostic::new(
                code::OVERSIZED_FILE,
                format!("`{phase}` has {} steps, more than {STEPS_MAX}", items.len()),
            )
            .at(key)
            .help("split it into several plans"),
        );
    }
    for item in items.iter().take(STEPS_MAX) {
        match step(phase, item, decoder) {
            Some(step) => steps.push(step),
            None => lost.objects.extend(named_objects(item)),
        }
    }
    items.len()
}

/// Returns the objects that a broken step names, as far as that can be told from its keys.
fn named_objects(node: &Node) -> Vec<ObjectName> {
    let NodeKind::Map(entries) = &node.kind else { return Vec::new() };
    let operations = entries.iter().filter_map(|(_, value)| match &value.kind {
        NodeKind::Map(fields) => Some(fields),
        NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Empty => None,
    });
    let names = operations.flatten().filter_map(|(key, value)| match &value.kind {
        NodeKind::Scalar { text, .. }
            if ["table", "view", "enum", "from", "to"].contains(&key.value.as_str()) =>
        {
            Some(ObjectName::parse(text))
        }
        _ => None,
    });
    names.collect()
}

fn step(phase: Phase, node: &Node, decoder: &mut Decoder<'_>) -> Option<AuthoredStep> {
    let mut fields = Fields::open(node, "step", decoder)?;
    let id = fields.take::<Option<Spanned<Name>>>("id", decoder).flatten();
    let after = fields.take::<Vec<Spanned<Name>>>("after", decoder).unwrap_or_default();
    let waivers = fields.take::<Waivers>("waive", decoder).unwrap_or_default().0;
    let written: Vec<_> = fields.rest();
    let known: Vec<_> =
        written.iter().filter(|(key, _)| KEYS.contains(&key.value.as_str())).collect();
    for (key, _) in written.iter().filter(|(key, _)| !KEYS.contains(&key.value.as_str())) {
        // A stray key beside an operation is a misspelt `id`; alone it is a misspelt operation.
        let (code, message, near) = if known.is_empty() {
            let message = format!("there is no operation `{}`", key.value);
            (code::UNKNOWN_OPERATION, message, did_you_mean(&key.value, KEYS.iter().copied()))
        } else {
            let message = format!("a step has no key `{}`", key.value);
            let near = did_you_mean(&key.value, ["id", "after", "waive"]);
            (code::UNKNOWN_KEY, message, near.or(Some("known keys: id, after, waive".into())))
        };
        let help = near.unwrap_or_else(|| format!("operations: {}", KEYS.join(", ")));
        decoder.sink.report(Diagnostic::new(code, message).at(key.span).help(help));
    }
    if let [(first, _), (second, _), ..] = known.as_slice() {
        decoder.sink.report(
            Diagnostic::new(code::SEVERAL_OPERATIONS, "one step has two operations")
                .label(second.span, "a second operation")
                .label(first.span, "the first one")
                .help("begin a new step with `-`"),
        );
        return None;
    }
    let Some((key, value)) = known.first() else {
        if written.is_empty() {
            decoder.sink.report(
                Diagnostic::new(code::MISSING_KEY, "the step has no operation")
                    .at(node.span)
                    .help(format!("operations: {}", KEYS.join(", "))),
            );
        }
        return None;
    };
    let operation = AnyOperation::decode(&key.value, value, decoder).flatten()?;
    let id = id.unwrap_or_else(|| Spanned::new(Name::new(operation.derived_id()), key.span));
    if !id.value.as_str().chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        decoder.sink.report(
            Diagnostic::new(code::INVALID_VALUE, format!("`{}` is no id of a step", id.value))
                .at(id.span)
                .help("write `id:` with letters, digits, `_` and `-`"),
        );
        return None;
    }
    let operation = Spanned::new(Arc::new(operation), key.span);
    Some(AuthoredStep { id, phase, after, waivers, operation, span: node.span })
}

fn report_duplicate_ids(steps: &[AuthoredStep], decoder: &mut Decoder<'_>) {
    let mut seen = std::collections::BTreeMap::new();
    for step in steps {
        if let Some(first) = seen.insert(&step.id.value, step.id.span) {
            let diagnostic = Diagnostic::new(
                code::DUPLICATE_STEP,
                format!("two steps have the id `{}`", step.id.value),
            );
            decoder.sink.report(
                diagnostic
                    .label(step.id.span, "the second one")
                    .label(first, "the first one")
                    .step(&step.id.value)
                    .help("give one of them another `id:`"),
            );
        }
    }
}

impl Decode for After {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let text = String::decode(node, decoder)?;
        if !text.contains('/') && !text.is_empty() {
            return Some(Self { plan: text.into(), phase: None });
        }
        let Some(key) = PhaseKey::parse(&text) else {
            decoder.wrong_shape(
                node,
                "a plan's name, or a plan and a phase as in `create_users/contract`",
            );
            return None;
        };
        Some(Self { plan: key.plan, phase: Some(key.phase) })
    }

    fn schema() -> serde_json::Value {
        String::schema()
    }
}

crate::yaml::decode::authored! {
    /// A hazard accepted by name until a date.
    "waiver" => pub struct AuthoredWaiver {
        /// The rule's name or code.
        hazard: Spanned<String>,
        /// Why it is no danger here.
        reason: Spanned<String>,
        /// The last day it holds, as `2027-01-31`.
        until: Spanned<String>,
    }
}

/// One waiver or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waivers(Vec<Waiver>);

impl Decode for Waivers {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let written = match &node.kind {
            NodeKind::List(_) => Vec::<AuthoredWaiver>::decode(node, decoder)?,
            NodeKind::Map(_) | NodeKind::Scalar { .. } | NodeKind::Empty => {
                vec![AuthoredWaiver::decode(node, decoder)?]
            }
        };
        let mut waivers = Vec::with_capacity(written.len());
        for waiver in written {
            let Ok(date) = waiver.until.value.parse::<jiff::civil::Date>() else {
                let message = format!("`{}` is no date", waiver.until.value);
                let help = "write the last day it holds as `2027-01-31`";
                decoder.sink.report(
                    Diagnostic::new(code::INVALID_VALUE, message).at(waiver.until.span).help(help),
                );
                continue;
            };
            let until = Spanned::new(date, waiver.until.span);
            waivers.push(Waiver { hazard: waiver.hazard, reason: waiver.reason, until });
        }
        Some(Self(waivers))
    }

    fn missing() -> Option<Self> {
        Some(Self::default())
    }

    fn schema() -> serde_json::Value {
        let one = AuthoredWaiver::schema();
        serde_json::json!({"anyOf": [one, {"type": "array", "items": one}]})
    }
}
