//! `opaque-migration`: planner cannot tell what a hand-written migration does.

use std::collections::BTreeSet;

use super::Evidence;
use super::of_migrations::{acts, report};
use crate::catalog::ObjectKind;
use crate::change::Change;
use crate::change::effect::Effect;
use crate::change::unseen::unknown;
use crate::change::untold::untold;
use crate::diagnostic::{Code, Diagnostic, Severity, Sink};
use crate::history::Does;

super::declare_rule! {
    /// A statement of a hand-written migration that planner cannot read, or that may or may not run, or that calls or alters what may do anything; one that the engine's parser does not accept is a warning, in a `down.sql` too.
    ///
    /// # Why it matters
    ///
    /// It is not judged, and what it does to the schema is not known to what comes after it. A note for each reason in a migration, at the first
    /// statement, so that none is passed over in silence. What alters a role, an extension, a composite type, a sequence, a server's or a database's settings and the like is told so too,
    /// since releases may rely on any of it; a new body of a function is not, nor is what only says who owns something or how it is stored.
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
    for refused in &evidence.context.history.refused {
        let code = Code { severity: Severity::Warning, ..CODE };
        let message = format!("this is not SQL that planner can read: {}", refused.message);
        let help = "if the engine accepts it, leave it as it is; else correct it, or there is no way back";
        sink.report(Diagnostic::new(code, message).at(refused.span).help(help));
    }
    // A file may have a hundred thousand of them; the first one speaks for all that are like it.
    let mut told = BTreeSet::new();
    let mut made = BTreeSet::new();
    let dialect = evidence.context.project.dialect;
    for (act, _) in acts(evidence) {
        let thing = match act.change() {
            Some(Change::Other(of)) => Some((act.migration, of.kind, of.name.as_ref())),
            Some(Change::CreateSequence { name }) => {
                Some((act.migration, ObjectKind::Sequence, Some(name)))
            }
            Some(_) | None => None,
        };
        let is_of_its_own = thing.is_some_and(|thing| made.contains(&thing));
        if act.effects.iter().any(|of| matches!(of, Effect::Adds(_))) {
            made.extend(thing);
        }
        let help = "see for yourself that every live release can live with it".to_owned();
        let why = match &act.does {
            Does::Change(change) => unknown(change)
                .map(str::to_owned)
                .or_else(|| untold(change, dialect).filter(|_| !is_of_its_own)),
            Does::Opaque(why) | Does::Unreadable(why) => Some(why.clone()),
        };
        let Some(why) = why.filter(|why| told.insert((act.migration, why.clone()))) else { continue };
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
