//! The database engines by name. What they do differently is in `dialects/`.

use std::fmt;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// PostgreSQL 12 and newer.
    Postgres,
    /// SQLite 3.35 and newer.
    Sqlite,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Sqlite];

    /// Returns the dialect's word in plan files and folder names.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    /// Returns the dialect with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.word() == word)
    }

    /// Returns the longest identifier in bytes, which longer names are cut to.
    #[must_use]
    pub const fn identifier_bytes_max(self) -> usize {
        match self {
            Self::Postgres => 63,
            Self::Sqlite => 200,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
