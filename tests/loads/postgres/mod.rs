//! PostgreSQL: every one of Diesel's types against every type of column.

mod columns;
mod probes;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use planner::catalog::{Catalog, EnumType, SqlType};
use planner::dialect::Dialect;
use planner::dialects::normalize_type;
use planner::release::loads::{loads, stores};

use super::{Tried, declared, judge, settle};
use crate::support::ScratchPostgres;
use columns::{COLUMNS, bytes_of};
use probes::{Probe, plain, probes};

#[test]
fn what_the_table_says_of_postgresql_is_what_diesel_and_the_server_do() {
    let scratch = ScratchPostgres::new();
    let mut connection = scratch.connect();
    let prepare = "SET synchronous_commit = off; SET lc_monetary = 'C'; CREATE EXTENSION citext; \
                   CREATE TYPE mood AS ENUM ('sad', 'glad')";
    connection.batch_execute(prepare).unwrap();
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let values = vec!["sad".to_owned(), "glad".to_owned()];
    catalog.enums.insert("mood".into(), EnumType { values });
    let probes = probes();
    let mut wrong = Vec::new();
    for (column, values) in COLUMNS {
        create(&mut connection, column, values);
        let sql_type = normalize_type(Dialect::Postgres, column);
        let compares = compares(&mut connection, &sql_type);
        for probe in &probes {
            let pair = format!("{} from {column}", probe.declared);
            let verdict = loads(&catalog, &declared(probe.declared), &sql_type);
            let tried = read(&mut connection, probe, column, values);
            judge(&pair, &verdict, &tried, &mut wrong);

            let pair = format!("{} into {column}", probe.declared);
            let verdict = stores(&catalog, &declared(probe.declared), &sql_type);
            let mut tried = (probe.write)(&mut connection, compares);
            if (probe.declared, *column) == ("Text", "\"char\"") {
                // How long a text may be is not judged, and here only the first has one letter.
                tried.truncate(1);
            }
            judge(&pair, &verdict, &tried, &mut wrong);
        }
    }
    settle(&wrong);
}

/// Makes a table with the values to read, and one to write to.
fn create(connection: &mut PgConnection, column: &str, values: &[&str]) {
    let rows: Vec<String> =
        values.iter().enumerate().map(|(id, value)| format!("({id}, {value})")).collect();
    let tables = format!(
        "DROP TABLE IF EXISTS tried, written; CREATE TEMP TABLE tried (id integer, v {column}); \
         INSERT INTO tried VALUES {}; CREATE TEMP TABLE written (v {column})",
        rows.join(", ")
    );
    connection.batch_execute(&tables).unwrap_or_else(|error| panic!("{column}: {error}"));
}

/// Whether the column compares with what Diesel declares for it: `varchar[]` does not with `text[]`.
fn compares(connection: &mut PgConnection, sql_type: &SqlType) -> bool {
    let itself = connection.batch_execute("SELECT count(*) FROM written WHERE v = v");
    itself.is_ok() && sql_type.0 != "character varying(5)[]"
}

/// Reads each value of the column and compares what arrives with what is there.
fn read(connection: &mut PgConnection, probe: &Probe, column: &str, values: &[&str]) -> Vec<Tried> {
    let there = match (probe.declared, column) {
        ("Binary", _) => bytes_of(column),
        ("Oid", "regclass") => "v::oid",
        _ => "v",
    };
    let one = |(id, value): (usize, &&str)| {
        let id = i32::try_from(id).unwrap();
        let row = format!("(SELECT format('%s', {there}) FROM tried WHERE id = {id})");
        let there: String = diesel::select(diesel::dsl::sql::<Text>(&row))
            .get_result(connection)
            .unwrap_or_else(|error| panic!("{column}, {value}: {error}"));
        let arrived = (probe.read)(connection, id)?;
        let same = plain(&arrived) == plain(&there);
        if same { Ok(()) } else { Err(format!("`{there}` arrived as `{arrived}`")) }
    };
    values.iter().enumerate().map(one).collect()
}
