//! `planner status --debt`: what was expanded and never contracted.

use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: nick, type: text }] }
";

fn drop(column: &str, owner: &str) -> String {
    format!(
        "title: Drop {column}\nowner: {owner}\nafter: [create_users]\nexpand:\n  - deprecate_column: {{ table: users, column: {column} }}\ncontract:\n  - drop_column: {{ table: users, column: {column} }}\ngates: {{ contract: {{ releases: {{ web: \">=2.0.0\" }} }} }}\n"
    )
}

fn project() -> Project {
    Project::with_config("dialect: sqlite\ndatabase: sqlite:test.db\napps: { web: {} }\n")
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_drop_nick.yaml", drop("nick", "accounts-team"))
        .file("plans/2026-01-03-000000_drop_name.yaml", drop("name", "shop-team"))
}

fn live(project: &Project, version: &str) {
    project.run(&["deploy", "start", "--app", "web", "--version", version]).exits(0);
    project.run(&["deploy", "finish", "--app", "web", "--version", version]).exits(0);
}

#[test]
fn a_plan_that_was_never_contracted_is_listed_with_what_holds_it_back() {
    let project = project();
    let nothing = "No plan is expanded and not contracted.\n";
    assert_eq!(project.run(&["status", "--debt"]).exits(0), nothing);
    project.run(&["run"]).exits(0);
    live(&project, "1.0.0");
    let text = project.run(&["status", "--debt"]).exits(0);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("drop_nick  accounts-team, expanded "), "{text}");
    assert!(lines[0].ends_with(" ago"), "{text}");
    assert_eq!(
        lines[1..3],
        ["  drop_nick/contract", "    web 1.0.0 is live, the gate asks for >=2.0.0"]
    );
    assert!(lines[3].starts_with("drop_name  shop-team, expanded "), "{text}");
    assert!(
        lines[6].starts_with("2 plans are expanded and not contracted, the oldest for "),
        "{text}"
    );

    let own = project.run(&["status", "--debt", "--owner", "shop-team"]).exits(0);
    assert!(own.contains("drop_name") && !own.contains("drop_nick"), "{own}");
    let json = project.json(&["status", "--debt", "--owner", "shop-team"], 0);
    let debt = json["debt"].as_array().unwrap();
    assert_eq!(debt.len(), 1);
    assert_eq!((&debt[0]["plan"], &debt[0]["owner"]), (&"drop_name".into(), &"shop-team".into()));
    assert_eq!((&debt[0]["held"], &debt[0]["contract_begun"]), (&"blocked".into(), &false.into()));
    assert!(debt[0]["age_seconds"].as_i64().unwrap() >= 0 && debt[0]["since"].is_string());
    let because = &debt[0]["blocked"][0]["because"][0];
    assert_eq!((&because["kind"], &because["release"]), (&"live_release".into(), &"1.0.0".into()));
    assert!(!debt[0]["blocked"][0]["unblock"].as_array().unwrap().is_empty());

    live(&project, "2.0.0");
    let text = project.run(&["status", "--debt"]).exits(0);
    assert!(text.contains("nothing holds it back: `planner run` contracts it"), "{text}");
    project.run(&["run"]).exits(0);
    assert_eq!(project.run(&["status", "--debt"]).exits(0), nothing);
}

#[test]
fn an_owner_that_no_plan_has_is_told_with_the_nearest() {
    let project = project();
    let told = project.run(&["status", "--debt", "--owner", "shop-taem"]).fails(2);
    assert!(told.contains("no plan has the owner `shop-taem`"), "{told}");
    assert!(told.contains("did you mean `shop-team`?"), "{told}");
    project.run(&["status", "--owner", "shop-team"]).fails(2);
    project.run(&["status", "--debt", "--all"]).fails(2);
}
