//! A partition is written so that it is read as the same change.

use planner::catalog::{Catalog, Check, Column, SqlExpression, Table};
use planner::change::Change;
use planner::change::apply::apply;
use planner::dialect::Dialect;
use planner::dialects::{RenderContext, render};
use planner::name::ObjectName;
use planner::readers::{Meaning, parse};

use super::parts::{index, key};

#[test]
fn a_partition_is_read_as_the_same_change() {
    let mut before = Catalog::empty(Dialect::Postgres);
    let whole = Table {
        columns: vec![Column::new("n", "integer"), Column::new("t", "text")],
        uniques: vec![key("whole_n_key", &["n".into()])],
        checks: vec![Check {
            name: "whole_check".into(),
            expression: SqlExpression::new("n > 0"),
            validated: true,
            no_inherit: false,
        }],
        partition_by: Some(SqlExpression::new("LIST (n)")),
        ..Table::default()
    };
    let (table, name) = ("whole".into(), "whole_t_idx".into());
    let index = Change::CreateIndex { table, name, index: index(&"t".into(), 2) };
    for change in [Change::CreateTable { name: "whole".into(), table: whole.clone() }, index] {
        apply(&change, &mut before).unwrap();
    }
    for seed in 0_u8..32 {
        let is = |bit: u8| seed & bit != 0;
        let mut part = Table { columns: whole.columns.clone(), ..Table::default() };
        part.columns[0].nullable = !is(1);
        part.columns[1].default = is(2).then(|| SqlExpression::new("'x'"));
        let bound = SqlExpression::new(if is(4) { "DEFAULT" } else { "FOR VALUES IN (1, 2)" });
        part.partition_of = Some(planner::catalog::Partition { of: "whole".into(), bound });
        part.partition_by = is(8).then(|| SqlExpression::new("RANGE (t)"));
        if is(16) {
            part.uniques.push(key("own", &["t".into()]));
        }
        let change = Change::CreateTable {
            name: ObjectName::parse(if seed % 3 == 0 { "billing.part" } else { "part" }),
            table: part,
        };
        let context = RenderContext { before: &before, fresh_table: true, lock_timeout_ms: 4_000 };
        let groups = render(&change, &context).unwrap().groups;
        let statements = groups.iter().flat_map(|group| &group.statements);
        let script: String = statements.map(|statement| format!("{statement};\n")).collect();
        let parsed = parse(Dialect::Postgres, &script);
        let read = parsed.read(parsed.statements.len() - 1, &script, &before).unwrap();
        let parts: Vec<&Meaning> = read.parts.iter().map(|part| &part.meaning).collect();
        assert_eq!(parts, [&Meaning::Change(Box::new(change))], "in\n{script}");
    }
}
