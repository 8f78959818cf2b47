//! The answer for programs.

use serde_json::{Map, Value, json};

use super::{Column, Shown};
use crate::release::{Break, LiveState};
use crate::rollout::compat::{Moment, Served, Stage};

/// Returns the whole answer; releases that have no column are told too.
pub(super) fn json(shown: &Shown<'_>) -> Value {
    let releases = shown.columns.iter().enumerate();
    let releases: Vec<Value> = releases.map(|(at, column)| release(shown, at, column)).collect();
    let stages: Vec<Value> = shown.compat.stages.iter().map(|of| stage(shown, of)).collect();
    json!({"releases": releases, "stages": stages})
}

fn release(shown: &Shown<'_>, at: usize, column: &Column<'_>) -> Value {
    let release = column.of.release;
    let state = match release.state {
        LiveState::Registered => "registered",
        LiveState::Starting { .. } => "starting",
        LiveState::Live { .. } => "live",
        LiveState::Ended { .. } => "ended",
    };
    let (served, no_return) = match shown.compat.served(at) {
        Served::ToTheEnd => ("to_the_end", None),
        Served::Until(moment) => ("until", Some(moment)),
        Served::Never => ("never", None),
        Served::Unknown => ("unknown", None),
    };
    json!({"app": column.of.app.name, "release": release.version, "state": state,
        "live": release.is_live(), "previous": column.is_previous, "served": served,
        "no_return": no_return.map(|moment| moment.to_string())})
}

fn stage(shown: &Shown<'_>, stage: &Stage) -> Value {
    let cells = shown.columns.iter().enumerate().map(|(at, column)| {
        let breaks = stage.breaks(at).into_iter().flat_map(|breaks| breaks.iter());
        let breaks: Vec<Value> = breaks.map(|of| broken(column, of)).collect();
        json!({"app": column.of.app.name, "release": column.of.release.version,
            "verdict": stage.verdict(at).word(), "breaks": breaks})
    });
    let oldest_safe: Map<String, Value> = shown
        .by_app()
        .into_iter()
        .map(|(app, places)| {
            let oldest = stage.first_safe(places).and_then(|at| shown.columns.get(at));
            (app.to_owned(), json!(oldest.map(|column| column.of.release.version.as_str())))
        })
        .collect();
    let (word, phase) = match &stage.moment {
        Moment::Empty => ("empty", None),
        Moment::Now => ("now", None),
        Moment::After(phase) => ("after", Some(phase.to_string())),
    };
    json!({"stage": word, "phase": phase, "cells": cells.collect::<Vec<_>>(), "oldest_safe": oldest_safe})
}

fn broken(column: &Column<'_>, of: &Break) -> Value {
    let needs = column.of.release.needs.as_deref();
    let file = of.place.zip(needs).and_then(|(place, needs)| needs.files.get(place.file));
    json!({"broken": of.broken.word(), "object": of.object, "why": of.why,
        "file": file, "line": of.place.map(|place| place.line)})
}
