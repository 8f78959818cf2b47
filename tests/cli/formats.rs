//! Findings in the formats of CI: paths from the top of the repository, exit codes, what is refused.

use std::process::Command;

use crate::support::project::Project;

const USERS: &str = "title: Benutzer „größer“
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }] }
  - add_column: { table: users, comment: \"größe\", columm: nick, type: text }
";

fn project() -> Project {
    Project::with_config("dialect: sqlite\n")
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
}

const FORMATS: [&str; 5] = ["sarif", "github", "gitlab", "junit", "markdown"];

#[test]
fn each_says_what_json_says_and_ends_with_the_same_exit_code() {
    let project = project();
    let json = project.json(&["check"], 1);
    let n_found = json["diagnostics"].as_array().unwrap().len();
    assert!(n_found > 0);
    for format in FORMATS {
        let printed = project.run(&["check", "--format", format]).exits(1);
        for found in json["diagnostics"].as_array().unwrap() {
            let name = found["name"].as_str().unwrap();
            assert!(printed.contains(name), "{format} has no {name}: {printed}");
            assert!(printed.contains("create_users.yaml"), "{format}: {printed}");
        }
    }
    let fine = Project::with_config("dialect: sqlite\n");
    for format in FORMATS {
        let _ = fine.run(&["check", "--format", format]).exits(0);
    }
}

#[test]
fn a_file_is_named_from_the_top_of_the_repository() {
    let outer = Project::with_config("dialect: sqlite\n");
    outer.write("db/shop #1/planner.yaml", "dialect: sqlite\n");
    outer.write("db/shop #1/plans/2026-01-01-000000_create_users.yaml", USERS);
    let check =
        |format: &str| outer.run(&["-C", "db/shop #1", "--format", format, "check"]).exits(1);
    let below = "db/shop #1/plans/2026-01-01-000000_create_users.yaml";
    assert!(!check("github").contains(below));
    let git = Command::new("git").args(["init", "--quiet"]).current_dir(outer.path()).status();
    assert!(git.unwrap().success());
    assert!(check("github").contains(&format!("::error file={below},line=4,")));
    assert!(check("gitlab").contains(&format!("\"path\":\"{below}\"")));
    assert!(check("junit").contains(&format!(" file=\"{below}\"")));
    assert!(check("markdown").contains(&format!(" at `{below}:4:")));
    assert!(
        check("sarif")
            .contains("\"uri\":\"db/shop%20%231/plans/2026-01-01-000000_create_users.yaml\"")
    );
    let json = outer.run(&["-C", "db/shop #1", "--format", "json", "check"]).exits(1);
    assert!(
        json.contains("\"file\":\"plans/2026"),
        "of JSON the project's folder stays the base: {json}"
    );
}

#[test]
fn without_git_a_file_is_named_from_where_the_ci_has_put_the_repository() {
    let outer = Project::with_config("dialect: sqlite\n");
    outer.write("db/planner.yaml", "dialect: sqlite\n");
    outer.write("db/plans/2026-01-01-000000_create_users.yaml", USERS);
    let folder = outer.path().to_str().unwrap().to_owned();
    let outer = outer.variable("GITHUB_WORKSPACE", &folder);
    let printed = outer.run(&["-C", "db", "--format", "github", "check"]).exits(1);
    assert!(printed.starts_with("::error file=db/plans/2026"), "{printed}");
}

#[test]
fn columns_count_characters() {
    let printed = project().run(&["check", "--format", "github"]).exits(1);
    let line = USERS.lines().nth(3).unwrap();
    let at = line.find("columm").unwrap();
    let column = line[..at].chars().count() + 1;
    let place = format!("line=4,endLine=4,col={column},endColumn={}", column + "columm".len());
    assert!(printed.contains(&place), "{place}\n{printed}");
    assert!(at + 1 > column, "the text before it has letters of more than one byte");
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_in_the_format_too() {
    let project = Project::with_config("dialect: [sqlite\n");
    for (format, sign) in [
        ("github", "::error file=planner.yaml,line="),
        ("gitlab", "\"check_name\":\"invalid-yaml\""),
        ("sarif", "\"ruleId\":\"EC101\""),
        ("junit", "<failure "),
        ("markdown", "- **error** `EC101`"),
    ] {
        let ran = project.run(&["check", "--format", format]);
        assert!(ran.out.contains(sign), "{format}: {ran:?}");
        assert!(ran.err.contains("`planner.yaml` cannot be used"), "{ran:?}");
        let _ = ran.exits(2);
    }
}

#[test]
fn other_answers_have_none_of_these_formats() {
    let project = project();
    for format in ["sarif", "github", "gitlab", "junit"] {
        let told = project.run(&["--format", format, "status"]).fails(2);
        assert!(told.contains("formats of findings"), "{told}");
        assert!(told.contains("`planner check`, and `human` or `json` here"), "{told}");
    }
    let told = project.run(&["--format", "markdown", "compile"]).fails(2);
    assert!(told.contains("`markdown` is a format of findings and tables"), "{told}");
}
