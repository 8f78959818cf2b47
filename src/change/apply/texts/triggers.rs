//! The texts of triggers.

use std::ops::Range;

use super::{Edit, edited, named_at, written, written_object};
use crate::change::apply::is_same_name;
use crate::change::words::{Token, placed};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

fn is_word(token: Option<&(Range<usize>, Token<'_>)>, word: &str) -> bool {
    matches!(token, Some((_, Token::Word(of))) if of.eq_ignore_ascii_case(word))
}

/// Returns where a trigger's text names a column of its own table: after `UPDATE OF`, and of `NEW` and `OLD`.
fn column_places(text: &str, column: &Name) -> Vec<Range<usize>> {
    let tokens = placed(text);
    let of = tokens.iter().position(|token| is_word(Some(token), "of"));
    let on = tokens.iter().position(|token| is_word(Some(token), "on")).unwrap_or(tokens.len());
    let is_listed = |at: usize| of.is_some_and(|of| of < at && at < on);
    let is_of_row = |at: usize| {
        let point = at.checked_sub(1).and_then(|at| tokens.get(at));
        let row = at.checked_sub(2).and_then(|at| tokens.get(at));
        matches!(point, Some((_, Token::Sign('.')))) && (is_word(row, "new") || is_word(row, "old"))
    };
    let is_it = |token: &Token<'_>| matches!(token, Token::Word(word) if is_same_name(Dialect::Sqlite, word, column.as_str()));
    let places = tokens.iter().enumerate();
    places
        .filter(|(at, (_, token))| is_it(token) && (is_listed(*at) || is_of_row(*at)))
        .map(|(_, (range, _))| range.clone())
        .collect()
}

/// Returns where a text has the name as a word at all.
fn mentions(text: &str, name: &Name) -> usize {
    let is_it = |token: &Token<'_>| matches!(token, Token::Word(word) if is_same_name(Dialect::Sqlite, word, name.as_str()));
    placed(text).iter().filter(|(_, token)| is_it(token)).count()
}

/// Returns whether a trigger depends on a column: it fires for it, or its condition reads it.
pub(in crate::change::apply) fn trigger_names(text: &str, column: &Name) -> bool {
    !column_places(text, column).is_empty()
}

/// Returns whether a trigger calls this function (PostgreSQL).
pub(in crate::change::apply) fn trigger_calls(text: &str, function: &ObjectName) -> bool {
    let tokens = placed(text);
    let at = tokens.iter().position(|token| is_word(Some(token), "execute"));
    let called = at.and_then(|at| named_at(&tokens, at + 2));
    called.is_some_and(|(name, _)| name == *function)
}

/// Renames the function in the text of a trigger that calls it (PostgreSQL); `None` if it calls another.
pub(in crate::change::apply) fn with_function(
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<String> {
    let tokens = placed(text);
    let at = tokens.iter().position(|token| is_word(Some(token), "execute"))? + 2;
    let (_, end) = named_at(&tokens, at).filter(|(name, _)| name == from)?;
    let (range, _) = tokens.get(at)?;
    let place = range.start..end;
    Some(edited(text, &[renamed(&tokens, at, place, from, to, Dialect::Postgres)]))
}

/// Returns the name that a statement gives to what it renames or moves: after `RENAME TO` and `SET SCHEMA`.
pub(in crate::change::apply) fn new_name(text: &str, old: &ObjectName) -> Option<ObjectName> {
    let tokens = placed(text);
    let at = tokens.len().checked_sub(1)?;
    let (_, Token::Word(last)) = tokens.get(at)? else { return None };
    let is_quoted = text.trim_end().ends_with('"');
    let name = Name::new(if is_quoted { (*last).to_owned() } else { last.to_lowercase() });
    let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
    if is_word(before(1), "to") && is_word(before(2), "rename") {
        Some(old.sibling(name))
    } else if is_word(before(1), "schema") && is_word(before(2), "set") {
        let schema = (name.as_str() != "public").then_some(name);
        Some(ObjectName { schema, name: old.name.clone() })
    } else {
        None
    }
}

/// Renames a column in the text of a trigger of its table (`is_own`) or of another one. `None` if what the text becomes cannot
/// be told: its body may name the column of another table too.
pub(in crate::change::apply) fn with_column(
    dialect: Dialect,
    text: &str,
    is_own: bool,
    table: &ObjectName,
    [from, to]: [&Name; 2],
) -> Option<String> {
    let places = if is_own { column_places(text, from) } else { Vec::new() };
    // On PostgreSQL the body is the function's, and the rest of the text names no other column.
    let is_told = match dialect {
        Dialect::Postgres => true,
        Dialect::Sqlite => {
            mentions(text, from) == places.len() || !is_own && mentions(text, &table.name) == 0
        }
    };
    let new = written(dialect, to);
    let edits: Vec<Edit> = places.into_iter().map(|range| (range, new.clone())).collect();
    is_told.then(|| edited(text, &edits))
}

/// Renames a table in the text of a trigger. `None` if what the text becomes cannot be told.
pub(in crate::change::apply) fn with_table(
    dialect: Dialect,
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<String> {
    let tokens = placed(text);
    let mut edits: Vec<Edit> = Vec::new();
    for at in 0..tokens.len() {
        let Some((range, _)) = tokens.get(at) else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let is_place =
            ["on", "from", "join", "into", "update"].iter().any(|word| is_word(before, word));
        if let Some((name, end)) = named_at(&tokens, at).filter(|_| is_place)
            && name.schema == from.schema
            && is_same_name(dialect, name.name.as_str(), from.name.as_str())
        {
            edits.push(renamed(&tokens, at, range.start..end, from, to, dialect));
        }
    }
    // On PostgreSQL only what stands after `ON` is the table; on SQLite the body may name it where it is not told apart.
    let is_told = match dialect {
        Dialect::Postgres => true,
        Dialect::Sqlite => mentions(text, &from.name) == edits.len(),
    };
    is_told.then(|| edited(text, &edits))
}

/// Writes the new name for the old one: in a schema where the old one was in one, even the default one.
fn renamed(
    tokens: &[(Range<usize>, Token<'_>)],
    at: usize,
    place: Range<usize>,
    from: &ObjectName,
    to: &ObjectName,
    dialect: Dialect,
) -> Edit {
    let last = tokens.get(at + 2).filter(|(range, _)| range.end == place.end);
    match last {
        Some((last, _)) if from.schema == to.schema => (last.clone(), written(dialect, &to.name)),
        Some(_) if to.schema.is_none() => (place, format!("public.{}", written(dialect, &to.name))),
        Some(_) | None => (place, written_object(dialect, to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON_POSTGRES: &str = "CREATE TRIGGER name BEFORE UPDATE OF name, id ON public.users FOR EACH ROW \
        WHEN (old.name IS DISTINCT FROM new.name) EXECUTE FUNCTION app.name('name')";

    #[test]
    fn a_trigger_follows_its_columns_and_its_table() {
        let (from, to): (Name, Name) = ("name".into(), "called".into());
        let users = ObjectName::from("users");
        let renamed = with_column(Dialect::Postgres, ON_POSTGRES, true, &users, [&from, &to]);
        assert_eq!(
            renamed.as_deref(),
            Some(
                "CREATE TRIGGER name BEFORE UPDATE OF called, id ON public.users FOR EACH ROW \
                 WHEN (old.called IS DISTINCT FROM new.called) EXECUTE FUNCTION app.name('name')"
            )
        );
        let renamed = with_table(Dialect::Postgres, ON_POSTGRES, &users, &"people".into());
        assert!(renamed.unwrap().contains("ON public.people FOR EACH ROW"));
        assert!(trigger_calls(ON_POSTGRES, &"app.name".into()));
        assert!(!trigger_calls(ON_POSTGRES, &"name".into()));
        assert!(trigger_names(ON_POSTGRES, &"id".into()));
        assert!(!trigger_names(ON_POSTGRES, &"users".into()));
    }

    #[test]
    fn a_trigger_follows_its_function() {
        let (from, other) = ("app.name".into(), "app.other".into());
        let to = new_name("ALTER FUNCTION app.name() RENAME TO title", &from).unwrap();
        let renamed = with_function(ON_POSTGRES, &from, &to).unwrap();
        assert!(renamed.ends_with("EXECUTE FUNCTION app.title('name')"), "{renamed}");
        let to = new_name("ALTER FUNCTION app.name() SET SCHEMA \"Web\"", &from).unwrap();
        let renamed = with_function(ON_POSTGRES, &from, &to).unwrap();
        assert!(renamed.ends_with("EXECUTE FUNCTION \"Web\".name('name')"), "{renamed}");
        assert_eq!(with_function(ON_POSTGRES, &other, &to), None);
        assert_eq!(new_name("ALTER FUNCTION app.name() STABLE", &from), None);
    }

    #[test]
    fn a_body_that_may_mean_another_tables_column_is_not_guessed_at() {
        let trigger =
            |body: &str| format!("CREATE TRIGGER t AFTER INSERT ON users BEGIN {body}; END");
        let (from, to): (Name, Name) = ("name".into(), "called".into());
        let users = ObjectName::from("users");
        let with = |text: &str| with_column(Dialect::Sqlite, text, true, &users, [&from, &to]);
        let known = trigger("INSERT INTO log VALUES (NEW.name)");
        assert_eq!(with(&known), Some(known.replace("NEW.name", "NEW.called")));
        assert_eq!(with(&trigger("UPDATE log SET name = NEW.name")), None);
    }
}
