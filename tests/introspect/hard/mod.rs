//! Schemas that nobody should have, printed as the real `diesel print-schema` prints them: from the live database, and from the SQL
//! that made it.

mod domains;
mod postgres;
mod sqlite;

use diesel::connection::SimpleConnection as _;
use planner::catalog::Catalog;
use planner::change::apply::apply;
use planner::compile::schema_rs::schema_rs;
use planner::database::introspect;
use planner::dialect::Dialect;
use planner::dialects::whole;
use planner::readers::{Meaning, parse};

use crate::support::{ScratchPostgres, ScratchSqlite, diesel as stock};

/// The catalog that these statements make, as the readers tell it.
#[track_caller]
fn read(dialect: Dialect, sql: &str) -> Catalog {
    let parsed = parse(dialect, sql);
    let mut catalog = Catalog::empty(dialect);
    for at in 0..parsed.statements.len() {
        for part in parsed.read(at, sql, &catalog.clone()).unwrap().parts {
            let Meaning::Change(change) = part.meaning else { panic!("{:?}", part.meaning) };
            apply(&change, &mut catalog).unwrap_or_else(|error| panic!("{error} in {change:?}"));
        }
    }
    catalog
}

/// Runs SQL in an empty database, and compares what planner and Diesel print of it by each `diesel.toml`.
#[track_caller]
fn is_diesels_own(dialect: Dialect, sql: &str, texts: &[&str]) {
    compare(dialect, sql, texts, &[LIVE, READ, BASELINE]);
}

/// Where a catalog comes from.
const LIVE: &str = "live";
const READ: &str = "read";
const BASELINE: &str = "baseline";

#[track_caller]
fn compare(dialect: Dialect, sql: &str, texts: &[&str], from: &[&str]) {
    let (url, live, _postgres, _sqlite) = match dialect {
        Dialect::Postgres => {
            let database = ScratchPostgres::new();
            let mut connection = database.connect();
            connection.batch_execute(sql).unwrap();
            let live = introspect::postgres::read(&mut connection).unwrap();
            (database.url.clone(), live, Some(database), None)
        }
        Dialect::Sqlite => {
            let database = ScratchSqlite::new();
            let mut connection = database.connect();
            connection.batch_execute(sql).unwrap();
            let live = introspect::sqlite::read(&mut connection).unwrap();
            (database.path.clone(), live, None, Some(database))
        }
    };
    let catalog = |from: &&str| match *from {
        READ => read(dialect, sql),
        BASELINE => read(dialect, &whole(&live, false).statements.join(";\n")),
        _ => live.clone(),
    };
    let catalogs: Vec<(&str, Catalog)> = from.iter().map(|of| (*of, catalog(of))).collect();
    for text in texts {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("diesel.toml"), text).unwrap();
        let theirs = stock::print_schema(&url, folder.path());
        for (from, catalog) in &catalogs {
            let ours = schema_rs(catalog, &stock::print_options(text, "default"));
            assert!(ours == theirs, "{from} {text}\n{}", difference(&ours, &theirs));
        }
    }
}

/// Shows the lines that only one of two texts has.
fn difference(ours: &str, theirs: &str) -> String {
    diffy::create_patch(theirs, ours).to_string()
}
