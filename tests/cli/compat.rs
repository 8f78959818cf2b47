//! `planner compat`: which releases the schema serves at which stage.

use serde_json::{Value, json};

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: bigint, primary_key: true }
        - { name: name, type: text }
";
const SPLIT: &str = "title: Given name
after: [create_users]
expand:
  - add_column: { table: users, column: given, type: text }
  - id: keep
    sync_columns: { table: users, forward: { given: \"lower(name)\" }, backward: { name: given } }
backfill:
  - update: { table: users, set: { given: \"lower(name)\" }, where: \"given IS NULL AND name IS NOT NULL\" }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: name, replaced_by: [given] }
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";
const UNIQUE: &str = "title: One given name each
after: [split]
contract:
  - create_index: { table: users, columns: [given], unique: true, name: users_given_key }
gates: { contract: { releases: { web: \">=3.0.0\" } } }
";

fn schema(columns: &str) -> String {
    format!("diesel::table! {{\n    users (id) {{\n        id -> BigInt,\n{columns}    }}\n}}\n")
}

fn project(config: &str) -> Project {
    let name = "        name -> Nullable<Text>,\n";
    let given = "        given -> Nullable<Text>,\n";
    Project::with_config(config)
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_split.yaml", SPLIT)
        .file("plans/2026-01-03-000000_unique.yaml", UNIQUE)
        .file("v1/schema.rs", schema(name))
        .file("v2/schema.rs", schema(&format!("{name}{given}")))
        .file("v3/schema.rs", schema(given))
}

fn sqlite() -> Project {
    project("dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n")
}

const GIVEN: [&str; 6] = [
    "--release",
    "web@1.0.0=v1/schema.rs",
    "--release",
    "web@2.0.0=v2",
    "--release",
    "web@3.0.0=v3/schema.rs",
];

fn compat<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["compat"], &GIVEN[..], more].concat()
}

/// The stages, each with the verdict on each release.
fn verdicts(answer: &Value) -> Vec<(String, Vec<String>)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let stage = |stage: &Value| {
        let name =
            if stage["phase"].is_null() { word(&stage["stage"]) } else { word(&stage["phase"]) };
        let cells = stage["cells"].as_array().unwrap();
        (name, cells.iter().map(|cell| word(&cell["verdict"])).collect())
    };
    answer["stages"].as_array().unwrap().iter().map(stage).collect()
}

fn row(stage: &str, verdicts: [&str; 3]) -> (String, Vec<String>) {
    (stage.to_owned(), verdicts.map(str::to_owned).to_vec())
}

fn live(project: &Project, version: &str, schema: &str) {
    let start = ["deploy", "start", "--app", "web", "--version", version, "--schema", schema];
    project.run(&start).exits(0);
    project.run(&["deploy", "finish", "--app", "web", "--version", version]).exits(0);
}

#[test]
fn releases_that_are_named_with_their_files_need_no_database() {
    let project = sqlite();
    let text = project.run(&compat(&[])).exits(0);
    insta::assert_snapshot!(text, @r"
    stage                web 1.0.0   web 2.0.0   web 3.0.0    oldest safe web
    now                  both break  both break  both break   none
    create_users/expand  works       both break  both break   1.0.0
    split/expand         works       works       reads break  1.0.0
    split/backfill       works       works       works        1.0.0
    split/contract       both break  both break  works        3.0.0
    unique/contract      both break  both break  works        3.0.0

    No way back:
      to web 1.0.0 from `split/contract` on
      to web 2.0.0 from `split/contract` on

    web 1.0.0
      now
        reads, inserts and updates break: `users` does not exist (v1/schema.rs:2)
      from `split/contract` on
        reads, inserts and updates break: `users.name` does not exist (v1/schema.rs:4)

    web 2.0.0
      now
        reads, inserts and updates break: `users` does not exist (v2/schema.rs:2)
      at `create_users/expand`
        reads, inserts and updates break: `users.given` does not exist (v2/schema.rs:5)
      from `split/contract` on
        reads, inserts and updates break: `users.name` does not exist (v2/schema.rs:4)
      from `unique/contract` on
        inserts and updates break: `users.users_given_key` asks for unique values, and nothing says that what the release writes satisfies it (v2/schema.rs:2)

    web 3.0.0
      now
        reads, inserts and updates break: `users` does not exist (v3/schema.rs:2)
      at `create_users/expand`
        reads, inserts and updates break: `users.given` does not exist (v3/schema.rs:4)
      at `split/expand`
        reads break: `users.given` is not filled yet, and the release does not read `users.name` (v3/schema.rs:4)
    ");
    assert!(!project.list(".").contains(&"test.db".to_owned()), "asking writes nothing");
}

#[test]
fn both_engines_give_the_same_answer_for_the_same_plans() {
    let scratch = ScratchPostgres::new();
    let postgres = project("dialect: postgres\napps: { web: {} }\n");
    let postgres = postgres.variable("DATABASE_URL", &scratch.url);
    for project in [sqlite(), postgres] {
        let answer = project.json(&compat(&[]), 0);
        let broken = ["both_break"; 3];
        assert_eq!(
            verdicts(&answer),
            [
                row("now", broken),
                row("create_users/expand", ["works", "both_break", "both_break"]),
                // It would find nothing where there is something.
                row("split/expand", ["works", "works", "reads_break"]),
                row("split/backfill", ["works"; 3]),
                row("split/contract", ["both_break", "both_break", "works"]),
                row("unique/contract", ["both_break", "both_break", "works"]),
            ]
        );
        project.run(&["run", "--through", "split/backfill"]).exits(0);
        live(&project, "1.0.0", "v1/schema.rs");
        let answer = project.json(&compat(&[]), 0);
        assert_eq!(
            verdicts(&answer),
            [
                row("now", ["works"; 3]),
                row("split/contract", ["both_break", "both_break", "works"]),
                row("unique/contract", ["both_break", "both_break", "works"]),
            ]
        );
        assert_eq!(answer["stages"][0]["oldest_safe"], json!({"web": "1.0.0"}));
        assert_eq!(answer["stages"][1]["oldest_safe"], json!({"web": "3.0.0"}));
        let releases = answer["releases"].as_array().unwrap();
        let no_return: Vec<&Value> = releases.iter().map(|of| &of["no_return"]).collect();
        assert_eq!(no_return, [&json!("split/contract"), &json!("split/contract"), &Value::Null]);
        assert_eq!(releases[0]["state"], "live");
        let broken = &answer["stages"][1]["cells"][0]["breaks"][0];
        assert_eq!(
            *broken,
            json!({"broken": "reads", "object": "users.name", "why": "does not exist",
                "file": "v1/schema.rs", "line": 4})
        );
        // All phases again, whatever is done.
        assert_eq!(verdicts(&project.json(&compat(&["--all"]), 0)).len(), 6);
    }
}

#[test]
fn what_a_contract_phase_asks_of_writes_breaks_whom_its_gate_does_not_let_in() {
    let project = sqlite();
    let answer = project.json(
        &["compat", "--release", "web@2.9.0=v3/schema.rs", "--release", "web@3.0.0=v3/schema.rs"],
        0,
    );
    let last = answer["stages"].as_array().unwrap().last().unwrap();
    assert_eq!(last["cells"][0]["verdict"], "writes_break");
    assert_eq!(last["cells"][0]["breaks"][0]["object"], "users.users_given_key");
    assert_eq!(last["cells"][1]["verdict"], "works");
    // Its own `requires.yaml` may say that what it writes is unique.
    let project = project
        .file("v9/schema.rs", schema("        given -> Nullable<Text>,\n"))
        .file("v9/requires.yaml", "satisfies: [users_given_key]\n");
    for given in ["web@2.9.0=v9", "web@2.9.0=v9/schema.rs,v9/requires.yaml"] {
        let answer = project.json(&["compat", "--release", given], 0);
        let last = answer["stages"].as_array().unwrap().last().unwrap();
        assert_eq!(last["cells"][0]["verdict"], "works", "{given}");
    }
}

#[test]
fn a_rollout_is_marked_and_an_unrecorded_release_is_unknown() {
    let project = sqlite();
    project.run(&["run", "--through", "split/backfill"]).exits(0);
    live(&project, "1.0.0", "v1");
    project
        .run(&["deploy", "start", "--app", "web", "--version", "2.0.0", "--schema", "v2"])
        .exits(0);
    project.run(&["deploy", "start", "--app", "cron", "--version", "7"]).exits(0);
    project.run(&["deploy", "finish", "--app", "cron", "--version", "7"]).exits(0);
    let text = project.run(&["compat"]).exits(0);
    insta::assert_snapshot!(text, @r"
    stage            cron 7 (live)  web 1.0.0 (live)  web 2.0.0 *  oldest safe web
    now              unknown        works             works        1.0.0
    split/contract   unknown        both break        both break   none
    unique/contract  unknown        both break        both break   none

    * is being rolled out.
    What cron 7 needs is not recorded: `planner deploy start --app cron --version 7 --schema SCHEMA.RS` records it.

    No way back:
      to web 1.0.0 (live) from `split/contract` on
      to web 2.0.0 * from `split/contract` on

    web 1.0.0
      from `split/contract` on
        reads, inserts and updates break: `users.name` does not exist (v1/schema.rs:4)

    web 2.0.0
      from `split/contract` on
        reads, inserts and updates break: `users.name` does not exist (v2/schema.rs:4)
      from `unique/contract` on
        inserts and updates break: `users.users_given_key` asks for unique values, and nothing says that what the release writes satisfies it (v2/schema.rs:2)
    ");
    let only = project.run(&["compat", "--app", "web"]).exits(0);
    assert!(!only.contains("cron"), "{only}");
    let markdown = project.run(&["--format", "markdown", "compat", "--app", "web"]).exits(0);
    insta::assert_snapshot!(markdown, @r"
    | stage | web 1.0.0 (live) | web 2.0.0 * | oldest safe web |
    | --- | --- | --- | --- |
    | now | works | works | 1.0.0 |
    | split/contract | both break | both break | none |
    | unique/contract | both break | both break | none |

    * is being rolled out.

    ## No way back

    - to web 1.0.0 (live) from `split/contract` on
    - to web 2.0.0 * from `split/contract` on

    ## web 1.0.0

    from `split/contract` on:

    - reads, inserts and updates break: `users.name` does not exist (v1/schema.rs:4)

    ## web 2.0.0

    from `split/contract` on:

    - reads, inserts and updates break: `users.name` does not exist (v2/schema.rs:4)

    from `unique/contract` on:

    - inserts and updates break: `users.users_given_key` asks for unique values, and nothing says that what the release writes satisfies it (v2/schema.rs:2)
    ");
}

#[test]
fn old_releases_have_no_column_but_may_be_the_oldest_that_is_safe() {
    let project = sqlite();
    project.run(&["run", "--through", "split/backfill"]).exits(0);
    live(&project, "1.0.0", "v1");
    live(&project, "2.0.0", "v2");
    live(&project, "3.0.0", "v3");
    let text = project.run(&["compat", "--last", "1"]).exits(0);
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "stage            web 2.0.0   web 3.0.0 (live)  oldest safe web"
    );
    assert_eq!(lines.next().unwrap(), "now              works       works             1.0.0");
    assert!(text.contains("1 older release has no column: `--last NUMBER` shows more"), "{text}");
    // The release before the live one is the one to go back to; nobody asks for those before it.
    assert!(text.contains("to web 2.0.0 from `split/contract` on"), "{text}");
    assert!(!text.contains("to web 1.0.0"), "{text}");
}

#[test]
fn what_is_not_known_or_not_given_well_is_told() {
    let project = sqlite();
    let told = project.run(&["compat"]).fails(3);
    assert!(told.contains("it is not recorded of any release what it needs"), "{told}");
    assert!(told.contains("--release APP@VERSION=SCHEMA.RS"), "{told}");
    let told = project.run(&compat(&["--app", "wbe"])).fails(2);
    assert!(told.contains("nothing is known about an app `wbe`"), "{told}");
    let told = project.run(&["compat", "--release", "web=v1"]).fails(2);
    assert!(told.contains("`web=v1` is not of the form APP@VERSION=PATH"), "{told}");
    let told = project.run(&compat(&["--release", "web@1.0.0=v2"])).fails(2);
    assert!(told.contains("`web@1.0.0` is given twice"), "{told}");
    let told = project.run(&["compat", "--release", "web@1=v0/schema.rs"]).fails(1);
    assert!(told.contains("v0/schema.rs: cannot be read"), "{told}");
    project.write("v1/schema.rs", "diesel::table! { users (id) { id -> ");
    let told = project.run(&compat(&[])).fails(1);
    assert!(told.contains("v1/schema.rs"), "{told}");
    let told = project.run(&["--format", "markdown", "status"]).fails(2);
    assert!(told.contains("`markdown` is a format of findings and tables"), "{told}");
    let told = project.run(&[&["--format", "mermaid"], &compat(&[])[..]].concat()).fails(2);
    assert!(told.contains("formats of graphs"), "{told}");
}

#[test]
fn facts_are_laid_over_what_is_recorded() {
    let project = sqlite().file(
        "facts.yaml",
        "live: { web: [\"1.0.0\"] }\ndone: [create_users/expand, split/expand, split/backfill]\n",
    );
    let text = project.run(&compat(&["--facts", "facts.yaml"])).exits(0);
    assert!(text.starts_with("stage            web 1.0.0 (live)  web 2.0.0   web 3.0.0"), "{text}");
    assert!(text.ends_with("held; nothing was recorded.\n"), "{text}");
}
