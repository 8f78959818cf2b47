//! `planner check`.

use crate::config::Config;
use crate::database::Database as _;
use crate::diagnostic::{Diagnostic, Severity};
use crate::exit::{Exit, Failure};
use crate::formats::FormatName;
use crate::formats::counted;
use crate::history::Sizes;
use crate::shell::target::database_failure;
use crate::shell::{Shell, fixes};
use crate::source::Sources;

/// Check all plans, and the hand-written migrations beside them, by all rules
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Args {
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
    /// Judge only what this branch adds: report findings of plans and migrations that differ from where it parted from this revision, committed or not
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Ask the database how large its tables are: what looks at every row is a note on a small table and an error on a large one (`limits` in `planner.yaml`)
    #[arg(long)]
    database: bool,
    /// Show as a diff what a machine may change: rewrites of hand-written migrations that are not locked, which surely keep the meaning
    #[arg(long)]
    fix: bool,
    /// Make these rewrites
    #[arg(long)]
    write: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let changed = args.since.as_deref().map(|since| shell.changed_since(since)).transpose()?;
    let read = shell.read_project()?;
    let (n_plans, sources, config) = (read.plans.len(), read.sources.clone(), read.config.clone());
    let sizes = if args.database { Some(sizes(shell, &config)?) } else { None };
    let mut found = shell.check(read, sizes.as_ref());
    let mut scope = String::new();
    if let (Some(changed), Some(since)) = (&changed, &args.since) {
        if let Some(reason) = changed.concerns_all(&config) {
            scope = format!(", all of them because {reason} since `{since}`");
        } else {
            changed.keep(&config, &sources, &mut found);
            let files = sources.files().iter().map(|file| &file.path);
            let n =
                files.filter(|path| path.starts_with(&config.plans) && changed.has(path)).count();
            scope =
                format!(", of which {n} differ{} since `{since}`", if n == 1 { "s" } else { "" });
        }
    }
    let fixed = fix(args, shell, &sources, &mut found)?;
    let count = |severity| found.iter().filter(|d| d.severity == severity).count();
    let (n_errors, n_warnings) = (count(Severity::Error), count(Severity::Warning));
    if shell.format != FormatName::Json {
        shell.say(&format!(
            "Checked {}{scope}: {}, {}.{fixed}",
            counted(n_plans, "plan", "plans"),
            counted(n_errors, "error", "errors"),
            counted(n_warnings, "warning", "warnings"),
        ));
    }
    let fails = n_errors > 0 || (args.strict && n_warnings > 0);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// Prints the findings, or what would change, or makes the changes and prints what is left; returns a sentence on it.
fn fix(
    args: &Args,
    shell: &Shell,
    sources: &Sources,
    found: &mut Vec<Diagnostic>,
) -> Result<String, Failure> {
    let rewrites = fixes::rewrites(sources, found);
    let (n_fixed, n_files) = (rewrites.n_fixed(), rewrites.n_files());
    let told = format!(
        "{} in {}",
        counted(n_fixed, "finding", "findings"),
        counted(n_files, "file", "files")
    );
    if args.write || args.fix {
        for (at, why) in &rewrites.held_back {
            let code = found.get(*at).map(|found| found.code.name).unwrap_or_default();
            let place = found.get(*at).and_then(|found| found.labels.first());
            let file = place.and_then(|label| sources.get(label.span.source));
            let file = file.map(|file| file.path.as_str()).unwrap_or_default();
            shell.say(&format!("not fixed: {code} in `{file}`: {why}"));
        }
    }
    if args.write {
        rewrites.write(shell)?;
        let mut fixes = rewrites.fixes.iter();
        found.retain(|_| fixes.next() != Some(&true));
        shell.diagnostics(sources, found)?;
        return Ok(match n_fixed {
            0 => " Nothing was fixed.".to_owned(),
            _ => format!(" Fixed {told}; check again."),
        });
    }
    // Programs find the fixes beside the findings.
    if args.fix && shell.format == FormatName::Human {
        shell.data(&rewrites.diff())?;
    } else {
        shell.diagnostics(sources, found)?;
    }
    Ok(match n_fixed {
        0 if args.fix => " Nothing can be fixed.".to_owned(),
        0 => String::new(),
        _ if args.fix => format!(" `planner check --write` would fix {told}."),
        _ => format!(" `planner check --fix` shows how to fix {n_fixed}."),
    })
}

/// Asks the database how large its tables are.
fn sizes(shell: &Shell, config: &Config) -> Result<Sizes, Failure> {
    let Some(mut database) = shell.open_existing_database(config)? else {
        return Err(Failure::usage("there is no database to ask how large its tables are")
            .help("set DATABASE_URL, choose an environment with `--env`, or leave `--database` out"));
    };
    let tables = database.table_sizes().map_err(|error| database_failure(&error))?;
    let limits = &config.limits;
    Ok(Sizes {
        dialect: database.dialect(),
        tables,
        small_rows: u64::from(limits.small_table),
        large_rows: u64::from(limits.large_table),
    })
}
