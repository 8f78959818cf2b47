//! `check --since`: only what a branch adds, told by a real repository.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;

/// A plan with a finding: nothing prepared what it drops.
const DROP: &str = "after: [create_users]
contract:
  - drop_column: { table: users, column: COLUMN }
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";
const USERS: &str = "expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: a, type: text }, { name: b, type: text }, { name: c, type: text }] }
";
const OLD: &str = "plans/2026-01-02-000000_drop_a.yaml";
const NEW: &str = "plans/2026-01-03-000000_drop_b.yaml";

#[track_caller]
fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=tester", "-c", "user.email=tester@example.org"]);
    command.args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"]);
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

fn commit(project: &Project) {
    git(project.path(), &["add", "--all"]);
    git(project.path(), &["commit", "--quiet", "--message", "more"]);
}

fn drop(column: &str) -> String {
    DROP.replace("COLUMN", column)
}

/// A repository whose branch `main` has a finding already, on the branch `work`.
fn repository() -> Project {
    let project = Project::with_config("dialect: sqlite\n")
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file(OLD, drop("a"));
    git(project.path(), &["init", "--quiet"]);
    commit(&project);
    git(project.path(), &["checkout", "--quiet", "-b", "work"]);
    project
}

/// The files of the findings, each once.
#[track_caller]
fn judged(project: &Project, arguments: &[&str], code: i32) -> Vec<String> {
    let json = project.json(&[&["check"], arguments].concat(), code);
    let found = json["diagnostics"].as_array().unwrap();
    let mut files: Vec<String> =
        found.iter().map(|found| found["file"].as_str().unwrap().to_owned()).collect();
    files.dedup();
    files
}

#[test]
fn what_was_there_before_the_branch_is_not_reported() {
    let project = repository();
    assert_eq!(judged(&project, &[], 1), [OLD]);
    assert_eq!(judged(&project, &["--since", "main"], 0), [""; 0]);
    let ran = project.run(&["check", "--since", "main"]);
    assert!(
        ran.err.contains("Checked 2 plans, of which 0 differ since `main`: 0 errors"),
        "{ran:?}"
    );
}

#[test]
fn what_is_committed_staged_edited_or_not_yet_known_to_git_is_reported() {
    let project = repository().file(NEW, drop("b"));
    let since = ["--since", "main"];
    assert_eq!(judged(&project, &since, 1), [NEW], "untracked");
    git(project.path(), &["add", "--all"]);
    assert_eq!(judged(&project, &since, 1), [NEW], "staged");
    commit(&project);
    assert_eq!(judged(&project, &since, 1), [NEW], "committed");
    project.write(OLD, format!("# edited\n{}", drop("a")));
    assert_eq!(judged(&project, &since, 1), [OLD, NEW], "edited");
}

#[test]
fn what_the_other_branch_has_gained_meanwhile_is_not_reported() {
    let project = repository().file(NEW, drop("b"));
    commit(&project);
    git(project.path(), &["checkout", "--quiet", "main"]);
    project.write("plans/2026-01-04-000000_drop_c.yaml", drop("c"));
    commit(&project);
    git(project.path(), &["checkout", "--quiet", "work"]);
    assert_eq!(judged(&project, &["--since", "main"], 1), [NEW]);
    assert_eq!(judged(&project, &["--since", "main~1"], 1), [NEW]);
}

#[test]
fn a_finding_with_one_of_its_places_in_a_changed_file_is_reported() {
    let project = repository();
    // Of two plans with one version the second by name is accused, here the one that was there before.
    project.write(
        "plans/2026-01-02-000000_a.yaml",
        "after: [create_users]\nexpand:\n  - add_column: { table: users, column: z, type: text }\n",
    );
    let json = project.json(&["check", "--since", "main"], 1);
    let found = json["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{json}");
    assert_eq!((&found[0]["name"], &found[0]["file"]), (&"duplicate-version".into(), &OLD.into()));
}

#[test]
fn a_removed_plan_and_another_configuration_may_concern_every_file() {
    let project = repository();
    project.write("planner.yaml", "dialect: sqlite\nplans: plans\n");
    assert_eq!(judged(&project, &["--since", "main"], 1), [OLD]);
    let ran = project.run(&["check", "--since", "main"]);
    assert!(ran.err.contains("all of them because `planner.yaml` differs since `main`"), "{ran:?}");
    let project = repository();
    std::fs::remove_file(project.path().join("plans/2026-01-01-000000_create_users.yaml")).unwrap();
    assert_eq!(judged(&project, &["--since", "main"], 1), [OLD]);
    let ran = project.run(&["check", "--since", "main"]);
    assert!(ran.err.contains("`2026-01-01-000000_create_users.yaml` is gone"), "{ran:?}");
}

#[test]
fn a_project_may_stand_below_the_top_of_the_repository() {
    let outer = Project::with_config("dialect: sqlite\n");
    let below = |path: &str| format!("db/größe x/{path}");
    outer.write(&below("planner.yaml"), "dialect: sqlite\n");
    outer.write(&below("plans/2026-01-01-000000_create_users.yaml"), USERS);
    outer.write(&below(OLD), drop("a"));
    git(outer.path(), &["init", "--quiet"]);
    commit(&outer);
    outer.write(&below(NEW), drop("b"));
    outer.write("plans/2026-01-02-000000_drop_a.yaml", "of another project");
    let check = ["-C", "db/größe x", "--format", "github", "check", "--since", "main"];
    let printed = outer.run(&check).exits(1);
    assert!(printed.contains(&below(NEW)) && !printed.contains(OLD), "{printed}");
}

#[test]
fn without_a_repository_or_git_or_the_revision_it_says_what_is_missing() {
    let bare = Project::with_config("dialect: sqlite\n");
    let told = bare.run(&["check", "--since", "main"]).fails(2);
    assert!(told.contains("not a git repository") && told.contains("leave it away"), "{told}");
    let project = repository();
    for unknown in
        ["mian", "", "--output=x", "main:plans", "0000000000000000000000000000000000000000"]
    {
        let told = project.run(&["check", &format!("--since={unknown}")]).fails(2);
        assert!(told.contains(&format!("git knows no revision `{unknown}`")), "{told}");
        assert!(told.contains("`origin/main`"), "{told}");
    }
    assert_eq!(project.list("."), [".git", "planner.yaml", "plans"], "nothing was written");
    let project = project.variable("PATH", "/nowhere");
    let told = project.run(&["check", "--since", "main"]).fails(2);
    assert!(told.contains("cannot run `git`") && told.contains("`--since` needs git"), "{told}");
}

#[test]
fn a_clone_without_the_common_commit_says_how_to_get_it() {
    let origin = repository();
    origin.write(NEW, drop("b"));
    commit(&origin);
    let clone = Project::with_config("");
    let folder = clone.path().join("clone");
    let url = format!("file://{}", origin.path().display());
    git(clone.path(), &["clone", "--quiet", "--depth", "1", "--branch", "work", &url, "clone"]);
    let told = clone.run(&["-C", "clone", "check", "--since", "origin/main"]).fails(2);
    assert!(told.contains("git knows no revision") && told.contains("fetch-depth: 0"), "{told}");
    git(&folder, &["fetch", "--quiet", "--depth", "1", "origin", "main:refs/remotes/origin/main"]);
    let told = clone.run(&["-C", "clone", "check", "--since", "origin/main"]).fails(2);
    assert!(told.contains("no commit in common") && told.contains("--unshallow"), "{told}");
    git(&folder, &["fetch", "--quiet", "--unshallow"]);
    let printed = clone
        .run(&["-C", "clone", "--format", "github", "check", "--since", "origin/main"])
        .exits(1);
    assert!(printed.contains(NEW) && !printed.contains(OLD), "{printed}");
}

#[test]
fn a_branch_without_a_common_commit_is_refused() {
    let project = repository();
    git(project.path(), &["checkout", "--quiet", "--orphan", "alone"]);
    project.write(NEW, drop("b"));
    commit(&project);
    let told = project.run(&["check", "--since", "main"]).fails(2);
    assert!(told.contains("no commit in common with `main`"), "{told}");
    assert!(!told.contains("unshallow"), "{told}");
}
