//! `planner compile`.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use serde_json::json;

use crate::compile::{CompiledProject, directory, lock, offline};
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::formats::counted;
use crate::shell::pipeline::Built;
use crate::shell::{Shell, files, side_by_side};

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
    let built = shell.build_all(read)?;
    if args.sql {
        for built in &built {
            let migrations: Vec<_> = built.compiled.steps.iter().flat_map(|step| &step.migrations).collect();
            shell.data(&offline::script(&built.project, &built.compiled, &migrations))?;
        }
        return Ok(Exit::Done);
    }
    let outputs: Vec<Output<'_>> = built.iter().map(|built| Output::of(shell, built)).collect();
    let mut stale = Vec::new();
    for output in &outputs {
        stale.extend(output.stale_files()?);
    }
    for output in &outputs {
        stale.extend(output.left_over()?.into_iter().map(directory::Stale::LeftOver));
    }
    let lock_text: String =
        built.iter().map(|built| lock::text(&built.project, &built.compiled)).collect();
    let lock_path = shell.root.join("planner.lock");
    let old_lock = files::read(&lock_path)?;
    if old_lock.as_deref() != Some(lock_text.as_str()) {
        stale.push(directory::Stale::of_file("planner.lock", old_lock.is_some()));
    }
    if args.check {
        return report_stale(shell, &stale, config.migrations.as_str());
    }
    let changed: BTreeSet<&str> = stale.iter().map(directory::Stale::path).collect();
    for output in &outputs {
        output.write(&changed)?;
    }
    if changed.contains("planner.lock") {
        files::write(&lock_path, &lock_text)?;
    }
    for built in &built {
        shell.remember(built);
    }
    let n_migrations: usize = built.iter().map(|built| built.compiled.by_version.len()).sum();
    let migrations = counted(n_migrations, "migration", "migrations");
    let human = if stale.is_empty() {
        format!("{migrations}, nothing to write.\n")
    } else {
        format!("{migrations}, {} written or removed.\n", counted(stale.len(), "file", "files"))
    };
    shell.answer(&Answer { human, json: json!({"migrations": n_migrations, "changed": stale.len()}) })?;
    Ok(Exit::Done)
}

/// What one dialect's part of the migrations folder must contain.
struct Output<'a> {
    compiled: &'a CompiledProject,
    /// The migrations folder.
    folder: Utf8PathBuf,
    /// The dialect's folder in it, with `/`; empty if the project has one dialect.
    prefix: String,
    files: Vec<(String, &'a str)>,
}

impl<'a> Output<'a> {
    fn of(shell: &Shell, built: &'a Built) -> Self {
        let several = built.config.dialects.len() > 1;
        let prefix = if several { format!("{}/", built.project.dialect) } else { String::new() };
        let files = directory::files(&built.compiled).into_iter();
        Self {
            compiled: &built.compiled,
            folder: shell.root.join(&built.config.migrations),
            files: files.map(|(path, text)| (format!("{prefix}{path}"), text)).collect(),
            prefix,
        }
    }

    /// Returns the files that are missing or have another text.
    fn stale_files(&self) -> Result<Vec<directory::Stale>, Failure> {
        let found = side_by_side::map(&self.files, |(path, text)| {
            files::has_text(&self.folder.join(path), text)
        });
        let mut stale = Vec::new();
        for ((path, _), found) in self.files.iter().zip(found) {
            match found? {
                Some(true) => {}
                Some(false) => stale.push(directory::Stale::Changed(path.clone())),
                None => stale.push(directory::Stale::Missing(path.clone())),
            }
        }
        Ok(stale)
    }

    /// Returns the compiled directories that no step compiles to.
    fn left_over(&self) -> Result<Vec<String>, Failure> {
        let found = files::list(&self.folder.join(&self.prefix))?;
        let left_over = directory::left_over(self.compiled, &found).into_iter();
        Ok(left_over.map(|name| format!("{}{name}", self.prefix)).collect())
    }

    /// Writes what differs, then removes what no step compiles to.
    fn write(&self, changed: &BTreeSet<&str>) -> Result<(), Failure> {
        for (path, text) in self.files.iter().filter(|(path, _)| changed.contains(path.as_str())) {
            files::write(&self.folder.join(path), text)?;
        }
        for left_over in self.left_over()? {
            files::remove_folder(&self.folder.join(left_over))?;
        }
        Ok(())
    }
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
