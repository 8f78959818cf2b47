//! Exit codes: the one place that gives them numbers.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or something is ready.
    Done,
    /// Findings.
    Findings,
    /// Wrong use or configuration, an unreachable database.
    Usage,
    /// Blocked by a gate, a live release or another runner.
    Blocked,
    /// The database is not what files and ledger say.
    Drift,
    /// Something was started and is not known finished.
    InDoubt,
    /// A fault in planner.
    Internal,
}

impl Exit {
    /// Returns the process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Blocked => 3,
            Self::Drift => 4,
            Self::InDoubt => 5,
            Self::Internal => 70,
        }
    }
}

/// Why a command could not do what it was asked: one message, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong, in lower case without a final period.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Failure {
    /// A failure of use or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A failure with this exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
