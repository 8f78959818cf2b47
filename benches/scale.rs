//! How time and memory grow with the number of plans: `cargo bench --bench scale`.
//!
//! Every measurement is a process of its own that runs one command as the program does and then reads its own times and
//! peak memory; of several runs the least counts, since other work on the machine only ever adds. On one core (by `taskset`)
//! goals are judged by the processor's time, the kernel's work for it included: on a machine that does nothing else that is
//! the wall clock's, and on a busy one it says more. The figures in `docs/performance.md` come from here.

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
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const RUNS: usize = 5;
/// Ten times the plans may take this many times the time.
const GROWTH_MAX: f64 = 11.5;

/// A command and what it may cost with the most plans.
struct Row {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Whether what was remembered is forgotten before each run.
    forget: bool,
    ms_max: Option<f64>,
    megabytes_max: Option<f64>,
}

const ROWS: [Row; 5] = [
    Row {
        name: "check",
        arguments: &["check"],
        forget: false,
        ms_max: Some(1_000.0),
        megabytes_max: Some(300.0),
    },
    Row {
        name: "compile --check",
        arguments: &["compile", "--check"],
        forget: false,
        ms_max: Some(2_000.0),
        megabytes_max: None,
    },
    Row {
        name: "next-phase",
        arguments: &["next-phase"],
        forget: false,
        ms_max: Some(500.0),
        megabytes_max: None,
    },
    Row {
        name: "next-phase, first time",
        arguments: &["next-phase"],
        forget: true,
        ms_max: None,
        megabytes_max: None,
    },
    Row {
        name: "status",
        arguments: &["status"],
        forget: false,
        ms_max: None,
        megabytes_max: None,
    },
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--measure") {
        measured(&arguments[at + 1..]);
        return;
    }
    println!("{:<24} {:>6} {:>21} {:>10} {:>8} {:>8}", "", "", "one core", "all cores", "", "");
    println!(
        "{:<24} {:>6} {:>10} {:>10} {:>10} {:>8} {:>8}  goals",
        "command", "plans", "cpu ms", "wall ms", "wall ms", "growth", "peak MB"
    );
    let folder = tempfile::tempdir().unwrap();
    let mut before = ROWS.map(|_| None);
    for n_plans in SIZES {
        let project = folder.path().join(n_plans.to_string());
        generate::project(&project, n_plans);
        run(&project, &["compile"], false);
        finish_all_but(&project, n_plans, 50);
        for (row, before) in ROWS.iter().zip(&mut before) {
            report(row, &project, n_plans, before);
        }
    }
    let own = folder.path();
    let start = least(|| run(own, &["--version"], true));
    println!(
        "{:<24} {:>6} {:>10.1} {:>10.1} {:>10} {:>8} {:>8.0}  {}",
        "--version",
        "",
        start.cpu_ms,
        start.process_ms,
        "",
        "",
        start.megabytes,
        verdict(start.process_ms, 20.0, "ms"),
    );
}

/// Measures one command and prints its line.
fn report(row: &Row, project: &Path, n_plans: usize, before: &mut Option<f64>) {
    let measure = |one_core: bool| {
        least(|| {
            if row.forget {
                let _ = std::fs::remove_dir_all(project.join(".planner"));
            }
            run(project, row.arguments, one_core)
        })
    };
    let (one, all) = (measure(true), measure(false));
    let growth = before.map(|before| one.cpu_ms / before);
    *before = Some(one.cpu_ms);
    let mut goals = Vec::new();
    if n_plans == SIZES[SIZES.len() - 1] {
        goals.extend(row.ms_max.map(|max| verdict(one.cpu_ms, max, "ms on one core")));
        goals.extend(row.megabytes_max.map(|max| verdict(all.megabytes, max, "MB")));
        goals.extend(growth.map(|growth| verdict(growth, GROWTH_MAX, "times")));
    }
    println!(
        "{:<24} {n_plans:>6} {:>10.0} {:>10.0} {:>10.0} {:>8} {:>8.0}  {}",
        row.name,
        one.cpu_ms,
        one.wall_ms,
        all.wall_ms,
        growth.map_or_else(String::new, |growth| format!("{growth:.1}x")),
        all.megabytes,
        goals.join(", "),
    );
}

fn verdict(found: f64, max: f64, unit: &str) -> String {
    format!("{max} {unit}: {}", if found < max { "met" } else { "MISSED" })
}

/// Records everything but the last plans as done, as `planner run` would, without running it.
fn finish_all_but(project: &Path, n_plans: usize, n_left: usize) {
    use diesel::prelude::*;
    use diesel::sql_query;
    use diesel::sql_types::{BigInt, Text};
    run(project, &["deploy", "start", "--app", "web", "--version", "2.0.0"], false);
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

/// What one run of a command cost.
#[derive(Clone, Copy)]
struct Cost {
    /// Of the command.
    wall_ms: f64,
    /// Of the whole process, from the outside.
    process_ms: f64,
    /// The processor's time, the kernel's work for it included; of the first thread, so for one core only.
    cpu_ms: f64,
    megabytes: f64,
}

/// Runs a command in a process of its own.
fn run(project: &Path, command: &[&str], one_core: bool) -> Cost {
    let own = std::env::current_exe().unwrap();
    let mut process = Command::new(&own);
    if one_core && Command::new("taskset").arg("--version").output().is_ok() {
        process = Command::new("taskset");
        process.args(["-c", "0"]).arg(&own);
    }
    let start = Instant::now();
    let output = process
        .arg("--measure")
        .arg("-C")
        .arg(project)
        .args(command)
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let process_ms = start.elapsed().as_secs_f64() * 1e3;
    let text = String::from_utf8(output.stderr).unwrap();
    let line = text.lines().last().unwrap_or_default();
    let Some(("measured", figures)) = line.split_once(' ') else {
        panic!("{command:?} failed:\n{text}")
    };
    let figures: Vec<f64> = figures.split(' ').map(|figure| figure.parse().unwrap()).collect();
    let (wall_ms, cpu_ms) = (figures[0] / 1e6, figures[1] / 1e6);
    Cost { wall_ms, process_ms, cpu_ms, megabytes: figures[2] / 1_024.0 }
}

/// Returns the least of each figure over several runs.
fn least(run: impl Fn() -> Cost) -> Cost {
    let runs = (0..RUNS).map(|_| run());
    let least = runs.reduce(|a, b| Cost {
        wall_ms: a.wall_ms.min(b.wall_ms),
        process_ms: a.process_ms.min(b.process_ms),
        cpu_ms: a.cpu_ms.min(b.cpu_ms),
        megabytes: a.megabytes.min(b.megabytes),
    });
    least.unwrap()
}

/// The measured process: the command, then its wall time and its first thread's processor time in nanoseconds, and the peak of
/// its memory in kilobytes.
fn measured(arguments: &[String]) {
    let start = Instant::now();
    let line = std::iter::once("planner").chain(arguments.iter().map(String::as_str));
    let code = planner::commands::main(line.map(OsString::from));
    let elapsed = start.elapsed();
    assert!([0, 3].contains(&code), "exit code {code}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    let times = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let cpu = times.split(' ').next().filter(|time| !time.is_empty()).unwrap_or("0");
    let peak = peak.trim().trim_end_matches(" kB");
    eprintln!("measured {} {cpu} {peak}", elapsed.as_nanos());
}
