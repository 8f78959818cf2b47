//! Tests of compatibility: each way in which a schema can break a release, and that nothing else does.

use super::*;
use crate::catalog::{
    EnumType, Generated, Identity, Index, IndexColumn, IndexKey, IndexTerms, Key, Order, PartTerms,
    SqlExpression,
};
use crate::release::requirement::{Access, DeclaredType, EnumNeed, UpsertNeed};
use std::sync::Arc;

fn column(name: &str, sql_type: &str, nullable: bool) -> Column {
    Column { nullable, ..Column::new(name, sql_type) }
}

/// `users (id, name NOT NULL, email)`.
fn catalog(dialect: Dialect) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    let id = Column {
        nullable: false,
        generated: Some(Generated::Identity(Identity::ByDefault)),
        ..Column::new("id", "bigint")
    };
    let table = Table {
        columns: vec![id, column("name", "text", false), column("email", "text", true)],
        primary_key: Some(Key::new("users_pkey".into(), vec!["id".into()])),
        ..Table::default()
    };
    catalog.tables.insert("users".into(), table.into());
    catalog
}

fn need(name: &str, type_name: &str, nullable: bool) -> ColumnNeed {
    ColumnNeed {
        name: name.into(),
        place: Place { file: 0, line: 5 },
        declared: Some(DeclaredType { nullable, ..DeclaredType::plain(type_name) }),
        reads: true,
        writes: true,
        always_written: false,
    }
}

fn needs() -> Requirements {
    let table = TableNeed {
        name: "users".into(),
        place: Place { file: 0, line: 2 },
        access: Access::ALL,
        columns: vec![
            need("id", "BigInt", false),
            need("name", "Text", false),
            need("email", "Text", true),
        ],
        upserts: Vec::new(),
    };
    Requirements {
        files: vec!["schema.rs".to_owned()],
        tables: vec![table],
        ..Requirements::default()
    }
}

fn told(catalog: &Catalog, needs: &Requirements) -> Vec<String> {
    told_with(catalog, needs, &[])
}

fn told_with(catalog: &Catalog, needs: &Requirements, not_null: &[(&str, &str)]) -> Vec<String> {
    let not_null =
        not_null.iter().map(|(table, column)| ((*table).into(), (*column).into())).collect();
    let rows = KnownRows { not_null, unfilled: Vec::new() };
    let schema = Schema { catalog, rows: &rows };
    breaks(schema, needs).iter().map(|of| of.sentence(needs)).collect()
}

fn users(catalog: &mut Catalog) -> &mut Table {
    catalog.table_mut(&"users".into()).unwrap()
}

const BOTH: [Dialect; 2] = [Dialect::Postgres, Dialect::Sqlite];

#[test]
fn a_release_is_served_by_the_schema_it_was_made_for() {
    for dialect in BOTH {
        assert_eq!(told(&catalog(dialect), &needs()), [""; 0]);
    }
}

#[test]
fn a_table_or_column_that_is_gone_breaks_reads_and_writes() {
    for dialect in BOTH {
        let mut without = catalog(dialect);
        users(&mut without).columns.remove(2);
        assert_eq!(
            told(&without, &needs()),
            ["reads", "inserts", "updates"]
                .map(|of| format!("{of} break: `users.email` does not exist (schema.rs:5)"))
        );
        without.tables.clear();
        assert_eq!(
            told(&without, &needs()),
            ["reads", "inserts", "updates"]
                .map(|of| format!("{of} break: `users` does not exist (schema.rs:2)"))
        );
    }
}

#[test]
fn what_a_release_does_not_do_cannot_break() {
    let mut without = catalog(Dialect::Postgres);
    users(&mut without).columns.remove(2);
    let mut needs = needs();
    needs.tables[0].access = Access::READ_ONLY;
    assert_eq!(told(&without, &needs).len(), 1);
    needs.tables[0].columns[2].reads = false;
    assert_eq!(told(&without, &needs), [""; 0]);
}

#[test]
fn a_new_required_column_breaks_inserts_unless_something_fills_it() {
    for dialect in BOTH {
        let mut with = catalog(dialect);
        users(&mut with).columns.push(column("age", "integer", false));
        let found = told(&with, &needs());
        assert_eq!(
            found,
            [
                "inserts break: `users.age` is required and has no default, and the release does not write it (schema.rs:2)"
            ]
        );
        users(&mut with).columns[3].default = Some(SqlExpression::new("0"));
        assert_eq!(told(&with, &needs()), [""; 0]);
    }
}

fn sync(forward: (&str, &str), backward: (&str, &str)) -> Arc<Sync> {
    let of = |(name, value): (&str, &str)| vec![(name.into(), SqlExpression::new(value))];
    Arc::new(Sync::Columns {
        name: "planner_sync_x".into(),
        table: "users".into(),
        forward: of(forward),
        backward: of(backward),
    })
}

#[test]
fn a_sync_fills_a_required_column_on_postgresql_only() {
    for (dialect, n) in [(Dialect::Postgres, 0), (Dialect::Sqlite, 1)] {
        let mut with = catalog(dialect);
        users(&mut with).columns.push(column("handle", "text", false));
        with.syncs
            .insert("planner_sync_x".into(), sync(("handle", "lower(name)"), ("name", "handle")));
        assert_eq!(told(&with, &needs()).len(), n, "{dialect}");
        with.syncs
            .insert("planner_sync_x".into(), sync(("handle", "lower(email)"), ("email", "handle")));
        assert_eq!(told(&with, &needs()).len(), 1, "{dialect}: `email` may be NULL");
    }
}

#[test]
fn a_sync_that_a_value_may_not_fit_through_breaks_writes() {
    let mut with = catalog(Dialect::Postgres);
    users(&mut with).columns.push(column("short", "character varying(10)", true));
    with.syncs.insert("planner_sync_x".into(), sync(("short", "name"), ("name", "short")));
    let found = told(&with, &needs());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("takes 10 characters at most"), "{found:?}");
    with.syncs
        .insert("planner_sync_x".into(), sync(("short", "left(name, 10)"), ("name", "short")));
    assert_eq!(told(&with, &needs()), [""; 0]);
}

#[test]
fn null_where_a_release_expects_none_breaks_reads() {
    for dialect in BOTH {
        let mut relaxed = catalog(dialect);
        users(&mut relaxed).columns[1].nullable = true;
        let found = told(&relaxed, &needs());
        assert_eq!(
            found,
            [
                "reads break: `users.name` may be NULL, and the release reads it as `Text` (schema.rs:5)"
            ]
        );
        assert_eq!(told_with(&relaxed, &needs(), &[("users", "name")]), [""; 0]);
    }
}

#[test]
fn a_column_that_takes_no_null_any_more_breaks_who_may_write_one() {
    for dialect in BOTH {
        let mut strict = catalog(dialect);
        users(&mut strict).columns[2].nullable = false;
        let found = told(&strict, &needs());
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("inserts break: `users.email` takes no NULL"), "{found:?}");
        let mut careful = needs();
        careful.satisfies.push("users.email".into());
        assert_eq!(told(&strict, &careful), [""; 0]);
    }
}

#[test]
fn an_upsert_needs_its_unique_index() {
    for dialect in BOTH {
        let mut catalog = catalog(dialect);
        let mut needs = needs();
        let upsert = |columns: &[&str]| UpsertNeed {
            columns: columns.iter().map(|name| Name::from(*name)).collect(),
            place: Place { file: 0, line: 9 },
        };
        needs.tables[0].upserts = vec![upsert(&["id"]), upsert(&["email", "name"])];
        let found = told(&catalog, &needs);
        assert_eq!(
            found,
            [
                "upserts break: `users(email, name)` has no unique index for the release's upserts (schema.rs:9)"
            ]
        );
        let part = |name: &str| IndexColumn {
            key: IndexKey::Column(name.into()),
            order: Order::Ascending,
            nulls: None,
            opclass: None,
            terms: PartTerms::default(),
        };
        let mut index = Index {
            columns: vec![part("name"), part("email")],
            unique: true,
            predicate: None,
            method: None,
            include: Vec::new(),
            valid: true,
            terms: IndexTerms::default(),
        };
        users(&mut catalog).indexes.insert("one".into(), index.clone());
        assert_eq!(told(&catalog, &needs), [""; 0]);
        index.valid = false;
        users(&mut catalog).indexes.insert("one".into(), index);
        assert_eq!(told(&catalog, &needs).len(), 1);
    }
}

#[test]
fn a_view_serves_who_only_reads() {
    for dialect in BOTH {
        let mut catalog = catalog(dialect);
        catalog.tables.clear();
        let view = View {
            query: SqlExpression::new("SELECT id, name FROM people"),
            columns: vec!["id".into(), "name".into()],
            materialized: false,
        };
        catalog.views.insert("users".into(), view);
        let mut needs = needs();
        needs.tables[0].access = Access::READ_ONLY;
        assert_eq!(
            told(&catalog, &needs),
            ["reads break: `users.email` is not in the view (schema.rs:5)"]
        );
        needs.tables[0].columns.pop();
        assert_eq!(told(&catalog, &needs), [""; 0]);
        needs.tables[0].access = Access::ALL;
        assert_eq!(told(&catalog, &needs).len(), 2);
    }
}

#[test]
fn an_enum_value_that_a_release_does_not_know_breaks_reads() {
    let mut catalog = catalog(Dialect::Postgres);
    let values = |of: &[&str]| of.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    catalog.enums.insert("mood".into(), EnumType { values: values(&["sad", "glad"]) });
    let mut needs = needs();
    needs.enums.push(EnumNeed {
        name: "mood".into(),
        place: Place { file: 0, line: 1 },
        reads: values(&["sad", "glad", "calm"]),
        writes: values(&["glad"]),
    });
    assert_eq!(told(&catalog, &needs), [""; 0]);
    catalog.enums.insert("mood".into(), EnumType { values: values(&["sad", "angry"]) });
    assert_eq!(
        told(&catalog, &needs),
        [
            "reads break: `mood` has the value `angry`, which the release cannot read (schema.rs:1)",
            "inserts break: `mood` has no value `glad`, which the release may write (schema.rs:1)",
            "updates break: `mood` has no value `glad`, which the release may write (schema.rs:1)",
        ]
    );
}

#[test]
fn a_place_that_is_not_filled_breaks_who_reads_it_alone() {
    let mut catalog = catalog(Dialect::Postgres);
    users(&mut catalog).columns.push(column("given", "text", true));
    let place = Unfilled {
        table: "users".into(),
        column: Some("given".into()),
        old_table: "users".into(),
        old_columns: vec!["name".into()],
    };
    let rows = KnownRows { unfilled: vec![place], ..KnownRows::default() };
    let found = |needs: &Requirements| {
        let found = breaks(Schema { catalog: &catalog, rows: &rows }, needs);
        found.iter().map(|of| of.sentence(needs)).collect::<Vec<_>>()
    };
    let mut needs = needs();
    assert_eq!(found(&needs), [""; 0], "it does not know the new place");
    needs.tables[0].columns.push(need("given", "Text", true));
    assert_eq!(found(&needs), [""; 0], "it knows both");
    needs.tables[0].access.inserts = false;
    needs.tables[0].columns[1].writes = false;
    let brings_back = "updates break: `users.given` is not filled yet, and the release may write NULL there without writing `users.name`: the backfill would bring back what was there (schema.rs:5)";
    assert_eq!(found(&needs), [brings_back], "what it takes away it leaves in the old place");
    needs.satisfies = vec!["users.given".into()];
    assert_eq!(found(&needs), [""; 0], "it never writes NULL there");
    needs.satisfies.clear();
    needs.tables[0].access = Access::ALL;
    needs.tables[0].columns[1].writes = true;
    needs.tables[0].columns.retain(|column| column.name != "name".into());
    let told = found(&needs);
    let not_filled = "reads break: `users.given` is not filled yet, and the release does not read `users.name` (schema.rs:5)";
    assert!(told.contains(&not_filled.to_owned()), "{told:?}");
}
