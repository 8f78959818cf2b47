//! Puts statements into groups: each with its lock timeout, its transaction and its way back.

use crate::change::probe::Probe;
use crate::dialects::{Group, RenderContext, Transaction};

/// What does nothing, where a migration must not be empty.
pub(super) const NOTHING: &str = "SELECT 1";

/// The statements back, or why there are none.
pub(super) type Undo = Result<Vec<String>, String>;

/// Returns the way back that does nothing.
pub(super) fn nothing() -> Vec<String> {
    vec![NOTHING.to_owned()]
}

/// Puts the lock timeout before statements that take locks.
fn with_timeout(context: &RenderContext<'_>, statements: Vec<String>) -> Vec<String> {
    if statements.iter().all(|statement| statement == NOTHING) {
        return statements;
    }
    let timeout = format!("SET LOCAL lock_timeout = '{}ms'", context.lock_timeout_ms);
    std::iter::once(timeout).chain(statements).collect()
}

/// Puts the lock timeout before the statements of a step that runs as written.
pub(in crate::dialects) fn limit(context: &RenderContext<'_>, statements: &mut Vec<String>) {
    *statements = with_timeout(context, std::mem::take(statements));
}

/// Returns a group that shares a transaction with its records, forward and back.
pub(super) fn shared(context: &RenderContext<'_>, statements: Vec<String>, undo: Undo) -> Group {
    Group {
        statements: with_timeout(context, statements),
        transaction: Transaction::Shared,
        undo: undo.map(|statements| with_timeout(context, statements)),
        undo_transaction: Transaction::Shared,
    }
}

/// One statement that cannot be in a transaction.
#[derive(Clone, Debug)]
pub(super) struct Lone {
    /// The statement.
    pub(super) statement: String,
    /// Tells whether it has been done.
    pub(super) probe: Probe,
    /// What to run before trying again; each a statement of its own.
    pub(super) repair: Vec<String>,
}

/// Returns a group of one statement outside a transaction, undone by another one.
pub(super) fn alone(up: Lone, down: Result<Lone, String>) -> Group {
    let (undo, undo_transaction) = match down {
        Ok(down) => (
            Ok(vec![down.statement]),
            Transaction::Alone { probe: down.probe, repair: down.repair },
        ),
        Err(why) => (Err(why), Transaction::Shared),
    };
    Group {
        statements: vec![up.statement],
        transaction: Transaction::Alone { probe: up.probe, repair: up.repair },
        undo,
        undo_transaction,
    }
}
