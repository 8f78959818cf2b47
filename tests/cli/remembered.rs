//! What `compile` remembers changes how fast `next-phase` answers, and never what.

use sha2::{Digest as _, Sha256};

use crate::support::project::Project;

const OUTLINE: &str = ".planner/outline-sqlite";
const SPLIT: &str = "plans/2026-01-02-000000_split_name.yaml";

fn project() -> Project {
    Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n")
        .file(
            "plans/2026-01-01-000000_create_users.yaml",
            "title: Users
expand:
  - create_table:
      table: users
      columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }]
",
        )
        .file(
            SPLIT,
            "title: Split
after: [create_users]
expand:
  - add_column: { table: users, column: given, type: text }
  - id: keep
    sync_columns: { table: users, forward: { given: \"upper(name)\" }, backward: { name: \"lower(given)\" } }
backfill:
  - update: { table: users, set: { given: \"upper(name)\" }, where: \"given IS NULL AND name IS NOT NULL\" }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: name, replaced_by: [given] }
gates:
  contract: { releases: { web: \">=2.0.0\" }, approval: true }
",
        )
        .file(
            "plans/2026-01-03-000000_note.yaml",
            "title: Note
after: [split_name/contract]
expand:
  - add_column: { table: users, column: note, type: text }
",
        )
}

/// Asks with and without what is remembered, in both formats, and returns the one answer.
#[track_caller]
fn ask(project: &Project, code: i32) -> serde_json::Value {
    assert!(project.path().join(OUTLINE).exists());
    let remembered = project.json(&["next-phase"], code);
    let human = project.run(&["next-phase"]).exits(code);
    let (folder, aside) = (project.path().join(".planner"), project.path().join("aside"));
    std::fs::rename(&folder, &aside).unwrap();
    assert_eq!(project.json(&["next-phase"], code), remembered);
    // A large project was remembered again just now.
    let forget = || drop(std::fs::remove_dir_all(&folder));
    forget();
    assert_eq!(project.run(&["next-phase"]).exits(code), human);
    forget();
    std::fs::rename(&aside, &folder).unwrap();
    remembered
}

#[test]
fn the_answer_is_the_same_at_every_stage() {
    let project = project();
    project.run(&["compile"]).exits(0);
    assert_eq!(ask(&project, 0)["answer"], "ready");
    project.run(&["run"]).exits(0);
    let blocked = ask(&project, 3);
    let because = &blocked["blocked"][0]["because"];
    assert!(because.as_array().unwrap().len() > 1, "{blocked}");
    for version in ["1.0.0", "2.0.0"] {
        project.run(&["deploy", "start", "--app", "web", "--version", version]).exits(0);
        let next = ask(&project, 3);
        assert!(version == "2.0.0" || next.to_string().contains("users.name"), "{next}");
        project.run(&["deploy", "finish", "--app", "web", "--version", version]).exits(0);
    }
    ask(&project, 3);
    let approve = ["approve", "split_name/contract", "--by", "Ann", "--reason", "tried"];
    project.run(&approve).exits(0);
    assert_eq!(ask(&project, 0)["answer"], "ready");
    project.run(&["run"]).exits(0);
    assert_eq!(ask(&project, 0)["answer"], "complete");
}

#[test]
fn an_edited_plan_is_read_again() {
    let project = project();
    project.run(&["compile"]).exits(0);
    project.run(&["run", "--plan", "create_users"]).exits(0);
    let written = project.read(SPLIT);
    project.write(SPLIT, written.replace("column: name, replaced_by", "column: nam, replaced_by"));
    let text = project.run(&["next-phase"]).fails(1);
    assert!(text.contains("nam"), "{text}");
    project.write(SPLIT, written);
    assert_eq!(ask(&project, 0)["answer"], "ready");
    project.write(
        "planner.yaml",
        project.read("planner.yaml").replace("web: {}", "web: {}, cron: {}"),
    );
    let text = project.run(&["next-phase"]).fails(1);
    assert!(text.contains("contract-without-gate"), "{text}");
}

#[test]
fn a_plan_that_is_gone_after_it_ran_is_missed() {
    let project = project();
    project.run(&["run"]).exits(0);
    std::fs::remove_file(project.path().join("plans/2026-01-03-000000_note.yaml")).unwrap();
    std::fs::remove_file(project.path().join(SPLIT)).unwrap();
    project.run(&["compile"]).exits(0);
    let next = ask(&project, 0);
    assert!(next["drift"].to_string().contains("removed-after-run"), "{next}");
}

#[test]
fn what_was_tampered_with_or_torn_is_not_believed() {
    let project = project();
    project.run(&["compile"]).exits(0);
    let written = project.read(OUTLINE);
    let forged = written.replace("\nphase expand split_name/contract\n", "\nphase expand\n");
    assert_ne!(forged, written);
    let (head, body) = (forged.lines().take(3), forged.splitn(5, '\n').nth(4).unwrap());
    let sum = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let resealed: String =
        head.map(|line| format!("{line}\n")).chain([format!("{sum}\n"), body.to_owned()]).collect();
    let waiting = |project: &Project| project.json(&["next-phase"], 0)["waiting"].clone();
    let honest = waiting(&project);
    for text in [forged.as_str(), "", "planner outline 1\n", &written[..written.len() / 2]] {
        project.write(OUTLINE, text);
        assert_eq!(waiting(&project), honest);
    }
    // Only one that is sealed again is taken for true, which shows that it is looked at, and that tests ask both ways.
    project.write(OUTLINE, resealed);
    let ran = project.command(&["next-phase"]).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("what is remembered gives another answer"), "{said}");
    project.run(&["compile"]).exits(0);
    assert_eq!(project.read(OUTLINE), written);
}

#[test]
fn what_was_read_once_need_not_be_read_again_in_a_large_project_even_if_nobody_compiled() {
    let project = project();
    project.run(&["next-phase"]).exits(0);
    assert!(!project.path().join(".planner").exists(), "asking a small project writes nothing");
    for n in 0..200 {
        project.write(
            &format!("plans/2026-05-01-000{n:03}_table_{n}.yaml"),
            format!("expand:\n  - create_table: {{ table: t{n}, columns: [{{ name: id, type: bigint, primary_key: true }}] }}\n"),
        );
    }
    project.run(&["next-phase"]).exits(0);
    let written = project.read(OUTLINE);
    assert_eq!(ask(&project, 0)["answer"], "ready");
    project.run(&["compile"]).exits(0);
    assert_eq!(project.read(OUTLINE), written);
}

#[test]
fn what_another_project_program_or_dialect_remembers_is_not_believed() {
    let project = project();
    project.run(&["compile"]).exits(0);
    let honest = project.read(OUTLINE);
    let mut lines = honest.lines();
    let (format, key) = (lines.next().unwrap(), lines.next().unwrap());
    // Sealed, but of other files or by another program: only its key says so.
    let body = honest
        .splitn(5, '\n')
        .nth(4)
        .unwrap()
        .replace("\nphase expand split_name/contract\n", "\nphase expand\n");
    let sum = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let other = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let answer = project.json(&["next-phase"], 0);
    project.write(OUTLINE, format!("{format}\n{other}\n9999-12-31\n{sum}\n{body}"));
    assert_eq!(project.json(&["next-phase"], 0), answer);
    assert_eq!(project.read(OUTLINE), honest, "it was read again and put right");
    project.write(
        "planner.yaml",
        "dialect: [sqlite, postgres]\ndatabase: sqlite:test.db\napps: { web: {} }\n",
    );
    project.run(&["compile"]).exits(0);
    let key_of = |dialect: &str| {
        let text = project.read(&format!(".planner/outline-{dialect}"));
        text.lines().nth(1).unwrap().to_owned()
    };
    assert_ne!(key_of("sqlite"), key_of("postgres"));
}

#[test]
fn a_name_that_the_text_cannot_hold_is_not_remembered() {
    let project = project();
    let written = project.read(SPLIT);
    project.write(
        SPLIT,
        written.replace("web: \">=2.0.0\" }, approval: true", "none: \"nobody uses it\" }"),
    );
    let odd = r#""x\ntaken y""#;
    project.write(
        "plans/2026-01-04-000000_odd.yaml",
        format!(
            "title: Odd
after: [note]
expand:
  - add_column: {{ table: users, column: {odd}, type: text }}
  - deprecate_column: {{ table: users, column: {odd} }}
contract:
  - drop_column: {{ table: users, column: {odd} }}
gates:
  contract: {{ releases: {{ web: \">=2.0.0\" }} }}
"
        ),
    );
    project.run(&["compile"]).exits(0);
    project.run(&["next-phase"]).exits(0);
    assert!(!project.path().join(OUTLINE).exists());
}

#[test]
fn a_plan_that_is_judged_by_what_its_steps_do_is_read_again() {
    let project = project();
    let config = project.read("planner.yaml");
    project.write("planner.yaml", format!("{config}rules: {{ contract-without-gate: off }}\n"));
    for plan in [SPLIT, "plans/2026-01-03-000000_note.yaml"] {
        std::fs::remove_file(project.path().join(plan)).unwrap();
    }
    project.write(
        "plans/2026-01-04-000000_tidy.yaml",
        "title: Tidy
after: [create_users]
contract:
  - sql:
      up: CREATE TABLE old_users AS SELECT id + 1 AS n FROM users WHERE id < 0
      touches: [users, old_users]
      probe: SELECT true
      irreversible: they are gone
",
    );
    project.run(&["compile"]).exits(0);
    project.run(&["run"]).exits(0);
    for _ in 0..2 {
        let next = project.json(&["next-phase"], 3);
        assert!(next.to_string().contains(r#""kind":"missing_gate""#), "{next}");
    }
    assert!(!project.path().join(OUTLINE).exists());
}

#[test]
fn git_does_not_see_it_and_a_folder_that_cannot_be_written_is_no_error() {
    let project = project();
    project.run(&["compile"]).exits(0);
    assert_eq!(project.read(".planner/.gitignore"), "*\n");
    std::fs::remove_dir_all(project.path().join(".planner")).unwrap();
    project.write(".planner", "a file stands where the folder should");
    project.run(&["compile"]).exits(0);
    project.run(&["next-phase"]).exits(0);
}

#[test]
fn a_waiver_ends_on_its_day_even_if_no_file_changed() {
    let project = Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\n").file(
        "plans/2026-01-01-000000_create_users.yaml",
        "title: Users
expand:
  - create_table:
      table: users
      columns: [{ name: id, type: integer, primary_key: true }, { name: age, type: bigint, unique: true }]
",
    );
    project.write(
        "plans/2026-01-02-000000_zero.yaml",
        "title: Zero
after: [create_users]
contract:
  - set_default: { table: users, column: age, default: \"0\" }
    waive: { hazard: default-violates-constraint, reason: one row at most, until: 2026-12-01 }
gates: { contract: { releases: { none: \"nobody uses it yet\" } } }
",
    );
    project.run(&["compile"]).exits(0);
    let on =
        |day: &str| project.command(&["next-phase"]).env("PLANNER_TODAY", day).output().unwrap();
    assert_eq!(on("2026-12-01").status.code(), Some(0));
    let after = on("2026-12-02");
    assert_eq!(after.status.code(), Some(1));
    assert!(String::from_utf8(after.stderr).unwrap().contains("stale-waiver"));
}
