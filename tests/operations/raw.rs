//! `sql` steps: what is read of them, what is told of what is not, and their way back.

use planner::change::Change;
use planner::dialect::Dialect;
use planner::dialects::{self, RenderContext, Transaction};

use super::findings::{finds, finds_on, found, is_right};

#[test]
fn an_unknown_name_is_underlined_inside_a_block_of_sql() {
    let steps = "  - sql:\n      up: |\n        -- who they are\n        UPDATE users\n          SET name = shown_ass\n          WHERE id > 0;\n";
    finds(steps, "EC119", "shown_ass", "did you mean `shown_as`?");
    let steps = "  - sql:\n      up: |\n        CREATE INDEX i ON users (name);\n        ALTER TABLE orders\n          ADD COLUMN at text;\n        CREATE INDEX j ON orderz (at);\n";
    finds(steps, "EC119", "orderz", "did you mean `orders`?");
    let steps = "  - sql: { up: ALTER TABLE users DROP COLUMN nane }\n";
    finds(steps, "EC119", "nane", "did you mean `name`?");
    let steps = "  - sql: { up: CREATE VIEW v AS SELECT id FROM userz }\n";
    finds(steps, "EC119", "userz", "did you mean `users`?");
    let steps = "  - sql: { up: \"CREATE INDEX i ON users (lower(\\\"nam\\\"))\" }\n";
    finds(steps, "EC119", "lower(\\\"nam\\\")", "did you mean `name`?");
}

#[test]
fn what_is_there_already_is_underlined_too() {
    let steps = "  - sql: { up: \"CREATE TABLE orders (id integer)\" }\n";
    finds(steps, "EC120", "orders", "already exists");
    for dialect in Dialect::ALL {
        let steps = "  - sql: { up: \"CREATE TABLE IF NOT EXISTS orders (id integer); CREATE TABLE more (id integer)\" }\n";
        let changes = is_right(dialect, steps);
        assert!(matches!(&changes[..], [Change::CreateTable { .. }]), "{changes:?}");
    }
}

#[test]
fn only_the_part_that_cannot_be_read_is_underlined() {
    let steps = "  - sql:\n      up: |\n        CREATE INDEX i ON users (name);\n        DO $$ BEGIN EXECUTE format('DROP %I', 'x'); END $$;\n";
    let found = found(Dialect::Postgres, steps);
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(one.0, "EC126");
    assert_eq!(one.1, "EXECUTE format('DROP %I', 'x')");
    finds_on(
        Dialect::Sqlite,
        "  - sql: { up: \"CREATE TABLE t AS SELECT id, age + 1 FROM users\" }\n",
        "EC126",
        "CREATE TABLE t AS SELECT id, age + 1 FROM users",
        "`touches`, `down` or `irreversible`, `probe`",
    );
}

#[test]
fn later_steps_build_on_what_sql_made() {
    let steps = "  - sql: { up: \"CREATE TABLE notes (id integer PRIMARY KEY, body text)\" }\n  - add_column: { table: notes, column: at, type: text }\n  - create_index: { table: notes, columns: [at] }\n";
    for dialect in Dialect::ALL {
        let changes = is_right(dialect, steps);
        assert!(matches!(&changes[..], [Change::CreateIndex { .. }]), "{changes:?}");
    }
}

#[test]
fn a_step_after_sql_that_is_broken_is_not_blamed() {
    let steps = "  - sql: { up: \"CREATE TABLE notes (id integer); CREATE INDEX i ON users (nane)\" }\n  - add_column: { table: notes, column: at, type: text }\n";
    finds(steps, "EC119", "nane", "users");
}

#[test]
fn what_changes_must_be_named_if_anything_is() {
    let steps =
        "  - sql: { up: \"UPDATE users SET name = 'x' WHERE id = 1\", touches: [orders] }\n";
    finds(steps, "EC108", "name", "`touches` does not name");
    let steps =
        "  - sql: { up: \"UPDATE users SET name = 'x' WHERE id = 1\", touches: [users.name] }\n";
    for dialect in Dialect::ALL {
        is_right(dialect, steps);
    }
}

#[test]
fn sql_that_must_be_alone_is_alone() {
    let postgres = Dialect::Postgres;
    let steps = "  - sql: { up: \"CREATE INDEX CONCURRENTLY i ON users (name); SELECT 1\" }\n";
    finds_on(
        postgres,
        steps,
        "EC108",
        "CREATE INDEX CONCURRENTLY i ON users (name)",
        "only statement",
    );
    let steps = "  - sql: { up: CREATE INDEX CONCURRENTLY i ON users (name), transaction: true }\n";
    finds_on(
        postgres,
        steps,
        "EC108",
        "CREATE INDEX CONCURRENTLY i ON users (name)",
        "`transaction: false`",
    );
    let steps = "  - sql: { up: \"BEGIN; DELETE FROM orders; COMMIT\" }\n";
    finds(steps, "EC108", "BEGIN", "in a transaction");
}

#[test]
fn what_nothing_undoes_asks_for_a_way_back() {
    let steps = "  - sql: { up: \"ALTER TYPE mood ADD VALUE 'calm'\" }\n";
    let steps = format!("  - create_enum: {{ enum: mood, values: [sad] }}\n{steps}");
    let found = found(Dialect::Postgres, &steps);
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(one.0, "EC126");
    assert!(one.2.contains("cannot remove the value `calm`"), "{one:?}");
    assert!(one.3.contains("`irreversible`"), "{one:?}");
}

/// Renders the last step of a plan.
fn rendered(dialect: Dialect, steps: &str) -> dialects::Script {
    let text = format!("{}{steps}", super::findings::BEFORE);
    let (_, project, found) = super::checked(&text, dialect);
    assert!(found.is_empty(), "{found:#?}");
    let mut script = None;
    project.walk(|_, step, before| {
        let context = RenderContext { before, fresh_table: false, lock_timeout_ms: 2_000 };
        script = step
            .written
            .as_ref()
            .map(|written| dialects::written(&written.sql, &step.changes, &context).unwrap());
    });
    script.unwrap()
}

#[test]
fn the_way_back_follows_from_the_changes_in_reverse() {
    let steps = "  - sql:\n      up: |\n        CREATE TABLE notes (id integer PRIMARY KEY, body text);\n        CREATE INDEX notes_body ON notes (body);\n        ALTER TABLE users ADD COLUMN note_id integer;\n";
    let script = rendered(Dialect::Postgres, steps);
    assert_eq!(
        script.groups[0].undo.as_ref().unwrap(),
        &[
            "SET LOCAL lock_timeout = '2000ms'",
            "ALTER TABLE users DROP COLUMN note_id",
            "DROP INDEX notes_body",
            "DROP TABLE notes"
        ]
    );
    let script = rendered(Dialect::Sqlite, steps);
    let undo = script.groups[0].undo.as_ref().unwrap().join(";\n");
    assert!(undo.contains("DROP COLUMN note_id;\nDROP INDEX notes_body;\n"), "{undo}");
    assert!(undo.ends_with("DROP TABLE notes"), "{undo}");
}

#[test]
fn what_is_alone_knows_how_to_see_that_it_was_done() {
    let steps = "  - sql: { up: CREATE INDEX CONCURRENTLY i ON users (name) }\n";
    let group = rendered(Dialect::Postgres, steps).groups.remove(0);
    assert_eq!(group.statements, ["CREATE INDEX CONCURRENTLY i ON users (name)"]);
    let Transaction::Alone { repair, .. } = &group.transaction else { panic!("{group:?}") };
    assert!(!repair.is_empty());
    assert_eq!(group.undo.unwrap(), ["DROP INDEX CONCURRENTLY i"]);
}

#[test]
fn sql_that_is_none_is_to_be_corrected_first() {
    let steps = "  - sql: { up: \"SELECT 'unclosed\" }\n";
    finds_on(
        Dialect::Postgres,
        steps,
        "EC126",
        "SELECT 'unclosed",
        "correct the SQL; if the engine",
    );
}
