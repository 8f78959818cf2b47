//! What made the things that the catalog holds by name only.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::name::ObjectName;

/// One of these things.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defined {
    /// "function", "policy", "trigger" … .
    pub kind: &'static str,
    /// Its name; of what belongs to a table or view, the name of that.
    pub name: ObjectName,
    /// What tells it from others: the types of a routine's arguments, the name of what belongs to a table or view.
    pub part: String,
}

/// The statements that made them; `None` where it is there and what it says is not known.
pub type Definitions = BTreeMap<Defined, Option<Arc<str>>>;

/// What stands between the statement that made something and those that altered it since.
pub const THEN: &str = "\n;-- and then\n";

impl std::fmt::Display for Defined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, name, part } = self;
        match *kind {
            "policy" | "rule" | "trigger" => write!(f, "{kind} `{part}` on `{name}`"),
            "row level security" => write!(f, "{kind} of `{name}`"),
            _ => write!(f, "{kind} `{name}`"),
        }
    }
}
