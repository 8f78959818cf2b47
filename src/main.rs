//! The command line: arguments in, exit code out.

use std::process::ExitCode;

/// A quarter of what `planner` does on thousands of plans is to ask for memory, in small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(planner::commands::main(std::env::args_os()))
}
