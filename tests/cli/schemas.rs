//! Several schemas of one PostgreSQL database, with names that need quoting.

use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const TABLES: &str = r#"title: Tables in other schemas
expand:
  - create_table: { table: app.orders, columns: [{ name: id, type: bigint, primary_key: true }, { name: "Total Sum", type: numeric }, { name: old, type: text }] }
  - create_table: { table: "Sales X.Items", columns: [{ name: id, type: bigint, primary_key: true }, { name: order_id, type: bigint, references: { table: app.orders, column: id } }] }
  - create_index: { table: app.orders, columns: ["Total Sum"] }
  - create_view: { view: app.v, as: 'SELECT id, "Total Sum" FROM app.orders' }
"#;
const MOVE: &str = r#"title: Another name
after: [tables]
expand:
  - add_column: { table: app.orders, column: "New", type: text }
backfill:
  - update: { table: app.orders, set: { New: "upper(old)" }, where: '"New" IS NULL AND old IS NOT NULL' }
contract:
  - drop_column: { table: app.orders, column: old, replaced_by: [New] }
gates: { backfill: { releases: { none: "x" } }, contract: { releases: { none: "x" } } }
"#;

#[test]
fn tables_of_several_schemas_are_filled_contracted_and_reverted() {
    let database = ScratchPostgres::new();
    let mut connection = database.connect();
    connection.batch_execute("CREATE SCHEMA app; CREATE SCHEMA \"Sales X\"").unwrap();
    let project = Project::postgres(&database.url)
        .file("plans/2026-01-01-000000_tables.yaml", TABLES)
        .file("plans/2026-01-02-000000_move.yaml", MOVE);
    project.run(&["run", "--phase", "tables/expand"]).exits(0);
    let rows =
        "INSERT INTO app.orders (id, old) SELECT n, 'x' || n FROM generate_series(1, 3000) n";
    connection.batch_execute(rows).unwrap();
    project.run(&["run"]).exits(0);
    let filled = "DO $$ BEGIN ASSERT (SELECT count(*) = 3000 FROM app.orders WHERE \"New\" LIKE 'X%'); END $$";
    connection.batch_execute(filled).unwrap();
    project.run(&["status"]).exits(0);
    project.run(&["compile"]).exits(0);
    let other = ScratchPostgres::new();
    other.connect().batch_execute("CREATE SCHEMA app; CREATE SCHEMA \"Sales X\"").unwrap();
    crate::support::diesel::migrate(&other.url, &project.path().join("migrations"));
    project.run(&["revert", "tables/expand", "--consent", "move/contract"]).exits(0);
    let gone = "DO $$ BEGIN ASSERT to_regclass('app.orders') IS NULL; END $$";
    connection.batch_execute(gone).unwrap();
}
