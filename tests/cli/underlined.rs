//! Findings of whole plans underline the very word that they speak of, where there is one.

use crate::support::project::Project;

const CREATE: &str = "expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text }
        - { name: email, type: text, unique: true }
        - { name: code, type: text }
        - { name: kind, type: text, default: \"'a'\" }
";

/// Checks a plan after one that creates a table, and asserts the findings: code and underlined word.
#[track_caller]
fn underlines(plan: &str, expected: &[(&str, &str)]) {
    let project = Project::sqlite()
        .file("plans/2026-01-01-000000_create.yaml", CREATE)
        .file("plans/2026-01-02-000000_change.yaml", format!("after: [create]\n{plan}"));
    let found = project.findings(1);
    let found: Vec<(&str, &str)> =
        found.iter().map(|(code, word)| (code.as_str(), word.as_str())).collect();
    assert_eq!(found, expected);
}

/// As [`underlines`], for a plan that names no other; asserts that this is among the findings.
#[track_caller]
fn underlines_alone(plan: &str, expected: (&str, &str)) {
    let project = Project::sqlite()
        .file("plans/2026-01-01-000000_create.yaml", CREATE)
        .file("plans/2026-01-02-000000_change.yaml", plan);
    let found = project.findings(1);
    assert!(found.contains(&(expected.0.to_owned(), expected.1.to_owned())), "{found:?}");
}

const GATE: &str = "gates: { contract: { releases: { none: nobody } } }\n";

#[test]
fn an_entry_of_replaced_by_is_underlined() {
    let drop = "contract:\n  - drop_column: { table: users, column: name, replaced_by: [";
    let add = "expand:\n  - add_column: { table: users, column: nick, type: text }\n";
    underlines(
        &format!("{add}{drop}nick, email] }}\n{GATE}"),
        &[("EC207", "nick"), ("EC207", "email")],
    );
    // Of a plan that `after` does not name, nothing counts.
    let unrelated =
        "contract:\n  - drop_column: { table: users, column: name, replaced_by: [code] }\n";
    underlines_alone(&format!("{unrelated}{GATE}"), ("EC201", "code"));
    let drop = "contract:\n  - drop_table: { table: users, discard: [id, name, email, code, kind], replaced_by: [people] }\n";
    let add = "expand:\n  - create_table: { table: people, columns: [{ name: id, type: bigint, primary_key: true }] }\n";
    underlines(&format!("{add}{drop}{GATE}"), &[("EC207", "people")]);
}

#[test]
fn the_words_of_a_backfill_are_underlined() {
    let update = |fields: &str| format!("backfill:\n  - update: {{ table: users, {fields} }}\n");
    underlines(&update("set: { kind: code }, where: id > 0"), &[("EC302", "id > 0")]);
    underlines(
        &update("set: { kind: code }, where: kind IS NULL, key: [code]"),
        &[("EC303", "code")],
    );
    underlines(
        &update("set: { email: code }, where: email IS NULL, key: [email]"),
        &[("EC303", "email")],
    );
}

#[test]
fn a_column_that_nothing_keeps_up_to_date_is_underlined_where_it_is_filled() {
    let plan = "expand:
  - add_column: { table: users, column: nick, type: text }
backfill:
  - update: { table: users, set: { nick: name }, where: nick IS NULL AND name IS NOT NULL }
contract:
  - drop_column: { table: users, column: name, replaced_by: nick }
";
    underlines(&format!("{plan}{GATE}"), &[("EC301", "nick")]);
}

#[test]
fn a_default_and_a_nullable_are_underlined() {
    let sync = "expand:
  - sync_columns: { table: users, forward: { kind: code }, backward: { code: kind } }
";
    underlines(sync, &[("EC212", "kind")]);
    let deprecate =
        "expand:\n  - deprecate_column: { table: users, column: email, default: \"'none'\" }\n";
    underlines(deprecate, &[("EC213", "\"'none'\"")]);
    let add =
        "expand:\n  - add_column: { table: users, column: age, type: integer, nullable: false }\n";
    underlines(add, &[("EC210", "false")]);
}
