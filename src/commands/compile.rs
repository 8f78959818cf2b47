//! `planner compile`.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde_json::json;

use crate::compile::{directory, lock, offline};
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::formats::counted;
use crate::shell::{Shell, files};

/// Write the Diesel migrations and `planner.lock`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only compare with what is there; fail if anything is stale
    #[arg(long, conflicts_with = "sql")]
    check: bool,
    /// Print one script with all statements instead, for databases planner may not connect to
    #[arg(long)]
    sql: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let config = read.config.clone();
    let several = config.dialects.len() > 1;
    let built = shell.build_all(read)?;
    if args.sql {
        for built in &built {
            let migrations: Vec<_> = built.compiled.steps.iter().flat_map(|step| &step.migrations).collect();
            shell.data(&offline::script(&built.compiled, &migrations))?;
        }
        return Ok(Exit::Done);
    }
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    let mut locks = Vec::new();
    for built in &built {
        let prefix = if several { format!("{}/", built.project.dialect) } else { String::new() };
        let files = directory::files(&built.compiled);
        expected.extend(files.into_iter().map(|(path, text)| (format!("{prefix}{path}"), text)));
        locks.push(lock::text(&built.project, &built.compiled));
    }
    let lock_text = locks.concat();
    let folder = shell.root.join(&config.migrations);
    let found = read_compiled(&folder, several)?;
    let lock_path = shell.root.join("planner.lock");
    let old_lock = files::read(&lock_path)?;
    let mut stale = directory::differences(&expected, &found);
    if old_lock.as_deref() != Some(lock_text.as_str()) {
        stale.push(directory::Stale::of_file("planner.lock", old_lock.is_some()));
    }
    if args.check {
        return report_stale(shell, &stale, config.migrations.as_str());
    }
    write_changed(&folder, &expected, &found)?;
    if old_lock.as_deref() != Some(lock_text.as_str()) {
        files::write(&lock_path, &lock_text)?;
    }
    let n_migrations = expected.keys().filter(|path| path.ends_with("/up.sql")).count();
    let migrations = counted(n_migrations, "migration", "migrations");
    let human = if stale.is_empty() {
        format!("{migrations}, nothing to write.\n")
    } else {
        format!("{migrations}, {} written or removed.\n", counted(stale.len(), "file", "files"))
    };
    shell.answer(&Answer { human, json: json!({"migrations": n_migrations, "changed": stale.len()}) })?;
    Ok(Exit::Done)
}

fn report_stale(shell: &Shell, stale: &[directory::Stale], folder: &str) -> Result<Exit, Failure> {
    let mut human = String::new();
    for one in stale {
        human += &format!("{one}\n");
    }
    if stale.is_empty() {
        human += &format!("`{folder}` is what the plans compile to.\n");
    } else {
        human += &format!("`{folder}` is not what the plans compile to: run `planner compile` and commit the result.\n");
    }
    let list: Vec<String> = stale.iter().map(ToString::to_string).collect();
    shell.answer(&Answer { human, json: json!({"stale": list}) })?;
    Ok(if stale.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Reads every compiled migration below the folder: path and text.
fn read_compiled(folder: &Utf8PathBuf, several: bool) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    let prefixes: Vec<String> = if several {
        crate::dialect::Dialect::ALL.iter().map(|dialect| format!("{dialect}/")).collect()
    } else {
        vec![String::new()]
    };
    for prefix in prefixes {
        for name in files::list(&folder.join(&prefix))? {
            if !directory::is_compiled(&name) {
                continue;
            }
            for file in files::list(&folder.join(&prefix).join(&name))? {
                let path = format!("{prefix}{name}/{file}");
                let text = files::read(&folder.join(&path))?.unwrap_or_default();
                found.insert(path, text);
            }
        }
    }
    Ok(found)
}

/// Writes what differs, then removes what no step compiles to.
fn write_changed(
    folder: &Utf8PathBuf,
    expected: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    for (path, text) in expected {
        if found.get(path) != Some(text) {
            files::write(&folder.join(path), text)?;
        }
    }
    let directory = |path: &str| path.rsplit_once('/').map(|(directory, _)| directory.to_owned());
    let kept: std::collections::BTreeSet<_> = expected.keys().filter_map(|path| directory(path)).collect();
    let gone: std::collections::BTreeSet<_> = found.keys().filter_map(|path| directory(path)).collect();
    for left_over in gone.difference(&kept) {
        files::remove_folder(&folder.join(left_over))?;
    }
    Ok(())
}
