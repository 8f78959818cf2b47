//! How time and memory grow with the number of plans: `cargo bench --bench scale`.
//!
//! Every measurement is a process of its own that runs one command as the program does and then reads its own
//! peak memory. The figures in `docs/performance.md` come from here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking and prints its figures"
)]

#[path = "scale/generate.rs"]
mod generate;

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--measure") {
        measured(&arguments[at + 1..]);
        return;
    }
    println!(
        "{:<26} {:>8} {:>10} {:>10} {:>9}",
        "command", "plans", "median ms", "growth", "peak MB"
    );
    let folder = tempfile::tempdir().unwrap();
    let mut before: Vec<Option<f64>> = vec![None; 4];
    for n_plans in SIZES {
        let project = folder.path().join(n_plans.to_string());
        generate::project(&project, n_plans);
        let at = project.to_str().unwrap();
        run(&["-C", at, "compile"]);
        finish_all_but(&project, n_plans, 50);
        let commands: [&[&str]; 4] = [
            &["-C", at, "check"],
            &["-C", at, "compile", "--check"],
            &["-C", at, "next-phase"],
            &["-C", at, "status"],
        ];
        for (row, command) in commands.into_iter().enumerate() {
            let (ms, megabytes) = median(command);
            let growth =
                before[row].map_or_else(String::new, |before| format!("{:.1}x", ms / before));
            before[row] = Some(ms);
            println!(
                "{:<26} {n_plans:>8} {ms:>10.1} {growth:>10} {megabytes:>9.0}",
                command[2..].join(" ")
            );
        }
    }
    let (ms, _) = median(&["--version"]);
    println!("{:<26} {:>8} {ms:>10.1}", "--version", "");
}

/// Records everything but the last plans as done, as `planner run` would, without running it.
fn finish_all_but(project: &Path, n_plans: usize, n_left: usize) {
    use diesel::prelude::*;
    use diesel::sql_query;
    use diesel::sql_types::{BigInt, Text};
    run(&[
        "-C",
        project.to_str().unwrap(),
        "deploy",
        "start",
        "--app",
        "web",
        "--version",
        "2.0.0",
    ]);
    let mut connection =
        diesel::SqliteConnection::establish(project.join("scale.db").to_str().unwrap()).unwrap();
    let limit = n_plans.saturating_sub(n_left);
    let mut plans: Vec<_> =
        std::fs::read_dir(project.join("plans")).unwrap().map(|e| e.unwrap().file_name()).collect();
    plans.sort();
    let cut: String = plans.get(limit).map_or_else(
        || "99999999999999".into(),
        |name| name.to_str().unwrap().split('_').next().unwrap().replace('-', ""),
    );
    let mut id = 10_i64;
    connection
        .transaction::<_, diesel::result::Error, _>(|connection| {
            sql_query("CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)")
                .execute(connection)?;
            let mut directories: Vec<_> = std::fs::read_dir(project.join("migrations"))
                .unwrap()
                .map(|e| e.unwrap().path())
                .collect();
            directories.sort();
            for directory in directories {
                let name = directory.file_name().unwrap().to_str().unwrap().to_owned();
                let version = name.split('_').next().unwrap().to_owned();
                if version.as_str() >= cut.as_str() {
                    break;
                }
                let metadata = std::fs::read_to_string(directory.join("metadata.toml")).unwrap();
                let value = |key: &str| -> String {
                    let line = metadata.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
                    line.split_once(" = ").unwrap().1.trim_matches('"').to_owned()
                };
                sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES (?)")
                    .bind::<Text, _>(&version)
                    .execute(connection)?;
                sql_query("INSERT INTO planner_entries (id, at, actor, kind, plan, phase, step, version, checksum, attempt, duration_ms, detail) VALUES (?, CURRENT_TIMESTAMP, 'bench', 'finished', ?, ?, ?, ?, ?, 1, 1, '{}')")
                    .bind::<BigInt, _>(id)
                    .bind::<Text, _>(value("plan"))
                    .bind::<Text, _>(value("phase"))
                    .bind::<Text, _>(value("step"))
                    .bind::<Text, _>(&version)
                    .bind::<Text, _>(value("checksum"))
                    .execute(connection)?;
                id += 1;
            }
            Ok(())
        })
        .unwrap();
}

/// Runs a command in a process of its own and returns its time and peak memory.
fn run(command: &[&str]) -> (Duration, f64) {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg("--measure")
        .args(command)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let line = text.lines().last().unwrap_or_default();
    let Some(("measured", figures)) = line.split_once(' ') else {
        panic!("{command:?} failed:\n{text}")
    };
    let (nanoseconds, kilobytes) = figures.split_once(' ').unwrap();
    (
        Duration::from_nanos(nanoseconds.parse().unwrap()),
        kilobytes.parse::<f64>().unwrap() / 1_024.0,
    )
}

fn median(command: &[&str]) -> (f64, f64) {
    let mut runs: Vec<(Duration, f64)> = (0..RUNS).map(|_| run(command)).collect();
    runs.sort_by_key(|(time, _)| *time);
    let megabytes = runs.iter().map(|(_, megabytes)| *megabytes).fold(0.0, f64::max);
    (runs[RUNS / 2].0.as_secs_f64() * 1_000.0, megabytes)
}

/// The measured process: the command, then its time and the peak of its memory.
fn measured(arguments: &[String]) {
    let start = Instant::now();
    let line = std::iter::once("planner").chain(arguments.iter().map(String::as_str));
    let code = planner::commands::main(line.map(OsString::from));
    let elapsed = start.elapsed();
    assert!([0, 3].contains(&code), "exit code {code}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    eprintln!("measured {} {}", elapsed.as_nanos(), peak.trim().trim_end_matches(" kB"));
}
