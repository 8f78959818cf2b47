//! `planner schema`.

use serde_json::{Map, Value, json};

use crate::exit::{Exit, Failure};
use crate::operations;
use crate::plan::gate::ReleaseGate;
use crate::shell::Shell;
use crate::yaml::decode::Decode;
use crate::yaml::duration::Duration;
use crate::yaml::text::SqlText;

/// Print the JSON Schema of plan files, of `planner.yaml`, or of `requires.yaml`, for editors
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which files
    #[arg(value_enum, default_value_t = Which::Plan)]
    which: Which,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Which {
    /// `plans/*.yaml`
    Plan,
    /// `planner.yaml`
    Config,
    /// `requires.yaml`
    Requires,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut schema = match args.which {
        Which::Plan => plan(),
        Which::Config => crate::config::schema(),
        Which::Requires => crate::release::requires::schema(),
    };
    if let Value::Object(fields) = &mut schema {
        fields.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    }
    shell.data(&format!("{schema:#}\n"))?;
    Ok(Exit::Done)
}

fn plan() -> Value {
    let step = json!({"$ref": "#/$defs/step"});
    let steps = json!({"type": "array", "items": step, "minItems": 1});
    let gate = json!({"$ref": "#/$defs/gate"});
    json!({
        "title": "planner plan",
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "What the plan is for."},
            "owner": {"type": "string", "description": "Who to ask."},
            "after": {"type": "array", "items": {"type": "string"}, "description": "Older plans this one builds on: `plan`, or `plan/phase` to wait for that phase as a whole."},
            "expand": steps, "backfill": steps, "contract": steps,
            "gates": {"type": "object", "properties": {"backfill": gate, "contract": gate}, "additionalProperties": false},
        },
        "additionalProperties": false,
        "$defs": {"step": step_schema(), "gate": gate_schema()},
    })
}

fn step_schema() -> Value {
    let mut properties = Map::new();
    let waiver = crate::plan::parse::AuthoredWaiver::schema();
    properties.insert("id".into(), json!({"type": "string", "pattern": "^[\\p{L}\\p{N}_-]+$"}));
    properties.insert("after".into(), json!({"type": "array", "items": {"type": "string"}}));
    properties.insert("waive".into(), json!({"anyOf": [waiver, {"type": "array", "items": waiver}]}));
    let mut one_of = Vec::new();
    for (key, schema) in operations::schemas() {
        properties.insert(key.into(), schema);
        one_of.push(json!({"required": [key]}));
    }
    json!({"type": "object", "properties": properties, "oneOf": one_of, "additionalProperties": false})
}

fn gate_schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "releases": ReleaseGate::schema(),
            "soak": Duration::schema(),
            "approval": bool::schema(),
            "backup": bool::schema(),
            "query": SqlText::schema(),
        },
        "additionalProperties": false,
    })
}
