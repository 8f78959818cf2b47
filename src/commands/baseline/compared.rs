//! Where the migrations, the database and `schema.rs` differ.

use std::collections::BTreeSet;

use crate::catalog::diff::{Difference, diff};
use crate::catalog::{Catalog, SqlExpression};
use crate::compile::schema_rs::options::PrintOptions;
use crate::compile::schema_rs::schema_rs;
use crate::diagnostic::Sink;
use crate::expressions::same_expression;
use crate::history::Origin;
use crate::release::schema_rs::compare::compare;
use crate::release::schema_rs::{self as declared, DeclaredSchema};
use crate::shell::adoption::{ByDatabase, ByMigrations, Sightings};
use crate::source::Sources;

/// Two places and what differs between them.
pub(super) struct Compared {
    /// One of them, in a sentence.
    pub(super) one: String,
    /// The other.
    pub(super) other: String,
    /// What differs: expected is the one's, found the other's.
    pub(super) differences: Vec<Difference>,
    /// Whether they could be compared.
    pub(super) done: bool,
    /// What to know of the comparison.
    pub(super) notes: Vec<String>,
}

/// Compares the places that are there, the one that the schema is taken from first.
pub(super) fn compared(seen: &Sightings, origin: Origin) -> Vec<Compared> {
    let database = seen.database.as_ref().ok().and_then(Option::as_ref);
    let mut all = Vec::new();
    if let (Some(migrations), Some(database)) = (&seen.migrations, database) {
        all.push(database_and_migrations(database, migrations, origin));
    }
    let Some(schema_rs) = &seen.schema_rs else { return all };
    let (words, catalog, skip) = match (database, &seen.migrations) {
        (Some(database), _) if origin != Origin::Migrations => {
            let skip = database.has_run_plans.then_some("plans have run on it");
            (Origin::Database.words(), &database.catalog, skip)
        }
        (_, Some(migrations)) => {
            let skip = seen.has_compiled.then_some("plans are compiled beside them");
            (Origin::Migrations.words(), migrations.catalog.as_ref(), skip)
        }
        (Some(database), None) => {
            let skip = database.has_run_plans.then_some("plans have run on it");
            (Origin::Database.words(), &database.catalog, skip)
        }
        (None, None) => return all,
    };
    let path = format!("`{}`", schema_rs.path);
    all.push(match (&schema_rs.declared, &schema_rs.options, skip) {
        (Err(why), _, _) | (Ok(_), Err(why), _) => not(words, &path, why),
        (Ok(_), Ok(_), Some(why)) => not(words, &path, why),
        (Ok(of), Ok(options), None) => with_schema_rs(words, catalog, &path, of, options),
    });
    all
}

fn not(one: &str, other: &str, why: &str) -> Compared {
    let notes = vec![format!("{one} and {other} were not compared: {why}")];
    Compared { one: one.to_owned(), other: other.to_owned(), differences: Vec::new(), done: false, notes }
}

fn database_and_migrations(
    database: &ByDatabase,
    migrations: &ByMigrations,
    origin: Origin,
) -> Compared {
    let (one, other) = (Origin::Database.words(), Origin::Migrations.words());
    if database.has_run_plans {
        return not(one, other, "plans have run on the database, which `planner drift` compares");
    }
    let dialect = database.catalog.dialect;
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    // What has not run there yet is no difference.
    let partly = migrations.foundation.on(&migrations.catalog, &database.applied);
    let made = partly.as_ref().map_or(migrations.catalog.as_ref(), |(catalog, _)| catalog);
    let mut notes = Vec::new();
    let pending = migrations.versions.difference(&database.applied).count();
    if pending > 0 {
        notes.push(format!("of the {} migrations {pending} have not run on the database", migrations.versions.len()));
    }
    let gone = database.applied.difference(&migrations.versions).count();
    if gone > 0 {
        notes.push(format!("{gone} of the migrations that ran on the database are not in the folder any more"));
    }
    // A statement of many parts, and statements alike, are said once.
    let mut told = BTreeSet::new();
    for doubt in migrations.foundation.doubts_on(&database.applied) {
        if told.insert((&doubt.directory, &doubt.why)) {
            notes.push(format!(
                "`{}` was not followed in all it does: {}",
                doubt.directory, doubt.why
            ));
        }
    }
    match origin {
        Origin::Migrations => Compared {
            one: other.to_owned(),
            other: one.to_owned(),
            differences: diff(made, &database.catalog, &same),
            done: true,
            notes,
        },
        Origin::Database | Origin::SchemaRs => Compared {
            one: one.to_owned(),
            other: other.to_owned(),
            differences: diff(&database.catalog, made, &same),
            done: true,
            notes,
        },
    }
}

/// Compares a catalog with a `schema.rs`, by what `diesel print-schema` would print for it.
fn with_schema_rs(
    one: &str,
    catalog: &Catalog,
    other: &str,
    of: &DeclaredSchema,
    options: &PrintOptions,
) -> Compared {
    let mut sources = Sources::default();
    let source = sources.add("schema.rs", schema_rs(catalog, &options.for_comparing()));
    let printed = declared::read(&sources, &[source], &mut Sink::default());
    Compared {
        one: one.to_owned(),
        other: other.to_owned(),
        differences: compare(&printed, of),
        done: true,
        notes: Vec::new(),
    }
}
