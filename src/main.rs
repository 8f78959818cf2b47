//! The command line: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(planner::commands::main(std::env::args_os()))
}
