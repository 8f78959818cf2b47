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
        let place = self.place.map_or_else(String::new, |place| format!(" ({})", needs.at(place)));
        format!("{} break: `{}` {}{place}", self.broken.word(), self.object, self.why)
    }
}
