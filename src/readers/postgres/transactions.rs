//! Statements about the session and its transaction.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what reads a statement always says whether it could"
)]

use squawk_syntax::ast::{self, AstNode};

use super::reading::{Reading, Thing};
use super::{data, touches};
use crate::catalog::ObjectKind;
use crate::change::Verb;
use crate::readers::TransactionControl;

pub(super) fn begin(reading: &mut Reading<'_>) -> Option<()> {
    reading.transaction = Some(TransactionControl::Begin);
    Some(())
}

pub(super) fn commit(reading: &mut Reading<'_>, node: &ast::Commit) -> Option<()> {
    match node {
        ast::Commit::CommitTransaction(_) => reading.transaction = Some(TransactionControl::Commit),
        ast::Commit::CommitPrepared(_) => {
            reading.alone = Some("COMMIT PREPARED");
            reading.other(node.syntax(), Thing::new(Verb::Run, ObjectKind::Transaction));
        }
    }
    Some(())
}

/// `PREPARE TRANSACTION`, which leaves the session without one.
pub(super) fn prepare(reading: &mut Reading<'_>, node: &ast::PrepareTransaction) -> Option<()> {
    reading.transaction = Some(TransactionControl::Commit);
    reading.other(node.syntax(), Thing::new(Verb::Run, ObjectKind::Transaction));
    Some(())
}

pub(super) fn rollback(reading: &mut Reading<'_>, node: &ast::Rollback) -> Option<()> {
    match node {
        ast::Rollback::RollbackTransaction(_) => {
            reading.transaction = Some(TransactionControl::RollBack);
        }
        ast::Rollback::RollbackToSavepoint(_) => {
            reading.opaque(node.syntax(), "what it takes back depends on what was done since");
        }
        ast::Rollback::RollbackPrepared(_) => {
            reading.alone = Some("ROLLBACK PREPARED");
            reading.other(node.syntax(), Thing::new(Verb::Run, ObjectKind::Transaction));
        }
    }
    Some(())
}

/// A query: nothing, unless it may write by what it calls.
pub(super) fn query(reading: &mut Reading<'_>, node: &impl AstNode) -> Option<()> {
    if touches::writes(node.syntax()) {
        return data::query(reading, node.syntax(), None);
    }
    Some(())
}

/// `REINDEX`.
pub(super) fn reindex(reading: &mut Reading<'_>, node: &ast::Reindex) -> Option<()> {
    reading.how.concurrently = node.is_concurrently();
    let target = node.reindex_target();
    reading.alone = match &target {
        _ if reading.how.concurrently => Some("REINDEX CONCURRENTLY"),
        Some(ast::ReindexTarget::ReindexTargetDatabase(_)) => Some("REINDEX DATABASE"),
        Some(ast::ReindexTarget::ReindexTargetSystem(_)) => Some("REINDEX SYSTEM"),
        Some(ast::ReindexTarget::ReindexTargetSchema(_)) => Some("REINDEX SCHEMA"),
        Some(
            ast::ReindexTarget::ReindexTargetIndex(_) | ast::ReindexTarget::ReindexTargetTable(_),
        )
        | None => None,
    };
    let on = match target {
        Some(ast::ReindexTarget::ReindexTargetTable(of)) => {
            of.table_name_ref().and_then(|table| reading.relation(&table))
        }
        Some(ast::ReindexTarget::ReindexTargetIndex(of)) => {
            let index = of.index_ref().and_then(|index| reading.relation(&index));
            index.and_then(|index| {
                super::index::table_of(reading, &index)
                    .or_else(|| super::index::table_of_key(reading, &index))
            })
        }
        _ => None,
    };
    reading.other(node.syntax(), Thing::new(Verb::Run, ObjectKind::Maintenance).on(on));
    Some(())
}

/// `VACUUM`, `ANALYZE`, `CLUSTER`.
pub(super) fn maintenance(
    reading: &mut Reading<'_>,
    node: &impl AstNode,
    alone: Option<&'static str>,
) -> Option<()> {
    reading.alone = alone;
    super::other::act(reading, node, Verb::Run, ObjectKind::Maintenance)
}
