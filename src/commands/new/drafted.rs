//! A new plan from the difference between the end of all plans and what is wanted.

use camino::Utf8PathBuf;
use serde_json::{Value, json};

use super::Args;
use crate::catalog::Catalog;
use crate::compile::phased::builds_on::builds_on;
use crate::compile::phased::text::{Head, Written, text};
use crate::compile::phased::{AskedBy, Phased, phased};
use crate::database::Database as _;
use crate::database::inventory::Inventory;
use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::counted;
use crate::plan::checked::CheckedProject;
use crate::release::schema_rs::wanted::{take_row_ids, wanted};
use crate::rollout::schema_at::SchemaAt;
use crate::shell::pipeline::Depth;
use crate::shell::target::database_failure;
use crate::shell::Shell;

/// A plan that is still to be written, or the news that none is needed.
pub(super) struct Drafted {
    /// What it is compared with, in a sentence.
    from: String,
    /// How many migrations have not run on the database that it is compared with: what they make is left out of the comparison.
    n_pending: usize,
    plan: Phased,
    /// How many of what the plan does not say was not compared at all, and is no difference: the first ones.
    n_uncompared: usize,
    written: Option<Written>,
}

/// Drafts the plan, if the command line asks for one.
pub(super) fn drafted(args: &Args, shell: &Shell) -> Result<Option<Drafted>, Failure> {
    let loaded = match (&args.from_schema, args.from_database) {
        (None, false) => return Ok(None),
        (Some(file), _) => from_schema(shell, Some(file).filter(|file| !file.as_str().is_empty()))?,
        (None, true) => from_database(shell)?,
    };
    let Compared { from, flag, project, apps, needs_are_known, have, want, unsaid, uncompared, asked_by, definitions, n_pending } = loaded;
    let mut plan = phased(&have, &want, asked_by, &definitions);
    let n_uncompared = uncompared.len();
    let known = std::mem::take(&mut plan.unsaid);
    plan.unsaid = uncompared.into_iter().chain(unsaid).chain(known).collect();
    let mut after: Vec<String> =
        builds_on(&project, &plan.about).iter().map(ToString::to_string).collect();
    after.extend(args.after.iter().filter(|plan| !after.contains(plan)).cloned().collect::<Vec<_>>());
    let title = args.title.clone().unwrap_or_else(|| args.name.replace(['_', '-'], " "));
    let head = Head {
        title: &title,
        owner: args.owner.as_deref(),
        after,
        command: format!("planner new {} {flag}", args.name),
        apps: &apps,
        needs_are_known,
    };
    let written = plan.has_steps().then(|| text(&plan, &head, project.dialect));
    Ok(Some(Drafted { from, n_pending, plan, n_uncompared, written }))
}

/// What is compared.
struct Compared {
    from: String,
    flag: String,
    project: CheckedProject,
    apps: Vec<String>,
    needs_are_known: bool,
    have: Catalog,
    want: Catalog,
    definitions: Inventory,
    n_pending: usize,
    unsaid: Vec<String>,
    uncompared: Vec<String>,
    asked_by: AskedBy,
}

fn from_schema(shell: &Shell, file: Option<&Utf8PathBuf>) -> Result<Compared, Failure> {
    let read = shell.read_project()?;
    read.has_all_migrations()?;
    let dialect = shell.dialect_of(&read)?;
    let path = match file {
        Some(file) => shell.here.join(file),
        None => shell.schema_rs_path(&read.config)?.ok_or_else(|| {
            Failure::usage(format!("there is no `{}`", read.config.schema))
                .help("name the file: `--from-schema FILE`, or `schema:` in `planner.yaml`")
        })?,
    };
    let shown = path.strip_prefix(&shell.root).unwrap_or(&path).to_owned();
    let named = file.unwrap_or(&shown);
    let mut declared = shell.declared(&shown).map_err(|why| {
        Failure::new(Exit::Findings, why).help("write it as `diesel print-schema` does")
    })?;
    let options = shell.printing(None)?.of_file(&shell.root.join(&shown));
    let built = shell.build(read, dialect, Depth::Outline)?;
    if dialect == Dialect::Sqlite && options.row_ids_are_bigint {
        take_row_ids(&mut declared, &built.project.end);
    }
    let wanted = wanted(&built.project.end, &declared, &options);
    Ok(Compared {
        from: format!("`{named}`"),
        flag: format!("--from-schema {named}"),
        project: built.project.clone(),
        apps: built.config.app_names(),
        needs_are_known: built.config.names_needs(),
        have: Catalog::clone(&built.project.end),
        want: wanted.catalog,
        definitions: Inventory::new(),
        n_pending: 0,
        unsaid: wanted.unsaid,
        uncompared: wanted.uncompared,
        asked_by: AskedBy::SchemaRs,
    })
}

fn from_database(shell: &Shell) -> Result<Compared, Failure> {
    shell.read_project()?.has_all_migrations()?;
    let mut loaded = shell.load()?;
    let Some(mut database) = loaded.database.take() else {
        return Err(Failure::usage("there is no database to compare with")
            .help("set DATABASE_URL, or write `database: sqlite:PATH` into `planner.yaml`"));
    };
    let failed = |error| database_failure(&error);
    let mut want = database.catalog().map_err(failed)?;
    let definitions = database.definitions().map_err(failed)?;
    let versions = loaded.built.compiled.steps.iter().flat_map(|step| &step.migrations);
    let versions = versions.map(|migration| &migration.version);
    let by_hand = loaded.facts.hand_written.keys();
    let is_pending = |version: &&_| !loaded.facts.applied.contains(*version);
    let n_pending = versions.chain(by_hand).filter(is_pending).count();
    // What is still to run is no difference: contract phases may wait for weeks.
    let have = match n_pending {
        0 => Catalog::clone(&loaded.built.project.end),
        _ => SchemaAt::done(&loaded.situation()).catalog().clone(),
    };
    database.settle_views(&have, &mut want).map_err(failed)?;
    Ok(Compared {
        from: "the database".to_owned(),
        flag: "--from-database".to_owned(),
        project: loaded.built.project.clone(),
        apps: loaded.built.config.app_names(),
        needs_are_known: loaded.built.config.names_needs(),
        have,
        want,
        definitions,
        n_pending,
        unsaid: Vec::new(),
        uncompared: Vec::new(),
        asked_by: AskedBy::Catalog,
    })
}

impl Drafted {
    /// Returns the plan's text; nothing if there is no plan to write.
    pub(super) fn text(&self) -> Option<&str> {
        self.written.as_ref().map(|written| written.text.as_str())
    }

    /// Returns what is told of it, with the file where it was written.
    pub(super) fn told(&self, file: Option<&str>) -> String {
        let mut human = file.map_or_else(String::new, |file| format!("{file}\n"));
        let pending = counted(self.n_pending, "migration", "migrations");
        let pending = format!("{pending} {}", if self.n_pending == 1 { "is" } else { "are" });
        if self.plan.is_empty() && self.n_pending > 0 {
            return format!("{} is what ran on it, and {pending} still to run: there is nothing to plan.\n", capitalized(&self.from));
        }
        if self.plan.is_empty() {
            return format!("{} is what the plans end with: there is nothing to plan.\n", capitalized(&self.from));
        }
        if self.n_pending > 0 {
            human += &format!("It was compared with what ran on it; {pending} still to run, and what they make or drop is left to them.\n");
        }
        let questions = self.written.as_ref().map_or(&[][..], |written| &written.questions);
        if !questions.is_empty() {
            human += &format!("{} to answer in it:\n", capitalized(&counted(questions.len(), "question", "questions")));
        }
        for question in questions {
            human += &format!("  - {}\n", first_question(question));
        }
        if !self.plan.unsaid.is_empty() {
            human += if file.is_some() {
                "Not in it:\n"
            } else if self.differs() {
                "No plan was written, since no step does what differs:\n"
            } else {
                "There is nothing to plan in what was compared:\n"
            };
        }
        for what in &self.plan.unsaid {
            human += &format!("  - {what}\n");
        }
        human
    }

    pub(super) fn json(&self, name: &str, file: Option<&str>) -> Value {
        let questions = self.written.as_ref().map_or(&[][..], |written| &written.questions);
        json!({"plan": name, "file": file, "questions": questions, "not_expressed": self.plan.unsaid, "pending": self.n_pending})
    }

    /// Returns how the command ends: a difference that led to no plan is a finding.
    pub(super) fn exit(&self) -> Exit {
        if self.written.is_none() && self.differs() { Exit::Findings } else { Exit::Done }
    }

    fn differs(&self) -> bool {
        self.plan.has_steps() || self.plan.unsaid.len() > self.n_uncompared
    }
}

/// Returns a question up to its first question mark; the rest stands in the file.
fn first_question(text: &str) -> String {
    let line = text.replace('\n', " ");
    let end = line.find("? ").map_or(line.len(), |at| at + 1);
    line.get(..end).unwrap_or(&line).to_owned()
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
