//! `planner release`.

mod import;
mod tagged;

use crate::exit::{Exit, Failure};
use crate::shell::Shell;

/// Register releases with what they need from the schema
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Register the releases that git tags name, with what each needs and which plans it is the first to contain
    Import(import::Args),
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    match &args.action {
        Action::Import(args) => import::run(args, shell),
    }
}
