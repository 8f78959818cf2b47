//! Revisions of workloads into releases of apps.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, PlatformName, Problem, ReleaseFrom, Revision, Standing};

/// What is asked of a platform's JSON.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The app that the input is about; else every workload whose name is a known app is that app.
    pub app: Option<&'a str>,
    /// The workload that is the app, where it is called otherwise.
    pub workload: Option<&'a str>,
    /// The container that is the app, where a workload has several.
    pub container: Option<&'a str>,
    /// Where the name of a release stands.
    pub release_from: &'a ReleaseFrom,
    /// Apps that are known, with the releases that are recorded of each.
    pub known: &'a BTreeMap<String, BTreeSet<String>>,
    /// Whether revisions that need a rollout to serve again are looked at too.
    pub history: bool,
}

/// A release of an app, as a platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The app.
    pub app: String,
    /// The release.
    pub release: String,
    /// What the platform can do with it.
    pub standing: Standing,
    /// Its share of what the app serves, in percent; `None` where it serves nothing.
    pub percent: Option<u64>,
    /// What says so: revisions, ReplicaSets, task sets.
    pub sources: Vec<String>,
}

/// A workload that was left alone.
pub type PassedOver = String;

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The apps that the input is about, also those of which nothing runs.
    pub apps: BTreeSet<String>,
    /// Their releases by app, oldest first.
    pub seen: Vec<Seen>,
    /// What cannot be seen in the input: sentences without their period.
    pub notes: Vec<String>,
    /// Workloads that are no app that is known.
    pub passed_over: Vec<PassedOver>,
}

pub(super) fn combine(
    found: Found,
    platform: PlatformName,
    asked: &Asked<'_>,
) -> Result<Sight, Vec<Problem>> {
    let Found { revisions, problems, notes, empty } = found;
    // What cannot be read at all makes everything else doubtful.
    let of_all: Vec<Problem> =
        problems.iter().filter(|of| of.workload.is_none()).cloned().collect();
    if !of_all.is_empty() {
        return Err(of_all);
    }
    let in_problems = problems.iter().filter_map(|of| of.workload.as_ref());
    let workloads: BTreeSet<&String> =
        revisions.iter().map(|of| &of.workload).chain(&empty).chain(in_problems).collect();
    let apps = apps_of(&workloads, platform, asked)?;
    let mut wrong: Vec<Problem> = problems
        .iter()
        .filter(|of| of.workload.as_ref().is_some_and(|name| apps.contains_key(name)))
        .cloned()
        .collect();
    let mut releases: BTreeMap<(&str, String), Merged> = BTreeMap::new();
    for revision in &revisions {
        let Some(app) = apps.get(&revision.workload) else { continue };
        if revision.standing == Standing::History && !asked.history {
            continue;
        }
        let named =
            revision.template.release(asked.release_from, asked.container, &revision.workload);
        match named {
            Ok(release) => {
                let release = as_recorded(release, asked.known.get(*app));
                releases.entry((app, release)).or_default().add(revision);
            }
            Err((message, help)) => {
                let message = format!("{} of `{}`: {message}", revision.what, revision.workload);
                let workload = Some(revision.workload.clone());
                let problem = Problem { workload, message, help };
                if !wrong.contains(&problem) {
                    wrong.push(problem);
                }
            }
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let is_app = |workload: &String| apps.contains_key(workload);
    let passed_over = workloads.iter().filter(|name| !is_app(name)).map(|name| (*name).clone());
    let notes = notes.into_iter().filter(|(workload, _)| is_app(workload)).map(|(_, note)| note);
    Ok(Sight {
        apps: apps.values().map(|app| (*app).to_owned()).collect(),
        seen: seen(releases),
        notes: notes.collect(),
        passed_over: passed_over.collect(),
    })
}

/// Returns a release's name as it is recorded: a `v` before a version number is left out, unless it was recorded with it.
fn as_recorded(release: String, recorded: Option<&BTreeSet<String>>) -> String {
    match release.strip_prefix('v') {
        Some(number)
            if number.starts_with(|c: char| c.is_ascii_digit())
                && !recorded.is_some_and(|of| of.contains(&release)) =>
        {
            number.to_owned()
        }
        Some(_) | None => release,
    }
}

/// A release while its revisions are put together.
struct Merged {
    standing: Standing,
    weight: u64,
    order: i64,
    sources: Vec<String>,
}

impl Default for Merged {
    fn default() -> Self {
        Self { standing: Standing::History, weight: 0, order: i64::MAX, sources: Vec::new() }
    }
}

impl Merged {
    fn add(&mut self, revision: &Revision) {
        self.standing = self.standing.max(revision.standing);
        self.weight = self.weight.saturating_add(revision.weight);
        self.order = self.order.min(revision.order);
        if !self.sources.contains(&revision.what) {
            self.sources.push(revision.what.clone());
        }
    }
}

fn seen(releases: BTreeMap<(&str, String), Merged>) -> Vec<Seen> {
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    for ((app, _), merged) in &releases {
        let total = totals.entry(app).or_default();
        *total = total.saturating_add(merged.weight);
    }
    let mut all: Vec<((&str, i64, String), Merged)> = releases
        .into_iter()
        .map(|((app, release), merged)| ((app, merged.order, release), merged))
        .collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter()
        .map(|((app, _, release), merged)| {
            let total = u128::from(totals.get(app).copied().unwrap_or_default());
            // A share that rounds to nothing is still a share.
            let percent = (u128::from(merged.weight) * 100)
                .checked_div(total)
                .filter(|_| merged.weight > 0)
                .map(|percent| u64::try_from(percent).unwrap_or(100).max(1));
            Seen {
                app: app.to_owned(),
                release,
                standing: merged.standing,
                percent,
                sources: merged.sources,
            }
        })
        .collect()
}

/// Says which workload is which app.
fn apps_of<'a>(
    workloads: &BTreeSet<&String>,
    platform: PlatformName,
    asked: &Asked<'a>,
) -> Result<BTreeMap<String, &'a str>, Vec<Problem>> {
    let names: Vec<String> = workloads.iter().map(|name| format!("`{name}`")).collect();
    let names = names.join(", ");
    let problem = |message: String, help: &str| {
        Err(vec![Problem { workload: None, message, help: help.to_owned() }])
    };
    if workloads.is_empty() {
        let help = format!("hand over what this prints: {}", platform.commands());
        return problem("there is no workload in the input".to_owned(), &help);
    }
    let one = |name: &String, app: &'a str| Ok([(name.clone(), app)].into());
    let called = |wanted: &str| workloads.iter().find(|name| name.as_str() == wanted).copied();
    let mut each = workloads.iter().copied();
    match (asked.app, asked.workload) {
        (Some(app), Some(workload)) => match called(workload) {
            Some(name) => one(name, app),
            None => problem(
                format!("there is no workload `{workload}` in the input"),
                &format!("its workloads: {names}"),
            ),
        },
        (None, Some(workload)) => {
            problem(format!("which app `{workload}` is, is not said"), "say it with `--app NAME`")
        }
        (Some(app), None) => match (called(app), each.next(), each.next()) {
            (Some(name), _, _) | (None, Some(name), None) => one(name, app),
            (None, _, _) => problem(
                format!("several workloads may be `{app}`: {names}"),
                "say which one with `--workload NAME`",
            ),
        },
        (None, None) => {
            let known = workloads.iter().filter_map(|name| {
                let (app, _) = asked.known.get_key_value(*name)?;
                Some(((*name).clone(), app.as_str()))
            });
            let known: BTreeMap<String, &str> = known.collect();
            if known.is_empty() {
                return problem(
                    format!("none of the workloads is an app that is known: {names}"),
                    "say which app it is with `--app NAME`, or name the app under `apps` in `planner.yaml`",
                );
            }
            Ok(known)
        }
    }
}
