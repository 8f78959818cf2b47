//! Where what was recorded of releases and what their instances say disagree, for answers.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ledger::LedgerSnapshot;
use crate::release::pulse::contradictions;

/// Contradictions as an answer shows them.
#[derive(Debug)]
pub struct Shown {
    /// Lines for people, under a heading; nothing if there is none.
    pub human: String,
    /// A list for programs.
    pub json: Value,
}

/// Returns the contradictions in what is known.
#[must_use]
pub fn shown(ledger: &LedgerSnapshot, now: Timestamp) -> Shown {
    let found = contradictions(&ledger.apps, now);
    let list: Vec<Value> = found
        .iter()
        .map(|of| {
            let counted = if of.live { "live" } else { "ended" };
            json!({"app": of.app, "release": of.release, "message": of.message, "counted_as": counted})
        })
        .collect();
    let lines: String = found.iter().map(|of| format!("  {}\n", of.message)).collect();
    let human = if lines.is_empty() {
        lines
    } else {
        format!("What was recorded and what instances say disagree:\n{lines}")
    };
    Shown { human, json: Value::from(list) }
}
