//! Asking a plan's query, or for rows that are left behind: read-only and under a timeout.

use super::DatabaseError;
use super::any::AnyConnection;
use super::rows::{self, Rows};

/// Asks the query. PostgreSQL: in a read-only subtransaction or transaction with a statement timeout, which is
/// taken back whatever happens. SQLite: `path` is opened again by a thread that may only read; its engine has
/// no timeout that safe code can reach, so that a query that takes too long is left to that thread, which
/// ends with it or with the program. It sees what was committed.
pub(crate) fn ask(
    connection: &mut AnyConnection,
    in_transaction: bool,
    path: Option<&str>,
    sql: &str,
    timeout_ms: u32,
) -> Result<Rows, DatabaseError> {
    let sql = sql.trim().trim_end_matches(';');
    #[cfg(not(feature = "postgres"))]
    let _ = in_transaction;
    #[cfg(not(feature = "sqlite"))]
    let _ = path;
    match connection {
        #[cfg(feature = "postgres")]
        AnyConnection::Postgres(_) => in_postgres(connection, in_transaction, sql, timeout_ms),
        #[cfg(feature = "sqlite")]
        AnyConnection::Sqlite(_) => in_sqlite(connection, path, sql, timeout_ms),
    }
}

#[cfg(feature = "postgres")]
fn in_postgres(
    connection: &mut AnyConnection,
    in_transaction: bool,
    sql: &str,
    timeout_ms: u32,
) -> Result<Rows, DatabaseError> {
    let (begin, end) = if in_transaction {
        (
            "SAVEPOINT planner_gate",
            "ROLLBACK TO SAVEPOINT planner_gate; RELEASE SAVEPOINT planner_gate",
        )
    } else {
        ("BEGIN", "ROLLBACK")
    };
    rows::execute(connection, begin)?;
    let limits =
        format!("SET LOCAL transaction_read_only = on; SET LOCAL statement_timeout = {timeout_ms}");
    let answer = rows::execute(connection, &limits).and_then(|()| rows::rows(connection, sql));
    rows::execute(connection, end)?;
    answer
}

#[cfg(feature = "sqlite")]
fn in_sqlite(
    connection: &mut AnyConnection,
    path: Option<&str>,
    sql: &str,
    timeout_ms: u32,
) -> Result<Rows, DatabaseError> {
    use std::sync::mpsc;
    use std::time::Duration;

    use diesel::Connection as _;

    let Some(path) = path else {
        rows::execute(connection, "PRAGMA query_only = ON")?;
        let answer = rows::rows(connection, sql);
        rows::execute(connection, "PRAGMA query_only = OFF")?;
        return answer;
    };
    let (sender, receiver) = mpsc::channel();
    let (path, text) = (path.to_owned(), sql.to_owned());
    std::thread::spawn(move || {
        let ask = || {
            let mut reader = diesel::SqliteConnection::establish(&path)
                .map_err(|error| DatabaseError::unexpected(error.to_string(), &text))?;
            rows::sqlite(&mut reader, "PRAGMA query_only = ON")?;
            rows::sqlite(&mut reader, &format!("PRAGMA busy_timeout = {timeout_ms}"))?;
            rows::sqlite(&mut reader, &text)
        };
        // Nobody listens any more once the time is up.
        let _ = sender.send(ask());
    });
    receiver.recv_timeout(Duration::from_millis(u64::from(timeout_ms))).unwrap_or_else(|_| {
        Err(DatabaseError::unexpected(format!("no answer within {timeout_ms} ms"), sql))
    })
}

/// Reads the one value of a gate's query.
pub(crate) fn truth(rows: &Rows, sql: &str) -> Result<Option<bool>, DatabaseError> {
    let wrong = |what: String| {
        Err(DatabaseError::unexpected(
            format!("the query must return one true or false, it returned {what}"),
            sql,
        ))
    };
    let value = match rows.as_slice() {
        [] => return Ok(None),
        [row] => match row.as_slice() {
            [None] => return Ok(None),
            [Some(value)] => value,
            columns => return wrong(format!("{} columns", columns.len())),
        },
        rows => return wrong(format!("{} rows", rows.len())),
    };
    match value.trim().to_ascii_lowercase().as_str() {
        "t" | "true" | "1" => Ok(Some(true)),
        "f" | "false" | "0" => Ok(Some(false)),
        _ => wrong("another value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::option_option, reason = "an error, no answer, and an answer")]
    fn of(rows: &[&[Option<&str>]]) -> Option<Option<bool>> {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let rows = rows.iter().map(|row| row.iter().copied().map(text).collect()).collect();
        truth(&rows, "q").ok()
    }

    #[test]
    fn one_true_value_opens_a_gate() {
        for value in ["t", "true", "1", "TRUE"] {
            assert_eq!(of(&[&[Some(value)]]), Some(Some(true)));
        }
        assert_eq!(of(&[&[Some("f")]]), Some(Some(false)));
        assert_eq!(of(&[&[None]]), Some(None));
        assert_eq!(of(&[]), Some(None));
    }

    #[test]
    fn anything_but_one_value_is_no_answer() {
        assert_eq!(of(&[&[Some("t"), Some("t")]]), None);
        assert_eq!(of(&[&[Some("t")], &[Some("t")]]), None);
        assert_eq!(of(&[&[Some("2")]]), None);
        assert_eq!(of(&[&[]]), None);
    }
}
