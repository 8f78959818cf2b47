//! Commands, one file each.
//!
//! To add a command: a file with `Args` (whose documentation is its help) and `run`, and one line in the list below.

use std::ffi::OsString;

use camino::Utf8PathBuf;
use clap::{CommandFactory as _, Parser as _};

use crate::exit::{Exit, Failure};
use crate::formats::FormatName;
use crate::shell::Shell;

/// Where the options that every command has stand in its help: after its own.
const GLOBAL: usize = 900;

/// Plans database changes in three phases — expand, backfill, contract — and says what may run now.
#[derive(Debug, clap::Parser)]
#[command(name = "planner", version, max_term_width = 100, propagate_version = false)]
struct Cli {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', long = "directory", global = true, display_order = GLOBAL, value_name = "DIR", default_value = ".")]
    directory: Utf8PathBuf,
    /// The environment of `planner.yaml` to work in
    #[arg(long, global = true, display_order = GLOBAL, value_name = "NAME", env = "PLANNER_ENV")]
    env: Option<String>,
    /// How to print
    #[arg(long, global = true, display_order = GLOBAL, value_enum, default_value_t, value_name = "FORMAT")]
    format: FormatName,
    #[command(subcommand)]
    command: Command,
}

/// Lists the commands: modules, the command line's choice, dispatch.
macro_rules! commands {
    ($($name:ident: $variant:ident,)+) => {
        $(mod $name;)+

        #[derive(Debug, clap::Subcommand)]
        enum Command { $($variant($name::Args),)+ }

        impl Command {
            fn run(&self, shell: &Shell) -> Result<Exit, Failure> {
                match self { $(Self::$variant(args) => $name::run(args, shell),)+ }
            }
        }
    };
}

commands! {
    init: Init,
    baseline: Baseline,
    new: New,
    check: Check,
    compile: Compile,
    show: Show,
    graph: Graph,
    schema_rs: SchemaRs,
    explain: Explain,
    status: Status,
    history: History,
    next_phase: NextPhase,
    run: Run,
    revert: Revert,
    deploy: Deploy,
    release: Release,
    compat: Compat,
    prove: Prove,
    verify: Verify,
    drift: Drift,
    approve: Approve,
    schema: Schema,
    completions: Completions,
    man: Man,
}

/// Runs the command line and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // A closed terminal is no reason for another exit code.
            let _ = error.print();
            return exit.code();
        }
    };
    let shell = match Shell::open(&cli.directory, cli.env.clone(), cli.format) {
        Ok(shell) => shell,
        Err(failure) => {
            Shell::bare(cli.format).failure(&failure);
            return failure.exit.code();
        }
    };
    let result = has_format(&cli.command, cli.format).and_then(|()| cli.command.run(&shell));
    match result {
        Ok(exit) => exit.code(),
        Err(failure) => {
            shell.failure(&failure);
            failure.exit.code()
        }
    }
}

/// Refuses a format that the command does not have.
fn has_format(command: &Command, format: FormatName) -> Result<(), Failure> {
    let is_check = matches!(command, Command::Check(_));
    let (fits, of) = match format {
        FormatName::Human | FormatName::Json => return Ok(()),
        FormatName::Mermaid | FormatName::Dot => (
            matches!(command, Command::Graph(_)),
            ("`mermaid` and `dot` are formats of graphs", "use them with `planner graph`"),
        ),
        FormatName::Markdown => (
            is_check || matches!(command, Command::Compat(_)),
            (
                "`markdown` is a format of findings and tables",
                "use it with `planner check` and `planner compat`",
            ),
        ),
        FormatName::Sarif | FormatName::Github | FormatName::Gitlab | FormatName::Junit => (
            is_check,
            (
                "`sarif`, `github`, `gitlab` and `junit` are formats of findings",
                "use them with `planner check`",
            ),
        ),
    };
    if fits {
        return Ok(());
    }
    let (message, help) = of;
    Err(Failure::usage(message).help(format!("{help}, and `human` or `json` here")))
}

/// Returns the whole command line, for completions, manual pages and the reference.
#[must_use]
pub fn command_line() -> clap::Command {
    Cli::command()
}
