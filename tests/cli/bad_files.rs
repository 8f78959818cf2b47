//! Files that cannot be right: each is named, nothing else suffers.

use crate::support::project::Project;

const GOOD: &str = "title: Users\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }\n";

fn project() -> Project {
    Project::sqlite().file("plans/2026-01-01-000000_create_users.yaml", GOOD)
}

fn codes(project: &Project) -> Vec<String> {
    project.findings(1).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn a_good_plan_has_no_findings() {
    assert_eq!(project().findings(0), []);
}

#[test]
fn broken_yaml_is_reported_and_the_other_files_are_still_checked() {
    let project =
        project().file("plans/2026-01-02-000000_broken.yaml", "title: x\nexpand: [a, b\n").file(
            "plans/2026-01-03-000000_also.yaml",
            "titel: y\nexpand:\n  - add_colum: { table: users }\n",
        );
    let found = project.findings(1);
    let codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    assert!(codes.contains(&"EC101"), "{found:?}");
    assert!(found.contains(&("EC105".into(), "titel".into())), "{found:?}");
    assert!(found.contains(&("EC109".into(), "add_colum".into())), "{found:?}");
}

#[test]
fn a_folder_named_like_a_plan_is_reported() {
    let project = project();
    std::fs::create_dir(project.path().join("plans/2026-01-02-000000_folder.yaml")).unwrap();
    assert_eq!(codes(&project), ["EC102"]);
}

#[test]
fn a_file_that_is_not_utf8_is_reported() {
    let project = project().file("plans/2026-01-02-000000_latin.yaml", b"title: caf\xe9\n");
    assert_eq!(codes(&project), ["EC102"]);
}

#[test]
fn a_file_with_a_name_that_is_no_plans_is_reported() {
    for name in [
        "2026-01-02_short.yaml",
        "users.yaml",
        "2026-01-02-000000_.yaml",
        "2026-01-02-000000_a b.yaml",
        "2026-01-02-000000_x.yml",
    ] {
        let project = project().file(&format!("plans/{name}"), GOOD.replace("users", "others"));
        assert!(codes(&project).contains(&"EC104".to_owned()), "{name}");
    }
}

#[test]
fn unknown_and_duplicate_keys_are_underlined() {
    let project = project().file(
        "plans/2026-01-02-000000_keys.yaml",
        "title: x\ntitle: y\nexpand:\n  - add_column: { table: users, colum: age, column: age, type: integer, type: text }\n",
    );
    let found = project.findings(1);
    assert!(found.contains(&("EC106".into(), "title".into())), "{found:?}");
    assert!(found.contains(&("EC106".into(), "type".into())), "{found:?}");
    assert!(found.contains(&("EC105".into(), "colum".into())), "{found:?}");
}

#[test]
fn a_plan_named_twice_and_a_version_used_twice_are_reported() {
    let other = GOOD.replace("users", "others");
    let twice = project().file("plans/2026-01-02-000000_create_users.yaml", &other);
    assert_eq!(codes(&twice), ["EC112"]);
    let version = project().file("plans/20260101000000_create_others.yaml", &other);
    assert_eq!(codes(&version), ["EC113"]);
}

#[test]
fn a_cycle_over_three_plans_is_told_edge_by_edge() {
    let plan = |table: &str, after: &str| {
        format!(
            "title: x\nafter: [{after}]\nexpand:\n  - create_table: {{ table: {table}, columns: [{{ name: id, type: integer, primary_key: true }}] }}\n"
        )
    };
    let project = Project::sqlite()
        .file("plans/2026-01-01-000000_a.yaml", plan("a", "c"))
        .file("plans/2026-01-02-000000_b.yaml", plan("b", "a"))
        .file("plans/2026-01-03-000000_c.yaml", plan("c", "b"));
    let json = project.json(&["check"], 1);
    let cycle = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["code"] == "EC118")
        .unwrap();
    assert_eq!(cycle["labels"].as_array().unwrap().len(), 3, "{cycle}");
}

#[test]
fn a_step_before_its_column_exists_is_reported_at_the_word() {
    let project = project().file(
        "plans/2026-01-02-000000_early.yaml",
        "title: x\nafter: [create_users]\nexpand:\n  - create_index: { table: users, columns: [nick] }\n  - add_column: { table: users, column: nick, type: text }\n",
    );
    assert_eq!(project.findings(1), [("EC119".into(), "nick".into())]);
}

#[test]
fn a_huge_file_is_refused_without_being_read() {
    let project = project();
    let file =
        std::fs::File::create(project.path().join("plans/2026-01-02-000000_huge.yaml")).unwrap();
    file.set_len(100 << 20).unwrap();
    assert_eq!(codes(&project), ["EC103"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{aliases}]\n");
    }
    let project = project().file("plans/2026-01-02-000000_bomb.yaml", bomb);
    assert_eq!(codes(&project), ["EC103"]);
}

#[test]
fn an_empty_plan_and_an_empty_file_are_reported() {
    let project = project()
        .file("plans/2026-01-02-000000_empty.yaml", "title: nothing\n")
        .file("plans/2026-01-03-000000_void.yaml", "");
    assert_eq!(codes(&project), ["EC111", "EC101"]);
}

#[test]
fn a_broken_planner_yaml_is_a_usage_error() {
    let project = project().file("planner.yaml", "dialect: oracle\n");
    let text = project.run(&["check"]).fails(2);
    assert!(text.contains("`oracle`"), "{text}");
}

#[test]
fn a_migrations_folder_that_cannot_be_written_is_a_usage_error() {
    // As root every folder can be written but those of /proc.
    let project = project();
    std::os::unix::fs::symlink("/proc/self", project.path().join("migrations")).unwrap();
    let text = project.run(&["compile"]).fails(2);
    assert!(text.contains("cannot write"), "{text}");
    assert!(!project.path().join("planner.lock").exists());
}

#[test]
fn what_needs_all_migrations_does_not_go_on_without_one_that_cannot_be_read() {
    let project = project()
        .file(
            "migrations/2024-01-01-000000_boats/up.sql",
            "CREATE TABLE boats (id INTEGER PRIMARY KEY);",
        )
        .file("migrations/2024-01-01-000000_boats/down.sql", "DROP TABLE boats;")
        .file("src/schema.rs", "");
    project.run(&["schema-rs"]).exits(0);
    let up = project.path().join("migrations/2024-01-01-000000_boats/up.sql");
    std::fs::write(up, b"\xff\xfeC\0R\0").unwrap();
    for command in [&["schema-rs"][..], &["new", "more", "--from-schema"], &["verify"]] {
        let text = project.run(command).fails(1);
        assert!(text.contains("not all of the migrations can be read"), "{text}");
    }
}

#[test]
fn a_huge_metadata_toml_is_refused_without_being_read() {
    let project = project()
        .file(
            "migrations/2024-01-01-000000_boats/up.sql",
            "CREATE TABLE boats (id INTEGER PRIMARY KEY);",
        )
        .file("migrations/2024-01-01-000000_boats/down.sql", "DROP TABLE boats;")
        .file("migrations/2024-01-01-000000_boats/metadata.toml", "# much\n".repeat(10_000));
    assert!(codes(&project).contains(&"EC103".to_owned()), "{:?}", codes(&project));
}
