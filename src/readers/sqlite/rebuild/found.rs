//! A sequence of statements that was found to rebuild a table.

/// A sequence of statements that rebuilds a table. Places are numbers of statements, names are in lower case.
#[derive(Debug)]
pub(in crate::readers::sqlite) struct Rebuild {
    /// The table.
    pub(super) table: String,
    /// The other names that it, or its rows, have on the way.
    pub(super) scratch: Vec<String>,
    /// Where the definition is that stays.
    pub(super) create: usize,
    /// Where the rows go into it.
    pub(super) copy: usize,
    /// Where the rows come from, if they went by way of a backup: the copy to it, and the definition of it.
    pub(super) backup: Option<Backup>,
    /// Where the old table is dropped.
    pub(super) drop: usize,
    /// Whether the old table is renamed away, and the engine lets what refers to it follow.
    pub(super) moves_away: bool,
    /// Its indexes and triggers.
    pub(super) extras: Vec<Extra>,
    /// All statements that belong to it, in order.
    pub(super) members: Vec<usize>,
}

/// A table that keeps the rows while their own is made anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backup {
    pub(super) create: usize,
    /// The copy to it, where the definition itself is none.
    pub(super) copy: Option<usize>,
}

/// A statement about an index or a trigger.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extra {
    /// Makes one that stays.
    Index(usize),
    Trigger(usize),
    /// Makes one that goes with its table.
    Gone(usize),
    DropIndex(usize),
    DropTrigger(usize),
}

impl Extra {
    pub(super) const fn at(self) -> usize {
        match self {
            Self::Index(at)
            | Self::Trigger(at)
            | Self::Gone(at)
            | Self::DropIndex(at)
            | Self::DropTrigger(at) => at,
        }
    }
}

impl Rebuild {
    pub(super) fn first(&self) -> usize {
        self.members.first().copied().unwrap_or_default()
    }

    /// Returns whether this statement stands for all of them.
    pub(in crate::readers::sqlite) fn begins_at(&self, at: usize) -> bool {
        self.members.first() == Some(&at)
    }

    pub(super) fn last(&self) -> usize {
        self.members.last().copied().unwrap_or_default()
    }
}
