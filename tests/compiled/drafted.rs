//! The plan for the difference of two catalogs: it passes every rule but for what it asks, and once that is answered it ends at the catalog
//! that was wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use planner::catalog::diff::{Difference, diff};
use planner::catalog::{
    Catalog, Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey,
    IndexTerms, Key, Order, PartTerms, ReferenceTerms, ReferentialAction, SqlExpression, Table,
};
use planner::compile::phased::text::{Head, text};
use planner::compile::phased::{AskedBy, Phased, phased};
use planner::diagnostic::{Severity, Sink};
use planner::dialect::Dialect;
use planner::expressions::same_expression;
use planner::history::History;
use planner::name::Name;
use planner::plan::{check, parse};
use planner::rules::{self, RuleContext};
use planner::source::Sources;
use planner::{graph, phase::Phase};
use proptest::prelude::*;

use super::project::{CASES, case, compile_texts};

/// What `check` says of questions that are open.
const OPEN: [&str; 4] =
    ["contract-without-gate", "drop-of-required-column", "backfill-before-dual-write", LEFT];
/// What may be left once they are answered as below: one default for all rows does not fit everywhere.
const LEFT: &str = "default-violates-constraint";

/// The plan's text, and what is open in it.
pub(super) fn drafted(have: &Catalog, want: &Catalog) -> (Phased, String) {
    let plan = phased(have, want, AskedBy::Catalog, &BTreeMap::new());
    let head = Head {
        title: "Go there",
        owner: None,
        after: Vec::new(),
        command: "planner new go_there --from-database".to_owned(),
        apps: &[],
        needs_are_known: false,
    };
    let written = text(&plan, &head, have.dialect);
    (plan, written.text)
}

/// Answers every question as a person might.
pub(super) fn answered(text: &str) -> String {
    let mut answered = String::new();
    let (mut wants_default, mut in_update) = (false, false);
    for line in text.lines() {
        let bare = line.trim_start();
        let is_heading = ["# gates:", "# contract:", "# backfill:"].contains(&bare);
        in_update = bare.starts_with("# - update:") || in_update && line.starts_with("  #     ");
        let line = if is_heading || in_update || bare.starts_with("# releases: ") {
            line.replacen("# ", "", 1)
        } else {
            line.to_owned()
        };
        let line = line.replace(">=VERSION", ">=1.0.0").replace("VALUE", "\"'x'\"");
        if line.contains("QUESTION: ") {
            wants_default |= line.contains("need a default");
        }
        let is_step = line.starts_with("  - ");
        let line = match line.strip_suffix(" }") {
            Some(line) if wants_default && is_step => format!("{line}, default: \"'x'\" }}"),
            _ => line,
        };
        wants_default &= !is_step;
        answered += &line;
        answered.push('\n');
    }
    answered
}

/// Checks a plan on a catalog; returns the rules that find an error in it, and where it ends.
fn checked(have: &Catalog, text: &str) -> (Vec<String>, Catalog) {
    let (mut sources, mut sink) = (Sources::default(), Sink::default());
    let source = sources.add("plans/2026-01-01-000000_go_there.yaml", text);
    let plan = parse::parse(source, sources.get(source).unwrap(), &mut sink);
    let plans = plan.into_iter().collect();
    let project = check::check(plans, have.dialect, Arc::new(have.clone()), &mut sink);
    let graph = graph::build(&project, &mut sink).unwrap();
    let context = RuleContext {
        project: &project,
        graph: &graph,
        history: &History::default(),
        sources: &sources,
        severities: &BTreeMap::new(),
        squawk: &[],
        apps: &[],
        needs_are_known: false,
        sizes: None,
        today: jiff::civil::date(2026, 1, 1),
    };
    rules::check(&context, &mut sink);
    let errors = sink.found().iter().filter(|found| found.severity == Severity::Error);
    let words =
        |found: &planner::diagnostic::Diagnostic| format!("{}: {}", found.code.name, found.message);
    (errors.map(words).collect(), Catalog::clone(&project.end))
}

fn leads(have: &Catalog, want: &Catalog) -> Result<(), String> {
    let (plan, text) = drafted(have, want);
    if !plan.has_steps() {
        return Ok(());
    }
    let (errors, _) = checked(have, &text);
    let is = |error: &String, rule: &str| error.starts_with(rule);
    let unasked: Vec<&String> =
        errors.iter().filter(|error| !OPEN.iter().any(|rule| is(error, rule))).collect();
    if !unasked.is_empty() {
        return Err(format!("{unasked:#?}\n{text}"));
    }
    if !errors.is_empty() && !text.contains("QUESTION: ") {
        return Err(format!("{errors:#?} is not asked\n{text}"));
    }
    let answered = answered(&text);
    let (errors, end) = checked(have, &answered);
    if errors.iter().any(|error| !is(error, LEFT)) {
        return Err(format!("{errors:#?}\n{answered}"));
    }
    let differences = unexpected(&plan, want, &end);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("{differences:#?}\nunsaid: {:#?}\n{answered}", plan.unsaid))
}

/// What differs from the wanted catalog in the end, but for what the plan says will: columns of another type have another name.
pub(super) fn unexpected(plan: &Phased, want: &Catalog, end: &Catalog) -> Vec<Difference> {
    let dialect = want.dialect;
    let same = |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
    let replaced: Vec<String> = plan
        .of(Phase::Expand)
        .filter(|step| step.key == "add_column")
        .filter_map(|step| step.fields.iter().find(|(key, _)| key == "column"))
        .map(|(_, name)| name.flow())
        .filter(|name| name.contains("_new"))
        .collect();
    let is_known = |object: &str| {
        let name = object.split('`').nth(1).unwrap_or_default();
        let is_replaced = |new: &String| {
            let (old, _) = new.split_once("_new").unwrap();
            object.ends_with(&format!(".{new}`"))
                || object.ends_with(&format!(".{old}`"))
                || object.contains("` on `") && (name.contains(new) || name.contains(old))
        };
        replaced.iter().any(is_replaced)
            || plan.unsaid.iter().any(|what| what.contains(&format!("`{name}`")))
    };
    let differences = diff(want, end, &same);
    differences.into_iter().filter(|difference| !is_known(&difference.object)).collect()
}

/// All that the plans lead through, but for while columns are kept in step.
pub(super) fn states(texts: &[(String, String)], dialect: Dialect) -> Vec<Catalog> {
    let (project, _) = compile_texts(texts, dialect);
    let mut states = vec![Catalog::clone(&project.end)];
    project.walk(|_, _, before| states.push(before.clone()));
    states.retain(|state| state.syncs.is_empty());
    states.dedup();
    states
}

#[test]
fn every_state_of_a_project_can_be_reached_from_every_other() {
    let mut n_pairs = 0;
    for dialect in Dialect::ALL {
        for name in CASES {
            let texts = case(name);
            let states = states(&texts, dialect);
            for have in &states {
                for want in &states {
                    if let Err(why) = leads(have, want) {
                        panic!("{name} on {dialect}: {why}");
                    }
                    n_pairs += 1;
                }
            }
        }
    }
    assert!(n_pairs > 200, "{n_pairs}");
}

#[test]
fn what_is_there_already_needs_no_plan() {
    for dialect in Dialect::ALL {
        let (project, _) = compile_texts(&case("storefront"), dialect);
        assert!(phased(&project.end, &project.end, AskedBy::Catalog, &BTreeMap::new()).is_empty());
    }
}

const TYPES: [(&str, &str); 5] = [
    ("text", "TEXT"),
    ("integer", "INTEGER"),
    ("bigint", "BIGINT"),
    ("boolean", "BOOLEAN"),
    ("character varying(20)", "VARCHAR(20)"),
];

/// A column beside the key: which name and type, nullable, with a default, and which of the constraints is on it.
type AnyColumn = (usize, usize, bool, bool, u8);
/// A table: which name, its columns.
type AnyTable = (usize, Vec<AnyColumn>);

fn catalog(dialect: Dialect, tables: &[AnyTable]) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    let sql_type = |at: usize| match dialect {
        Dialect::Postgres => TYPES[at].0,
        Dialect::Sqlite => TYPES[at].1,
    };
    for (at, columns) in tables {
        let name = format!("t{at}");
        let mut id = Column::new("id", sql_type(1));
        id.nullable = false;
        if dialect == Dialect::Sqlite {
            id.generated = Some(Generated::Identity(Identity::RowId));
        }
        let key = Key::new(format!("{name}_pkey").into(), vec!["id".into()]);
        let mut table = Table { columns: vec![id], primary_key: Some(key), ..Table::default() };
        for (named, of, nullable, has_default, rule) in columns {
            let column = format!("c{named}");
            if table.column(&Name::from(column.as_str())).is_some() {
                continue;
            }
            let mut made = Column::new(column.as_str(), sql_type(*of));
            made.nullable = *nullable;
            made.default = has_default.then(|| SqlExpression::new("NULL"));
            if *has_default && !nullable {
                made.default = Some(SqlExpression::new(if *of == 0 { "'a'" } else { "1" }));
            }
            table.columns.push(made);
            add_rule(&mut table, &name, &column, *rule, tables);
        }
        catalog.tables.insert(name.as_str().into(), Arc::new(table));
    }
    catalog
}

fn add_rule(table: &mut Table, name: &str, column: &str, rule: u8, tables: &[AnyTable]) {
    let columns = vec![Name::from(column)];
    let named = |suffix: &str| Name::new(format!("{name}_{column}_{suffix}"));
    let index = |unique, columns: &[&str]| Index {
        columns: columns
            .iter()
            .map(|column| IndexColumn {
                key: IndexKey::Column(Name::from(*column)),
                order: Order::Descending,
                nulls: None,
                opclass: None,
                terms: PartTerms::default(),
            })
            .collect(),
        unique,
        predicate: None,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    };
    match rule {
        1 => table.uniques.push(Key::new(named("key"), columns)),
        2 => table.checks.push(Check {
            name: named("check"),
            expression: SqlExpression::new(format!("{column} <> id")),
            validated: true,
            no_inherit: false,
        }),
        3 => table.foreign_keys.push(ForeignKey {
            name: named("fkey"),
            columns,
            references: format!("t{}", tables[0].0).as_str().into(),
            referenced_columns: vec!["id".into()],
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::NoAction,
            validated: true,
            terms: ReferenceTerms::default(),
        }),
        4 => drop(table.indexes.insert(named("idx"), index(false, &[column, "id"]))),
        5 => drop(table.indexes.insert(named("unique"), index(true, &[column]))),
        _ => {}
    }
}

fn any_tables() -> impl Strategy<Value = Vec<AnyTable>> {
    let column = (0_usize..4, 0_usize..5, any::<bool>(), any::<bool>(), 0_u8..8);
    prop::collection::btree_map(0_usize..4, prop::collection::vec(column, 0..5), 1..4)
        .prop_map(|tables| tables.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn any_catalog_can_be_reached_from_any_other(one in any_tables(), other in any_tables(), sqlite in any::<bool>()) {
        let dialect = if sqlite { Dialect::Sqlite } else { Dialect::Postgres };
        let led = leads(&catalog(dialect, &one), &catalog(dialect, &other));
        prop_assert!(led.is_ok(), "{}", led.unwrap_err());
    }
}
