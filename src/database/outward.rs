//! Statements that reach beyond the database that they run in: they must not run where things are only tried.

use super::connection::LiveDatabase;
use super::error::Retry;
use super::{Database as _, DatabaseError};
use crate::dialect::Dialect;

/// Beginnings of statements for PostgreSQL that do, and why.
const POSTGRES: [(&[&str], &str); 22] = [
    (&["CREATE", "DATABASE"], A_DATABASE),
    (&["DROP", "DATABASE"], A_DATABASE),
    (&["ALTER", "DATABASE"], A_DATABASE),
    (&["ALTER", "SYSTEM"], "it changes the settings of the whole server"),
    (&["CREATE", "ROLE"], A_ROLE),
    (&["DROP", "ROLE"], A_ROLE),
    (&["ALTER", "ROLE"], A_ROLE),
    (&["CREATE", "USER"], A_ROLE),
    (&["DROP", "USER"], A_ROLE),
    (&["ALTER", "USER"], A_ROLE),
    (&["CREATE", "GROUP"], A_ROLE),
    (&["DROP", "GROUP"], A_ROLE),
    (&["ALTER", "GROUP"], A_ROLE),
    (&["DROP", "OWNED"], A_ROLE),
    (&["REASSIGN", "OWNED"], A_ROLE),
    (&["CREATE", "TABLESPACE"], "tablespaces belong to the whole server"),
    (&["ALTER", "TABLESPACE"], "tablespaces belong to the whole server"),
    (&["DROP", "TABLESPACE"], "tablespaces belong to the whole server"),
    (&["CREATE", "SUBSCRIPTION"], "it connects to another server"),
    (&["ALTER", "SUBSCRIPTION"], "it connects to another server"),
    (&["DROP", "SUBSCRIPTION"], "it connects to another server"),
    (&["LOAD"], "it loads a program into the server"),
];
const A_DATABASE: &str = "it is about another database of the server";
const A_ROLE: &str = "roles belong to the whole server";

/// Functions of PostgreSQL whose calls do.
const CALLS: [(&str, &str); 9] = [
    ("pg_terminate_backend", "it ends other sessions"),
    ("pg_cancel_backend", "it disturbs other sessions"),
    ("pg_reload_conf", "it changes the settings of the whole server"),
    ("pg_switch_wal", "it concerns the whole server"),
    ("pg_drop_replication_slot", "it concerns the whole server"),
    ("pg_create_logical_replication_slot", "it concerns the whole server"),
    ("pg_create_physical_replication_slot", "it concerns the whole server"),
    ("dblink_exec", "it connects to another server"),
    ("lo_export", A_FILE),
];
const A_FILE: &str = "it reads or writes a file of the server, or runs a program there";

/// Returns why a statement must not run where things are only tried, if it must not. What SQL puts together only when it runs, and what
/// functions do, is not seen.
#[must_use]
pub fn outward(dialect: Dialect, sql: &str) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => postgres(&words(sql, false)),
        Dialect::Sqlite => sqlite(&words(sql, false)),
    }
    .or_else(|| (dialect == Dialect::Postgres).then(|| of_block(sql)).flatten())
}

/// Returns whether a statement gives something to a role, or takes it away.
#[must_use]
pub fn names_roles(dialect: Dialect, sql: &str) -> bool {
    let words = words(sql, false);
    let first = words.iter().map(String::as_str).take(2).collect::<Vec<_>>();
    let begins = matches!(
        first.as_slice(),
        ["GRANT" | "REVOKE", ..] | ["CREATE" | "ALTER", "POLICY"] | ["ALTER", "DEFAULT"]
    );
    let is_owner = |pair: &[String]| pair == ["OWNER", "TO"];
    let names = begins
        || words.windows(2).any(is_owner)
        || words.iter().any(|word| word == "AUTHORIZATION");
    dialect == Dialect::Postgres && names
}

impl LiveDatabase {
    /// Executes a statement about roles; returns what is missing if it names one that is not on this server, which keeps no schema from
    /// being what it is.
    ///
    /// # Errors
    ///
    /// Fails if the statement does for another reason.
    pub fn execute_about_roles(&mut self, sql: &str) -> Result<Option<String>, DatabaseError> {
        // Outside a transaction there is nothing to go back to, and no need.
        let is_saved = self.execute("SAVEPOINT planner_role").is_ok();
        match self.execute(sql) {
            Ok(()) if is_saved => self.execute("RELEASE SAVEPOINT planner_role").map(|()| None),
            Ok(()) => Ok(None),
            Err(DatabaseError::Statement { reason, retry: Retry::Never, .. })
                if reason.starts_with("role ") && reason.contains("does not exist") =>
            {
                if is_saved {
                    self.execute("ROLLBACK TO SAVEPOINT planner_role")?;
                }
                Ok(Some(reason))
            }
            Err(other) => Err(other),
        }
    }
}

/// The words of a `DO` block may be statements at any place in it.
fn of_block(sql: &str) -> Option<&'static str> {
    let words = words(sql, true);
    if words.first().is_none_or(|first| first != "DO") {
        return None;
    }
    (1..words.len()).find_map(|at| postgres(words.get(at..).unwrap_or_default()))
}

fn postgres(words: &[String]) -> Option<&'static str> {
    let begins = |of: &[&str]| {
        of.len() <= words.len() && of.iter().zip(words).all(|(word, found)| word == found)
    };
    if begins(&["COPY"]) {
        let is_inward = words.iter().any(|word| word == "STDIN" || word == "STDOUT");
        return (!is_inward).then_some(A_FILE);
    }
    // A mapping belongs to the database, unlike the role that it is for.
    if words.get(1..3).is_some_and(|of| of == ["USER", "MAPPING"]) {
        return None;
    }
    // A role that is made a member of another.
    if (begins(&["GRANT"]) || begins(&["REVOKE"])) && !words.iter().any(|word| word == "ON") {
        return Some(A_ROLE);
    }
    let statement = POSTGRES.iter().find(|(beginning, _)| begins(beginning));
    statement.map(|(_, why)| *why).or_else(|| {
        let calls = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
        let queries = ["SELECT", "PERFORM", "WITH"].iter().any(|word| begins(&[word]));
        CALLS.iter().find(|(name, _)| queries && calls(name)).map(|(_, why)| *why)
    })
}

fn sqlite(words: &[String]) -> Option<&'static str> {
    match words.first()?.as_str() {
        "ATTACH" | "DETACH" => Some("it is about another database file"),
        "VACUUM" if words.iter().any(|word| word == "INTO") => Some("it writes another file"),
        _ => None,
    }
}

/// Returns the words of a statement in capitals, without its comments; with what stands in strings only if that is asked for.
fn words(sql: &str, in_strings: bool) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let taken = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if !in_strings && first == '\'' {
            rest.get(1..).and_then(|tail| tail.find('\'')).map_or(rest.len(), |end| end + 2)
        } else if !in_strings && first == '$' {
            dollar_quoted(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let end = end.unwrap_or(rest.len());
            words.push(rest.get(..end).unwrap_or_default().to_uppercase());
            end
        } else {
            first.len_utf8()
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    words
}

/// Returns the length of a string between `$tag$` and `$tag$`, or that of the `$`.
fn dollar_quoted(text: &str) -> usize {
    let tag = text.get(1..).and_then(|tail| tail.find('$')).and_then(|end| text.get(..end + 2));
    let is_tag = |tag: &&str| {
        tag.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$')
    };
    let Some(tag) = tag.filter(is_tag) else { return 1 };
    let body = text.get(tag.len()..).unwrap_or_default();
    body.find(tag).map_or(text.len(), |end| end + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_beyond_its_database_is_told_from_what_does_not() {
        let told = |sql: &str| outward(Dialect::Postgres, sql).is_some();
        for sql in [
            "DROP DATABASE shop",
            "-- away\n/* now */ drop  database IF EXISTS shop",
            "ALTER SYSTEM SET fsync = off",
            "create role app login",
            "GRANT admin TO app",
            "COPY users FROM PROGRAM 'curl evil'",
            "COPY users TO '/etc/passwd'",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles) THEN CREATE ROLE app; END IF; END $$",
            "DO $x$ BEGIN EXECUTE 'CREATE USER ' || quote_ident('a'); END $x$",
        ] {
            assert!(told(sql), "{sql}");
        }
        for sql in [
            "DROP TABLE database",
            "INSERT INTO notes VALUES ('DROP DATABASE shop')",
            "SELECT $$ CREATE ROLE app $$",
            "COPY users FROM STDIN",
            "GRANT SELECT ON users TO app",
            "CREATE USER MAPPING FOR app SERVER other",
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT 1 $$",
            "COMMENT ON TABLE users IS 'LOAD'",
            "",
            "'not closed",
            "$not closed",
        ] {
            assert!(!told(sql), "{sql}");
        }
        assert!(outward(Dialect::Sqlite, "ATTACH 'other.db' AS other").is_some());
        assert!(outward(Dialect::Sqlite, "VACUUM INTO 'copy.db'").is_some());
        assert!(outward(Dialect::Sqlite, "VACUUM").is_none());
    }
}
