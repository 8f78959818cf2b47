//! A counterexample as a story, and the end of it.

use super::cast::Players;
use super::independent::Counterexample;
use super::judge::Stage;
use super::model::{Group, Move};
use crate::name::Name;
use crate::phase::PhaseKey;
use crate::plan::gate::{ReleaseCondition, ReleaseGate};
use crate::release::{Release, breaks, together};
use crate::rollout::crowd::Crowd;
use crate::rollout::gates::written;
use crate::rollout::release_gate::condition_of;

/// One thing that happens in a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `planner run` does steps of a phase.
    Run {
        /// The phase.
        phase: PhaseKey,
        /// Whether it begins.
        begins: bool,
        /// What is done, in order.
        steps: Vec<Name>,
        /// Whether the phase is complete then.
        completes: bool,
    },
    /// A rollout starts.
    Start(Of),
    /// It ends well, and the others of the app end.
    Finish(Of, Vec<String>),
    /// It is taken back.
    Abort(Of),
    /// A live release ends.
    Retire(Of),
}

/// A release of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Of {
    /// The app.
    pub app: String,
    /// The release.
    pub release: String,
}

/// What is wrong at the end of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A live release breaks.
    Breaks {
        /// The release.
        of: Of,
        /// How, in one sentence.
        how: String,
    },
    /// A backfill misses what a live release writes.
    Missed {
        /// The release.
        of: Of,
        /// The plan whose backfill it is.
        plan: Name,
        /// The old place.
        from: String,
        /// The new place.
        to: String,
        /// Where the release says that it writes the old place.
        line: Option<String>,
    },
    /// A phase can never run any more.
    Stuck {
        /// The phase.
        phase: PhaseKey,
        /// Why, as far as gates go.
        why: Vec<String>,
    },
}

/// How it comes to what must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// What happens, in order.
    pub events: Vec<Event>,
    /// What is wrong then.
    pub wrong: Vec<Wrong>,
    /// What the gates that let it happen say.
    pub gates: Vec<String>,
}

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.app, self.release)
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run { phase, begins, steps, completes } => {
                let steps: Vec<&str> = steps.iter().map(Name::as_str).collect();
                match (steps.is_empty(), begins) {
                    (true, _) => write!(f, "`planner run` begins {phase}"),
                    (false, true) => write!(f, "`planner run` does {phase}: {}", steps.join(", ")),
                    (false, false) => {
                        write!(f, "`planner run` goes on with {phase}: {}", steps.join(", "))
                    }
                }?;
                f.write_str(if *completes { "; the phase is complete" } else { "" })
            }
            Self::Start(of) => write!(f, "the rollout of {of} starts"),
            Self::Finish(of, ended) if ended.is_empty() => {
                write!(f, "the rollout of {of} is finished")
            }
            Self::Finish(of, ended) => {
                write!(f, "the rollout of {of} is finished, which ends {}", ended.join(", "))
            }
            Self::Abort(of) => write!(f, "the rollout of {of} is aborted"),
            Self::Retire(of) => write!(f, "{of} is retired"),
        }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Breaks { of, how } => write!(f, "{of} is live and broken: {how}"),
            Self::Missed { of, plan, from, to, line } => {
                let line = line.as_ref().map_or_else(String::new, |line| format!(" ({line})"));
                write!(
                    f,
                    "{of} is live and writes `{from}`{line} without `{to}`, and nothing carries it over: the backfill of `{plan}` misses such rows"
                )
            }
            Self::Stuck { phase, why } if why.is_empty() => {
                write!(f, "{phase} can never run any more")
            }
            Self::Stuck { phase, why } => {
                write!(f, "{phase} can never run any more: {}", why.join("; "))
            }
        }
    }
}

/// What is live of each app, and where all phases stand, while a story is told.
struct Teller<'s> {
    stage: &'s Stage<'s>,
    at: Vec<u16>,
    live: Vec<Vec<u16>>,
    starting: Vec<Vec<u16>>,
}

/// Tells a counterexample.
#[must_use]
pub fn story(stage: &Stage<'_>, found: &Counterexample) -> Story {
    let model = &stage.model;
    let mut teller = Teller {
        stage,
        at: model.phases.iter().map(|phase| phase.start).collect(),
        live: model.apps.iter().map(|app| app.live.iter().copied().collect()).collect(),
        starting: model.apps.iter().map(|app| app.starting.clone()).collect(),
    };
    let mut events: Vec<Event> = Vec::new();
    for what in &found.moves {
        let event = teller.event(*what);
        match (events.last_mut(), event) {
            (
                Some(Event::Run { phase: last, steps, completes, .. }),
                Some(Event::Run { phase, begins: false, steps: more, completes: done }),
            ) if *last == phase => {
                steps.extend(more);
                steps.dedup();
                *completes = done;
            }
            (_, Some(event)) => events.push(event),
            (_, None) => {}
        }
    }
    let wrong =
        if found.stuck.is_empty() { teller.harms(&found.group) } else { teller.stuck(found) };
    let gates = teller.gates(&found.group, &wrong);
    Story { events, wrong, gates }
}

impl Teller<'_> {
    fn of(&self, app: usize, release: u16) -> Of {
        let players = self.stage.apps.get(app);
        let of = players.and_then(|players| players.releases.get(usize::from(release)));
        Of {
            app: players.map(|players| players.app.name.clone()).unwrap_or_default(),
            release: of.map(|of| of.version.clone()).unwrap_or_default(),
        }
    }

    fn event(&mut self, what: Move) -> Option<Event> {
        match what {
            Move::Phase(phase) => {
                let course = self.stage.courses.get(phase)?;
                let at = self.at.get_mut(phase)?;
                let begins = *at == 0;
                let mut steps: Vec<Name> =
                    course.next(*at).iter().map(|(step, _)| step.key.id.clone()).collect();
                steps.dedup();
                *at += 1;
                let completes = *at >= course.end();
                Some(Event::Run { phase: course.key.clone(), begins, steps, completes })
            }
            Move::Start(app, release) => {
                self.live.get_mut(app)?.push(release);
                self.starting.get_mut(app)?.push(release);
                Some(Event::Start(self.of(app, release)))
            }
            Move::Finish(app, release) => {
                // Those whose rollout began later stay.
                let starting = self.starting.get_mut(app)?;
                let began = starting.iter().position(|of| *of == release)?;
                let later = starting.split_off(began + 1);
                let live = self.live.get_mut(app)?;
                let (stay, ended): (Vec<u16>, Vec<u16>) =
                    live.iter().partition(|of| **of == release || later.contains(of));
                *live = stay;
                *self.starting.get_mut(app)? = later;
                let ended = ended.into_iter().map(|of| self.of(app, of).release).collect();
                Some(Event::Finish(self.of(app, release), ended))
            }
            Move::Abort(app, release) => {
                self.end(app, release);
                Some(Event::Abort(self.of(app, release)))
            }
            Move::Retire(app, release) => {
                self.end(app, release);
                Some(Event::Retire(self.of(app, release)))
            }
        }
    }

    fn end(&mut self, app: usize, release: u16) {
        for list in [self.live.get_mut(app), self.starting.get_mut(app)].into_iter().flatten() {
            list.retain(|of| *of != release);
        }
    }

    fn live(&self) -> impl Iterator<Item = (usize, u16, &Players<'_>, &Release)> {
        self.live.iter().enumerate().flat_map(move |(app, live)| {
            live.iter().filter_map(move |release| {
                let players = self.stage.apps.get(app)?;
                Some((app, *release, players, *players.releases.get(usize::from(*release))?))
            })
        })
    }

    /// What is wrong now, as far as the group goes.
    fn harms(&self, group: &Group) -> Vec<Wrong> {
        let phases: Vec<usize> = (0..self.at.len()).collect();
        let before = self.stage.model.before(&group.phases);
        let with: Vec<usize> = group.phases.iter().copied().chain(before).collect();
        let schema = self.stage.schema(&phases, &self.at);
        let crowd = self.live().map(|(_, _, players, release)| (players.app, release)).collect();
        let crowd = Crowd::of(&self.stage.situation, crowd);
        let moving = self.stage.moving(group, &phases, &self.at);
        let mut wrong = Vec::new();
        for (app, release, players, of) in self.live() {
            if let Some(needs) = of.needs.as_deref() {
                let rows = schema.rows(needs, &crowd);
                let found = breaks(schema.schema(&rows), needs);
                let found = found.iter().filter(|of| self.stage.concerns(group, &with, of));
                let sentences = together(found, Some(needs)).into_iter();
                wrong.extend(sentences.map(|how| Wrong::Breaks { of: self.of(app, release), how }));
            }
            for removal in &moving {
                let release_at = usize::from(release);
                let (catalog, written) = (schema.catalog(), &self.stage.written);
                let missed = removal.missed(catalog, written, &self.stage.apps, app, release_at);
                wrong.extend(missed.map(|missed| Wrong::Missed {
                    of: Of { app: players.app.name.clone(), release: of.version.clone() },
                    plan: removal.plan.clone(),
                    from: missed.from,
                    to: missed.to,
                    line: missed.line,
                }));
            }
        }
        wrong
    }

    /// What the gates of phases that have begun say of the releases that come to harm.
    fn gates(&self, group: &Group, wrong: &[Wrong]) -> Vec<String> {
        let mut told = Vec::new();
        let begun = group.phases.iter().filter(|phase| self.at.get(**phase) > Some(&0));
        for course in begun.filter_map(|phase| self.stage.courses.get(*phase)) {
            let gate = written(&self.stage.situation, &course.key);
            let Some(gate) = gate.and_then(|gates| gates.releases.as_ref()) else { continue };
            let (plan, phase) = (&course.key.plan, course.key.phase);
            for wrong in wrong {
                let of = match wrong {
                    Wrong::Breaks { of, .. } | Wrong::Missed { of, .. } => of,
                    Wrong::Stuck { .. } => continue,
                };
                let says = match &gate.value {
                    ReleaseGate::NoneAffected(reason) => format!("`none: \"{}\"`", reason.value),
                    ReleaseGate::Apps(conditions) => match condition_of(conditions, &of.app) {
                        Some(ReleaseCondition::Any(reason)) => {
                            format!("`{}: {{ any: \"{reason}\" }}`", of.app)
                        }
                        Some(condition) => format!("`{}: {condition}`", of.app),
                        None => format!("nothing of `{}`", of.app),
                    },
                };
                told.push(format!("`gates.{phase}.releases` of plan `{plan}` says {says}"));
            }
        }
        told.sort();
        told.dedup();
        told
    }

    /// Which phases can never run any more, and what their gates ask for.
    fn stuck(&self, found: &Counterexample) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for phase in &found.stuck {
            let Some(course) = self.stage.courses.get(*phase) else { continue };
            let before = self.stage.model.phases.get(*phase).map(|of| &of.before);
            let waits = before.into_iter().flatten().filter(|of| found.stuck.contains(of));
            let waits: Vec<String> = waits
                .filter_map(|of| self.stage.courses.get(*of))
                .map(|of| format!("it waits for {}", of.key))
                .collect();
            let why = if waits.is_empty() { self.lets_in(*phase, &course.key) } else { waits };
            wrong.push(Wrong::Stuck { phase: course.key.clone(), why });
        }
        wrong
    }

    /// Which releases of each app a phase's gates let in, where those are not all.
    fn lets_in(&self, phase: usize, key: &PhaseKey) -> Vec<String> {
        let mut told = Vec::new();
        for (app, players) in self.stage.apps.iter().enumerate() {
            let passes = |release: &usize| self.stage.written.may_begin(key, app, *release);
            let (in_, out): (Vec<usize>, Vec<usize>) =
                (0..players.releases.len()).partition(|release| passes(release));
            if out.is_empty() {
                continue;
            }
            let names = |of: &mut dyn Iterator<Item = usize>| {
                let names = of.filter_map(|at| players.releases.get(at));
                names.map(|of| of.version.as_str()).collect::<Vec<_>>().join(", ")
            };
            let live = self.live.get(app).into_iter().flatten().map(|of| usize::from(*of));
            told.push(format!(
                "its gates let in `{}` {}, and live is {}",
                players.app.name,
                names(&mut in_.into_iter()),
                names(&mut live.into_iter())
            ));
        }

        if told.is_empty() && self.at.get(phase) == Some(&0) {
            told.push("what it does would break a release that stays live".to_owned());
        }
        told
    }
}
