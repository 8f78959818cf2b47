//! `planner check`.

use crate::diagnostic::Severity;
use crate::exit::{Exit, Failure};
use crate::formats::FormatName;
use crate::formats::counted;
use crate::shell::Shell;

/// Check all plans by all rules
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Fail on warnings too
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let read = shell.read_project()?;
    let (n_plans, sources) = (read.plans.len(), read.sources.clone());
    let found = shell.check(read);
    shell.diagnostics(&sources, &found)?;
    let count = |severity| found.iter().filter(|d| d.severity == severity).count();
    let (n_errors, n_warnings) = (count(Severity::Error), count(Severity::Warning));
    if shell.format != FormatName::Json {
        shell.say(&format!(
            "Checked {}: {}, {}.",
            counted(n_plans, "plan", "plans"),
            counted(n_errors, "error", "errors"),
            counted(n_warnings, "warning", "warnings"),
        ));
    }
    let fails = n_errors > 0 || (args.strict && n_warnings > 0);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}
