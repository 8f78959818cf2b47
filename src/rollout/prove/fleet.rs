//! The releases of one app as they come and go within the policy: one after the other, old and new live together, taken back
//! or rolled back.

use std::collections::BTreeMap;

use super::model::{AppModel, Move};

/// Which releases of an app are live.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Live {
    /// Those live, in order.
    pub live: Vec<u16>,
    /// Those of them being rolled out, in order.
    pub starting: Vec<u16>,
    /// The newest that was ever past its rollout.
    pub newest: Option<u16>,
    /// Whether one was ever started.
    pub has_started: bool,
}

/// All that may be live of an app, and how one leads to the other.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// What may be live; the first is what is live now.
    pub states: Vec<Live>,
    /// From each of them what may happen, and what is live then.
    pub moves: Vec<Vec<(Move, usize)>>,
}

impl Fleet {
    /// Returns all that may be live of this app, the `at`-th of the model, if nothing forbids a start.
    #[must_use]
    pub fn of(at: usize, app: &AppModel) -> Self {
        let mut fleet = Self::default();
        let mut places = BTreeMap::new();
        let first = Live {
            live: app.live.iter().copied().collect(),
            starting: sorted(app.starting.clone()),
            newest: app
                .live
                .iter()
                .copied()
                .filter(|release| !app.starting.contains(release))
                .max(),
            has_started: app.has_started,
        };
        places.insert(first.clone(), 0);
        fleet.states.push(first);
        let mut next = 0;
        while let Some(live) = fleet.states.get(next).cloned() {
            let mut moves = Vec::new();
            for (what, then) in live.moves(at, app) {
                let to = *places.entry(then.clone()).or_insert_with(|| {
                    fleet.states.push(then);
                    fleet.states.len() - 1
                });
                moves.push((what, to));
            }
            fleet.moves.push(moves);
            next += 1;
        }
        fleet
    }
}

fn sorted(mut releases: Vec<u16>) -> Vec<u16> {
    releases.sort_unstable();
    releases
}

impl Live {
    /// Returns the release that comes next if all goes forward: the one after the newest that is live; where nothing is live, the
    /// first if nothing ever was, and else the last, which no phase that ran meanwhile can be against.
    #[must_use]
    pub fn forward(&self, app: &AppModel) -> Option<u16> {
        if !self.starting.is_empty() {
            return None;
        }
        let next = match (self.live.last(), self.has_started) {
            (Some(last), _) => last + 1,
            (None, true) => app.n_releases.checked_sub(1)?,
            (None, false) => 0,
        };
        (next < app.n_releases).then_some(next)
    }

    fn moves(&self, at: usize, app: &AppModel) -> Vec<(Move, Self)> {
        if self.starting.is_empty() {
            let mut moves: Vec<_> = self
                .startable(app)
                .into_iter()
                .map(|of| (Move::Start(at, of), self.started(of)))
                .collect();
            if self.live.len() > 1 {
                moves.extend(self.live.iter().map(|of| (Move::Retire(at, *of), self.without(*of))));
            }
            return moves;
        }
        let finishes =
            self.starting.iter().map(|of| (Move::Finish(at, *of), self.finished(*of, app)));
        let aborts = self.starting.iter().map(|of| (Move::Abort(at, *of), self.without(*of)));
        finishes.chain(aborts).collect()
    }

    fn startable(&self, app: &AppModel) -> Vec<u16> {
        if self.live.is_empty() {
            // Nothing is there yet: any release may be the first.
            return (0..app.n_releases).collect();
        }
        let forward = self.forward(app);
        let newest = self.newest.unwrap_or(0);
        let back = newest.saturating_sub(app.n_rollback)..=newest;
        let back = back
            .filter(|of| self.live.last().is_some_and(|last| of < last) && !self.live.contains(of));
        back.chain(forward).collect()
    }

    fn started(&self, release: u16) -> Self {
        let mut then = self.clone();
        then.live.push(release);
        then.live.sort_unstable();
        then.starting.push(release);
        then.has_started = true;
        then
    }

    /// The end of a rollout ends all others but those that began later.
    fn finished(&self, release: u16, app: &AppModel) -> Self {
        let began = |of: u16| app.starting.iter().position(|started| *started == of);
        let stays =
            |of: u16| of == release || self.starting.contains(&of) && began(of) > began(release);
        Self {
            live: self.live.iter().copied().filter(|of| stays(*of)).collect(),
            starting: self
                .starting
                .iter()
                .copied()
                .filter(|of| *of != release && stays(*of))
                .collect(),
            newest: self.newest.max(Some(release)),
            has_started: true,
        }
    }

    fn without(&self, release: u16) -> Self {
        let others = |of: &[u16]| of.iter().copied().filter(|of| *of != release).collect();
        Self { live: others(&self.live), starting: others(&self.starting), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(n_releases: u16, live: &[u16], starting: &[u16], n_rollback: u16) -> AppModel {
        AppModel {
            n_releases,
            live: live.iter().copied().collect(),
            starting: starting.to_vec(),
            has_started: true,
            n_rollback,
        }
    }

    /// What may happen where these releases are live, as text.
    fn moves(fleet: &Fleet, live: &[u16], newest: u16) -> Vec<String> {
        let is_it =
            |of: &Live| of.live == live && of.starting.is_empty() && of.newest == Some(newest);
        let at = fleet.states.iter().position(is_it).unwrap();
        fleet.moves[at]
            .iter()
            .map(|(of, to)| format!("{of:?} {:?}", fleet.states[*to].live))
            .collect()
    }

    #[test]
    fn releases_go_forward_one_by_one_and_both_are_live_until_the_end() {
        let fleet = Fleet::of(0, &app(3, &[0], &[], 1));
        assert_eq!(moves(&fleet, &[0], 0), ["Start(0, 1) [0, 1]"]);
        let rolling = fleet.moves[0][0].1;
        let next: Vec<Move> = fleet.moves[rolling].iter().map(|(of, _)| *of).collect();
        assert_eq!(next, [Move::Finish(0, 1), Move::Abort(0, 1)]);
    }

    #[test]
    fn no_release_older_than_the_policy_allows_comes_back() {
        let fleet = Fleet::of(0, &app(4, &[0], &[], 1));
        assert_eq!(moves(&fleet, &[2], 2), ["Start(0, 1) [1, 2]", "Start(0, 3) [2, 3]"]);
        // One that was rolled back to may not be left for one older still.
        assert_eq!(moves(&fleet, &[1], 2), ["Start(0, 2) [1, 2]"]);
        let fleet = Fleet::of(0, &app(4, &[0], &[], 0));
        assert_eq!(moves(&fleet, &[2], 2), ["Start(0, 3) [2, 3]"]);
    }

    #[test]
    fn of_several_that_are_live_any_may_be_retired() {
        let fleet = Fleet::of(0, &app(2, &[0, 1], &[], 1));
        assert_eq!(moves(&fleet, &[0, 1], 1), ["Retire(0, 0) [1]", "Retire(0, 1) [0]"]);
    }

    #[test]
    fn a_rollout_that_began_later_outlives_the_end_of_the_one_before() {
        let fleet = Fleet::of(0, &app(3, &[0, 1, 2], &[2, 1], 1));
        let ends = |of: Move| {
            let (_, to) = fleet.moves[0].iter().find(|(what, _)| *what == of).unwrap();
            (fleet.states[*to].live.clone(), fleet.states[*to].starting.clone())
        };
        assert_eq!(ends(Move::Finish(0, 2)), (vec![1, 2], vec![1]));
        assert_eq!(ends(Move::Finish(0, 1)), (vec![1], vec![]));
    }

    #[test]
    fn where_nothing_was_ever_started_any_release_may_be_the_first() {
        let nothing = AppModel { has_started: false, ..app(2, &[], &[], 1) };
        let fleet = Fleet::of(0, &nothing);
        let starts: Vec<Move> = fleet.moves[0].iter().map(|(of, _)| *of).collect();
        assert_eq!(starts, [Move::Start(0, 0), Move::Start(0, 1)]);
        assert!(!fleet.states[0].has_started);
    }
}
