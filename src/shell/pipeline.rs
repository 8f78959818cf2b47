//! From read plans to compiled migrations, with all findings on the way.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use super::project::ReadProject;
use super::{Shell, foundation, side_by_side};
use crate::catalog::Catalog;
use crate::compile::migration::CompileOptions;
use crate::compile::{CompiledProject, compile, outline, refusals};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity, Sink};
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::{FormatName, format};
use crate::graph::{self, StepGraph};
use crate::history::{History, Judge, Sizes};
use crate::plan::authored::AuthoredPlan;
use crate::plan::checked::CheckedProject;
use crate::plan::foundation::Foundation;
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

/// How much of the migrations is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Everything, to run or to print.
    Whole,
    /// Which there are, which is all that decisions look at.
    Outline,
}

/// A project that stays in memory until the process ends, which is soon: taking thousands of plans apart piece by piece
/// would only delay that.
pub type KeptBuilt = ManuallyDrop<Built>;

/// What of a project is judged for one dialect.
struct Input<'a> {
    plans: Vec<AuthoredPlan>,
    /// The hand-written migrations that are judged too.
    history: &'a History,
    /// The files that places are in.
    sources: &'a Sources,
    /// What the plans begin with.
    start: (Arc<Catalog>, Foundation),
    /// How large the tables of its database are, where that was asked.
    sizes: Option<&'a Sizes>,
}

/// Plans whose every name is known, and their order.
#[derive(Debug)]
struct Named {
    project: CheckedProject,
    graph: StepGraph,
}

/// Gives each dialect the plans, the last one without a copy.
fn for_each(
    dialects: Vec<Dialect>,
    plans: Vec<AuthoredPlan>,
) -> impl Iterator<Item = (Dialect, Vec<AuthoredPlan>)> {
    let last = dialects.len().saturating_sub(1);
    let mut plans = Some(plans);
    dialects.into_iter().enumerate().map(move |(at, dialect)| {
        let plans = if at == last { plans.take() } else { plans.clone() };
        (dialect, plans.unwrap_or_default())
    })
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
    /// Checks a project and the hand-written migrations beside it for all its dialects and returns every finding.
    #[must_use]
    pub fn check(&self, read: ReadProject, sizes: Option<&Sizes>) -> Vec<Diagnostic> {
        let ReadProject { config, sources, plans, mut sink, mut by_hand } = read;
        sink.extend(by_hand.found);
        let dialects = config.dialects.clone();
        for (dialect, plans) in for_each(dialects, plans) {
            let refused = |named: &Named| {
                let mut sink = Sink::default();
                refusals(&named.project, compile_options(&config), &mut sink);
                ((), sink)
            };
            let history = by_hand.histories.entry(dialect).or_default();
            let mut judge = Judge::default();
            let start = foundation::of(dialect, history, &sources, Some(&mut judge), &mut sink);
            history.take(judge);
            let judged: Vec<_> = history.judged().collect();
            let backward = side_by_side::map(&judged, |of| of.refused_backward(dialect, &sources));
            history.refused = backward.into_iter().flatten().collect();
            let sizes = sizes.filter(|sizes| sizes.dialect == dialect);
            let input = Input { plans, history, sources: &sources, start, sizes };
            let judged = self.judge(&config, input, &mut sink, refused);
            // The process ends soon; taking thousands of plans apart piece by piece would only delay that.
            std::mem::forget(judged);
        }
        sink.into_sorted()
    }

    /// Checks names, then runs the rules beside `other`; `None` if there are findings that leave nothing to go on with.
    fn judge<R: Send>(
        &self,
        config: &Config,
        input: Input<'_>,
        sink: &mut Sink,
        other: impl Fn(&Named) -> (R, Sink) + Sync,
    ) -> Option<(Named, R)> {
        rules::check_names(&config.rules, sink);
        rules::check_squawk_names(&config.squawk, sink);
        let Input { plans, history, sources, start: (start, foundation), sizes } = input;
        let mut project = crate::plan::check::check(plans, start.dialect, start, sink);
        project.foundation = Arc::new(foundation);
        let graph = graph::build(&project, sink)?;
        let named = Named { project, graph };
        let (apps, severities, today) = (config.app_names(), config.severities(), self.today());
        let needs_are_known = config.names_needs();
        let judge = || {
            let Named { project, graph } = &named;
            let (severities, apps) = (&severities, &apps);
            let context = RuleContext {
                project,
                graph,
                history,
                sources,
                severities,
                squawk: &config.squawk,
                apps,
                needs_are_known,
                sizes,
                today,
            };
            rules::check(&context, sink);
        };
        let ((), (made, found)) = side_by_side::both(judge, || other(&named));
        sink.extend(found);
        Some((named, made))
    }

    /// Compiles a project for one dialect; `None` if it has findings that leave nothing to go on with.
    fn build_into(
        &self,
        config: &Config,
        plans: Vec<AuthoredPlan>,
        start: (Arc<Catalog>, Foundation),
        depth: Depth,
        sink: &mut Sink,
    ) -> Option<(Named, CompiledProject)> {
        let compile = match depth {
            Depth::Whole => compile,
            Depth::Outline => outline,
        };
        // What is wrong with what people wrote by hand is no reason not to compile plans: `check` tells it.
        let history = History::default();
        let sources = &Sources::default();
        let input = Input { plans, history: &history, sources, start, sizes: None };
        self.judge(config, input, sink, |named| {
            let mut sink = Sink::default();
            let options = compile_options(config);
            (compile(&named.project, &named.graph, options, &mut sink), sink)
        })
    }

    /// Compiles a project for one dialect.
    ///
    /// # Errors
    ///
    /// Fails if there are errors, which are printed to standard error.
    pub fn build(
        &self,
        read: ReadProject,
        dialect: Dialect,
        depth: Depth,
    ) -> Result<KeptBuilt, Failure> {
        let ReadProject { config, sources, plans, mut sink, by_hand } = read;
        let start = by_hand.foundation(dialect, &sources, &mut sink);
        let built = self.build_into(&config, plans, start, depth, &mut sink);
        match built {
            Some((Named { project, graph }, compiled)) if !sink.has_errors() => {
                Ok(ManuallyDrop::new(Built { config, sources, project, graph, compiled }))
            }
            _ => Err(self.has_findings(&sources, sink)),
        }
    }

    /// Compiles a project for all its dialects, statements included.
    ///
    /// # Errors
    ///
    /// As for [`Self::build`].
    pub fn build_all(&self, read: ReadProject) -> Result<Vec<KeptBuilt>, Failure> {
        let ReadProject { config, sources, plans, mut sink, by_hand } = read;
        let dialects = config.dialects.clone();
        let mut all = Vec::with_capacity(dialects.len());
        for (dialect, plans) in for_each(dialects, plans) {
            let start = by_hand.foundation(dialect, &sources, &mut sink);
            let built = self.build_into(&config, plans, start, Depth::Whole, &mut sink);
            all.extend(built.map(|(Named { project, graph }, compiled)| {
                let (config, sources) = (config.clone(), sources.clone());
                ManuallyDrop::new(Built { config, sources, project, graph, compiled })
            }));
        }
        if sink.has_errors() { Err(self.has_findings(&sources, sink)) } else { Ok(all) }
    }

    fn has_findings(&self, sources: &Sources, sink: Sink) -> Failure {
        let mut found = sink.into_sorted();
        found.retain(|diagnostic| diagnostic.severity == Severity::Error);
        let text = format(FormatName::Human).diagnostics(sources, &found, self.style);
        self.say_findings(&text);
        let n = found.len();
        Failure::new(
            Exit::Findings,
            format!("the plans have {n} error{}", if n == 1 { "" } else { "s" }),
        )
        .help("correct what is reported above; `planner check` reports it too")
    }
}
