//! The locks that the server takes for what the catalog does not hold as structure.

use super::locks::Demands;
use crate::catalog::{Catalog, ObjectKind, Partition, SqlExpression};
use crate::change::words::{Token, Words, outer_words, tokens, write_word};
use crate::change::{Other, Verb};
use crate::dialects::locks::{LockMode, Work};
use crate::name::ObjectName;

/// Adds what a statement asks of tables.
pub(super) fn of(other: &Other, concurrently: bool, before: &Catalog, found: &mut Demands) {
    use LockMode::{AccessExclusive, Exclusive, ShareUpdateExclusive};
    if other.kind == ObjectKind::Partition {
        return partition(other, concurrently, before, found);
    }
    if other.kind == ObjectKind::Maintenance {
        return maintenance(other, concurrently, found);
    }
    if other.kind == ObjectKind::Lock {
        return locked(other, found);
    }
    let Some(table) = &other.on else { return };
    match other.kind {
        // A write that is more than planner can hold.
        ObjectKind::Query => {
            let words = outer_words(&other.text);
            let walks = write_word(&words).is_some_and(|word| word != "insert");
            let work = if walks { Work::Scan } else { Work::None };
            found.add(table, LockMode::RowExclusive, work);
        }
        ObjectKind::MaterializedView => {
            let lock = if concurrently { Exclusive } else { AccessExclusive };
            found.add(table, lock, if concurrently { Work::Scan } else { Work::Rewrite });
        }
        ObjectKind::Persistence | ObjectKind::AccessMethod | ObjectKind::Tablespace => {
            found.add(table, AccessExclusive, Work::Rewrite);
        }
        ObjectKind::RowSecurity
        | ObjectKind::Policy
        | ObjectKind::Rule
        | ObjectKind::Owner
        | ObjectKind::ReplicaIdentity
        | ObjectKind::Inheritance => found.add(table, AccessExclusive, Work::None),
        ObjectKind::StorageParameter | ObjectKind::Statistics | ObjectKind::Comment => {
            found.add(table, ShareUpdateExclusive, Work::None);
        }
        // Whose locks, if there are any, are not a table's or are what the statement is for.
        ObjectKind::Partition
        | ObjectKind::Maintenance
        | ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::Domain
        | ObjectKind::Type
        | ObjectKind::Schema
        | ObjectKind::Extension
        | ObjectKind::Privilege
        | ObjectKind::Role
        | ObjectKind::Publication
        | ObjectKind::Subscription
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
        | ObjectKind::Setting
        | ObjectKind::Transaction
        | ObjectKind::Lock
        | ObjectKind::Virtual
        | ObjectKind::Pragma
        | ObjectKind::Database => {}
    }
}

fn partition(other: &Other, concurrently: bool, before: &Catalog, found: &mut Demands) {
    use LockMode::{AccessExclusive, AccessShare, ShareUpdateExclusive};
    let is_made = other.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create"));
    match other.verb {
        // `CREATE TABLE … PARTITION OF`, or the `PARTITION BY` of a table that nobody uses yet.
        Verb::Create if is_made => {
            other.on.iter().for_each(|table| found.add(table, AccessExclusive, Work::None));
        }
        Verb::Create => {
            let Some(part) = &other.name else { return };
            other.on.iter().for_each(|table| found.add(table, ShareUpdateExclusive, Work::None));
            let work = if is_known_to_fit(other, before) { Work::None } else { Work::Scan };
            found.add(part, AccessExclusive, work);
            if let (Some(whole), Some(bound)) = (&other.on, Partition::bound_in(&other.text)) {
                rest(whole, &bound, before, found);
            }
        }
        // `ALTER INDEX … ATTACH PARTITION` locks the indexes.
        Verb::Alter if !other.touches.is_empty() => {
            other.on.iter().for_each(|table| found.add(table, AccessShare, Work::None));
        }
        Verb::Drop | Verb::Replace | Verb::Alter | Verb::Rename | Verb::Run => {
            let lock = if concurrently { ShareUpdateExclusive } else { AccessExclusive };
            for table in other.on.iter().chain(&other.name) {
                found.add(table, lock, Work::None);
            }
        }
    }
}

/// Adds what a new partition asks of the one that takes the rest: no row of it may belong to the new one.
pub(super) fn rest(
    whole: &ObjectName,
    bound: &SqlExpression,
    before: &Catalog,
    found: &mut Demands,
) {
    let is_rest = |bound: &SqlExpression| bound.as_str().eq_ignore_ascii_case("default");
    if is_rest(bound) {
        return;
    }
    for part in before.partitions_of(whole) {
        let of = before.table(&part).and_then(|table| table.partition_of.as_ref());
        if of.is_some_and(|of| is_rest(&of.bound)) {
            found.add(&part, LockMode::AccessExclusive, Work::Scan);
        }
    }
}

/// Returns whether a validated check of the partition seems to say what it takes: every value of the bounds is in it.
fn is_known_to_fit(other: &Other, before: &Catalog) -> bool {
    let values = |text: &str| -> Vec<String> {
        let literal = |token: Token<'_>| match token {
            Token::Text(value) | Token::Number(value) => Some(value.to_owned()),
            Token::Word(_) | Token::Sign(_) => None,
        };
        tokens(text).into_iter().filter_map(literal).collect()
    };
    let bounds = values(&other.text);
    let part = other.name.as_ref().and_then(|name| before.table(name));
    let mut checks = part.into_iter().flat_map(|part| &part.checks).filter(|check| check.validated);
    !bounds.is_empty()
        && checks.any(|check| {
            let said = values(check.expression.as_str());
            bounds.iter().all(|bound| said.contains(bound))
        })
}

/// `LOCK TABLE`, which takes the strongest lock if it names none (PostgreSQL manual, "LOCK").
fn locked(other: &Other, found: &mut Demands) {
    let words = tokens(&other.text).into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.to_ascii_uppercase()),
        Token::Number(_) | Token::Text(_) | Token::Sign(_) => None,
    });
    let words: Vec<String> = words.filter(|word| word != "NOWAIT").collect();
    let words = words.join(" ");
    let named = LockMode::ALL.into_iter().find(|lock| words.ends_with(&format!(" IN {lock} MODE")));
    for touched in &other.touches {
        found.add(&touched.object, named.unwrap_or(LockMode::AccessExclusive), Work::None);
    }
}

fn maintenance(other: &Other, concurrently: bool, found: &mut Demands) {
    use LockMode::{AccessExclusive, Share, ShareUpdateExclusive};
    let Some(table) = &other.on else { return };
    let words = Words::of(&other.text);
    if words.has("reindex") {
        found.add(table, if concurrently { ShareUpdateExclusive } else { Share }, Work::Scan);
    } else if words.has("cluster") || words.has("full") || words.has("repack") && !concurrently {
        found.add(table, AccessExclusive, Work::Rewrite);
    } else if words.has("vacuum") || words.has("analyze") {
        found.add(table, ShareUpdateExclusive, Work::Scan);
    }
}
