//! `duplicate-migration-version`: two directories of migrations have one version.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::Evidence;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Span;
use crate::version::MigrationVersion;

super::declare_rule! {
    /// Two directories in the migrations folder have one version: the part of the name before the first `_`, without its `-`.
    ///
    /// # Why it matters
    ///
    /// Diesel knows migrations by their version alone. Of two with one version it runs one and silently forgets the other, and which one can differ from machine to machine: databases differ and nobody is told. `2024-01-01-000000_a` and `20240101000000_b` are one version, and `2024_01_01_a` is version `2024`.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- proves: diesel forgets one
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/20240101000000_create_teams/up.sql
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// -- file: migrations/20240101000000_create_teams/down.sql
    /// DROP TABLE teams;
    /// ```
    ///
    /// # Good
    ///
    /// Another version for the one that no database has run yet:
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// -- file: migrations/2024-01-01-000001_create_teams/up.sql
    /// CREATE TABLE teams (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000001_create_teams/down.sql
    /// DROP TABLE teams;
    /// ```
    pub static RULE = { id: "EC701", since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let history = evidence.context.history;
    let mut all: BTreeMap<&MigrationVersion, Vec<(&Utf8Path, Option<Span>)>> = BTreeMap::new();
    for (path, version) in &history.compiled {
        all.entry(version).or_default().push((path, None));
    }
    for migration in &history.hand_written {
        let place = (migration.path.as_path(), Some(migration.span()));
        all.entry(&migration.version).or_default().push(place);
    }
    for (version, places) in all {
        let [(first, first_span), others @ ..] = places.as_slice() else { continue };
        if history.baselined.contains(version) {
            continue;
        }
        for (path, span) in others {
            let message = format!("`{path}` has the version `{version}`, as `{first}` has");
            let mut found = Diagnostic::new(CODE, message).help(
                "give the one that no database has run yet another version; Diesel runs only one of them",
            );
            found = match span {
                Some(span) => found.label(*span, "this one"),
                None => found.in_file(*path),
            };
            if let (Some(_), Some(first)) = (span, first_span) {
                found = found.label(*first, "and this one");
            }
            sink.report(found);
        }
    }
}
