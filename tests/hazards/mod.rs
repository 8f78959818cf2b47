//! What the pages of the rules about engine hazards say is what the engine does: their examples run on a real server.

mod compiled;
mod example;
mod locks;
mod raw;
mod recipes;
mod sizes;
mod sqlite;
mod squawk;
mod stage;

use planner::dialect::Dialect;
use planner::rules;

use example::Example;

/// The rules that this is about.
fn of_engines() -> impl Iterator<Item = &'static rules::Rule> {
    rules::ALL.iter().copied().filter(|rule| rule.code.id.starts_with("EC4"))
}

#[test]
fn every_rule_on_the_engine_says_what_its_bad_example_does() {
    for rule in of_engines() {
        let bad = Example::all(&rule.page(), "sql bad");
        let bad: Vec<&Example> = bad.iter().filter(|of| of.dialect == Dialect::Postgres).collect();
        assert!(!bad.is_empty(), "{} has no bad example to run", rule.code.name);
        for example in bad {
            assert!(!example.proves.is_empty(), "{} proves nothing: {example:#?}", rule.code.name);
        }
        let good = Example::all(&rule.page(), "sql good");
        assert!(!good.is_empty(), "{} has no good example to run", rule.code.name);
    }
}

#[test]
fn bad_examples_do_the_harm_that_they_are_there_for_and_good_ones_do_not() {
    for rule in of_engines() {
        let page = rule.page();
        let all_bad = Example::all(&page, "sql bad");
        let bad: Vec<&Example> =
            all_bad.iter().filter(|of| of.dialect == Dialect::Postgres).collect();
        for example in &bad {
            let came_of_it = stage::run(example, &example.proves);
            for (claim, holds) in example.proves.iter().zip(&came_of_it.holds) {
                assert!(*holds, "{}: {claim:?} does not hold: {came_of_it:#?}", rule.code.name);
            }
        }
        let claims: Vec<_> = bad.iter().flat_map(|of| of.proves.iter().cloned()).collect();
        for example in Example::all(&page, "sql good") {
            if example.dialect != Dialect::Postgres {
                continue;
            }
            let came_of_it = stage::run(&example, &claims);
            for (claim, holds) in claims.iter().zip(&came_of_it.holds) {
                assert!(!*holds, "{}: {claim:?} holds: {came_of_it:#?}", rule.code.name);
            }
        }
    }
}
