//! How far a sequence of statements is that may rebuild a table.

/// How far a sequence is.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// A new table is made.
    Made {
        new: String,
    },
    /// … and has the rows.
    Copied {
        new: String,
        old: String,
    },
    /// … and the old one is gone: the new one gets its name, or is only a backup.
    Dropped {
        new: String,
        old: String,
    },
    /// … and the old one is renamed away.
    Aside {
        new: String,
        old: String,
        away: String,
    },
    /// … and the new one has its name; the old one is still there.
    Replaced {
        table: String,
        away: String,
    },
    /// The table is made anew while its rows are elsewhere.
    Remade {
        table: String,
        rows: String,
    },
    /// … and has its rows again.
    Refilled {
        table: String,
        rows: String,
    },
    /// The table is renamed away.
    Away {
        table: String,
        away: String,
    },
    Done {
        table: String,
    },
}

impl State {
    /// Returns all names that matter.
    pub(super) fn names(&self) -> Vec<&String> {
        match self {
            Self::Made { new } => vec![new],
            Self::Copied { new, old } | Self::Dropped { new, old } => vec![new, old],
            Self::Aside { new, old, away } => vec![new, old, away],
            Self::Replaced { table, away } | Self::Away { table, away } => vec![table, away],
            Self::Remade { table, rows } | Self::Refilled { table, rows } => vec![table, rows],
            Self::Done { table } => vec![table],
        }
    }

    /// Returns whether an index on this table stays in the end.
    pub(super) fn keeps(&self, on: &String) -> bool {
        match self {
            Self::Made { new }
            | Self::Copied { new, .. }
            | Self::Dropped { new, .. }
            | Self::Aside { new, .. } => on == new,
            Self::Replaced { table, .. }
            | Self::Remade { table, .. }
            | Self::Refilled { table, .. }
            | Self::Done { table } => on == table,
            Self::Away { .. } => false,
        }
    }
}
