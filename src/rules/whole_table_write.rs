//! `whole-table-write`: all rows of a table are written at once.

use super::Evidence;
use super::of_migrations::{on_used_tables, report_by_size};
use crate::catalog::ObjectKind;
use crate::change::words::{Token, is_always_true, outer_words, tokens, write_word};
use crate::change::{Change, DataChange, Write};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::name::ObjectName;

super::declare_rule! {
    /// A hand-written migration writes all rows of a table that is in use in one transaction, or all in which a column is NULL (PostgreSQL).
    ///
    /// # Why it matters
    ///
    /// Every row that it has written stays locked until the last one is done: whoever wants to change one of them waits. The old versions of all rows stay in the table, and
    /// replicas fall behind. Write them a range at a time, or as the `update` of a plan's backfill, which goes by the primary key in batches, can stop anywhere and goes on where it was.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- given: INSERT INTO users (id) SELECT n FROM generate_series(1, 5000) n
    /// -- proves: blocks UPDATE users SET team_id = 1 WHERE id = 5000
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- given: INSERT INTO users (id) SELECT n FROM generate_series(1, 5000) n
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY, name text, team_id bigint);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-03-01-000000_later/up.sql
    /// UPDATE users SET name = '' WHERE name IS NULL AND id BETWEEN 1 AND 1000;
    /// -- file: migrations/2024-03-01-000000_later/down.sql
    /// -- irreversible: a test
    /// ```
    pub static RULE = { id: "EC410", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    if evidence.context.project.dialect != Dialect::Postgres {
        return;
    }
    for (act, _) in on_used_tables(evidence) {
        let Some((verb, table)) = act.change().and_then(written) else { continue };
        // That the rows go at all is then worse, and told by another rule.
        let is_loss = matches!(act.change(), Some(Change::Write(_)))
            && act.destroyed().next().is_some()
            && !act.preparation.is_there()
            && act.preparation.leads_to.is_none()
            && act.again.is_none();
        if is_loss || !act.work().is_long() {
            continue;
        }
        let message = format!(
            "{verb} the rows of `{table}` all at once, and each stays locked until the last is done"
        );
        let help = "go by ranges of the primary key, one a transaction; or write a plan, whose backfill does";
        report_by_size(evidence, CODE, act, (message, help.to_owned()), sink);
    }
}

/// Returns what a statement does to all rows of a table.
fn written(change: &Change) -> Option<(&'static str, &ObjectName)> {
    if let Change::Other(other) = change {
        if other.kind != ObjectKind::Query {
            return None;
        }
        // More than planner holds: a MERGE takes whatever it joins, others say with WHERE which rows they take.
        let words = outer_words(&other.text);
        let is_of_some = words.iter().any(|word| word == "where");
        let verb = match write_word(&words)? {
            "merge" => "writes",
            "update" if !is_of_some => "writes",
            "delete" if !is_of_some => "deletes",
            _ => return None,
        };
        return other.on.as_ref().map(|table| (verb, table));
    }
    let Change::Write(data) = change else { return None };
    match &data.write {
        Write::Update { .. } if is_of_all(data) => Some(("writes", &data.table)),
        Write::Delete if is_of_all(data) => Some(("deletes", &data.table)),
        Write::Update { .. }
        | Write::Delete
        | Write::InsertSelect { .. }
        | Write::InsertValues { .. }
        | Write::Copy { .. } => None,
    }
}

/// Returns whether a write takes all rows, as far as can be told: it says nothing of them, or only what is NULL.
fn is_of_all(data: &DataChange) -> bool {
    let Some(condition) = &data.condition else { return true };
    if is_always_true(condition.as_str()) {
        return true;
    }
    let tokens = tokens(condition.as_str());
    let is_word = |token: &Token<'_>, word: &str| {
        matches!(token, Token::Word(of) if of.eq_ignore_ascii_case(word))
    };
    let compares = tokens.iter().any(|token| match token {
        Token::Number(_) | Token::Text(_) => true,
        Token::Sign(sign) => !matches!(sign, '.' | '(' | ')'),
        Token::Word(_) => ["in", "like", "between", "exists", "true", "false"].iter().any(|word| is_word(token, word)),
    });
    !compares && tokens.iter().any(|token| is_word(token, "null"))
}
