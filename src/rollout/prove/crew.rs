//! The releases of one app, as far as some phases tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Fleet, Live};
use super::model::{Judgement, Model};

/// The releases of one app, as far as a component tells them apart.
#[derive(Clone, Debug)]
pub struct Crew {
    /// The app.
    pub app: usize,
    /// By release its class: releases of one class are judged alike in every state, alone and beside any other.
    pub class_of: Vec<usize>,
    /// Whether anything holds for one of its releases only beside another.
    pub has_pairs: bool,
    /// By class and state what holds for its releases.
    judged: Vec<Vec<Judgement>>,
    /// By place of a phase whether it asks that a release of this app was started.
    asked: Vec<bool>,
}

/// Of whom, by app and release, it is said in which state that something holds beside a release.
type Mentions = BTreeSet<(usize, usize, usize)>;

/// Returns the apps that some phases have to do with, from what holds for each release in each state.
#[must_use]
pub fn crews(model: &Model, phases: &[usize], judged: Vec<Vec<Vec<Judgement>>>) -> Vec<Crew> {
    let mut mentions = BTreeMap::<(usize, u16), Mentions>::new();
    for (app, of_app) in judged.iter().enumerate() {
        for (release, of_release) in of_app.iter().enumerate() {
            for (state, judged) in of_release.iter().enumerate() {
                for other in judged.beside.keys() {
                    mentions.entry(*other).or_default().insert((app, release, state));
                }
            }
        }
    }
    let mut crews = Vec::new();
    for (app, of_app) in judged.into_iter().enumerate() {
        let mentioned: Vec<_> = (0..of_app.len())
            .map(|release| {
                let release = u16::try_from(release).unwrap_or(u16::MAX);
                mentions.remove(&(app, release)).unwrap_or_default()
            })
            .collect();
        crews.extend(Crew::of(model, app, phases, of_app, mentioned));
    }
    crews
}

impl Crew {
    /// Tells an app's releases apart; `None` if the phases have nothing to do with the app.
    fn of(
        model: &Model,
        app: usize,
        phases: &[usize],
        judged: Vec<Vec<Judgement>>,
        mentioned: Vec<Mentions>,
    ) -> Option<Self> {
        let asks = |phase: &usize| {
            model.phases.get(*phase).is_some_and(|phase| phase.asks_of.contains(&app))
        };
        let asked: Vec<bool> = phases.iter().map(asks).collect();
        let has_started = model.apps.get(app).is_some_and(|app| app.has_started);
        let is_trivial = |of: &Judgement| {
            let Judgement { harmed, may_start, may_begin, beside } = of;
            !harmed && *may_start && may_begin.iter().all(|may| *may) && beside.is_empty()
        };
        if judged.iter().flatten().all(is_trivial)
            && mentioned.iter().all(BTreeSet::is_empty)
            && (has_started || !asked.contains(&true))
        {
            return None;
        }
        let has_pairs = judged.iter().flatten().any(|of| !of.beside.is_empty());
        let mut classes = BTreeMap::new();
        let (mut class_of, mut by_class) = (Vec::new(), Vec::new());
        for key in judged.into_iter().zip(mentioned) {
            let n = classes.len();
            let judged = key.0.clone();
            let class = *classes.entry(key).or_insert(n);
            class_of.push(class);
            if class == n {
                by_class.push(judged);
            }
        }
        Some(Self { app, class_of, has_pairs, judged: by_class, asked })
    }

    /// Returns what holds for a release in a state.
    #[must_use]
    pub fn judgement(&self, state: usize, release: u16) -> Option<&Judgement> {
        let class = self.class_of.get(usize::from(release))?;
        self.judged.get(*class)?.get(state)
    }

    /// Returns whether a live release is harmed whatever else is live.
    #[must_use]
    pub fn is_harmed(&self, state: usize, live: &Live) -> bool {
        live.live.iter().any(|of| self.judgement(state, *of).is_some_and(|of| of.harmed))
    }

    /// Returns whether a phase, by its place, may begin as far as each of these releases goes alone.
    #[must_use]
    pub fn may_begin(&self, state: usize, phase: usize, live: &Live) -> bool {
        let asked = self.asked.get(phase).copied().unwrap_or(false);
        let allows = |of: &u16| {
            let judged = self.judgement(state, *of);
            judged.and_then(|of| of.may_begin.get(phase).copied()).unwrap_or(true)
        };
        (live.has_started || !asked) && live.live.iter().all(allows)
    }

    /// Returns whether there is anything that may be live with which a phase may begin. Where a release may come, that none is
    /// live is no answer. `states` are those in which the phase has not begun.
    pub fn may_ever_begin(
        &self,
        mut states: impl Iterator<Item = usize>,
        phase: usize,
        fleet: &Fleet,
    ) -> bool {
        let is_empty = fleet.states.iter().all(|live| live.live.is_empty());
        let lives = || fleet.states.iter().filter(|live| is_empty || !live.live.is_empty());
        states.any(|state| lives().any(|live| self.may_begin(state, phase, live)))
    }
}
