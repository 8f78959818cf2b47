//! `opaque-migration`: planner cannot tell what a hand-written migration does.

use std::collections::BTreeSet;

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::change::unseen::unknown;
use crate::diagnostic::{Code, Severity, Sink};
use crate::history::Does;

super::declare_rule! {
    /// A statement of a hand-written migration that planner cannot read, or that may or may not run, or that calls what may do anything; one that the engine's parser does not accept is a warning.
    ///
    /// # Why it matters
    ///
    /// It is not judged, and what it does to the schema is not known to what comes after it. A note for each reason in a migration, at the first
    /// statement, so that none is passed over in silence.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: migrations/2024-01-01-000000_dynamic/up.sql
    /// DO $$ BEGIN EXECUTE format('DROP TABLE %I', current_setting('x.y')); END $$;
    /// -- file: migrations/2024-01-01-000000_dynamic/down.sql
    /// -- irreversible: nobody knows
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: migrations/2024-01-01-000000_plain/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_plain/down.sql
    /// DROP TABLE users;
    /// ```
    pub static RULE = { id: "EC712", severity: Note, since: "0.1.0", check: Some(check), waivable: false }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    // A file may have a hundred thousand of them; the first one speaks for all that are like it.
    let mut told = BTreeSet::new();
    for (act, _) in acts(evidence) {
        let help = "see for yourself that every live release can live with it".to_owned();
        let why = match &act.does {
            Does::Change(change) => unknown(change),
            Does::Opaque(why) | Does::Unreadable(why) => Some(why.as_str()),
        };
        let Some(why) = why.filter(|why| told.insert((act.migration, *why))) else { continue };
        match &act.does {
            Does::Change(_) | Does::Opaque(_) => {
                report(CODE, act, (format!("planner cannot tell what this does: {why}"), help), sink);
            }
            Does::Unreadable(said) => {
                let code = Code { severity: Severity::Warning, ..CODE };
                let help = "if the engine accepts it, it is not judged; else correct it".to_owned();
                report(code, act, (format!("this is not SQL that planner can read: {said}"), help), sink);
            }
        }
    }
}
