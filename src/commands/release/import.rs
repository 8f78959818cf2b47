//! `planner release import`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use super::tagged::{Paths, Reader};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Label, Severity, Sink, code};
use crate::exit::{Exit, Failure};
use crate::formats::{Answer, FormatName, counted, format};
use crate::ledger::{Event, LedgerSnapshot, Registration};
use crate::release::first::{Contents, introduced, sort};
use crate::release::{Introduced, Requirements};
use crate::rollout::shipped_together::{First, ShippedTogether, shipped_together};
use crate::shell::Shell;
use crate::shell::situation::Loaded;

/// Register the releases that git tags name
///
/// Reads each tag's `schema.rs`, and notes for every plan and every hand-written migration the first release that contains it. A
/// release that is registered is not live: `planner deploy start` makes it so. Registering again changes nothing. Nothing is fetched.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The app
    #[arg(long)]
    app: String,
    /// The tags, e.g. `v*`
    #[arg(long, value_name = "PATTERN")]
    git: String,
    /// Its Diesel `schema.rs` in the repository, or a folder with it; may be given several times [default: as in `planner.yaml`]
    #[arg(long, value_name = "PATH")]
    path: Vec<Utf8PathBuf>,
    /// Its `requires.yaml` in the repository, read where a tag has it [default: as in `planner.yaml`]
    #[arg(long, value_name = "PATH")]
    requires_path: Option<Utf8PathBuf>,
    /// The folder of plans in the repository [default: as in `planner.yaml`]
    #[arg(long, value_name = "PATH")]
    plans_path: Option<Utf8PathBuf>,
    /// The folder of migrations in the repository [default: as in `planner.yaml`]
    #[arg(long, value_name = "PATH")]
    migrations_path: Option<Utf8PathBuf>,
    /// The app's repository, or a folder in it that the paths start from [default: the project]
    #[arg(long, value_name = "DIR")]
    repo: Option<Utf8PathBuf>,
    /// What stands before the version in a tag's name
    #[arg(long, value_name = "PREFIX", default_value = "v")]
    version_prefix: String,
    /// Only say what would be registered
    #[arg(long)]
    dry_run: bool,
}

/// What became of a tag.
#[derive(Debug)]
enum Outcome {
    Registered { registration: Registration, size: String },
    Known,
    Skipped(String),
}

/// A release that a tag names, and what it needs.
#[derive(Debug)]
struct Imported {
    tag: String,
    needs: Requirements,
}

/// What the tags have.
#[derive(Debug)]
struct Tags {
    contents: Vec<Contents>,
    imported: BTreeMap<String, Imported>,
    skipped: Vec<(String, String)>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let is_name = |text: &str| {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if !is_name(&args.app) {
        return Err(Failure::usage("the name of the app is empty or has white space in it").help("say `--app web`"));
    }
    let config = shell.read_config(&mut Sink::default())?;
    let tags = read(args, &config, shell)?;
    let naming = config.release_naming().get(&args.app).copied();
    let decide = |loaded: &mut Loaded| {
        let known = loaded.ledger.apps.get(&args.app);
        let introduced = introduced(known, &tags.contents, naming);
        let mut outcomes = Vec::new();
        let mut events = Vec::new();
        for (contents, introduced) in tags.contents.iter().zip(introduced) {
            let Some(imported) = tags.imported.get(&contents.version) else { continue };
            let outcome = outcome(&loaded.ledger, &args.app, &contents.version, &imported.needs, introduced);
            if let Outcome::Registered { registration, .. } = &outcome {
                loaded.ledger.know(&args.app, &contents.version, registration);
                let registration = Box::new(registration.clone());
                let (app, version) = (args.app.clone(), contents.version.clone());
                events.push(Event::Registered { app, version, registration });
            }
            outcomes.push((imported.tag.clone(), Some(contents.version.clone()), outcome));
        }
        let together = together(loaded);
        Ok((events, (outcomes, loaded.built.sources.clone(), together)))
    };
    let (mut outcomes, sources, together) = if args.dry_run {
        let mut loaded = shell.load()?;
        decide(&mut loaded)?.1
    } else {
        shell.record(decide)?.1
    };
    let skipped = tags.skipped.into_iter();
    outcomes.extend(skipped.map(|(tag, why)| (tag, None, Outcome::Skipped(why))));
    tell(args, shell, &outcomes, &together)?;
    if !together.is_empty() {
        let text = format(FormatName::Human).diagnostics(&sources, &together, shell.style);
        shell.say_findings(&text);
    }
    let fails = together.iter().any(|found| found.severity == Severity::Error);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// Returns the steps that remove what another plan of the same release prepares, as findings.
fn together(loaded: &Loaded) -> Vec<Diagnostic> {
    let severity = loaded.built.config.severities().get(code::SHIPPED_TOGETHER.name).copied();
    let mut sink = Sink::default();
    for found in shipped_together(&loaded.situation()) {
        let ShippedTogether { app, release, phase, step, object, preparing } = found;
        let message = match &release {
            First::In(release) => format!("`{object}` is prepared by plan `{preparing}` and removed here, both first in {app} {release}"),
            First::InTheNext => format!("`{object}` is prepared by plan `{preparing}` and removed here, and neither is in a release of {app} yet"),
        };
        let help = match &release {
            First::In(release) => format!("move the step to a new plan that comes in a release of {app} after {release}"),
            First::InTheNext => format!("release `{preparing}` before this plan"),
        };
        let mut finding = Diagnostic::new(code::SHIPPED_TOGETHER, message).plan(&phase.plan).step(&step).help(help);
        let plan = loaded.built.project.plan(&phase.plan);
        let step = plan.and_then(|plan| plan.steps.iter().find(|of| of.key.id == step));
        finding.labels.extend(step.map(|step| Label { span: step.operation.span, text: String::new() }));
        finding.severity = match (severity, release) {
            (Some(severity), _) => severity,
            (None, First::InTheNext) => Severity::Warning,
            (None, First::In(_)) => Severity::Error,
        };
        if finding.severity != Severity::Off {
            sink.report(finding);
        }
    }
    sink.into_sorted()
}

/// Reads every tag.
fn read(args: &Args, config: &Config, shell: &Shell) -> Result<Tags, Failure> {
    let folder = args.repo.as_ref().map_or_else(|| shell.root.clone(), |repo| shell.here.join(repo));
    let git = shell.git(&folder)?;
    let found = git.tags(&args.git)?;
    if found.is_empty() {
        return Err(Failure::usage(format!("no tag of `{folder}` matches `{}`", args.git))
            .help("check the pattern with `git tag --list`; a clone without tags gets them by `git fetch --tags`"));
    }
    let app = config.app(&args.app);
    let dialect = shell.dialect_for(config)?;
    let own_schema = || app.and_then(|app| app.schema.clone()).unwrap_or_else(|| config.schema.clone());
    let paths = Paths {
        schema: if args.path.is_empty() { vec![own_schema()] } else { args.path.clone() },
        requires: args.requires_path.clone().or_else(|| app.and_then(|app| app.requires.clone())),
        plans: args.plans_path.clone().unwrap_or_else(|| config.plans.clone()),
        migrations: match &args.migrations_path {
            Some(path) => path.clone(),
            None if config.dialects.len() > 1 => config.migrations.join(dialect.to_string()),
            None => config.migrations.clone(),
        },
    };
    let mut reader = Reader::new(shell, &git, &paths);
    let mut tags = Tags { contents: Vec::new(), imported: BTreeMap::new(), skipped: Vec::new() };
    let mut versions = BTreeSet::new();
    for tag in &found {
        let version = tag.name.strip_prefix(&args.version_prefix).unwrap_or(&tag.name).to_owned();
        if version.is_empty() || !versions.insert(version.clone()) {
            tags.skipped.push((tag.name.clone(), format!("another tag is release `{version}` too")));
            continue;
        }
        let Some(tagged) = reader.open(tag)? else {
            tags.skipped.push((tag.name.clone(), "it names no commit".to_owned()));
            continue;
        };
        match reader.needs(&tagged)? {
            Err(why) => tags.skipped.push((tag.name.clone(), why)),
            Ok(needs) => {
                let (plans, migrations) = (tagged.plans(), tagged.migrations());
                let (version, committed) = (version, tag.committed);
                tags.imported.insert(version.clone(), Imported { tag: tag.name.clone(), needs });
                tags.contents.push(Contents { version, committed, plans, migrations });
            }
        }
    }
    sort(&mut tags.contents, config.release_naming().get(&args.app).copied());
    Ok(tags)
}

/// Returns what is to be recorded of a release: what is not recorded yet.
fn outcome(
    ledger: &LedgerSnapshot,
    app: &str,
    version: &str,
    needs: &Requirements,
    introduced: Introduced,
) -> Outcome {
    let known = ledger.apps.get(app).and_then(|app| app.release(version));
    let has_needs = known.and_then(|known| known.needs.as_deref()) == Some(needs);
    let Introduced { mut plans, mut migrations } = introduced;
    if let Some(known) = known {
        if known.introduces.plans == plans {
            plans.clear();
        }
        if known.introduces.migrations == migrations {
            migrations.clear();
        }
    }
    if has_needs && plans.is_empty() && migrations.is_empty() {
        return Outcome::Known;
    }
    let size = needs.size();
    let needs = (!has_needs).then(|| Arc::new(needs.clone()));
    Outcome::Registered { registration: Registration { needs, plans, migrations }, size }
}

fn tell(
    args: &Args,
    shell: &Shell,
    outcomes: &[(String, Option<String>, Outcome)],
    together: &[Diagnostic],
) -> Result<(), Failure> {
    let mut human = String::new();
    let mut releases = Vec::new();
    let (mut n_registered, mut n_known, mut n_skipped) = (0, 0, 0);
    let done = if args.dry_run { "would be registered" } else { "registered" };
    for (tag, version, outcome) in outcomes {
        let name = version.as_ref().map_or_else(|| format!("tag `{tag}`"), |version| format!("{} {version}", args.app));
        let mut value = json!({"tag": tag, "release": version});
        let more: Value = match outcome {
            Outcome::Registered { registration, size } => {
                n_registered += 1;
                human += &format!("{name} {done}: {}\n", said(registration, size));
                json!({"outcome": "registered", "needs": size, "plans": names(&registration.plans),
                    "migrations": names(&registration.migrations)})
            }
            Outcome::Known => {
                n_known += 1;
                human += &format!("{name} is already known\n");
                json!({"outcome": "known"})
            }
            Outcome::Skipped(why) => {
                n_skipped += 1;
                shell.say(&format!("warning: {name} is skipped: {why}"));
                json!({"outcome": "skipped", "why": why})
            }
        };
        if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
            value.extend(more);
        }
        releases.push(value);
    }
    human += &format!("{} {done}, {n_known} already known, {n_skipped} skipped.\n", counted(n_registered, "release", "releases"));
    let together: Vec<Value> = together
        .iter()
        .map(|found| {
            json!({"code": found.code.id, "name": found.code.name, "severity": found.severity.word(),
                "message": found.message, "plan": found.plan.as_ref().map(ToString::to_string),
                "step": found.step.as_ref().map(ToString::to_string), "help": found.help})
        })
        .collect();
    shell.answer(&Answer {
        human,
        json: json!({"app": args.app, "dry_run": args.dry_run, "releases": releases, "diagnostics": together}),
    })
}

/// Returns what is recorded of a release, for people.
fn said(registration: &Registration, size: &str) -> String {
    let mut said = format!("needs {size}");
    for (what, names) in [("plan", names(&registration.plans)), ("migration", names(&registration.migrations))] {
        if !names.is_empty() {
            said += &format!("; first with {what}{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "));
        }
    }
    said
}

fn names<T: ToString>(of: &[T]) -> Vec<String> {
    of.iter().map(ToString::to_string).collect()
}
