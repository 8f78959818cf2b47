//! The names by convention of constraints that nobody named: the engine has none for them.

use crate::catalog::Table;
use crate::name::Name;

/// Returns the name by convention, with a number where the table has it already; as `introspect` makes it up for what is live.
pub(super) fn conventional(
    table_name: &str,
    table: &Table,
    columns: &[Name],
    suffix: &str,
) -> Name {
    let mut words = vec![table_name];
    words.extend(columns.iter().map(Name::as_str));
    words.push(suffix);
    let name = words.join("_");
    let taken = |name: &str| table.constraint_names().any(|taken| taken.as_str() == name);
    if !taken(&name) {
        return Name::new(name);
    }
    let mut numbered = (1..=u32::MAX).map(|number| format!("{name}{number}"));
    Name::new(numbered.find(|name| !taken(name)).unwrap_or(name))
}
