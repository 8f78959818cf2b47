//! What a change is rendered to is read as that change again; of a rebuild, as changes with the same end.

use planner::catalog::diff::diff;
use planner::catalog::{
    Catalog, Check, Column, Deferral, ForeignKey, Generated, Identity, Index, IndexColumn,
    IndexKey, IndexTerms, Key, KeyTerms, ObjectKind, OnConflict, Order, PartTerms, ReferenceTerms,
    ReferentialAction, SqlExpression, Sync, Table, Trigger, View,
};
use planner::change::apply::apply;
use planner::change::{Batch, Change, Constraint, DataChange, Other, Verb, Write};
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, Transaction, render, wrap_foreign_keys_off};
use planner::expressions::same_expression;
use planner::name::{Name, ObjectName};
use planner::readers::{Meaning, parse};
use proptest::prelude::*;

use crate::readers::step::judged_as;

const TYPES: [&str; 6] = ["INTEGER", "TEXT", "VARCHAR(20)", "DECIMAL(10,2)", "BLOB", ""];
const NAMES: [&str; 7] = ["a", "b", "order", "Mixed", "with space", "äö", "quo\"te"];
const EXPRESSIONS: [&str; 5] = ["1", "'it''s'", "NULL", "(1 + 2) * 3", "coalesce(NULL, 'x')"];

fn name(seed: u8) -> Name {
    Name::from(NAMES[usize::from(seed) % NAMES.len()])
}

fn object(seed: u8) -> ObjectName {
    ObjectName::bare(name(seed))
}

fn expression(seed: u8) -> SqlExpression {
    SqlExpression::new(EXPRESSIONS[usize::from(seed) % EXPRESSIONS.len()])
}

fn column(at: u8, seed: u8) -> Column {
    let mut column = Column::new(name(at), TYPES[usize::from(seed) % TYPES.len()]);
    column.nullable = seed.is_multiple_of(2);
    match seed % 5 {
        0 => column.default = Some(expression(seed)),
        1 => column.generated = Some(Generated::Stored(SqlExpression::new("1 + 1"))),
        2 => column.generated = Some(Generated::Virtual(SqlExpression::new("upper('x')"))),
        3 => column.collation = Some("NOCASE".into()),
        4 => {
            column.nullable = false;
            column.on_null = Some(OnConflict::ALL[usize::from(seed) % 4]);
        }
        _ => {}
    }
    column
}

fn key(name: &str, columns: &[Name]) -> Key {
    let terms = KeyTerms {
        on_conflict: OnConflict::ALL.get(name.len() % 6).copied(),
        ..KeyTerms::default()
    };
    Key { name: name.into(), columns: columns.to_vec(), terms }
}

fn table(seeds: &[u8]) -> Table {
    let columns: Vec<Column> = (0..).zip(seeds).map(|(at, seed)| column(at, *seed)).collect();
    let mut table = Table { columns, ..Table::default() };
    table.columns[0] = Column::new(name(0), "TEXT");
    let first = table.columns[0].name.clone();
    if seeds[0].is_multiple_of(2) {
        table.columns[0].nullable = false;
        table.primary_key = Some(key("the pkey", std::slice::from_ref(&first)));
        table.without_rowid = seeds[0].is_multiple_of(4);
    } else {
        table.uniques.push(key("u1", &[first]));
    }
    if seeds[0].is_multiple_of(3) {
        table.checks.push(check("c1", "1 > 0 AND 'a)' <> 'b'"));
    }
    table
}

fn check(name: &str, text: &str) -> Check {
    Check {
        name: name.into(),
        expression: SqlExpression::new(text),
        validated: true,
        no_inherit: false,
    }
}

fn index(column: &Name, seed: u8) -> Index {
    let part = |key, order| IndexColumn {
        key,
        order,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    let order = if seed.is_multiple_of(2) { Order::Ascending } else { Order::Descending };
    let mut plain = part(IndexKey::Column(column.clone()), order);
    plain.terms.collation = seed.is_multiple_of(5).then(|| "RTRIM".into());
    let text = SqlExpression::new("lower('x') || 'y'");
    let made = part(IndexKey::Expression(text), Order::Ascending);
    Index {
        columns: if seed.is_multiple_of(4) { vec![plain, made] } else { vec![plain] },
        unique: seed % 3 == 1,
        predicate: seed.is_multiple_of(6).then(|| SqlExpression::new("1 = 1")),
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

fn trigger(name: &str, on: &str) -> Trigger {
    let text = format!("CREATE TRIGGER {name} AFTER INSERT ON {on} BEGIN SELECT 1; SELECT 2; END");
    Trigger { definition: Some(text) }
}

/// Builds one change of each kind out of a few numbers; not all of them fit the catalog.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
fn change(kind: u8, seed: u8, more: u8, catalog: &Catalog) -> Change {
    let on = catalog.tables.keys().nth(usize::from(seed) % catalog.tables.len()).unwrap().clone();
    let of = catalog.table(&on).unwrap();
    let some = of.columns[usize::from(more) % of.columns.len()].name.clone();
    let add = |constraint| Change::AddConstraint { table: on.clone(), constraint };
    match kind {
        0 => Change::CreateTable { name: object(more), table: table(&[seed, more, seed ^ more]) },
        1 => Change::DropTable { name: on },
        2 => Change::AddColumn { table: on, column: column(more, seed) },
        3 => Change::DropColumn { table: on, column: some, refill: None },
        4 => {
            let default = seed.is_multiple_of(2).then(|| expression(more));
            Change::SetDefault { table: on, column: some, default }
        }
        5 => Change::SetNullable { table: on, column: some, nullable: seed.is_multiple_of(2) },
        6 => {
            let collation = seed.is_multiple_of(3).then(|| (some.clone(), "RTRIM".into()));
            let mut key = key(["new key", "newer key"][usize::from(seed % 2)], &[some]);
            key.terms.collations = collation.into_iter().collect();
            add(Constraint::Unique(key))
        }
        7 => add(Constraint::Check(check(name(seed).as_str(), "1 < 2"))),
        8 => add(Constraint::ForeignKey(ForeignKey {
            name: "fk".into(),
            columns: vec![some],
            references: "target".into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::ALL[usize::from(seed) % 5],
            on_update: ReferentialAction::ALL[usize::from(more) % 5],
            validated: true,
            terms: ReferenceTerms {
                deferral: Deferral::ALL[usize::from(more) % 3],
                ..ReferenceTerms::default()
            },
        })),
        9 => add(Constraint::Primary(key("new pkey", &[some]))),
        10 => {
            let names: Vec<Name> = of.constraint_names().cloned().collect();
            let constraint = names.get(usize::from(more) % names.len().max(1)).cloned();
            Change::DropConstraint { table: on, constraint: constraint.unwrap_or("none".into()) }
        }
        11 => Change::CreateIndex { table: on, name: name(more), index: index(&some, seed) },
        12 => Change::DropIndex { table: "target".into(), name: "target_idx".into() },
        13 => Change::CreateView { name: object(more), view: view("SELECT id FROM target") },
        14 => {
            let view = view("SELECT id FROM target WHERE id > 1");
            Change::ReplaceView { name: "seen".into(), view }
        }
        15 => Change::DropView { name: "seen".into() },
        16 => Change::RenameTable { from: on, to: object(more) },
        17 => Change::RenameColumn { table: on, from: some, to: name(seed) },
        18 => Change::RenameConstraint {
            table: "target".into(),
            from: "target_check".into(),
            to: name(more),
        },
        19 => {
            let from = "target_idx".into();
            Change::RenameIndex { table: "target".into(), from, to: name(more) }
        }
        20 => Change::SetType {
            table: on,
            column: some,
            sql_type: planner::catalog::SqlType(TYPES[usize::from(more) % TYPES.len()].to_owned()),
            using: None,
            collation: seed.is_multiple_of(5).then(|| "NOCASE".into()),
        },
        21 => Change::SetGenerated {
            table: "target".into(),
            column: "id".into(),
            generated: Some(Generated::Identity(if more.is_multiple_of(2) {
                Identity::AutoIncrement
            } else {
                Identity::RowId
            })),
        },
        22 => Change::CreateTrigger {
            table: "target".into(),
            name: "bump".into(),
            trigger: trigger("bump", "target"),
        },
        23 => Change::DropTrigger { table: "target".into(), name: "there".into() },
        24 => write(&on, of, Write::Update { set: vec![(some, expression(more))] }, seed),
        25 => write(&on, of, Write::Delete, seed),
        26 => {
            let rows = vec![vec![expression(more)], vec![expression(seed)]];
            rows_of(&on, Write::InsertValues { columns: vec![some], rows })
        }
        27 => {
            let query = SqlExpression::new("SELECT id FROM target");
            rows_of(&on, Write::InsertSelect { columns: vec![some], query })
        }
        28 => Change::CreateSync(std::sync::Arc::new(Sync::Columns {
            name: "planner_sync_x".into(),
            table: "target".into(),
            forward: vec![("n".into(), SqlExpression::new("upper(m)"))],
            backward: vec![("m".into(), SqlExpression::new("lower(n)"))],
        })),
        29 => Change::Other(Other {
            verb: Verb::Create,
            kind: ObjectKind::Virtual,
            name: Some("words".into()),
            on: None,
            text: "CREATE VIRTUAL TABLE words USING fts5(text)".to_owned(),
            touches: Vec::new(),
            domain: None,
        }),
        _ => Change::Deprecate { table: on, column: Some(some) },
    }
}

/// How many kinds of changes [`change`] knows.
const N_KINDS: u8 = 31;

fn write(on: &ObjectName, of: &Table, write: Write, seed: u8) -> Change {
    let key = of.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
    let condition = seed.is_multiple_of(2).then(|| SqlExpression::new("1 = 1 OR 'a' IS NULL"));
    Change::Write(DataChange { table: on.clone(), key, write, condition, batch: Batch::default() })
}

fn rows_of(on: &ObjectName, write: Write) -> Change {
    let (table, batch) = (on.clone(), Batch::default());
    Change::Write(DataChange { table, key: Vec::new(), write, condition: None, batch })
}

fn view(query: &str) -> View {
    View { query: SqlExpression::new(query), columns: vec!["id".into()], materialized: false }
}

fn catalog(seeds: &[u8]) -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Sqlite);
    let mut id = Column::new("id", "INTEGER");
    id.nullable = false;
    id.generated = Some(Generated::Identity(Identity::RowId));
    let target = Table {
        columns: vec![id, Column::new("n", "TEXT"), Column::new("m", "TEXT")],
        primary_key: Some(key("target_pkey", &["id".into()])),
        checks: vec![check("target_check", "n > 0")],
        ..Table::default()
    };
    let there = trigger("there", "target");
    for change in [
        Change::CreateTable { name: "target".into(), table: target },
        Change::CreateTable { name: object(seeds[0]), table: table(seeds) },
        Change::CreateIndex {
            table: "target".into(),
            name: "target_idx".into(),
            index: index(&"n".into(), 7),
        },
        Change::CreateView { name: "seen".into(), view: view("SELECT id FROM target") },
        Change::CreateTrigger { table: "target".into(), name: "there".into(), trigger: there },
    ] {
        apply(&change, &mut catalog).unwrap();
    }
    catalog
}

/// Returns the script that a migration file would have.
fn script(change: &Change, before: &Catalog) -> Option<(String, bool)> {
    let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 4_000 };
    let rendered = render(change, &context).ok()?;
    let mut is_rebuild = false;
    let mut script = String::new();
    for group in rendered.groups {
        let statements = match group.transaction {
            Transaction::ForeignKeysOff => {
                is_rebuild = true;
                wrap_foreign_keys_off(&group.statements, &[])
            }
            Transaction::Shared | Transaction::Alone { .. } => group.statements,
        };
        script.extend(statements.iter().map(|statement| format!("{statement};\n")));
    }
    Some((script, is_rebuild))
}

/// Returns whether a change is one of what surrounds a rebuild: temporary guards, pragmas, the counters of row ids.
fn is_around(change: &Change) -> bool {
    matches!(
        change,
        Change::Other(Other {
            kind: ObjectKind::Persistence | ObjectKind::Pragma | ObjectKind::Maintenance,
            ..
        })
    )
}

/// How many changes are tried.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_500)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn what_is_rendered_is_read_as_the_same_change(
        seeds in prop::collection::vec(any::<u8>(), 1..5),
        kind in 0..N_KINDS,
        seed: u8,
        more: u8,
    ) {
        let before = catalog(&seeds);
        let change = change(kind, seed, more, &before);
        let mut expected = before.clone();
        prop_assume!(apply(&change, &mut expected).is_ok());
        // The engine makes one of two keys over the same columns.
        let once = |table: &std::sync::Arc<Table>| {
            let lists = table.primary_key.iter().chain(&table.uniques).map(|key| &key.columns);
            let all: Vec<_> = lists.collect();
            all.iter().enumerate().all(|(at, columns)| !all[..at].contains(columns))
        };
        prop_assume!(expected.tables.values().all(once));
        let Some((script, is_rebuild)) = script(&change, &before) else { return Ok(()) };
        let parsed = parse(Dialect::Sqlite, &script);
        let mut after = before.clone();
        let mut read = Vec::new();
        for at in 0..parsed.statements.len() {
            for part in parsed.read(at, &script, &after).unwrap().parts {
                let Meaning::Change(change) = part.meaning else {
                    return Err(TestCaseError::fail(format!("{:?} in\n{script}", part.meaning)));
                };
                let applied = apply(&change, &mut after);
                prop_assert!(applied.is_ok(), "{applied:?}: {change:?} in\n{script}");
                read.extend((!is_around(&change)).then_some(*change));
            }
        }
        if is_rebuild {
            let drops = |change: &Change| matches!(change, Change::DropTable { .. });
            let expected_drop = drops(&change);
            prop_assert_eq!(read.iter().any(drops), expected_drop, "{:#?} in\n{}", read, script);
        } else if let [only] = read.as_slice() {
            prop_assert_eq!(only, &change, "in\n{}", script);
        }
        let same = |one: &_, other: &_| same_expression(Dialect::Sqlite, one, other);
        let differences = diff(&expected, &after, &same);
        prop_assert!(differences.is_empty(), "{differences:#?} after\n{script}");
        let judged = judged_as(&change, &before, &[script]);
        prop_assert!(judged.is_ok(), "{change:?}\n{}", judged.unwrap_err());
    }
}
