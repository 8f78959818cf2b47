//! What `planner baseline` says.

use camino::Utf8Path;
use serde_json::{Value, json};

use super::compared::Compared;
use super::{Outcome, schema_of};
use crate::catalog::SqlExpression;
use crate::catalog::diff::{Difference, diff};
use crate::expressions::same_expression;
use crate::formats::{Answer, counted};
use crate::history::baseline::make::Made;
use crate::history::baseline::read_catalog;
use crate::shell::adoption::Sightings;
use crate::source::Sources;
use crate::version::MigrationVersion;

/// Everything that is to be told.
pub(super) struct Told<'a> {
    pub(super) path: &'a Utf8Path,
    pub(super) outcome: &'a Outcome,
    pub(super) compared: Vec<Compared>,
    /// What differs from the baseline that was there.
    pub(super) changes: Vec<String>,
    pub(super) is_new: bool,
    pub(super) is_same: bool,
    pub(super) is_dry: bool,
    /// The ledger's entry, if one was appended.
    pub(super) entry: Option<i64>,
}

impl Told<'_> {
    pub(super) fn answer(&self) -> Answer {
        Answer { human: self.human(), json: self.json() }
    }

    fn human(&self) -> String {
        let mut text = String::new();
        for compared in &self.compared {
            text += &of_comparison(compared);
        }
        for note in &self.outcome.notes {
            text += &format!("note: {note}\n");
        }
        let header = &self.outcome.made.header;
        let covered = counted(header.covered.len(), "migration", "migrations");
        let path = self.path;
        text += &format!("{path}: from {}, covers {covered}\n", header.origin.words());
        for what in &header.left_out {
            text += &format!("  left out: {what}\n");
        }
        if !self.is_new && !self.is_same {
            for change in &self.changes {
                text += &format!("  changes: {change}\n");
            }
        }
        text += &match (self.is_same, self.is_dry) {
            (true, _) => "Nothing changes in it.\n".to_owned(),
            (false, true) => "It would be written.\n".to_owned(),
            (false, false) => "Written; commit it.\n".to_owned(),
        };
        if let Some(entry) = self.entry {
            text += &format!("Recorded in the database's ledger (entry {entry}).\n");
        }
        text
    }

    fn json(&self) -> Value {
        let header = &self.outcome.made.header;
        let outcome = match (self.is_same, self.is_dry) {
            (true, _) => "unchanged",
            (false, true) => "would_be_written",
            (false, false) => "written",
        };
        let compared: Vec<Value> = self
            .compared
            .iter()
            .map(|of| {
                let differences: Vec<Value> = of
                    .differences
                    .iter()
                    .map(|Difference { object, expected, found }| {
                        json!({"object": object, "one": expected, "other": found})
                    })
                    .collect();
                json!({"one": of.one, "other": of.other, "compared": of.done, "differences": differences, "notes": of.notes})
            })
            .collect();
        let covered: Vec<&str> = header.covered.iter().map(MigrationVersion::as_str).collect();
        json!({
            "file": self.path.as_str(), "outcome": outcome, "from": header.origin.word(), "covers": covered,
            "left_out": header.left_out, "compared": compared, "notes": self.outcome.notes,
            "changes": if self.is_new { &[][..] } else { &self.changes[..] }, "entry": self.entry,
        })
    }
}

fn of_comparison(compared: &Compared) -> String {
    let Compared { one, other, differences, done, notes } = compared;
    let mut text = String::new();
    if *done {
        text += &match differences.len() {
            0 => format!("Compared {one} and {other}: they agree.\n"),
            n => format!("Compared {one} and {other}: {}.\n", counted(n, "difference", "differences")),
        };
    }
    for difference in differences {
        text += &format!("  {}\n", told(difference, one, other));
    }
    for note in notes {
        text += &format!("  note: {note}\n");
    }
    text
}

fn told(Difference { object, expected, found }: &Difference, one: &str, other: &str) -> String {
    match (expected, found) {
        (Some(expected), Some(found)) => format!("{object}: {expected} in {one}, {found} in {other}"),
        (Some(expected), None) => format!("{object}: only in {one} ({expected})"),
        (None, Some(found)) => format!("{object}: only in {other} ({found})"),
        (None, None) => object.clone(),
    }
}

/// Returns what is different from the baseline that is there.
pub(super) fn changes(seen: &Sightings, sources: &Sources, made: &Made) -> Vec<String> {
    let Some(before) = seen.baseline.as_ref().map(|baseline| &baseline.header) else {
        return Vec::new();
    };
    let after = &made.header;
    let mut changes = Vec::new();
    if before.origin != after.origin {
        changes.push(format!("from {}, no longer from {}", after.origin.words(), before.origin.words()));
    }
    let more = after.covered.difference(&before.covered).map(|version| format!("covers `{version}` too"));
    changes.extend(more);
    let less = before.covered.difference(&after.covered).map(|version| format!("covers `{version}` no longer"));
    changes.extend(less);
    if let Some(catalog) = schema_of(seen, sources)
        && !made.statements.is_empty()
    {
        let dialect = seen.dialect;
        let text = made.text(dialect);
        let mut sources = Sources::default();
        let source = sources.add("baseline", text.as_str());
        let new = read_catalog(source, &text, dialect, &mut crate::diagnostic::Sink::default());
        let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
        let differences = diff(&catalog, &new, &same);
        changes.extend(differences.iter().map(|difference| told(difference, "the one before", "the new one")));
    }
    changes
}
