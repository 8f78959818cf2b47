//! One connection type over the engines that this program was built with.

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("planner needs an engine: build it with the feature `postgres`, `sqlite` or both");

/// A connection to one of the engines.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(diesel::PgConnection),
    /// To a SQLite file.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
}
