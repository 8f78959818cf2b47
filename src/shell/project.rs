//! A project's files: `planner.yaml` and the plans.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Shell, files, side_by_side};
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::{FormatName, Style};
use crate::history::History;
use crate::plan::authored::AuthoredPlan;
use crate::plan::parse::{parse, stand_in};
use crate::source::{SourceId, Sources};

/// A project's files as text.
#[derive(Debug)]
pub struct ProjectTexts {
    /// Its configuration.
    pub config: Config,
    /// All files that were read: `planner.yaml`, if there is one, the plans in the order of their names, and the hand-written
    /// migrations.
    pub sources: Sources,
    /// Which of them are plans, and whether their text could be read.
    pub plans: Vec<(SourceId, bool)>,
    /// What was found so far.
    pub sink: Sink,
    /// The migrations that people wrote by hand.
    pub by_hand: ByHand,
}

/// The hand-written migrations of a project, whose files are among its sources.
#[derive(Clone, Debug, Default)]
pub struct ByHand {
    /// Each engine's.
    pub histories: BTreeMap<Dialect, History>,
    /// What is wrong with their files, which keeps no plan from being compiled.
    pub found: Sink,
}

/// A project as read, before names are checked.
#[derive(Debug)]
pub struct ReadProject {
    /// Its configuration.
    pub config: Config,
    /// All files that were read.
    pub sources: Sources,
    /// The plans that could be read.
    pub plans: Vec<AuthoredPlan>,
    /// What was found so far.
    pub sink: Sink,
    /// The migrations that people wrote by hand.
    pub by_hand: ByHand,
}

impl ReadProject {
    /// Makes sure that every file of the hand-written migrations could be read, for who would miss what it does.
    ///
    /// # Errors
    ///
    /// Fails if one could not be.
    pub fn has_all_migrations(&self) -> Result<(), Failure> {
        if self.by_hand.found.has_errors() {
            return Err(Failure::new(Exit::Findings, "not all of the migrations can be read")
                .help("correct what `planner check` reports of them"));
        }
        Ok(())
    }
}

impl ProjectTexts {
    /// Reads the plans. What is wrong with them is in the sink.
    #[must_use]
    pub fn parse(self) -> ReadProject {
        let Self { config, sources, plans: texts, mut sink, by_hand } = self;
        let read = side_by_side::map(&texts, |(source, is_read)| {
            let mut sink = Sink::default();
            let file = sources.get(*source);
            let plan = file.and_then(|file| match is_read {
                true => parse(*source, file, &mut sink),
                false => stand_in(*source, file),
            });
            (plan, sink)
        });
        let mut plans = Vec::with_capacity(texts.len());
        for (plan, found) in read {
            sink.extend(found);
            plans.extend(plan);
        }
        ReadProject { config, sources, plans, sink, by_hand }
    }
}

impl Shell {
    /// Opens the project in this folder: it, or the nearest folder above it, that has `planner.yaml` or `plans/`.
    ///
    /// # Errors
    ///
    /// Fails if there is no such folder.
    pub fn open(
        directory: &Utf8Path,
        environment: Option<String>,
        format: FormatName,
    ) -> Result<Self, Failure> {
        let canonical = directory.canonicalize_utf8().map_err(|error| {
            Failure::usage(format!("cannot open the folder `{directory}`: {error}"))
                .help("check `-C`")
        })?;
        if !canonical.is_dir() {
            return Err(Failure::usage(format!("`{directory}` is no folder")).help("check `-C`"));
        }
        let is_root = |folder: &&Utf8Path| {
            folder.join(config::FILE_NAME).is_file() || folder.join("plans").is_dir()
        };
        let root = canonical.ancestors().find(is_root).unwrap_or(&canonical).to_owned();
        Ok(Self { root, here: canonical, environment, ..Self::bare(format) })
    }

    /// Returns a shell without a project, for failures before there is one.
    #[must_use]
    pub fn bare(format: FormatName) -> Self {
        use std::io::IsTerminal as _;
        let mut shell = Self {
            root: Utf8PathBuf::from("."),
            here: Utf8PathBuf::from("."),
            environment: None,
            format,
            style: Style { colour: false, width: 100 },
            interactive: std::io::stderr().is_terminal(),
        };
        let is_dumb = shell.variable("TERM").is_some_and(|term| term == "dumb");
        let is_plain = is_dumb || shell.variable("NO_COLOR").is_some();
        shell.style.colour = std::io::stdout().is_terminal() && !is_plain;
        shell
    }

    /// Reads `planner.yaml`, or returns the defaults if there is none.
    ///
    /// # Errors
    ///
    /// Fails if it has findings, which are printed to standard error.
    pub fn read_config(&self, sink: &mut Sink) -> Result<Config, Failure> {
        let mut sources = Sources::default();
        self.config_into(&mut sources, sink).ok_or_else(|| self.invalid_config(&sources, sink))
    }

    fn config_into(&self, sources: &mut Sources, sink: &mut Sink) -> Option<Config> {
        let path = Utf8Path::new(config::FILE_NAME);
        if !self.root.join(path).exists() {
            return Some(Config::default());
        }
        let text = files::read_limited(&self.root, path, sink)?;
        let source = sources.add(path, text.as_str());
        config::read(source, &text, sink)
    }

    fn invalid_config(&self, sources: &Sources, sink: &Sink) -> Failure {
        let found = sink.clone().into_sorted();
        if crate::formats::format(self.format).names_files_from_repository() {
            // What shows the findings of plans shows these too. If it cannot be told, the exit code says it all the same.
            let _ = self.diagnostics(sources, &found);
        }
        let text =
            crate::formats::format(FormatName::Human).diagnostics(sources, &found, self.style);
        self.say_findings(&text);
        Failure::usage("`planner.yaml` cannot be used").help("correct what is reported above")
    }

    /// Reads the configuration and all plans. What is wrong with plans is in the sink.
    ///
    /// # Errors
    ///
    /// Fails if `planner.yaml` cannot be used or the folder of plans cannot be listed.
    pub fn read_project(&self) -> Result<ReadProject, Failure> {
        Ok(self.read_texts()?.parse())
    }

    /// Reads the text of the configuration and of all plans. What is wrong with files is in the sink.
    ///
    /// # Errors
    ///
    /// As for [`Self::read_project`].
    pub fn read_texts(&self) -> Result<ProjectTexts, Failure> {
        let mut sink = Sink::default();
        let mut sources = Sources::default();
        let Some(config) = self.config_into(&mut sources, &mut sink) else {
            return Err(self.invalid_config(&sources, &sink));
        };
        self.known_environment(&config)?;
        let folder = self.root.join(&config.plans);
        // A project whose migrations are all written by hand has no plans yet; in any other folder somebody is lost.
        let has_plans = folder.is_dir();
        if !has_plans && !self.root.join(&config.migrations).is_dir() {
            return Err(Failure::usage(format!("there is no folder of plans: `{}`", config.plans))
                .help("run `planner init`, or say where they are with `-C` or `plans:` in `planner.yaml`"));
        }
        let mut paths = Vec::new();
        let names = if has_plans { files::list(&folder)? } else { Vec::new() };
        for name in names {
            let relative = config.plans.join(&name);
            match relative.extension() {
                Some("yaml") if !name.starts_with('.') => {}
                Some("yml") => {
                    sink.report(
                        Diagnostic::new(code::INVALID_FILE_NAME, "a plan's file ends in `.yaml`")
                            .in_file(relative)
                            .help("rename it"),
                    );
                    continue;
                }
                _ => continue,
            }
            paths.push(relative);
        }
        let texts = side_by_side::map(&paths, |path| {
            let mut sink = Sink::default();
            (files::read_limited(&self.root, path, &mut sink), sink)
        });
        let mut plans = Vec::with_capacity(paths.len());
        for (path, (text, found)) in paths.into_iter().zip(texts) {
            sink.extend(found);
            let is_read = text.is_some();
            plans.push((sources.add(path, text.unwrap_or_default()), is_read));
        }
        let mut found = Sink::default();
        let histories = self.read_histories(&config, &mut sources, (&mut found, &mut sink))?;
        Ok(ProjectTexts { config, sources, plans, sink, by_hand: ByHand { histories, found } })
    }

    /// Checks that `--env` names an environment of `planner.yaml`.
    fn known_environment(&self, config: &Config) -> Result<(), Failure> {
        let Some(name) = &self.environment else { return Ok(()) };
        if config.environment(name).is_some() {
            return Ok(());
        }
        let known = config.environments.iter().map(|environment| environment.name.value.as_str());
        let near = crate::diagnostic::did_you_mean(name, known);
        Err(Failure::new(Exit::Usage, format!("`planner.yaml` has no environment `{name}`"))
            .help(near.unwrap_or_else(|| "add it under `environments:`".into())))
    }
}
