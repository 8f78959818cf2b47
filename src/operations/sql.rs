//! `sql`.

use super::fields::ColumnPath;
use super::{Lowering, Operation, id};
use crate::change::{Change, Opaque, Touched};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Runs SQL as written. What it does planner takes from what its author says of it.
    ///
    /// - `up`: the statements, the same for every dialect or one text each.
    /// - `touches`: every table, view or type that it changes or reads, as `table` or `table.column`. What is not there yet
    ///   must be made by `up`.
    /// - `down`: the statements that undo it, or `irreversible`: why nothing does.
    /// - `probe`: a query that gives one true value once `up` has been done.
    /// - `transaction`: false if it cannot run in one; true if left out.
    ///
    /// ```yaml
    /// title: Number the invoices
    /// expand:
    ///   - create_table:
    ///       table: invoices
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: number, type: integer }
    ///   - id: number_invoices
    ///     sql:
    ///       up: CREATE INDEX invoices_by_number ON invoices (number) WHERE number > 0
    ///       down: DROP INDEX invoices_by_number
    ///       probe:
    ///         postgres: SELECT to_regclass('invoices_by_number') IS NOT NULL
    ///         sqlite: SELECT count(*) = 1 FROM sqlite_master WHERE name = 'invoices_by_number'
    ///       touches: [invoices.number]
    /// ```
    "SQL step" => pub struct Sql {
        /// The statements.
        up: SqlText,
        /// The statements that undo it.
        down: Option<SqlText>,
        /// A query that gives one true value once it has been done.
        probe: Option<SqlText>,
        /// What it changes or reads.
        touches: Option<Vec<Spanned<ColumnPath>>>,
        /// Why nothing undoes it.
        irreversible: Option<Spanned<String>>,
        /// Whether it runs in a transaction; true if left out.
        transaction: Option<bool>,
    }
}

impl Operation for Sql {
    const KEY: &'static str = "sql";
    const PHASES: &'static [Phase] = &Phase::ALL;

    fn derived_id(&self) -> String {
        match self.touches.as_deref().and_then(<[_]>::first) {
            Some(first) => id(Self::KEY, &[&written(&first.value)]),
            None => Self::KEY.to_owned(),
        }
    }

    fn objects(&self) -> Vec<ObjectName> {
        let paths = self.touches.iter().flatten();
        paths
            .flat_map(|path| {
                let whole = ObjectName::parse(&written(&path.value));
                path.value.table.clone().into_iter().chain([whole])
            })
            .collect()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let up = lowering.text(&self.up);
        let said = self.says_enough(lowering);
        let down = self.down.as_ref().map(|down| lowering.text(down));
        let probe = self.probe.as_ref().map(|probe| lowering.unchecked_query(probe));
        let touches = self.touched(lowering);
        said?;
        let down = match (down, &self.irreversible) {
            (Some(down), _) => Ok(down?.value.trim().to_owned()),
            (None, Some(why)) => Err(why.value.trim().to_owned()),
            (None, None) => return None,
        };
        Some(vec![Change::Opaque(Opaque {
            up: up?.value.trim().to_owned(),
            down,
            probe: Some(probe??.as_str().to_owned()),
            touches: touches?,
            transactional: self.transaction.unwrap_or(true),
        })])
    }
}

impl Sql {
    /// Reports what its author must say, since planner cannot read it.
    fn says_enough(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if let (Some(_), Some(why)) = (&self.down, &self.irreversible) {
            let message = "the step has a `down` and says that it is irreversible";
            lowering.invalid(why.span, message, "keep one of them");
            return None;
        }
        let mut missing = Vec::new();
        if self.touches.is_none() {
            missing.push("`touches`");
        }
        if self.down.is_none() && self.irreversible.is_none() {
            missing.push("`down` or `irreversible`");
        }
        if self.probe.is_none() {
            missing.push("`probe`");
        }
        if missing.is_empty() {
            return Some(());
        }
        let listed = match missing.as_slice() {
            [one] => (*one).to_owned(),
            [first, last] => format!("{first} and {last}"),
            all => all.join(", "),
        };
        let span = self.up.of(lowering.dialect).map_or(lowering.step.span, |text| text.span);
        lowering.report(
            Diagnostic::new(code::OPAQUE_SQL, format!("planner cannot tell what this SQL does without {listed}"))
                .at(span)
                .help("say with `touches` what it changes and reads, with `down` how to undo it (or with `irreversible` why not), and with `probe` how to see that it has been done"),
        );
        None
    }

    /// Returns what it touches, each a thing that is there or that the SQL makes.
    fn touched(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Touched>> {
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

fn written(path: &ColumnPath) -> String {
    match &path.table {
        Some(table) => format!("{table}.{}", path.column),
        None => path.column.to_string(),
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
