//! Raw SQL is judged as the operations are that do the same, one test each.

use super::examples::findings;

const USERS: &str = "\
# file: 2026-01-01-000000_create_users.yaml
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text, nullable: false }
        - { name: nick, type: text }
        - { name: age, type: bigint }
# file: 2026-02-01-000000_change.yaml
after: [create_users]
";
const GATE: &str = "gates: { contract: { releases: { web: \">=2.0.0\" } } }\n";

/// Returns the codes found in the plan `change`, which follows `create_users`.
fn codes(text: &str) -> Vec<&'static str> {
    findings(&format!("{USERS}{text}")).iter().map(|found| found.code.id).collect()
}

fn step(sql: &str) -> String {
    format!("  - sql: {{ up: {} }}\n", serde_json::Value::from(sql))
}

#[test]
fn each_phase_refuses_what_breaks_its_promise() {
    for (sql, code) in [
        ("ALTER TABLE users DROP COLUMN nick", "EC202"),
        ("DROP TABLE users", "EC202"),
        ("ALTER TABLE users ALTER COLUMN nick SET NOT NULL", "EC204"),
        ("ALTER TABLE users ADD CONSTRAINT adult CHECK (age > 17)", "EC204"),
        ("ALTER TABLE users ALTER COLUMN name DROP NOT NULL", "EC205"),
        ("ALTER TABLE users ADD COLUMN mail text NOT NULL", "EC210"),
        ("ALTER TABLE users RENAME COLUMN nick TO handle", "EC208"),
        ("UPDATE users SET age = 1 WHERE age IS NULL", "EC217"),
        ("ALTER TABLE users ADD COLUMN mail text", ""),
    ] {
        let found = codes(&format!("expand:\n{}", step(sql)));
        let expected: &[&str] = if code.is_empty() { &[] } else { &[code] };
        assert!(
            expected.iter().all(|code| found.contains(code)) && found.is_empty() == code.is_empty(),
            "{sql}: {found:?}"
        );
    }
    let found = codes(&format!("backfill:\n{}", step("ALTER TABLE users DROP COLUMN nick")));
    assert!(found.contains(&"EC203"), "{found:?}");
}

#[test]
fn a_drop_in_contract_needs_what_prepared_it() {
    let drop = step("ALTER TABLE users DROP COLUMN nick");
    assert_eq!(codes(&format!("contract:\n{drop}{GATE}")), ["EC201"]);
    let retire = "expand:\n  - deprecate_column: { table: users, column: nick }\n";
    assert_eq!(codes(&format!("{retire}contract:\n{drop}{GATE}")), [""; 0]);
    assert_eq!(codes(&format!("{retire}contract:\n{drop}")), ["EC206"]);
}

#[test]
fn what_sql_added_in_expand_prepares_what_replaces() {
    let add = step("ALTER TABLE users ADD COLUMN handle text");
    let fill = step("UPDATE users SET handle = nick WHERE handle IS NULL AND nick IS NOT NULL");
    let gates = "gates: { backfill: { releases: { web: \">=1.5.0\" } }, contract: { releases: { web: \">=2.0.0\" } } }\n";
    let text = format!(
        "expand:\n{}backfill:\n{}contract:\n  - drop_column: {{ table: users, column: nick, replaced_by: [handle] }}\n{gates}",
        add.replace("- sql", "- id: add_handle\n    sql"),
        fill.replace("- sql", "- id: fill_handle\n    sql"),
    );
    // All it is told of is that the rows are written at once.
    assert_eq!(codes(&text), ["EC305"]);
}

#[test]
fn a_finding_points_at_its_statement() {
    let text = format!(
        "{USERS}expand:\n  - sql:\n      up: |\n        ALTER TABLE users ADD COLUMN mail text;\n        ALTER TABLE users DROP COLUMN nick;\n"
    );
    let found = findings(&text);
    let [one] = found.as_slice() else { panic!("{found:#?}") };
    let span = one.labels[0].span;
    assert_eq!(span.end - span.start, "DROP COLUMN nick".len() as u32, "{one:?}");
}

#[test]
fn plans_that_alter_one_thing_by_sql_conflict() {
    let one = format!("{USERS}expand:\n{}", step("ALTER TABLE users ADD COLUMN mail text"));
    let other = format!(
        "# file: 2026-02-02-000000_other.yaml\nafter: [create_users]\nexpand:\n{}",
        step("ALTER TABLE users ADD COLUMN phone text")
    );
    let codes = |text: &str| -> Vec<&'static str> {
        findings(text).iter().map(|found| found.code.id).collect()
    };
    assert_eq!(codes(&format!("{one}{other}")), [""; 0], "two columns are nobody's conflict");
    let index = other.replace("ADD COLUMN phone text", "ALTER COLUMN nick SET DEFAULT 'a'");
    let third =
        index.replace("2026-02-02-000000_other", "2026-02-03-000000_third").replace("'a'", "'b'");
    assert_eq!(codes(&format!("{one}{index}{third}")), ["EC209"]);
}
