//! A view that the server keeps in other words than its author's is no difference.

use diesel::connection::SimpleConnection as _;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const UP: &str = "CREATE TABLE boats (id bigint PRIMARY KEY, title varchar(20) NOT NULL, built text);
CREATE VIEW all_boats AS SELECT * FROM boats UNION ALL SELECT * FROM boats WHERE title LIKE 'a%';
CREATE VIEW ages (id, since) AS SELECT b.id, substring(built, 1, 4) FROM boats b WHERE title NOT IN ('x', 'y');
CREATE MATERIALIZED VIEW counts AS SELECT count(*)::int AS n, CASE WHEN count(*) = 0 THEN 0 ELSE 1::float8 / count(*) END AS share
  FROM boats GROUP BY built WITH NO DATA;
";

#[test]
fn a_view_that_the_server_keeps_in_other_words_is_no_difference() {
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("migrations/2024-01-01-000000_boats/up.sql", UP)
        .file("migrations/2024-01-01-000000_boats/down.sql", "-- irreversible: a test");
    project.run(&["run"]).exits(0);
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
    let text = project.run(&["new", "nothing", "--from-database"]).exits(0);
    assert_eq!(text, "The database is what the plans end with: there is nothing to plan.\n");
    let text = project.run(&["baseline", "--dry-run"]).exits(0);
    assert!(text.contains("they agree"), "{text}");
    let text = project.run(&["verify"]).exits(0);
    assert!(!text.contains("not as read"), "{text}");
    let other = "CREATE OR REPLACE VIEW all_boats AS SELECT * FROM boats";
    server.connect().batch_execute(other).unwrap();
    let text = project.run(&["drift"]).exits(4);
    assert!(text.contains("view `all_boats` should be as"), "{text}");
    let left = "SELECT 1 / (1 - count(*)::int) FROM pg_class WHERE relname = 'planner_kept'";
    server.connect().batch_execute(left).unwrap();
}
