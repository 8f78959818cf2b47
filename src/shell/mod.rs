//! What commands see of the outside: arguments already parsed, files, environment, clock, terminal.

pub mod actor;
pub mod adoption;
pub mod contradictions;
pub mod facts;
pub mod files;
pub mod fixes;
pub mod foundation;
pub mod git;
pub mod given;
pub mod histories;
pub mod needs;
pub mod observer;
pub mod output;
pub mod pipeline;
pub mod print_options;
pub mod project;
pub mod record;
pub mod remembered;
pub mod repository;
pub mod runner;
pub mod side_by_side;
pub mod since;
pub mod situation;
pub mod subjects;
pub mod target;
mod together;

use camino::Utf8PathBuf;

use crate::formats::{FormatName, Style};

/// The outside of one command.
#[derive(Debug)]
pub struct Shell {
    /// The project's root: the folder of `planner.yaml`, or the current one.
    pub root: Utf8PathBuf,
    /// The folder that paths on the command line are relative to.
    pub here: Utf8PathBuf,
    /// `--env`.
    pub environment: Option<String>,
    /// `--format`.
    pub format: FormatName,
    /// How to print on standard output.
    pub style: Style,
    /// Whether standard error is a terminal, for progress bars.
    pub interactive: bool,
}

impl Shell {
    /// Returns a variable of the process's environment, if it is set and not empty.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Returns today's date in UTC: `PLANNER_TODAY` (as `2026-11-21`) where a run must be repeatable.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        let fixed = self.variable("PLANNER_TODAY").and_then(|text| text.parse().ok());
        fixed.unwrap_or_else(|| self.now().to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// Returns this machine's time, which is only used where no database is asked.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}
