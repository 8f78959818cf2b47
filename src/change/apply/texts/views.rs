//! The queries of views.

use super::{Edit, edited, own_name, qualifier, written, written_object};
use crate::catalog::{Catalog, SqlExpression, View};
use crate::change::apply::is_same_name;
use crate::change::apply::uses::{is_table, may_mention};
use crate::change::words::{Token, placed};
use crate::dialect::Dialect;
use crate::expressions::{self, Expression};
use crate::name::{Name, ObjectName};

/// Renames a table or view in the query of a view that reads it; `None` if this one does not.
pub(in crate::change::apply) fn view_with_table(
    dialect: Dialect,
    view: &View,
    from: &ObjectName,
    to: &ObjectName,
) -> Option<View> {
    if !may_mention(&view.query, &from.name) {
        return None;
    }
    let text = view.query.as_str();
    let (query, _) = expressions::query(dialect, text).ok()?;
    let is_it = |name: &str| is_table(dialect, name, from);
    let mut edits: Vec<Edit> = query
        .tables
        .iter()
        .filter(|table| is_it(&table.name) && table.len > 0)
        .map(|table| (table.offset..table.offset + table.len, written_object(dialect, to)))
        .collect();
    let is_bare = query.tables.iter().any(|table| is_it(&table.name) && table.alias.is_none());
    if is_bare {
        let is_alias =
            |name: &str| query.tables.iter().any(|table| table.alias.as_deref() == Some(name));
        let named = query.columns.iter().filter(|column| {
            column.qualifier.as_deref().is_some_and(|of| {
                !is_alias(of) && (is_it(of) || is_same_name(dialect, of, from.name.as_str()))
            })
        });
        let new = written(dialect, &to.name);
        edits.extend(named.filter_map(|column| Some((qualifier(text, column)?, new.clone()))));
    }
    let query = SqlExpression::new(edited(text, &edits));
    (!edits.is_empty()).then(|| View { query, ..view.clone() })
}

/// Renames a column of a table or view in the query of a view that reads it; `None` if this one does not.
///
/// The view's own columns keep their names: PostgreSQL sees to that by itself, and on SQLite planner's views name their
/// columns, except those with a `*`, which take the table's.
pub(in crate::change::apply) fn view_with_column(
    catalog: &Catalog,
    view: &View,
    table: &ObjectName,
    from: &Name,
    to: &Name,
) -> Option<View> {
    let dialect = catalog.dialect;
    let text = view.query.as_str();
    let may = may_mention(&view.query, &table.name)
        && (text.contains('*') || may_mention(&view.query, from));
    if !may {
        return None;
    }
    let (query, names) = expressions::query(dialect, text).ok()?;
    if !query.tables.iter().any(|source| is_table(dialect, &source.name, table)) {
        return None;
    }
    let mut columns = view.columns.clone();
    if dialect == Dialect::Sqlite && text.contains('*') {
        for column in columns.iter_mut().filter(|column| *column == from) {
            *column = to.clone();
        }
    }
    let new = written(dialect, to);
    let places = places(catalog, &query, text, table, from);
    let plain: Vec<Edit> = places.into_iter().map(|range| (range, new.clone())).collect();
    let renamed = match (dialect, names) {
        (Dialect::Postgres, Some(names)) => with_names_kept(text, &plain, &names, from),
        (Dialect::Postgres, None) | (Dialect::Sqlite, _) => edited(text, &plain),
    };
    let query = SqlExpression::new(renamed);
    (query != view.query || columns != view.columns).then(|| View {
        query,
        columns,
        ..view.clone()
    })
}

/// Renames a result column of a view as PostgreSQL does: by its alias, or by one that it gets. `None` if its place in the query
/// cannot be told.
pub(in crate::change::apply) fn view_with_own_column(
    view: &View,
    from: &Name,
    to: &Name,
) -> Option<SqlExpression> {
    let text = view.query.as_str();
    let names_of = |text: &str| expressions::query(Dialect::Postgres, text).ok()?.1;
    let mut expected = names_of(text)?;
    to.as_str().clone_into(expected.iter_mut().find(|name| *name == from.as_str())?);
    let new = written(Dialect::Postgres, to);
    let tokens = placed(text);
    let places = tokens.iter().enumerate().filter(
        |(_, (_, token))| matches!(token, Token::Word(word) if is_same_name(Dialect::Sqlite, word, from.as_str())),
    );
    for (at, (range, _)) in places {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|(_, token)| *token);
        let is_alias = matches!(before, Some(Token::Word(word)) if word.eq_ignore_ascii_case("as"));
        let edit = if is_alias {
            (range.clone(), new.clone())
        } else {
            (range.end..range.end, format!(" AS {new}"))
        };
        let candidate = edited(text, &[edit]);
        if names_of(&candidate).as_ref() == Some(&expected) {
            return Some(SqlExpression::new(candidate));
        }
    }
    None
}

/// Returns where the query names the column of this table.
fn places(
    catalog: &Catalog,
    query: &Expression,
    text: &str,
    table: &ObjectName,
    column: &Name,
) -> Vec<std::ops::Range<usize>> {
    let dialect = catalog.dialect;
    let is_it = |name: &str| is_table(dialect, name, table);
    let sources = query.tables.iter().filter(|source| is_it(&source.name));
    let aliases: Vec<&str> = sources.filter_map(|source| source.alias.as_deref()).collect();
    let mut found: Vec<std::ops::Range<usize>> = query
        .columns
        .iter()
        .filter(|named| is_same_name(dialect, &named.name, column.as_str()))
        .filter(|named| {
            named.qualifier.as_deref().is_none_or(|of| {
                aliases.iter().any(|alias| is_same_name(dialect, of, alias))
                    || is_it(of)
                    || is_same_name(dialect, of, table.name.as_str())
            })
        })
        .filter_map(|named| own_name(text, named))
        .collect();
    // Among several tables a bare name is this one's if no other has such a column.
    let others = query.tables.iter().filter(|source| !is_it(&source.name));
    let is_only = others.clone().count() > 0
        && others.map(|source| ObjectName::parse(&source.name)).all(|other| {
            let has = |name: &Name| is_same_name(dialect, name.as_str(), column.as_str());
            match (catalog.table(&other), catalog.views.get(&other)) {
                (Some(table), _) => !table.columns.iter().any(|column| has(&column.name)),
                (None, Some(view)) => !view.columns.is_empty() && !view.columns.iter().any(has),
                (None, None) => false,
            }
        });
    if is_only {
        found.extend(bare_words(dialect, text, column));
        found.sort_by_key(|range| range.start);
        found.dedup();
    }
    found
}

/// Returns where the word stands by itself: no alias, no function, nothing of something else.
fn bare_words(dialect: Dialect, text: &str, column: &Name) -> Vec<std::ops::Range<usize>> {
    let tokens = placed(text);
    let token = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|(_, token)| *token);
    let is_word = |token: Option<Token<'_>>, word: &str| matches!(token, Some(Token::Word(of)) if of.eq_ignore_ascii_case(word));
    let stands_alone = |at: usize| {
        let (before, after) = (token(at.checked_sub(1)), token(Some(at + 1)));
        !is_word(before, "as")
            && before != Some(Token::Sign('.'))
            && after != Some(Token::Sign('.'))
            && after != Some(Token::Sign('('))
    };
    let is_it = |token: &Token<'_>| matches!(token, Token::Word(word) if is_same_name(dialect, word, column.as_str()));
    let places = tokens.iter().enumerate();
    places
        .filter(|(at, (_, token))| is_it(token) && stands_alone(*at))
        .map(|(_, (range, _))| range.clone())
        .collect()
}

/// Makes the edits such that the result columns are called as before: where a renamed column is one by itself, it gets
/// its old name as an alias, as the server does.
fn with_names_kept(text: &str, plain: &[Edit], names: &[String], from: &Name) -> String {
    let kept = |text: &str| {
        let read = expressions::query(Dialect::Postgres, text).ok()?.1?;
        Some(read.iter().zip(names).filter(|(one, other)| one == other).count())
    };
    let alias = written(Dialect::Postgres, from);
    let mut edits = plain.to_vec();
    let mut best = edited(text, &edits);
    let mut most = kept(&best).unwrap_or_default();
    for at in 0..edits.len() {
        if most == names.len() {
            break;
        }
        let mut tried = edits.clone();
        if let Some((_, new)) = tried.get_mut(at) {
            new.push_str(" AS ");
            new.push_str(&alias);
        }
        let candidate = edited(text, &tried);
        if let Some(count) = kept(&candidate).filter(|count| *count > most) {
            (edits, best, most) = (tried, candidate, count);
        }
    }
    for at in 0..edits.len() {
        let tried = without_alias(text, &edits, at);
        let candidate = tried.as_ref().map(|tried| edited(text, tried));
        if let (Some(tried), Some(candidate)) = (tried, candidate)
            && kept(&candidate) == Some(most)
        {
            (edits, best) = (tried, candidate);
        }
    }
    best
}

/// Takes away an alias that is the new name itself: `called AS name` is `name` again, once `called` is.
fn without_alias(text: &str, edits: &[Edit], at: usize) -> Option<Vec<Edit>> {
    let mut edits = edits.to_vec();
    let (place, new) = edits.get_mut(at)?;
    let tokens = placed(text);
    let next = tokens.iter().position(|(range, _)| range.start >= place.end)?;
    let is_as =
        matches!(tokens.get(next)?, (_, Token::Word(word)) if word.eq_ignore_ascii_case("as"));
    let (alias, _) = tokens.get(next + 1).filter(|_| is_as)?;
    if text.get(alias.clone())? != new.as_str() {
        return None;
    }
    place.end = alias.end;
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, Table};

    fn catalog(dialect: Dialect) -> Catalog {
        let mut catalog = Catalog::empty(dialect);
        for (table, columns) in [("users", ["id", "name"]), ("posts", ["user_id", "title"])] {
            let columns = columns.map(|column| Column::new(column, "text")).to_vec();
            let table = (table.into(), Table { columns, ..Table::default() }.into());
            catalog.tables.insert(table.0, table.1);
        }
        catalog
    }

    fn view(query: &str) -> View {
        View { query: SqlExpression::new(query), columns: Vec::new(), materialized: false }
    }

    fn column(dialect: Dialect, query: &str) -> Option<String> {
        let (table, from, to) = ("users".into(), "name".into(), "called".into());
        view_with_column(&catalog(dialect), &view(query), &table, &from, &to)
            .map(|view| view.query.to_string())
    }

    #[test]
    fn a_views_columns_keep_their_names_on_postgres() {
        for (query, expected) in [
            ("SELECT id, name FROM users", "SELECT id, called AS name FROM users"),
            ("SELECT name AS n FROM users", "SELECT called AS n FROM users"),
            (
                "SELECT lower(u.name) AS x, u.name FROM users u ORDER BY u.name",
                "SELECT lower(u.called) AS x, u.called AS name FROM users u ORDER BY u.called",
            ),
            (
                "SELECT title, name FROM posts JOIN users ON user_id = id WHERE name <> 'name'",
                "SELECT title, called AS name FROM posts JOIN users ON user_id = id WHERE called <> 'name'",
            ),
        ] {
            assert_eq!(column(Dialect::Postgres, query).as_deref(), Some(expected));
        }
        assert_eq!(column(Dialect::Postgres, "SELECT title AS name FROM posts"), None);
    }

    #[test]
    fn on_sqlite_the_text_is_changed_at_the_name_alone() {
        let renamed = column(Dialect::Sqlite, "SELECT id, \"name\" FROM users");
        assert_eq!(renamed.as_deref(), Some("SELECT id, called FROM users"));
    }

    #[test]
    fn a_table_is_renamed_where_it_is_read_and_where_it_qualifies() {
        let renamed = |query: &str| {
            view_with_table(Dialect::Postgres, &view(query), &"users".into(), &"app.people".into())
                .map(|view| view.query.to_string())
        };
        assert_eq!(
            renamed("SELECT users.id FROM public.users WHERE users.name <> 'users'").as_deref(),
            Some("SELECT people.id FROM app.people WHERE people.name <> 'users'")
        );
        assert_eq!(
            renamed("SELECT users.id FROM users AS users").as_deref(),
            Some("SELECT users.id FROM app.people AS users")
        );
        assert_eq!(renamed("SELECT title FROM posts"), None);
    }
}
