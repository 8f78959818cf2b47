//! What the rules on hand-written migrations have in common.

pub(super) mod fixes;

use super::weight::weighed;
use super::{Evidence, markers};
use crate::change::Change;
use crate::diagnostic::{Code, Diagnostic, Fix, Severity, Sink};
use crate::history::{Accepted, Act, HandWrittenMigration};

/// Visits what hand-written migrations do, each with its migration, in the order in which Diesel runs them.
pub(super) fn acts<'a>(
    evidence: &'a Evidence<'_>,
) -> impl Iterator<Item = (&'a Act, &'a HandWrittenMigration)> {
    let history = evidence.context.history;
    history.acts.iter().filter_map(|act| Some((act, history.hand_written.get(act.migration)?)))
}

/// Visits only what is done to tables that somebody may use.
pub(super) fn on_used_tables<'a>(
    evidence: &'a Evidence<'_>,
) -> impl Iterator<Item = (&'a Act, &'a HandWrittenMigration)> {
    acts(evidence).filter(|(act, _)| !act.is_fresh)
}

/// Reports a finding that weighs the more the larger the table is: where a database was asked, it is a note on a small table and an
/// error on a large one, and says how large the table is.
pub(super) fn report_by_size(
    evidence: &Evidence<'_>,
    code: Code,
    act: &Act,
    (message, help): (String, String),
    sink: &mut Sink,
) {
    report_weighed(evidence, code, act, (message, help, None), sink);
}

/// As [`report_by_size`], with what a machine may change.
pub(super) fn report_weighed(
    evidence: &Evidence<'_>,
    code: Code,
    act: &Act,
    (message, help, fix): (String, String, Option<Fix>),
    sink: &mut Sink,
) {
    let long = act.demands.iter().filter(|of| of.work.is_long()).map(|of| &of.table);
    let all = long.chain(act.change().and_then(Change::table));
    let (code, size) = weighed(evidence, code, all).unwrap_or((code, String::new()));
    report_fixable(code, act, (message + &size, help), fix, sink);
}

/// Reports a finding at an act; a comment that tells another linter to accept it is a waiver of it.
pub(super) fn report(code: Code, act: &Act, words: (String, String), sink: &mut Sink) {
    report_fixable(code, act, words, None, sink);
}

/// As [`report`], with what a machine may change.
pub(super) fn report_fixable(
    code: Code,
    act: &Act,
    (message, help): (String, String),
    fix: Option<Fix>,
    sink: &mut Sink,
) {
    let mut found = Diagnostic::new(code, message).at(act.span).help(help);
    if let Some(by) = act.accepted.iter().find(|of| markers::accepts(of, code)) {
        found = accepted(found, by);
    } else {
        found = found.fix(fix);
    }
    sink.report(found);
}

/// Makes a finding that a comment for another linter accepts a note.
pub(super) fn accepted(mut found: Diagnostic, by: &Accepted) -> Diagnostic {
    if found.severity != Severity::Off {
        found.severity = Severity::Note;
    }
    let reason = match by.reason.as_str() {
        "" => "a comment for another linter accepts it",
        reason => reason,
    };
    found.help(format!("waived: {reason}")).waived(reason)
}
