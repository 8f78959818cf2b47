//! Names that need quoting, everywhere a name can stand.

use std::sync::Arc;

use planner::catalog::{
    Check, Column, EnumType, ForeignKey, Index, IndexColumn, IndexKey, IndexTerms, Key, Order,
    PartTerms, ReferenceTerms, ReferentialAction, Sync, SyncTables, View,
};
use planner::change::{Batch, Change, Constraint, DataChange, EnumPlace, Write};
use planner::dialects::{batch_end, batch_queries, batch_write};
use planner::name::{Name, ObjectName};

use super::bench::{Bench, column, expression, required, table};

/// A name, which is a table's, a column's, a constraint's … at once.
const HOSTILE: [&str; 8] = [
    "order",
    "Users",
    "we ird",
    "say \"hi\"",
    "it's $planner$ \\ 100%",
    "naïve — 名",
    "new",
    "old",
];

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn changes(name: &str) -> Vec<Change> {
    let on = || ObjectName { schema: Some("Odd .schema".into()), name: name.into() };
    let x = || Name::from(name);
    let this = || expression(&quoted(name));
    let part = IndexColumn {
        key: IndexKey::Column(x()),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    let key = |name: String| Key::new(name.into(), vec![x()]);
    let sync = |suffix: &str, to: &str| {
        Arc::new(Sync::Columns {
            name: format!("planner_sync_{name}{suffix}").into(),
            table: on(),
            forward: vec![(to.into(), this())],
            backward: vec![(x(), expression(to))],
        })
    };
    vec![
        Change::AddColumn {
            table: on(),
            column: Column { comment: Some(name.into()), ..column("other", "text") },
        },
        Change::SetDefault {
            table: on(),
            column: x(),
            default: Some(expression(&planner::dialects::literal(name))),
        },
        Change::SetDefault { table: on(), column: x(), default: None },
        Change::SetNullable { table: on(), column: x(), nullable: false },
        Change::SetNullable { table: on(), column: x(), nullable: true },
        Change::AddConstraint {
            table: on(),
            constraint: Constraint::Unique(key(format!("{name} u"))),
        },
        Change::AddConstraint {
            table: on(),
            constraint: Constraint::Check(Check {
                name: format!("{name} c").into(),
                expression: expression(&format!("length({}) < 99", quoted(name))),
                validated: true,
                no_inherit: false,
            }),
        },
        Change::AddConstraint {
            table: on(),
            constraint: Constraint::ForeignKey(ForeignKey {
                name: format!("{name} f").into(),
                columns: vec![x()],
                references: on(),
                referenced_columns: vec![x()],
                on_delete: ReferentialAction::Restrict,
                on_update: ReferentialAction::SetDefault,
                validated: true,
                terms: ReferenceTerms::default(),
            }),
        },
        Change::DropConstraint { table: on(), constraint: format!("{name} f").into() },
        Change::CreateIndex {
            table: on(),
            name: format!("{name} i").into(),
            index: Index {
                columns: vec![part],
                unique: true,
                predicate: Some(expression(&format!("{} <> ''", quoted(name)))),
                method: None,
                include: vec!["other".into()],
                valid: true,
                terms: IndexTerms::default(),
            },
        },
        Change::DropIndex { table: on(), name: format!("{name} i").into() },
        Change::CreateView {
            name: ObjectName {
                schema: Some("Odd .schema".into()),
                name: format!("{name} v").into(),
            },
            view: View {
                query: expression("SELECT 1 AS x"),
                columns: vec!["x".into()],
                materialized: false,
            },
        },
        Change::CreateEnum {
            name: ObjectName::bare(name),
            values: EnumType { values: vec![name.into()] },
        },
        Change::CreateSync(sync(" s", "other")),
    ]
}

#[test]
fn any_name_is_taken_as_it_is() {
    for name in HOSTILE {
        let mut bench = Bench::new();
        bench.sql("CREATE SCHEMA \"Odd .schema\"");
        let Change::CreateTable { table: of, .. } =
            table(name, vec![required("id", "integer"), column(name, "text")])
        else {
            unreachable!("it is a table")
        };
        let on = ObjectName { schema: Some("Odd .schema".into()), name: name.into() };
        bench.up(&Change::CreateTable { name: on.clone(), table: of });
        for change in changes(name) {
            bench.there_and_back(&change);
        }
        let value = EnumPlace::Before(name.into());
        bench.up(&Change::AddEnumValue {
            name: ObjectName::bare(name),
            value: "'".into(),
            place: Some(value),
        });
        let table = format!("\"Odd .schema\".{}", quoted(name));
        bench
            .sql(&format!("INSERT INTO {table} (id, {}) VALUES (1, 'a'), (2, NULL)", quoted(name)));
        bench.sql(&format!("INSERT INTO {table} (id, other) VALUES (3, 'b')"));
        bench.sql(&format!("UPDATE {table} SET {} = 'c' WHERE id = 1", quoted(name)));
        let both =
            format!("SELECT other || {} FROM {table} WHERE id <> 2 ORDER BY id", quoted(name));
        assert_eq!(bench.lines(&both), ["cc", "bb"]);
    }
}

#[test]
fn any_name_is_copied_synced_and_walked() {
    for name in HOSTILE {
        let mut bench = Bench::new();
        bench.up(&table(name, vec![required(name, "text"), column("other", "text")]));
        let to = format!("{name} to");
        bench.up(&table(&to, vec![required(name, "text"), column("other", "text")]));
        let columns: Vec<(Name, _)> =
            vec![(name.into(), expression(&quoted(name))), ("other".into(), expression("other"))];
        bench.sql(&format!("INSERT INTO {} VALUES ('a''; --'), (E'\\\\b')", quoted(name)));
        bench.up(&Change::CreateSync(Arc::new(Sync::Tables(SyncTables {
            name: "planner_sync_x".into(),
            from: ObjectName::bare(name),
            to: ObjectName::bare(to.clone()),
            columns: columns.clone(),
            key: vec![name.into()],
        }))));
        bench.sql(&format!("INSERT INTO {} VALUES ('c')", quoted(name)));
        let copy = DataChange {
            table: ObjectName::bare(name),
            key: vec![name.into()],
            write: Write::Copy { to: ObjectName::bare(to.clone()), columns, overwrite: true },
            condition: None,
            batch: Batch::default(),
        };
        let queries = batch_queries(&copy, &bench.catalog).unwrap();
        let upper = bench.key(&queries.upper_bound, 1).unwrap();
        let end = bench.key(&batch_end(&copy, &bench.catalog, None, &upper, 9), 1).unwrap();
        assert_eq!(end, upper);
        assert_eq!(bench.value(&queries.remaining), "2");
        bench.sql(&batch_write(&copy, &bench.catalog, None, &end));
        assert_eq!(bench.value(&queries.remaining), "0");
        assert_eq!(bench.value(&format!("SELECT count(*) FROM {}", quoted(&to))), "3");
    }
}
