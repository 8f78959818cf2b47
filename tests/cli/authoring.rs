//! Setting up a project, writing plans, looking at them.

use crate::support::project::Project;

const USERS: &str = "title: Users\nowner: accounts-team\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }\n";
const SPLIT: &str = "title: Split the name
after: [create_users]
expand:
  - add_column: { table: users, column: given_name, type: text }
  - id: keep
    sync_columns: { table: users, forward: { given_name: \"upper(name)\" }, backward: { name: \"lower(given_name)\" } }
backfill:
  - update: { table: users, set: { given_name: \"upper(name)\" }, where: \"given_name IS NULL AND name IS NOT NULL\" }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: name, replaced_by: [given_name] }
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";

fn project() -> Project {
    Project::sqlite()
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_split_name.yaml", SPLIT)
}

#[test]
fn init_writes_a_project_and_keeps_what_is_there() {
    let project =
        Project::sqlite().file("diesel.toml", "[print_schema]\nfile = \"src/schema.rs\"\n");
    std::fs::remove_file(project.path().join("planner.yaml")).unwrap();
    let out = project.run(&["init", "--dialect", "sqlite"]).exits(0);
    assert!(out.contains("wrote planner.yaml"), "{out}");
    // The package of that name on the public registry is another program.
    assert!(!project.read(".github/workflows/planner.yml").contains("cargo install"));
    assert!(project.read("diesel.toml").contains("except_tables = [\"^planner_.*\"]"));
    assert!(project.read("diesel.toml").contains("file = \"src/schema.rs\""));
    let config = project.read("planner.yaml");
    project.write("planner.yaml", format!("{config}# mine\n"));
    let out = project.run(&["init", "--dialect", "sqlite"]).exits(0);
    assert!(out.contains("kept planner.yaml"), "{out}");
    assert!(project.read("planner.yaml").ends_with("# mine\n"));
    project.run(&["check"]).exits(0);
}

#[test]
fn init_sets_up_the_folder_it_stands_in_also_below_another_project() {
    let project = Project::sqlite();
    let inner = project.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    project.run(&["-C", "inner", "init", "--dialect", "postgres"]).exits(0);
    assert!(project.read("inner/planner.yaml").contains("dialect: postgres"));
    assert!(inner.join("plans/README.md").exists());
    assert!(!project.path().join("plans/README.md").exists());
}

#[test]
fn two_plans_written_within_one_second_have_different_versions() {
    let project = Project::sqlite();
    project.run(&["new", "first"]).exits(0);
    let second = project.run(&["new", "second"]).exits(0);
    let names = project.list("plans");
    assert_ne!(names[0].split_once('_').unwrap().0, names[1].split_once('_').unwrap().0);
    assert_eq!(format!("plans/{}", names[1]), second.trim());
}

#[test]
fn the_phase_of_a_fresh_plan_is_told_to_be_empty() {
    let project = Project::sqlite();
    project.run(&["new", "first"]).exits(0);
    let text = project.run(&["check"]).fails(1);
    assert!(text.contains("`expand` has no steps"), "{text}");
}

#[test]
fn a_new_plan_comes_after_all_others_and_has_a_name_of_its_own() {
    let project = project();
    let file =
        project.run(&["new", "add_nick", "--after", "create_users", "--owner", "me"]).exits(0);
    let file = file.trim();
    assert!(file.starts_with("plans/20") && file.ends_with("_add_nick.yaml"), "{file}");
    assert!(project.read(file).contains("after: [create_users]\n"));
    let text = project.run(&["new", "add_nick"]).fails(2);
    assert!(text.contains("a plan named `add_nick` exists"), "{text}");
    project.run(&["new", "../x"]).fails(2);
    // A plan without a step is a finding until somebody writes one.
    assert_eq!(project.findings(1).len(), 1);
}

#[test]
fn compile_is_reproducible_and_check_tells_what_is_stale() {
    let project = project();
    project.run(&["compile", "--check"]).exits(1);
    project.run(&["compile"]).exits(0);
    project.run(&["compile", "--check"]).exits(0);
    let lock = project.read("planner.lock");
    let before = project.list("migrations");
    project.run(&["compile"]).exits(0);
    assert_eq!((project.list("migrations"), project.read("planner.lock")), (before.clone(), lock));
    project.write(&format!("migrations/{}/up.sql", before[0]), "SELECT 1;\n");
    let out = project.run(&["compile", "--check"]).exits(1);
    assert!(out.contains(&before[0]), "{out}");
    project.run(&["compile"]).exits(0);
    // A changed step is another version; the old directory goes, hand-written ones stay.
    project.write("migrations/2025-01-01-000000_by_hand/up.sql", "SELECT 1;\n");
    project.write(
        "plans/2026-01-02-000000_split_name.yaml",
        SPLIT.replace("upper(name)", "trim(name)"),
    );
    project.run(&["compile", "--check"]).exits(1);
    project.run(&["compile"]).exits(0);
    let after = project.list("migrations");
    assert_ne!(before, after);
    assert_eq!(after.len(), before.len() + 1);
    assert!(after.contains(&"2025-01-01-000000_by_hand".to_owned()));
    // Titles, comments and gates may change without a new version.
    let edited = SPLIT
        .replace("upper(name)", "trim(name)")
        .replace("Split the name", "Split it")
        .replace("2.0.0", "3.0.0");
    project.write("plans/2026-01-02-000000_split_name.yaml", edited + "# a comment\n");
    project.run(&["compile"]).exits(0);
    assert_eq!(project.list("migrations"), after);
}

#[test]
fn every_metadata_file_has_its_key() {
    let project = project();
    project.run(&["compile"]).exits(0);
    for directory in project.list("migrations") {
        let metadata = project.read(&format!("migrations/{directory}/metadata.toml"));
        assert!(metadata.contains("run_in_transaction = "), "{metadata}");
    }
}

#[test]
fn show_graph_and_schema_rs_answer_from_the_plans_alone() {
    let project = project();
    let shown = project.run(&["show", "split_name"]).exits(0);
    assert!(shown.contains("contract (gated)") && shown.contains("undone by"), "{shown}");
    let text = project.run(&["show", "split_nam"]).fails(2);
    assert!(text.contains("did you mean `split_name`?"), "{text}");
    let mermaid = project.run(&["graph", "--format", "mermaid"]).exits(0);
    assert!(mermaid.starts_with("flowchart TD\n"), "{mermaid}");
    let dot = project.run(&["graph", "--format", "dot", "--plan", "split_name"]).exits(0);
    assert!(dot.starts_with("digraph plans {\n"), "{dot}");
    let graph = project.json(&["graph"], 0);
    let reasons: Vec<&str> = graph["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["reason"].as_str().unwrap())
        .collect();
    assert!(reasons.contains(&"phases of a plan run in order"), "{reasons:?}");
    assert!(reasons.contains(&"the plan's `after` says so"), "{reasons:?}");
    project.run(&["status", "--format", "dot"]).fails(2);
    let whole = project.run(&["schema-rs"]).exits(0);
    assert!(
        whole.contains("given_name -> Nullable<Text>") && !whole.contains("        name ->"),
        "{whole}"
    );
    let both = project.run(&["schema-rs", "--at", "split_name/backfill"]).exits(0);
    assert!(
        both.contains("        name -> Nullable<Text>") && both.contains("given_name ->"),
        "{both}"
    );
    project.run(&["schema-rs", "--at", "split_name/nowhere"]).fails(2);
}

#[test]
fn every_rule_is_explained_and_unknown_ones_are_not() {
    let project = project();
    let all = project.json(&["explain"], 0);
    for rule in all["rules"].as_array().unwrap() {
        let (code, name) = (rule["code"].as_str().unwrap(), rule["name"].as_str().unwrap());
        let by_code = project.run(&["explain", code]).exits(0);
        assert_eq!(by_code, project.run(&["explain", name]).exits(0));
        assert!(by_code.contains("```yaml") || by_code.contains("```"), "{by_code}");
    }
    let text = project.run(&["explain", "contract-without-expnd"]).fails(2);
    assert!(text.contains("did you mean `contract-without-expand`?"), "{text}");
}

#[test]
fn completions_manual_pages_and_schemas_are_printed() {
    let project = project();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(project.run(&["completions", shell]).exits(0).contains("next-phase"));
    }
    assert!(project.run(&["man"]).exits(0).contains(".TH planner"));
    project.run(&["man", "--out", "man"]).exits(0);
    assert!(project.list("man").contains(&"planner-next-phase.1".to_owned()));
    let schema: serde_json::Value =
        serde_json::from_str(&project.run(&["schema"]).exits(0)).unwrap();
    let step = &schema["$defs"]["step"]["properties"];
    for operation in planner::operations::KEYS {
        assert!(step[operation].is_object(), "{operation}");
    }
    let config: serde_json::Value =
        serde_json::from_str(&project.run(&["schema", "config"]).exits(0)).unwrap();
    assert!(config["properties"]["environments"].is_object());
    let requires: serde_json::Value =
        serde_json::from_str(&project.run(&["schema", "requires"]).exits(0)).unwrap();
    assert!(requires["properties"]["raw_sql"].is_object());
}

#[test]
fn wrong_use_is_exit_code_two_and_help_is_zero() {
    let project = project();
    project.run(&["chekc"]).fails(2);
    project.run(&[]).fails(2);
    project.run(&["--help"]).exits(0);
    project.run(&["--version"]).exits(0);
    project.run(&["-C", "nowhere", "check"]).fails(2);
    let text = project.run(&["--env", "prod", "status"]).fails(2);
    assert!(text.contains("no environment `prod`"), "{text}");
    let empty = Project::sqlite();
    std::fs::remove_dir(empty.path().join("plans")).unwrap();
    let text = empty.run(&["check"]).fails(2);
    assert!(text.contains("planner init"), "{text}");
}
