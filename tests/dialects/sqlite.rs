//! SQLite: what is rendered does what the change says, twice and back, and loses nothing.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test's helper fails the test"
)]

mod alter;
mod backfill;
mod guard;
mod rebuild;
mod sync_columns;
mod sync_tables;

use diesel::connection::SimpleConnection as _;
use diesel::{RunQueryDsl as _, SqliteConnection};
use planner::catalog::{
    Catalog, Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey,
    IndexTerms, Key, Order, PartTerms, ReferenceTerms, ReferentialAction, SqlExpression, Table,
};
use planner::change::{Change, apply::apply};
use planner::dialect::Dialect;
use planner::dialects::{Group, RenderContext, Script, Transaction, render, wrap_foreign_keys_off};
use planner::name::Name;

use crate::support::ScratchSqlite;

/// A database, and what planner thinks is in it.
struct World {
    catalog: Catalog,
    connection: SqliteConnection,
    _scratch: ScratchSqlite,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    text: Option<String>,
}

impl World {
    fn new() -> Self {
        let scratch = ScratchSqlite::new();
        let mut connection = scratch.connect();
        connection.batch_execute("PRAGMA synchronous = OFF").unwrap();
        Self { catalog: Catalog::empty(Dialect::Sqlite), connection, _scratch: scratch }
    }

    /// Renders a change for the catalog as it is.
    fn render(&self, change: &Change) -> Script {
        let context =
            RenderContext { before: &self.catalog, fresh_table: false, lock_timeout_ms: 0 };
        render(change, &context).unwrap()
    }

    /// Does a change in the database and in the catalog, and returns what was run.
    fn run(&mut self, change: &Change) -> Group {
        let [group] = <[Group; 1]>::try_from(self.render(change).groups).unwrap();
        self.execute(&group.statements, &group.transaction);
        apply(change, &mut self.catalog).unwrap();
        group
    }

    /// Does the change, does it again where a file may run twice, takes it back, and does it once more; between the two
    /// ways the schema must be what it was.
    fn run_to_and_fro(&mut self, change: &Change) -> Group {
        let before = self.schema();
        let group = self.run(change);
        let after = self.schema();
        if group.transaction == Transaction::ForeignKeysOff {
            self.execute(&group.statements, &group.transaction);
            assert_eq!(self.schema(), after, "a second run changes nothing");
        }
        let undo = group.undo.clone().unwrap();
        self.execute(&undo, &group.undo_transaction);
        assert_eq!(self.schema(), before, "the way back leads back");
        if group.undo_transaction == Transaction::ForeignKeysOff {
            self.execute(&undo, &group.undo_transaction);
            assert_eq!(self.schema(), before, "a second way back changes nothing");
        }
        self.execute(&group.statements, &group.transaction);
        assert_eq!(self.schema(), after);
        group
    }

    /// Takes the catalog from the database.
    fn look(&mut self) {
        self.catalog = planner::database::introspect::sqlite::read(&mut self.connection).unwrap();
    }

    fn execute(&mut self, statements: &[String], transaction: &Transaction) {
        self.try_execute(statements, transaction).unwrap();
    }

    fn try_execute(
        &mut self,
        statements: &[String],
        transaction: &Transaction,
    ) -> Result<(), String> {
        let script = match transaction {
            Transaction::Shared => {
                let mut script = vec!["BEGIN".to_owned()];
                script.extend(statements.iter().cloned());
                script.push("COMMIT".to_owned());
                script
            }
            Transaction::ForeignKeysOff => wrap_foreign_keys_off(statements, &[]),
            Transaction::Alone { .. } => statements.to_vec(),
        };
        self.connection.batch_execute(&script.join(";\n")).map_err(|error| error.to_string())
    }

    fn sql(&mut self, sql: &str) {
        self.connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs SQL that must fail, and returns the message.
    fn error(&mut self, sql: &str) -> String {
        self.connection.batch_execute(sql).unwrap_err().to_string()
    }

    /// Returns the rows of a query, each as the texts of its values with `|` between.
    fn rows(&mut self, columns: &str, rest: &str) -> Vec<String> {
        let value = columns
            .split(", ")
            .map(|column| format!("coalesce(CAST({column} AS TEXT), 'NULL')"))
            .collect::<Vec<_>>()
            .join(" || '|' || ");
        let query = format!("SELECT {value} AS text {rest}");
        let rows: Vec<Row> = diesel::sql_query(&query)
            .load(&mut self.connection)
            .unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.into_iter().map(|row| row.text.unwrap()).collect()
    }

    /// Returns the texts in the engine's own catalog, but for formatting.
    fn schema(&mut self) -> Vec<String> {
        let texts =
            self.rows("sql", "FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name");
        let spread = |text: String| {
            text.replace(['"'], "").replace('(', " ( ").replace(')', " ) ").replace(',', " , ")
        };
        let texts = texts.into_iter().map(spread);
        texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    fn foreign_keys_are_whole(&mut self) -> bool {
        let on = self.rows("foreign_keys", "FROM pragma_foreign_keys");
        let legacy = self.rows("legacy_alter_table", "FROM pragma_legacy_alter_table");
        assert_eq!((on, legacy), (vec!["1".to_owned()], vec!["0".to_owned()]));
        self.rows("count(*)", "FROM pragma_foreign_key_check") == ["0"]
    }
}

fn expression(text: &str) -> SqlExpression {
    SqlExpression::new(text)
}

fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|name| Name::from(*name)).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(Name, SqlExpression)> {
    pairs.iter().map(|(name, text)| (Name::from(*name), expression(text))).collect()
}

fn key(name: &str, columns: &[&str]) -> Key {
    Key::new(name.into(), names(columns))
}

fn check(name: &str, text: &str) -> Check {
    Check { name: name.into(), expression: expression(text), validated: true, no_inherit: false }
}

fn id() -> Column {
    let identity = Some(Generated::Identity(Identity::RowId));
    Column { generated: identity, nullable: false, ..Column::new("id", "INTEGER") }
}

fn text(name: &str) -> Column {
    Column::new(name, "TEXT")
}

fn integer(name: &str) -> Column {
    Column::new(name, "INTEGER")
}

fn not_null(column: Column) -> Column {
    Column { nullable: false, ..column }
}

/// A table with a self-numbering `id` and these columns.
fn table(name: &str, columns: Vec<Column>) -> Table {
    let columns = std::iter::once(id()).chain(columns).collect();
    Table { columns, primary_key: Some(key(&format!("{name}_pkey"), &["id"])), ..Table::default() }
}

fn create(name: &str, table: Table) -> Change {
    Change::CreateTable { name: name.into(), table }
}

fn foreign_key(name: &str, column: &str, to: &str, on_delete: ReferentialAction) -> ForeignKey {
    ForeignKey {
        name: name.into(),
        columns: names(&[column]),
        references: to.into(),
        referenced_columns: names(&["id"]),
        on_delete,
        on_update: ReferentialAction::NoAction,
        validated: true,
        terms: ReferenceTerms::default(),
    }
}

fn index(parts: &[(IndexKey, Order)]) -> Index {
    let part = |(key, order): &(IndexKey, Order)| IndexColumn {
        key: key.clone(),
        order: *order,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    Index {
        columns: parts.iter().map(part).collect(),
        unique: false,
        predicate: None,
        method: None,
        include: Vec::new(),
        valid: true,
        terms: IndexTerms::default(),
    }
}

fn index_on(column: &str) -> Index {
    index(&[(IndexKey::Column(column.into()), Order::Ascending)])
}
