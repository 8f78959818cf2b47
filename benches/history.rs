//! How long `planner check` takes for 2,000 hand-written migrations, beside `squawk` on the same files: `cargo bench --bench history`.
//!
//! `squawk` is the program that `squawk-cli` of `PyPI` ships; the variable `SQUAWK` says where it is, else it is looked for in PATH. Both
//! judge every `up.sql` and write what they find into nothing; of several runs the least counts. The figures in `docs/performance.md`
//! come from here. On a busy machine the processor's time says more than the clock. `cargo bench --bench history -- FOLDER` only
//! writes the project.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::exit,
    reason = "a bench fails by panicking and prints its figures"
)]

#[path = "history/generate.rs"]
mod generate;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_MIGRATIONS: usize = 2_000;
const RUNS: usize = 7;

fn main() {
    let given: Vec<OsString> = std::env::args_os().collect();
    if let Some(at) = given.iter().position(|argument| argument == "--measure") {
        let code = planner::commands::main(given[at + 1..].iter().cloned());
        std::process::exit(i32::from(code));
    }
    let only = given[1..].iter().find(|argument| !argument.to_string_lossy().starts_with('-'));
    if let Some(folder) = only {
        generate::project(Path::new(folder), N_MIGRATIONS);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = generate::project(folder.path(), N_MIGRATIONS);
    let bytes: u64 = files.iter().map(|file| std::fs::metadata(file).unwrap().len()).sum();
    println!("{N_MIGRATIONS} files of {:.2} MB", bytes as f64 / 1e6);
    println!("{:<10} {:>23} {:>23}", "", "one core", "all cores");
    println!("{:<10} {:>11} {:>11} {:>11} {:>11}", "", "cpu ms", "wall ms", "cpu ms", "wall ms");
    let own = std::env::current_exe().unwrap();
    let check = |command: &mut Command| {
        command.arg("--measure").arg("planner").arg("-C").arg(folder.path()).arg("check");
    };
    report("planner", &own, &check);
    let squawk = std::env::var_os("SQUAWK").map_or_else(|| PathBuf::from("squawk"), PathBuf::from);
    if Command::new(&squawk).arg("--version").output().is_err() {
        println!("squawk is not here: `pip install squawk-cli`, or set SQUAWK to the program");
        return;
    }
    report("squawk", &squawk, &|command| {
        command.args(&files);
    });
}

/// What a run of a program took, in milliseconds.
#[derive(Clone, Copy)]
struct Cost {
    cpu: f64,
    wall: f64,
}

/// Measures a program and prints its line.
fn report(name: &str, program: &Path, arguments: &dyn Fn(&mut Command)) {
    let least = |one_core: bool| {
        let runs = (0..RUNS).map(|_| run(program, one_core, arguments));
        let least = |a: Cost, b: Cost| Cost { cpu: a.cpu.min(b.cpu), wall: a.wall.min(b.wall) };
        runs.reduce(least).unwrap()
    };
    let (one, all) = (least(true), least(false));
    println!(
        "{name:<10} {:>11.0} {:>11.0} {:>11.0} {:>11.0}",
        one.cpu, one.wall, all.cpu, all.wall
    );
}

/// Runs a program to its end.
fn run(program: &Path, one_core: bool, arguments: &dyn Fn(&mut Command)) -> Cost {
    let mut command = Command::new(program);
    if one_core {
        command = Command::new("taskset");
        command.args(["-c", "0"]).arg(program);
    }
    arguments(&mut command);
    command.env_remove("DATABASE_URL").stdout(Stdio::null()).stderr(Stdio::null());
    let (start, cpu) = (Instant::now(), of_children());
    let status = command.status().unwrap();
    let (wall, cpu) = (start.elapsed().as_secs_f64() * 1e3, of_children() - cpu);
    // Both find much.
    assert_eq!(status.code(), Some(1), "{}", program.display());
    Cost { cpu, wall }
}

/// Returns the processor's time of all programs that ended, in milliseconds, the kernel's work for them included (Linux, in steps of
/// ten).
fn of_children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(13).take(2).map(|field| field.parse::<f64>().unwrap_or(0.0));
    ticks.sum::<f64>() * 10.0
}
