//! `sql`.

mod names;
mod read;
mod touches;

use super::fields::ColumnPath;
use super::lowering::AsWritten;
use super::{Lowering, Operation, id};
use crate::change::words::{Token, tokens};
use crate::change::{Change, Opaque, Written};
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::dialects::{self, RenderContext};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;
use read::{Reading, Unread};

authored! {
    /// Runs SQL as written, and judges it by what it does.
    ///
    /// Planner reads the statements with a parser of the dialect, each against the schema just before it. What it reads is judged as if an
    /// operation did it: unknown names, the phase it stands in, what it takes from releases, what it has in common with other
    /// plans; later steps build on what it makes. Where planner cannot tell what a part does (a `DO` block that puts its SQL together, a
    /// function that is called), its author says it with `touches`, `down` and `probe`.
    ///
    /// - `up`: the statements, the same for every dialect or one text each. They run as they are, as one migration.
    /// - `down`: the statements that undo it, or `irreversible`: why nothing does. If left out, what undoes the changes.
    /// - `probe`: a query that gives one true value once `up` has been done. If left out, what the changes leave tells. Only SQL that
    ///   cannot be in a transaction needs one.
    /// - `touches`: every table, view or type that it changes or reads, as `table` or `table.column`. What is not there yet
    ///   must be made by `up`. If given, it must name all that the SQL changes.
    /// - `transaction`: false if it cannot run in one. If left out, false for `CREATE INDEX CONCURRENTLY` and its like, which must then be
    ///   the only statement, and else true.
    ///
    /// What an operation can do is better done by it: it takes care of locks and works on every dialect.
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
    ///       up: |
    ///         CREATE INDEX invoices_by_number ON invoices (number) WHERE number > 0;
    ///         CREATE VIEW numbered AS SELECT id, number FROM invoices WHERE number > 0;
    ///   - id: note_the_numbers
    ///     sql:
    ///       up:
    ///         postgres: DO $$ BEGIN EXECUTE format('ANALYZE %I', 'invoices'); END $$
    ///         sqlite: SELECT count(*) FROM invoices
    ///       irreversible: statistics need no way back
    ///       probe: SELECT true
    ///       touches: [invoices]
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
        let said = paths.flat_map(|path| {
            let whole = ObjectName::parse(&written(&path.value));
            path.value.table.clone().into_iter().chain([whole])
        });
        // Which of its words are names, only reading it would tell; none that may be one is to be blamed on a later step.
        let texts = self.up.any.iter().chain(self.up.by_dialect.iter().map(|(_, text)| text));
        said.chain(texts.flat_map(|text| names_in(&text.value))).collect()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let up = lowering.text(&self.up);
        let down = self.down.as_ref().map(|down| lowering.text(down));
        let probe = self.probe.as_ref().map(|probe| lowering.unchecked_query(probe));
        let touches = self.touched(lowering);
        self.is_consistent(lowering)?;
        let (up, touches) = (up?, touches?);
        let places = lowering.places(up);
        let mut reading = read::read((&up.value, &places), &touches, lowering)?;
        self.says_enough(up, &reading, lowering)?;
        let down = match (down, &self.irreversible) {
            (Some(down), _) => Some(Ok(down?.value.trim().to_owned())),
            (None, Some(why)) => Some(Err(why.value.trim().to_owned())),
            (None, None) => None,
        };
        let probe = match probe {
            Some(probe) => Some(probe?.as_str().to_owned()),
            None => None,
        };
        let transactional = self.transaction.unwrap_or(reading.alone.is_none());
        self.fits_transaction(up, &reading, lowering)?;
        self.names_all(up, &reading, lowering)?;
        let text = up.value.trim().to_owned();
        if reading.changes.is_empty() {
            let why = NOTHING_KNOWN.to_owned();
            let touches = touches.clone();
            reading.changes.push(Change::Opaque(Opaque { text: text.clone(), why, touches, may: Vec::new() }));
            reading.places.push(0..up.value.len());
        }
        let written = Written { up: text, down, probe, touches, transactional };
        if reading.unread.is_empty() {
            follows(&written, &reading.changes, up.span, lowering)?;
        }
        let all = reading.places.iter();
        let places = all.map(|place| places.span(place.start, place.len())).collect();
        lowering.written = Some(AsWritten { sql: written, places });
        Some(reading.changes)
    }
}

/// Why SQL that changes nothing is as unknown as SQL that is not read.
const NOTHING_KNOWN: &str = "it changes nothing that planner knows of";

/// Reports what was not said and does not follow from the changes either.
fn follows(
    written: &Written,
    changes: &[Change],
    span: Span,
    lowering: &mut Lowering<'_>,
) -> Option<()> {
    let context = RenderContext { before: lowering.before, fresh_table: false, lock_timeout_ms: 0 };
    let refusal = dialects::written(written, changes, &context).err();
    if let Some(refusal) = refusal {
        let diagnostic = Diagnostic::new(code::OPAQUE_SQL, refusal.message);
        lowering.report(diagnostic.at(span).help(refusal.alternative));
        return None;
    }
    Some(())
}

impl Sql {
    fn is_consistent(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        if let (Some(_), Some(why)) = (&self.down, &self.irreversible) {
            let message = "the step has a `down` and says that it is irreversible";
            lowering.invalid(why.span, message, "keep one of them");
            return None;
        }
        Some(())
    }

    /// Reports what its author must say where planner cannot tell what the SQL does.
    fn says_enough(
        &self,
        up: &Spanned<String>,
        reading: &Reading,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        let whole =
            Unread { place: 0..up.value.len(), why: NOTHING_KNOWN.to_owned(), is_broken: false };
        let nothing = reading.changes.is_empty().then_some(&whole);
        let Some(Unread { place, why, is_broken }) = reading.unread.first().or(nothing) else {
            return Some(());
        };
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
        let span = lowering.place(up, place.start, place.len());
        let say = "say with `touches` what it changes and reads, with `down` how to undo it (or with `irreversible` why not), and with `probe` how to see that it has been done";
        let help = if *is_broken {
            format!("correct the SQL; if the engine runs it as it is, {say}")
        } else {
            say.to_owned()
        };
        lowering.report(
            Diagnostic::new(code::OPAQUE_SQL, format!("planner cannot tell what this SQL does without {listed}"))
                .label(span, why.clone())
                .help(help),
        );
        None
    }

    /// Reports what cannot be in the transaction that it would be in, or not beside other statements.
    fn fits_transaction(
        &self,
        up: &Spanned<String>,
        reading: &Reading,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        if let Some((place, what)) = &reading.alone {
            let span = lowering.place(up, place.start, place.len());
            if self.transaction == Some(true) {
                let message = format!("`{what}` cannot be in a transaction");
                lowering.invalid(span, message, "write `transaction: false`, or leave it out");
                return None;
            }
            // Several statements in one message are one transaction to the server.
            if lowering.dialect == Dialect::Postgres && reading.n_statements > 1 {
                let message = format!("`{what}` must be the only statement of its step");
                lowering.invalid(span, message, "give it a step of its own");
                return None;
            }
        } else if let Some(place) = &reading.control
            && self.transaction != Some(false)
        {
            let span = lowering.place(up, place.start, place.len());
            lowering.invalid(
                span,
                "the step is in a transaction that records it, which this would end",
                "leave it out, or write `transaction: false`",
            );
            return None;
        }
        Some(())
    }
}

/// Returns the words of a text that may be names, with and without the word before their dot.
fn names_in(text: &str) -> Vec<ObjectName> {
    let mut names = Vec::new();
    let mut schema = None;
    let mut last = None;
    for token in tokens(text) {
        match token {
            Token::Word(word) => {
                let name = Name::new(word.to_lowercase());
                names.push(ObjectName { schema: schema.take(), name: name.clone() });
                last = Some(name);
            }
            Token::Sign('.') => schema = last.take(),
            Token::Sign(_) | Token::Text(_) | Token::Number(_) => (schema, last) = (None, None),
        }
    }
    names
}

fn written(path: &ColumnPath) -> String {
    match &path.table {
        Some(table) => format!("{table}.{}", path.column),
        None => path.column.to_string(),
    }
}
