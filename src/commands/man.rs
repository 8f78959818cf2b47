//! `planner man`.

use camino::Utf8PathBuf;

use crate::exit::{Exit, Failure};
use crate::shell::{Shell, files};

/// Print the manual page, or write one page a command into a folder
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write `planner.1`, `planner-check.1` … into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let whole = super::command_line();
    let Some(folder) = &args.out else {
        shell.data(&page(whole)?)?;
        return Ok(Exit::Done);
    };
    let folder = shell.here.join(folder);
    for command in whole.get_subcommands() {
        let name = format!("planner-{}", command.get_name());
        let text = page(command.clone().name(name.clone()))?;
        files::write(&folder.join(format!("{name}.1")), &text)?;
    }
    files::write(&folder.join("planner.1"), &page(whole.clone())?)?;
    Ok(Exit::Done)
}

fn page(command: clap::Command) -> Result<String, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Failure::new(Exit::Internal, format!("the manual page cannot be written: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
