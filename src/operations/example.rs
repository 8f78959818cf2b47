//! The plan in an operation's documentation, read, checked and rendered as a test.

use std::sync::Arc;

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::dialects::{RenderContext, render};
use crate::phase::Phase;
use crate::plan::checked::CheckedProject;
use crate::source::Sources;

/// Reads and checks one plan against an empty database.
pub(super) fn checked(text: &str, dialect: Dialect) -> (Sources, CheckedProject, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let source = sources.add("plans/2026-01-01-000000_example.yaml", text);
    let mut sink = Sink::default();
    let file = sources.get(source).unwrap();
    let plans = crate::plan::parse::parse(source, file, &mut sink).into_iter().collect();
    let start = Arc::new(Catalog::empty(dialect));
    let project = crate::plan::check::check(plans, dialect, start, &mut sink);
    (sources, project, sink.into_sorted())
}

/// Returns the one `yaml` block of a page.
fn block(page: &str) -> String {
    let lines = page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut blocks = lines.skip_while(|line| *line != "```yaml").skip(1);
    let text: Vec<&str> = blocks.by_ref().take_while(|line| *line != "```").collect();
    assert!(!text.is_empty(), "the page has no yaml block");
    assert!(!blocks.any(|line| line.starts_with("```")), "the page has more than one block");
    text.join("\n") + "\n"
}

/// Checks that the example of a page uses the operation and is right on every dialect, or refused where
/// the page says so.
pub(super) fn holds(key: &str, page: &str) {
    let text = block(page);
    for dialect in Dialect::ALL {
        let (_, project, found) = checked(&text, dialect);
        let is_refused = page.contains("Not on SQLite:") && dialect == Dialect::Sqlite;
        if is_refused {
            assert!(!found.is_empty(), "{key} is refused on {dialect}");
            for diagnostic in &found {
                assert_eq!(diagnostic.code, code::UNSUPPORTED_ON_DIALECT, "{diagnostic:?}");
                assert!(diagnostic.help.is_some(), "{diagnostic:?}");
            }
            continue;
        }
        assert!(found.is_empty(), "{key} on {dialect}: {found:#?}");
        let mut is_used = false;
        project.walk(|_, step, before| {
            is_used |= step.operation.value.key() == key;
            assert!(step.operation.value.phases().contains(&step.phase), "{}", step.key);
            let mut catalog = before.clone();
            for change in &step.changes {
                // Every example creates its tables in its expand phase.
                let fresh_table = step.phase == Phase::Expand;
                let context =
                    RenderContext { before: &catalog, fresh_table, lock_timeout_ms: 2_000 };
                let script = render(change, &context);
                assert!(script.is_ok_and(|script| !script.groups.is_empty()), "{change:?}");
                crate::change::apply::apply(change, &mut catalog).unwrap();
            }
        });
        assert!(is_used, "the example of {key} does not use it");
    }
}
