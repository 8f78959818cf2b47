//! `planner prove`.

mod told;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::release::Requirements;
use crate::rollout::drift::drift;
use crate::rollout::next_phase;
use crate::rollout::prove::cast::{Cast, Given};
use crate::rollout::prove::judge::Stage;
use crate::rollout::prove::{Limits, Verdict, prove};
use crate::shell::Shell;
use crate::shell::given::GivenRelease;
use crate::shell::needs::NeedsFrom;
use crate::shell::situation::Loaded;

/// Prove that no order of steps, rollouts, aborts and rollbacks breaks a live release, or tell the shortest that does
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Let this release play too, recorded or not, by its `schema.rs` and its `requires.yaml`, or a folder with them; may be given several times
    #[arg(long = "release", value_name = "APP@VERSION=PATH[,PATH]")]
    releases: Vec<GivenRelease>,
    /// Ask what if: facts in YAML or JSON that are laid over what is recorded, such as which releases are live
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
    /// How many releases before the newest that was settled may come back
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    rollback: u16,
    /// Trust the gates as they are written alone, as where it is not recorded what releases need
    #[arg(long)]
    written: bool,
    /// Only releases that are recorded or given: not what `planner.yaml` names as an app's `schema`
    #[arg(long)]
    no_working_copy: bool,
    /// How many states of one group of plans are looked at before giving up
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().states)]
    max_states: usize,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut loaded = shell.load()?;
    refuse_unsettled(&loaded)?;
    if let Some(file) = &args.facts {
        shell.overlay_facts(file, &mut loaded)?;
    }
    shell.take_given(&args.releases, &mut loaded)?;
    let known = loaded.ledger.apps.values().any(|app| !app.releases.is_empty());
    if !known {
        return Err(Failure::new(Exit::Blocked, "nothing is known of any release, so that there is nothing to prove")
            .help("record what is live: `planner deploy start --app APP --version VERSION --schema SCHEMA.RS`, or name releases here: `--release APP@VERSION=SCHEMA.RS`, the live one first"));
    }
    let working_copies =
        if args.no_working_copy { BTreeMap::new() } else { working_copies(shell, &loaded)? };
    let given = Given { working_copies, n_rollback: args.rollback, written_only: args.written };
    let situation = loaded.situation();
    let cast = Cast::of(&situation, &given);
    let stage = Stage::of(&situation, &cast, &given);
    let limits = Limits { states: args.max_states, ..Limits::default() };
    let proof = prove(&stage.model, &stage, limits);
    if let Some(doubt) = stage.doubts().first() {
        return Err(Failure::new(Exit::Drift, format!("the schema is not known: {doubt}"))
            .help("settle the drift that `planner status` shows, or order the plans that do not fit with `after`"));
    }
    let told = told::Told::of(&stage, &proof, args.written);
    shell.answer(&Answer { human: told.human(), json: told.json() })?;
    Ok(match proof.verdict {
        Verdict::Proven => Exit::Done,
        Verdict::Harm(_) | Verdict::DeadEnd(_) | Verdict::TooMany(_) => Exit::Findings,
    })
}

/// What is in doubt, or not what the files say, is no ground for a proof.
fn refuse_unsettled(loaded: &Loaded) -> Result<(), Failure> {
    let situation = loaded.situation();
    if let Some(resume) = next_phase(&situation).resume.first() {
        let message = format!("step `{}` is in doubt, so that it is not known what to start from", resume.step);
        return Err(Failure::new(Exit::InDoubt, message).help("settle it first: `planner run`"));
    }
    let found = drift(&situation);
    let errors = found.iter().filter(|of| of.severity == crate::diagnostic::Severity::Error);
    if let Some(first) = errors.into_iter().next() {
        return Err(Failure::new(Exit::Drift, format!("database, ledger and files disagree: {}", first.message))
            .help("settle the drift that `planner status` shows"));
    }
    Ok(())
}

/// Reads what the sources need that `planner.yaml` names for its apps, where they are there.
fn working_copies(shell: &Shell, loaded: &Loaded) -> Result<BTreeMap<String, Requirements>, Failure> {
    let mut found = BTreeMap::new();
    for app in &loaded.built.config.apps {
        let Some(schema) = &app.schema else { continue };
        let path = shell.root.join(schema);
        if !path.exists() {
            continue;
        }
        let path: Utf8PathBuf = path.strip_prefix(&shell.here).unwrap_or(&path).to_owned();
        let from = NeedsFrom { schema: &[path], requires: None, scan: &[] };
        let name = app.name.value.as_str();
        if let Some(needs) = shell.needs(name, from)? {
            found.insert(name.to_owned(), needs);
        }
    }
    Ok(found)
}
