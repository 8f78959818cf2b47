//! Which database: from the environment's variable, `DATABASE_URL`, `.env`, or the embedded file of `planner.yaml`.

use super::Shell;
use super::pipeline::Built;
use super::project::ReadProject;
use crate::config::Config;
use crate::database::DatabaseError;
use crate::database::address::Address;
use crate::database::connection::{LiveDatabase, open, open_existing};
use crate::diagnostic::did_you_mean;
use crate::dialect::Dialect;
use crate::exit::Failure;
use crate::name::{PlanName, StepKey};
use crate::phase::PhaseKey;
use crate::plan::checked::CheckedProject;

impl Shell {
    /// Returns the database's address, if one is named anywhere: the environment's `url_env` or `database`, else
    /// `DATABASE_URL` from the process, else from `.env` at the project's root, else `database` of `planner.yaml`.
    ///
    /// # Errors
    ///
    /// Fails if the environment names a variable that is not set, or `.env` cannot be read.
    pub fn database_address(&self, config: &Config) -> Result<Option<String>, Failure> {
        let environment = self.environment.as_deref().and_then(|name| config.environment(name));
        if let Some(variable) = environment.and_then(|environment| environment.url_env.as_deref()) {
            let address = self.address_variable(variable)?;
            return address.map(Some).ok_or_else(|| {
                Failure::usage(format!("the variable `{variable}` is not set"))
                    .help("set it to the database's URL; `planner.yaml` names it as `url_env` of this environment")
            });
        }
        let embedded = |path: &camino::Utf8PathBuf| format!("sqlite:{}", self.root.join(path));
        if let Some(path) = environment.and_then(|environment| environment.database.as_ref()) {
            return Ok(Some(embedded(path)));
        }
        if let Some(address) = self.address_variable("DATABASE_URL")? {
            return Ok(Some(address));
        }
        Ok(config.database.as_ref().map(embedded))
    }

    /// Returns the address in a variable that was named on the command line.
    ///
    /// # Errors
    ///
    /// As for [`Self::database_address`].
    pub fn named_address(&self, variable: &str) -> Result<Option<String>, Failure> {
        let address = self.address_variable(variable)?;
        address.map(Some).ok_or_else(|| {
            Failure::usage(format!("the variable `{variable}` is not set"))
                .help("set it to the server's URL")
        })
    }

    /// Returns an address from a variable of the process, else of `.env` at the project's root. A file's path in it
    /// is relative to the folder that planner works in, else to that of `.env`.
    fn address_variable(&self, name: &str) -> Result<Option<String>, Failure> {
        if let Some(value) = self.variable(name) {
            return Ok(Some(address_in(&self.here, value)));
        }
        let value = self.dotenv_variable(name)?;
        Ok(value.map(|value| address_in(&self.root, value)))
    }

    /// Returns a variable of `.env` at the project's root.
    pub(super) fn dotenv_variable(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.root.join(".env");
        if !path.is_file() {
            return Ok(None);
        }
        let unreadable = || {
            // The parser's own message would repeat the line, and with it perhaps a password.
            Failure::usage("`.env` cannot be read").help("write lines of the form `NAME=value`")
        };
        let entries = dotenvy::from_path_iter(&path).map_err(|_| unreadable())?;
        for entry in entries {
            let (key, value) = entry.map_err(|_| unreadable())?;
            if key == name && !value.is_empty() {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// Returns whether gates are on in this environment.
    #[must_use]
    pub fn gates_are_on(&self, config: &Config) -> bool {
        let environment = self.environment.as_deref().and_then(|name| config.environment(name));
        environment.is_none_or(|environment| environment.gates)
    }

    /// Returns the dialect to answer for: the database's, if it is one of the project's, else the first.
    ///
    /// # Errors
    ///
    /// Fails if the database is of another engine than the project's.
    pub fn dialect_of(&self, read: &ReadProject) -> Result<Dialect, Failure> {
        self.dialect_for(&read.config)
    }

    /// Returns the dialect to answer for in a project with this configuration.
    ///
    /// # Errors
    ///
    /// As for [`Self::dialect_of`].
    pub fn dialect_for(&self, config: &Config) -> Result<Dialect, Failure> {
        let known = &config.dialects;
        let first = known.first().copied().unwrap_or(Dialect::Postgres);
        let Some(address) = self.database_address(config)? else { return Ok(first) };
        let found = match Address::parse(&address).map_err(|error| database_failure(&error))? {
            Address::Postgres(_) => Dialect::Postgres,
            Address::Sqlite(_) => Dialect::Sqlite,
        };
        if known.contains(&found) {
            return Ok(found);
        }
        Err(Failure::usage(format!("the database is {found}, the project compiles for {first}"))
            .help("set DATABASE_URL to a database of that engine, or add the engine to `dialect:` in `planner.yaml`"))
    }

    /// Opens the database to write; a SQLite file is created if need be.
    ///
    /// # Errors
    ///
    /// Fails if none is named, or it cannot be opened.
    pub fn open_database(&self, config: &Config) -> Result<LiveDatabase, Failure> {
        let address = self.database_address(config)?.ok_or_else(|| {
            Failure::usage("no database is named").help(
                "set DATABASE_URL, or write `database: sqlite:PATH` into `planner.yaml` for an embedded one",
            )
        })?;
        open(&address).map_err(|error| database_failure(&error))
    }

    /// Opens the database to ask; `None` if none is named, or a SQLite file does not exist yet.
    ///
    /// # Errors
    ///
    /// Fails if it is there but cannot be opened.
    pub fn open_existing_database(&self, config: &Config) -> Result<Option<LiveDatabase>, Failure> {
        let Some(address) = self.database_address(config)? else { return Ok(None) };
        open_existing(&address).map_err(|error| database_failure(&error))
    }

    /// Checks that a plan exists.
    ///
    /// # Errors
    ///
    /// Fails if there is none, with the nearest name.
    pub fn known_plan(&self, project: &CheckedProject, plan: &PlanName) -> Result<(), Failure> {
        if project.plan(plan).is_some() {
            return Ok(());
        }
        let near = did_you_mean(plan.as_str(), project.by_name.keys().map(PlanName::as_str));
        Err(Failure::usage(format!("there is no plan `{plan}`"))
            .help(near.unwrap_or_else(|| "`planner status` lists the plans".into())))
    }

    /// Checks that a plan has a phase.
    ///
    /// # Errors
    ///
    /// Fails if the plan does not exist or has no steps in the phase.
    pub fn known_phase(&self, project: &CheckedProject, phase: &PhaseKey) -> Result<(), Failure> {
        self.known_plan(project, &phase.plan)?;
        let plan = project.plan(&phase.plan);
        if plan.is_some_and(|plan| plan.steps_of(phase.phase).next().is_some()) {
            return Ok(());
        }
        let phases: Vec<&str> = plan
            .into_iter()
            .flat_map(|plan| plan.phases().map(crate::phase::Phase::word))
            .collect();
        Err(Failure::usage(format!("plan `{}` has no {} phase", phase.plan, phase.phase))
            .help(format!("its phases: {}", phases.join(", "))))
    }
}

impl Shell {
    /// Checks that a plan has a step.
    ///
    /// # Errors
    ///
    /// Fails if the plan does not exist or has no step with the id.
    pub fn known_step(&self, project: &CheckedProject, step: &StepKey) -> Result<(), Failure> {
        self.known_plan(project, &step.plan)?;
        let steps = project.plan(&step.plan).into_iter().flat_map(|plan| &plan.steps);
        let ids: Vec<&str> = steps.map(|of_plan| of_plan.key.id.as_str()).collect();
        if ids.contains(&step.id.as_str()) {
            return Ok(());
        }
        let near = did_you_mean(step.id.as_str(), ids.iter().copied());
        Err(Failure::usage(format!("plan `{}` has no step `{}`", step.plan, step.id))
            .help(near.unwrap_or_else(|| format!("its steps: {}", ids.join(", ")))))
    }
}

/// Makes a relative path of a SQLite file relative to a folder; any other address stays what it is.
fn address_in(folder: &camino::Utf8Path, address: String) -> String {
    let Ok(Address::Sqlite(path)) = Address::parse(&address) else { return address };
    let (scheme, file) = match path.strip_prefix("file:") {
        Some(file) => ("file:", file),
        None => ("", path.as_str()),
    };
    if file.starts_with('/') || file.contains(":memory:") || file.contains("mode=memory") {
        return address;
    }
    format!("sqlite:{scheme}{}", folder.join(file))
}

/// Turns an error of the database into a failure with what to do.
#[must_use]
pub fn database_failure(error: &DatabaseError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        DatabaseError::Connect { target, .. } if target.starts_with("sqlite:") => {
            failure.help("check the path: its folder must be there, and the file must be a SQLite database that you may open")
        }
        DatabaseError::Connect { .. } => {
            failure.help("check that the server runs and that DATABASE_URL has the right address, user and password")
        }
        DatabaseError::NewerLedger { .. } => failure.help("use the newest planner that works on this database"),
        DatabaseError::CorruptEntry { .. } => failure.help(
            "use the newest planner that works on this database; if it is this one, restore the table `planner_entries` from a backup",
        ),
        DatabaseError::MissingEngine { engine } => {
            failure.help(format!("build planner with `--features {engine}`"))
        }
        DatabaseError::Statement { reason, .. } if reason.contains("lost its row") => {
            failure.help("restore the table `planner_ledger` from a backup")
        }
        DatabaseError::Statement { reason, .. } if reason.contains("readonly database") => {
            failure.help("open the database to write: check its address and the permissions of the file and its folder")
        }
        DatabaseError::Install { reason, .. } if reason.contains("permission denied") => failure.help(
            "let this role create tables in its schema (`GRANT CREATE ON SCHEMA … TO …`), or run once as one that may; nothing was created",
        ),
        DatabaseError::Scratch { help, .. } => failure.help(*help),
        DatabaseError::Statement { .. }
        | DatabaseError::Install { .. }
        | DatabaseError::GivenUp
        | DatabaseError::LostLease { .. } => failure,
    }
}

impl Built {
    /// Returns whether gates are on in this environment.
    #[must_use]
    pub fn gates_are_on(&self, shell: &Shell) -> bool {
        shell.gates_are_on(&self.config)
    }
}
