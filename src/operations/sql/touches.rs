//! What the author of a `sql` step says that it touches.

use std::collections::BTreeSet;

use super::names::Part;
use super::read::Reading;
use super::{Sql, written};
use crate::change::apply::apply;
use crate::change::effect::Object;
use crate::change::footprint::{Access, footprint};
use crate::change::{Change, Touched};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::operations::Lowering;
use crate::operations::fields::ColumnPath;
use crate::source::Spanned;

impl Sql {
    /// Reports what the SQL surely changes though `touches` does not name it.
    pub(super) fn names_all(
        &self,
        up: &Spanned<String>,
        reading: &Reading,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        let Some(touches) = &self.touches else { return Some(()) };
        let said: BTreeSet<String> = touches.iter().map(|path| written(&path.value)).collect();
        let tables: BTreeSet<String> = touches
            .iter()
            .filter_map(|path| Some(path.value.table.as_ref()?.to_string()))
            .collect();
        let mut catalog = lowering.before.clone();
        for (change, place) in reading.changes.iter().zip(&reading.places) {
            let missed = footprint(change, &catalog).into_iter().find_map(|(object, access)| {
                let changed =
                    matches!(access, Access::Defines | Access::Alters | Access::WritesData);
                let is_said = match &object {
                    Object::Column(table, _) => {
                        said.contains(&table.to_string()) || said.contains(&object.to_string())
                    }
                    Object::Table(name) | Object::View(name) | Object::Enum(name) => {
                        said.contains(&name.to_string()) || tables.contains(&name.to_string())
                    }
                    Object::Index(..)
                    | Object::Constraint(..)
                    | Object::Trigger(..)
                    | Object::Sequence(_)
                    | Object::EnumValue(..)
                    | Object::Sync(_)
                    | Object::Other(..) => true,
                };
                (changed && !is_said).then_some(object)
            });
            if let Some(object) = missed.filter(|_| !matches!(change, Change::Opaque(_))) {
                let places = lowering.places(up);
                let part = Part { sql: &up.value, places: &places, place: place.clone() };
                let span = part.word_of(&object);
                let message = format!("the SQL changes `{object}`, which `touches` does not name");
                let help = format!("add `{object}` to `touches`, or leave `touches` out");
                lowering.invalid(span, message, help);
                return None;
            }
            // INVARIANT: reading applied the same changes in the same order.
            let applied = apply(change, &mut catalog);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
        Some(())
    }

    /// Returns what it touches, each a thing that is there or that the SQL makes.
    pub(super) fn touched(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Touched>> {
        let up = self.up.of(lowering.dialect).map(|text| text.value.to_lowercase());
        let up = up.unwrap_or_default();
        let mut touched = Vec::new();
        let mut all = Some(());
        for path in self.touches.iter().flatten() {
            match one_touched(path, &up, lowering) {
                Some(one) => touched.push(one),
                None => all = None,
            }
        }
        all.map(|()| touched)
    }
}

fn one_touched(
    path: &Spanned<ColumnPath>,
    up: &str,
    lowering: &mut Lowering<'_>,
) -> Option<Touched> {
    let catalog = lowering.before;
    let is_known = |name: &ObjectName| {
        catalog.tables.contains_key(name)
            || catalog.views.contains_key(name)
            || catalog.enums.contains_key(name)
            || catalog.sequences.contains(name)
    };
    // `a.b` is an object in a schema, or else a column of a table.
    let whole = ObjectName::parse(&written(&path.value));
    if is_known(&whole) || lowering.is_suspended(&whole) {
        return Some(Touched { object: whole, column: None });
    }
    let is_made = |name: &Name| contains_word(up, &name.as_str().to_lowercase());
    let Some(table) = &path.value.table else {
        if is_made(&whole.name) {
            return Some(Touched { object: whole, column: None });
        }
        let known: Vec<String> =
            catalog.tables.keys().chain(catalog.views.keys()).map(ToString::to_string).collect();
        let near = did_you_mean(&whole.to_string(), known.iter().map(String::as_str));
        lowering.report(
            Diagnostic::new(
                code::UNKNOWN_OBJECT,
                format!("table `{whole}` does not exist, and `up` does not name it"),
            )
            .label(path.span, "unknown table")
            .help(near.unwrap_or_else(|| "name the tables that the SQL changes or reads".into())),
        );
        return None;
    };
    let column = &path.value.column;
    let touched = Touched { object: table.clone(), column: Some(column.clone()) };
    let Some(known) = catalog.table(table) else {
        let is_view = catalog.views.contains_key(table);
        if is_view || is_made(&table.name) || lowering.is_suspended(table) {
            return Some(touched);
        }
        lowering.table(&Spanned::new(table.clone(), path.span));
        return None;
    };
    if known.column(column).is_some() || is_made(column) || lowering.is_suspended(table) {
        return Some(touched);
    }
    let names = known.columns.iter().map(|column| column.name.as_str());
    lowering.unknown_column(table, column.as_str(), names, path.span);
    None
}

/// Returns whether a text contains a word with nothing of a name on either side.
fn contains_word(text: &str, word: &str) -> bool {
    let of_name = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(of_name) && !after.is_some_and(of_name)
    })
}
