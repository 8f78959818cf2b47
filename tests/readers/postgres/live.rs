//! Scripts run on a real server statement by statement: after each the live catalog is the one that reading predicts.

use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::catalog::diff::diff;
use planner::change::apply::apply;
use planner::database::introspect::postgres;
use planner::dialect::Dialect;
use planner::expressions::same_expression;
use planner::readers::{Meaning, Statement, parse};

use crate::support::ScratchPostgres;

/// Runs a script; a statement after the comment `-- fails` must be refused by the server.
fn walk(name: &str, script: &str) {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    let parsed = parse(Dialect::Postgres, script);
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let mut wrong = Vec::new();
    for (at, place) in parsed.statements.iter().enumerate() {
        let sql = &script[place.clone()];
        let statement = parsed.read(at, script, &catalog).unwrap();
        let number_of_line = script[..place.start].lines().count() + 1;
        let told = |problem: String| format!("{name}:{number_of_line}: {problem}\n  {sql}");
        if let Err(error) = connection.batch_execute(sql) {
            wrong.push(told(format!("the server says {error}")));
            continue;
        }
        for problem in applied(&statement, &mut catalog) {
            wrong.push(told(problem));
        }
        let live = postgres::read(&mut connection).unwrap();
        let same = |one: &_, other: &_| same_expression(Dialect::Postgres, one, other);
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
    tables_are_read_as_the_server_makes_them: "tables",
    altered_tables_are_read_as_the_server_alters_them: "alter",
    what_constraints_say_is_read_as_the_server_keeps_it: "terms",
    partitions_are_read_as_the_server_has_them: "partitions",
    tables_of_queries_and_of_other_kinds_are_read_as_the_server_makes_them: "queries",
    the_rest_is_read_as_the_server_does_it: "rest",
    blocks_are_read_as_the_server_runs_them: "blocks",
    made_up_names_are_those_that_the_server_makes_up: "names",
    what_goes_along_with_a_column_or_a_function_is_read_as_the_server_drops_it: "along",
}
