//! `release import`: releases registered from the tags of a real repository.

use std::process::Command;

use crate::support::project::Project;

const PLAN: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }] }
";
const MORE: &str = "title: Nick
after: [users]
expand:
  - add_column: { table: users, column: nick, type: text }
";

/// Runs git in the project's folder.
fn git(project: &Project, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(project.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn commit(project: &Project, tags: &[&str]) {
    git(project, &["add", "-A"]);
    git(project, &["commit", "-q", "--allow-empty", "-m", "x"]);
    for tag in tags {
        // Some names are none that `git tag` would give.
        git(project, &["update-ref", &format!("refs/tags/{tag}"), "HEAD"]);
    }
}

fn schema(columns: &str) -> String {
    format!("diesel::table! {{ users (id) {{ id -> BigInt, {columns} }} }}\n")
}

/// A project with three releases and some tags that are none.
fn shop() -> Project {
    let config =
        "dialect: sqlite\ndatabase: sqlite:test.db\nplans: db/plans\nmigrations: db/migrations\n";
    let project = Project::with_config(config).file(".gitignore", "test.db*\n.planner\n");
    git(&project, &["init", "-q"]);
    project.write("README", "nothing yet");
    commit(&project, &["v0.1.0"]);
    project.write("db/plans/2026-01-01-000000_users.yaml", PLAN);
    project.write("db/migrations/2025-01-01-000000_old/up.sql", "SELECT 1;");
    project.write("db/migrations/202601010000001001ab12_users_expand_x/up.sql", "SELECT 1;");
    project.write("src/schema.rs", schema("name -> Nullable<Text>,"));
    commit(&project, &["v1.0.0", "other"]);
    commit(&project, &["v1.9.0"]);
    project.write("db/plans/2026-01-02-000000_nick.yaml", MORE);
    project.write("src/schema.rs", schema("name -> Nullable<Text>, nick -> Nullable<Text>,"));
    project.write("src/requires.yaml", "tables: { users: { access: read } }\n");
    commit(&project, &["v1.10.0"]);
    std::fs::remove_dir_all(project.path().join("db/migrations")).unwrap();
    project
}

const ARGUMENTS: [&str; 7] = ["release", "import", "--app", "web", "--git", "v*", "--path"];

fn import(project: &Project, more: &[&str]) -> crate::support::project::Ran {
    project.run(&[&ARGUMENTS[..], &["src/schema.rs"], more].concat())
}

#[test]
fn tags_are_registered_in_the_order_of_their_versions() {
    let project = shop();
    let ran = import(&project, &["--requires-path", "src/requires.yaml"]);
    assert!(
        ran.err.contains("warning: tag `v0.1.0` is skipped: it has no `src/schema.rs`"),
        "{ran:?}"
    );
    assert_eq!(
        ran.exits(0),
        "web 1.0.0 registered: needs 1 table, 2 columns; first with plan users; first with migration 20250101000000
web 1.9.0 registered: needs 1 table, 2 columns
web 1.10.0 registered: needs 1 table, 3 columns; first with plan nick
3 releases registered, 0 already known, 1 skipped.
"
    );
    let list = project.json(&["deploy", "list", "--all"], 0);
    let versions: Vec<&str> = list["apps"][0]["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|release| release["version"].as_str().unwrap())
        .collect();
    assert_eq!(versions, ["1.0.0", "1.9.0", "1.10.0"]);
}

#[test]
fn registering_again_changes_nothing() {
    let project = shop();
    import(&project, &[]).exits(0);
    let before = project.json(&["history"], 0);
    let said = import(&project, &[]).exits(0);
    assert_eq!(
        said,
        "web 1.0.0 is already known\nweb 1.9.0 is already known\nweb 1.10.0 is already known\n0 releases registered, 3 already known, 1 skipped.\n"
    );
    assert_eq!(project.json(&["history"], 0), before);
    // A newer release is new, and so is what it alone has.
    project.write("db/plans/2026-01-03-000000_third.yaml", MORE.replace("nick", "third"));
    commit(&project, &["v2.0.0"]);
    let json = project.json(&[&ARGUMENTS[..], &["src/schema.rs"]].concat(), 0);
    let outcomes: Vec<&str> = json["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["known", "known", "known", "registered", "skipped"]);
    assert_eq!(json["releases"][3]["plans"], serde_json::json!(["third"]));
}

#[test]
fn a_dry_run_records_nothing() {
    let project = shop();
    let said = import(&project, &["--dry-run"]).exits(0);
    assert!(said.contains("web 1.10.0 would be registered: needs 1 table"), "{said}");
    assert!(!project.path().join("test.db").exists());
}

#[test]
fn folders_prefixes_and_other_repositories_are_read() {
    let app = shop();
    app.write("web/schema/mod.rs", "mod users;\n");
    app.write("web/schema/users.rs", schema(""));
    commit(&app, &["web/r-3"]);
    let planner = Project::sqlite().file("plans/2026-01-01-000000_users.yaml", PLAN);
    let path = app.path().to_str().unwrap();
    let at =
        ["release", "import", "--app", "web", "--git", "web/r-*", "--version-prefix", "web/r-"];
    let more = ["--repo", path, "--path", "web/schema", "--plans-path", "db/plans"];
    let said = planner.run(&[&at[..], &more].concat()).exits(0);
    assert!(
        said.starts_with(
            "web 3 registered: needs 1 table, 1 column; first with plans users, nick\n"
        ),
        "{said}"
    );
    let below = format!("{path}/web");
    let more = ["--repo", &below, "--path", "schema", "--plans-path", "../db/plans"];
    let said = planner.run(&[&at[..], &more].concat()).exits(0);
    // The same needs under other names of their files.
    assert!(said.starts_with("web 3 registered: needs 1 table, 1 column\n"), "{said}");
    let more = ["--repo", &below, "--path", "../../schema"];
    let told = planner.run(&[&at[..], &more].concat()).fails(2);
    assert!(told.contains("is not in the repository"), "{told}");
}

#[test]
fn the_schema_and_requires_yaml_of_planner_yaml_are_read() {
    let project = shop();
    project.write("planner.yaml", "dialect: sqlite\ndatabase: sqlite:test.db\nplans: db/plans\napps: { web: { schema: src/schema.rs, requires: src/requires.yaml } }\n");
    let at = ["release", "import", "--app", "web", "--git", "v1.10.0"];
    project.run(&at).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["deploy", "check", "--app", "web", "--version", "1.10.0"]).exits(0);
    let text = project.run(&["history"]).exits(0);
    assert!(text.contains("registered web 1.10.0, which needs 1 table, 3 columns"), "{text}");
}

#[test]
fn odd_tags_are_told_and_do_no_harm() {
    let project = shop();
    git(&project, &["update-ref", "refs/tags/-v", "HEAD"]);
    git(&project, &["update-ref", "refs/tags/--output=x", "HEAD"]);
    git(&project, &["-c", "user.name=t", "tag", "-a", "-m", "annotated", "v1.11.0"]);
    let mut hash = Command::new("git");
    hash.args(["hash-object", "-w", "README"]).current_dir(project.path());
    let name = String::from_utf8(hash.output().unwrap().stdout).unwrap();
    git(&project, &["update-ref", "refs/tags/v-file", name.trim()]);
    git(&project, &["update-ref", "refs/tags/1.9.0", "HEAD"]);
    project.write("src/schema.rs", "diesel::table! { users (id) { id => BigInt } }");
    commit(&project, &["v3.0.0"]);
    project.write("src/schema.rs", b"// \xe9\n");
    commit(&project, &["v3.1.0"]);
    std::fs::remove_file(project.path().join("src/schema.rs")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", project.path().join("src/schema.rs")).unwrap();
    commit(&project, &["v3.2.0"]);
    let arguments = ["release", "import", "--app", "web", "--path", "src/schema.rs", "--git"];
    let ran = project.run(&[&arguments[..], &["*"]].concat());
    for told in [
        "tag `v-file` is skipped: it names no commit",
        "tag `v1.9.0` is skipped: another tag is release `1.9.0` too",
        "tag `v3.0.0` is skipped: what it needs cannot be read",
        "in tag `v3.0.0`:",
        "tag `v3.1.0` is skipped: `src/schema.rs` is not UTF-8",
        "tag `v3.2.0` is skipped: it has no `src/schema.rs`",
    ] {
        assert!(ran.err.contains(told), "{told}\n{}", ran.err);
    }
    let said = ran.exits(0);
    for told in ["web -v registered", "web --output=x registered", "web 1.11.0 registered"] {
        assert!(said.contains(told), "{told}\n{said}");
    }
    assert!(!project.path().join("x").exists());
    for pattern in ["nothing-*", "--all", "-d"] {
        let told =
            project.run(&[&arguments[..4], &["--path", "x", &format!("--git={pattern}")]].concat());
        assert!(told.fails(2).contains("no tag of"), "{pattern}");
    }
}

#[test]
fn without_a_repository_it_says_so() {
    let project = Project::sqlite();
    let told = import(&project, &[]).fails(2);
    assert!(told.contains("not a git repository"), "{told}");
    assert!(told.contains("--repo"), "{told}");
}

const RETIRE: &str = "title: Retire nick
after: [users]
expand:
  - add_column: { table: users, column: nick, type: text }
  - deprecate_column: { table: users, column: name }
";
const DROP: &str = "title: Drop name
after: [retire]
contract:
  - drop_column: { table: users, column: name }
gates: { contract: { releases: { web: \">=0.0.1\" } } }
";

/// A project whose users upgrade by release; `retire` comes in 1.1.0.
fn by_release() -> Project {
    let config =
        "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: { upgrades: by_release } }\n";
    let project = Project::with_config(config).file(".gitignore", "test.db*\n.planner\n");
    git(&project, &["init", "-q"]);
    project.write("src/schema.rs", schema(""));
    project.write("plans/2026-01-01-000000_users.yaml", PLAN);
    commit(&project, &["v1.0.0"]);
    project.write("plans/2026-01-02-000000_retire.yaml", RETIRE);
    project
}

#[test]
fn what_one_release_prepares_and_removes_is_refused() {
    let project = by_release();
    project.write("plans/2026-01-03-000000_drop.yaml", DROP);
    let told = import(&project, &[]);
    assert!(told.err.contains("neither is in a release of web"), "{told:?}");
    told.exits(0);
    commit(&project, &["v1.1.0"]);
    let told = import(&project, &[]).fails(1);
    assert!(told.contains("EC505"), "{told}");
    assert!(
        told.contains("`users.name` is prepared by plan `retire` and removed here, both first"),
        "{told}"
    );
    assert!(told.contains("plans/2026-01-03-000000_drop.yaml:4"), "{told}");
    let json = project.json(&[&ARGUMENTS[..], &["src/schema.rs"]].concat(), 1);
    assert_eq!(json["diagnostics"][0]["name"], "shipped-together");
    project.run(&["deploy", "start", "--app", "web", "--version", "1.1.0"]).exits(3);
    project.run(&["run", "--through", "retire/expand"]).exits(0);
    project.run(&["deploy", "start", "--app", "web", "--version", "1.1.0"]).exits(0);
    // Remembered or not, the answer is the same.
    for _ in 0..2 {
        let next = project.json(&["next-phase"], 3);
        let because = &next["blocked"][0]["because"];
        let kinds: Vec<&str> =
            because.as_array().unwrap().iter().map(|of| of["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"shipped_together"), "{next:#}");
        project.run(&["compile"]).exits(0);
    }
    let told = project.run(&["next-phase"]).fails(3);
    assert!(
        told.contains("plan retire, which prepares it, comes first in the same release, web 1.1.0"),
        "{told}"
    );
    project.run(&["run", "--phase", "drop/contract"]).fails(3);
}

#[test]
fn what_comes_in_a_later_release_than_what_prepares_it_is_not_refused() {
    let project = by_release();
    commit(&project, &["v1.1.0"]);
    project.write("plans/2026-01-03-000000_drop.yaml", DROP);
    commit(&project, &["v1.2.0"]);
    import(&project, &[]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["deploy", "start", "--app", "web", "--version", "1.2.0"]).exits(0);
    project.run(&["next-phase"]).exits(0);
}

#[test]
fn the_rule_may_be_turned_down_and_the_oldest_release_is_upgraded_to_by_nobody() {
    let project = by_release();
    project.write("plans/2026-01-03-000000_drop.yaml", DROP);
    commit(&project, &["v1.1.0"]);
    let only = ["release", "import", "--app", "web", "--git", "v1.1.0", "--path", "src/schema.rs"];
    project.run(&only).exits(0);
    let config = project.read("planner.yaml") + "rules: { shipped-together: warning }\n";
    project.write("planner.yaml", config);
    import(&project, &[]).exits(0);
}
