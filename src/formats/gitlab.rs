//! GitLab's Code Quality report.

use serde_json::{Value, json};

use super::{Answer, Format, Style, fingerprint, place};
use crate::config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Code Quality for GitLab.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gitlab;

impl Format for Gitlab {
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], _: Style) -> String {
        let fingerprints = fingerprint::fingerprints(sources, found);
        let report: Value = found
            .iter()
            .zip(fingerprints)
            .map(|(found, fingerprint)| issue(sources, found, &fingerprint))
            .collect();
        super::visible::escaped_json(format!("{report}\n"))
    }

    fn answer(&self, answer: &Answer) -> String {
        answer.human.clone()
    }

    fn names_files_from_repository(&self) -> bool {
        true
    }
}

fn issue(sources: &Sources, found: &Diagnostic, fingerprint: &str) -> Value {
    let description = match &found.help {
        Some(help) => format!("{} ({help})", found.message),
        None => found.message.clone(),
    };
    let (path, region) = match place::of(sources, found) {
        Some((file, region)) => (file.as_str(), region),
        // GitLab drops what has no place; of the project as a whole its configuration speaks.
        None => (config::FILE_NAME, None),
    };
    let (begin, end) = region.map_or((1, 1), |region| (region.line, region.end_line));
    json!({
        "description": description,
        "check_name": found.code.name,
        "fingerprint": fingerprint,
        "severity": severity(found.severity),
        "location": {"path": path, "lines": {"begin": begin, "end": end}},
    })
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
        Severity::Note | Severity::Off => "info",
    }
}
