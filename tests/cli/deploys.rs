//! Rollouts: what is recorded, what is refused, and that a deploy and a phase cannot pass each other.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use crate::support::diesel::diesel;
use crate::support::project::{Project, ran};
use crate::support::{ScratchPostgres, diesel::migrate};

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
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";
const FILL: &str = "title: Fill
after: [create_users]
expand:
  - add_column: { table: users, column: given, type: text }
backfill:
  - update: { table: users, set: { given: \"upper(name)\" }, where: \"given IS NULL AND name IS NOT NULL\" }
contract:
  - drop_column: { table: users, column: name, replaced_by: [given] }
gates: { backfill: { releases: { web: \">=1.5.0\" } }, contract: { releases: { web: \">=2.0.0\" } } }
";

fn with_plans(project: Project, plans: &[(&str, &str)]) -> Project {
    plans
        .iter()
        .fold(project, |project, (name, text)| project.file(&format!("plans/{name}.yaml"), text))
}

const BOTH: [(&str, &str); 2] =
    [("2026-01-01-000000_create_users", USERS), ("2026-01-02-000000_drop_nick", DROP)];
const ALL: [(&str, &str); 3] = [BOTH[0], BOTH[1], ("2026-01-03-000000_fill", FILL)];

fn sqlite(plans: &[(&str, &str)]) -> Project {
    let config = "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n";
    with_plans(Project::with_config(config), plans)
}

fn postgres(plans: &[(&str, &str)], url: &str) -> Project {
    let config = "dialect: postgres\napps: { web: {} }\n";
    with_plans(Project::with_config(config).variable("DATABASE_URL", url), plans)
}

fn deploy(
    project: &Project,
    verb: &str,
    version: &str,
    more: &[&str],
) -> crate::support::project::Ran {
    project.run(&[&["deploy", verb, "--app", "web", "--version", version], more].concat())
}

fn live(project: &Project, version: &str) {
    deploy(project, "start", version, &[]).exits(0);
    deploy(project, "finish", version, &[]).exits(0);
}

/// The versions that are live, in the order they are listed.
#[track_caller]
fn listed(project: &Project) -> Vec<String> {
    let list = project.json(&["deploy", "list"], 0);
    let apps = list["apps"].as_array().unwrap().iter();
    let releases = apps.flat_map(|app| app["releases"].as_array().unwrap());
    releases.map(|release| release["version"].as_str().unwrap().to_owned()).collect()
}

fn n_entries(project: &Project) -> usize {
    project.json(&["history"], 0)["entries"].as_array().unwrap().len()
}

#[test]
fn releases_start_finish_abort_and_retire() {
    let project = sqlite(&BOTH);
    assert_eq!(listed(&project), Vec::<String>::new());
    deploy(&project, "start", "1.0.0", &[]).exits(0);
    deploy(&project, "finish", "1.0.0", &[]).exits(0);
    deploy(&project, "start", "1.1.0", &["--marks", "a,b"]).exits(0);
    assert_eq!(listed(&project), ["1.0.0", "1.1.0"]);
    deploy(&project, "abort", "1.1.0", &[]).exits(0);
    assert_eq!(listed(&project), ["1.0.0"]);
    deploy(&project, "start", "1.2.0", &[]).exits(0);
    deploy(&project, "finish", "1.2.0", &["--keep", "1.0.0"]).exits(0);
    assert_eq!(listed(&project), ["1.0.0", "1.2.0"]);
    deploy(&project, "retire", "1.0.0", &[]).exits(0);
    assert_eq!(listed(&project), ["1.2.0"]);
    assert!(project.run(&["deploy", "list", "--all"]).exits(0).contains("1.1.0  ended"));
    let before = n_entries(&project);
    for (verb, version, more) in [
        ("abort", "1.2.0", &[][..]),
        ("abort", "9", &[]),
        ("finish", "9", &[]),
        ("finish", "1.0.0", &[]),
        ("finish", "1.2.0", &["--keep", "1.0.0"]),
        ("retire", "1.0.0", &[]),
        ("retire", "9", &[]),
        ("start", "", &[]),
        ("start", "1 2", &[]),
        ("start", "1\n2", &[]),
        ("start", "3.0.0", &["--force", " "]),
    ] {
        let text = deploy(&project, verb, version, more).fails(2);
        assert!(text.contains("help: "), "{verb} {version}: {text}");
    }
    assert_eq!(n_entries(&project), before);
}

#[test]
fn a_rollback_past_a_contract_is_refused_and_nothing_is_recorded() {
    let project = sqlite(&BOTH);
    live(&project, "1.0.0");
    live(&project, "2.0.0");
    project.run(&["run"]).exits(0);
    let before = n_entries(&project);
    let check = project.json(&["deploy", "check", "--app", "web", "--version", "1.0.0"], 3);
    assert_eq!(
        (&check["answer"], &check["because"][0]["plan"]),
        (&"refused".into(), &"drop_nick".into())
    );
    let text = deploy(&project, "start", "1.0.0", &[]).fails(3);
    assert!(text.contains("web 1.0.0 must not be started now"), "{text}");
    assert_eq!(n_entries(&project), before);
    deploy(&project, "start", "1.0.0", &["--force", "incident 12"]).exits(0);
    let history = project.run(&["history"]).exits(0);
    assert!(history.contains("rollout of web 1.0.0 started, forced: incident 12"), "{history}");
    deploy(&project, "check", "2.1.0", &[]).exits(0);
}

#[test]
fn a_release_outside_a_standing_backfill_gate_makes_the_backfill_void() {
    let project = sqlite(&[ALL[0], ALL[2]]);
    live(&project, "1.5.0");
    project.run(&["run"]).exits(0);
    deploy(&project, "start", "1.0.0", &[]).fails(3);
    deploy(&project, "start", "1.0.0", &["--force", "fire"]).exits(0);
    deploy(&project, "abort", "1.0.0", &[]).exits(0);
    live(&project, "2.0.0");
    let next = project.json(&["next-phase"], 0);
    assert_eq!(next["ready"][0]["phase"], "backfill", "{next}");
    assert_eq!(next["blocked"][0]["because"][0]["kind"], "void_backfill", "{next}");
    project.run(&["run"]).exits(0);
    assert_eq!(project.json(&["next-phase"], 0)["answer"], "complete");
}

#[test]
fn releases_named_by_commit_are_ordered_as_they_were_registered() {
    let config =
        "dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: { releases: registered } }\n";
    let gate = DROP.replace(">=2.0.0", ">=c0ffee");
    let project = with_plans(Project::with_config(config), &[BOTH[0], (BOTH[1].0, &gate)]);
    project.run(&["run"]).exits(0);
    live(&project, "fade01");
    assert_eq!(
        project.json(&["next-phase"], 3)["blocked"][0]["because"][0]["kind"],
        "unanswerable"
    );
    live(&project, "c0ffee");
    live(&project, "0badca");
    project.run(&["run", "--phase", "drop_nick/contract"]).exits(0);
    let text = deploy(&project, "start", "fade01", &[]).fails(3);
    assert!(text.contains(">=c0ffee"), "{text}");
    deploy(&project, "start", "beef02", &[]).exits(0);
}

/// Opens phases for the stock command and lets it run them; `url` is the database's for Diesel.
fn opened_for_diesel(project: &Project, url: &str) {
    project.run(&["compile"]).exits(0);
    project.write("diesel.toml", "");
    let migrate = || diesel(url, project.path(), &["migration", "run"]);
    project.run(&["run"]).exits(0);
    live(project, "1.5.0");
    let text = migrate().fails(1);
    assert!(text.contains("planner: drop_nick/contract is not open"), "{text}");
    let out = project.run(&["run", "--open"]).exits(0);
    assert!(out.contains("1 phase is open for `diesel migration run`"), "{out}");
    // In version order the contract that is shut comes first.
    assert!(migrate().fails(1).contains("planner: drop_nick/contract is not open"));
    project.run(&["run"]).exits(0);
    live(project, "2.0.0");
    project.run(&["run", "--open", "--phase", "drop_nick/contract"]).exits(0);
    assert!(migrate().fails(1).contains("planner: fill/contract is not open"));
    assert_eq!(project.json(&["status"], 0)["plans"][1]["complete"], true);
    project.run(&["run", "--open", "--phase", "fill/contract"]).exits(0);
    migrate().exits(0);
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["adopted"].as_array().unwrap().len(), 1, "{ran}");
    assert_eq!(ran["answer"], "complete", "{ran}");
    project.run(&["status"]).exits(0);
}

#[test]
fn diesel_passes_exactly_what_was_opened_on_sqlite() {
    let project = sqlite(&ALL);
    let url = project.path().join("test.db").to_str().unwrap().to_owned();
    opened_for_diesel(&project, &url);
}

#[test]
fn diesel_passes_exactly_what_was_opened_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = postgres(&ALL, &database.url);
    opened_for_diesel(&project, &database.url);
}

/// What was opened for Diesel and has not begun can be closed again: by a revert, or by a forced release.
fn closed_again(project: &Project, url: &str) {
    project.run(&["compile"]).exits(0);
    project.write("diesel.toml", "");
    let migrate = || diesel(url, project.path(), &["migration", "run"]);
    live(project, "1.0.0");
    live(project, "2.0.0");
    project.run(&["run", "--phase", "create_users/expand"]).exits(0);
    project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
    project.run(&["run", "--open"]).exits(0);
    let text = deploy(project, "start", "1.0.0", &[]).fails(3);
    assert!(text.contains("planner revert drop_nick/contract"), "{text}");
    let dry = project.json(&["revert", "drop_nick/contract", "--dry-run"], 0);
    assert_eq!(dry["would_close"][0], "drop_nick/contract", "{dry}");
    let out = project.run(&["revert", "drop_nick/contract"]).exits(0);
    assert!(out.contains("drop_nick/contract is closed again"), "{out}");
    assert!(migrate().fails(1).contains("planner: drop_nick/contract is not open"));
    deploy(project, "start", "1.0.0", &[]).exits(0);
    deploy(project, "abort", "1.0.0", &[]).exits(0);
    project.run(&["run", "--open"]).exits(0);
    let out = deploy(project, "start", "1.0.0", &["--force", "incident 12"]).exits(0);
    assert!(out.contains("drop_nick/contract was open and is closed again"), "{out}");
    assert!(migrate().fails(1).contains("planner: drop_nick/contract is not open"));
    assert_eq!(project.json(&["next-phase"], 3)["blocked"][0]["because"][0]["release"], "1.0.0");
    deploy(project, "abort", "1.0.0", &[]).exits(0);
    project.run(&["run", "--open"]).exits(0);
    migrate().exits(0);
    // What Diesel ran is reverted by planner, and its guard is shut again.
    project.run(&["revert", "drop_nick/contract", "--consent", "drop_nick/contract"]).exits(0);
    assert!(migrate().fails(1).contains("planner: drop_nick/contract is not open"));
}

#[test]
fn what_was_opened_can_be_closed_again_on_sqlite() {
    let project = sqlite(&BOTH);
    let url = project.path().join("test.db").to_str().unwrap().to_owned();
    closed_again(&project, &url);
}

#[test]
fn what_was_opened_can_be_closed_again_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = postgres(&BOTH, &database.url);
    closed_again(&project, &database.url);
}

/// Starts a release that the contract does not allow and the contract at the same moment: one of them is refused.
fn cannot_both_pass(project: &Project) {
    live(project, "2.0.0");
    project.run(&["run", "--phase", "create_users/expand"]).exits(0);
    project.run(&["run", "--phase", "drop_nick/expand"]).exits(0);
    let run = project.start(&["run", "--phase", "drop_nick/contract"]);
    let start = project.start(&["deploy", "start", "--app", "web", "--version", "1.0.0"]);
    let (run, start) =
        (ran(run.wait_with_output().unwrap()), ran(start.wait_with_output().unwrap()));
    let passed = [&run, &start].into_iter().filter(|one| one.code == 0).count();
    let refused = [&run, &start].into_iter().filter(|one| one.code == 3).count();
    assert_eq!((passed, refused), (1, 1), "{run:?}\n{start:?}");
}

#[test]
fn a_deploy_and_the_opening_of_a_phase_cannot_both_pass() {
    for _ in 0..5 {
        cannot_both_pass(&sqlite(&BOTH));
        let database = ScratchPostgres::new();
        cannot_both_pass(&postgres(&BOTH, &database.url));
    }
}

#[test]
fn two_runs_at_once_run_everything_once() {
    for turn in 0..8 {
        let database = ScratchPostgres::new();
        let project = if turn % 2 == 0 { sqlite(&BOTH) } else { postgres(&BOTH, &database.url) };
        let all = [project.start(&["run"]), project.start(&["run"]), project.start(&["run"])];
        for one in all {
            let one = ran(one.wait_with_output().unwrap());
            assert!(one.code == 0 || one.err.contains("another run is under way"), "{one:?}");
        }
        let entries = project.json(&["history"], 0);
        let finished =
            entries["entries"].as_array().unwrap().iter().filter(|one| one["kind"] == "finished");
        assert_eq!(finished.count(), 2, "{entries}");
    }
}

#[test]
fn a_developers_database_without_a_ledger_passes_every_guard() {
    let project = sqlite(&ALL);
    project.run(&["compile"]).exits(0);
    let other = crate::support::ScratchSqlite::new();
    migrate(&other.path, &project.path().join("migrations"));
    let mut connection = diesel::SqliteConnection::establish(&other.path).unwrap();
    connection.batch_execute("INSERT INTO users (id, given) VALUES (1, 'ADA')").unwrap();
}

#[test]
fn what_the_ledger_alone_decides_is_recorded_while_plans_have_findings() {
    let scratch = ScratchPostgres::new();
    for project in [sqlite(&ALL), postgres(&ALL, &scratch.url)] {
        deploy(&project, "start", "1.5.0", &[]).exits(0);
        deploy(&project, "finish", "1.5.0", &[]).exits(0);
        deploy(&project, "start", "1.6.0", &[]).exits(0);
        deploy(&project, "start", "1.7.0", &[]).exits(0);
        project.write("plans/2026-01-04-000000_broken.yaml", "expand: [nonsense\n");
        project.write("plans/2026-01-05-000000_unknown.yaml", "expand:\n  - drop_nothing: {}\n");
        for refused in ["start", "check"] {
            let text = deploy(&project, refused, "1.8.0", &[]).fails(1);
            assert!(text.contains("EC109"), "{text}");
        }
        deploy(&project, "abort", "1.7.0", &[]).exits(0);
        deploy(&project, "finish", "1.6.0", &["--keep", "1.5.0"]).exits(0);
        deploy(&project, "retire", "1.5.0", &[]).exits(0);
        let listed = project.run(&["deploy", "list"]).exits(0);
        assert!(listed.starts_with("web 1.6.0  live since "), "{listed}");
        assert_eq!(listed.lines().count(), 1, "{listed}");
        let text = deploy(&project, "abort", "9.0.0", &[]).fails(2);
        assert!(text.contains("`planner deploy list --all` shows what is recorded"), "{text}");
    }
}
