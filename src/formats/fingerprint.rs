//! Tells findings apart from one run to the next, though lines move.

use std::collections::BTreeMap;

use super::place;
use crate::compile::Checksum;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// Returns a fingerprint for each finding: each is unique, and stays the same while the finding's rule, file, step, words and
/// underlined text do. Of findings that agree in all of these the first comes first.
pub(super) fn fingerprints(sources: &Sources, found: &[Diagnostic]) -> Vec<String> {
    let mut seen: BTreeMap<Checksum, usize> = BTreeMap::new();
    let fingerprint = |found: &Diagnostic| {
        let file = place::of(sources, found).map(|(file, _)| file.as_str()).unwrap_or_default();
        let underlined =
            found.labels.first().map(|label| sources.slice(label.span)).unwrap_or_default();
        let plan = found.plan.as_ref().map(ToString::to_string).unwrap_or_default();
        let step = found.step.as_ref().map(ToString::to_string).unwrap_or_default();
        // No part can run into the next one: what stands before each says how long it is.
        let parts = [found.code.id, file, &plan, &step, &found.message, underlined.trim()];
        let text: String = parts.map(|part| format!("{} {part}\n", part.len())).concat();
        let checksum = Checksum::of_text(&text);
        let n = seen.entry(checksum.clone()).or_default();
        *n = n.saturating_add(1);
        if *n == 1 { checksum } else { Checksum::of_text(&format!("{text}{n}")) }.to_string()
    };
    found.iter().map(fingerprint).collect()
}
