//! One way in which a schema breaks a release.

use super::requirement::{Place, Requirements};

/// What a release does that does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// It cannot load rows, or reads what it does not expect.
    Reads,
    /// Its inserts fail.
    Inserts,
    /// Its updates fail.
    Updates,
    /// Its deletes fail.
    Deletes,
    /// Its upserts fail.
    Upserts,
}

impl Broken {
    /// Returns the word for it in messages and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Inserts => "inserts",
            Self::Updates => "updates",
            Self::Deletes => "deletes",
            Self::Upserts => "upserts",
        }
    }
}

/// One way in which a schema breaks a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    /// What does not work.
    pub broken: Broken,
    /// The table, view, column, constraint or type: `users.name`.
    pub object: String,
    /// Where the release says that it needs it, if it says anything of it.
    pub place: Option<Place>,
    /// Why, in words that follow the object: "is gone".
    pub why: String,
}

impl Break {
    /// Returns the break as a sentence without its period, with the place in the release's own file.
    #[must_use]
    pub fn sentence(&self, needs: &Requirements) -> String {
        self.told(self.broken.word(), Some(needs))
    }

    fn told(&self, what: &str, needs: Option<&Requirements>) -> String {
        let place = self.place.zip(needs).map(|(place, needs)| format!(" ({})", needs.at(place)));
        format!("{what} break: `{}` {}{}", self.object, self.why, place.unwrap_or_default())
    }
}

/// Breaks as sentences without their period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// One for each break, for programs.
    pub each: Vec<String>,
    /// One for each reason, for people: "reads, inserts and updates break: …".
    pub together: Vec<String>,
}

impl Told {
    /// Tells of these breaks of one release.
    #[must_use]
    pub fn of(breaks: &[Break], needs: &Requirements) -> Self {
        Self {
            each: breaks.iter().map(|of| of.sentence(needs)).collect(),
            together: together(breaks, Some(needs)),
        }
    }

    /// Tells of what is no break in one way only.
    #[must_use]
    pub fn plainly(sentences: &[String]) -> Self {
        Self { each: sentences.to_vec(), together: sentences.to_vec() }
    }
}

/// Returns breaks as sentences, with those that differ only in what they break in one.
#[must_use]
pub fn together<'b>(
    breaks: impl IntoIterator<Item = &'b Break>,
    needs: Option<&Requirements>,
) -> Vec<String> {
    let mut by_reason: Vec<(&Break, Vec<&str>)> = Vec::new();
    for broken in breaks {
        let is_same = |of: &&Break| {
            (&of.object, &of.why, of.place) == (&broken.object, &broken.why, broken.place)
        };
        match by_reason.iter_mut().find(|(of, _)| is_same(of)) {
            Some((_, words)) => words.push(broken.broken.word()),
            None => by_reason.push((broken, vec![broken.broken.word()])),
        }
    }
    by_reason.into_iter().map(|(broken, words)| broken.told(&listed(&words), needs)).collect()
}

/// Joins words as in a sentence.
fn listed(words: &[&str]) -> String {
    match words {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => words.concat(),
    }
}
