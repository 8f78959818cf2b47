//! SQLite scripts, cut into statements.

mod cut;

use std::ops::Range;

use super::{How, Meaning, Part, Script, Statement};

/// Where the statements are, and what of them is no SQL.
#[derive(Debug)]
pub(super) struct Parsed(Vec<(Range<usize>, Option<&'static str>)>);

/// Puts the script together.
pub(super) fn script(text: &str) -> Script {
    let cuts = cut::cut(text);
    let statements = cuts.iter().map(|(place, _)| place.clone()).collect();
    Script { parsed: super::Parsed::Sqlite(Parsed(cuts)), statements, markers: Vec::new() }
}

pub(super) fn read(parsed: &Parsed, at: usize) -> Option<Statement> {
    let (place, problem) = parsed.0.get(at)?;
    let meaning = match problem {
        Some(message) => {
            Meaning::Unreadable { message: (*message).to_owned(), offset: place.start }
        }
        None => Meaning::Opaque { why: "statements of SQLite are not read yet".to_owned() },
    };
    let part = Part { place: place.clone(), meaning, how: How::default() };
    Some(Statement { place: place.clone(), parts: vec![part], alone: None, transaction: None })
}
