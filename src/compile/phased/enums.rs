//! Enum types that come, go, get more values, or lose some: then another type takes the place of the one that is there.

use super::yaml::{Step, Yaml};
use super::{Draft, Place, named};
use crate::catalog::{Catalog, EnumType};
use crate::change::Change;
use crate::change::apply::apply;
use crate::dialects::literal;
use crate::name::{Name, ObjectName};

/// An enum that another one takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Replaced {
    /// The type that is there.
    old: ObjectName,
    /// The one that takes its place, and keeps its name.
    new: ObjectName,
    /// The values that go.
    gone: Vec<String>,
}

/// Finds the enums that lose values or are to have them in another order, which no statement does; what is wanted then names the types
/// that take their places.
pub(super) fn replaced(have: &Catalog, want: &mut Catalog) -> Vec<Replaced> {
    let mut all = Vec::new();
    for (name, known) in &have.enums {
        let Some(wanted) = want.enums.get(name) else { continue };
        let is_kept = |value: &&String| wanted.values.contains(value);
        let gone: Vec<String> =
            known.values.iter().filter(|value| !is_kept(value)).cloned().collect();
        let kept = wanted.values.iter().filter(|value| known.values.contains(value));
        let is_in_order = kept.eq(known.values.iter().filter(is_kept));
        if gone.is_empty() && is_in_order {
            continue;
        }
        let is_free = |name: &ObjectName| {
            [&*have, &*want].iter().all(|of| {
                !of.enums.contains_key(name)
                    && !of.tables.contains_key(name)
                    && !of.views.contains_key(name)
            })
        };
        let first = Name::new(format!("{}_new", name.name));
        let numbered = (2_u32..100).map(|number| Name::new(format!("{}_new{number}", name.name)));
        let mut names = std::iter::once(first).chain(numbered).map(|new| name.sibling(new));
        let Some(new) = names.find(is_free) else { continue };
        let rename = Change::RenameEnum { from: name.clone(), to: new.clone() };
        if apply(&rename, want).is_ok() {
            all.push(Replaced { old: name.clone(), new, gone });
        }
    }
    all
}

impl Draft<'_> {
    /// Drafts what differs in the enum types.
    pub(super) fn enums(&mut self) {
        for (name, wanted) in &self.want.enums {
            match self.have.enums.get(name) {
                None => {
                    let mut step = Step::new("create_enum");
                    if let Some(question) = self.why_new(name, wanted) {
                        step = step.ask(question);
                    }
                    let step =
                        step.with("enum", named(name)).with("values", Yaml::texts(&wanted.values));
                    self.put(Place::Types, step);
                    self.plan.about.insert(name.clone());
                }
                Some(known) if known != wanted => self.more_values(name, known, wanted),
                Some(_) => {}
            }
        }
        for name in self.have.enums.keys().filter(|name| !self.want.enums.contains_key(*name)) {
            self.put(Place::OldTypes, Step::new("drop_enum").with("enum", named(name)));
            self.plan.about.insert(name.clone());
        }
    }

    /// Says of a type that takes the place of another one why; the values that it has more are added to the old one too, which is kept in
    /// step with it.
    fn why_new(&mut self, name: &ObjectName, wanted: &EnumType) -> Option<String> {
        let of = self.replaced.iter().find(|of| of.new == *name)?.clone();
        let known = self.have.enums.get(&of.old)?;
        let added = wanted.values.iter().filter(|value| !known.values.contains(value));
        let all = EnumType { values: known.values.iter().chain(added).cloned().collect() };
        if all != *known {
            self.more_values(&of.old, known, &all);
        }
        let what = if of.gone.is_empty() {
            "in another order".to_owned()
        } else {
            format!("without `{}`", of.gone.join("`, `"))
        };
        Some(format!(
            "enum `{}` is to be {what}, and no value of a type can be taken away or moved, so a new type takes its place and keeps its own\n             name. Is `{name}` the right one? What Diesel is told of the type must name it",
            of.old
        ))
    }

    fn more_values(&mut self, name: &ObjectName, known: &EnumType, wanted: &EnumType) {
        self.plan.about.insert(name.clone());
        let mut before: Option<&String> = None;
        for value in &wanted.values {
            if !known.values.contains(value) {
                let step =
                    Step::new("add_enum_value").with("enum", named(name)).text("value", value);
                let next = known.values.first();
                self.put(
                    Place::Types,
                    match (before, next) {
                        (Some(before), _) => step.text("after", before),
                        (None, Some(next)) => step.text("before", next),
                        (None, None) => step,
                    },
                );
            }
            before = Some(value);
        }
    }

    /// Returns what turns a value of one of two such types into the other, by way of its text, and the question that is in it; `None` if
    /// these are no two such types.
    pub(super) fn other_enum(
        &self,
        value: &str,
        from: &str,
        to: &str,
    ) -> Option<(String, Option<String>)> {
        let (from_one, to_one) = (from.trim_end_matches("[]"), to.trim_end_matches("[]"));
        let is = |name: &ObjectName, text: &str| ObjectName::parse(text) == *name;
        let array = if from_one == from { "" } else { "[]" };
        let plain = format!("CAST(CAST({value} AS text{array}) AS {to})");
        if self.replaced.iter().any(|of| is(&of.new, from_one) && is(&of.old, to_one)) {
            return Some((plain, None));
        }
        let of = self.replaced.iter().find(|of| is(&of.old, from_one) && is(&of.new, to_one))?;
        if of.gone.is_empty() {
            return Some((plain, None));
        }
        let gone = of.gone.join("`, `");
        let question = format!(
            "what takes the place of `{gone}` in `{value}`? Write it instead of VALUE, here and in the backfill: a value of `{}` in quotes, or NULL\n             where that is allowed",
            of.new
        );
        if !array.is_empty() {
            let text = format!(
                "CAST(array_replace(CAST({value} AS text[]), {}, VALUE) AS {to})",
                literal(of.gone.first()?)
            );
            return Some((text, Some(question)));
        }
        let values: Vec<String> = of.gone.iter().map(|value| literal(value)).collect();
        let text = format!(
            "CASE WHEN CAST({value} AS text) IN ({}) THEN VALUE ELSE {plain} END",
            values.join(", ")
        );
        Some((text, Some(question)))
    }
}
