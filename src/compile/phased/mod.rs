//! The phased plan for the difference between two catalogs: what is added, moved and given up, each in its phase.
//!
//! Nothing is guessed that only a person can know: it becomes a question at its place. What no operation can say is told.

pub mod builds_on;
mod columns;
mod constraints;
mod domains;
mod enums;
mod indexes;
mod keys;
mod others;
mod raw;
mod renamed;
mod replaced;
mod retyped;
mod tables;
mod terms;
pub mod text;
pub mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use self::yaml::{Step, Yaml};
use crate::catalog::diff::named_alike;
use crate::catalog::{Catalog, SqlExpression, Table};
use crate::dialect::Dialect;
use crate::dialects::Hindrance;
use crate::expressions::same_expression;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;

/// Where in a plan a step stands: steps of one place do not need one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Types,
    NewTables,
    NewParts,
    NewRules,
    Retire,
    NewViews,
    NewTriggers,
    Remarks,
    Fill,
    OldTriggers,
    OldViews,
    OldRules,
    Relax,
    OldColumns,
    OldTables,
    Keys,
    Restrict,
    OldTypes,
}

impl Place {
    const fn phase(self) -> Phase {
        match self {
            Self::Types
            | Self::NewTables
            | Self::NewParts
            | Self::NewRules
            | Self::Retire
            | Self::NewViews
            | Self::NewTriggers
            | Self::Remarks => Phase::Expand,
            Self::Fill => Phase::Backfill,
            Self::OldTriggers
            | Self::OldViews
            | Self::OldRules
            | Self::Relax
            | Self::OldColumns
            | Self::OldTables
            | Self::Keys
            | Self::Restrict
            | Self::OldTypes => Phase::Contract,
        }
    }
}

/// A plan that leads from one catalog to another.
#[derive(Clone, Debug, Default)]
pub struct Phased {
    steps: BTreeMap<Place, Vec<Step>>,
    /// What rows must not be before contract.
    hindrances: Vec<Hindrance>,
    /// Differences that no operation can express.
    pub unsaid: Vec<String>,
    /// Whether the releases that write both places must be named before the backfill.
    asks_backfill_gate: bool,
    /// Whether an index goes that upserts may name.
    drops_unique_index: bool,
    /// The tables, views and types that it is about.
    pub about: BTreeSet<ObjectName>,
}

impl Phased {
    /// Returns whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.unsaid.is_empty()
    }

    /// Returns whether there are steps.
    #[must_use]
    pub fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Gives steps an id whose own would be that of another one: constraints of two tables may have one name.
    fn name_twins(&mut self) {
        let field = |step: &Step, key: &str| {
            step.fields.iter().find(|(of, _)| of == key).map(|(_, value)| value.flow())
        };
        let mut seen = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for step in self.steps.values_mut().flatten() {
            if let Some(id) = &mut step.id {
                let own = id.clone();
                let mut numbers = 2_u32..;
                while !ids.insert(id.clone()) {
                    *id = format!("{own}_{}", numbers.next().unwrap_or_default());
                }
            }
            let Some(name) = field(step, "name") else { continue };
            if !seen.insert((step.key, name.clone())) {
                let table = field(step, "table").unwrap_or_default();
                let id = format!("{}_{table}_{name}", step.key);
                let word = |c: char| if c.is_alphanumeric() { c } else { '_' };
                step.id = Some(id.chars().map(word).collect());
            }
        }
    }

    /// Returns the steps of a phase in their order.
    pub fn of(&self, phase: Phase) -> impl Iterator<Item = &Step> {
        let of_phase = self.steps.iter().filter(move |(place, _)| place.phase() == phase);
        of_phase.flat_map(|(_, steps)| steps)
    }
}

/// A plan while it is drafted.
struct Draft<'a> {
    have: &'a Catalog,
    want: &'a Catalog,
    dialect: Dialect,
    asked_by: AskedBy,
    /// The SQL of what is wanted and in no catalog, by the objects in words.
    definitions: &'a BTreeMap<String, String>,
    /// Functions that are drafted.
    functions: BTreeSet<String>,
    /// Enums that others take the place of.
    replaced: Vec<enums::Replaced>,
    /// Tables that others take the place of.
    replaced_tables: Vec<replaced::ReplacedTable>,
    plan: Phased,
}

/// Who says what is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// A catalog that knows everything.
    Catalog,
    /// A `schema.rs`, which says of what is new only columns, types and keys.
    SchemaRs,
}

/// Drafts the plan that leads from what is there to what is wanted; `definitions` has the SQL of functions and sequences that are
/// wanted, where a database told it.
#[must_use]
pub fn phased(
    have: &Catalog,
    want: &Catalog,
    asked_by: AskedBy,
    definitions: &BTreeMap<String, String>,
) -> Phased {
    let mut plan = Phased::default();
    let functions = BTreeSet::new();
    match asked_by {
        AskedBy::Catalog => plan.unsaid = terms::unsaid(have, want),
        // It says nothing of them.
        AskedBy::SchemaRs => {}
    }
    let (have, mut want) = (&terms::plain(have), terms::plain(want));
    let replaced = enums::replaced(have, &mut want);
    let replaced_tables = replaced::replaced(have, &mut want);
    let want = &want;
    let dialect = have.dialect;
    let mut draft = Draft {
        have,
        want,
        dialect,
        asked_by,
        definitions,
        functions,
        replaced,
        replaced_tables,
        plan,
    };
    draft.enums();
    draft.domains();
    draft.new_tables();
    for (name, table) in &have.tables {
        let Some(wanted) = want.table(name) else { continue };
        match have.dialect {
            Dialect::Postgres => draft.table(name, table, wanted),
            Dialect::Sqlite => {
                let same = |one: &SqlExpression, other: &SqlExpression| draft.same(one, other);
                let wanted = named_alike(table, wanted, name.name.as_str(), &same);
                draft.table(name, table, &wanted);
            }
        }
    }
    draft.old_tables();
    draft.views();
    draft.sequences();
    draft.plan.name_twins();
    draft.plan.about.extend(builds_on::uses(have, want, &draft.plan.about));
    draft.plan
}

impl Draft<'_> {
    fn put(&mut self, place: Place, step: Step) {
        self.plan.steps.entry(place).or_default().push(step);
    }

    fn same(&self, one: &SqlExpression, other: &SqlExpression) -> bool {
        same_expression(self.dialect, one, other)
    }

    fn same_option(&self, one: Option<&SqlExpression>, other: Option<&SqlExpression>) -> bool {
        match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => self.same(one, other),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    fn unsaid(&mut self, what: impl Into<String>) {
        self.plan.unsaid.push(what.into());
    }

    /// Returns what a partition has beside what it has from its table; of any other table, all.
    fn own_of(&self, name: &ObjectName, table: &Table, catalog: &Catalog) -> Table {
        let mut own = table.clone();
        let Some(of) = &table.partition_of else { return own };
        let stays = |catalog: &Catalog| {
            catalog.table(name).is_some_and(|table| table.partition_of.as_ref() == Some(of))
        };
        own.primary_key = own.primary_key.filter(|key| key.terms.part_of.is_none());
        own.uniques.retain(|key| key.terms.part_of.is_none());
        own.foreign_keys.retain(|key| key.terms.part_of.is_none());
        own.indexes.retain(|_, index| index.terms.part_of.is_none());
        if let Some(whole) = catalog.table(&of.of) {
            own.checks.retain(|check| !whole.checks.iter().any(|of| of.name == check.name));
            if stays(self.have) && stays(self.want) {
                own.columns.clear();
            }
        }
        own
    }

    /// Drafts what differs in a table that stays.
    fn table(&mut self, name: &ObjectName, have: &Table, want: &Table) {
        let before =
            (self.plan.steps.values().map(Vec::len).sum::<usize>(), self.plan.unsaid.len());
        if (have.strict, have.without_rowid) != (want.strict, want.without_rowid) {
            self.unsaid(format!("table `{name}` is to be STRICT or WITHOUT ROWID, or no longer: no step changes that; make a new table that is (`sql` with `CREATE TABLE`), keep the two in step (`sync_tables`), copy the rows (`copy_table`), and drop the old one (`drop_table` with `replaced_by`)"));
        }
        if have.comment != want.comment {
            self.comment(name, None, want.comment.as_ref());
        }
        let (have, want) =
            (&self.own_of(name, have, self.have), &self.own_of(name, want, self.want));
        if have.partition_of != want.partition_of || have.partition_by != want.partition_by {
            let is = |table: &Table| match (&table.partition_of, &table.partition_by) {
                (Some(of), _) => format!("a partition of `{}` `{}`", of.of, of.bound),
                (None, Some(by)) => format!("partitioned by `{by}`"),
                (None, None) => "neither a partition nor partitioned".to_owned(),
            };
            let said = format!("table `{name}` is to be {}: write `sql` steps for it", is(want));
            self.unsaid(said);
        }
        let columns = self.columns(name, have, want);
        self.constraints(name, (have, want), &columns);
        self.indexes(name, (have, want), &columns);
        self.triggers(name, have, want);
        let after = (self.plan.steps.values().map(Vec::len).sum::<usize>(), self.plan.unsaid.len());
        if before != after {
            self.plan.about.insert(name.clone());
        }
    }
}

/// What happens to the columns of a table that stays.
#[derive(Debug, Default)]
struct Columns {
    added: BTreeSet<Name>,
    dropped: BTreeSet<Name>,
    /// Columns whose type changes: they go, and these come.
    retyped: BTreeMap<Name, Name>,
}

impl Columns {
    /// Returns whether a column goes.
    fn goes(&self, name: &Name) -> bool {
        self.dropped.contains(name) || self.retyped.contains_key(name)
    }

    /// Returns the columns that stand for these in the end, if any of them is another one.
    fn moved(&self, names: &[Name]) -> Option<Vec<Name>> {
        names.iter().any(|name| self.retyped.contains_key(name)).then(|| {
            names.iter().map(|name| self.retyped.get(name).unwrap_or(name).clone()).collect()
        })
    }
}

/// Returns the name of a table or view in a plan.
fn named(name: &ObjectName) -> Yaml {
    Yaml::text(name)
}
