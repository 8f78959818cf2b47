//! `planner completions`.

use crate::exit::{Exit, Failure};
use crate::shell::Shell;

/// Print a script that completes commands and options in a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command_line(), "planner", &mut script);
    shell.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
