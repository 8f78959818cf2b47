//! What the rules on engine hazards say of SQL that a plan's step runs as written. Every other step is compiled into what asks least.

use super::weight::weighed;
use super::{Evidence, Judged};
use crate::diagnostic::{Code, Sink};

/// Visits the changes of steps that run as written which ask something of tables that somebody may use (PostgreSQL).
pub(super) fn on_used_tables<'a, 'b>(
    evidence: &'b Evidence<'a>,
) -> impl Iterator<Item = &'b Judged<'a>> {
    evidence.changes.iter().filter(|judged| !judged.demands.is_empty())
}

/// Reports a finding at a step that weighs the more the larger the table is, as for hand-written migrations.
pub(super) fn report_by_size(
    evidence: &Evidence<'_>,
    code: Code,
    judged: &Judged<'_>,
    (message, help): (String, &str),
    sink: &mut Sink,
) {
    let tables = judged.demands.iter().map(|of| &of.table);
    let (code, size) = weighed(evidence, code, tables).unwrap_or((code, String::new()));
    sink.report(judged.finding(code, message + &size).help(help));
}
