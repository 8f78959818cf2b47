//! How long `planner prove` takes for 200 plans in flight and 6 apps: `cargo bench --bench prove`.
//!
//! Forty tables are there; each of the 200 plans splits or drops a column, adds some, or asks for unique values, gated on all six
//! apps. Every app has four releases with a `schema.rs` of their own, of which the oldest is live. The figures in
//! `docs/performance.md` come from here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::exit,
    reason = "a bench fails by panicking and prints its figures"
)]

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_TABLES: usize = 40;
const N_PLANS: usize = 200;
const APPS: [&str; 6] = ["web", "worker", "billing", "search", "admin", "mobile"];
const RELEASES: [&str; 4] = ["1.0.0", "2.0.0", "3.0.0", "4.0.0"];
const RUNS: usize = 5;
const GOAL: Duration = Duration::from_secs(2);

fn main() {
    let given: Vec<OsString> = std::env::args_os().collect();
    if let Some(at) = given.iter().position(|argument| argument == "--measure") {
        let code = planner::commands::main(given[at + 1..].iter().cloned());
        std::process::exit(i32::from(code));
    }
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    project(at);
    let mut arguments: Vec<OsString> = vec!["planner".into(), "-C".into(), at.into()];
    arguments.extend(["prove", "--facts", "facts.yaml"].map(OsString::from));
    for (number, app) in APPS.iter().enumerate() {
        for (release, version) in RELEASES.iter().enumerate() {
            let file = at.join(format!("{app}-{version}.rs"));
            fs::write(&file, schema(number, release)).unwrap();
            let argument = format!("{app}@{version}={}", file.display());
            arguments.extend(["--release".into(), argument.into()]);
        }
    }
    let mut least = Duration::MAX;
    for run in 0..RUNS {
        let start = Instant::now();
        let status = Command::new(std::env::current_exe().unwrap())
            .arg("--measure")
            .args(&arguments)
            .env_remove("DATABASE_URL")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        least = least.min(start.elapsed());
        assert!(status.success(), "run {run} ends with {status}");
    }
    println!("{N_PLANS} plans in flight, {} apps: {} ms", APPS.len(), least.as_millis());
    assert!(least < GOAL, "the goal is {} s", GOAL.as_secs());
}

fn project(folder: &Path) {
    fs::create_dir_all(folder.join("plans")).unwrap();
    let mut settings = "dialect: sqlite\napps:\n".to_owned();
    let mut facts = "live:\n".to_owned();
    for app in APPS {
        writeln!(settings, "  {app}: {{}}").unwrap();
        writeln!(facts, "  {app}: [\"{}\"]", RELEASES[0]).unwrap();
    }
    facts += "done:\n";
    for table in 0..N_TABLES {
        let columns: String = plans_of(table)
            .map(|plan| format!("        - {{ name: old_{plan}, type: text }}\n"))
            .collect();
        let text = format!(
            "expand:
  - create_table:
      table: table_{table}
      columns:
        - {{ name: id, type: bigint, primary_key: true }}
        - {{ name: name, type: text, nullable: false }}
{columns}"
        );
        plan(folder, table, &format!("create_table_{table}"), &text);
        writeln!(facts, "  - create_table_{table}/expand").unwrap();
    }
    for number in 0..N_PLANS {
        plan(folder, N_TABLES + number, &format!("change_{number}"), &change(number));
    }
    fs::write(folder.join("planner.yaml"), settings).unwrap();
    fs::write(folder.join("facts.yaml"), facts).unwrap();
}

fn plan(folder: &Path, second: usize, name: &str, text: &str) {
    let stamp = format!("2026-01-01-00{:02}{:02}", second / 60, second % 60);
    fs::write(folder.join(format!("plans/{stamp}_{name}.yaml")), text).unwrap();
}

fn plans_of(table: usize) -> impl Iterator<Item = usize> {
    (0..N_PLANS).filter(move |plan| plan % N_TABLES == table)
}

/// The first release that does without what the plan takes away: some plans wait for the second, some for the third.
fn first(plan: usize) -> usize {
    1 + plan % 2
}

/// Every third plan is only expand.
fn is_expand(plan: usize) -> bool {
    plan.is_multiple_of(3)
}

fn change(number: usize) -> String {
    let table = format!("table_{}", number % N_TABLES);
    let head = format!("after: [create_{table}]\nexpand:\n");
    if is_expand(number) {
        return format!(
            "{head}  - add_column: {{ table: {table}, column: new_{number}, type: text }}\n  - add_column: {{ table: {table}, column: more_{number}, type: bigint, nullable: false, default: \"0\" }}\n"
        );
    }
    let gates: Vec<String> = APPS
        .iter()
        .map(|app| format!("      {app}: \">={}\"\n", RELEASES[first(number)]))
        .collect();
    format!(
        "{head}  - add_column: {{ table: {table}, column: new_{number}, type: text }}
  - id: keep
    sync_columns: {{ table: {table}, forward: {{ new_{number}: \"upper(old_{number})\" }}, backward: {{ old_{number}: \"lower(new_{number})\" }} }}
backfill:
  - update: {{ table: {table}, set: {{ new_{number}: \"upper(old_{number})\" }}, where: \"new_{number} IS NULL AND old_{number} IS NOT NULL\" }}
contract:
  - drop_sync: {{ step: keep }}
  - drop_column: {{ table: {table}, column: old_{number}, replaced_by: [new_{number}] }}
gates:
  contract:
    soak: 1h
    releases:
{}",
        gates.concat()
    )
}

/// What a release uses: each app two thirds of the tables; old columns until the plan's first release, new ones from there on.
fn schema(app: usize, release: usize) -> String {
    let mut text = String::new();
    for table in (0..N_TABLES).filter(|table| !(table + app).is_multiple_of(3)) {
        let mut columns = "        id -> BigInt,\n        name -> Text,\n".to_owned();
        for plan in plans_of(table) {
            if is_expand(plan) {
                columns += &format!("        old_{plan} -> Nullable<Text>,\n");
                if release >= first(plan) {
                    columns += &format!("        new_{plan} -> Nullable<Text>,\n");
                }
            } else if release >= first(plan) {
                columns += &format!("        new_{plan} -> Nullable<Text>,\n");
            } else {
                columns += &format!("        old_{plan} -> Nullable<Text>,\n");
            }
        }
        text += &format!("diesel::table! {{\n    table_{table} (id) {{\n{columns}    }}\n}}\n");
    }
    text
}
