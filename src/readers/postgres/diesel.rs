//! What the helper function does that `diesel setup` puts into every project's first migration.

use squawk_syntax::SyntaxNode;

use super::reading::Reading;
use crate::catalog::{ObjectKind, Trigger};
use crate::change::Change;
use crate::name::{Name, ObjectName};

const HELPER: &str = "diesel_manage_updated_at";
const TRIGGER: &str = "set_updated_at";

/// Reads `SELECT diesel_manage_updated_at('users')`, which makes a trigger; `None` if it is something else.
pub(super) fn manage_updated_at(reading: &mut Reading<'_>, node: &SyntaxNode) -> Option<()> {
    let text = node.text().to_string();
    let table = ObjectName::parse(table_of(&text)?);
    let helper = (ObjectKind::Function, ObjectName::bare(Name::new(HELPER)));
    let now = reading.now();
    now.table(&table)?;
    now.others.get(&helper)?;
    // Its text is the helper's, which may be of any version of Diesel.
    let trigger = Trigger { definition: None };
    reading.change(node, Change::CreateTrigger { table, name: Name::new(TRIGGER), trigger });
    Some(())
}

fn table_of(text: &str) -> Option<&str> {
    let (verb, call) = text.trim().split_once(char::is_whitespace)?;
    let argument = call.trim_start().strip_prefix(HELPER)?.trim_start().strip_prefix('(')?;
    let argument = argument.trim_end().trim_end_matches(';').trim_end().strip_suffix(')')?.trim();
    let argument = argument.strip_suffix("::regclass").unwrap_or(argument);
    let table = argument.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_plain = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_' || letter == '.'
    };
    (verb.eq_ignore_ascii_case("select") && table.chars().all(is_plain)).then_some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plain_call_is_read() {
        assert_eq!(table_of("SELECT diesel_manage_updated_at('users');"), Some("users"));
        assert_eq!(
            table_of("select  diesel_manage_updated_at ( 'app.users'::regclass )"),
            Some("app.users")
        );
        assert_eq!(table_of("SELECT diesel_manage_updated_at('users'), 1"), None);
        assert_eq!(table_of("SELECT diesel_manage_updated_at(name) FROM tables"), None);
        assert_eq!(table_of("SELECT now()"), None);
    }
}
