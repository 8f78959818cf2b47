//! The answer for people: the table, the reasons, and until when there is a way back.

use std::sync::Arc;

use super::{Column, Shown};
use crate::formats::counted;
use crate::formats::table::Table;
use crate::release::{Break, together};
use crate::rollout::compat::{Moment, Served};

/// The answer for the terminal.
pub(super) fn human(shown: &Shown<'_>) -> String {
    let mut parts = vec![table(shown).plain(), notes(shown).concat()];
    let back = back(shown);
    if !back.is_empty() {
        let lines: Vec<String> = back.into_iter().map(|line| format!("  {line}\n")).collect();
        parts.push(format!("No way back:\n{}", lines.concat()));
    }
    for (release, reasons) in reasons(shown) {
        let mut text = format!("{release}\n");
        for (when, sentences) in reasons {
            text += &format!("  {when}\n");
            text += &sentences.iter().map(|line| format!("    {line}\n")).collect::<String>();
        }
        parts.push(text);
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// The answer as a page of Markdown.
pub(super) fn markdown(shown: &Shown<'_>) -> String {
    let mut text = table(shown).markdown();
    for note in notes(shown) {
        text += &format!("\n{note}");
    }
    let back = back(shown);
    if !back.is_empty() {
        text += "\n## No way back\n\n";
        text += &back.iter().map(|line| format!("- {line}\n")).collect::<String>();
    }
    for (release, reasons) in reasons(shown) {
        text += &format!("\n## {release}\n");
        for (when, sentences) in reasons {
            text += &format!("\n{when}:\n\n");
            text += &sentences.iter().map(|line| format!("- {line}\n")).collect::<String>();
        }
    }
    text
}

fn table(shown: &Shown<'_>) -> Table {
    let places = shown.places();
    let apps: Vec<(&str, Vec<usize>)> =
        shown.by_app().into_iter().filter(|(_, places)| places.len() > 1).collect();
    let mut head = vec!["stage".to_owned()];
    head.extend(places.iter().filter_map(|at| shown.columns.get(*at)).map(head_of));
    head.extend(apps.iter().map(|(app, _)| format!("oldest safe {app}")));
    let rows = shown.compat.stages.iter().map(|stage| {
        let mut row = vec![stage.moment.to_string()];
        row.extend(places.iter().map(|at| stage.verdict(*at).words().to_owned()));
        row.extend(apps.iter().map(|(_, places)| {
            let oldest = stage.first_safe(places.iter().copied());
            let oldest = oldest.and_then(|at| shown.columns.get(at));
            oldest.map_or_else(|| "none".to_owned(), |column| column.of.release.version.clone())
        }));
        row
    });
    Table { head, rows: rows.collect() }
}

fn head_of(column: &Column<'_>) -> String {
    let release = column.of.release;
    let mark = if release.is_starting() {
        " *"
    } else if release.is_live() {
        " (live)"
    } else {
        ""
    };
    format!("{}{mark}", name(column))
}

fn name(column: &Column<'_>) -> String {
    format!("{} {}", column.of.app.name, column.of.release.version)
}

/// What must be said of the table itself.
fn notes(shown: &Shown<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if shown.columns.iter().any(|column| column.is_shown && column.of.release.is_starting()) {
        notes.push("* is being rolled out.\n".to_owned());
    }
    let n_hidden = shown.columns.iter().filter(|column| !column.is_shown).count();
    if n_hidden > 0 {
        notes.push(format!(
            "{} no column: `--last NUMBER` shows more.\n",
            counted(n_hidden, "older release has", "older releases have")
        ));
    }
    for column in shown.columns.iter().filter(|column| column.of.release.needs.is_none()) {
        let (app, version) = (&column.of.app.name, &column.of.release.version);
        notes.push(format!(
            "What {app} {version} needs is not recorded: `planner deploy start --app {app} --version {version} --schema SCHEMA.RS` records it.\n"
        ));
    }
    if shown.compat.stages.iter().all(|stage| stage.moment == Moment::Now) {
        notes.push("No phase is still to do.\n".to_owned());
    }
    notes
}

/// Returns until when the releases are served to which somebody may want to go back: those that are live and the one before,
/// and all where nothing is live.
fn back(shown: &Shown<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (_, places) in shown.by_app() {
        let columns: Vec<(usize, &Column<'_>)> =
            places.iter().filter_map(|at| Some((*at, shown.columns.get(*at)?))).collect();
        let nothing_is_live = !columns.iter().any(|(_, column)| column.of.release.is_live());
        for (at, column) in columns {
            let matters = column.of.release.is_live()
                || column.is_previous
                || nothing_is_live && column.is_shown;
            match shown.compat.served(at) {
                Served::Until(moment) if matters => {
                    lines.push(format!("to {} from `{moment}` on", head_of(column)));
                }
                Served::Until(_) | Served::ToTheEnd | Served::Never | Served::Unknown => {}
            }
        }
    }
    lines
}

/// What breaks a release, by when it does: first stage to last.
type Reasons = Vec<(String, Vec<String>)>;

/// Returns what breaks each release in the table.
fn reasons(shown: &Shown<'_>) -> Vec<(String, Reasons)> {
    let columns = shown.places().into_iter();
    let columns = columns.filter_map(|at| Some((at, shown.columns.get(at)?)));
    columns
        .map(|(at, column)| (name(column), reasons_of(shown, at, column)))
        .filter(|(_, reasons)| !reasons.is_empty())
        .collect()
}

fn reasons_of(shown: &Shown<'_>, at: usize, column: &Column<'_>) -> Reasons {
    let stages = &shown.compat.stages;
    let mut spans: Vec<((usize, usize), Vec<&Break>)> = Vec::new();
    for (from, stage) in stages.iter().enumerate() {
        let before = from.checked_sub(1).and_then(|before| stages.get(before)?.breaks(at));
        let Some(breaks) = stage.breaks(at) else { continue };
        if before.is_some_and(|before| Arc::ptr_eq(before, breaks)) {
            continue;
        }
        let has = |breaks: &Arc<Vec<Break>>, broken| breaks.binary_search(broken).is_ok();
        for broken in breaks.iter() {
            if before.is_some_and(|before| has(before, broken)) {
                continue;
            }
            let later = stages.iter().skip(from + 1);
            let n_more = later
                .take_while(|stage| stage.breaks(at).is_some_and(|breaks| has(breaks, broken)))
                .count();
            let span = (from, from + n_more);
            match spans.iter_mut().find(|(of, _)| *of == span) {
                Some((_, breaks)) => breaks.push(broken),
                None => spans.push((span, vec![broken])),
            }
        }
    }
    spans.sort_by_key(|(span, _)| *span);
    let told = |(from, to)| when(shown, from, to);
    let needs = column.of.release.needs.as_deref();
    spans.into_iter().map(|(span, breaks)| (told(span), together(breaks, needs))).collect()
}

fn when(shown: &Shown<'_>, from: usize, to: usize) -> String {
    let stages = &shown.compat.stages;
    let moment = |at: usize| stages.get(at).map(|stage| stage.moment.to_string());
    let (first, last) = (moment(from).unwrap_or_default(), moment(to).unwrap_or_default());
    let is_last = to + 1 == stages.len();
    match (from, is_last) {
        (0, true) => "at every stage".to_owned(),
        (_, true) => format!("from `{first}` on"),
        (0, false) if to == 0 => first,
        (_, false) if from == to => format!("at `{first}`"),
        (0, false) => format!("from {first} to `{last}`"),
        (_, false) => format!("from `{first}` to `{last}`"),
    }
}
