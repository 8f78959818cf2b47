//! Everything a decision looks at, read from files and database.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::pipeline::{Built, Depth, KeptBuilt};
use super::project::ReadProject;
use super::target::database_failure;
use super::{Shell, files, histories};
use crate::config::Config;
use crate::database::connection::LiveDatabase;
use crate::database::{Database, DatabaseError};
use crate::dialect::Dialect;
use crate::execute::HandWritten;
use crate::exit::Failure;
use crate::history::runs_in_transaction;
use crate::ledger::{Entry, FORMAT, LedgerSnapshot};
use crate::release::pulse::Beat;
use crate::rollout::{Facts, Situation, ledger_of};
use crate::version::MigrationVersion;

/// A project, its database and what is known of both.
#[derive(Debug)]
pub struct Loaded {
    /// The project.
    pub built: KeptBuilt,
    /// What was done, and who is live by deploys and heartbeats together.
    pub ledger: LedgerSnapshot,
    /// What is known of the world.
    pub facts: Facts,
    /// The ledger's entries, oldest first.
    pub entries: Vec<Entry>,
    /// The database, if there is one yet.
    pub database: Option<LiveDatabase>,
}

impl Loaded {
    /// Returns what decisions look at.
    #[must_use]
    pub fn situation(&self) -> Situation<'_> {
        Situation {
            project: &self.built.project,
            graph: &self.built.graph,
            compiled: &self.built.compiled,
            ledger: &self.ledger,
            facts: &self.facts,
        }
    }
}

impl Shell {
    /// Reads the project, as far as decisions look at it, and what its database says, changing nothing; a database that is
    /// not there yet is an empty one.
    ///
    /// # Errors
    ///
    /// Fails on findings in the plans, or if a database is named and cannot be asked.
    pub fn load(&self) -> Result<Loaded, Failure> {
        let read = self.read_project()?;
        let dialect = self.dialect_of(&read)?;
        self.load_from(read, dialect, Depth::Outline)
    }

    /// As [`Self::load`], with the statements too.
    ///
    /// # Errors
    ///
    /// As for [`Self::load`].
    pub fn load_whole(&self) -> Result<Loaded, Failure> {
        let read = self.read_project()?;
        let dialect = self.dialect_of(&read)?;
        self.load_from(read, dialect, Depth::Whole)
    }

    /// Builds what was read and reads what the database says, changing nothing.
    ///
    /// # Errors
    ///
    /// As for [`Self::load`].
    pub fn load_from(
        &self,
        read: ReadProject,
        dialect: Dialect,
        depth: Depth,
    ) -> Result<Loaded, Failure> {
        let mut database = self.open_existing_database(&read.config)?;
        let built = self.build(read, dialect, depth)?;
        let (facts, entries, ledger) =
            self.facts_for(&built.config, built.project.dialect, database.as_mut())?;
        Ok(Loaded { built, ledger, facts, entries, database })
    }

    /// Reads what a database says: facts, entries, and the state that these and the heartbeats leave.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be asked, or its ledger is newer than this program.
    pub fn facts(
        &self,
        built: &Built,
        database: Option<&mut LiveDatabase>,
    ) -> Result<(Facts, Vec<Entry>, LedgerSnapshot), Failure> {
        self.facts_for(&built.config, built.project.dialect, database)
    }

    /// Reads what a database says to a project with this configuration.
    ///
    /// # Errors
    ///
    /// As for [`Self::facts`].
    pub fn facts_for(
        &self,
        config: &Config,
        dialect: Dialect,
        database: Option<&mut LiveDatabase>,
    ) -> Result<(Facts, Vec<Entry>, LedgerSnapshot), Failure> {
        let mut facts = Facts {
            now: self.now(),
            gates: self.gates_are_on(config),
            apps: config.app_names(),
            naming: config.release_naming(),
            by_release: config.upgraded_by_release(),
            applied: BTreeSet::new(),
            hand_written: self.hand_written(config, dialect)?,
            queries: BTreeMap::new(),
            compared: BTreeMap::new(),
            ledger_installed: false,
        };
        let Some(database) = database else {
            return Ok((facts, Vec::new(), LedgerSnapshot::default()));
        };
        let asked = ask(database, &mut facts).map_err(|error| database_failure(&error))?;
        let (entries, beats) = asked;
        let ledger = ledger_of(&entries, &beats, &config.heartbeat_rules(), facts.now);
        Ok((facts, entries, ledger))
    }

    /// Reads the ledger's entries, oldest first.
    ///
    /// # Errors
    ///
    /// Fails if the database cannot be asked, or its ledger is newer than this program.
    pub fn entries(&self, database: &mut LiveDatabase) -> Result<Vec<Entry>, Failure> {
        let entries = match database.ledger_format() {
            Ok(Some(found)) if found > FORMAT => {
                Err(DatabaseError::NewerLedger { found, known: FORMAT })
            }
            Ok(Some(_)) => database.entries(),
            Ok(None) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        entries.map_err(|error| database_failure(&error))
    }

    /// Returns the folder of the migrations for the database's engine: one of its own where there are several engines.
    fn migrations_folder(&self, config: &Config, dialect: Dialect) -> Utf8PathBuf {
        self.root.join(histories::folder(config, dialect))
    }

    /// Returns the hand-written migrations beside the compiled ones: version and directory.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be listed.
    pub fn hand_written(
        &self,
        config: &Config,
        dialect: Dialect,
    ) -> Result<BTreeMap<MigrationVersion, String>, Failure> {
        let folder = self.migrations_folder(config, dialect);
        let mut found = BTreeMap::new();
        for name in files::list(&folder)? {
            let version = MigrationVersion::of_directory(&name);
            // The disk is asked last: most directories are compiled ones.
            let is_migration = !version.is_compiled()
                && !name.starts_with('.')
                && folder.join(&name).join("up.sql").is_file();
            if is_migration {
                found.insert(version, name);
            }
        }
        Ok(found)
    }
}

impl Shell {
    /// Reads the hand-written migrations, to run them.
    ///
    /// # Errors
    ///
    /// Fails if one of their files cannot be read.
    pub fn read_hand_written(&self, built: &Built) -> Result<Vec<HandWritten>, Failure> {
        let (config, dialect) = (&built.config, built.project.dialect);
        let folder = self.migrations_folder(config, dialect);
        let mut all = Vec::new();
        for (version, directory) in self.hand_written(config, dialect)? {
            let place = folder.join(&directory);
            let up = files::read(&place.join("up.sql"))?.unwrap_or_default();
            let metadata = files::read(&place.join("metadata.toml"))?;
            let run_in_transaction = runs_in_transaction(metadata.as_deref());
            all.push(HandWritten { version, directory, up, run_in_transaction });
        }
        Ok(all)
    }
}

fn ask(
    database: &mut LiveDatabase,
    facts: &mut Facts,
) -> Result<(Vec<Entry>, Vec<Beat>), DatabaseError> {
    facts.now = database.now()?;
    facts.applied = database.applied_versions()?;
    let Some(found) = database.ledger_format()? else {
        return Ok((Vec::new(), Vec::new()));
    };
    if found > FORMAT {
        return Err(DatabaseError::NewerLedger { found, known: FORMAT });
    }
    facts.ledger_installed = true;
    Ok((database.entries()?, database.heartbeats()?))
}
