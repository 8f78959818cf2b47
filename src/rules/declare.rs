//! The macros that make a rule one file and one line.

/// Declares a file's rule.
///
/// ```text
/// declare_rule! {
///     /// The page.
///     pub static RULE = { id: "EC201", since: "0.1.0", check: check, waivable: false }
/// }
/// ```
///
/// Its name is its file's name; `severity: Warning` after the id makes it less than an error. A code that lower layers report is taken from there: `code: code::INVALID_YAML`.
macro_rules! declare_rule {
    ($(#[doc = $doc:literal])+ pub static RULE = { id: $id:literal, since: $since:literal, check: $check:expr, waivable: $waivable:literal $(,)? }) => {
        $crate::rules::declare_rule! {
            $(#[doc = $doc])+
            pub static RULE = { id: $id, severity: Error, since: $since, check: $check, waivable: $waivable }
        }
    };
    ($(#[doc = $doc:literal])+ pub static RULE = { id: $id:literal, severity: $severity:ident, since: $since:literal, check: $check:expr, waivable: $waivable:literal $(,)? }) => {
        /// The rule's code.
        pub(super) const CODE: $crate::diagnostic::Code = {
            const PATH: &str = module_path!();
            const BYTES: [u8; $crate::rules::declare::name_len(PATH)] = $crate::rules::declare::name(PATH);
            let name = match core::str::from_utf8(&BYTES) {
                Ok(name) => name,
                Err(_) => "",
            };
            $crate::diagnostic::Code { id: $id, name, severity: $crate::diagnostic::Severity::$severity }
        };

        $crate::rules::declare_rule! {
            $(#[doc = $doc])+
            pub static RULE = { code: CODE, since: $since, check: $check, waivable: $waivable }
        }
    };
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

/// Lists the rules in the order of `explain`, and makes a test of each one's documented plans.
macro_rules! rules {
    ($($rule:ident,)+) => {
        $(mod $rule;)+
        /// All rules.
        pub static ALL: &[&Rule] = &[$(&$rule::RULE),+];

        #[cfg(test)]
        mod documented {
            $(
                #[test]
                fn $rule() {
                    super::examples::check(stringify!($rule), &super::$rule::RULE);
                }
            )+
        }
    };
}
pub(crate) use rules;

/// Returns the length of a module path's last part.
pub(super) const fn name_len(path: &str) -> usize {
    let bytes = path.as_bytes();
    let mut len = 0;
    while len < bytes.len() && !matches!(bytes.split_at(bytes.len() - len - 1).1, [b':', ..]) {
        len += 1;
    }
    len
}

/// Returns a module path's last part with `-` for `_`; `N` is its length.
pub(super) const fn name<const N: usize>(path: &str) -> [u8; N] {
    let mut name = [b'-'; N];
    let mut part = path.as_bytes().split_at(path.len() - N).1;
    let mut at = 0;
    while let [byte, rest @ ..] = part {
        if *byte != b'_' {
            // `name` is as long as `part`, so this never goes past its end.
            let (_, tail) = name.split_at_mut(at);
            if let [slot, ..] = tail {
                *slot = *byte;
            }
        }
        part = rest;
        at += 1;
    }
    name
}
