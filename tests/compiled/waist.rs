//! Changes: their lasting text, and that undoing one brings the catalog back.

use std::collections::BTreeSet;

use planner::catalog::{Catalog, Column};
use planner::change::apply::apply;
use planner::change::canonical::{canonical, canonical_written};
use planner::change::invert::invert;
use planner::change::{Change, Constraint, Touched, Written};
use planner::dialect::Dialect;
use planner::name::Name;
use proptest::prelude::*;

use super::samples;

/// A column that comes back stands last and a constraint too, so order within a table does not count here.
fn without_order(mut catalog: Catalog) -> Catalog {
    let names: Vec<_> = catalog.tables.keys().cloned().collect();
    for name in names {
        let table = catalog.table_mut(&name).unwrap();
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        table.uniques.sort_by(|one, other| one.name.cmp(&other.name));
        table.checks.sort_by(|one, other| one.name.cmp(&other.name));
        table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
    }
    catalog
}

fn there_and_back(change: &Change, before: &Catalog) -> Result<(), String> {
    let undo = invert(change, before)?;
    let mut catalog = before.clone();
    apply(change, &mut catalog).map_err(|error| format!("{change:?}: {error}"))?;
    for change in &undo {
        apply(change, &mut catalog).unwrap_or_else(|error| panic!("undo {change:?}: {error}"));
    }
    assert_eq!(without_order(catalog), without_order(before.clone()), "{change:?}");
    Ok(())
}

#[test]
fn the_text_of_a_change_never_changes() {
    let lines: Vec<String> = samples::changes().iter().map(canonical).collect();
    assert!(lines.iter().all(|line| !line.contains('\n')));
    let different: BTreeSet<&String> = lines.iter().collect();
    assert_eq!(different.len(), lines.len());
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_text_of_a_step_that_runs_as_written_never_changes() {
    let written = Written {
        up: "GRANT SELECT ON users TO web".to_owned(),
        down: Some(Ok("REVOKE SELECT ON users FROM web".to_owned())),
        probe: Some("SELECT true".to_owned()),
        touches: vec![Touched { object: "users".into(), column: Some("name".into()) }],
        transactional: true,
    };
    assert_eq!(
        canonical_written(&written),
        "sql \"GRANT SELECT ON users TO web\" down \"REVOKE SELECT ON users FROM web\" probe \"SELECT true\" \
         (touches \"users\" column \"name\")"
    );
    let down = Some(Err("why not".to_owned()));
    let for_ever = Written { down, transactional: false, ..written.clone() };
    assert_eq!(
        canonical_written(&for_ever),
        "sql \"GRANT SELECT ON users TO web\" irreversible \"why not\" probe \"SELECT true\" \
         (touches \"users\" column \"name\") no_transaction"
    );
    // What follows from what it does is not in it.
    let short = Written { down: None, probe: None, touches: Vec::new(), ..written };
    assert_eq!(canonical_written(&short), "sql \"GRANT SELECT ON users TO web\"");
}

#[test]
fn what_does_not_change_the_outcome_is_not_in_the_text() {
    let drop =
        |refill| canonical(&Change::DropColumn { table: "t".into(), column: "c".into(), refill });
    assert_eq!(drop(None), drop(Some(samples::sql("1"))));
    let mut slow = samples::update("users", "given", "name", "given IS NULL");
    let fast = canonical(&Change::Write(slow.clone()));
    slow.batch.rows = Some(1);
    assert_eq!(fast, canonical(&Change::Write(slow)));
}

#[test]
fn quotes_cannot_make_two_changes_look_alike() {
    let drop = |table: &str, index: &str| {
        canonical(&Change::DropIndex {
            table: planner::name::ObjectName::bare(table),
            name: index.into(),
        })
    };
    assert_ne!(drop("a\" \"b", "c"), drop("a", "b\" \"c"));
    assert_ne!(drop("a\\", "\"b"), drop("a", "\\\"b"));
}

#[test]
fn every_change_that_can_be_undone_is_undone() {
    let mut cannot = Vec::new();
    for dialect in Dialect::ALL {
        let before = samples::catalog(dialect);
        for change in samples::changes() {
            if let Err(why) = there_and_back(&change, &before) {
                cannot.push(why);
            }
        }
    }
    insta::assert_snapshot!(cannot.join("\n"), @r"
    an enum value cannot be removed
    an enum value cannot be removed
    it calls what may do anything
    the values that column `users.email` had are gone
    where the numbers of sequence `numbers` had got to is not known
    the rows are gone
    what undoes this create of a policy is not known
    what undoes this run of a query is not known
    an enum value cannot be removed
    an enum value cannot be removed
    it calls what may do anything
    the values that column `users.email` had are gone
    where the numbers of sequence `numbers` had got to is not known
    the rows are gone
    what undoes this create of a policy is not known
    what undoes this run of a query is not known
    ");
}

const TABLES: [&str; 3] = ["users", "orders", "tags"];
const COLUMNS: [&str; 5] = ["id", "name", "email", "age", "user_id"];

prop_compose! {
    fn any_change()(
        kind in 0_u8..19,
        table in prop::sample::select(&TABLES[..]),
        other in prop::sample::select(&TABLES[..]),
        one in prop::sample::select(&COLUMNS[..]),
        two in prop::sample::select(&COLUMNS[..]),
        yes in any::<bool>(),
    ) -> Change {
        let name = Name::new(format!("{table}_{one}_{two}"));
        let on = table.into();
        let column = || Name::from(one);
        match kind {
            0 => Change::CreateTable { name: on, table: samples::table(table, &[]) },
            1 => Change::DropTable { name: on },
            2 | 3 => Change::AddColumn {
                table: on,
                column: Column { nullable: yes, ..Column::new(one, "bigint") },
            },
            4 => Change::DropColumn { table: on, column: column(), refill: None },
            5 => Change::SetNullable { table: on, column: column(), nullable: yes },
            6 => Change::SetDefault {
                table: on,
                column: column(),
                default: yes.then(|| samples::sql("1")),
            },
            7 => Change::AddConstraint {
                table: on,
                constraint: Constraint::Unique(samples::key(name.as_str(), &[one, two])),
            },
            8 => Change::AddConstraint {
                table: on,
                constraint: Constraint::ForeignKey(samples::foreign_key(name.as_str(), &[one], other)),
            },
            9 => Change::AddConstraint {
                table: on,
                constraint: Constraint::Check(samples::check(name.as_str(), &format!("{one} < {two}"))),
            },
            10 => Change::CreateIndex { table: on, name, index: samples::index(&[one, two]) },
            11 => Change::DropConstraint { table: on, constraint: name },
            12 => Change::DropConstraint { table: on, constraint: format!("{table}_pkey").into() },
            13 => Change::RenameTable { from: on, to: other.into() },
            14 => Change::RenameColumn { table: on, from: column(), to: two.into() },
            15 => Change::RenameConstraint { table: on, from: name, to: format!("{table}_{two}_{one}").into() },
            16 => Change::RenameIndex { table: on, from: name, to: format!("{table}_{two}_{one}").into() },
            17 => Change::SetType {
                table: on,
                column: column(),
                sql_type: planner::catalog::SqlType(if yes { "text" } else { "bigint" }.to_owned()),
                using: None,
                collation: None,
            },
            _ => Change::AddConstraint {
                table: on,
                constraint: Constraint::Primary(samples::key(&format!("{table}_pkey"), &[one, two])),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undoing_any_change_brings_the_catalog_back(
        changes in prop::collection::vec(any_change(), 1..60),
        sqlite in any::<bool>(),
    ) {
        let dialect = if sqlite { Dialect::Sqlite } else { Dialect::Postgres };
        let mut catalog = Catalog::empty(dialect);
        for change in changes {
            let before = catalog.clone();
            // Expressions are read where a change is made, so none that names an unknown column gets this far.
            if let Change::AddConstraint { table, constraint: Constraint::Check(check) } = &change {
                let mut words = check.expression.as_str().split(" < ");
                if words.any(|word| catalog.column(table, &word.into()).is_none()) {
                    continue;
                }
            }
            if apply(&change, &mut catalog).is_err() {
                prop_assert_eq!(&catalog, &before);
            } else if let Err(why) = there_and_back(&change, &before) {
                // On SQLite a foreign key may be there before its table, which then has no way back.
                prop_assert!(sqlite && why.contains("were waiting for"), "{why}");
            }
            let mut fresh = catalog.clone();
            fresh.lookup = planner::catalog::Lookup::default();
            let again = Change::CreateIndex {
                table: "users".into(),
                name: "orders_id_id".into(),
                index: samples::index(&["id"]),
            };
            prop_assert_eq!(apply(&again, &mut catalog.clone()), apply(&again, &mut fresh));
        }
    }

    #[test]
    fn names_are_found_after_any_changes_as_a_look_at_every_table_finds_them(
        changes in prop::collection::vec(any_change(), 1..60),
    ) {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        for change in changes {
            let _ = apply(&change, &mut catalog);
            let mut looked_at = catalog.clone();
            looked_at.lookup = planner::catalog::Lookup::default();
            let tables = looked_at.tables.iter();
            let names: BTreeSet<Name> = tables
                .flat_map(|(name, table)| {
                    let names = table.constraint_names().chain(table.indexes.keys());
                    names.chain([&name.name]).cloned().collect::<Vec<_>>()
                })
                .chain(["id", "orders_id_key", "users"].map(Name::new))
                .collect();
            for name in names {
                let name = planner::name::ObjectName { schema: None, name };
                prop_assert_eq!(catalog.is_relation(&name), looked_at.is_relation(&name), "{}", name);
                prop_assert_eq!(
                    catalog.is_constraint(&name),
                    looked_at.is_constraint(&name),
                    "{}",
                    name
                );
            }
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test may look at the clock")]
fn a_long_history_applies_in_linear_time() {
    let started = std::time::Instant::now();
    let mut catalog = Catalog::empty(Dialect::Postgres);
    for at in 0..1000_u32 {
        let name = format!("t{at}");
        let create =
            Change::CreateTable { name: name.as_str().into(), table: samples::table(&name, &[]) };
        apply(&create, &mut catalog).unwrap();
    }
    for at in 0..44_000_u32 {
        let table = format!("t{}", at % 1000);
        let round = at / 4000;
        let change = match (at / 1000) % 4 {
            0 => Change::AddColumn {
                table: table.as_str().into(),
                column: Column::new(format!("c{round}"), "text"),
            },
            1 => Change::CreateIndex {
                table: table.as_str().into(),
                name: Name::new(format!("{table}_i{round}")),
                index: samples::index(&[format!("c{round}").as_str()]),
            },
            2 => Change::DropIndex {
                table: table.as_str().into(),
                name: Name::new(format!("{table}_i{round}")),
            },
            _ => Change::DropColumn {
                table: table.as_str().into(),
                column: format!("c{round}").as_str().into(),
                refill: None,
            },
        };
        apply(&change, &mut catalog).unwrap();
    }
    // Unoptimised and on a busy machine; scanning all tables for each change takes a minute.
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
