//! `planner deploy`.

mod import;
mod list;
mod needs;
mod record;

use crate::exit::{Exit, Failure};
use crate::shell::Shell;

/// Record rollouts of releases, and ask whether a release may be deployed
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Start a rollout: the release is live beside the others; refused (exit 3) if that breaks a promise
    Start(record::Start),
    /// Finish a rollout: the app's other releases end, but for those kept
    Finish(record::Finish),
    /// Take a rollout back: the started release ends
    Abort(record::Release),
    /// End a release that will not serve again without a new deploy
    Retire(record::Release),
    /// Record what a platform says runs, from the JSON that its own commands print, on standard input
    Import(import::Args),
    /// List what is live
    List(list::Args),
    /// Ask whether a release may be started now; records nothing
    Check(record::Check),
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    match &args.action {
        Action::Start(args) => record::start(args, shell),
        Action::Finish(args) => record::finish(args, shell),
        Action::Abort(args) => record::abort(args, shell),
        Action::Retire(args) => record::retire(args, shell),
        Action::Import(args) => import::run(args, shell),
        Action::List(args) => list::run(args, shell),
        Action::Check(args) => record::check(args, shell),
    }
}
