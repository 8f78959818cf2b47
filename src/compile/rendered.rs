//! One step as SQL, and what must be known of it to wrap it into migrations.

use std::collections::BTreeSet;

use super::migration::{CompileOptions, Part, Work};
use crate::catalog::Catalog;
use crate::change::apply::apply;
use crate::change::{Change, DataChange, Write, Written};
use crate::dialects::{self, Foreseen, Group, Refusal, RenderContext, Script, Transaction};
use crate::name::ObjectName;
use crate::plan::checked::CheckedStep;

/// A step and its groups of statements.
#[derive(Debug)]
pub(super) struct RenderedStep<'a> {
    /// The step.
    pub(super) step: &'a CheckedStep,
    /// Its groups in order.
    pub(super) groups: Vec<RenderedGroup>,
    /// Whether no release can notice it: it only drops indexes that are not unique.
    pub(super) is_invisible: bool,
}

/// Statements that become one migration.
#[derive(Debug)]
pub(super) struct RenderedGroup {
    /// The statements.
    pub(super) group: Group,
    /// What planner does for them.
    pub(super) work: Work,
    /// Whether undoing it destroys what somebody may have written since.
    pub(super) undo_destroys: bool,
    /// The places of its change in the step and of itself among that change's groups.
    pub(super) part: Part,
}

/// What a step amounts to, as far as that decides how many migrations it becomes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    /// How many groups of statements it has.
    pub(super) n_groups: usize,
    /// How many of them cannot be in a transaction.
    pub(super) n_alone: usize,
    /// As [`RenderedStep::is_invisible`].
    pub(super) is_invisible: bool,
}

impl Weight {
    /// Returns how many migrations the step becomes: what cannot be in a transaction has its guard in one of its own.
    pub(super) const fn n_migrations(self, gated: bool) -> usize {
        self.n_groups.saturating_add(if gated { self.n_alone } else { 0 })
    }
}

/// A step that was rendered, or only weighed.
pub(super) trait Weighed {
    /// Returns what it amounts to.
    fn weight(&self) -> Weight;
}

/// A step that was only weighed.
#[derive(Debug)]
pub(super) struct WeighedStep<'a> {
    /// The step.
    pub(super) step: &'a CheckedStep,
    /// The groups of statements that it has, and which of them cannot be in a transaction.
    pub(super) groups: Vec<(Part, bool)>,
    /// As [`RenderedStep::is_invisible`].
    is_invisible: bool,
}

impl Weighed for WeighedStep<'_> {
    fn weight(&self) -> Weight {
        Weight {
            n_groups: self.groups.len(),
            n_alone: self.groups.iter().filter(|(_, is_alone)| *is_alone).count(),
            is_invisible: self.is_invisible,
        }
    }
}

impl Weighed for RenderedStep<'_> {
    fn weight(&self) -> Weight {
        let alone = self.groups.iter().filter(|group| is_alone(&group.group.transaction));
        Weight {
            n_groups: self.groups.len(),
            n_alone: alone.count(),
            is_invisible: self.is_invisible,
        }
    }
}

/// Returns whether it is one statement that cannot be in a transaction.
pub(super) const fn is_alone(transaction: &Transaction) -> bool {
    match transaction {
        Transaction::Alone { .. } => true,
        Transaction::Shared | Transaction::ForeignKeysOff => false,
    }
}

/// What a phase has come to, from step to step.
#[derive(Debug)]
pub(super) struct Surroundings<'c> {
    /// The catalog before the next step.
    pub(super) catalog: &'c mut Catalog,
    /// The tables that the phase has created so far.
    pub(super) fresh: BTreeSet<ObjectName>,
}

/// Renders a step and applies it to the catalog.
///
/// # Errors
///
/// Returns the first thing that the dialect cannot do; the catalog then is as after the whole step.
pub(super) fn step<'a>(
    step: &'a CheckedStep,
    around: &mut Surroundings<'_>,
    options: CompileOptions,
) -> Result<RenderedStep<'a>, Refusal> {
    if let Some(written) = &step.written {
        return written_step((step, &written.sql), around, options);
    }
    let mut rendered = RenderedStep { step, groups: Vec::new(), is_invisible: true };
    each_change(step, around, options, |at, change, context| {
        let script = dialects::render(change, context);
        debug_assert!(is_as_foreseen(change, context, &script), "{change:?}: {script:?}");
        rendered.add((at, change), script?.groups, context.before);
        Ok(())
    })?;
    Ok(rendered)
}

/// Renders a step that runs as written: one group, whatever it changes.
fn written_step<'a>(
    (step, written): (&'a CheckedStep, &Written),
    around: &mut Surroundings<'_>,
    options: CompileOptions,
) -> Result<RenderedStep<'a>, Refusal> {
    let mut tables = step.changes.iter().filter_map(Change::table);
    let context = RenderContext {
        before: around.catalog,
        fresh_table: tables.all(|table| around.fresh.contains(table)),
        lock_timeout_ms: options.lock_timeout_ms,
    };
    let script = dialects::written(written, &step.changes, &context);
    let mut undo_destroys = matches!(written.down, Some(Ok(_)));
    let mut is_invisible = true;
    each_change(step, around, options, |_, change, context| {
        undo_destroys |= written.down.is_none() && self::undo_destroys(change);
        is_invisible &= self::is_invisible(change, context.before);
        Ok(())
    })?;
    let groups = script?.groups.into_iter().map(|group| RenderedGroup {
        group,
        work: Work::Written,
        undo_destroys,
        part: Part::default(),
    });
    Ok(RenderedStep { step, groups: groups.collect(), is_invisible })
}

/// Finds out what [`step`] would refuse and what the step amounts to; writes statements only where nothing else tells.
///
/// # Errors
///
/// As for [`step`].
pub(super) fn weigh<'a>(
    step: &'a CheckedStep,
    around: &mut Surroundings<'_>,
    options: CompileOptions,
) -> Result<WeighedStep<'a>, Refusal> {
    let mut weighed = WeighedStep { step, groups: Vec::new(), is_invisible: true };
    if let Some(written) = &step.written {
        // `check` has made sure that it can be rendered.
        weighed.groups.push((Part::default(), !written.sql.transactional));
        each_change(step, around, options, |_, change, context| {
            weighed.is_invisible &= is_invisible(change, context.before);
            Ok(())
        })?;
        return Ok(weighed);
    }
    each_change(step, around, options, |at, change, context| {
        let mut add = |group, is_alone| weighed.groups.push((Part { change: at, group }, is_alone));
        match dialects::foresee(change, context) {
            Some(Foreseen::InTransaction) => add(0, false),
            Some(Foreseen::Alone) => add(0, true),
            None => {
                let groups = dialects::render(change, context)?.groups;
                let alone = groups.iter().map(|group| is_alone(&group.transaction));
                alone.enumerate().for_each(|(group, is_alone)| add(group, is_alone));
            }
        }
        weighed.is_invisible &= is_invisible(change, context.before);
        Ok(())
    })?;
    Ok(weighed)
}

/// Returns whether a script is what was foreseen of it, if anything was.
fn is_as_foreseen(
    change: &Change,
    context: &RenderContext<'_>,
    script: &Result<Script, Refusal>,
) -> bool {
    let groups = script.as_ref().map(|script| script.groups.as_slice());
    dialects::foresee(change, context).is_none_or(|foreseen| match groups {
        Ok([only]) => is_alone(&only.transaction) == (foreseen == Foreseen::Alone),
        Ok(_) | Err(_) => false,
    })
}

/// Takes each change of a step, until one is refused, and applies all of them to the catalog.
fn each_change<'a>(
    step: &'a CheckedStep,
    around: &mut Surroundings<'_>,
    options: CompileOptions,
    mut take: impl FnMut(usize, &'a Change, &RenderContext<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let Surroundings { catalog, fresh } = around;
    let mut taken = Ok(());
    for (at, change) in step.changes.iter().enumerate() {
        if taken.is_ok() {
            let context = RenderContext {
                before: catalog,
                fresh_table: change.table().is_some_and(|table| fresh.contains(table)),
                lock_timeout_ms: options.lock_timeout_ms,
            };
            taken = take(at, change, &context);
        }
        note_fresh(change, fresh);
        // INVARIANT: `check` applied the same changes in the same order.
        let applied = apply(change, catalog);
        debug_assert!(applied.is_ok(), "{applied:?}");
    }
    taken
}

impl RenderedStep<'_> {
    fn add(&mut self, (at, change): (usize, &Change), groups: Vec<Group>, before: &Catalog) {
        self.is_invisible &= is_invisible(change, before);
        let alone = groups.len() == 1;
        let undo_destroys = undo_destroys(change);
        self.groups.extend(groups.into_iter().enumerate().map(|(place, group)| RenderedGroup {
            part: Part { change: at, group: place },
            group,
            work: match backfill(change).filter(|_| alone) {
                Some(data) => Work::Backfill(data.clone()),
                None => Work::Statements,
            },
            undo_destroys,
        }));
    }
}

/// Notes a table that nobody uses yet.
fn note_fresh(change: &Change, fresh: &mut BTreeSet<ObjectName>) {
    if let Change::CreateTable { name, .. } = change {
        fresh.insert(name.clone());
    } else if let Change::RenameTable { from, to } = change
        && fresh.remove(from)
    {
        fresh.insert(to.clone());
    }
}

fn is_invisible(change: &Change, before: &Catalog) -> bool {
    let Change::DropIndex { table, name } = change else { return false };
    let index = before.table(table).and_then(|table| table.indexes.get(name));
    index.is_some_and(|index| !index.unique)
}

/// Returns the data change, if it walks rows, so that it can be done in batches.
fn backfill(change: &Change) -> Option<&DataChange> {
    let Change::Write(data) = change else { return None };
    match &data.write {
        Write::Update { .. } | Write::Delete | Write::Copy { .. } => Some(data),
        Write::InsertSelect { .. } | Write::InsertValues { .. } => None,
    }
}

/// Returns whether undoing drops a table or a column, or may do so.
fn undo_destroys(change: &Change) -> bool {
    match change {
        Change::CreateTable { .. } | Change::AddColumn { .. } => true,
        Change::DropTable { .. }
        | Change::DropColumn { .. }
        | Change::SetDefault { .. }
        | Change::SetNullable { .. }
        | Change::AddConstraint { .. }
        | Change::DropConstraint { .. }
        | Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::CreateEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::DropEnum { .. }
        | Change::CreateView { .. }
        | Change::ReplaceView { .. }
        | Change::DropView { .. }
        | Change::CreateSync(_)
        | Change::DropSync(_)
        | Change::Deprecate { .. }
        | Change::RenameTable { .. }
        | Change::RenameColumn { .. }
        | Change::RenameConstraint { .. }
        | Change::RenameIndex { .. }
        | Change::RenameEnum { .. }
        | Change::RenameEnumValue { .. }
        | Change::RenameSequence { .. }
        | Change::SetType { .. }
        | Change::SetGenerated { .. }
        | Change::ValidateConstraint { .. }
        | Change::SetDeferral { .. }
        | Change::SetComment { .. }
        | Change::CreateSequence { .. }
        | Change::DropSequence { .. }
        | Change::CreateTrigger { .. }
        | Change::DropTrigger { .. }
        | Change::Truncate { .. }
        | Change::Other(_)
        | Change::Opaque(_)
        | Change::Write(_) => false,
    }
}
