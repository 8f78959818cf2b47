//! What must not be in a plan or in a hand-written migration, one file a rule: its page, its examples, its check.
//!
//! To add a rule: `rules/<bad_pattern>.rs` with `declare_rule!`, a bad and a good plan in its
//! documentation; and one line in the list below. Its name is its file's name; its examples are its tests.

pub mod context;
mod declare;
pub mod evidence;
#[cfg(test)]
mod examples;
mod markers;
mod of_migrations;
mod of_steps;
#[cfg(test)]
mod raw_sql;
#[cfg(test)]
mod sentences;
mod verdict;
mod weight;

pub use context::RuleContext;
pub(crate) use declare::{declare_rule, rules};
pub use evidence::{Evidence, Judged};
pub use verdict::check;

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, code, did_you_mean};
use crate::name::Name;
use crate::source::{Span, Spanned};

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code, name and default severity.
    pub code: Code,
    /// The version of planner that brought it.
    pub since: &'static str,
    /// Its page, in Markdown: what it finds, why it matters, a bad and a good plan. Each line begins with a space; see
    /// [`Rule::page`].
    pub doc: &'static str,
    /// Finds it; `None` for what is found while files are read and names checked.
    pub check: Option<fn(&Evidence<'_>, &mut Sink)>,
    /// Whether a waiver may name it.
    pub waivable: bool,
}

impl Rule {
    /// Returns its page, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let lines = self.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        let mut page = lines.collect::<Vec<_>>().join("\n");
        page.truncate(page.trim_end().len());
        page.push('\n');
        page
    }
}

rules! {
    invalid_yaml,
    unreadable_file,
    oversized_file,
    invalid_file_name,
    unknown_key,
    duplicate_key,
    missing_key,
    invalid_value,
    unknown_operation,
    several_operations,
    empty_plan,
    duplicate_name,
    duplicate_version,
    duplicate_step,
    unknown_plan,
    unknown_step,
    after_newer_plan,
    dependency_cycle,
    unknown_object,
    object_exists,
    drop_of_used_object,
    invalid_expression,
    unsupported_on_dialect,
    invalid_configuration,
    unknown_rule,
    opaque_sql,
    unreadable_schema,
    unreadable_baseline,
    contract_without_expand,
    destructive_in_expand,
    destructive_in_backfill,
    restriction_in_expand,
    guarantee_removed_in_expand,
    contract_without_gate,
    contract_before_backfill,
    rename_in_place,
    unordered_conflict,
    required_column_without_default,
    drop_of_required_column,
    sync_column_with_default,
    default_violates_constraint,
    uncopied_column,
    restriction_without_backfill,
    stale_waiver,
    misplaced_operation,
    gate_without_phase,
    backfill_before_dual_write,
    backfill_not_idempotent,
    backfill_without_key,
    backfill_at_once,
    rows_left_behind,
    edited_after_run,
    unknown_migration,
    version_not_recorded,
    removed_after_run,
    shipped_together,
    schema_drift,
    duplicate_migration_version,
    missing_transaction_key,
    invalid_migration_metadata,
    empty_migration,
    not_a_migration,
    missing_way_back,
    overlong_migration_version,
    misleading_migration_order,
    edited_hand_written_migration,
    unplanned_destructive_migration,
    unprepared_restriction,
    blocking_index,
    blocking_index_drop,
    validating_constraint,
    table_rewrite,
    statement_not_alone,
    blocking_reindex,
    blocking_partition_change,
    blocking_refresh,
    work_under_lock,
    whole_table_write,
    skipped_invalid_index,
    enum_value_used_at_once,
    lock_without_timeout,
    concurrent_index_on_partitioned_table,
    long_work_under_timeout,
    opaque_migration,
    removed_guarantee,
    transaction_in_migration,
    table_without_key,
    upkeep_switched_off,
    discouraged_type,
    foreign_key_without_index,
    json_column,
    squawk_remark,
    refused_alter_table,
}

/// Returns the rule with this name (`contract-without-gate`) or code (`EC206`).
#[must_use]
pub fn by_name_or_code(text: &str) -> Option<&'static Rule> {
    let is_it = |rule: &&&Rule| rule.code.name == text || rule.code.id.eq_ignore_ascii_case(text);
    ALL.iter().find(is_it).copied()
}

/// Reports the names under `rules` in `planner.yaml` that are no rule's.
pub fn check_names(configured: &[(Spanned<Name>, Severity)], sink: &mut Sink) {
    for (name, _) in configured {
        known(name.value.as_str(), name.span, sink);
    }
}

/// Reports the names under `squawk` in `planner.yaml` that are no rule of squawk's, or that planner has rules of its own for.
pub fn check_squawk_names(configured: &[Spanned<Name>], sink: &mut Sink) {
    squawk_remark::check_names(configured, sink);
}

/// Returns the names of the rules that find what this rule of squawk's finds, if there are any.
#[must_use]
pub fn in_place_of_squawk(rule: &str) -> &'static [&'static str] {
    markers::in_place_of(rule)
}

/// Reports a name that is no rule's; returns the rule if there is one.
pub fn known(text: &str, span: Span, sink: &mut Sink) -> Option<&'static Rule> {
    let rule = by_name_or_code(text);
    if rule.is_none() {
        let near = did_you_mean(text, ALL.iter().map(|rule| rule.code.name));
        sink.report(
            Diagnostic::new(code::UNKNOWN_RULE, format!("there is no rule `{text}`"))
                .at(span)
                .help(near.unwrap_or_else(|| "`planner explain` lists all rules".into())),
        );
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_page_and_no_other_has_its_id_or_name() {
        for code in code::ALL {
            let pages = ALL.iter().filter(|rule| rule.code == *code).count();
            assert_eq!(pages, 1, "{} {}", code.id, code.name);
        }
        for (at, rule) in ALL.iter().enumerate() {
            let is_same =
                |other: &&&Rule| other.code.id == rule.code.id || other.code.name == rule.code.name;
            assert!(!ALL[..at].iter().any(|other| is_same(&other)), "{}", rule.code.id);
            assert_eq!(by_name_or_code(rule.code.name).unwrap().code, rule.code);
            assert_eq!(by_name_or_code(rule.code.id).unwrap().code, rule.code);
        }
        assert!(by_name_or_code("blocking-nothing").is_none());
    }
}
