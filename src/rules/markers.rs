//! Which of our rules a comment for another linter means.
//!
//! diesel-guard names no rules in its comments; squawk's names are those of its version 2.68.

use crate::diagnostic::Code;
use crate::history::Accepted;

/// Returns whether a comment accepts what this rule finds: by no name at all, by the name of a rule of squawk's that finds the
/// same, or by our own.
pub(super) fn accepts(accepted: &Accepted, code: Code) -> bool {
    let means = |rule: &String| {
        in_place_of(rule).contains(&code.name)
            || rule == code.name
            || rule.eq_ignore_ascii_case(code.id)
    };
    accepted.rules.is_empty() || accepted.rules.iter().any(means)
}

/// Returns the names of our rules that find what this rule of squawk's finds.
pub(super) fn in_place_of(rule: &str) -> &'static [&'static str] {
    OF_SQUAWK.iter().find(|(theirs, _)| *theirs == rule).map_or(&[], |of| of.1)
}

const GONE: &[&str] = &["unplanned-destructive-migration"];
const RETYPED: &[&str] = &["table-rewrite", "unplanned-destructive-migration", "removed-guarantee"];
const CONSTRAINED: &[&str] = &["validating-constraint", "unprepared-restriction"];
const RESTRICTED: &[&str] = &["unprepared-restriction"];
const LET_GO: &[&str] = &["removed-guarantee"];
const GUARDED: &[&str] = &["unprepared-restriction", "removed-guarantee"];
const IN_TRANSACTION: &[&str] = &["transaction-in-migration"];
const TYPES: &[&str] = &["discouraged-type"];
const TIMEOUT: &[&str] = &["lock-without-timeout"];

/// Rules of squawk's, and which of ours find what they find. Those that are not here find what none of ours does.
pub(super) const OF_SQUAWK: &[(&str, &[&str])] = &[
    ("adding-field-with-default", &["table-rewrite"]),
    ("adding-foreign-key-constraint", CONSTRAINED),
    ("adding-not-nullable-field", CONSTRAINED),
    ("adding-required-field", RESTRICTED),
    ("adding-serial-primary-key-field", &["validating-constraint", "table-rewrite"]),
    ("ban-alter-domain-with-add-constraint", CONSTRAINED),
    ("ban-alter-generated-expression", GUARDED),
    ("ban-alter-identity", GUARDED),
    ("ban-alter-policy-condition", GUARDED),
    ("ban-alter-policy-roles", GUARDED),
    ("ban-alter-row-level-security", GUARDED),
    ("ban-char-field", TYPES),
    ("ban-concurrent-index-creation-in-transaction", &["statement-not-alone"]),
    ("ban-create-policy", GUARDED),
    ("ban-detach-inheritance", &["unplanned-destructive-migration", "blocking-partition-change"]),
    ("ban-disable-trigger", &["opaque-migration", "unprepared-restriction"]),
    ("ban-drop-column", GONE),
    ("ban-drop-constraint", LET_GO),
    ("ban-drop-database", GONE),
    ("ban-drop-default", LET_GO),
    ("ban-drop-domain", GONE),
    ("ban-drop-extension", GONE),
    ("ban-drop-function", GONE),
    ("ban-drop-generated-expression", GUARDED),
    ("ban-drop-index", &["removed-guarantee", "blocking-index-drop"]),
    ("ban-drop-not-null", LET_GO),
    ("ban-drop-policy", GUARDED),
    ("ban-drop-schema", GONE),
    ("ban-drop-sequence", GONE),
    ("ban-drop-table", GONE),
    ("ban-drop-trigger", LET_GO),
    ("ban-drop-type", GONE),
    ("ban-drop-view", GONE),
    ("ban-new-write-restriction", RESTRICTED),
    ("ban-replica-identity", &["upkeep-switched-off"]),
    ("ban-revoke", RESTRICTED),
    ("ban-set-schema", GONE),
    ("ban-truncate-cascade", GONE),
    ("ban-uncommitted-transaction", IN_TRANSACTION),
    ("changing-column-type", RETYPED),
    ("constraint-missing-not-valid", &["validating-constraint"]),
    ("disallowed-unique-constraint", CONSTRAINED),
    ("prefer-big-int", TYPES),
    ("prefer-bigint-over-int", TYPES),
    ("prefer-bigint-over-smallint", TYPES),
    ("prefer-identity", TYPES),
    ("prefer-repack", &["table-rewrite"]),
    ("prefer-text-field", TYPES),
    ("prefer-timestamp-tz", TYPES),
    ("prefer-timestamptz", TYPES),
    ("renaming-column", GONE),
    ("renaming-object", GONE),
    ("renaming-table", GONE),
    ("require-concurrent-index-creation", &["blocking-index"]),
    ("require-concurrent-index-deletion", &["blocking-index-drop"]),
    ("require-concurrent-partition-detach", &["blocking-partition-change"]),
    ("require-concurrent-reindex", &["blocking-reindex"]),
    ("require-lock-timeout", TIMEOUT),
    ("require-statement-timeout", TIMEOUT),
    ("require-timeout-settings", TIMEOUT),
    ("transaction-nesting", IN_TRANSACTION),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn code(name: &str) -> Code {
        rules::by_name_or_code(name).unwrap().code
    }

    fn accepted(rules: &[&str]) -> Accepted {
        let rules = rules.iter().map(|&rule| rule.to_owned()).collect();
        Accepted { rules, reason: String::new() }
    }

    #[test]
    fn a_comment_accepts_what_it_names_and_without_a_name_everything() {
        let (index, drop) = (code("blocking-index"), code("unplanned-destructive-migration"));
        assert!(accepts(&accepted(&[]), index));
        let named = accepted(&["ban-char-field", "require-concurrent-index-creation"]);
        assert!(accepts(&named, index) && !accepts(&named, drop));
        assert!(accepts(&accepted(&["EC401"]), index));
        for unknown in ["prefer-robust-stmts", "because"] {
            assert!(!accepts(&accepted(&[unknown]), index), "{unknown}");
        }
    }
    #[test]
    fn every_rule_that_is_meant_is_one_of_ours() {
        for (theirs, ours) in OF_SQUAWK {
            for name in *ours {
                assert!(rules::by_name_or_code(name).is_some(), "{theirs}: {name}");
            }
        }
    }
}
