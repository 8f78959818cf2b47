//! `squawk-remark`: squawk says what the project wants to hear of.

use super::markers;
use super::of_migrations::accepted;
use super::{Evidence, in_place_of_squawk};
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::dialect::Dialect;
use crate::history::{Content, HandWrittenMigration};
use crate::name::Name;
use crate::readers::{Remark, is_linter_rule, lint};
use crate::source::{Span, Spanned};

super::declare_rule! {
    /// A rule of squawk's that `planner.yaml` names under `squawk` finds something in a hand-written migration (PostgreSQL). planner runs squawk's own linter for it.
    ///
    /// # Why it matters
    ///
    /// squawk has rules that are house style, such as `require-table-schema`, `prefer-robust-stmts` or `ban-add-enum-value`. They look at the text alone, and planner has no others for them; a team that wants
    /// them names them. What planner judges better, since it knows the schema and what came before, cannot be named there: the message says which rule finds it. squawk's comments (`-- squawk-ignore`) count.
    ///
    /// # Bad
    ///
    /// ```sql bad
    /// -- file: planner.yaml
    /// squawk: [require-table-schema]
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE users;
    /// ```
    ///
    /// # Good
    ///
    /// ```sql good
    /// -- file: planner.yaml
    /// squawk: [require-table-schema]
    /// -- file: migrations/2024-01-01-000000_create_users/up.sql
    /// CREATE TABLE public.users (id bigint PRIMARY KEY);
    /// -- file: migrations/2024-01-01-000000_create_users/down.sql
    /// DROP TABLE public.users;
    /// ```
    pub static RULE = { id: "EC720", severity: Warning, since: "0.1.0", check: Some(check), waivable: true }
}

fn check(evidence: &Evidence<'_>, sink: &mut Sink) {
    let context = evidence.context;
    let wanted: Vec<&str> = context.squawk.iter().map(|rule| rule.value.as_str()).collect();
    if wanted.is_empty() || context.project.dialect != Dialect::Postgres {
        return;
    }
    let judged = context.history.hand_written.iter().enumerate();
    for (at, migration) in
        judged.filter(|(_, of)| !context.history.baselined.contains(&of.version))
    {
        if migration.up.content != Content::Statements {
            continue;
        }
        let Some(source) = context.sources.get(migration.up.source) else { continue };
        for remark in lint(&source.text, migration.metadata.run_in_transaction(), &wanted) {
            sink.report(finding(evidence, (at, migration), remark));
        }
    }
}

fn finding(
    evidence: &Evidence<'_>,
    (at, migration): (usize, &HandWrittenMigration),
    remark: Remark,
) -> Diagnostic {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let (start, end) = (offset(remark.place.start), offset(remark.place.end));
    let span = Span { source: migration.up.source, start, end };
    let message = format!("squawk's `{}`: {}", remark.rule, lower(&remark.message));
    let help = remark.help.map_or_else(
        || "change it, or write `-- squawk-ignore` with the rule's name before it".to_owned(),
        |help| lower(&help),
    );
    let found = Diagnostic::new(CODE, message).at(span).help(help);
    let mut acts = evidence.context.history.acts_of(at).iter();
    let act = acts.find(|act| act.span.start <= start && start < act.span.end);
    let waiver = act.and_then(|act| act.accepted.iter().find(|of| markers::accepts(of, CODE)));
    match waiver {
        Some(waiver) => accepted(found, waiver),
        None => found,
    }
}

/// Puts squawk's sentence into the form of ours: a small letter first, no full stop last.
fn lower(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    let is_word = letters.clone().next().is_some_and(char::is_lowercase);
    if is_word { first + letters.as_str() } else { sentence.to_owned() }
}

/// Reports names that squawk does not know, and those of rules that planner has its own for.
pub(super) fn check_names(configured: &[Spanned<Name>], sink: &mut Sink) {
    for name in configured {
        let text = name.value.as_str();
        let ours = in_place_of_squawk(text);
        let (code, message, help) = if !is_linter_rule(text) {
            let near = did_you_mean(text, free());
            let known: Vec<String> = free().map(|rule| format!("`{rule}`")).collect();
            let help = near.unwrap_or_else(|| format!("name some of {}", known.join(", ")));
            (code::UNKNOWN_RULE, format!("squawk has no rule `{text}`"), help)
        } else if let Some(first) = ours.first() {
            let message = format!("what squawk's `{text}` finds, planner's `{first}` finds");
            let help = format!("leave it out; `planner explain {first}` says how planner judges it");
            (code::INVALID_VALUE, message, help)
        } else {
            continue;
        };
        sink.report(Diagnostic::new(code, message).at(name.span).help(help));
    }
}

/// The rules of squawk's that planner has no others for.
fn free() -> impl Iterator<Item = &'static str> {
    FREE.iter().copied()
}

/// As squawk 2.68 names them; a test asks squawk.
const FREE: &[&str] = &[
    "ban-add-column",
    "ban-add-composite-attribute",
    "ban-add-enum-value",
    "ban-alter-database-options",
    "ban-alter-extension",
    "ban-alter-function-options",
    "ban-alter-role-options",
    "ban-alter-sequence-values",
    "ban-alter-system-options",
    "ban-alter-view-options",
    "ban-create-domain-with-constraint",
    "ban-duplicate-column-assignments",
    "ban-replace-view-function",
    "ban-set-default",
    "identifier-too-long",
    "prefer-robust-stmts",
    "require-enum-value-ordering",
    "require-table-schema",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::examples::findings;

    #[test]
    fn each_rule_of_squawks_is_judged_by_planner_or_can_be_named() {
        for rule in enum_iterator::all::<squawk_linter::Rule>() {
            let name = rule.to_string();
            // Its linter has no such check yet, and the other stands for two that planner judges.
            if ["unused-ignore", "require-timeout-settings"].contains(&name.as_str()) {
                continue;
            }
            let is_free = FREE.contains(&name.as_str());
            assert_ne!(is_free, !in_place_of_squawk(&name).is_empty(), "{name}");
        }
        for name in FREE {
            assert!(is_linter_rule(name), "{name}");
        }
    }

    fn told(config: &str, up: &str) -> Vec<(String, String)> {
        let block = format!(
            "-- file: planner.yaml\n{config}\n-- file: migrations/2024-01-01-000000_a/up.sql\n{up}\n-- file: migrations/2024-01-01-000000_a/down.sql\nSELECT 1;\n"
        );
        let found = findings(&block).into_iter();
        let found = found.filter(|of| !matches!(of.code.id, "EC701" | "EC709"));
        found.map(|of| (of.code.name.to_owned(), of.message)).collect()
    }

    #[test]
    fn a_name_that_says_nothing_here_is_refused() {
        for (name, message) in [
            ("require-table-schemas", "squawk has no rule `require-table-schemas`"),
            (
                "ban-drop-column",
                "what squawk's `ban-drop-column` finds, planner's `unplanned-destructive-migration` finds",
            ),
        ] {
            let mut sink = Sink::default();
            let source = crate::source::Sources::default().add("planner.yaml", "");
            let span = Span { source, start: 0, end: 0 };
            check_names(&[Spanned { value: name.into(), span }], &mut sink);
            let found = sink.into_sorted();
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].message, message);
        }
    }

    #[test]
    fn comments_of_both_linters_count() {
        let config = "squawk: [require-table-schema]";
        let table = "CREATE TABLE a (id bigint PRIMARY KEY);";
        assert_eq!(told(config, table)[0].0, "squawk-remark");
        let ignored = format!("-- squawk-ignore require-table-schema\n{table}");
        assert_eq!(told(config, &ignored), []);
        let assured = format!("-- safety-assured:start\n{table}\n-- safety-assured:end");
        assert!(told(config, &assured).len() <= 1);
        assert_eq!(told("{}", table), []);
    }
}
