//! What a project has before its first plan, as three places tell it: the hand-written migrations, the live database, `schema.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::Utf8PathBuf;

use super::print_options::Printing;
use super::project::ReadProject;
use super::target::database_failure;
use super::{Shell, files, foundation};
use crate::catalog::Catalog;
use crate::compile::schema_rs::options::PrintOptions;
use crate::config::Config;
use crate::database::connection::LiveDatabase;
use crate::database::introspect::beside::beside;
use crate::database::{Database as _, DatabaseError};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::exit::Failure;
use crate::history::{Baseline, History};
use crate::ledger::{Entry, Event, MigrationState, replay};
use crate::plan::foundation::Foundation;
use crate::release::schema_rs::{self, DeclaredSchema};
use crate::source::Sources;
use crate::version::MigrationVersion;

/// What the hand-written migrations make.
#[derive(Debug)]
pub struct ByMigrations {
    /// The schema after all of them.
    pub catalog: Arc<Catalog>,
    /// The same piece by piece.
    pub foundation: Foundation,
    /// Their versions.
    pub versions: BTreeSet<MigrationVersion>,
}

/// What a live database says.
#[derive(Debug)]
pub struct ByDatabase {
    /// Its schema.
    pub catalog: Catalog,
    /// The versions in Diesel's table that no plan was compiled to.
    pub applied: BTreeSet<MigrationVersion>,
    /// What it has and no catalog holds.
    pub beside: BTreeSet<String>,
    /// Whether steps of plans have run there.
    pub has_run_plans: bool,
    /// The last baseline in its ledger.
    pub baselined: Option<Event>,
}

/// A `schema.rs` that is there.
#[derive(Debug)]
pub struct BySchemaRs {
    /// Its path, as it is named.
    pub path: Utf8PathBuf,
    /// What it declares; why it cannot be read otherwise.
    pub declared: Result<DeclaredSchema, String>,
    /// How Diesel prints it; why that is not known otherwise.
    pub options: Result<PrintOptions, String>,
}

/// All that is there.
#[derive(Debug)]
pub struct Sightings {
    /// Of which engine.
    pub dialect: Dialect,
    /// The migrations, if there are any.
    pub migrations: Option<ByMigrations>,
    /// The database, if one is named and there; why it cannot be asked otherwise.
    pub database: Result<Option<ByDatabase>, Failure>,
    /// The `schema.rs`, if there is one.
    pub schema_rs: Option<BySchemaRs>,
    /// The baseline that is there already.
    pub baseline: Option<Baseline>,
    /// Whether plans were compiled into the folder of the migrations.
    pub has_compiled: bool,
}

impl Shell {
    /// Looks at all three places: for the database's engine, or for the one that was asked for.
    ///
    /// # Errors
    ///
    /// Fails if the database is of another engine than the project, or a file cannot be read.
    pub fn sightings(
        &self,
        read: &ReadProject,
        asked: Option<Dialect>,
    ) -> Result<Sightings, Failure> {
        let of_database = match asked {
            // A database of another engine than the project's is no matter then.
            Some(_) => self.dialect_of(read).ok(),
            None => Some(self.dialect_of(read)?),
        };
        let first = read.config.dialects.first().copied().unwrap_or(Dialect::Postgres);
        let dialect = asked.or(of_database).unwrap_or(first);
        if !read.config.dialects.contains(&dialect) {
            return Err(Failure::usage(format!("the project does not compile for {dialect}"))
                .help("add the engine to `dialect:` in `planner.yaml`"));
        }
        let history = read.by_hand.histories.get(&dialect);
        let mut migrations =
            history.and_then(|history| by_migrations(dialect, history, &read.sources));
        Ok(Sightings {
            dialect,
            database: if of_database == Some(dialect) {
                self.by_database(&read.config, migrations.as_mut())
            } else {
                Ok(None)
            },
            migrations,
            schema_rs: self.by_schema_rs(&read.config)?,
            baseline: history.and_then(|history| history.baseline.clone()),
            has_compiled: history.is_some_and(|history| !history.compiled.is_empty()),
        })
    }

    fn by_database(
        &self,
        config: &Config,
        migrations: Option<&mut ByMigrations>,
    ) -> Result<Option<ByDatabase>, Failure> {
        let Some(mut database) = self.open_existing_database(config)? else { return Ok(None) };
        let entries = self.entries(&mut database)?;
        let failed = |error| database_failure(&error);
        let found = ask(&mut database, &entries).map_err(failed)?;
        if let Some(made) = migrations {
            let same = database.same_views(&made.catalog, &found.catalog).map_err(failed)?;
            let catalog = Arc::make_mut(&mut made.catalog);
            for name in same {
                if let (Some(view), Some(kept)) =
                    (catalog.views.get_mut(&name), found.catalog.views.get(&name))
                {
                    view.query.clone_from(&kept.query);
                }
            }
        }
        Ok(Some(found))
    }

    fn by_schema_rs(&self, config: &Config) -> Result<Option<BySchemaRs>, Failure> {
        let printing = self.try_printing(None)?.map_err(|unusable| unusable.sentence());
        let by_diesel_toml = printing.as_ref().ok();
        let Some(path) = self.schema_rs_among(config, by_diesel_toml) else { return Ok(None) };
        let declared = self.declared(&path);
        let options = printing.map(|printing| printing.of_file(&self.root.join(&path)));
        Ok(Some(BySchemaRs { path, declared, options }))
    }

    /// Reads what a `schema.rs` declares, or says why it cannot be read; its path is relative to the project's root.
    ///
    /// # Errors
    ///
    /// Says why the file cannot be read.
    pub fn declared(&self, path: &Utf8PathBuf) -> Result<DeclaredSchema, String> {
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let limit = files::Limit {
            bytes: schema_rs::FILE_BYTES_MAX,
            help: "name the file that declares the tables",
        };
        let text = files::read_within(&self.root.join(path), path, limit, &mut sink);
        let source = text.map(|text| sources.add(path.clone(), text));
        let declared = schema_rs::read(&sources, source.as_slice(), &mut sink);
        if !sink.has_errors() {
            return Ok(declared);
        }
        let found = sink.into_sorted();
        let first = found.first().map_or("", |found| found.message.as_str());
        Err(format!("`{path}` cannot be read: {first}"))
    }

    /// Returns where the project's `schema.rs` is: where `planner.yaml` says, else where `diesel.toml` says.
    ///
    /// # Errors
    ///
    /// Fails if `diesel.toml` cannot be read.
    pub fn schema_rs_path(&self, config: &Config) -> Result<Option<Utf8PathBuf>, Failure> {
        if self.root.join(&config.schema).is_file() {
            return Ok(Some(config.schema.clone()));
        }
        Ok(self.schema_rs_among(config, Some(&self.printing(None)?)))
    }

    fn schema_rs_among(&self, config: &Config, printing: Option<&Printing>) -> Option<Utf8PathBuf> {
        if self.root.join(&config.schema).is_file() {
            return Some(config.schema.clone());
        }
        let mut files = printing?.keys.values().filter_map(|options| options.file.as_ref());
        let path = files.find(|path| path.is_file())?;
        Some(path.strip_prefix(&self.root).unwrap_or(path).to_owned())
    }
}

fn by_migrations(dialect: Dialect, history: &History, sources: &Sources) -> Option<ByMigrations> {
    if history.hand_written.is_empty() {
        return None;
    }
    let mut bare = history.clone();
    bare.baseline = None;
    bare.baselined.clear();
    // Without a baseline there is nothing that could be wrong with one.
    let (catalog, foundation) = foundation::of(dialect, &bare, sources, None, &mut Sink::default());
    let versions = history.hand_written.iter().map(|migration| migration.version.clone());
    Some(ByMigrations { catalog, foundation, versions: versions.collect() })
}

fn ask(database: &mut LiveDatabase, entries: &[Entry]) -> Result<ByDatabase, DatabaseError> {
    let recorded = database.applied_versions()?;
    let is_compiled = |version: &MigrationVersion| version.is_compiled();
    let has_begun = |state: &MigrationState| match state {
        MigrationState::InDoubt(..) | MigrationState::Done(..) | MigrationState::Voided(..) => true,
        MigrationState::Reverted(..) | MigrationState::Failed(..) => false,
    };
    let has_run_plans =
        recorded.iter().any(is_compiled) || replay(entries).migrations.values().any(has_begun);
    let is_baseline = |event: &&Event| matches!(event, Event::Baselined { .. });
    let baselined = entries.iter().rev().map(|entry| &entry.event).find(is_baseline);
    Ok(ByDatabase {
        catalog: database.catalog()?,
        beside: beside(database)?,
        applied: recorded.into_iter().filter(|version| !version.is_compiled()).collect(),
        has_run_plans,
        baselined: baselined.cloned(),
    })
}
