//! `invalid-yaml`.

use crate::diagnostic::code;

super::declare_rule! {
    /// A file is not YAML.
    pub static RULE = { code: code::INVALID_YAML, since: "0.1.0", check: None, waivable: false }
}
