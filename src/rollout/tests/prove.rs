//! What the explorer permits is what `next_phase` and `may_start` permit, on random walks.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::needs::{CREATE, SPLIT, needs, world};
use super::*;
use crate::release::{LiveState, Requirements};
use crate::rollout::deploy::{DeployAnswer, may_start};
use crate::rollout::gates::gates;
use crate::rollout::prove::cast::{Cast, Given};
use crate::rollout::prove::judge::Stage;
use crate::rollout::prove::model::Group;
use crate::rollout::prove::{Beside, Judgement, Rules as _, groups};

/// A column that the releases write themselves in two places for a while.
const MOVE: &str = "after: [create]
expand:
  - add_column: { table: users, column: nick, type: text }
  - deprecate_column: { table: users, column: age }
backfill:
  - update: { table: users, set: { nick: \"'-'\" }, where: nick IS NULL }
contract:
  - set_not_null: { table: users, column: nick }
  - create_index: { table: users, columns: [nick], unique: true }
  - drop_column: { table: users, column: age }
";

/// Two plans that follow each other on one column, of which the second also takes a unique key away.
const BIO: &str = "after: [create]
expand:
  - add_column: { table: users, column: bio, type: text, nullable: false, default: \"''\" }
  - create_index: { table: users, columns: [bio], name: bio_one }
";
const REST: &str = "after: [create, bio]
expand:
  - deprecate_column: { table: users, column: bio, default: \"''\" }
contract:
  - drop_column: { table: users, column: bio }
gates: { contract: { releases: { web: \">=1.1.0\", worker: { any: why } } } }
";

const GATES: [&str; 6] = [
    "{}",
    "contract: { releases: { web: \">=2.0.0\", worker: { any: why } } }",
    "contract: { releases: { none: why } }",
    "backfill: { releases: { web: \">=2.0.0\", worker: { marks: both } } }",
    "backfill: { releases: { web: \">=1.0.0\", worker: { any: why } } }\ncontract: { releases: { web: \">=2.0.0\", worker: { marks: both } } }",
    "contract: { releases: { web: \">=2.0.0\" } }",
];

const COLUMNS: [&[&str]; 8] = [
    &["name: Text", "bio: Text"],
    &["name: Text"],
    &["name: Text", "given: Nullable<Text>"],
    &["given: Text"],
    &["given: Text", "nick: Text"],
    &["name: Text", "nick: Nullable<Text>", "age: Nullable<Integer>"],
    &["nick: Text", "name: Text"],
    &["name: Text", "age: Nullable<Integer>"],
];

/// What is drawn for a walk.
#[derive(Clone, Debug)]
struct Walk {
    gates: [usize; 2],
    /// By app and release its columns; none if what it needs is not known.
    needs: [[Option<usize>; 3]; 2],
    known_apps: bool,
    events: Vec<(u8, usize, usize)>,
}

fn any_walk() -> impl Strategy<Value = Walk> {
    let gate = || 0..GATES.len();
    let release = || prop::option::weighted(0.85, 0..COLUMNS.len());
    let app = move || prop::array::uniform3(release());
    let events = prop::collection::vec((0_u8..10, 0_usize..8, 0_usize..3), 4..26);
    ((gate(), gate()), (app(), app()), any::<bool>(), events).prop_map(
        |((a, b), (web, worker), known_apps, events)| Walk {
            gates: [a, b],
            needs: [web, worker],
            known_apps,
            events,
        },
    )
}

const APPS: [&str; 2] = ["web", "worker"];
const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "2.0.0"];

/// What a release declares when it starts: one that comes back, what it declared before.
fn marks(version: &str) -> &'static [&'static str] {
    if version == VERSIONS[0] { &[] } else { &["both"] }
}

fn build(walk: &Walk) -> World {
    let create = CREATE.replace(
        "        - { name: name",
        "        - { name: age, type: integer }\n        - { name: name",
    );
    let mut world = world(&[
        ("create", &create),
        ("move", MOVE),
        ("split", SPLIT),
        ("bio", BIO),
        ("rest", REST),
    ]);
    world = world.gate("split", GATES[walk.gates[0]]).gate("move", GATES[walk.gates[1]]);
    if walk.known_apps {
        world.facts.apps = APPS.map(str::to_owned).to_vec();
    }
    for (app, releases) in APPS.iter().zip(walk.needs) {
        for (version, columns) in VERSIONS.iter().zip(releases) {
            let needs: Option<Requirements> = columns.map(|at| needs(COLUMNS[at]));
            match needs {
                Some(needs) => world.register(app, version, needs),
                None => world.record(Event::Registered {
                    app: (*app).to_owned(),
                    version: (*version).to_owned(),
                    registration: Box::default(),
                }),
            };
        }
        // What a release declares is known from its start on; a proof takes what is not for granted.
        world.start_with(app, "1.0.0", &["old"]).finish(app, "1.0.0");
    }
    world
}

/// The walk: the world as it goes on, and the stage as it was set up at first.
struct Walker<'s> {
    stage: &'s Stage<'s>,
    now: World,
    at: Vec<u16>,
}

impl Walker<'_> {
    /// Goes on with a phase whose turn it is, whether its gates are open or not.
    fn go_on(&mut self, pick: usize) {
        let ready: Vec<usize> = (0..self.at.len()).filter(|phase| self.is_next(*phase)).collect();
        let Some(phase) = ready.get(pick % ready.len().max(1)).copied() else { return };
        let course = &self.stage.courses[phase];
        if course.opens && self.at[phase] == 0 {
            self.now.open(&course.key.to_string());
        }
        for (step, change) in course.next(self.at[phase]) {
            let of = step.changes.iter().position(|own| std::ptr::eq(own, *change)).unwrap();
            for migration in step.migrations.iter().filter(|own| own.part.change == of) {
                let event = StepEvent {
                    version: migration.version.clone(),
                    ..self.now.event_of(&step.key)
                };
                self.now.facts.applied.insert(event.version.clone());
                self.now.record(Event::Finished(event));
            }
        }
        self.at[phase] += 1;
    }

    fn is_next(&self, phase: usize) -> bool {
        let of = &self.stage.model.phases[phase];
        let is_over = |of: &usize| self.at[*of] == self.stage.model.phases[*of].end;
        !is_over(&phase) && of.before.iter().all(is_over)
    }

    fn roll(&mut self, kind: u8, app: &str, version: &str) {
        let release = self.now.ledger.apps[app].release(version).unwrap();
        let (live, starting) = (release.is_live(), release.is_starting());
        match kind {
            6 | 7 if !live => self.now.start_with(app, version, marks(version)),
            8 if live => self.now.finish(app, version),
            9 if starting => self.now.abort(app, version),
            _ => &mut self.now,
        };
    }

    /// The world as if all that ended had ended long ago: what it left behind is nothing that the explorer knows of.
    fn forgetful(&self) -> LedgerSnapshot {
        let mut ledger = self.now.ledger.clone();
        let releases = ledger.apps.values_mut().flat_map(|app| &mut app.releases);
        for release in releases.filter(|of| matches!(of.state, LiveState::Ended { .. })) {
            release.state = LiveState::Ended { at: Timestamp::MIN };
        }
        ledger
    }

    /// Compares what the stage permits with what the world does; returns how often both forbade something.
    fn compare(&self) -> Result<usize, TestCaseError> {
        let phases: Vec<usize> = (0..self.at.len()).collect();
        let group = Group { phases: phases.iter().copied().collect(), rest: true };
        let judged = self.stage.judge(&group, &phases, &self.at);
        let live = self.live();
        let of =
            |(app, release): (usize, u16)| -> &Judgement { &judged[app][usize::from(release)] };
        let beside = |one, holds: &dyn Fn(&crate::rollout::prove::Beside) -> bool| {
            live.iter().any(|other| of(one).beside.get(other).is_some_and(holds))
        };
        self.compare_apart(&judged)?;
        // The explorer stops where something is wrong; what is permitted then is no matter.
        if live.iter().any(|one| of(*one).harmed || beside(*one, &|of| of.harmed)) {
            return Ok(0);
        }
        let ledger = self.forgetful();
        let situation = Situation { ledger: &ledger, ..self.now.situation() };
        let mut n_forbidden = 0;
        for phase in
            phases.iter().copied().filter(|phase| self.at[*phase] == 0 && self.is_next(*phase))
        {
            let own = live.iter().all(|one| of(*one).may_begin[phase]);
            let pairs = live.iter().any(|one| beside(*one, &|of| of.no_begin.contains(&phase)));
            let may = own && !pairs && !self.stage.model.phases[phase].shut;
            let key = &self.stage.courses[phase].key;
            let state = gates(&situation, key);
            let shut: Vec<&Because> = state
                .shut
                .iter()
                .filter(|of| !matches!(of, Because::Soak { .. } | Because::Approval { .. }))
                .collect();
            prop_assert_eq!(may, shut.is_empty(), "{}: {:?}", key, shut);
            n_forbidden += usize::from(!may);
        }
        for (app, name) in APPS.iter().enumerate() {
            for (release, version) in VERSIONS.iter().enumerate() {
                let one = (app, u16::try_from(release).unwrap());
                if live.contains(&one) {
                    continue;
                }
                let may = of(one).may_start && !beside(one, &|of| of.no_start);
                let marks: Vec<String> = marks(version).iter().map(|of| (*of).to_owned()).collect();
                let answer = may_start(&situation, name, version, &marks);
                prop_assert_eq!(
                    may,
                    answer == DeployAnswer::Allowed,
                    "{} {}: {:?}, beside {:?}, at {:?}",
                    name,
                    version,
                    answer,
                    live,
                    self.at
                );
                n_forbidden += usize::from(!may);
            }
        }
        Ok(n_forbidden)
    }

    /// Compares what is judged of all phases with what is judged of each group apart: harmed and forbidden is what is so in some
    /// group, alone or beside another release.
    fn compare_apart(&self, all: &[Vec<Judgement>]) -> Result<(), TestCaseError> {
        let model = &self.stage.model;
        let apart: Vec<Vec<Vec<Judgement>>> = groups(model)
            .iter()
            .map(|group| {
                let before = model.before(&group.phases);
                let phases: Vec<usize> = group.phases.iter().copied().chain(before).collect();
                let at: Vec<u16> = phases.iter().map(|phase| self.at[*phase]).collect();
                self.stage.judge(group, &phases, &at)
            })
            .collect();
        for (app, releases) in all.iter().enumerate() {
            for (release, of) in releases.iter().enumerate() {
                let apart = || apart.iter().map(|group| &group[app][release]);
                let why = format!("{} {} at {:?}", APPS[app], VERSIONS[release], self.at);
                prop_assert_eq!(of.harmed, apart().any(|of| of.harmed), "{}", why);
                prop_assert_eq!(of.may_start, apart().all(|of| of.may_start), "{}", why);
                let others =
                    |of: &Judgement, holds: fn(&Beside) -> bool| -> BTreeSet<(usize, u16)> {
                        let beside = of.beside.iter().filter(|(_, beside)| holds(beside));
                        beside.map(|(other, _)| *other).collect()
                    };
                // What harms alone is not told again beside others.
                for holds in [(|of| of.harmed) as fn(&Beside) -> bool, |of| of.no_start] {
                    let together = others(of, holds);
                    let apart: BTreeSet<_> = apart().flat_map(|of| others(of, holds)).collect();
                    prop_assert_eq!(together, apart, "{}", why);
                }
            }
        }
        Ok(())
    }

    fn live(&self) -> Vec<(usize, u16)> {
        let mut live = Vec::new();
        for (app, name) in APPS.iter().enumerate() {
            for (release, version) in VERSIONS.iter().enumerate() {
                if self.now.ledger.apps[*name].release(version).unwrap().is_live() {
                    live.push((app, u16::try_from(release).unwrap()));
                }
            }
        }
        live
    }
}

fn walk(walk: &Walk) -> Result<usize, TestCaseError> {
    let first = build(walk);
    let given = Given { n_rollback: 9, ..Given::default() };
    let cast = Cast::of(&first.situation(), &given);
    let stage = Stage::of(&first.situation(), &cast, &given);
    let at = stage.model.phases.iter().map(|phase| phase.start).collect();
    let mut walker = Walker { stage: &stage, now: build(walk), at };
    // Each plan by itself, and what none has to do with: the last plan that changes a column waits for all others that do.
    prop_assert_eq!(groups(&stage.model).len(), 6);
    let mut n_forbidden = walker.compare()?;
    for (kind, one, other) in &walk.events {
        match kind {
            0..6 => walker.go_on(*one),
            _ => walker.roll(*kind, APPS[*one % 2], VERSIONS[*other]),
        }
        n_forbidden += walker.compare()?;
    }
    prop_assert!(stage.doubts().is_empty(), "{:?}", stage.doubts());
    Ok(n_forbidden)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_explorer_permits_what_the_decision_permits(of in any_walk()) {
        walk(&of)?;
    }
}

#[test]
fn the_walks_come_to_what_is_forbidden() {
    use proptest::strategy::ValueTree as _;
    let mut runner = TestRunner::deterministic();
    let n = (0..10).map(|_| walk(&any_walk().new_tree(&mut runner).unwrap().current()).unwrap());
    assert!(n.sum::<usize>() > 50);
}
