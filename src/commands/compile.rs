//! `planner compile`.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde_json::json;

use crate::compile::directory::{self, Stale};
use crate::compile::{CompiledProject, lock, lock_migrations, offline};
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::formats::counted;
use crate::history::History;
use crate::shell::histories::LOCK_FILE;
use crate::shell::pipeline::Built;
use crate::shell::{Shell, files, side_by_side};
use crate::source::Sources;

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
    let by_hand = HandWritten { histories: read.by_hand.histories.clone(), sources: read.sources.clone() };
    let built = shell.build_all(read)?;
    if args.sql {
        for built in &built {
            let migrations: Vec<_> = built.compiled.steps.iter().flat_map(|step| &step.migrations).collect();
            shell.data(&offline::script(&built.project, &built.compiled, &migrations))?;
        }
        return Ok(Exit::Done);
    }
    let outputs: Vec<Output<'_>> = built.iter().map(|built| Output::of(shell, built)).collect();
    let mut files_to_write = Vec::new();
    let mut folders_to_remove = Vec::new();
    for output in &outputs {
        files_to_write.extend(output.stale_files()?);
        folders_to_remove.extend(output.left_over()?);
    }
    let lock_text: String = built.iter().map(|built| by_hand.lock(built)).collect();
    let lock_path = shell.root.join(LOCK_FILE);
    let old_lock = files::read(&lock_path)?;
    let lock_is_stale = old_lock.as_deref() != Some(lock_text.as_str());
    let mut stale: Vec<Stale> = files_to_write.iter().map(|file| file.stale.clone()).collect();
    stale.extend(folders_to_remove.iter().cloned().map(Stale::LeftOver));
    if lock_is_stale {
        stale.push(Stale::of_file(LOCK_FILE, old_lock.is_some()));
    }
    if args.check {
        return report_stale(shell, &stale, config.migrations.as_str());
    }
    for directory in by_hand.edited() {
        shell.say(&format!("`{directory}` was edited after it was locked, and is locked as it is now"));
    }
    let folder = shell.root.join(&config.migrations);
    for file in &files_to_write {
        files::write(&folder.join(file.stale.path()), &file.text)?;
    }
    for left_over in &folders_to_remove {
        files::remove_folder(&folder.join(left_over))?;
    }
    if lock_is_stale {
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

/// A file that is missing or has another text.
struct StaleFile {
    stale: Stale,
    /// What it should have.
    text: String,
}

/// The hand-written migrations.
struct HandWritten {
    histories: BTreeMap<Dialect, History>,
    sources: Sources,
}

impl HandWritten {
    /// Returns the part of the lock file that is of one dialect.
    fn lock(&self, built: &Built) -> String {
        let history = self.histories.get(&built.project.dialect);
        let by_hand = history.map(|history| lock_migrations::lines(history, &self.sources));
        lock::text(&built.project, &built.compiled) + &by_hand.unwrap_or_default()
    }

    /// Returns the directories of those that were edited after they were locked.
    fn edited(&self) -> impl Iterator<Item = &String> {
        self.histories.values().flat_map(|history| &history.edited)
    }
}

/// What one dialect's part of the migrations folder must contain.
struct Output<'a> {
    compiled: &'a CompiledProject,
    /// The migrations folder.
    folder: Utf8PathBuf,
    /// The dialect's folder in it, with `/`; empty if the project has one dialect.
    prefix: String,
    contents: Vec<directory::Content<'a>>,
}

impl<'a> Output<'a> {
    fn of(shell: &Shell, built: &'a Built) -> Self {
        let several = built.config.dialects.len() > 1;
        Self {
            compiled: &built.compiled,
            folder: shell.root.join(&built.config.migrations),
            prefix: if several { format!("{}/", built.project.dialect) } else { String::new() },
            contents: directory::contents(&built.project, &built.compiled),
        }
    }

    /// Returns the files that are missing or have another text.
    fn stale_files(&self) -> Result<Vec<StaleFile>, Failure> {
        let stale_of = |content: &directory::Content<'a>| {
            let mut stale = Vec::new();
            for (path, text) in content.files() {
                let path = format!("{}{path}", self.prefix);
                let is_stale = match files::has_text(&self.folder.join(&path), &text)? {
                    Some(true) => continue,
                    Some(false) => Stale::Changed(path),
                    None => Stale::Missing(path),
                };
                stale.push(StaleFile { stale: is_stale, text });
            }
            Ok::<_, Failure>(stale)
        };
        let mut stale = Vec::new();
        for found in side_by_side::map(&self.contents, stale_of) {
            stale.extend(found?);
        }
        Ok(stale)
    }

    /// Returns the compiled directories that no step compiles to.
    fn left_over(&self) -> Result<Vec<String>, Failure> {
        let found = files::list(&self.folder.join(&self.prefix))?;
        let left_over = directory::left_over(self.compiled, &found).into_iter();
        Ok(left_over.map(|name| format!("{}{name}", self.prefix)).collect())
    }
}

fn report_stale(shell: &Shell, stale: &[Stale], folder: &str) -> Result<Exit, Failure> {
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
