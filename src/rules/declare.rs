//! The macros that make a rule one file and one line.

/// Declares a file's rule: `declare_rule! { /// page … pub static RULE = { code: "EC201", since: "0.1.0", check: check } }`.
macro_rules! declare_rule {
    ($(#[doc = $doc:literal])+ pub static RULE = { code: $code:expr, since: $since:literal, check: $check:expr, waivable: $waivable:literal $(,)? }) => {
        $(#[doc = $doc])+
        pub static RULE: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            since: $since,
            doc: concat!($($doc, "\n"),+),
            check: $check,
            waivable: $waivable,
        };
    };
}
pub(crate) use declare_rule;

/// Lists the rules in the order of `explain`.
macro_rules! rules {
    ($($rule:ident,)+) => {
        $(mod $rule;)+
        /// All rules.
        pub static ALL: &[&Rule] = &[$(&$rule::RULE),+];
    };
}
pub(crate) use rules;
