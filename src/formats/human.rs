//! For people: findings with the place underlined, answers as text.

use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};

use super::visible::{on_one_line, visible};
use super::window::Window;
use super::{Answer, Format, Style};
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::Sources;

/// For people.
#[derive(Clone, Copy, Debug)]
pub(super) struct Human;

impl Format for Human {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], style: Style) -> String {
        let theme = if style.colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme { characters: ThemeCharacters::ascii(), styles: ThemeStyles::none() }
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_links(false)
            .with_context_lines(1)
            .with_wrap_lines(true);
        let mut text = String::new();
        for diagnostic in found {
            // Writing into a text cannot fail.
            let _ = handler.render_report(&mut text, &Report::new(sources, diagnostic));
            text.push('\n');
        }
        text
    }

    fn answer(&self, answer: &Answer) -> String {
        visible(&answer.human).into_owned()
    }
}

/// A finding with its source attached, as the renderer wants it. Labels in other files than the first
/// one's become reports of their own below it.
struct Report {
    message: String,
    code: String,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<Window>,
    labels: Vec<LabeledSpan>,
    others: Vec<Self>,
}

impl Report {
    fn new(sources: &Sources, found: &Diagnostic) -> Self {
        if let Some(label) = found.labels.iter().find(|label| is_too_wide(sources, label)) {
            return Self::without_text(sources, label, found);
        }
        let first = found.labels.first().map(|label| label.span.source);
        let (here, elsewhere): (Vec<&Label>, Vec<&Label>) =
            found.labels.iter().partition(|label| Some(label.span.source) == first);
        let whole_file = match (&found.file, first) {
            (Some(file), None) => format!("{file}: "),
            (Some(_) | None, _) => String::new(),
        };
        Self {
            message: on_one_line(&format!("{whole_file}{}", found.message)),
            code: format!("{} {}", found.code.id, found.code.name),
            severity: severity(found),
            help: help(found),
            source: first.and_then(|id| Window::around(sources, id, &here)),
            labels: here.iter().map(|label| labeled(label)).collect(),
            others: elsewhere.iter().map(|label| Self::elsewhere(sources, label)).collect(),
        }
    }

    /// A finding in a file whose lines are too long to show: its place is told instead.
    fn without_text(sources: &Sources, label: &Label, found: &Diagnostic) -> Self {
        let file =
            sources.get(label.span.source).map(|file| file.path.as_str()).unwrap_or_default();
        let (line, column) = sources.line_column(label.span);
        Self {
            message: on_one_line(&format!("{file}:{line}:{column}: {}", found.message)),
            code: format!("{} {}", found.code.id, found.code.name),
            severity: severity(found),
            help: help(found),
            source: None,
            labels: Vec::new(),
            others: Vec::new(),
        }
    }

    fn elsewhere(sources: &Sources, label: &Label) -> Self {
        Self {
            message: "see also".into(),
            code: String::new(),
            severity: miette::Severity::Advice,
            help: None,
            source: Window::around(sources, label.span.source, &[label]),
            labels: vec![labeled(label)],
            others: Vec::new(),
        }
    }
}

fn help(found: &Diagnostic) -> Option<String> {
    found.help.as_deref().map(|help| visible(help).into_owned())
}

const fn severity(found: &Diagnostic) -> miette::Severity {
    match found.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
        Severity::Note | Severity::Off => miette::Severity::Advice,
    }
}

/// How long a line may be that is shown, in bytes.
const SHOWN_LINE_MAX: usize = 2_000;

/// Returns whether one of the lines that would be shown for a label, its own and their neighbours, is too long.
fn is_too_wide(sources: &Sources, label: &Label) -> bool {
    let Some(file) = sources.get(label.span.source) else { return false };
    let before = file.text.get(..label.span.start as usize).unwrap_or_default();
    let after = file.text.get(label.span.end as usize..).unwrap_or_default();
    let start = before.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    let end = after.match_indices('\n').nth(1).map_or(after.len(), |(at, _)| at);
    let shown = file.text.get(start..label.span.end as usize + end).unwrap_or_default();
    shown.lines().any(|line| line.len() > SHOWN_LINE_MAX)
}

fn labeled(label: &Label) -> LabeledSpan {
    let start = label.span.start as usize;
    // Of a text over several lines only the beginning is underlined: the renderer draws long brackets else.
    let len = label.span.end.saturating_sub(label.span.start) as usize;
    let text = (!label.text.is_empty()).then(|| visible(&label.text).into_owned());
    LabeledSpan::new(text, start, len)
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.code.is_empty()).then(|| Box::new(&self.code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let others = self.others.iter().map(|other| other as &dyn miette::Diagnostic);
        (!self.others.is_empty()).then(|| Box::new(others) as Box<_>)
    }
}
