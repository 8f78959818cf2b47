//! SQL that a plan's step runs as written is judged as that of a hand-written migration.

use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text }
        - { name: age, type: integer }
  - create_index: { table: users, columns: [age], name: users_by_age }
";

/// Checks a step of a phase on a table that is in use; returns each hazard's code with the text underlined.
fn hazards(phase: &str, step: &str) -> Vec<(String, String)> {
    let gates = match phase {
        "contract" => "gates: { contract: { releases: { none: tried }, query: SELECT true } }\n",
        _ => "",
    };
    let project = Project::with_config("dialect: postgres\n")
        .file("plans/2026-01-01-000000_users.yaml", USERS)
        .file(
            "plans/2026-02-01-000000_more.yaml",
            format!("title: More\nafter: [users]\n{phase}:\n{step}{gates}"),
        );
    let told = project.run(&["--format", "json", "check"]);
    let json: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let text = project.read("plans/2026-02-01-000000_more.yaml");
    let lines: Vec<&str> = text.lines().collect();
    let found = json["diagnostics"].as_array().unwrap().iter();
    let found = found.filter(|of| of["code"].as_str().unwrap().starts_with("EC4"));
    let number =
        |of: &serde_json::Value, key: &str| usize::try_from(of[key].as_u64().unwrap()).unwrap();
    found
        .map(|of| {
            let (line, from) = (lines[number(of, "line") - 1], number(of, "column") - 1);
            let code = of["code"].as_str().unwrap().to_owned();
            (code, line[from..].split(';').next().unwrap().to_owned())
        })
        .collect()
}

fn sql(statements: &str) -> String {
    format!(
        "  - id: raw\n    sql:\n      up: |\n        {}\n",
        statements.replace('\n', "\n        ")
    )
}

fn one(code: &str, statement: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), statement.to_owned())]
}

#[test]
fn statements_that_keep_others_from_a_table_in_use_are_found_at_their_words() {
    for (phase, statement, code) in [
        ("expand", "CREATE INDEX users_by_name ON users (name)", "EC401"),
        ("contract", "DROP INDEX users_by_age", "EC402"),
        ("contract", "ALTER TABLE users ADD CONSTRAINT named CHECK (name <> '')", "EC403"),
        ("contract", "ALTER TABLE users ALTER COLUMN name SET NOT NULL", "EC403"),
        ("contract", "ALTER TABLE users ADD CONSTRAINT one UNIQUE (name)", "EC403"),
        ("expand", "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()", "EC404"),
    ] {
        let found = hazards(phase, &sql(&format!("COMMENT ON TABLE users IS 'x';\n{statement};")));
        assert_eq!(found.len(), 1, "{statement}: {found:?}");
        assert_eq!(found[0].0, code, "{statement}");
        assert!(statement.ends_with(&found[0].1), "{statement}: {found:?}");
    }
}

#[test]
fn what_is_concurrent_or_of_a_new_table_or_an_operation_is_no_hazard() {
    for step in [
        sql("CREATE INDEX CONCURRENTLY users_by_name ON users (name)"),
        sql(
            "CREATE TABLE teams (id bigint PRIMARY KEY, name text);\nCREATE INDEX teams_by_name ON teams (name);",
        ),
        sql(
            "ALTER TABLE users ADD COLUMN token uuid;\nALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();",
        ),
        "  - create_index: { table: users, columns: [name], name: users_by_name }\n".to_owned(),
    ] {
        assert_eq!(hazards("expand", &step), [], "{step}");
    }
}

#[test]
fn a_waiver_accepts_a_hazard_of_a_step() {
    let waived = format!(
        "{}    waive: {{ hazard: blocking-index, reason: a table of ten rows, until: 2999-01-01 }}\n",
        sql("CREATE INDEX users_by_name ON users (name)")
    );
    let project = Project::with_config("dialect: postgres\n")
        .file("plans/2026-01-01-000000_users.yaml", USERS)
        .file(
            "plans/2026-02-01-000000_more.yaml",
            format!("title: More\nafter: [users]\nexpand:\n{waived}"),
        );
    let told = project.run(&["check", "--strict"]);
    assert_eq!(told.code, 0, "{}{}", told.out, told.err);
    assert_eq!(
        hazards("expand", &sql("CREATE INDEX users_by_name ON users (name)")),
        one("EC401", "CREATE INDEX users_by_name ON users (name)")
    );
}
