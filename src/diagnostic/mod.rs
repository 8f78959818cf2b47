//! Findings as data: what was found, where, and what to do about it. Rendering is elsewhere.

pub mod code;
pub mod fix;
mod sink;
mod suggest;

use camino::Utf8PathBuf;

pub use code::Code;
pub use fix::Fix;
pub use sink::Sink;
pub use suggest::did_you_mean;

use crate::name::{Name, PlanName};
use crate::source::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Not reported.
    Off,
    /// Reported; does not fail a run.
    Note,
    /// Reported; does not fail a run.
    Warning,
    /// Fails the run.
    Error,
}

impl Severity {
    /// Returns the severity's word in `planner.yaml` and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Returns the severity with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Off, Self::Note, Self::Warning, Self::Error].into_iter().find(|s| s.word() == word)
    }
}

/// A place in a file and a noun phrase that says what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands there; may be empty.
    pub text: String,
}

/// One finding.
///
/// The message is in lower case without a final period and says what is; the help says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule found it.
    pub code: Code,
    /// How much it weighs here; starts as the code's default.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The places, the first one being the finding's own.
    pub labels: Vec<Label>,
    /// The file, where the finding is of a whole file or of one that could not be read.
    pub file: Option<Utf8PathBuf>,
    /// The plan it is about.
    pub plan: Option<PlanName>,
    /// The step it is about.
    pub step: Option<Name>,
    /// What to do.
    pub help: Option<String>,
    /// Why it is let pass, if a waiver covers it.
    pub waived: Option<String>,
    /// What a machine may change so that it goes away.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Starts a finding with the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            labels: Vec::new(),
            file: None,
            plan: None,
            step: None,
            help: None,
            waived: None,
            fix: None,
        }
    }

    /// Adds a place without words.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Adds a place with words.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Names the file as a whole.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<Utf8PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Names the plan.
    #[must_use]
    pub fn plan(mut self, plan: &PlanName) -> Self {
        self.plan = Some(plan.clone());
        self
    }

    /// Names the step.
    #[must_use]
    pub fn step(mut self, step: &Name) -> Self {
        self.step = Some(step.clone());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says why a waiver lets it pass.
    #[must_use]
    pub fn waived(mut self, reason: impl Into<String>) -> Self {
        self.waived = Some(reason.into());
        self
    }

    /// Says what a machine may change, if it may.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Says what to do, if there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}
