//! What the statements of a plan ask of tables that are there before them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::compile::CompiledStep;
use crate::dialects::locks::{Demand, LockMode, Work, demands};
use crate::name::ObjectName;
use crate::readers::{self, Meaning};

/// What each statement of a step's migrations asks, in their order.
pub(super) type Asked = Vec<Vec<Vec<Demand>>>;

/// Reads the statements of a step, given the catalog before it.
pub(super) fn of_step(step: &CompiledStep, before: &Catalog) -> Asked {
    let old: BTreeSet<&ObjectName> = before.tables.keys().chain(before.views.keys()).collect();
    let mut now = before.clone();
    let of_migration = |up: &Vec<String>, now: &mut Catalog| {
        up.iter().map(|sql| of_statement(sql, now, &old)).collect::<Vec<_>>()
    };
    step.migrations.iter().map(|migration| of_migration(&migration.up, &mut now)).collect()
}

/// Reads a text of one statement or more and applies it; guards and what else cannot be read ask nothing of tables.
fn of_statement(sql: &str, now: &mut Catalog, old: &BTreeSet<&ObjectName>) -> Vec<Demand> {
    let script = readers::parse(now.dialect, sql);
    let mut asked: Vec<Demand> = Vec::new();
    for at in 0..script.statements.len() {
        let Some(statement) = script.read(at, sql, now) else { break };
        for part in statement.parts {
            let Meaning::Change(change) = part.meaning else { continue };
            for demand in demands(&change, part.how.concurrently, now) {
                match asked.iter_mut().find(|of| of.table == demand.table) {
                    Some(known) => {
                        known.lock = known.lock.max(demand.lock);
                        known.work = known.work.max(demand.work);
                    }
                    None => asked.push(demand),
                }
            }
            // What does not fit is told by `check`.
            let _ = apply(&change, now);
        }
    }
    // Readers and writers take the weaker ones all the time.
    asked.retain(|of| old.contains(&of.table) && of.lock >= LockMode::ShareUpdateExclusive);
    asked
}

/// Says what a statement asks of a table.
pub(super) fn told(demand: &Demand) -> String {
    let work = match demand.work {
        Work::None => "",
        Work::Scan => ", and reads every row",
        Work::Rewrite => ", and writes the table anew",
    };
    let blocks = demand.lock.blocks().join(", ");
    format!("locks {} {} (blocks {blocks}){work}", demand.table, demand.lock)
}

pub(super) fn json(asked: &[Vec<Demand>]) -> Value {
    let of_statement = |demands: &Vec<Demand>| -> Value {
        let of = |demand: &Demand| {
            json!({
                "table": demand.table.to_string(),
                "lock": demand.lock.to_string(),
                "blocks": demand.lock.blocks(),
                "scans": demand.work == Work::Scan,
                "rewrites": demand.work == Work::Rewrite,
            })
        };
        demands.iter().map(of).collect()
    };
    asked.iter().map(of_statement).collect()
}
