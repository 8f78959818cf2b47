//! What the pages of the rules about live releases and their data say is what the server does: the bad examples break what they
//! say, the good ones do not.
//!
//! The rules on locks have `tests/hazards`. Here a block says in lines before its first file (`-- ` in SQL, `# ` in plans) what is there
//! and what it does to whom:
//!
//! - `given: SQL` runs before what is judged: all but the first migration, or the last plan.
//! - `then: SQL` runs after it, before its contract phase.
//! - `proves: CLAIM` is one of [`Claim`].
//!
//! All claims of the bad examples of a page are asked of each good one too, and none may hold there.

mod block;
mod stage;
mod trap;

use std::collections::BTreeSet;

use planner::rules;

use block::Block;

/// Rules of the 2xx, 3xx and 7xx that say nothing of what a server does, and what they are about instead.
const NOT_OF_THE_SERVER: &[(&str, &str)] = &[
    ("contract-without-expand", "the good one takes away the same, once no live release needs it"),
    ("contract-without-gate", "the good one does the same, once no live release needs it"),
    ("unordered-conflict", "either order may be right; nobody said which"),
    ("uncopied-column", "the good one loses the same, and somebody said that it may"),
    ("stale-waiver", "a waiver"),
    ("misplaced-operation", "how plans are written"),
    ("gate-without-phase", "how plans are written"),
    ("backfill-without-key", "it cannot be cut into batches, so nothing of it runs"),
    ("backfill-at-once", "the harm is that of `whole-table-write`, whose page proves it"),
    ("rows-left-behind", "found by `run` on the live database: `tests/run`"),
    ("edited-hand-written-migration", "a file that is not what other databases have run"),
    ("opaque-migration", "what planner cannot read"),
    ("squawk-remark", "house style"),
];

/// Whether a rule is about releases, their data, or what people wrote by hand.
fn is_of_them(id: &str) -> bool {
    ["EC2", "EC3", "EC7"].iter().any(|start| id.starts_with(start))
}

#[test]
fn bad_examples_break_what_they_say_and_good_ones_do_not() {
    let mut wrong = Vec::new();
    for rule in rules::ALL.iter().filter(|rule| is_of_them(rule.code.id)) {
        let page = rule.page();
        let bad = Block::all(&page, "bad");
        let claims: Vec<_> = bad.iter().flat_map(|block| block.proves.clone()).collect();
        for block in &bad {
            let came = stage::run(block, &block.proves);
            for (claim, holds) in block.proves.iter().zip(came.holds) {
                if !holds {
                    let said = &came.said;
                    wrong.push(format!(
                        "{}: bad: {claim:?} does not hold: {said:?}",
                        rule.code.name
                    ));
                }
            }
        }
        for block in Block::all(&page, "good") {
            let came = stage::run(&block, &claims);
            for (claim, holds) in claims.iter().zip(came.holds) {
                if holds {
                    let said = &came.said;
                    wrong.push(format!("{}: good: {claim:?} holds: {said:?}", rule.code.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_about_releases_and_data_proves_something_or_is_not_about_the_server() {
    let mut wrong = Vec::new();
    let mut excused: BTreeSet<&str> = NOT_OF_THE_SERVER.iter().map(|(name, _)| *name).collect();
    for rule in rules::ALL.iter().filter(|rule| is_of_them(rule.code.id)) {
        let proves = Block::all(&rule.page(), "bad").iter().any(|block| !block.proves.is_empty());
        if proves == excused.remove(rule.code.name) {
            wrong.push(rule.code.name);
        }
    }
    assert!(wrong.is_empty(), "say what these prove, or why nothing: {wrong:?}");
    assert!(excused.is_empty(), "there are no such rules: {excused:?}");
}
