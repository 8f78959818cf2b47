//! The answer of `planner prove`, for people and programs.

use serde_json::{Value, json};

use crate::formats::counted;
use crate::rollout::prove::judge::Stage;
use crate::rollout::prove::model::Group;
use crate::rollout::prove::story::{Event, Of, Story, Wrong, story};
use crate::rollout::prove::waiting::{Waiting, waiting};
use crate::rollout::prove::{Counterexample, Proof, Verdict};

/// The answer in words.
pub(super) struct Told<'a> {
    stage: &'a Stage<'a>,
    proof: &'a Proof,
    waiting: Vec<Waiting>,
    story: Option<Story>,
    written: bool,
}

impl<'a> Told<'a> {
    pub(super) fn of(stage: &'a Stage<'a>, proof: &'a Proof, written: bool) -> Self {
        let found = match &proof.verdict {
            Verdict::Harm(found) | Verdict::DeadEnd(found) => Some(found),
            Verdict::Proven | Verdict::TooMany(_) => None,
        };
        let story = found.map(|found| story(stage, found));
        Self { stage, proof, waiting: waiting(stage, proof), story, written }
    }

    const fn answer(&self) -> &'static str {
        match self.proof.verdict {
            Verdict::Proven => "proven",
            Verdict::Harm(_) => "counterexample",
            Verdict::DeadEnd(_) => "dead_end",
            Verdict::TooMany(_) => "not_proven",
        }
    }

    fn plans_of(&self, group: &Group) -> Vec<&str> {
        let mut plans: Vec<&str> = group
            .phases
            .iter()
            .filter_map(|phase| self.stage.courses.get(*phase))
            .map(|course| course.key.plan.as_str())
            .collect();
        plans.dedup();
        plans
    }

    fn n_plans(&self) -> usize {
        let group = Group { phases: (0..self.stage.courses.len()).collect(), rest: false };
        self.plans_of(&group).len()
    }

    pub(super) fn human(&self) -> String {
        let mut text = match &self.proof.verdict {
            Verdict::Proven => format!(
                "Proven for {} in flight: no live release is ever broken, no backfill misses what a live release writes, and every phase can eventually run.\n",
                counted(self.n_plans(), "plan", "plans")
            ),
            Verdict::Harm(found) => self.counterexample("A live release comes to harm", found),
            Verdict::DeadEnd(found) => self.counterexample("A phase comes to a dead end", found),
            Verdict::TooMany(groups) => {
                let mut text = "Not proven: there is more to look at than the limit allows.\n".to_owned();
                for group in groups {
                    let plans = self.plans_of(group).join(", ");
                    text += &format!("  the group of {plans}\n");
                }
                text + "Nothing wrong was found. Look at more with `--max-states`, or let fewer plans touch the same objects at one time.\n"
            }
        };
        text += &self.players();
        if !self.waiting.is_empty() {
            text += "\nThese cannot run with the releases that are known; what comes after them is not looked at:\n";
            for Waiting { phase, waits } in &self.waiting {
                text += &format!("  {phase} waits for {}\n", waits.join(", and for "));
            }
        }
        text
    }

    fn counterexample(&self, what: &str, found: &Counterexample) -> String {
        let Some(Story { events, wrong, gates }) = &self.story else { return String::new() };
        let mut text = match events.len() {
            0 => format!("{what} as things are now:\n\n"),
            _ => format!("{what}, and planner permits every step to it:\n\n"),
        };
        for (at, event) in events.iter().enumerate() {
            text += &format!("{:>3}. {event}\n", at + 1);
        }
        if !events.is_empty() {
            text += "\nThen:\n";
        }
        for wrong in wrong {
            text += &format!("  - {wrong}\n");
        }
        if !gates.is_empty() {
            text += "\nThe gates on the way:\n";
            text += &gates.iter().map(|gate| format!("  - {gate}\n")).collect::<String>();
        }
        text += if found.is_shortest {
            "\nThere is no shorter way to it."
        } else {
            "\nThere may be a shorter way to it: some of it is too much to look at."
        };
        if self.written {
            text += " Only the gates as they are written were trusted.";
        }
        text.push('\n');
        if !found.others.is_empty() {
            text += "Something goes wrong too with: ";
            let others = found.others.iter().map(|group| self.plans_of(group).join(", "));
            text += &others.collect::<Vec<_>>().join("; ");
            text.push('\n');
        }
        text
    }

    /// Who played.
    fn players(&self) -> String {
        let mut text = "\n".to_owned();
        for players in self.stage.apps.iter().filter(|players| !players.releases.is_empty()) {
            let releases = players.releases.iter().map(|release| {
                let live = if release.is_live() { " (live)" } else { "" };
                let needs = if release.needs.is_none() { " (what it needs is not known: the gates are trusted)" } else { "" };
                format!("{}{live}{needs}", release.version)
            });
            let releases: Vec<String> = releases.collect();
            text += &format!("  `{}`: {}\n", players.app.name, releases.join(", "));
        }
        for (app, players) in self.stage.apps.iter().enumerate() {
            let granted = self.stage.taken_for_granted(app);
            if !granted.is_empty() {
                text += &format!(
                    "  taken to pass the gates whose answer is not known yet: `{}` {}\n",
                    players.app.name,
                    granted.join(", ")
                );
            }
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let apps = self.stage.apps.iter().enumerate().map(|(app, players)| {
            let releases = players.releases.iter().map(|release| {
                json!({"release": release.version, "live": release.is_live(), "needs_known": release.needs.is_some()})
            });
            json!({"app": players.app.name, "releases": releases.collect::<Vec<_>>(), "taken_for_granted": self.stage.taken_for_granted(app)})
        });
        let waiting = self.waiting.iter().map(|of| {
            json!({"plan": of.phase.plan.as_str(), "phase": of.phase.phase.word(), "waits_for": of.waits})
        });
        let groups = |groups: &[Group]| -> Vec<Value> {
            groups.iter().map(|group| json!(self.plans_of(group))).collect()
        };
        let (others, not_proven) = match &self.proof.verdict {
            Verdict::Harm(found) | Verdict::DeadEnd(found) => (groups(&found.others), Vec::new()),
            Verdict::TooMany(found) => (Vec::new(), groups(found)),
            Verdict::Proven => (Vec::new(), Vec::new()),
        };
        let story = self.story.as_ref();
        json!({
            "answer": self.answer(),
            "plans": self.n_plans(),
            "groups": self.proof.n_groups,
            "written_only": self.written,
            "apps": apps.collect::<Vec<_>>(),
            "story": story.map(|story| story.events.iter().map(event).collect::<Vec<_>>()),
            "wrong": story.map(|story| story.wrong.iter().map(wrong).collect::<Vec<_>>()),
            "gates": story.map(|story| &story.gates),
            "also_wrong": others,
            "not_proven": not_proven,
            "waiting": waiting.collect::<Vec<_>>(),
        })
    }
}

fn event(event: &Event) -> Value {
    let text = event.to_string();
    let release = |kind: &str, Of { app, release }: &Of| {
        json!({"kind": kind, "app": app, "release": release, "text": text})
    };
    match event {
        Event::Run { phase, begins, steps, completes } => {
            let steps: Vec<&str> = steps.iter().map(crate::name::Name::as_str).collect();
            json!({
                "kind": "run", "plan": phase.plan.as_str(), "phase": phase.phase.word(),
                "begins": begins, "steps": steps, "completes": completes, "text": text,
            })
        }
        Event::Start(of) => release("start", of),
        Event::Finish(of, ended) => {
            let mut told = release("finish", of);
            if let Value::Object(told) = &mut told {
                told.insert("ends".to_owned(), json!(ended));
            }
            told
        }
        Event::Abort(of) => release("abort", of),
        Event::Retire(of) => release("retire", of),
    }
}

fn wrong(wrong: &Wrong) -> Value {
    let text = wrong.to_string();
    match wrong {
        Wrong::Breaks { of, how } => {
            json!({"kind": "broken", "app": of.app, "release": of.release, "how": how, "text": text})
        }
        Wrong::Missed { of, plan, from, to, line } => json!({
            "kind": "missed", "app": of.app, "release": of.release, "plan": plan.as_str(),
            "from": from, "to": to, "place": line, "text": text,
        }),
        Wrong::Stuck { phase, why } => json!({
            "kind": "stuck", "plan": phase.plan.as_str(), "phase": phase.phase.word(),
            "why": why, "text": text,
        }),
    }
}
