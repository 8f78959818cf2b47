//! A database with the catalog that planner expects of it, on which changes are rendered and run.

use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::{PgConnection, RunQueryDsl as _, sql_query, sql_types};
use planner::catalog::{Catalog, Column, Generated, IndexKey, SqlExpression, Table};
use planner::change::apply::apply;
use planner::change::{Change, Written};
use planner::dialect::Dialect;
use planner::dialects::{self, Group, Refusal, RenderContext, Script, Transaction, render};
use planner::name::ObjectName;

use crate::support::ScratchPostgres;

/// A database and its catalog.
pub struct Bench {
    scratch: ScratchPostgres,
    connection: PgConnection,
    /// What planner expects of it.
    pub catalog: Catalog,
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    line: Option<String>,
}

/// Everything of a schema that a change could leave behind, one line each.
const FINGERPRINT: &str = r"
SELECT concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),
    (SELECT collname FROM pg_collation WHERE oid = a.attcollation))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT concat_ws(' ', 'table', c.oid::regclass, c.relkind, obj_description(c.oid)) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S')
UNION ALL
SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
UNION ALL
SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT concat_ws(' ', 'function', pg_get_functiondef(oid)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT concat_ws(' ', 'enum', t.oid::regtype, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
    FROM pg_enum WHERE enumtypid = t.oid))
FROM pg_type t WHERE t.typtype = 'e'
UNION ALL
SELECT concat_ws(' ', 'view', c.oid::regclass, pg_get_viewdef(c.oid)) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
ORDER BY 1";

impl Bench {
    /// Creates an empty database.
    pub fn new() -> Self {
        let scratch = ScratchPostgres::new();
        let connection = scratch.connect();
        Self { scratch, connection, catalog: Catalog::empty(Dialect::Postgres) }
    }

    /// Tries statements on another connection, which waits for locks only for a moment.
    pub fn try_elsewhere(&self, sql: &str) -> Result<(), String> {
        let mut other = self.scratch.connect();
        let sql = format!("SET lock_timeout = '150ms';\n{sql}");
        other.batch_execute(&sql).map_err(|error| error.to_string())
    }

    /// Runs statements.
    pub fn sql(&mut self, sql: &str) {
        self.connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// Runs statements that must fail and returns what the server said.
    pub fn fails(&mut self, sql: &str) -> String {
        self.connection.batch_execute(sql).expect_err(sql).to_string()
    }

    /// Returns the rows of a query for one column.
    pub fn lines(&mut self, query: &str) -> Vec<String> {
        lines(&mut self.connection, query)
    }

    /// Returns the one value of a query.
    pub fn value(&mut self, query: &str) -> String {
        let lines = self.lines(query);
        assert_eq!(lines.len(), 1, "{query}");
        lines.into_iter().next().unwrap()
    }

    /// Returns the row of texts that a query for a key gives.
    pub fn key(&mut self, query: &str, n_columns: usize) -> Option<Vec<String>> {
        let names: Vec<String> = (0..n_columns).map(|number| format!("k{number}")).collect();
        let names = names.join(", ");
        let sql =
            format!("SELECT json_build_array({names})::text AS line FROM ({query}) AS q({names})");
        let lines: Vec<Line> = sql_query(sql).load(&mut self.connection).unwrap();
        lines.first().map(|line| serde_json::from_str(line.line.as_ref().unwrap()).unwrap())
    }

    /// Returns everything that is in the schema.
    pub fn fingerprint(&mut self) -> Vec<String> {
        let query = format!("SELECT f AS line FROM ({FINGERPRINT}) AS q(f)");
        let lines: Vec<Line> = sql_query(query).load(&mut self.connection).unwrap();
        lines.into_iter().map(|line| line.line.unwrap()).collect()
    }

    /// Renders a change on a table in use.
    pub fn render(&self, change: &Change) -> Result<Script, Refusal> {
        self.render_as(change, false)
    }

    /// Renders a step that runs as written and does this.
    pub fn written(&self, written: &Written, changes: &[Change]) -> Result<Script, Refusal> {
        let before = &self.catalog;
        let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 2_000 };
        dialects::written(written, changes, &context)
    }

    fn render_as(&self, change: &Change, fresh_table: bool) -> Result<Script, Refusal> {
        let context = RenderContext { before: &self.catalog, fresh_table, lock_timeout_ms: 2_000 };
        render(change, &context)
    }

    /// Runs a change on a table in use, and expects it to be so.
    pub fn up(&mut self, change: &Change) -> Script {
        let script = self.render(change).unwrap();
        self.run(&script);
        apply(change, &mut self.catalog).unwrap();
        self.assert_live_is_expected();
        script
    }

    /// Runs all groups of a script.
    pub fn run(&mut self, script: &Script) {
        assert!(!script.groups.is_empty());
        for group in &script.groups {
            self.run_group(&group.statements, &group.transaction);
        }
    }

    /// Undoes all groups of a script.
    pub fn undo(&mut self, script: &Script) {
        for group in script.groups.iter().rev() {
            self.undo_group(group);
        }
    }

    /// Checks that the live catalog is the expected one, as far as they can be compared without knowing how
    /// the server writes expressions.
    pub fn assert_live_is_expected(&mut self) {
        let live = planner::database::introspect::postgres::read(&mut self.connection).unwrap();
        let (mut expected, mut found) = (self.catalog.clone(), live);
        for catalog in [&mut expected, &mut found] {
            without_texts(catalog);
        }
        assert_eq!(expected, found);
    }

    fn undo_group(&mut self, group: &Group) {
        let statements = group.undo.clone().unwrap();
        self.run_group(&statements, &group.undo_transaction);
    }

    fn run_group(&mut self, statements: &[String], transaction: &Transaction) {
        match transaction {
            Transaction::Shared => {
                let locks = statements.iter().any(|statement| statement != "SELECT 1");
                assert!(!locks || statements[0] == "SET LOCAL lock_timeout = '2000ms'");
                // As the file is run: in one batch, each statement ended by `;`.
                self.sql(&format!("BEGIN;\n{};\nCOMMIT;", statements.join(";\n")));
            }
            Transaction::Alone { .. } => {
                let [statement] = statements else { panic!("{statements:?}") };
                self.sql(&format!("{statement};\n"));
            }
            Transaction::ForeignKeysOff => panic!("PostgreSQL has no such transaction"),
        }
    }

    /// Runs a change up, down and up again, on a table in use and as if on a fresh one; each time the schema
    /// must be what it was. Returns the script of the table in use.
    pub fn there_and_back(&mut self, change: &Change) -> Script {
        let before = self.fingerprint();
        let fresh = self.render_as(change, true).unwrap();
        self.run(&fresh);
        let after_fresh = self.fingerprint();
        self.undo(&fresh);
        assert_same(&before, &self.fingerprint(), change);
        let script = self.render(change).unwrap();
        self.run(&script);
        assert_same(&after_fresh, &self.fingerprint(), change);
        self.undo(&script);
        assert_same(&before, &self.fingerprint(), change);
        self.run(&script);
        assert_same(&after_fresh, &self.fingerprint(), change);
        apply(change, &mut self.catalog).unwrap();
        self.assert_live_is_expected();
        script
    }
}

/// Takes away what is only known on one side, or written otherwise by the server: expressions, definitions of
/// triggers, the order of columns (one that came back is last), and sequences that tests make themselves.
fn without_texts(catalog: &mut Catalog) {
    let blank = |text: &mut SqlExpression| *text = expression("");
    catalog.syncs.clear();
    catalog.sequences.clear();
    catalog.views.values_mut().for_each(|view| blank(&mut view.query));
    for table in catalog.tables.values_mut() {
        let table = Arc::make_mut(table);
        table.columns.sort_by(|one, other| one.name.cmp(&other.name));
        table.uniques.sort_by(|one, other| one.name.cmp(&other.name));
        table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
        for column in &mut table.columns {
            column.default.iter_mut().for_each(blank);
            if let Some(Generated::Stored(text)) = &mut column.generated {
                blank(text);
            }
        }
        table.checks.sort_by(|one, other| one.name.cmp(&other.name));
        table.checks.iter_mut().for_each(|check| blank(&mut check.expression));
        for index in table.indexes.values_mut() {
            index.predicate.iter_mut().for_each(blank);
            for part in &mut index.columns {
                if let IndexKey::Expression(text) = &mut part.key {
                    blank(text);
                }
            }
        }
        table.triggers.values_mut().for_each(|trigger| trigger.definition = None);
    }
}

fn assert_same(expected: &[String], found: &[String], change: &Change) {
    let missing: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
    let extra: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{change:#?}\nmissing: {missing:#?}\nextra: {extra:#?}"
    );
}

fn lines(connection: &mut PgConnection, query: &str) -> Vec<String> {
    let sql = format!("SELECT q.line::text AS line FROM ({query}) AS q(line)");
    let lines: Vec<Line> = sql_query(sql).load(connection).unwrap();
    lines.into_iter().map(|line| line.line.unwrap()).collect()
}

/// An expression.
pub fn expression(text: &str) -> SqlExpression {
    SqlExpression::new(text)
}

/// A nullable column.
pub fn column(name: &str, sql_type: &str) -> Column {
    Column::new(name, sql_type)
}

/// A column that may not be NULL.
pub fn required(name: &str, sql_type: &str) -> Column {
    Column { nullable: false, ..Column::new(name, sql_type) }
}

/// A table with a primary key on its first column.
pub fn table(name: &str, columns: Vec<Column>) -> Change {
    let name = ObjectName::parse(name);
    let mut table = Table { columns, ..Table::default() };
    table.columns[0].nullable = false;
    table.primary_key = Some(planner::catalog::Key::new(
        format!("{}_pkey", name.name).into(),
        vec![table.columns[0].name.clone()],
    ));
    Change::CreateTable { name, table }
}
