//! Runs that are killed, stopped, or not alone; plans that run in another order than they were written.

mod backfills;
mod order;
mod rewrites;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

/// A project on either engine, with a way to run SQL on its database.
struct Scene {
    project: Project,
    postgres: Option<ScratchPostgres>,
}

impl Scene {
    fn sqlite() -> Self {
        Self { project: Project::sqlite(), postgres: None }
    }

    fn postgres() -> Self {
        let database = ScratchPostgres::new();
        Self { project: Project::postgres(&database.url), postgres: Some(database) }
    }

    fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// Runs statements.
    fn execute(&self, sql: &str) {
        use diesel::connection::SimpleConnection as _;
        match &self.postgres {
            Some(database) => database.connect().batch_execute(sql).unwrap(),
            None => self.connect_sqlite().batch_execute(sql).unwrap(),
        }
    }

    /// Asks for one number.
    fn number(&self, sql: &str) -> i64 {
        use diesel::RunQueryDsl as _;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let query = diesel::sql_query(format!("SELECT CAST(({sql}) AS bigint) AS n"));
        match &self.postgres {
            Some(database) => query.get_result::<Row>(&mut database.connect()).unwrap().n,
            None => query.get_result::<Row>(&mut self.connect_sqlite()).unwrap().n,
        }
    }

    fn connect_sqlite(&self) -> diesel::SqliteConnection {
        use diesel::connection::{Connection as _, SimpleConnection as _};
        let path = self.project.path().join("test.db");
        let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
        connection
    }

    /// Fills `users` with this many rows.
    fn fill(&self, n: i64) {
        self.execute(&format!(
            "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < {n})
             INSERT INTO users (id, name) SELECT i, 'N' || i FROM g"
        ));
    }
}
