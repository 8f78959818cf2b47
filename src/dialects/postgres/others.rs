//! Sequences, hand-written triggers, emptied tables, and statements that are kept as they were written.

use super::group::{self, Lone};
use super::quote;
use crate::catalog::{ObjectKind, Trigger};
use crate::change::probe::Probe;
use crate::change::words::Words;
use crate::change::{Other, Verb};
use crate::dialects::{Refusal, RenderContext, Script};
use crate::name::{Name, ObjectName};

fn one(context: &RenderContext<'_>, up: String, back: Result<String, String>) -> Script {
    let back = back.map(|statement| vec![statement]);
    Script { groups: vec![group::shared(context, vec![up], back)] }
}

/// Creates a sequence.
pub(super) fn create_sequence(context: &RenderContext<'_>, name: &ObjectName) -> Script {
    let name = quote::object(name);
    one(context, format!("CREATE SEQUENCE {name}"), Ok(format!("DROP SEQUENCE {name}")))
}

/// Drops a sequence.
pub(super) fn drop_sequence(context: &RenderContext<'_>, name: &ObjectName) -> Script {
    let back = format!("where the numbers of the sequence `{name}` had got to is not known");
    one(context, format!("DROP SEQUENCE {}", quote::object(name)), Err(back))
}

fn drop_trigger_statement(table: &ObjectName, name: &Name) -> String {
    format!("DROP TRIGGER {} ON {}", quote::quote(name), quote::object(table))
}

/// Creates a trigger as its author wrote it.
pub(super) fn create_trigger(
    context: &RenderContext<'_>,
    table: &ObjectName,
    name: &Name,
    trigger: &Trigger,
) -> Result<Script, Refusal> {
    let Some(definition) = &trigger.definition else {
        return Err(Refusal {
            message: format!("what the trigger `{name}` of `{table}` does is not known"),
            alternative: "write a `sql` step".to_owned(),
        });
    };
    let back = Ok(drop_trigger_statement(table, name));
    Ok(one(context, quote::statement(definition), back))
}

/// Drops a trigger.
pub(super) fn drop_trigger(context: &RenderContext<'_>, table: &ObjectName, name: &Name) -> Script {
    let was = context.before.table(table).and_then(|table| table.triggers.get(name));
    let back = was
        .and_then(|trigger| trigger.definition.as_deref())
        .map(quote::statement)
        .ok_or_else(|| format!("what the trigger `{name}` of `{table}` was is not known"));
    one(context, drop_trigger_statement(table, name), back)
}

/// Empties tables.
pub(super) fn truncate(context: &RenderContext<'_>, tables: &[ObjectName]) -> Script {
    let names = quote::join(tables.iter().map(quote::object));
    one(context, format!("TRUNCATE {names}"), Err(format!("the rows of {names} are gone")))
}

/// Writes a statement as its author wrote it.
pub(super) fn other(context: &RenderContext<'_>, other: &Other) -> Result<Script, Refusal> {
    let up = quote::statement(&other.text);
    let (verb, kind) = (other.verb.word(), other.kind.word());
    let back = format!("what undoes this {verb} of a {kind} is not known");
    if !is_alone(other) {
        return Ok(one(context, up, Err(back)));
    }
    // What only tidies up may run again after a crash; of anything else it must be known whether it was done.
    if other.kind != ObjectKind::Maintenance {
        return Err(Refusal {
            message: format!(
                "this {verb} of a {kind} cannot be in a transaction, and nothing tells whether it was done"
            ),
            alternative: "write a `sql` step with `transaction: false` and a `probe`".to_owned(),
        });
    }
    let probe = Probe::Not(Box::new(Probe::All(Vec::new())));
    let up = Lone { statement: up, probe, repair: Vec::new() };
    Ok(Script { groups: vec![group::alone(up, Err(back))] })
}

/// Returns whether the server takes the statement outside of transactions only.
pub(super) fn is_alone(other: &Other) -> bool {
    let words = Words::of(&other.text);
    match other.kind {
        ObjectKind::Maintenance => {
            words.has("vacuum")
                || words.has("concurrently")
                || words.has("reindex") && (words.has("database") || words.has("system"))
        }
        ObjectKind::Database | ObjectKind::Tablespace => {
            matches!(other.verb, Verb::Create | Verb::Drop)
        }
        ObjectKind::Setting => words.has("system"),
        ObjectKind::Subscription => matches!(other.verb, Verb::Create | Verb::Drop | Verb::Alter),
        ObjectKind::Partition => words.has("concurrently"),
        ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::Domain
        | ObjectKind::Type
        | ObjectKind::Schema
        | ObjectKind::Extension
        | ObjectKind::Policy
        | ObjectKind::RowSecurity
        | ObjectKind::Privilege
        | ObjectKind::Owner
        | ObjectKind::Role
        | ObjectKind::Rule
        | ObjectKind::Statistics
        | ObjectKind::Inheritance
        | ObjectKind::StorageParameter
        | ObjectKind::ReplicaIdentity
        | ObjectKind::Persistence
        | ObjectKind::AccessMethod
        | ObjectKind::Comment
        | ObjectKind::Publication
        | ObjectKind::Operator
        | ObjectKind::OperatorClass
        | ObjectKind::Cast
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::TextSearch
        | ObjectKind::Language
        | ObjectKind::Foreign
        | ObjectKind::EventTrigger
        | ObjectKind::Sequence
        | ObjectKind::MaterializedView
        | ObjectKind::Transaction
        | ObjectKind::Lock
        | ObjectKind::Query
        | ObjectKind::Virtual
        | ObjectKind::Pragma => false,
    }
}
