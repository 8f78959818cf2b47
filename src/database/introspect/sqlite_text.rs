//! What only the text of a SQLite `CREATE` statement tells.

use sqlite3_parser::ast::{
    Cmd, ColumnConstraint, ColumnDefinition, CreateTableBody, Expr, NamedTableConstraint,
    SortedColumn, Stmt, TableConstraint,
};
use sqlite3_parser::lexer::sql::Parser;
use sqlite3_parser::{Bump, FallibleIterator as _};

use super::sqlite_slices::in_parentheses;
use crate::expressions::unquote_sqlite as unquote;

/// What the text of a table says beyond the pragmas.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TableText {
    /// The name of the primary key.
    pub primary_key: Option<String>,
    /// Whether its row ids are never used again.
    pub autoincrement: bool,
    pub uniques: Vec<NamedColumns>,
    pub checks: Vec<CheckText>,
    pub foreign_keys: Vec<NamedColumns>,
    /// Columns and their collations.
    pub collations: Vec<(String, String)>,
    /// Generated columns and their expressions.
    pub generated: Vec<(String, String)>,
}

/// A constraint over columns, with its name if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NamedColumns {
    pub name: Option<String>,
    pub columns: Vec<String>,
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
                ColumnConstraint::PrimaryKey { auto_increment, .. } => {
                    self.primary_key = name;
                    self.autoincrement = *auto_increment;
                }
                ColumnConstraint::Unique(_) => self.uniques.push(NamedColumns { name, columns }),
                ColumnConstraint::Check(expr) => self.checks.push(CheckText {
                    name,
                    column: Some(column.clone()),
                    expression: expr.to_string(),
                }),
                ColumnConstraint::Collate { collation_name } => {
                    self.collations.push((column.clone(), unquote(collation_name.0)));
                }
                ColumnConstraint::ForeignKey { .. } => {
                    self.foreign_keys.push(NamedColumns { name, columns });
                }
                ColumnConstraint::Generated { expr, .. } => {
                    self.generated.push((column.clone(), expr.to_string()));
                }
                ColumnConstraint::NotNull { .. }
                | ColumnConstraint::Default(_)
                | ColumnConstraint::Defer(_) => {}
            }
        }
    }

    fn take_constraint(&mut self, constraint: &NamedTableConstraint<'_>) {
        let name = constraint.name.as_ref().map(|name| unquote(name.0));
        match &constraint.constraint {
            TableConstraint::PrimaryKey { auto_increment, .. } => {
                self.primary_key = name;
                self.autoincrement = *auto_increment;
            }
            TableConstraint::Unique { columns, .. } => {
                self.uniques.push(NamedColumns { name, columns: sorted_names(columns) });
            }
            TableConstraint::Check(expr, _) => {
                let expression = expr.to_string();
                self.checks.push(CheckText { name, column: None, expression });
            }
            TableConstraint::ForeignKey { columns, .. } => {
                let columns = columns.iter().map(|column| unquote(column.col_name.0)).collect();
                self.foreign_keys.push(NamedColumns { name, columns });
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

    /// Takes the name of the constraint over these columns; the next time the one after it.
    pub(super) fn take_name(list: &mut Vec<NamedColumns>, columns: &[String]) -> Option<String> {
        let same = |one: &[String]| {
            one.len() == columns.len()
                && one.iter().zip(columns).all(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        let at = list.iter().position(|constraint| same(&constraint.columns))?;
        list.remove(at).name
    }
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
        let text = table(
            "CREATE TABLE \"t x\" (id INTEGER CONSTRAINT own PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE nocase CHECK (a <> 'x'), \
             b INT GENERATED ALWAYS AS (a || 'b') STORED, CONSTRAINT few UNIQUE (a, [b]), CONSTRAINT small CHECK (b < 3), \
             CONSTRAINT parent FOREIGN KEY (a) REFERENCES p (q) ON DELETE CASCADE)",
        );
        assert_eq!(text.primary_key.as_deref(), Some("own"));
        assert!(text.autoincrement);
        assert_eq!(text.collations, [("a".to_owned(), "nocase".to_owned())]);
        assert_eq!(text.generated, [("b".to_owned(), "a || 'b'".to_owned())]);
        let columns = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(text.uniques, [NamedColumns { name: Some("few".to_owned()), columns }]);
        assert_eq!(text.foreign_keys[0].name.as_deref(), Some("parent"));
        let checks: Vec<_> = text.checks.iter().map(|check| check.expression.as_str()).collect();
        assert_eq!(checks, ["a <> 'x'", "b < 3"]);
    }
}
