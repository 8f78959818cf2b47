//! Where the live schema is not as the steps that ran have left it.

use std::collections::{BTreeMap, BTreeSet};

use super::Situation;
use super::progress::{Standing, standing};
use super::schema_at::SchemaAt;
use crate::catalog::diff::{Difference, diff};
use crate::catalog::{Catalog, SqlExpression};
use crate::change::apply::apply;
use crate::change::footprint::{Access, footprint};
use crate::change::{Change, effect::Object};
use crate::diagnostic::{Diagnostic, code};
use crate::expressions::same_expression;
use crate::name::{ObjectName, StepKey};
use crate::plan::foundation::Doubt;

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
pub fn schema_drift(situation: &Situation<'_>, live: &Catalog) -> SchemaDrift {
    let (done, begun) = (SchemaAt::done(situation), SchemaAt::begun(situation));
    let dialect = live.dialect;
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    let mut differences = diff(done.catalog(), live, &same);
    if differences.is_empty() {
        return SchemaDrift::default();
    }
    let in_doubt = diff(begun.catalog(), live, &same);
    differences.retain(|difference| in_doubt.contains(difference));
    let touched = touched(situation);
    let mut drift = SchemaDrift::default();
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
            let step = key.and_then(|key| touched.get(key)).map(|(step, _)| step);
            drift.found.push(told(situation, &difference, step));
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

/// The last step that is done and that defined or altered each object, by the object's name; whether it is opaque.
type Makers = BTreeMap<String, (StepKey, bool)>;

fn touched(situation: &Situation<'_>) -> Makers {
    let mut makers = BTreeMap::new();
    let mut catalog = Catalog::clone(&situation.project.start);
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
            for (object, access) in footprint(change, &catalog) {
                let is_made = match access {
                    Access::Defines | Access::Alters => true,
                    Access::Uses | Access::ReadsData | Access::WritesData => is_opaque,
                };
                if is_made {
                    makers.insert(name_of(&object), (step.key.clone(), is_opaque));
                }
            }
            // What ran in another order than it was written may not apply here; then it is attributed less exactly.
            let _ = apply(change, &mut catalog);
        }
    }
    makers
}

/// Returns the opaque step that touches an object or the table it is a part of.
fn opaque_step<'a>(makers: &'a Makers, key: &str) -> Option<&'a StepKey> {
    let table = match key.split_once("` on `") {
        Some((_, table)) => format!("`{table}"),
        None => {
            key.rsplit_once('.').map_or_else(|| key.to_owned(), |(table, _)| format!("{table}`"))
        }
    };
    let of = |key: &str| makers.get(key).filter(|(_, is_opaque)| *is_opaque).map(|(step, _)| step);
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

fn told(situation: &Situation<'_>, of: &Difference, step: Option<&StepKey>) -> Diagnostic {
    let Difference { object, expected, found } = of;
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
    let found = Diagnostic::new(code::SCHEMA_DRIFT, message).help(help);
    match (made, step) {
        (Some(made), Some(step)) => {
            found.plan(&step.plan).step(&step.id).label(made.operation.span, "made by this step")
        }
        _ => found,
    }
}
