//! The statements of a `sql` step, read one after the other against the catalog just before each.

use std::ops::Range;

use super::names;
use crate::catalog::Catalog;
use crate::change::apply::{ApplyError, apply};
use crate::change::unseen::unknown;
use crate::change::{Change, Opaque, Touched};
use crate::operations::Lowering;
use crate::operations::lowering::{Places, refused};
use crate::readers::{self, How, Meaning, Part, Statement};

/// What the statements were read as.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What they do, in order.
    pub(super) changes: Vec<Change>,
    /// The parts of which planner cannot tell what they do.
    pub(super) unread: Vec<Unread>,
    /// The first statement that cannot be in a transaction, and what it is.
    pub(super) alone: Option<(Range<usize>, &'static str)>,
    /// The first statement that begins or ends a transaction.
    pub(super) control: Option<Range<usize>>,
    /// How many statements there are.
    pub(super) n_statements: usize,
    /// Where in the text each of the changes stands.
    pub(super) places: Vec<Range<usize>>,
}

/// A part of which planner cannot tell what it does.
#[derive(Debug)]
pub(super) struct Unread {
    /// Where it stands in the text.
    pub(super) place: Range<usize>,
    /// Why it cannot be told.
    pub(super) why: String,
    /// Whether it is no SQL at all to the dialect's parser.
    pub(super) is_broken: bool,
}

/// Reads the statements; what does not fit is reported at its place. `said` is what their author says that they touch.
pub(super) fn read(
    (sql, places): (&str, &Places),
    said: &[Touched],
    lowering: &mut Lowering<'_>,
) -> Option<Reading> {
    let script = readers::parse(lowering.dialect, sql);
    let mut catalog = lowering.before.clone();
    let mut reading = Reading { n_statements: script.statements.len(), ..Reading::default() };
    let n_found = lowering.sink.len();
    let mut is_whole = true;
    for at in 0..script.statements.len() {
        let Some(statement) = script.read(at, sql, &catalog) else { break };
        reading.note(&statement);
        for part in statement.parts {
            let fits = reading.part(part, (sql, places, said), &mut catalog, lowering);
            is_whole &= fits.is_some();
        }
    }
    (is_whole && lowering.sink.len() == n_found).then_some(reading)
}

impl Reading {
    fn note(&mut self, statement: &Statement) {
        let place = || statement.place.clone();
        self.alone = self.alone.take().or_else(|| statement.alone.map(|why| (place(), why)));
        self.control = self.control.take().or_else(|| statement.transaction.map(|_| place()));
    }

    /// Takes a part of a statement, unless it does not fit: then that is reported, if it is not another step's fault.
    fn part(
        &mut self,
        part: Part,
        (sql, places, said): (&str, &Places, &[Touched]),
        catalog: &mut Catalog,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        let Part { place, meaning, how } = part;
        let is_broken = matches!(meaning, Meaning::Unreadable { .. });
        let why = match meaning {
            Meaning::Change(change) => {
                let Some(why) = unknown(&change).map(str::to_owned) else {
                    let part = names::Part { sql, places, place };
                    return self.change((*change, part, how), catalog, lowering);
                };
                why
            }
            Meaning::Opaque { why } => why,
            Meaning::Unreadable { message, .. } => format!("it cannot be read: {message}"),
        };
        let text = sql.get(place.clone()).unwrap_or_default().to_owned();
        self.unread.push(Unread { place: place.clone(), why: why.clone(), is_broken });
        self.add(Change::Opaque(Opaque { text, why, touches: said.to_vec(), may: Vec::new() }), place);
        Some(())
    }

    fn change(
        &mut self,
        (change, part, how): (Change, names::Part<'_>, How),
        catalog: &mut Catalog,
        lowering: &mut Lowering<'_>,
    ) -> Option<()> {
        let n_found = lowering.sink.len();
        names::check(&change, &part, &mut lowering.on(catalog));
        if lowering.sink.len() > n_found {
            return None;
        }
        match apply(&change, catalog) {
            Ok(()) => self.add(change, part.place),
            Err(error) if is_fine(&error, how) => {}
            Err(error) => {
                if !lowering.is_suspended_in(&error) {
                    let span = part.word_of(names::object_of(&error));
                    lowering.report(refused(&error, span));
                }
                return None;
            }
        }
        Some(())
    }

    fn add(&mut self, change: Change, place: Range<usize>) {
        self.changes.push(change);
        self.places.push(place);
    }
}

/// Returns whether the statement itself allows for what stands in its way.
const fn is_fine(error: &ApplyError, how: How) -> bool {
    match error {
        ApplyError::Missing { .. } => how.if_exists,
        ApplyError::Exists { .. } => how.if_not_exists,
        ApplyError::InUse { .. } | ApplyError::OfWhole { .. } => false,
    }
}
