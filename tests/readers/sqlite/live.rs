//! Scripts run on a real file statement by statement: after each the live catalog is the one that reading predicts.

use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::catalog::diff::diff;
use planner::change::apply::apply;
use planner::database::introspect::sqlite;
use planner::dialect::Dialect;
use planner::expressions::same_expression;
use planner::readers::{Meaning, Statement, parse};

use crate::support::ScratchSqlite;

/// Runs a script. Where a rebuild begins its end is predicted, so the catalogs are compared once it is through.
fn walk(name: &str, script: &str) {
    let database = ScratchSqlite::new();
    let mut connection = database.connect();
    let parsed = parse(Dialect::Sqlite, script);
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let mut wrong = Vec::new();
    let mut through = 0;
    for (at, place) in parsed.statements.iter().enumerate() {
        let sql = &script[place.clone()];
        let statement = parsed.read(at, script, &catalog).unwrap();
        let number_of_line = script[..place.start].lines().count() + 1;
        let told = |problem: String| format!("{name}:{number_of_line}: {problem}\n  {sql}");
        if let Err(error) = connection.batch_execute(sql) {
            wrong.push(told(format!("the engine says {error}")));
            continue;
        }
        for problem in applied(&statement, &mut catalog) {
            wrong.push(told(problem));
        }
        through = through.max(place.end).max(statement.place.end);
        if through > place.end {
            continue;
        }
        let live = sqlite::read(&mut connection).unwrap();
        let same = |one: &_, other: &_| same_expression(Dialect::Sqlite, one, other);
        let differences = diff(&catalog, &live, &same);
        if !differences.is_empty() {
            wrong.push(told(format!("{differences:#?}")));
            catalog = Catalog { others: catalog.others.clone(), ..live };
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

fn applied(statement: &Statement, catalog: &mut Catalog) -> Vec<String> {
    let mut problems = Vec::new();
    for part in &statement.parts {
        match &part.meaning {
            Meaning::Change(change) => {
                if let Err(error) = apply(change, catalog) {
                    problems.push(format!("{error}: {change:?}"));
                }
            }
            Meaning::Opaque { why } => problems.push(format!("opaque: {why}")),
            Meaning::Unreadable { message, .. } => problems.push(format!("unreadable: {message}")),
        }
    }
    problems
}

macro_rules! scripts {
    ($($test:ident: $file:literal,)*) => {$(
        #[test]
        fn $test() {
            walk($file, &super::script($file));
        }
    )*};
}

scripts! {
    tables_are_read_as_the_engine_makes_them: "tables",
    what_constraints_say_is_read_as_the_engine_keeps_it: "terms",
    rebuilds_are_read_as_what_they_amount_to: "rebuilds",
    the_rest_is_read_as_the_engine_does_it: "rest",
}
