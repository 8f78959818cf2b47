//! What a change is rendered to is read as that change again.

use planner::catalog::diff::diff;
use planner::catalog::{
    Catalog, Check, Column, Deferral, Domain, EnumType, Exclusion, ForeignKey, Generated, Identity,
    Index, IndexKey, Key, KeyTerms, ObjectKind, PartTerms, ReferenceTerms, ReferentialAction,
    SqlExpression, SqlType, Table, Trigger, View,
};
use planner::change::apply::apply;
use planner::change::{Batch, Change, Constraint, DataChange, EnumPlace, Other, Verb, Write};
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, normalize_type, render};
use planner::expressions::same_expression;
use planner::name::{Name, ObjectName};
use planner::readers::{Meaning, parse};
use proptest::prelude::*;

use super::parts::{index, key, key_terms, part};
use crate::readers::step::judged_as;

const TYPES: [&str; 9] = [
    "integer",
    "bigint",
    "text",
    "varchar(20)",
    "numeric(10,2)",
    "timestamptz",
    "boolean",
    "jsonb",
    "text[]",
];
const NAMES: [&str; 7] = ["a", "b", "order", "Mixed", "with space", "äö", "quo\"te"];
const EXPRESSIONS: [&str; 5] = ["1", "'it''s'", "now()", "(1 + 2) * 3", "coalesce(NULL, 'x')"];

fn name(seed: u8) -> Name {
    Name::from(NAMES[usize::from(seed) % NAMES.len()])
}

fn object(seed: u8) -> ObjectName {
    let schema = seed.is_multiple_of(3).then(|| Name::from("billing"));
    ObjectName { schema, name: name(seed) }
}

fn expression(seed: u8) -> SqlExpression {
    SqlExpression::new(EXPRESSIONS[usize::from(seed) % EXPRESSIONS.len()])
}

fn column(at: u8, seed: u8) -> Column {
    let mut column = Column::new(name(at), "");
    column.sql_type = normalize_type(Dialect::Postgres, TYPES[usize::from(seed) % TYPES.len()]);
    column.nullable = seed.is_multiple_of(2);
    match seed % 7 {
        0 => column.default = Some(expression(seed)),
        1 => {
            column.sql_type = normalize_type(Dialect::Postgres, "bigint");
            column.nullable = false;
            let kinds = [Identity::Always, Identity::ByDefault, Identity::Serial];
            column.generated = Some(Generated::Identity(kinds[usize::from(seed / 7) % 3]));
        }
        2 => column.generated = Some(Generated::Stored(SqlExpression::new("1 + 1"))),
        3 if column.sql_type.0 == "text" => column.collation = Some("C".into()),
        _ => {}
    }
    column
}

fn table(seeds: &[u8]) -> Table {
    let columns: Vec<Column> = (0..).zip(seeds).map(|(at, seed)| column(at, *seed)).collect();
    let mut table = Table { columns, ..Table::default() };
    let first = table.columns[0].name.clone();
    if seeds[0].is_multiple_of(2) {
        table.columns[0].nullable = false;
        table.primary_key = Some(key("the pkey", std::slice::from_ref(&first)));
    }
    // A unique constraint over the columns of the primary key is one with it to the server.
    if seeds[0].is_multiple_of(3) && table.primary_key.is_none() {
        table.uniques.push(key("u1", std::slice::from_ref(&first)));
        table.checks.push(Check {
            name: "c1".into(),
            expression: SqlExpression::new("1 > 0 AND 'a' <> 'b'"),
            validated: true,
            no_inherit: false,
        });
    }
    table
}

/// Builds one change of each kind out of a few numbers; not all of them fit the catalog.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of change")]
fn change(kind: u8, seed: u8, more: u8, catalog: &Catalog) -> Change {
    let on = catalog.tables.keys().nth(usize::from(seed) % catalog.tables.len()).unwrap().clone();
    let of = catalog.table(&on).unwrap();
    let column_at = |seed: u8| of.columns[usize::from(seed) % of.columns.len()].name.clone();
    let some = column_at(more);
    let enum_name: ObjectName = "mood".into();
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
        6 => add(Constraint::Unique(Key { terms: key_terms(seed), ..key("new key", &[some]) })),
        7 => add(Constraint::Check(Check {
            name: name(seed),
            expression: SqlExpression::new("1 < 2"),
            validated: more.is_multiple_of(2),
            no_inherit: false,
        })),
        8 => add(Constraint::ForeignKey(ForeignKey {
            name: "fk".into(),
            references: "target".into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::ALL[usize::from(seed) % 5],
            on_update: ReferentialAction::ALL[usize::from(more) % 5],
            validated: more.is_multiple_of(2),
            terms: ReferenceTerms {
                deferral: Deferral::ALL[usize::from(more) % 3],
                match_full: seed.is_multiple_of(2),
                on_delete_columns: if seed % 5 == 3 { vec![some.clone()] } else { Vec::new() },
                ..ReferenceTerms::default()
            },
            columns: vec![some],
        })),
        9 => add(Constraint::Primary(Key {
            terms: KeyTerms { nulls_not_distinct: false, ..key_terms(more) },
            ..key("new pkey", &[some])
        })),
        10 => {
            let names: Vec<Name> = of.constraint_names().cloned().collect();
            let constraint = names.get(usize::from(more) % names.len().max(1)).cloned();
            Change::DropConstraint { table: on, constraint: constraint.unwrap_or("none".into()) }
        }
        11 => Change::CreateIndex { table: on, name: name(more), index: index(&some, seed) },
        12 => Change::DropIndex { table: "target".into(), name: "target_idx".into() },
        13 => Change::CreateEnum {
            name: object(more),
            values: EnumType { values: vec!["it's".into(), "b".into()] },
        },
        14 => Change::AddEnumValue {
            name: enum_name,
            value: "new\\value".into(),
            place: match more % 3 {
                0 => None,
                1 => Some(EnumPlace::Before("ok".into())),
                _ => Some(EnumPlace::After("sad".into())),
            },
        },
        15 => Change::DropEnum { name: enum_name },
        16 => Change::CreateView { name: object(more), view: view("SELECT id FROM target") },
        17 => Change::ReplaceView {
            name: "seen".into(),
            view: view("SELECT id FROM target WHERE id > 1"),
        },
        18 => Change::DropView { name: "seen".into() },
        19 => Change::RenameTable { from: on, to: object(more) },
        20 => Change::RenameColumn { table: on, from: some, to: name(seed) },
        21 => Change::RenameConstraint {
            table: "target".into(),
            from: "target_pkey".into(),
            to: name(more),
        },
        22 => Change::RenameIndex {
            table: "target".into(),
            from: "target_idx".into(),
            to: name(more),
        },
        23 => Change::RenameEnum { from: enum_name, to: object(more) },
        24 => Change::RenameEnumValue { name: enum_name, from: "ok".into(), to: "o'k".into() },
        25 => Change::SetType {
            table: on,
            column: some,
            sql_type: normalize_type(Dialect::Postgres, TYPES[usize::from(more) % TYPES.len()]),
            using: seed.is_multiple_of(2).then(|| expression(more)),
            collation: seed.is_multiple_of(5).then(|| "C".into()),
        },
        26 => Change::SetGenerated {
            table: on,
            column: some,
            generated: match more % 3 {
                0 => None,
                1 => Some(Generated::Identity(Identity::Always)),
                _ => Some(Generated::Identity(Identity::ByDefault)),
            },
        },
        27 => {
            Change::ValidateConstraint { table: "target".into(), constraint: "target_check".into() }
        }
        28 => Change::SetComment {
            table: on,
            column: seed.is_multiple_of(2).then_some(some),
            comment: (!more.is_multiple_of(3)).then(|| "it's a comment\\".to_owned()),
        },
        29 => Change::CreateSequence { name: object(more) },
        30 => Change::DropSequence { name: "numbers".into() },
        31 => Change::RenameSequence { from: "numbers".into(), to: object(more) },
        32 => Change::CreateTrigger {
            table: "target".into(),
            name: "bump".into(),
            trigger: Trigger {
                definition: Some(
                    "CREATE TRIGGER bump BEFORE UPDATE ON target FOR EACH ROW EXECUTE FUNCTION f()"
                        .to_owned(),
                ),
            },
        },
        33 => Change::DropTrigger { table: "target".into(), name: "there".into() },
        34 => Change::Truncate { tables: vec![on, "target".into()] },
        35 => write(&on, of, Write::Update { set: vec![(some, expression(more))] }, seed),
        36 => write(&on, of, Write::Delete, seed),
        37 => Change::Other(Other {
            verb: Verb::Create,
            kind: ObjectKind::Domain,
            name: Some("amount".into()),
            on: None,
            text: "CREATE DOMAIN amount AS integer CHECK (VALUE > 0)".to_owned(),
            touches: Vec::new(),
            domain: Some(Box::new(Domain {
                over: SqlType("integer".to_owned()),
                not_null: false,
                beside: "CHECK (VALUE > 0)".to_owned(),
                of_extension: false,
            })),
        }),
        38 => Change::SetDeferral {
            table: "target".into(),
            constraint: "target_fkey".into(),
            deferral: Deferral::ALL[usize::from(more) % 3],
        },
        39 => add(Constraint::Exclude(Exclusion {
            name: name(more),
            index: Index {
                unique: false,
                method: Some("gist".into()),
                predicate: seed.is_multiple_of(2).then(|| SqlExpression::new("1 = 1")),
                columns: vec![
                    part(IndexKey::Column(some), PartTerms::default()),
                    part(
                        IndexKey::Expression(SqlExpression::new("lower('x')")),
                        PartTerms { collation: Some("C".into()), ..PartTerms::default() },
                    ),
                ],
                ..index(&"n".into(), 2)
            },
            operators: vec!["&&".into(), ["=", "Own Schema.<>"][usize::from(seed % 2)].into()],
            deferral: Deferral::ALL[usize::from(seed) % 3],
        })),
        _ => add(Constraint::UsingIndex {
            name: name(more),
            index: "target_idx".into(),
            primary: seed.is_multiple_of(2),
            deferral: Deferral::ALL[usize::from(seed) % 3],
        }),
    }
}

/// How many kinds of changes [`change`] knows.
const N_KINDS: u8 = 41;

fn write(on: &ObjectName, of: &Table, write: Write, seed: u8) -> Change {
    let key = of.primary_key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
    let condition = seed.is_multiple_of(2).then(|| SqlExpression::new("1 = 1 OR 'a' IS NULL"));
    Change::Write(DataChange { table: on.clone(), key, write, condition, batch: Batch::default() })
}

fn view(query: &str) -> View {
    View { query: SqlExpression::new(query), columns: vec!["id".into()], materialized: false }
}

fn catalog(seeds: &[u8]) -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let mut id = Column::new("id", "integer");
    id.nullable = false;
    let target = Table {
        columns: vec![id, Column::new("n", "integer")],
        primary_key: Some(key("target_pkey", &["id".into()])),
        checks: vec![Check {
            name: "target_check".into(),
            expression: SqlExpression::new("n > 0"),
            validated: false,
            no_inherit: false,
        }],
        foreign_keys: vec![ForeignKey {
            name: "target_fkey".into(),
            columns: vec!["n".into()],
            references: "target".into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            validated: true,
            terms: ReferenceTerms::default(),
        }],
        ..Table::default()
    };
    let trigger = Trigger {
        definition: Some(
            "CREATE TRIGGER there BEFORE UPDATE ON target FOR EACH ROW EXECUTE FUNCTION f()"
                .to_owned(),
        ),
    };
    let unique = Index { unique: true, predicate: None, method: None, ..index(&"n".into(), 2) };
    for change in [
        Change::CreateTable { name: "target".into(), table: target },
        Change::CreateTable { name: object(seeds[0]), table: table(seeds) },
        Change::CreateIndex { table: "target".into(), name: "target_idx".into(), index: unique },
        Change::CreateEnum {
            name: "mood".into(),
            values: EnumType { values: vec!["sad".into(), "ok".into()] },
        },
        Change::CreateView { name: "seen".into(), view: view("SELECT id FROM target") },
        Change::CreateSequence { name: "numbers".into() },
        Change::CreateTrigger { table: "target".into(), name: "there".into(), trigger },
    ] {
        apply(&change, &mut catalog).unwrap();
    }
    catalog
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_rendered_is_read_as_the_same_change(
        seeds in prop::collection::vec(any::<u8>(), 1..5),
        kind in 0..N_KINDS,
        seed: u8,
        more: u8,
        fresh_table: bool,
    ) {
        let before = catalog(&seeds);
        let change = change(kind, seed, more, &before);
        // To drop the default of a serial is to end the serial, which is read as that.
        if let Change::SetDefault { table, column, default: None } = &change {
            let serial = Some(Generated::Identity(Identity::Serial));
            prop_assume!(before.column(table, column).unwrap().generated != serial);
        }
        let mut expected = before.clone();
        prop_assume!(apply(&change, &mut expected).is_ok());
        let context = RenderContext { before: &before, fresh_table, lock_timeout_ms: 4_000 };
        let Ok(rendered) = render(&change, &context) else { return Ok(()) };
        let steps: Vec<String> =
            rendered.groups.iter().map(|group| group.statements.join(";\n")).collect();
        let steps: Vec<String> = steps.into_iter().filter(|sql| sql != "SELECT 1").collect();
        let statements: Vec<String> =
            rendered.groups.into_iter().flat_map(|group| group.statements).collect();
        let script: String = statements.iter().map(|statement| format!("{statement};\n")).collect();
        let parsed = parse(Dialect::Postgres, &script);
        let mut after = before.clone();
        let mut read = Vec::new();
        for at in 0..parsed.statements.len() {
            for part in parsed.read(at, &script, &after).unwrap().parts {
                let Meaning::Change(change) = part.meaning else {
                    return Err(TestCaseError::fail(format!("{:?} in\n{script}", part.meaning)));
                };
                let applied = apply(&change, &mut after);
                prop_assert!(applied.is_ok(), "{applied:?}: {change:?} in\n{script}");
                read.push(*change);
            }
        }
        if let [only] = read.as_slice() {
            prop_assert_eq!(only, &change, "in\n{}", script);
        }
        let same = |one: &_, other: &_| same_expression(Dialect::Postgres, one, other);
        let differences = diff(&expected, &after, &same);
        prop_assert!(differences.is_empty(), "{differences:#?} after\n{script}");
        let judged = judged_as(&change, &before, &steps);
        prop_assert!(judged.is_ok(), "{change:?}\n{}", judged.unwrap_err());
    }
}
