//! The codes of findings that no rule's check makes: while reading files and checking names, and where the
//! database disagrees with the files.
//!
//! A rule's own code stands in its file under `rules/`. These stand here because the layers that report
//! them lie below the rules; each still has its page under `rules/`, which names the code from here.

use super::Severity;

/// A stable code and name; codes are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// `EC` and three digits.
    pub id: &'static str,
    /// The bad pattern in kebab case, readable after "allow".
    pub name: &'static str,
    /// The severity unless `planner.yaml` says otherwise.
    pub severity: Severity,
}

macro_rules! codes {
    ($($constant:ident $id:literal $name:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub const $constant: Code = Code { id: $id, name: $name, severity: Severity::Error };
        )+
        /// All codes of this file.
        pub const ALL: &[Code] = &[$($constant),+];
    };
}

codes! {
    INVALID_YAML "EC101" "invalid-yaml";
    UNREADABLE_FILE "EC102" "unreadable-file";
    OVERSIZED_FILE "EC103" "oversized-file";
    INVALID_FILE_NAME "EC104" "invalid-file-name";
    UNKNOWN_KEY "EC105" "unknown-key";
    DUPLICATE_KEY "EC106" "duplicate-key";
    MISSING_KEY "EC107" "missing-key";
    INVALID_VALUE "EC108" "invalid-value";
    UNKNOWN_OPERATION "EC109" "unknown-operation";
    SEVERAL_OPERATIONS "EC110" "several-operations";
    EMPTY_PLAN "EC111" "empty-plan";
    DUPLICATE_NAME "EC112" "duplicate-name";
    DUPLICATE_VERSION "EC113" "duplicate-version";
    DUPLICATE_STEP "EC114" "duplicate-step";
    UNKNOWN_PLAN "EC115" "unknown-plan";
    UNKNOWN_STEP "EC116" "unknown-step";
    AFTER_NEWER_PLAN "EC117" "after-newer-plan";
    DEPENDENCY_CYCLE "EC118" "dependency-cycle";
    UNKNOWN_OBJECT "EC119" "unknown-object";
    OBJECT_EXISTS "EC120" "object-exists";
    DROP_OF_USED_OBJECT "EC121" "drop-of-used-object";
    INVALID_EXPRESSION "EC122" "invalid-expression";
    UNSUPPORTED_ON_DIALECT "EC123" "unsupported-on-dialect";
    INVALID_CONFIGURATION "EC124" "invalid-configuration";
    UNKNOWN_RULE "EC125" "unknown-rule";
    OPAQUE_SQL "EC126" "opaque-sql";
    UNREADABLE_SCHEMA "EC127" "unreadable-schema";
    UNREADABLE_BASELINE "EC128" "unreadable-baseline";
    ROWS_LEFT_BEHIND "EC304" "rows-left-behind";
    EDITED_AFTER_RUN "EC501" "edited-after-run";
    UNKNOWN_MIGRATION "EC502" "unknown-migration";
    VERSION_NOT_RECORDED "EC503" "version-not-recorded";
    REMOVED_AFTER_RUN "EC504" "removed-after-run";
    SHIPPED_TOGETHER "EC505" "shipped-together";
    SCHEMA_DRIFT "EC506" "schema-drift";
}
