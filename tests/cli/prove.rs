//! `planner prove`: what is proven, and what is told where it is not.

use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: nick, type: text }] }
";
const DROP: &str = "title: Drop nick
after: [create_users]
expand:
  - deprecate_column: { table: users, column: nick }
contract:
  - drop_column: { table: users, column: nick }
gates: { contract: { releases: GATE } }
";
const FILL: &str = "title: Fill
after: [create_users]
expand:
  - add_column: { table: users, column: given, type: text }
backfill:
  - update: { table: users, set: { given: name }, where: \"given IS NULL AND name IS NOT NULL\" }
contract:
  - drop_column: { table: users, column: name, replaced_by: [given] }
gates: { backfill: { releases: { web: { any: \"nobody writes it\" } } }, contract: { releases: { web: \">=2.0.0\" } } }
";

/// A project of the users' table and a second plan, with the schemas of releases that use these columns of `users`.
fn project(plan: &str, text: &str, releases: &[(&str, &[&str])]) -> Project {
    let project =
        Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n")
            .file("plans/2026-01-01-000000_create_users.yaml", USERS)
            .file(&format!("plans/2026-01-02-000000_{plan}.yaml"), text);
    releases.iter().fold(project, |project, (version, columns)| {
        let columns = columns.iter().map(|column| format!("        {column} -> Nullable<Text>,\n"));
        let columns: String = columns.collect();
        let text = format!(
            "diesel::table! {{\n    users (id) {{\n        id -> Integer,\n{columns}    }}\n}}\n"
        );
        project.file(&format!("{version}.rs"), &text)
    })
}

fn drop_nick(gate: &str) -> Project {
    let releases: [(&str, &[&str]); 3] =
        [("1.0.0", &["name", "nick"]), ("2.0.0", &["name"]), ("3.0.0", &["name"])];
    project("drop_nick", &DROP.replace("GATE", gate), &releases)
}

const RELEASES: [&str; 6] = [
    "--release",
    "web@1.0.0=1.0.0.rs",
    "--release",
    "web@2.0.0=2.0.0.rs",
    "--release",
    "web@3.0.0=3.0.0.rs",
];

fn prove<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["prove"], &RELEASES[..], more].concat()
}

#[test]
fn an_honest_plan_is_proven_from_the_empty_database_on() {
    let project = drop_nick("{ web: \">=2.0.0\" }");
    insta::assert_snapshot!(project.run(&prove(&[])).exits(0), @r#"
    Proven for 2 plans in flight: no live release is ever broken, no backfill misses what a live release writes, and every phase can eventually run.

      `web`: 1.0.0, 2.0.0, 3.0.0
    "#);
    project.run(&prove(&["--written"])).exits(0);
}

#[test]
fn a_gate_that_is_no_gate_is_told_as_a_story_where_only_gates_are_trusted() {
    let project = drop_nick("{ none: \"nobody reads it\" }");
    project.run(&prove(&[])).exits(0);
    insta::assert_snapshot!(project.run(&prove(&["--written"])).exits(1), @r#"
    A live release comes to harm, and planner permits every step to it:

      1. `planner run` does create_users/expand: create_table_users; the phase is complete
      2. `planner run` does drop_nick/expand: deprecate_column_users_nick; the phase is complete
      3. `planner run` begins drop_nick/contract
      4. the rollout of `web` 1.0.0 starts
      5. `planner run` goes on with drop_nick/contract: drop_column_users_nick; the phase is complete

    Then:
      - `web` 1.0.0 is live and broken: reads, inserts and updates break: `users.nick` does not exist (1.0.0.rs:5)

    The gates on the way:
      - `gates.contract.releases` of plan `drop_nick` says `none: "nobody reads it"`

    There is no shorter way to it. Only the gates as they are written were trusted.

      `web`: 1.0.0, 2.0.0, 3.0.0
    "#);
}

#[test]
fn a_release_that_comes_back_is_part_of_the_story() {
    let project = drop_nick("{ web: \">=2.0.0\" }");
    project.run(&["compile"]).exits(0);
    project.run(&["run", "--through", "drop_nick/expand"]).exits(0);
    for version in ["1.0.0", "2.0.0"] {
        let schema = format!("{version}.rs");
        let start = ["deploy", "start", "--app", "web", "--version", version, "--schema", &schema];
        project.run(&start).exits(0);
        project.run(&["deploy", "finish", "--app", "web", "--version", version]).exits(0);
    }
    let told = project.run(&["prove"]).exits(0);
    insta::assert_snapshot!(told, @r#"
    Proven for 1 plan in flight: no live release is ever broken, no backfill misses what a live release writes, and every phase can eventually run.

      `web`: 1.0.0, 2.0.0 (live)
    "#);
    // Of what is not to come back nothing is said.
    let told = project.run(&["prove", "--rollback", "0"]).exits(0);
    assert!(!told.contains("1.0.0"), "{told}");
}

#[test]
fn a_backfill_that_misses_what_a_release_writes_is_told() {
    let releases: [(&str, &[&str]); 3] =
        [("1.0.0", &["name"]), ("2.0.0", &["given"]), ("3.0.0", &["given"])];
    let project = project("fill", FILL, &releases);
    insta::assert_snapshot!(project.run(&prove(&[])).exits(1), @r#"
    A live release comes to harm, and planner permits every step to it:

      1. `planner run` does create_users/expand: create_table_users; the phase is complete
      2. `planner run` does fill/expand: add_column_users_given; the phase is complete
      3. `planner run` begins fill/backfill
      4. the rollout of `web` 1.0.0 starts

    Then:
      - `web` 1.0.0 is live and writes `users.name` (1.0.0.rs:4) without `users.given`, and nothing carries it over: the backfill of `fill` misses such rows

    The gates on the way:
      - `gates.backfill.releases` of plan `fill` says `web: { any: "nobody writes it" }`

    There is no shorter way to it.

      `web`: 1.0.0, 2.0.0, 3.0.0
    "#);
    let json = project.run(&[&["--format", "json"], &prove(&[])[..]].concat()).json();
    assert_eq!(json["answer"], "counterexample");
    assert_eq!(json["wrong"][0]["kind"], "missed");
    assert_eq!(json["wrong"][0]["place"], "1.0.0.rs:4");
    assert_eq!(json["story"][0]["plan"], "create_users");
}

#[test]
fn a_gate_that_time_shuts_for_good_is_a_dead_end() {
    let project = drop_nick("{ web: \"=2.0.0\" }");
    let facts = "live: { web: [\"1.0.0\"] }\ndone: [create_users/expand, drop_nick/expand]\n";
    let project = project.file("facts.yaml", facts).file("4.0.0.rs", project_schema());
    let more = ["--facts", "facts.yaml", "--release", "web@4.0.0=4.0.0.rs"];
    insta::assert_snapshot!(project.run(&prove(&more)).exits(1), @r#"
    A phase comes to a dead end, and planner permits every step to it:

      1. the rollout of `web` 2.0.0 starts
      2. the rollout of `web` 2.0.0 is finished, which ends 1.0.0
      3. the rollout of `web` 3.0.0 starts
      4. the rollout of `web` 3.0.0 is finished, which ends 2.0.0
      5. the rollout of `web` 4.0.0 starts
      6. the rollout of `web` 4.0.0 is finished, which ends 3.0.0

    Then:
      - drop_nick/contract can never run any more: its gates let in `web` 2.0.0, and live is 4.0.0

    There is no shorter way to it.

      `web`: 1.0.0 (live), 2.0.0, 3.0.0, 4.0.0
    "#);
    let json = project.run(&[&["--format", "json"], &prove(&more)[..]].concat()).json();
    assert_eq!(json["answer"], "dead_end");
    assert_eq!(json["wrong"][0]["kind"], "stuck");
}

fn project_schema() -> String {
    "diesel::table! { users (id) { id -> Integer, name -> Nullable<Text>, } }".to_owned()
}

#[test]
fn a_gate_that_asks_for_a_release_nobody_knows_is_no_dead_end() {
    let project = drop_nick("{ web: \">=9\" }");
    let told = project.run(&prove(&[])).exits(0);
    assert!(
        told.contains("drop_nick/contract waits for a release of `web` that passes `>=9`"),
        "{told}"
    );
}

#[test]
fn what_is_too_much_is_not_proven() {
    let project = drop_nick("{ web: \"=2.0.0\" }");
    let told = project.run(&prove(&["--max-states", "2"])).exits(1);
    assert!(told.starts_with("Not proven"), "{told}");
}

#[test]
fn where_no_release_is_known_there_is_nothing_to_prove() {
    let told = drop_nick("{ web: \">=2.0.0\" }").run(&["prove"]).fails(3);
    assert!(told.contains("nothing is known of any release"), "{told}");
}

#[test]
fn where_files_and_database_disagree_nothing_is_proven() {
    let project = drop_nick("{ web: \">=2.0.0\" }");
    project.run(&["run", "--phase", "create_users/expand"]).exits(0);
    let edited =
        USERS.replace("{ name: nick, type: text }", "{ name: nick, type: text, default: \"''\" }");
    let project = project.file("plans/2026-01-01-000000_create_users.yaml", &edited);
    let told = project.run(&prove(&[])).fails(4);
    assert!(told.contains("planner status"), "{told}");
}

#[test]
fn the_storefront_is_proven_with_all_its_releases() {
    let shop = Project::copy_of("examples/storefront");
    let releases = ["web@1.0.0", "web@1.1.0", "web@2.0.0", "worker@1.0.0", "worker@1.1.0"];
    let given = releases.map(|of| format!("{of}=releases/{}", of.replace('@', "-")));
    let mut arguments = vec!["prove"];
    arguments.extend(given.iter().flat_map(|of| ["--release", of.as_str()]));
    for more in [&[][..], &["--written"], &["--facts", "facts/rollout.yaml"]] {
        let told = shop.run(&[&arguments[..], more].concat()).exits(0);
        assert!(told.starts_with("Proven for"), "{told}");
        assert!(!told.contains("waits"), "{told}");
    }
}
