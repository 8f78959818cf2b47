//! What `planner compile` and `next-phase` remember, so that the next `next-phase` need not read thousands of finished plans.
//!
//! `.planner/outline-DIALECT` holds for exactly the files and the program it was written from, which its first lines sum up; where
//! anything differs the plans are read, as they are without it. It may be deleted at any time, and git does not see it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use camino::Utf8PathBuf;
use sha2::{Digest as _, Sha256};

use super::pipeline::{Built, Depth, KeptBuilt};
use super::project::ProjectTexts;
use super::situation::Loaded;
use super::{Shell, files};
use crate::compile::Checksum;
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::exit::Failure;
use crate::name::PlanName;
use crate::phase::PhaseKey;
use crate::plan::parse::parse;
use crate::plan::places;
use crate::release::App;
use crate::rollout::next_phase;
use crate::rollout::outline::{self, Outline};
use crate::rollout::taken::taken_away;
use crate::source::{SourceId, Sources};

/// From how many plans or hand-written migrations on a question is worth remembering.
const FILES_MIN: usize = 200;

const FOLDER: &str = ".planner";
const FORMAT: &str = "planner outline 2";

/// What a decision looks at, and what it says of the phases it blocks.
#[derive(Debug)]
pub struct Decision {
    /// The situation. Of plans that are complete there may be only the names, and steps may have no changes: nothing but
    /// [`crate::rollout::next_phase()`] may be asked of it.
    pub loaded: Loaded,
    /// What each phase takes away, if it was remembered.
    taken: Option<BTreeMap<PhaseKey, Vec<String>>>,
    /// Which places each phase compares, if it was remembered.
    compared: Option<BTreeMap<PhaseKey, Vec<String>>>,
}

impl Decision {
    /// Returns what a phase takes away from the releases that are live.
    #[must_use]
    pub fn taken_away(&self, phase: &PhaseKey) -> Vec<String> {
        if let Some(taken) = &self.taken {
            return taken.get(phase).cloned().unwrap_or_default();
        }
        let taken = taken_away(&self.loaded.built.project, phase);
        taken.iter().map(ToString::to_string).collect()
    }

    /// Says which places are compared before a phase.
    #[must_use]
    pub fn compared(&self, phase: &PhaseKey) -> Vec<String> {
        if let Some(compared) = &self.compared {
            return compared.get(phase).cloned().unwrap_or_default();
        }
        let places = places::of_phase(&self.loaded.built.project, phase);
        places.iter().map(ToString::to_string).collect()
    }
}

impl From<Loaded> for Decision {
    fn from(loaded: Loaded) -> Self {
        Self { loaded, taken: None, compared: None }
    }
}

impl Shell {
    /// Reads what the decision looks at, changing nothing. The answer is the same as from [`Self::load`].
    ///
    /// # Errors
    ///
    /// As for [`Self::load`].
    pub fn load_to_decide(&self) -> Result<Decision, Failure> {
        let texts = self.read_texts()?;
        let dialect = self.dialect_for(&texts.config)?;
        if let Some(outline) = self.recall(&texts, dialect) {
            return self.decide_from(texts, outline);
        }
        let loaded = self.load_from(texts.parse(), dialect, Depth::Outline)?;
        // Asking leaves nothing behind in a small project, which is read in no time.
        let project = &loaded.built.project;
        let n_files = project.plans.len().max(project.foundation.migrations.len());
        if n_files >= FILES_MIN || self.root.join(FOLDER).exists() {
            self.remember(&loaded.built);
        }
        Ok(loaded.into())
    }

    /// Remembers a project without errors. Where that is not possible, the plans will be read again.
    pub fn remember(&self, built: &Built) {
        let Built { sources, project, graph, compiled, .. } = built;
        let (Some(body), Some(key)) =
            (outline::text(project, graph, compiled), key(sources, project.dialect))
        else {
            return;
        };
        let steps = project.plans.iter().flat_map(|plan| &plan.steps);
        let waivers = steps.flat_map(|step| &step.waivers);
        // Past the day of a waiver there is an error that was none before.
        let until =
            waivers.map(|waiver| waiver.until.value).min().unwrap_or(jiff::civil::Date::MAX);
        let path = self.outline_path(project.dialect);
        if path.parent().is_some_and(|folder| !folder.exists()) {
            let _ = files::write(&self.root.join(FOLDER).join(".gitignore"), "*\n");
        }
        let sum = Checksum::of_text(&body);
        let _ = files::write(&path, &format!("{FORMAT}\n{key}\n{until}\n{sum}\n{body}"));
    }

    fn outline_path(&self, dialect: Dialect) -> Utf8PathBuf {
        self.root.join(FOLDER).join(format!("outline-{dialect}"))
    }

    /// Returns what was remembered of these very texts, if nothing is wrong with any of them.
    fn recall(&self, texts: &ProjectTexts, dialect: Dialect) -> Option<Outline> {
        if !texts.sink.is_empty() {
            return None;
        }
        let text = files::read(&self.outline_path(dialect)).ok().flatten()?;
        let mut parts = text.splitn(5, '\n');
        let (format, of, until) = (parts.next()?, parts.next()?, parts.next()?);
        let (sum, body) = (parts.next()?, parts.next()?);
        let is_of_now = format == FORMAT
            && until.parse().is_ok_and(|until: jiff::civil::Date| self.today() <= until)
            && key(&texts.sources, dialect).is_some_and(|key| key == of)
            && Checksum::of_text(body).as_str() == sum;
        is_of_now.then(|| outline::read(dialect, body)).flatten()
    }

    /// Reads only the plans that are not complete.
    fn decide_from(&self, texts: ProjectTexts, outline: Outline) -> Result<Decision, Failure> {
        let dialect = outline.compiled.dialect;
        let mut database = self.open_existing_database(&texts.config)?;
        let (facts, entries, ledger) = self.facts_for(&texts.config, dialect, database.as_mut())?;
        if ledger.apps.values().any(App::has_known_needs) || !facts.by_release.is_empty() {
            // What the live releases need is judged against the whole schema, and what a release prepares for
            // another against all changes; an outline knows nothing of either.
            return Ok(self.load_from(texts.parse(), dialect, Depth::Outline)?.into());
        }
        let source_of = plan_sources(&texts);
        let mut sink = Sink::default();
        let open = outline.open_plans(&ledger, &facts.applied).into_iter().filter_map(|name| {
            let source = *source_of.get(&name)?;
            let plan = parse(source, texts.sources.get(source)?, &mut sink)?;
            Some((name, plan))
        });
        let Some(project) = outline.project(open.collect(), &source_of) else {
            return Ok(self.load_from(texts.parse(), dialect, Depth::Outline)?.into());
        };
        let Outline { plans: _, graph, compiled, taken, compared } = outline;
        let ProjectTexts { config, sources, .. } = texts;
        let built = KeptBuilt::new(Built { config, sources, project, graph, compiled });
        let loaded = Loaded { built, ledger, facts, entries, database };
        let decision = Decision { loaded, taken: Some(taken), compared: Some(compared) };
        debug_assert!(self.is_as_read(&decision), "what is remembered gives another answer");
        Ok(decision)
    }

    /// Returns whether the answer is the one that reading all plans gives. So in debug builds, where the tests run, every
    /// question that is answered from memory is asked both ways.
    fn is_as_read(&self, decision: &Decision) -> bool {
        let Loaded { ledger, facts, built, .. } = &decision.loaded;
        let read = self
            .read_texts()
            .and_then(|texts| self.build(texts.parse(), built.project.dialect, Depth::Outline));
        let Ok(built) = read else { return false };
        let (ledger, facts, entries) = (ledger.clone(), facts.clone(), Vec::new());
        let full = Decision::from(Loaded { built, ledger, facts, entries, database: None });
        let answer = |decision: &Decision| {
            let mut next = next_phase(&decision.loaded.situation());
            // No answer shows in which line something drifted, and of finished plans it is not known.
            next.drift.iter_mut().for_each(|found| found.labels.clear());
            next
        };
        let (remembered, read) = (answer(decision), answer(&full));
        let blocked = read.blocked.iter().map(|blocked| &blocked.phase);
        let mut phases = blocked.chain(read.ready.iter().map(|ready| &ready.phase));
        let same = |phase: &PhaseKey| {
            decision.taken_away(phase) == full.taken_away(phase)
                && decision.compared(phase) == full.compared(phase)
        };
        remembered == read && phases.all(same)
    }
}

/// Returns the plans' files by the plans' names.
fn plan_sources(texts: &ProjectTexts) -> BTreeMap<PlanName, SourceId> {
    let ids = texts.plans.iter().map(|(source, _)| *source);
    let names = ids.filter_map(|source| {
        let (_, name) = texts.sources.get(source)?.path.file_stem()?.split_once('_')?;
        Some((PlanName::from(name), source))
    });
    names.collect()
}

/// Sums up everything that an outline depends on: this program, the dialect, and every file that was read.
fn key(sources: &Sources, dialect: Dialect) -> Option<String> {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(program()?.as_bytes());
    add(dialect.to_string().as_bytes());
    for file in sources.files() {
        add(file.path.as_str().as_bytes());
        add(file.text.as_bytes());
    }
    let digest = hash.finalize();
    let digits: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Some(digits.concat())
}

/// Tells this program from any other, also from one of the same version that was built again.
fn program() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let metadata = Path::new(&path).metadata().ok()?;
    let nanos =
        |time: SystemTime| Some(time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_nanos());
    let built = nanos(metadata.modified().ok()?)?;
    // Packagers give all files one time; when the file came to this disk they cannot choose.
    let installed = metadata.created().ok().and_then(nanos).unwrap_or_default();
    let (version, length) = (env!("CARGO_PKG_VERSION"), metadata.len());
    Some(format!("{version} {length} {built} {installed}"))
}
