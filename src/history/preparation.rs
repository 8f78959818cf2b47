//! Whether what a statement takes away was prepared: what earlier migrations did to let go of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::copies::Copies;
use super::emptied;
use super::successors::{self, Successors};
use crate::catalog::{Catalog, Check};
use crate::change::effect::{Effect, Object};
use crate::change::{Change, Constraint, DataChange, Write};
use crate::expressions;
use crate::name::{Name, ObjectName};
use crate::readers::{Meaning, Statement};

/// What was done about an object before it is taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// The migrations that moved its data elsewhere, or kept it elsewhere too: places in [`super::History::hand_written`].
    pub moved: BTreeSet<usize>,
    /// The migrations that let writers leave it out: a default, or NULL.
    pub relaxed: BTreeSet<usize>,
    /// Whether some of that was done in the very migration that takes it away, where it prepares nothing.
    pub is_late: bool,
    /// Whether an insert that does not name the column fails.
    pub is_required: bool,
    /// Whether it is a type that no column has ever had, as far as is known: nothing is lost with it.
    pub is_unused: bool,
    /// The migrations that filled the column that is restricted.
    pub filled: BTreeSet<usize>,
    /// The later migration that drops the table whose rows are deleted: this is the preparation of that.
    pub leads_to: Option<usize>,
}

impl Preparation {
    /// Returns whether an earlier migration prepared it, so that a release could be deployed in between.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !self.is_required && !self.by().is_empty()
    }

    /// Returns the migrations that prepared it, oldest first.
    #[must_use]
    pub fn by(&self) -> BTreeSet<usize> {
        self.moved.union(&self.relaxed).copied().collect()
    }
}

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// The migration that is being read, and its day.
    now: (usize, Option<Date>),
    /// The day on which each table was made, and in which migration.
    made: BTreeMap<ObjectName, (usize, Option<Date>)>,
    /// What was said, or is plain, to be needed no more.
    let_go: BTreeMap<(ObjectName, Option<Name>), BTreeSet<usize>>,
    copies: Copies,
    successors: Successors,
    relaxed: BTreeMap<(ObjectName, Name), BTreeSet<usize>>,
    filled: BTreeMap<(ObjectName, Name), BTreeSet<usize>>,
}

impl Witness {
    pub(super) fn begin(&mut self, migration: usize, day: Option<Date>) {
        self.now = (migration, day);
        self.copies.begin(migration);
        self.successors.begin(migration);
    }

    /// Takes note of what a statement drops all at once.
    pub(super) fn statement(&mut self, statement: &Statement) {
        let dropped = statement.parts.iter().filter_map(|part| match &part.meaning {
            Meaning::Change(change) => match &**change {
                Change::DropView { name } => Some(name.clone()),
                _ => None,
            },
            Meaning::Opaque { .. } | Meaning::Unreadable { .. } => None,
        });
        self.successors.statement(dropped.collect());
    }

    /// Returns whether nobody can use a table or view yet: it was made in this migration, or on the same day or the day before.
    pub(super) fn is_fresh(&self, table: &ObjectName) -> bool {
        let Some((migration, day)) = self.made.get(table) else { return false };
        let near = day.zip(self.now.1).is_some_and(|(then, now)| {
            then <= now && then.tomorrow().is_ok_and(|next| now <= next)
        });
        *migration == self.now.0 || near
    }

    /// Takes note of what a change does for what may be taken away later.
    pub(super) fn take(&mut self, change: &Change, before: &Catalog) {
        let at = self.now.0;
        self.copies.follow(change);
        self.successors.take(change, before);
        // A table that was emptied has nothing left to lose.
        if let Some(table) = emptied::deleted_whole(change, before) {
            self.let_go(table.clone(), None);
        }
        match change {
            Change::CreateTable { name, .. } | Change::CreateView { name, .. } => {
                self.made.insert(name.clone(), self.now);
            }
            Change::RenameTable { from, to } => {
                if let Some(made) = self.made.remove(from) {
                    self.made.insert(to.clone(), made);
                }
            }
            Change::SetNullable { table, column, nullable: true }
            | Change::SetDefault { table, column, default: Some(_) } => {
                // Who could leave it out before is let go of nothing.
                if before.column(table, column).is_none_or(|column| !column.may_be_left_out()) {
                    let key = (table.clone(), column.clone());
                    self.relaxed.entry(key).or_default().insert(at);
                }
            }
            Change::Write(data) => self.write(data, before),
            Change::Other(other) => {
                self.copies.other(other, before);
            }
            Change::Deprecate { table, column } => self.let_go(table.clone(), column.clone()),
            Change::CreateSync(sync) | Change::DropSync(sync) => {
                self.let_go(sync.table().clone(), None);
            }
            Change::DropTable { .. }
            | Change::AddColumn { .. }
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
            | Change::ReplaceView { .. }
            | Change::DropView { .. }
            | Change::RenameColumn { .. }
            | Change::RenameConstraint { .. }
            | Change::RenameIndex { .. }
            | Change::RenameEnum { .. }
            | Change::RenameEnumValue { .. }
            | Change::SetType { .. }
            | Change::SetGenerated { .. }
            | Change::ValidateConstraint { .. }
            | Change::SetDeferral { .. }
            | Change::SetComment { .. }
            | Change::CreateSequence { .. }
            | Change::DropSequence { .. }
            | Change::RenameSequence { .. }
            | Change::CreateTrigger { .. }
            | Change::DropTrigger { .. }
            | Change::Truncate { .. }
            | Change::Opaque(_) => {}
        }
    }

    fn write(&mut self, data: &DataChange, before: &Catalog) {
        if let Write::Update { set } = &data.write {
            for (target, _) in set {
                let key = (data.table.clone(), target.clone());
                self.filled.entry(key).or_default().insert(self.now.0);
            }
        }
        self.copies.write(data, before);
    }

    fn let_go(&mut self, table: ObjectName, column: Option<Name>) {
        let at = self.now.0;
        self.let_go.entry((table, column)).or_default().insert(at);
    }

    /// Returns whether this migration moves a table's rows, or a column's values, elsewhere.
    pub(super) fn moves_now(&self, table: &ObjectName, column: Option<&Name>) -> bool {
        let let_go = self.let_go.get(&(table.clone(), column.cloned()));
        self.copies.reads_now(table, column) || let_go.is_some_and(|by| by.contains(&self.now.0))
    }

    /// Returns whether this migration moves a column's values elsewhere, or fills it.
    pub(super) fn fills_now(&self, table: &ObjectName, column: &Name) -> bool {
        let filled = self.filled.get(&(table.clone(), column.clone()));
        self.moves_now(table, Some(column)) || filled.is_some_and(|by| by.contains(&self.now.0))
    }

    /// Returns the earlier migrations that filled every column of a check.
    fn filled_before(
        &self,
        table: &ObjectName,
        check: &Check,
        before: &Catalog,
    ) -> BTreeSet<usize> {
        let read = expressions::expression(before.dialect, check.expression.as_str());
        let mut all = BTreeSet::new();
        for column in read.iter().flat_map(|read| &read.columns) {
            let filled = self.filled.get(&(table.clone(), Name::new(column.name.clone())));
            let earlier = filled.into_iter().flatten().filter(|at| **at != self.now.0);
            let found: BTreeSet<usize> = earlier.copied().collect();
            if found.is_empty() {
                return found;
            }
            all.extend(found);
        }
        all
    }

    /// Returns what was done about the first object that these effects destroy.
    pub(super) fn preparation(
        &self,
        (change, effects): (&Change, &[Effect]),
        before: &Catalog,
    ) -> Preparation {
        let mut preparation = Preparation::default();
        if let Change::AddConstraint { table, constraint: Constraint::Check(check) } = change {
            preparation.filled = self.filled_before(table, check, before);
        }
        let destroyed = effects.iter().find_map(|effect| match effect {
            Effect::Destroys(object) => Some(object),
            Effect::Restricts(Object::Column(table, column)) => {
                let filled = self.filled.get(&(table.clone(), column.clone()));
                let earlier = filled.into_iter().flatten().filter(|at| **at != self.now.0);
                preparation.filled.extend(earlier);
                None
            }
            Effect::Restricts(_)
            | Effect::Adds(_)
            | Effect::Retires(_)
            | Effect::MovesData(_)
            | Effect::RemovesGuarantee(_)
            | Effect::Invisible(_)
            | Effect::Opaque => None,
        });
        let Some(object) = destroyed else { return preparation };
        // What stays, under another name or with another type, is neither replaced nor left out by anybody.
        let stays = matches!(
            change,
            Change::RenameColumn { .. }
                | Change::RenameTable { .. }
                | Change::RenameEnum { .. }
                | Change::SetType { .. }
        );
        match object {
            Object::Column(table, column) => {
                self.of_stored(&mut preparation, (table, Some(column)), stays, before);
            }
            Object::Table(table) => {
                // That it was emptied once says nothing of the rows that have come since.
                if emptied::empties(change, before) {
                    preparation.moved = self.copies.of(&(table.clone(), None), before);
                } else {
                    self.of_stored(&mut preparation, (table, None), stays, before);
                }
            }
            Object::View(name) => {
                let let_go = self.let_go.get(&(name.clone(), None));
                preparation.moved.extend(let_go.into_iter().flatten());
                if !stays {
                    preparation.moved.extend(self.successors.of_view(name, before));
                }
            }
            Object::Enum(name) => {
                let left = self.successors.of_type(name);
                preparation.is_unused = left.is_none() && !successors::is_held(name, before);
                preparation.relaxed.extend(left.filter(|_| !stays));
            }
            Object::Index(..)
            | Object::Constraint(..)
            | Object::EnumValue(..)
            | Object::Sequence(_)
            | Object::Trigger(..)
            | Object::Sync(_)
            | Object::Other(..) => return preparation,
        }
        let now = self.now.0;
        let in_moved = preparation.moved.remove(&now);
        let in_relaxed = preparation.relaxed.remove(&now);
        preparation.is_late = in_moved || in_relaxed;
        // What lets writers leave it out only now helps nobody who runs before this migration.
        preparation.is_required |= in_relaxed && preparation.relaxed.is_empty();
        preparation
    }

    /// Says what was done about a table, or a column of it.
    fn of_stored(
        &self,
        preparation: &mut Preparation,
        (table, column): (&ObjectName, Option<&Name>),
        stays: bool,
        before: &Catalog,
    ) {
        let thing = (table.clone(), column.cloned());
        preparation.moved.extend(self.let_go.get(&thing).into_iter().flatten());
        if !stays {
            preparation.moved.extend(self.copies.of(&thing, before));
        }
        if let Some(column) = column.filter(|_| !stays) {
            let relaxed = self.relaxed.get(&(table.clone(), column.clone()));
            preparation.relaxed.extend(relaxed.into_iter().flatten());
            let found = before.column(table, column);
            preparation.is_required = found.is_some_and(|column| !column.may_be_left_out());
        }
    }
}

/// The day in a version's stamp, if it is one.
pub(super) fn day_of(version: &str) -> Option<Date> {
    let number = |from, to| version.get(from..to).and_then(|digits| digits.parse::<i16>().ok());
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    Date::new(number(0, 4)?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_stamp_is_a_day_of_the_calendar() {
        let days = ["20230131000000", "20230201", "2023-02-30", "20231331", "2020127120000", "x"];
        let days = days.map(day_of);
        assert_eq!(days[0].unwrap().tomorrow().unwrap(), days[1].unwrap());
        assert_eq!(days[2..], [None; 4]);
    }
}
