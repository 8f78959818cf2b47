//! `planner compat`.

mod data;
mod page;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::formats::{Answer, FormatName};
use crate::release::{Release, in_order};
use crate::rollout::Situation;
use crate::rollout::compat::{Asked, Compat, compat};
use crate::shell::Shell;
use crate::shell::given::GivenRelease;

/// Show which releases the schema serves, now and after every phase still to do: stages × releases
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Show this release too, recorded or not, by its `schema.rs` and its `requires.yaml`, or a folder with them; may be given several times
    #[arg(long = "release", value_name = "APP@VERSION=PATH[,PATH]")]
    releases: Vec<GivenRelease>,
    /// Only the releases of this app; may be given several times
    #[arg(long = "app", value_name = "APP")]
    apps: Vec<String>,
    /// Of each app show so many releases that are not live, the newest; all of them are looked at
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    last: usize,
    /// From the empty database through all phases, whatever is done
    #[arg(long)]
    all: bool,
    /// Ask what if: facts in YAML or JSON that are laid over what is recorded
    #[arg(long, value_name = "FILE")]
    facts: Option<Utf8PathBuf>,
}

/// A release in the table.
struct Column<'a> {
    of: Asked<'a>,
    /// Whether it is a column of the table; the others are only looked at.
    is_shown: bool,
    /// Whether it is the one before the newest live one: the one to roll back to.
    is_previous: bool,
}

/// Everything to print.
struct Shown<'a> {
    columns: Vec<Column<'a>>,
    compat: Compat,
}

impl Shown<'_> {
    /// Returns the places of the columns to print.
    fn places(&self) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| column.is_shown).map(|(at, _)| at).collect()
    }

    /// Returns each app with the places of its releases, oldest first.
    fn by_app(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut apps = BTreeMap::<&str, Vec<usize>>::new();
        for (at, column) in self.columns.iter().enumerate() {
            apps.entry(column.of.app.name.as_str()).or_default().push(at);
        }
        apps
    }
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut loaded = shell.load()?;
    if let Some(file) = &args.facts {
        shell.overlay_facts(file, &mut loaded)?;
    }
    shell.take_given(&args.releases, &mut loaded)?;
    let situation = loaded.situation();
    let columns = columns(&situation, args)?;
    let asked: Vec<Asked<'_>> = columns.iter().map(|column| column.of).collect();
    let compat = compat(&situation, &asked, args.all);
    if let Some(doubt) = compat.doubts.first() {
        return Err(Failure::new(Exit::Drift, format!("the schema is not known: {doubt}"))
            .help("settle the drift that `planner status` shows"));
    }
    let shown = Shown { columns, compat };
    if shell.format == FormatName::Markdown {
        shell.data(&page::markdown(&shown))?;
    } else {
        let is_json = shell.format == FormatName::Json;
        let mut human = if is_json { String::new() } else { page::human(&shown) };
        if let Some(file) = &args.facts {
            human += &format!(
                "\nSo it would be if the facts of `{file}` held; nothing was recorded.\n"
            );
        }
        let json = if is_json { data::json(&shown) } else { Value::Null };
        shell.answer(&Answer { human, json })?;
    }
    Ok(Exit::Done)
}

/// Chooses the releases: those that are live, and those of which it is recorded what they need.
fn columns<'a>(situation: &Situation<'a>, args: &Args) -> Result<Vec<Column<'a>>, Failure> {
    if let Some(unknown) = args.apps.iter().find(|app| !situation.ledger.apps.contains_key(*app)) {
        return Err(Failure::usage(format!("nothing is known about an app `{unknown}`"))
            .help("`planner deploy list --all` lists the apps and their releases"));
    }
    let mut columns = Vec::new();
    for (name, app) in &situation.ledger.apps {
        if !args.apps.is_empty() && !args.apps.contains(name) {
            continue;
        }
        let releases = in_order(app, situation.facts.naming.get(name).copied());
        let newest_live = releases.iter().rposition(|release| release.is_live());
        let previous = newest_live.and_then(|at| releases.get(at.checked_sub(1)?)).copied();
        let known: Vec<&Release> = releases
            .into_iter()
            .filter(|release| release.needs.is_some() || release.is_live())
            .collect();
        let is_given =
            |release: &Release| args.releases.iter().any(|given| given.is(name, &release.version));
        let optional = |release: &&&Release| !release.is_live() && !is_given(release);
        let n_optional = known.iter().filter(optional).count();
        let mut n_hidden = n_optional.saturating_sub(args.last);
        for release in known {
            let is_hidden = optional(&&release) && n_hidden > 0;
            n_hidden -= usize::from(is_hidden);
            let is_previous = previous.is_some_and(|of| of.version == release.version);
            let of = Asked { app, release };
            columns.push(Column { of, is_shown: !is_hidden, is_previous });
        }
    }
    if columns.iter().all(|column| column.of.release.needs.is_none()) {
        return Err(Failure::new(Exit::Blocked, "it is not recorded of any release what it needs")
            .help("record it with `planner deploy start --app APP --version VERSION --schema SCHEMA.RS`, or name releases here: `--release APP@VERSION=SCHEMA.RS`"));
    }
    Ok(columns)
}
