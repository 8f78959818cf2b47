//! What an application asks when it starts: can this schema serve this release?

use std::collections::BTreeSet;

use super::DatabaseError;
use super::rows::Rows;
use crate::catalog::Catalog;
use crate::diagnostic::Sink;
use crate::name::{Name, ObjectName};
use crate::release::compatibility::{KnownRows, Schema, breaks};
use crate::release::from_sources::ReleaseFiles;
use crate::release::{Requirements, together};
use crate::source::Sources;

/// A connection that can say what the schema is: Diesel's own to PostgreSQL and SQLite. The role need only be able to read.
pub trait StartupConnection {
    /// Reads the live catalog.
    ///
    /// # Errors
    ///
    /// Returns what the database says.
    fn live_catalog(&mut self) -> Result<Catalog, DatabaseError>;

    /// Returns the schema in which this connection finds a table that is named without one; `None` where it finds none, and
    /// where there are no schemas.
    ///
    /// # Errors
    ///
    /// Returns what the database says.
    fn schema_of(&mut self, table: &Name) -> Result<Option<Name>, DatabaseError>;

    /// Returns whether a start of this release is recorded; `None` where there is no ledger.
    ///
    /// # Errors
    ///
    /// Returns what the database says, for instance that this role may not read the ledger.
    fn is_recorded(&mut self, app: &str, release: &str) -> Result<Option<bool>, DatabaseError>;
}

/// A schema that serves the release, as far as a schema can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// What could not be seen, or cannot be told from the schema alone: sentences without their period, for the log.
    pub doubts: Vec<String>,
}

/// Why a release must not start.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The schema cannot serve it.
    #[error("{app} {release} must not start on this schema:\n  {}", reasons.join("\n  "))]
    Refused {
        /// The app.
        app: String,
        /// The release.
        release: String,
        /// Everything that would break, with the place in the release's own `schema.rs`: sentences without their period.
        reasons: Vec<String>,
        /// As in [`Served`].
        doubts: Vec<String>,
    },
    /// What the release needs cannot be read from its files.
    #[error("what the release needs cannot be read:\n  {}", findings.join("\n  "))]
    Unreadable {
        /// What is wrong in them.
        findings: Vec<String>,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Reads what a release needs from the text of its Diesel `schema.rs` and, if it has one, of its `requires.yaml`, both
/// of which a program can carry in itself with `include_str!`.
///
/// # Errors
///
/// Says everything that cannot be read.
pub fn needs(schema: &str, requires: Option<&str>) -> Result<Requirements, StartupError> {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let schema = vec![sources.add("schema.rs", schema)];
    let requires = requires.map(|text| sources.add("requires.yaml", text));
    let read =
        ReleaseFiles { sources, schema, requires, ..ReleaseFiles::default() }.needs(&mut sink);
    let findings = sink.into_sorted().into_iter().map(|found| found.message);
    read.ok_or_else(|| StartupError::Unreadable { findings: findings.collect() })
}

/// Checks whether the live schema serves a release, and refuses with every reason if it does not. It changes nothing.
///
/// A column that may be NULL by the catalog while the release reads it as never NULL is a doubt, not a reason: the plans may
/// keep it filled, which the schema alone does not tell. `planner deploy check` answers that.
///
/// ```no_run
/// use diesel::{Connection as _, PgConnection};
/// use planner::startup;
///
/// let needs = startup::needs("diesel::table! { users { id -> Integer, } }", None)?; // include_str!("schema.rs")
/// let mut connection = PgConnection::establish("postgres://web@db/shop")?;
/// let served = startup::check(&mut connection, "web", "2.5.0", &needs)?;
/// for doubt in &served.doubts {
///     eprintln!("planner: {doubt}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Refuses with every reason, or says what the database said.
pub fn check(
    connection: &mut impl StartupConnection,
    app: &str,
    release: &str,
    needs: &Requirements,
) -> Result<Served, StartupError> {
    let catalog = connection.live_catalog()?;
    let needs = resolved(connection, &catalog, needs)?;
    let nothing = KnownRows::default();
    let filled = KnownRows { not_null: nullable(&catalog), ..KnownRows::default() };
    let certain = breaks(Schema { catalog: &catalog, rows: &filled }, &needs);
    let possible = breaks(Schema { catalog: &catalog, rows: &nothing }, &needs);
    let mut doubts: Vec<String> = possible
        .iter()
        .filter(|of| !certain.contains(of))
        .map(|of| format!("unless the plans keep it filled, {}", of.sentence(&needs)))
        .collect();
    doubts.extend(recorded(connection, app, release));
    if certain.is_empty() {
        return Ok(Served { doubts });
    }
    let reasons = together(&certain, Some(&needs));
    Err(StartupError::Refused { app: app.to_owned(), release: release.to_owned(), reasons, doubts })
}

/// Says what is not recorded of the release. That it cannot be asked is no reason not to start.
fn recorded(connection: &mut impl StartupConnection, app: &str, release: &str) -> Option<String> {
    match connection.is_recorded(app, release) {
        Ok(Some(true)) => None,
        Ok(Some(false)) => Some(format!(
            "no start of {app} {release} is recorded: `planner deploy start` was not asked whether it may be live"
        )),
        Ok(None) => Some(
            "the database has no ledger, so nobody was asked whether it may be live".to_owned(),
        ),
        Err(error) => Some(format!("this role cannot see what deploys recorded: {error}")),
    }
}

/// Returns the requirements with the schema in which the connection finds each table, where that is not the default one.
fn resolved(
    connection: &mut impl StartupConnection,
    catalog: &Catalog,
    needs: &Requirements,
) -> Result<Requirements, DatabaseError> {
    let mut needs = needs.clone();
    for table in &mut needs.tables {
        let is_there =
            catalog.table(&table.name).is_some() || catalog.views.contains_key(&table.name);
        if table.name.schema.is_none() && !is_there {
            table.name.schema = connection.schema_of(&table.name.name)?;
        }
    }
    Ok(needs)
}

fn nullable(catalog: &Catalog) -> BTreeSet<(ObjectName, Name)> {
    let columns = catalog.tables.iter().flat_map(|(name, table)| {
        let nullable = table.columns.iter().filter(|column| column.nullable);
        nullable.map(move |column| (name.clone(), column.name.clone()))
    });
    columns.collect()
}

/// Writes a text as an SQL literal.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

/// Asks the ledger whether a start is recorded, on either engine.
fn ask_ledger(
    exists: &str,
    app: &str,
    release: &str,
    mut rows: impl FnMut(&str) -> Result<Rows, DatabaseError>,
) -> Result<Option<bool>, DatabaseError> {
    if rows(exists)?.is_empty() {
        return Ok(None);
    }
    let (app, release) = (literal(app), literal(release));
    let started = format!(
        "SELECT kind FROM planner_entries WHERE kind = 'deploy_started' AND app = {app} AND release = {release} LIMIT 1"
    );
    Ok(Some(!rows(&started)?.is_empty()))
}

#[cfg(feature = "postgres")]
impl StartupConnection for diesel::PgConnection {
    fn live_catalog(&mut self) -> Result<Catalog, DatabaseError> {
        super::introspect::postgres::read(self)
    }

    fn schema_of(&mut self, table: &Name) -> Result<Option<Name>, DatabaseError> {
        let sql = format!(
            "SELECT n.nspname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.oid = to_regclass(quote_ident({}))",
            literal(table.as_str())
        );
        let rows = super::rows::postgres(self, &sql)?;
        Ok(rows.into_iter().flatten().flatten().next().map(Name::new))
    }

    fn is_recorded(&mut self, app: &str, release: &str) -> Result<Option<bool>, DatabaseError> {
        let exists = "SELECT 1 WHERE to_regclass('planner_entries') IS NOT NULL";
        ask_ledger(exists, app, release, |sql| super::rows::postgres(self, sql))
    }
}

#[cfg(feature = "sqlite")]
impl StartupConnection for diesel::SqliteConnection {
    fn live_catalog(&mut self) -> Result<Catalog, DatabaseError> {
        super::introspect::sqlite::read(self)
    }

    fn schema_of(&mut self, _table: &Name) -> Result<Option<Name>, DatabaseError> {
        Ok(None)
    }

    fn is_recorded(&mut self, app: &str, release: &str) -> Result<Option<bool>, DatabaseError> {
        let exists = "SELECT 1 FROM sqlite_master WHERE name = 'planner_entries'";
        ask_ledger(exists, app, release, |sql| super::rows::sqlite(self, sql))
    }
}
