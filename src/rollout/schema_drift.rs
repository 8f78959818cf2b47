//! Where the live schema is not as the steps that ran have left it.

use std::collections::{BTreeMap, BTreeSet};

use super::Situation;
use super::not_known::{NOT_KNOWN, completed};
use super::progress::{Standing, standing};
use super::schema_at::SchemaAt;
use crate::catalog::diff::{Difference, diff};
use crate::catalog::{Catalog, Defined, Definitions, SqlExpression};
use crate::change::apply::apply;
use crate::change::definition::{self, Kept, differences, kept_differences};
use crate::change::footprint::{Access, footprint};
use crate::change::{Change, effect::Object};
use crate::diagnostic::{Diagnostic, code};
use crate::dialects::{self, RenderContext};
use crate::expressions::same_expression;
use crate::name::{Name, ObjectName, StepKey};
use crate::plan::foundation::Doubt;
use crate::version::MigrationVersion;

/// What differs, and what nobody can tell about.
#[derive(Clone, Debug, Default)]
pub struct SchemaDrift {
    /// What is not as it should be, each at the step that made it so.
    pub found: Vec<Diagnostic>,
    /// What is there and no plan knows, where migrations that planner does not read may have made it.
    pub unknown: Vec<String>,
    /// Why part of the schema was not compared.
    pub doubts: Vec<String>,
}

/// Compares the live catalog with what the steps that are done have left.
///
/// What opaque steps touch is not compared, and while a step is in doubt what it changes may be there or not. Nor is what
/// hand-written migrations do that could not be read or does not fit; where that may be anything, what is there beside all else is
/// taken for theirs.
#[must_use]
pub fn schema_drift(situation: &Situation<'_>, live: &Live) -> SchemaDrift {
    let (done, begun) = (SchemaAt::done(situation), SchemaAt::begun(situation));
    let Made { makers: touched, syncs } = made(situation);
    let mut drift = SchemaDrift::default();
    if situation.project.foundation.base_is_of_schema_rs {
        drift.doubts.push(NOT_KNOWN.to_owned());
    }
    let unasked = live.kept.iter().filter(|(_, kept)| kept.texts.is_none());
    drift.doubts.extend(unasked.map(|(of, _)| {
        format!("{of} was not compared: the server does not say how it would keep what made it")
    }));
    let mut differences = compared(situation, done.catalog(), live, &syncs);
    if differences.is_empty() {
        return drift;
    }
    let in_doubt = compared(situation, begun.catalog(), live, &syncs);
    differences.retain(|difference| in_doubt.contains(difference));
    let mut opaque = Vec::new();
    let doubts = Doubts::of(situation);
    for difference in differences {
        let key = key_of(&difference.object);
        if let Some(step) = key.and_then(|key| opaque_step(&touched, key)) {
            if !opaque.contains(step) {
                opaque.push(step.clone());
            }
        } else if let Some(doubt) = key.and_then(|key| doubts.about(key)) {
            let told = told_doubt(doubt);
            if !drift.doubts.contains(&told) {
                drift.doubts.push(told);
            }
            if difference.expected.is_none() {
                drift.unknown.push(difference.object);
            }
        } else if difference.expected.is_none() && doubts.about_anything {
            drift.unknown.push(difference.object);
        } else {
            let maker = key.and_then(|key| maker(&touched, key));
            drift.found.push(told(situation, &difference, maker));
        }
    }
    let doubt =
        |step| format!("what `{step}` touches was not compared: planner cannot read its SQL");
    drift.doubts.extend(opaque.iter().map(doubt));
    if !drift.unknown.is_empty() {
        let told: BTreeSet<String> = doubts.anything().map(told_doubt).collect();
        drift.doubts.extend(told);
    }
    drift
}

/// What a database has.
#[derive(Clone, Debug)]
pub struct Live {
    /// What the catalog holds; the definitions of the rest too.
    pub catalog: Catalog,
    /// Triggers that do not fire as they were made to: table, name, and how they stand.
    pub switched: Vec<(ObjectName, String, String)>,
    /// What the server makes of definitions of which only it can tell whether they are those that it has.
    pub kept: BTreeMap<Defined, Kept>,
    /// Tables that the project's `schema.rs` would not have.
    pub unprinted: BTreeSet<ObjectName>,
}

/// Compares all that a database has with a catalog.
fn compared(
    situation: &Situation<'_>,
    expected: &Catalog,
    live: &Live,
    syncs: &Definitions,
) -> Vec<Difference> {
    let dialect = live.catalog.dialect;
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    let foundation = &situation.project.foundation;
    let mut all = match &foundation.base {
        Some(base) if foundation.base_is_of_schema_rs => {
            let completed = completed(expected, base, &live.catalog, &live.unprinted);
            diff(&completed, &live.catalog, &same)
        }
        Some(_) | None => diff(expected, &live.catalog, &same),
    };
    let mut definitions = Definitions::clone(&expected.definitions);
    let is_sync = |of: &Defined| of.kind == "function" && expected.functions.contains(&of.name);
    definitions.extend(
        syncs.iter().filter(|(of, _)| is_sync(of)).map(|(of, text)| (of.clone(), text.clone())),
    );
    let mut found = Definitions::clone(&live.catalog.definitions);
    // The names of these are in the catalog, which tells where one is missing, or is there and should not be.
    found
        .retain(|of, _| definitions.contains_key(of) || !live.catalog.functions.contains(&of.name));
    definitions.retain(|of, _| found.contains_key(of) || !expected.functions.contains(&of.name));
    for (of, Kept { expected, texts }) in &live.kept {
        let Some(text) = definitions.get_mut(of) else { continue };
        if text.as_ref() == Some(expected) {
            all.extend(texts.iter().flat_map(|(would, is)| kept_differences(of, would, is)));
            *text = None;
        }
    }
    // A baseline that holds the schema holds nothing of these.
    let only_expected = foundation.base.is_some();
    all.extend(differences(dialect, &definitions, &found, only_expected));
    for (table, trigger, state) in &live.switched {
        let is_there = expected
            .table(table)
            .is_some_and(|table| table.triggers.contains_key(&Name::from(trigger.as_str())));
        all.extend(is_there.then(|| Difference {
            object: format!("trigger `{trigger}` on `{table}`"),
            expected: Some("enabled".to_owned()),
            found: Some(state.clone()),
        }));
    }
    all
}

/// What hand-written migrations that have run do and is not in the catalog.
struct Doubts<'a> {
    all: Vec<&'a Doubt>,
    /// Whether something may concern anything.
    about_anything: bool,
}

impl<'a> Doubts<'a> {
    fn of(situation: &Situation<'a>) -> Self {
        let foundation = &situation.project.foundation;
        let all: Vec<&Doubt> = foundation.doubts_on(&situation.facts.applied).collect();
        let about_anything = all.iter().any(|doubt| doubt.about.is_none());
        Self { all, about_anything }
    }

    /// Returns one about this very object, or the table that it is a part of.
    fn about(&self, key: &str) -> Option<&'a Doubt> {
        let names: Vec<&str> = key.split('`').skip(1).step_by(2).collect();
        let of = |name: &ObjectName| {
            let name = name.to_string();
            names.iter().any(|known| {
                *known == name
                    || known.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'))
            })
        };
        let is_about = |doubt: &&&Doubt| doubt.about.iter().flatten().any(of);
        self.all.iter().find(is_about).copied()
    }

    fn anything(&self) -> impl Iterator<Item = &'a Doubt> {
        self.all.iter().filter(|doubt| doubt.about.is_none()).copied()
    }
}

fn told_doubt(doubt: &Doubt) -> String {
    format!("`{}` was not followed in all it does: {}", doubt.directory, doubt.why)
}

/// Who defined or altered each object last, by the object's name.
type Makers = BTreeMap<String, Maker>;

/// Who made something.
enum Maker {
    /// A step that is done, and whether it is opaque.
    Step(StepKey, bool),
    /// A hand-written migration.
    ByHand(MigrationVersion),
}

/// What the migrations and steps that are done have made.
struct Made {
    makers: Makers,
    /// The functions of syncs (PostgreSQL).
    syncs: Definitions,
}

fn made(situation: &Situation<'_>) -> Made {
    let mut made = Made { makers: BTreeMap::new(), syncs: Definitions::new() };
    let foundation = &situation.project.foundation;
    let mut catalog = Catalog::clone(&situation.project.start);
    for laid in
        foundation.migrations.iter().filter(|laid| situation.facts.applied.contains(&laid.version))
    {
        for change in &laid.changes {
            made.take(change, &catalog, || Maker::ByHand(laid.version.clone()));
        }
    }
    for key in &situation.graph.order {
        let at = situation.compiled.by_key.get(key);
        let Some(step) = at.and_then(|at| situation.compiled.steps.get(*at)) else { continue };
        let has_begun = |standing: Standing| match standing {
            Standing::Done(_) | Standing::InDoubt(_) => true,
            Standing::Pending | Standing::Voided => false,
        };
        if !step.migrations.iter().any(|of| has_begun(standing(situation, &of.version))) {
            continue;
        }
        for change in step.changes.iter() {
            let is_opaque = matches!(change, Change::Opaque(_));
            made.take(change, &catalog, || Maker::Step(step.key.clone(), is_opaque));
            if let Change::CreateSync(_) = change {
                made.sync(change, &catalog);
            }
            // What ran in another order than it was written may not apply here; then it is attributed less exactly.
            let _ = apply(change, &mut catalog);
        }
    }
    made
}

impl Made {
    fn take(&mut self, change: &Change, before: &Catalog, maker: impl Fn() -> Maker) {
        let is_opaque = matches!(change, Change::Opaque(_));
        for (object, access) in footprint(change, before) {
            let is_made = match access {
                Access::Defines | Access::Alters => true,
                Access::Uses | Access::ReadsData | Access::WritesData => is_opaque,
            };
            if is_made {
                self.makers.insert(name_of(&object), maker());
            }
        }
    }

    /// Takes what planner itself writes for a sync.
    fn sync(&mut self, change: &Change, before: &Catalog) {
        let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 0 };
        let Ok(script) = dialects::render(change, &context) else { return };
        for text in script.groups.iter().flat_map(|group| &group.statements) {
            if let Some(name) = definition::routine_name(text) {
                let of = Defined { kind: "function", name, part: String::new() };
                self.syncs.insert(of, Some(text.as_str().into()));
            }
        }
    }
}

/// Returns the opaque step that touches an object or the table it is a part of.
fn opaque_step<'a>(makers: &'a Makers, key: &str) -> Option<&'a StepKey> {
    let table = match key.split_once("` on `") {
        Some((_, table)) => format!("`{table}"),
        None => {
            key.rsplit_once('.').map_or_else(|| key.to_owned(), |(table, _)| format!("{table}`"))
        }
    };
    let of = |key: &str| match makers.get(key) {
        Some(Maker::Step(step, true)) => Some(step),
        Some(Maker::Step(_, false) | Maker::ByHand(_)) | None => None,
    };
    of(key).or_else(|| of(&table))
}

/// Returns an object's name as differences write it, from its first backtick on.
fn name_of(object: &Object) -> String {
    match object {
        Object::Index(table, name)
        | Object::Constraint(table, name)
        | Object::Trigger(table, name) => {
            format!("`{name}` on `{table}`")
        }
        Object::Column(table, column) => format!("`{table}.{column}`"),
        Object::Table(name)
        | Object::View(name)
        | Object::Enum(name)
        | Object::Sequence(name)
        | Object::Other(_, name)
        | Object::EnumValue(name, _) => format!("`{name}`"),
        Object::Sync(name) => format!("`{name}`"),
    }
}

fn key_of(object: &str) -> Option<&str> {
    object.find('`').and_then(|at| object.get(at..))
}

/// Returns who made an object; of what belongs to a table and has a name of its own, by that name too.
fn maker<'a>(makers: &'a Makers, key: &str) -> Option<&'a Maker> {
    let own = || key.split_once("` on `").and_then(|(own, _)| makers.get(&format!("{own}`")));
    makers.get(key).or_else(own)
}

fn told(situation: &Situation<'_>, of: &Difference, maker: Option<&Maker>) -> Diagnostic {
    let Difference { object, expected, found } = of;
    let (step, by_hand) = match maker {
        Some(Maker::Step(step, _)) => (Some(step), None),
        Some(Maker::ByHand(version)) => (None, Some(version)),
        None => (None, None),
    };
    let (message, mut help) = match (expected, found) {
        (Some(expected), Some(found)) => (
            format!("{object} should be {expected} and is {found}"),
            "change it back by hand, or bring what was done into a plan once it is back".to_owned(),
        ),
        (Some(expected), None) => {
            (format!("{object} is missing ({expected})"), "make it again by hand".to_owned())
        }
        (None, Some(found)) => (
            format!("{object} is there, and no step made it ({found})"),
            "drop it by hand; if it is wanted, write a plan that makes it".to_owned(),
        ),
        (None, None) => (format!("{object} differs"), "change it back by hand".to_owned()),
    };
    let plan = step.and_then(|step| situation.project.plan(&step.plan));
    let made = plan.and_then(|plan| plan.steps.iter().find(|of| Some(&of.key) == step));
    if let Some(step) = step {
        help += &format!("; `planner show {}` prints the SQL of `{step}`", step.plan);
    }
    if let Some(version) = by_hand {
        help += &format!("; the hand-written migration {version} has its SQL");
    }
    let found = Diagnostic::new(code::SCHEMA_DRIFT, message).help(help);
    match (made, step) {
        (Some(made), Some(step)) => {
            found.plan(&step.plan).step(&step.id).label(made.operation.span, "made by this step")
        }
        _ => found,
    }
}
