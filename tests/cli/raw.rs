//! `sql` steps from end to end: run, told, undone and run again, on both engines.

use crate::support::project::Project;
use crate::support::{ScratchPostgres, diesel};

const USERS: &str = "title: Users\nexpand:\n  - create_table:\n      table: users\n      columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }, { name: nick, type: text }]\n";
const NOTES: &str = "title: Notes
after: [users]
expand:
  - id: notes
    sql:
      up: |
        -- what people say of themselves
        CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id), body text);
        CREATE INDEX notes_of ON notes (user_id);
        ALTER TABLE users ADD COLUMN note_count integer DEFAULT 0;
        CREATE VIEW writers AS SELECT id, note_count FROM users WHERE note_count > 0;
  - add_column: { table: notes, column: at, type: text }
  - deprecate_column: { table: users, column: nick }
backfill:
  - id: count
    sql: { up: UPDATE users SET note_count = 0 WHERE note_count IS NULL }
contract:
  - id: no_nick
    sql: { up: ALTER TABLE users DROP COLUMN nick }
gates: { contract: { releases: { none: \"nobody reads it\" } } }
";

fn with_plans(project: Project) -> Project {
    project
        .file("plans/2026-01-01-000000_users.yaml", USERS)
        .file("plans/2026-01-02-000000_notes.yaml", NOTES)
}

/// Runs all, undoes the newer plan, runs it again; the live schema is what was predicted each time.
fn there_and_back(project: &Project) {
    let found = project.findings(0);
    assert_eq!(found.len(), 1, "only that rows are written at once: {found:?}");
    assert_eq!(found[0].0, "EC305");
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["revert", "notes/expand", "--consent", "notes/contract"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
}

#[test]
fn sql_is_run_predicted_and_undone_on_sqlite() {
    let project = with_plans(Project::sqlite());
    there_and_back(&project);
    let text = project.run(&["verify"]).exits(0);
    assert!(text.contains("did what was predicted"), "{text}");
}

#[test]
fn sql_is_run_predicted_and_undone_on_postgresql() {
    let server = ScratchPostgres::new();
    let concurrent = "title: Index\nafter: [notes]\nexpand:\n  - sql: { up: CREATE INDEX CONCURRENTLY notes_at ON notes (at) }\n";
    let project = with_plans(Project::postgres(&server.url));
    there_and_back(&project);
    project.write("plans/2026-01-03-000000_index.yaml", concurrent);
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
    let text = project.run(&["verify"]).exits(0);
    assert!(text.contains("did what was predicted"), "{text}");
}

#[test]
fn diesel_itself_runs_and_undoes_what_was_compiled_of_sql() {
    let server = ScratchPostgres::new();
    let project = with_plans(Project::postgres(&server.url));
    project.run(&["compile"]).exits(0);
    let migrations = project.path().join("migrations");
    diesel::migrate(&server.url, &migrations);
    diesel::revert_all(&server.url, &migrations);
}

#[test]
fn a_finding_names_the_line_inside_of_the_block() {
    let project = with_plans(Project::sqlite());
    let broken = NOTES.replace("ON notes (user_id)", "ON notes (usr_id)");
    project.write("plans/2026-01-02-000000_notes.yaml", broken);
    let json = project.json(&["check"], 1);
    let found = &json["diagnostics"][0];
    assert_eq!((&found["line"], &found["column"]), (&9.into(), &41.into()), "{found:#}");
    assert_eq!(found["end_column"], 47, "{found:#}");
}

const EVENTS: &str = "title: Events by year
expand:
  - id: events
    sql:
      up: |
        CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
  - id: attach
    sql:
      up: |
        CREATE TABLE events_2024 (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at));
        ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      down: DROP TABLE events_2024
  - add_column: { table: events, column: more, type: text }
  - create_index: { table: events, columns: [note] }
";
const OLD_YEAR: &str = "title: The old year goes
after: [events]
expand:
  - deprecate_table: { table: events_2023 }
contract:
  - id: detach
    sql:
      up: ALTER TABLE events DETACH PARTITION events_2023 CONCURRENTLY
      down: |
        ALTER TABLE events ATTACH PARTITION events_2023 FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
        ALTER TABLE events_2023 DROP CONSTRAINT events_2023_at_check;
      transaction: false
      probe: SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('events_2023'))
  - drop_table: { table: events_2023 }
gates: { contract: { releases: { none: \"nobody reads it\" } } }
";

const RAW_UPKEEP: &str = "title: Upkeep
after: [events]
expand:
  - id: names
    sql: { up: CREATE MATERIALIZED VIEW names AS SELECT id FROM events_2023, down: DROP MATERIALIZED VIEW names }
  - id: reindex
    sql: { up: REINDEX TABLE events_2023, down: SELECT 1 }
backfill:
  - id: refresh
    sql: { up: REFRESH MATERIALIZED VIEW names, down: SELECT 1 }
";

#[test]
fn upkeep_that_blocks_is_told_in_plans_too() {
    let project = Project::postgres("postgres://nobody@127.0.0.1:1/none")
        .file("plans/2026-01-01-000000_events.yaml", EVENTS)
        .file("plans/2026-01-02-000000_upkeep.yaml", RAW_UPKEEP);
    let told =
        [("EC406", "REINDEX TABLE events_2023"), ("EC408", "REFRESH MATERIALIZED VIEW names")];
    assert_eq!(project.findings(0), told.map(|(code, place)| (code.to_owned(), place.to_owned())));
    let beside = RAW_UPKEEP
        .replace("REFRESH MATERIALIZED VIEW", "REFRESH MATERIALIZED VIEW CONCURRENTLY")
        .replace(
            "REINDEX TABLE events_2023, ",
            "REINDEX TABLE CONCURRENTLY events_2023, probe: SELECT true, transaction: false, ",
        );
    project.write("plans/2026-01-02-000000_upkeep.yaml", beside);
    assert_eq!(project.findings(0), []);
}

#[test]
fn partitions_come_and_go_by_plans() {
    let server = ScratchPostgres::new();
    let project = Project::postgres(&server.url)
        .file("plans/2026-01-01-000000_events.yaml", EVENTS)
        .file("plans/2026-01-02-000000_old_year.yaml", OLD_YEAR);
    assert_eq!(project.findings(0), []);
    let blocking = OLD_YEAR.replace(" CONCURRENTLY", "");
    project.write("plans/2026-01-02-000000_old_year.yaml", blocking);
    let [(code, place)] = &project.findings(0)[..] else { panic!("one finding") };
    assert_eq!((code.as_str(), place.as_str()), ("EC407", "DETACH PARTITION events_2023"));
    project.write("plans/2026-01-02-000000_old_year.yaml", OLD_YEAR);
    project.run(&["verify"]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["revert", "old_year/contract", "--consent", "old_year/contract"]).exits(0);
    project.run(&["drift"]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["drift"]).exits(0);
}
