//! Statements about what the catalog does not hold as structure, as far as they can be read.

use super::Touched;
use super::effect::{Effect, Object, table_or_view};
use crate::catalog::{Catalog, Domain, ObjectKind};
use crate::name::ObjectName;

/// A statement about something that the catalog does not hold as structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// What it does.
    pub verb: Verb,
    /// What it is about.
    pub kind: ObjectKind,
    /// The name of that, where it has one; a function's without its arguments.
    pub name: Option<ObjectName>,
    /// The table or view that it belongs to.
    pub on: Option<ObjectName>,
    /// The statement, without its final `;`.
    pub text: String,
    /// What its body reads or writes, where that could be read.
    pub touches: Vec<Touched>,
    /// What the domain is afterwards, if it is about one and that is known.
    pub domain: Option<Box<Domain>>,
}

impl Other {
    /// Returns whether no release can tell that it was run.
    #[must_use]
    pub const fn is_invisible(&self) -> bool {
        matches!(outcome(self.verb, self.kind), Outcome::Invisible)
    }

    /// Returns whether nobody can tell what it does to the releases that are live.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(outcome(self.verb, self.kind), Outcome::Unknown)
    }
}

/// What a statement does with what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Makes it; grants it.
    Create,
    /// Makes it, or puts it in the place of what was there (`CREATE OR REPLACE`).
    Replace,
    /// Changes it; sets or enables it.
    Alter,
    /// Gives it another name or schema; the name is the one so far.
    Rename,
    /// Ends it; revokes, disables or resets it.
    Drop,
    /// Does something once (`VACUUM`, `REFRESH`, `LOCK`).
    Run,
}

impl Verb {
    /// All verbs.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Replace, Self::Alter, Self::Rename, Self::Drop, Self::Run];

    /// Returns the verb's word in messages and checksums.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Alter => "alter",
            Self::Rename => "rename",
            Self::Drop => "drop",
            Self::Run => "run",
        }
    }
}

/// What a statement does to the releases that are live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Adds,
    Destroys,
    Restricts,
    RemovesGuarantee,
    MovesData,
    Invisible,
    Unknown,
}

/// Decides by verb and kind; what is not certain is unknown.
const fn outcome(verb: Verb, kind: ObjectKind) -> Outcome {
    match kind {
        // Releases call and name these. A new body may do anything, and so may a setting of it; a domain that is
        // altered checks more of what is written.
        ObjectKind::Function
        | ObjectKind::Procedure
        | ObjectKind::Aggregate
        | ObjectKind::Type
        | ObjectKind::Schema
        | ObjectKind::Extension
        | ObjectKind::Operator
        | ObjectKind::OperatorClass
        | ObjectKind::Cast
        | ObjectKind::Collation
        | ObjectKind::Conversion
        | ObjectKind::TextSearch
        | ObjectKind::Language
        | ObjectKind::Foreign
        | ObjectKind::Role
        | ObjectKind::Database
        | ObjectKind::Publication
        | ObjectKind::Virtual
        | ObjectKind::Sequence => named(verb, Outcome::Unknown),
        ObjectKind::Domain => named(verb, Outcome::Restricts),
        // With row level security on, a new policy hides rows and refuses writes, and without any policy all are hidden.
        ObjectKind::Policy => match verb {
            Verb::Rename => Outcome::Invisible,
            Verb::Create | Verb::Replace | Verb::Alter | Verb::Drop | Verb::Run => {
                Outcome::Restricts
            }
        },
        // Off again, releases see rows that were hidden from them.
        ObjectKind::RowSecurity => ended(verb, Outcome::Restricts, Outcome::RemovesGuarantee),
        // What is granted helps; what is revoked fails.
        ObjectKind::Privilege => ended(verb, Outcome::Invisible, Outcome::Restricts),
        // A rule rewrites what is written; a rename of one is told to nobody.
        ObjectKind::Rule => match verb {
            Verb::Rename => Outcome::Invisible,
            Verb::Drop => Outcome::RemovesGuarantee,
            Verb::Create | Verb::Replace | Verb::Alter | Verb::Run => Outcome::Restricts,
        },
        // A partition takes only what fits it; once detached its rows are gone from the whole.
        ObjectKind::Partition | ObjectKind::Inheritance => {
            ended(verb, Outcome::Restricts, Outcome::Destroys)
        }
        // Where and how rows are kept, who owns them and what is said of them matters to no release.
        ObjectKind::Owner
        | ObjectKind::Statistics
        | ObjectKind::StorageParameter
        | ObjectKind::ReplicaIdentity
        | ObjectKind::Tablespace
        | ObjectKind::Persistence
        | ObjectKind::AccessMethod
        | ObjectKind::Comment
        | ObjectKind::EventTrigger
        | ObjectKind::Maintenance
        | ObjectKind::Lock
        | ObjectKind::Transaction
        | ObjectKind::Pragma => Outcome::Invisible,
        // A setting of this session ends with it; one of the server or a database changes what everybody's SQL means.
        ObjectKind::Setting => match verb {
            Verb::Run => Outcome::Invisible,
            Verb::Create | Verb::Replace | Verb::Alter | Verb::Rename | Verb::Drop => {
                Outcome::Unknown
            }
        },
        ObjectKind::MaterializedView => Outcome::MovesData,
        // Rows come from elsewhere; a query calls what it calls.
        ObjectKind::Subscription | ObjectKind::Query => Outcome::Unknown,
    }
}

/// What becomes of a thing that releases name: new, gone, or `altered`.
const fn named(verb: Verb, altered: Outcome) -> Outcome {
    match verb {
        Verb::Create => Outcome::Adds,
        Verb::Rename | Verb::Drop => Outcome::Destroys,
        Verb::Alter => altered,
        Verb::Replace | Verb::Run => Outcome::Unknown,
    }
}

/// What becomes of a property that is set, or `gone`.
const fn ended(verb: Verb, set: Outcome, gone: Outcome) -> Outcome {
    match verb {
        Verb::Drop => gone,
        Verb::Create | Verb::Replace | Verb::Alter | Verb::Rename | Verb::Run => set,
    }
}

/// Returns what a statement does, given the catalog just before it.
pub(super) fn effects(other: &Other, before: &Catalog) -> Vec<Effect> {
    let object = object(other, before);
    let attaches_index = other.kind == ObjectKind::Partition && !other.touches.is_empty();
    let outcome = if attaches_index { Outcome::Invisible } else { outcome(other.verb, other.kind) };
    let effect = match (outcome, object) {
        (Outcome::Adds, Some(object)) => Effect::Adds(object),
        (Outcome::Destroys, Some(object)) => Effect::Destroys(object),
        (Outcome::Restricts, Some(object)) => Effect::Restricts(object),
        (Outcome::RemovesGuarantee, Some(object)) => Effect::RemovesGuarantee(object),
        (Outcome::Invisible, Some(object)) => Effect::Invisible(object),
        (Outcome::MovesData, _) => match other.name.as_ref().or(other.on.as_ref()) {
            Some(name) => Effect::MovesData(name.clone()),
            None => Effect::Opaque,
        },
        (Outcome::Invisible, None) => return Vec::new(),
        (
            Outcome::Adds
            | Outcome::Destroys
            | Outcome::Restricts
            | Outcome::RemovesGuarantee
            | Outcome::Unknown,
            _,
        ) => Effect::Opaque,
    };
    vec![effect]
}

/// Returns what the statement is about: the thing by its name, else the table that it belongs to.
pub(super) fn object(other: &Other, before: &Catalog) -> Option<Object> {
    match (&other.name, &other.on) {
        // A virtual table is one to those who read it.
        (Some(name), _) if other.kind == ObjectKind::Virtual => Some(Object::Table(name.clone())),
        // A table that becomes a partition, or is one no more.
        (Some(name), _)
            if other.kind == ObjectKind::Partition && before.tables.contains_key(name) =>
        {
            Some(Object::Table(name.clone()))
        }
        // Of an index of a partition releases see nothing.
        (Some(_), Some(on)) if other.kind == ObjectKind::Partition && !other.touches.is_empty() => {
            Some(table_or_view(on, before))
        }
        (Some(name), _) => Some(Object::Other(other.kind, name.clone())),
        (None, Some(on)) => Some(table_or_view(on, before)),
        (None, None) => None,
    }
}
