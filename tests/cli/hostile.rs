//! Plans that somebody wrote to break things, or that are only unusual: refused briefly, or carried through.

use std::time::{Duration, Instant};

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }] }
";

fn expand(steps: &str) -> String {
    format!("title: x\nafter: [create_users]\nexpand:\n{steps}")
}

fn column(column: &str, default: &str) -> String {
    expand(&format!(
        "  - add_column: {{ table: users, column: {column}, type: text, default: \"{default}\" }}\n"
    ))
}

fn project(plan: impl AsRef<[u8]>) -> Project {
    Project::sqlite()
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_odd.yaml", plan)
}

#[test]
fn what_nests_too_deep_is_refused_quickly_and_in_few_words() {
    let nested = |open: &str, close: &str| open.repeat(10_000) + "1" + &close.repeat(10_000);
    for (plan, code) in [
        (column("c", &nested("(", ")")), "EC122"),
        (column("c", &nested("CASE WHEN 1 THEN ", " END")), "EC122"),
        (column("c", &nested("abs(", ")")), "EC122"),
        (column("c", &nested("NOT ", "")), "EC122"),
        ("[".repeat(100_000), "EC101"),
        ("{a: ".repeat(100_000), "EC101"),
        (expand("") + "  - a:\n" + &"x".repeat(10), "EC101"),
    ] {
        for dialect in ["sqlite", "postgres"] {
            let project = project(&plan).file("planner.yaml", format!("dialect: {dialect}\n"));
            let started = Instant::now();
            let text = project.run(&["check"]).fails(1);
            let start: String = plan.chars().take(150).collect();
            assert!(text.contains(code), "{dialect} {start}: {}", &text[..text.len().min(500)]);
            assert!(started.elapsed() < Duration::from_secs(5), "{dialect} {start}");
            assert!(text.len() < 20_000, "{dialect} {start}: {} bytes", text.len());
        }
    }
}

#[test]
fn a_nul_byte_is_refused_however_it_is_written() {
    let raw = column("c", "'a\0b'");
    assert_eq!(project(raw).findings(1)[0].0, "EC101");
    assert_eq!(project(column("c", "'a\\0b'")).findings(1)[0].0, "EC122");
    let name = expand("  - add_column: { table: users, column: \"a\\0b\", type: text }\n");
    assert_eq!(project(name).findings(1)[0].0, "EC108");
}

#[test]
fn a_default_of_a_megabyte_is_carried_through_and_never_repeated_in_a_message() {
    let large = column("c", &format!("'{}'", "x".repeat(1_000_000)));
    let good = project(&large);
    good.run(&["compile"]).exits(0);
    good.run(&["run"]).exits(0);
    let bad = project(large.replace("table: users", "table: usres"));
    let text = bad.run(&["check"]).fails(1);
    assert!(
        text.contains("plans/2026-01-02-000000_odd.yaml:4:") && text.len() < 2_000,
        "{} bytes",
        text.len()
    );
    let database = ScratchPostgres::new();
    let server = Project::postgres(&database.url)
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_odd.yaml", large);
    // PostgreSQL keeps no default of that size.
    let text = server.run(&["run"]).fails(1);
    assert!(text.contains("row is too big") && text.len() < 2_000, "{} bytes", text.len());
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_change_nothing() {
    let plan = column("c", "'1'");
    let versions = |plan: Vec<u8>| {
        let project = project(plan);
        project.run(&["compile"]).exits(0);
        project.list("migrations")
    };
    let expected = versions(plan.clone().into_bytes());
    assert_eq!(versions(plan.replace('\n', "\r\n").into_bytes()), expected);
    assert_eq!(versions(format!("\u{feff}{plan}").into_bytes()), expected);
    // A finding after them is still underlined where it stands.
    let wrong = plan.replace("column: c", "colum: c").replace('\n', "\r\n");
    let found = project(format!("\u{feff}{wrong}")).findings(1);
    assert!(found.contains(&("EC105".into(), "colum".into())), "{found:?}");
}

#[test]
fn tabs_as_indentation_are_reported() {
    assert_eq!(
        project(expand("\t- deprecate_table: { table: users }\n")).findings(1)[0].0,
        "EC101"
    );
}

/// Names that need quoting, in other scripts, reserved, or long as the engine allows; and many steps.
fn odd_names() -> Vec<(&'static str, String)> {
    let named =
        |name: &str| format!("  - add_column: {{ table: users, column: {name}, type: text }}\n");
    let many: String = (0..300).map(|n| named(&format!("m{n}"))).collect();
    let table = "  - create_table: { table: order, columns: [{ name: group, type: integer, primary_key: true }, { name: no, type: text }] }\n  - create_index: { table: order, columns: [no] }\n";
    vec![
        (
            "2026-01-02-000000_scripts.yaml",
            expand(
                &(named("имя")
                    + &named("数据")
                    + &named("\"Tab le\"")
                    + &named("'a\"b'")
                    + &named("\"o'clock\"")),
            ),
        ),
        (
            "2026-01-03-000000_reserved.yaml",
            expand(&(named("select") + &named("null") + &named("on") + &named("user") + table)),
        ),
        ("2026-01-04-000000_long.yaml", expand(&named(&"c".repeat(63)))),
        ("2026-01-05-000000_many.yaml", expand(&many)),
    ]
}

fn carried_through(project: &Project, url: &str, other: &str) {
    for (file, plan) in odd_names() {
        project.write(&format!("plans/{file}"), plan);
    }
    let long = format!("plans/2026-01-06-000000_{}.yaml", "n".repeat(100));
    project.write(&long, expand("  - add_column: { table: users, column: last, type: text }\n"));
    project.run(&["compile"]).exits(0);
    project.run(&["compile", "--check"]).exits(0);
    project.run(&["run"]).exits(0);
    project.run(&["status"]).exits(0);
    assert_eq!(project.json(&["next-phase"], 0)["answer"], "complete");
    crate::support::diesel::migrate(other, &project.path().join("migrations"));
    project
        .write("diesel.toml", "[print_schema]\nfilter = { except_tables = [\"^planner_.*\"] }\n");
    let ours = crate::support::diesel::print_schema(url, project.path());
    assert_eq!(ours, crate::support::diesel::print_schema(other, project.path()));
    project.run(&["revert", "scripts/expand"]).exits(0);
    project.run(&["run"]).exits(0);
}

#[test]
fn odd_names_and_many_steps_are_carried_through_on_sqlite() {
    let project = Project::sqlite().file("plans/2026-01-01-000000_create_users.yaml", USERS);
    let url = project.path().join("test.db").to_str().unwrap().to_owned();
    carried_through(&project, &url, &crate::support::ScratchSqlite::new().path);
}

#[test]
fn odd_names_and_many_steps_are_carried_through_on_postgresql() {
    let (database, other) = (ScratchPostgres::new(), ScratchPostgres::new());
    let project =
        Project::postgres(&database.url).file("plans/2026-01-01-000000_create_users.yaml", USERS);
    carried_through(&project, &database.url, &other.url);
}

#[test]
fn a_name_longer_than_postgresql_keeps_is_refused_there() {
    let plan = expand(&format!(
        "  - add_column: {{ table: users, column: {}, type: text }}\n",
        "c".repeat(64)
    ));
    assert_eq!(project(&plan).findings(0), []);
    let server = project(&plan).file("planner.yaml", "dialect: postgres\n");
    assert_eq!(server.findings(1)[0].0, "EC108");
}
