//! A project of every kind of migration on either engine, with rows, and what can be asked of its database.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection};
use planner::database::Database as _;
use planner::database::connection::open;
use planner::dialect::Dialect;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

/// The first plan: two tables, one refers to the other and would lose its rows with it.
pub const CREATE: &str = "title: People and their visits
expand:
  - create_table:
      table: people
      columns:
        - { name: id, type: bigint, nullable: false, primary_key: true }
        - { name: name, type: text }
        - { name: email, type: text }
        - { name: age, type: integer }
  - create_table:
      table: visits
      columns:
        - { name: id, type: bigint, nullable: false, primary_key: true }
        - { name: person_id, type: bigint, nullable: false, references: { table: people, column: id, on_delete: cascade } }
";

/// The second plan: every kind of migration. `BATCH` stands for the backfill's batches.
pub const EVOLVE: &str = "title: Loud names
after: [create]
expand:
  - add_column: { table: people, column: loud, type: text }
  - create_index: { table: people, columns: [age], name: people_age }
  - id: keep_loud
    sync_columns:
      table: people
      forward: { loud: \"upper(name)\" }
      backward: { name: \"lower(loud)\" }
  - create_view: { view: adults, as: \"SELECT id, email FROM people WHERE age >= 18\" }
  - deprecate_column: { table: people, column: email }
  - deprecate_table: { table: adults }
backfill:
  - update:
      table: people
      set: { loud: \"upper(name)\" }
      where: loud IS NULL AND name IS NOT NULL
      batch: BATCH
contract:
  - drop_view: { view: adults }
  - drop_sync: { step: keep_loud }
  - set_not_null: { table: people, column: loud }
  - add_unique: { table: people, columns: [loud], name: people_loud_key }
  - add_check: { table: people, check: age >= 0, name: people_age_check }
  - drop_column: { table: people, column: name, replaced_by: [loud] }
  - drop_column: { table: people, column: email }
  - drop_index: { table: people, index: people_age }
gates:
  contract:
    releases: { none: nobody reads it yet }
    query: \"SELECT count(*) = 0 FROM people WHERE loud IS NULL OR age < 0\"
";

/// A project with its database.
pub struct World {
    pub project: Project,
    postgres: Option<ScratchPostgres>,
}

/// A connection of a test's own.
#[derive(diesel::MultiConnection)]
pub enum Direct {
    Postgresql(PgConnection),
    Sqlite(SqliteConnection),
}

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    text: Option<String>,
}

/// The first column of a query's rows, which must be called `text`.
#[track_caller]
pub fn texts(connection: &mut Direct, sql: &str) -> Vec<String> {
    let rows: Vec<Text> =
        diesel::sql_query(sql).load(connection).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    rows.into_iter().map(|row| row.text.unwrap_or_else(|| "NULL".into())).collect()
}

impl World {
    /// An empty project.
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Self { project: Project::sqlite(), postgres: None },
            Dialect::Postgres => {
                let scratch = ScratchPostgres::new();
                Self { project: Project::postgres(&scratch.url), postgres: Some(scratch) }
            }
        }
    }

    /// Sets the limits.
    pub fn limit(&self, limits: &str) {
        let config = self.project.read("planner.yaml");
        self.project.write("planner.yaml", format!("{config}limits: {{ {limits} }}\n"));
    }

    /// The two plans, the first of which has run, and so many rows.
    pub fn with_people(dialect: Dialect, rows: u32, batch: &str) -> Self {
        let world = Self::new(dialect);
        world.project.write("plans/2026-01-01-000000_create.yaml", CREATE);
        world.project.write("plans/2026-01-02-000000_evolve.yaml", EVOLVE.replace("BATCH", batch));
        world.project.run(&["run", "--through", "create/expand"]).exits(0);
        world.add_people(1, rows);
        world
    }

    /// Adds people with the ids from `first` to `last`, each with a visit.
    pub fn add_people(&self, first: u32, last: u32) {
        let numbers = format!(
            "WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
        );
        self.sql(&format!(
            "INSERT INTO people (id, name, email, age) {numbers} SELECT i, 'name ' || i, 'mail ' || i, i % 90 FROM n"
        ));
        self.sql(&format!("INSERT INTO visits (id, person_id) {numbers} SELECT i, i FROM n"));
    }

    pub fn dialect(&self) -> Dialect {
        if self.postgres.is_some() { Dialect::Postgres } else { Dialect::Sqlite }
    }

    pub fn url(&self) -> String {
        match &self.postgres {
            Some(scratch) => scratch.url.clone(),
            None => format!("sqlite:{}", self.file()),
        }
    }

    /// The SQLite file.
    pub fn file(&self) -> String {
        self.project.path().join("test.db").to_str().unwrap().to_owned()
    }

    pub fn connect(&self) -> Direct {
        if let Some(scratch) = &self.postgres {
            return Direct::Postgresql(scratch.connect());
        }
        let mut connection = SqliteConnection::establish(&self.file()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 20000; PRAGMA foreign_keys = ON").unwrap();
        Direct::Sqlite(connection)
    }

    /// Runs statements.
    #[track_caller]
    pub fn sql(&self, sql: &str) {
        self.connect().batch_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// The first column of a query's rows, which must be called `text`.
    #[track_caller]
    pub fn texts(&self, sql: &str) -> Vec<String> {
        texts(&mut self.connect(), sql)
    }

    /// A query's one number.
    #[track_caller]
    pub fn count(&self, what: &str) -> i64 {
        let texts = self.texts(&format!("SELECT CAST(count(*) AS text) AS text FROM {what}"));
        texts[0].parse().unwrap()
    }

    /// Everything that the catalog and the two tables hold.
    pub fn state(&self) -> (String, Vec<String>) {
        let mut catalog = open(&self.url()).unwrap().catalog().unwrap();
        if self.dialect() == Dialect::Postgres {
            // A column that comes back is the last there, wherever it was before.
            for table in catalog.tables.values_mut() {
                Arc::make_mut(table).columns.sort_by(|a, b| a.name.cmp(&b.name));
            }
        }
        let catalog = format!("{catalog:#?}");
        let rows = if catalog.contains("people_loud_key") {
            "SELECT concat_ws(' ', id, loud, age) AS text FROM people ORDER BY id"
        } else {
            "SELECT concat_ws(' ', id, name, email, age) AS text FROM people ORDER BY id"
        };
        let rows = match self.dialect() {
            Dialect::Postgres => rows.to_owned(),
            Dialect::Sqlite => rows.replace("concat_ws(' ', ", "printf('%s %s %s %s', "),
        };
        let mut all = self.texts(&rows);
        all.extend(self.texts("SELECT CAST(person_id AS text) AS text FROM visits ORDER BY id"));
        (catalog, all)
    }

    /// The ledger's entries of a kind: version and attempt.
    pub fn entries(&self, kind: &str) -> Vec<String> {
        self.texts(&format!(
            "SELECT version || ' ' || attempt AS text FROM planner_entries WHERE kind = '{kind}' ORDER BY id"
        ))
    }

    /// Diesel's versions.
    pub fn versions(&self) -> Vec<String> {
        self.texts("SELECT version AS text FROM __diesel_schema_migrations ORDER BY version")
    }

    /// Lets the lease of a killed run end, as if its seconds had passed.
    pub fn lease_runs_out(&self) {
        if self.dialect() == Dialect::Sqlite {
            self.sql("UPDATE planner_ledger SET lease_until = '2000-01-01 00:00:00'");
        }
    }

    /// Waits until so many rows are filled.
    #[track_caller]
    pub fn wait_for_filled(&self, rows: usize) {
        let sql = "SELECT name AS text FROM people WHERE loud IS NOT NULL LIMIT 5000";
        for _ in 0..1000 {
            let filled = diesel::sql_query(sql).load::<Text>(&mut self.connect());
            if filled.is_ok_and(|filled| filled.len() >= rows) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("{rows} rows were never filled");
    }
}
