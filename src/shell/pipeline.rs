//! From read plans to compiled migrations, with all findings on the way.

use std::sync::Arc;

use super::Shell;
use super::project::ReadProject;
use crate::catalog::Catalog;
use crate::compile::migration::CompileOptions;
use crate::compile::{CompiledProject, compile, refusals};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::{FormatName, format};
use crate::graph::{self, StepGraph};
use crate::plan::checked::CheckedProject;
use crate::rules::{self, RuleContext};
use crate::source::Sources;
use crate::yaml::duration::Duration;

/// A project without errors, compiled for one dialect.
#[derive(Debug)]
pub struct Built {
    /// Its configuration.
    pub config: Config,
    /// All files that were read.
    pub sources: Sources,
    /// The plans.
    pub project: CheckedProject,
    /// Their order.
    pub graph: StepGraph,
    /// Their migrations.
    pub compiled: CompiledProject,
}

/// Returns a duration as the engines take it, cut off at their greatest.
#[must_use]
pub fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.milliseconds).unwrap_or(u32::MAX / 2)
}

fn compile_options(config: &Config) -> CompileOptions {
    CompileOptions { lock_timeout_ms: milliseconds(config.limits.lock_timeout) }
}

impl Shell {
    /// Checks a project for all its dialects and returns every finding.
    #[must_use]
    pub fn check(&self, read: ReadProject) -> Vec<Diagnostic> {
        let ReadProject { config, plans, mut sink, .. } = read;
        let dialects = config.dialects.clone();
        let last = dialects.len().saturating_sub(1);
        let mut plans = Some(plans);
        for (at, dialect) in dialects.into_iter().enumerate() {
            let plans = if at == last { plans.take() } else { plans.clone() };
            let judged = self.judge(&config, plans.unwrap_or_default(), dialect, &mut sink);
            if let Some((project, graph)) = judged {
                refusals(&project, compile_options(&config), &mut sink);
                // The process ends soon; taking thousands of plans apart piece by piece would only delay that.
                std::mem::forget((project, graph));
            }
        }
        sink.into_sorted()
    }

    /// Checks names and runs the rules; `None` if there are findings that leave nothing to go on with.
    fn judge(
        &self,
        config: &Config,
        plans: Vec<crate::plan::authored::AuthoredPlan>,
        dialect: Dialect,
        sink: &mut Sink,
    ) -> Option<(CheckedProject, StepGraph)> {
        rules::check_names(&config.rules, sink);
        let start = Arc::new(Catalog::empty(dialect));
        let project = crate::plan::check::check(plans, dialect, start, sink);
        let graph = graph::build(&project, sink)?;
        let (apps, severities) = (config.app_names(), config.severities());
        let context = RuleContext {
            project: &project,
            graph: &graph,
            severities: &severities,
            apps: &apps,
            today: self.today(),
        };
        rules::check(&context, sink);
        Some((project, graph))
    }

    /// Compiles a project for one dialect; `None` if it has findings that leave nothing to go on with.
    fn build_into(
        &self,
        config: &Config,
        plans: Vec<crate::plan::authored::AuthoredPlan>,
        dialect: Dialect,
        sink: &mut Sink,
    ) -> Option<(CheckedProject, StepGraph, CompiledProject)> {
        let (project, graph) = self.judge(config, plans, dialect, sink)?;
        let compiled = compile(&project, &graph, compile_options(config), sink);
        Some((project, graph, compiled))
    }

    /// Compiles a project for one dialect.
    ///
    /// # Errors
    ///
    /// Fails if there are errors, which are printed to standard error.
    pub fn build(&self, read: ReadProject, dialect: Dialect) -> Result<Built, Failure> {
        let ReadProject { config, sources, plans, mut sink } = read;
        let built = self.build_into(&config, plans, dialect, &mut sink);
        match built {
            Some((project, graph, compiled)) if !sink.has_errors() => {
                Ok(Built { config, sources, project, graph, compiled })
            }
            _ => Err(self.has_findings(&sources, sink)),
        }
    }

    /// Compiles a project for all its dialects.
    ///
    /// # Errors
    ///
    /// As for [`Self::build`].
    pub fn build_all(&self, read: ReadProject) -> Result<Vec<Built>, Failure> {
        let ReadProject { config, sources, plans, mut sink } = read;
        let dialects = config.dialects.clone();
        let mut all = Vec::with_capacity(dialects.len());
        for dialect in dialects {
            let built = self.build_into(&config, plans.clone(), dialect, &mut sink);
            all.extend(built.map(|(project, graph, compiled)| Built {
                config: config.clone(),
                sources: sources.clone(),
                project,
                graph,
                compiled,
            }));
        }
        if sink.has_errors() { Err(self.has_findings(&sources, sink)) } else { Ok(all) }
    }

    fn has_findings(&self, sources: &Sources, sink: Sink) -> Failure {
        let mut found = sink.into_sorted();
        found.retain(|diagnostic| diagnostic.severity == Severity::Error);
        let text = format(FormatName::Human).diagnostics(sources, &found, self.style);
        self.say(text.trim_end());
        let n = found.len();
        Failure::new(
            Exit::Findings,
            format!("the plans have {n} error{}", if n == 1 { "" } else { "s" }),
        )
        .help("correct what is reported above; `planner check` reports it too")
    }
}
