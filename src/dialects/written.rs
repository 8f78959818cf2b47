//! Steps that run as their author wrote them: the author's statements forward, and what was not said from what they do.

use super::{Group, Refusal, RenderContext, Script, Transaction, postgres, render, sqlite};
use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::change::probe::{self, Probe};
use crate::change::{Change, Written};
use crate::dialect::Dialect;

/// Turns a step that runs as written into one group. Where its author does not say how to undo it, or how to see that it has
/// been done, both are made from its changes.
///
/// # Errors
///
/// Refuses a step of which one of these does not follow from its changes, and says what to write.
pub fn written(
    written: &Written,
    changes: &[Change],
    context: &RenderContext<'_>,
) -> Result<Script, Refusal> {
    let up = statement(context.before.dialect, &written.up);
    let transaction = if written.transactional {
        Transaction::Shared
    } else {
        forward(written, changes, context)?
    };
    let (undo, undo_transaction) = match &written.down {
        Some(Ok(down)) => {
            let down = vec![statement(context.before.dialect, down)];
            (Ok(down), authored_back(&transaction))
        }
        Some(Err(why)) => (Err(why.clone()), Transaction::Shared),
        None => {
            let (back, transaction) = back(changes, context)?;
            (Ok(back), transaction)
        }
    };
    let mut group = Group { statements: vec![up], transaction, undo, undo_transaction };
    with_timeout(&mut group, written.down.is_some(), context);
    Ok(Script { groups: vec![group] })
}

/// What is in a transaction waits for its locks for a limited time (PostgreSQL).
fn with_timeout(group: &mut Group, back_too: bool, context: &RenderContext<'_>) {
    let Dialect::Postgres = context.before.dialect else { return };
    if group.transaction == Transaction::Shared {
        postgres::with_timeout(context, &mut group.statements);
    }
    if let (true, Transaction::Shared, Ok(undo)) =
        (back_too, &group.undo_transaction, &mut group.undo)
    {
        postgres::with_timeout(context, undo);
    }
}

fn statement(dialect: Dialect, text: &str) -> String {
    match dialect {
        Dialect::Postgres => postgres::statement(text),
        Dialect::Sqlite => sqlite::statement(text),
    }
}

/// Returns how what cannot be in a transaction is told to be done, and what clears away what is left of it if it was not.
fn forward(
    written: &Written,
    changes: &[Change],
    context: &RenderContext<'_>,
) -> Result<Transaction, Refusal> {
    if let Some(query) = &written.probe {
        let probe = Probe::Query(statement(context.before.dialect, query));
        return Ok(Transaction::Alone { probe, repair: Vec::new() });
    }
    if let [change] = changes
        && let Ok(script) = render(change, &RenderContext { fresh_table: false, ..*context })
        && let [Group { transaction: alone @ Transaction::Alone { .. }, .. }] = &*script.groups
    {
        return Ok(alone.clone());
    }
    match probe::told_by(changes, context.before) {
        Some(probe) => Ok(Transaction::Alone { probe, repair: Vec::new() }),
        None => Err(Refusal {
            message: "SQL outside a transaction cannot be told to be done after a crash".to_owned(),
            alternative: "add a `probe`: a query that returns true once it is done".to_owned(),
        }),
    }
}

/// The author's own way back goes like the way there.
fn authored_back(forward: &Transaction) -> Transaction {
    match forward {
        Transaction::Shared | Transaction::ForeignKeysOff => forward.clone(),
        Transaction::Alone { probe, repair: _ } => {
            Transaction::Alone { probe: Probe::Not(Box::new(probe.clone())), repair: Vec::new() }
        }
    }
}

/// Returns the statements that undo the changes, and how they meet transactions.
///
/// # Errors
///
/// Says which change cannot be undone, or not together with the others.
pub fn back(
    changes: &[Change],
    context: &RenderContext<'_>,
) -> Result<(Vec<String>, Transaction), Refusal> {
    if let [change] = changes {
        let script = render(change, context)?;
        if let [only] = &*script.groups {
            let undo = only.undo.clone().map_err(|why| irreversible(&why))?;
            return Ok((undo, only.undo_transaction.clone()));
        }
    }
    // What is undone at once is undone in one transaction, as if nobody used the tables yet.
    let mut catalog = Catalog::clone(context.before);
    let mut groups = Vec::new();
    for change in changes {
        let context = RenderContext { before: &catalog, fresh_table: true, ..*context };
        groups.extend(render(change, &context)?.groups);
        if let Err(error) = apply(change, &mut catalog) {
            return Err(irreversible(&error.to_string()));
        }
    }
    let mut statements: Vec<String> = Vec::new();
    let mut transaction = Transaction::Shared;
    for group in groups.into_iter().rev() {
        match group.undo_transaction {
            Transaction::Shared => {}
            Transaction::ForeignKeysOff => transaction = Transaction::ForeignKeysOff,
            Transaction::Alone { .. } => {
                return Err(irreversible("one of its changes can only be undone alone"));
            }
        }
        for statement in group.undo.map_err(|why| irreversible(&why))? {
            let again = is_setting(&statement) && statements.contains(&statement);
            if statement != super::NOTHING && !again {
                statements.push(statement);
            }
        }
    }
    if statements.iter().all(|statement| is_setting(statement)) {
        statements = vec![super::NOTHING.to_owned()];
    }
    Ok((statements, transaction))
}

fn is_setting(statement: &str) -> bool {
    statement.starts_with("SET LOCAL ")
}

fn irreversible(why: &str) -> Refusal {
    Refusal {
        message: format!("planner cannot undo this SQL: {why}"),
        alternative:
            "add `down` with the statements that undo it, or `irreversible` with why nothing does"
                .to_owned(),
    }
}
