//! SQL that planner does not read: taken as its author wrote it.

use super::group::{self, Lone};
use super::quote;
use crate::change::Opaque;
use crate::change::probe::Probe;
use crate::dialects::{Refusal, RenderContext, Script};

/// Writes the author's statements.
pub(super) fn render(context: &RenderContext<'_>, opaque: &Opaque) -> Result<Script, Refusal> {
    let up = quote::statement(&opaque.up);
    let down = opaque.down.as_ref().map(|down| quote::statement(down)).map_err(Clone::clone);
    if opaque.transactional {
        let down = down.map(|down| vec![down]);
        return Ok(Script { groups: vec![group::shared(context, vec![up], down)] });
    }
    let Some(query) = &opaque.probe else {
        return Err(Refusal {
            message: "SQL outside a transaction cannot be told to be done after a crash".to_owned(),
            alternative: "add a `probe`: a query that returns true once it is done".to_owned(),
        });
    };
    let probe = Probe::Query(quote::statement(query));
    let undone = Probe::Not(Box::new(probe.clone()));
    let up = Lone { statement: up, probe, repair: Vec::new() };
    let down = down.map(|statement| Lone { statement, probe: undone, repair: Vec::new() });
    Ok(Script { groups: vec![group::alone(up, down)] })
}
