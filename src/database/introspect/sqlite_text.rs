//! What only the text of a SQLite `CREATE` statement tells.

use sqlite3_parser::ast::{
    Cmd, ColumnConstraint, ColumnDefinition, CreateTableBody, Expr, NamedTableConstraint,
    SortedColumn, Stmt, TableConstraint,
};
use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator as _};

use super::sqlite_slices::in_parentheses;
use crate::catalog::{Deferral, OnConflict};
use crate::expressions::unquote_sqlite as unquote;
use crate::readers::sqlite_terms::{collation, deferral, on_conflict};

/// What the text of a table says beyond the pragmas.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TableText {
    /// The name of the primary key.
    pub primary_key: Option<String>,
    /// What is done with a row whose primary key is there already.
    pub on_conflict: Option<OnConflict>,
    /// Whether its row ids are never used again.
    pub autoincrement: bool,
    pub uniques: Vec<UniqueText>,
    pub checks: Vec<CheckText>,
    pub foreign_keys: Vec<KeyText>,
    /// Columns and their collations.
    pub collations: Vec<(String, String)>,
    /// Generated columns and their expressions.
    pub generated: Vec<(String, String)>,
    /// Columns and what is done with a row that has NULL there.
    pub on_null: Vec<(String, OnConflict)>,
}

/// A unique constraint, with its name if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UniqueText {
    pub name: Option<String>,
    pub columns: Vec<String>,
    /// The collation of each column, where it is written at the key.
    pub collations: Vec<Option<String>>,
    pub on_conflict: Option<OnConflict>,
}

/// A foreign key, with its name if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KeyText {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub deferral: Deferral,
}

/// A check, with the column it is written at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CheckText {
    pub name: Option<String>,
    pub column: Option<String>,
    pub expression: String,
}

/// Reads a `CREATE TABLE`; nothing is told of one that the grammar does not know.
pub(super) fn table(sql: &str) -> TableText {
    let bump = Bump::new();
    let mut text = TableText::default();
    let mut parser = Parser::new(&bump, sql.as_bytes());
    let Ok(Some(Cmd::Stmt(Stmt::CreateTable { body, .. }))) = parser.next() else { return text };
    match body {
        CreateTableBody::ColumnsAndConstraints { columns, constraints, .. } => {
            for column in &columns {
                text.take_column(column);
            }
            for constraint in constraints.unwrap_or_default() {
                text.take_constraint(constraint);
            }
        }
        CreateTableBody::AsSelect(_) => {}
    }
    text.take_wording(sql);
    text
}

impl TableText {
    fn take_column(&mut self, definition: &ColumnDefinition<'_>) {
        let column = unquote(definition.col_name.0);
        for constraint in definition.constraints {
            let name = constraint.name.as_ref().map(|name| unquote(name.0));
            let columns = vec![column.clone()];
            match &constraint.constraint {
                ColumnConstraint::PrimaryKey { auto_increment, conflict_clause, .. } => {
                    self.primary_key = name;
                    self.on_conflict = on_conflict(conflict_clause.as_ref());
                    self.autoincrement = *auto_increment;
                }
                ColumnConstraint::Unique(conflict) => self.uniques.push(UniqueText {
                    name,
                    columns,
                    collations: vec![None],
                    on_conflict: on_conflict(conflict.as_ref()),
                }),
                ColumnConstraint::Check(expr) => self.checks.push(CheckText {
                    name,
                    column: Some(column.clone()),
                    expression: expr.to_string(),
                }),
                ColumnConstraint::Collate { collation_name } => {
                    self.collations.push((column.clone(), unquote(collation_name.0)));
                }
                ColumnConstraint::ForeignKey { defer_clause, .. } => {
                    let deferral = deferral(defer_clause.as_ref());
                    self.foreign_keys.push(KeyText { name, columns, deferral });
                }
                ColumnConstraint::Generated { expr, .. } => {
                    self.generated.push((column.clone(), expr.to_string()));
                }
                ColumnConstraint::NotNull { nullable, conflict_clause } => {
                    self.on_null.retain(|(of, _)| *of != column);
                    let conflict = on_conflict(conflict_clause.as_ref()).filter(|_| !nullable);
                    self.on_null.extend(conflict.map(|conflict| (column.clone(), conflict)));
                }
                ColumnConstraint::Defer(clause) => {
                    if let Some(key) = self.foreign_keys.last_mut() {
                        key.deferral = deferral(Some(clause));
                    }
                }
                ColumnConstraint::Default(_) => {}
            }
        }
    }

    fn take_constraint(&mut self, constraint: &NamedTableConstraint<'_>) {
        let name = constraint.name.as_ref().map(|name| unquote(name.0));
        match &constraint.constraint {
            TableConstraint::PrimaryKey { auto_increment, conflict_clause, .. } => {
                self.primary_key = name;
                self.on_conflict = on_conflict(conflict_clause.as_ref());
                self.autoincrement = *auto_increment;
            }
            TableConstraint::Unique { columns, conflict_clause } => {
                self.uniques.push(UniqueText {
                    name,
                    columns: sorted_names(columns),
                    collations: columns.iter().map(|column| own_collation(&column.expr)).collect(),
                    on_conflict: on_conflict(conflict_clause.as_ref()),
                });
            }
            TableConstraint::Check(expr, _) => {
                let expression = expr.to_string();
                self.checks.push(CheckText { name, column: None, expression });
            }
            TableConstraint::ForeignKey { columns, defer_clause, .. } => {
                let columns = columns.iter().map(|column| unquote(column.col_name.0)).collect();
                let deferral = deferral(defer_clause.as_ref());
                self.foreign_keys.push(KeyText { name, columns, deferral });
            }
        }
    }

    /// Puts the author's own wording in place of the grammar's.
    fn take_wording(&mut self, sql: &str) {
        let checks = in_parentheses(sql, "check");
        if checks.len() == self.checks.len() {
            for (check, wording) in self.checks.iter_mut().zip(checks) {
                wording.clone_into(&mut check.expression);
            }
        }
        let generated = in_parentheses(sql, "as");
        if generated.len() == self.generated.len() {
            for ((_, expression), wording) in self.generated.iter_mut().zip(generated) {
                wording.clone_into(expression);
            }
        }
    }

    /// Takes what is written of the unique constraint over these columns, compared by these collations; the next time the one
    /// after it. What equal ones say of a row that is in the way is said of the first.
    pub(super) fn take_unique(
        &mut self,
        columns: &[String],
        collations: &[String],
    ) -> Option<UniqueText> {
        let own = |column: &str| {
            let mut all = self.collations.iter();
            let found = all.find(|(of, _)| of.eq_ignore_ascii_case(column));
            found.map_or("BINARY", |(_, collation)| collation.as_str())
        };
        let is_it = |unique: &UniqueText| {
            let written = unique.columns.iter().zip(&unique.collations);
            let mut written = written
                .map(|(column, collation)| collation.as_deref().unwrap_or_else(|| own(column)));
            is_same(&unique.columns, columns)
                && collations
                    .iter()
                    .all(|of| written.next().is_some_and(|one| one.eq_ignore_ascii_case(of)))
        };
        let found: Vec<bool> = self.uniques.iter().map(is_it).collect();
        let mut found = found.into_iter();
        let (taken, left) =
            std::mem::take(&mut self.uniques).into_iter().partition(|_| found.next() == Some(true));
        self.uniques = left;
        let taken: Vec<UniqueText> = taken;
        let on_conflict = taken.iter().find_map(|unique| unique.on_conflict);
        let first = taken.into_iter().next()?;
        Some(UniqueText { on_conflict, ..first })
    }

    /// Takes what is written of the foreign key of these columns; the next time of the one after it.
    pub(super) fn take_foreign_key(&mut self, columns: &[String]) -> Option<KeyText> {
        let at = self.foreign_keys.iter().position(|key| is_same(&key.columns, columns))?;
        Some(self.foreign_keys.remove(at))
    }
}

fn is_same(one: &[String], other: &[String]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// Returns the collation that a part of a key is written with.
fn own_collation(expr: &Expr<'_>) -> Option<String> {
    collation(expr).map(|name| name.as_str().to_owned())
}

fn sorted_names(columns: &[SortedColumn<'_>]) -> Vec<String> {
    columns.iter().map(|column| key_text(&column.expr)).collect()
}

/// Returns the name of a column, or the text of an expression.
fn key_text(expr: &Expr<'_>) -> String {
    match expr {
        Expr::Id(id) => unquote(id.0),
        Expr::Name(name) => unquote(name.0),
        Expr::Collate(inner, _) => key_text(inner),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_tells_names_checks_and_expressions() {
        let mut text = table(
            "CREATE TABLE \"t x\" (id INTEGER CONSTRAINT own PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE nocase CHECK (a <> 'x'), \
             b INT GENERATED ALWAYS AS (a || 'b') STORED, CONSTRAINT few UNIQUE (a, [b]), CONSTRAINT small CHECK (b < 3), \
             CONSTRAINT parent FOREIGN KEY (a) REFERENCES p (q) ON DELETE CASCADE)",
        );
        assert_eq!(text.primary_key.as_deref(), Some("own"));
        assert!(text.autoincrement);
        assert_eq!(text.collations, [("a".to_owned(), "nocase".to_owned())]);
        assert_eq!(text.generated, [("b".to_owned(), "a || 'b'".to_owned())]);
        let columns = vec!["a".to_owned(), "b".to_owned()];
        let named = text.take_unique(&columns, &["nocase".to_owned(), "binary".to_owned()]);
        assert_eq!(named.unwrap().name.as_deref(), Some("few"));
        assert_eq!(text.foreign_keys[0].name.as_deref(), Some("parent"));
        let checks: Vec<_> = text.checks.iter().map(|check| check.expression.as_str()).collect();
        assert_eq!(checks, ["a <> 'x'", "b < 3"]);
    }
}
