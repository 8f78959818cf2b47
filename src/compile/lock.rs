//! `planner.lock`: one line a plan and one a table, so that git conflicts exactly where two branches meet.
//!
//! Lines are in the order of names, not of time, with an empty line after each, because git also takes two
//! changes for a conflict that only stand next to each other. A plan's line changes when its steps, its gated
//! phases or its order change; a table's line (a view or a type counts as one)
//! when any plan that touches it does. A hand-written migration's line changes when its `up.sql` does (`lock_migrations`).

use std::collections::{BTreeMap, BTreeSet};

use super::{Checksum, CompiledProject};
use crate::catalog::Sync;
use crate::change::{Change, Constraint, Write};
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::Phase;
use crate::plan::authored::After;
use crate::plan::checked::CheckedProject;
use crate::version::Stamp;

/// The first line, with the format.
const HEADER: &str =
    "# planner.lock, format 1. Written by `planner compile`: commit it, never edit it.";

/// Returns the lock file's text.
#[must_use]
pub fn text(project: &CheckedProject, compiled: &CompiledProject) -> String {
    let mut plans: BTreeMap<&PlanName, Locked> = BTreeMap::new();
    let mut touching: BTreeMap<&ObjectName, BTreeSet<(&Stamp, &PlanName)>> = BTreeMap::new();
    for step in &compiled.steps {
        let Some(plan) = project.plan(&step.key.plan) else { continue };
        let locked = plans.entry(&plan.name).or_default();
        locked.steps.push(format!("{} {} {}\n", step.phase, step.key.id, step.checksum));
        if step.gated && !locked.gated.contains(&step.phase) {
            locked.gated.push(step.phase);
        }
        for table in step.changes.iter().flat_map(tables) {
            touching.entry(table).or_default().insert((&plan.stamp, &plan.name));
        }
    }
    // What the author of a `sql` step says that it reads, its changes need not name.
    for plan in &project.plans {
        let written = plan.steps.iter().filter_map(|step| step.written.as_ref());
        for touched in written.flat_map(|written| &written.sql.touches) {
            touching.entry(&touched.object).or_default().insert((&plan.stamp, &plan.name));
        }
    }
    let mut lines = vec![HEADER.to_owned(), format!("dialect {}", compiled.dialect)];
    for plan in project.by_name.keys().filter_map(|name| project.plan(name)) {
        let locked = plans.entry(&plan.name).or_default();
        let checksum = Checksum::of_text(&locked.steps.concat());
        let line = PlanLine {
            name: plan.name.clone(),
            stamp: plan.stamp.clone(),
            checksum: checksum.to_string(),
            gated: locked.gated.clone(),
            after: plan.after.iter().map(|after| after.value.clone()).collect(),
        };
        lines.push(line.write());
        locked.checksum = Some(checksum);
    }
    for (table, by) in touching {
        let sums: Vec<String> = by
            .into_iter()
            .filter_map(|(stamp, plan)| Some((stamp, plan, plans.get(plan)?.checksum.as_ref()?)))
            .map(|(stamp, plan, checksum)| format!("{stamp} {plan} {checksum}\n"))
            .collect();
        let checksum = Checksum::of_text(&sums.concat());
        lines.push(format!("table {} {checksum}", encoded(&table.to_string())));
    }
    lines.iter().map(|line| format!("{line}\n\n")).collect::<Vec<_>>().concat()
}

#[derive(Default)]
struct Locked {
    steps: Vec<String>,
    checksum: Option<Checksum>,
    gated: Vec<Phase>,
}

/// Returns the tables, views and types that a change names outside of expressions.
fn tables(change: &Change) -> Vec<&ObjectName> {
    match change {
        Change::CreateTable { name, table } => {
            let references = table.foreign_keys.iter().map(|key| &key.references);
            std::iter::once(name).chain(references).collect()
        }
        Change::AddConstraint { table, constraint } => match constraint {
            Constraint::Unique(_)
            | Constraint::Check(_)
            | Constraint::Primary(_)
            | Constraint::Exclude(_)
            | Constraint::UsingIndex { .. } => vec![table],
            Constraint::ForeignKey(key) => vec![table, &key.references],
        },
        Change::DropTable { name: table }
        | Change::AddColumn { table, .. }
        | Change::DropColumn { table, .. }
        | Change::SetDefault { table, .. }
        | Change::SetNullable { table, .. }
        | Change::DropConstraint { table, .. }
        | Change::CreateIndex { table, .. }
        | Change::DropIndex { table, .. }
        | Change::RenameColumn { table, .. }
        | Change::RenameConstraint { table, .. }
        | Change::RenameIndex { table, .. }
        | Change::SetType { table, .. }
        | Change::SetGenerated { table, .. }
        | Change::ValidateConstraint { table, .. }
        | Change::SetDeferral { table, .. }
        | Change::SetComment { table, .. }
        | Change::CreateTrigger { table, .. }
        | Change::DropTrigger { table, .. }
        | Change::Deprecate { table, .. } => vec![table],
        Change::CreateView { name, .. }
        | Change::ReplaceView { name, .. }
        | Change::DropView { name }
        | Change::CreateEnum { name, .. }
        | Change::AddEnumValue { name, .. }
        | Change::DropEnum { name }
        | Change::RenameEnumValue { name, .. }
        | Change::CreateSequence { name }
        | Change::DropSequence { name } => vec![name],
        Change::RenameTable { from, to }
        | Change::RenameEnum { from, to }
        | Change::RenameSequence { from, to } => vec![from, to],
        Change::Truncate { tables } => tables.iter().collect(),
        Change::Other(other) => {
            let touched = other.touches.iter().map(|touched| &touched.object);
            other.name.iter().chain(&other.on).chain(touched).collect()
        }
        Change::CreateSync(sync) | Change::DropSync(sync) => match sync.as_ref() {
            Sync::Columns { table, .. } => vec![table],
            Sync::Tables(tables) => vec![&tables.from, &tables.to],
        },
        Change::Write(data) => match &data.write {
            Write::Copy { to, .. } => vec![&data.table, to],
            Write::Update { .. }
            | Write::Delete
            | Write::InsertSelect { .. }
            | Write::InsertValues { .. } => vec![&data.table],
        },
        Change::Opaque(opaque) => opaque.touches.iter().map(|touched| &touched.object).collect(),
    }
}

/// What a lock file says of one plan, as far as programs that only embed migrations need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedPlan {
    /// Its stamp, with which the versions of its migrations begin.
    pub stamp: Stamp,
    /// Its name.
    pub name: PlanName,
    /// Phases with a gate.
    pub gated: Vec<Phase>,
    /// Plans it builds on.
    pub after: Vec<After>,
}

/// Reads the plan lines of a lock file, by stamp; with several dialects in it each plan comes once, with the gates of
/// all of them.
///
/// # Errors
///
/// Returns the number of the first line (from 1) that planner did not write.
pub fn parse(text: &str) -> Result<Vec<LockedPlan>, usize> {
    let mut plans: BTreeMap<Stamp, LockedPlan> = BTreeMap::new();
    let mut lines = text.lines().enumerate();
    if lines.next().is_none_or(|(_, first)| first != HEADER) {
        return Err(1);
    }
    for (at, line) in lines {
        let refused = at.saturating_add(1);
        match line.split_once(' ') {
            None if line.is_empty() => {}
            Some(_) if line == HEADER => {}
            Some(("dialect", word)) if crate::dialect::Dialect::parse(word).is_some() => {}
            Some(("table" | "migration", rest)) if is_named_checksum(rest) => {}
            Some(("plan", _)) => {
                let read = PlanLine::read(line).filter(|plan| plan.write() == line);
                let read = read.ok_or(refused)?;
                let plan = plans.entry(read.stamp.clone()).or_insert_with(|| LockedPlan {
                    stamp: read.stamp.clone(),
                    name: read.name.clone(),
                    gated: Vec::new(),
                    after: read.after.clone(),
                });
                if plan.name != read.name {
                    return Err(refused);
                }
                plan.gated.extend(read.gated);
                plan.gated.sort_unstable();
                plan.gated.dedup();
            }
            _ => return Err(refused),
        }
    }
    Ok(plans.into_values().collect())
}

fn is_named_checksum(rest: &str) -> bool {
    rest.split_once(' ').is_some_and(|(table, checksum)| {
        decoded(table).is_some_and(|name| encoded(&name) == table) && is_checksum(checksum)
    })
}

pub(super) fn is_checksum(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A plan's line.
struct PlanLine {
    name: PlanName,
    stamp: Stamp,
    checksum: String,
    gated: Vec<Phase>,
    after: Vec<After>,
}

impl PlanLine {
    fn write(&self) -> String {
        let gated: Vec<&str> = self.gated.iter().map(|phase| phase.word()).collect();
        let after: Vec<String> = self
            .after
            .iter()
            .map(|after| {
                let plan = encoded(after.plan.as_str());
                after.phase.map_or_else(|| plan.clone(), |phase| format!("{plan}/{phase}"))
            })
            .collect();
        format!(
            "plan {} {} {} gated={} after={}",
            encoded(self.name.as_str()),
            self.stamp,
            self.checksum,
            gated.join(","),
            after.join(",")
        )
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        if words.next() != Some("plan") {
            return None;
        }
        let name = Name::new(decoded(words.next()?)?);
        let stamp = Stamp::parse(words.next()?)?;
        let checksum = words.next().filter(|text| is_checksum(text))?.to_owned();
        let gated = listed(words.next()?.strip_prefix("gated=")?, Phase::parse)?;
        let after = listed(words.next()?.strip_prefix("after=")?, |text| {
            let (plan, phase) = match text.split_once('/') {
                Some((plan, phase)) => (plan, Some(Phase::parse(phase)?)),
                None => (text, None),
            };
            Some(After { plan: Name::new(decoded(plan)?), phase })
        })?;
        words.next().is_none().then_some(Self { name, stamp, checksum, gated, after })
    }
}

fn listed<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').filter(|word| !word.is_empty()).map(read).collect()
}

/// Writes a name as one word: letters, digits, `_`, `.` and `-` stand for themselves, other bytes as `%` and two hex digits.
pub(super) fn encoded(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'-' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02x}"),
    };
    name.bytes().map(byte).collect()
}

pub(super) fn decoded(word: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let (hex, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> String {
        let after = After { plan: "create users".into(), phase: Some(Phase::Contract) };
        PlanLine {
            name: name.into(),
            stamp: Stamp::parse("20261121090000").unwrap(),
            checksum: Checksum::of_text("").to_string(),
            gated: vec![Phase::Backfill, Phase::Contract],
            after: vec![After { plan: "a".into(), phase: None }, after],
        }
        .write()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let text =
            format!("{HEADER}\n\n{}\n\ntable users {}\n", line("größe 1"), Checksum::of_text("a"));
        let plans = parse(&text).unwrap();
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].name, "größe 1".into());
        assert_eq!(plans[0].gated, [Phase::Backfill, Phase::Contract]);
        assert_eq!(plans[0].after[1].plan, "create users".into());
        assert_eq!(plans[0].after[1].phase, Some(Phase::Contract));
    }

    #[test]
    fn a_line_that_planner_did_not_write_is_refused_by_its_number() {
        assert_eq!(parse(""), Err(1));
        let good = line("a");
        for bad in [
            "<<<<<<< HEAD",
            "plan a",
            "table users 12",
            &good.replace("gated=", "gates="),
            &good.replace("contract", "contracts"),
            &good.replace("plan a ", "plan %61 "),
            &format!("{good} x"),
            &format!(" {good}"),
        ] {
            assert_eq!(parse(&format!("{HEADER}\n\n{bad}\n")), Err(3), "{bad}");
        }
    }
}
