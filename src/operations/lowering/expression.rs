//! SQL expressions in plans: parsed for the dialect, and every name in them checked.

use super::Lowering;
use crate::catalog::{SqlExpression, Table};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dialect::Dialect;
use crate::expressions::{self, ColumnReference, Expression, SyntaxError, TableReference};
use crate::name::{Name, ObjectName};
use crate::source::{Span, Spanned};
use crate::yaml::text::SqlText;

/// What an expression is for, which decides what it may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A value to write.
    Value,
    /// A value of a row that is inserted.
    NewValue,
    /// Which rows.
    Condition,
    /// A column's default.
    Default,
    /// A check.
    Check,
    /// A generated column.
    Generated,
    /// A part of an index, or its condition.
    Index,
    /// A value that a trigger computes from a row.
    Sync,
}

impl Role {
    /// Returns the role with its article, for messages.
    const fn phrase(self) -> &'static str {
        match self {
            Self::Value | Self::NewValue => "a value",
            Self::Condition => "a condition",
            Self::Default => "a default",
            Self::Check => "a check",
            Self::Generated => "a generated column",
            Self::Index => "an index",
            Self::Sync => "a sync",
        }
    }

    const fn may_have_subquery(self) -> bool {
        match self {
            Self::Value | Self::NewValue | Self::Condition => true,
            Self::Default | Self::Check | Self::Generated | Self::Index | Self::Sync => false,
        }
    }

    const fn may_be_volatile(self) -> bool {
        match self {
            Self::Value | Self::NewValue | Self::Condition | Self::Default | Self::Check => true,
            Self::Generated | Self::Index | Self::Sync => false,
        }
    }
}

/// The table whose columns an expression may name.
#[derive(Clone, Debug)]
pub struct Scope<'t> {
    /// The table's name, which may qualify a column.
    pub table: &'t ObjectName,
    /// Its columns.
    pub columns: Vec<&'t Name>,
}

impl<'t> Scope<'t> {
    /// Returns the scope of a whole table.
    #[must_use]
    pub fn of(name: &'t ObjectName, table: &'t Table) -> Self {
        Self { table: name, columns: table.columns.iter().map(|column| &column.name).collect() }
    }
}

impl Lowering<'_> {
    /// Takes an expression for this dialect, parses it, and checks the columns it names against a table's.
    pub fn expression(
        &mut self,
        text: &SqlText,
        columns: &[&Name],
        table: &ObjectName,
    ) -> Option<SqlExpression> {
        let scope = Scope { table, columns: columns.to_vec() };
        self.expression_as(Role::Value, text, &scope)
    }

    /// As [`Self::expression`], and checks that the expression may be what it is for.
    pub fn expression_as(
        &mut self,
        role: Role,
        text: &SqlText,
        scope: &Scope<'_>,
    ) -> Option<SqlExpression> {
        self.parsed_expression(role, text, scope).map(|(sql, _)| sql)
    }

    /// As [`Self::expression_as`], with what the parser found in it.
    pub fn parsed_expression(
        &mut self,
        role: Role,
        text: &SqlText,
        scope: &Scope<'_>,
    ) -> Option<(SqlExpression, Expression)> {
        let written = self.text(text)?;
        let parsed = match expressions::expression(self.dialect, &written.value) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.not_sql(role.phrase(), "one SQL expression", written, &error);
                return None;
            }
        };
        let n_found = self.sink.len();
        let mut is_whole = self.fits(role, written, &parsed);
        for column in &parsed.columns {
            is_whole &= self.knows(role, written, column, scope);
        }
        is_whole &= self.relations(written, &parsed.tables);
        (is_whole && self.sink.len() == n_found)
            .then(|| (SqlExpression::new(written.value.trim()), parsed))
    }

    /// Reports the names that an expression has and nobody knows. Whether it is one, the statement around it has told.
    pub fn names_in(&mut self, written: &Spanned<String>, scope: &Scope<'_>) {
        let Ok(parsed) = expressions::expression(self.dialect, &written.value) else { return };
        for column in &parsed.columns {
            self.knows(Role::Condition, written, column, scope);
        }
        self.relations(written, &parsed.tables);
    }

    /// Reports a text that the dialect's parser does not accept.
    pub(super) fn not_sql(
        &mut self,
        role: &str,
        expected: &str,
        written: &Spanned<String>,
        error: &SyntaxError,
    ) {
        let rest = written.value.get(error.offset..).unwrap_or_default();
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let len = word.max(rest.chars().next().map_or(0, char::len_utf8));
        // At the end of the text there is nothing to underline but the text itself.
        let span = if len == 0 { written.span } else { self.place(written, error.offset, len) };
        let dialect = self.dialect;
        self.report(
            Diagnostic::new(
                code::INVALID_EXPRESSION,
                format!("{role} is not valid on {dialect}: {}", error.message),
            )
            .at(span)
            .help(format!("write {expected} as {dialect} reads it")),
        );
    }

    fn fits(&mut self, role: Role, written: &Spanned<String>, parsed: &Expression) -> bool {
        let phrase = role.phrase();
        let mut refuse = |message: String, help: &str| {
            let diagnostic = Diagnostic::new(code::INVALID_EXPRESSION, message);
            self.report(diagnostic.at(written.span).help(help));
        };
        if parsed.has_subquery && !role.may_have_subquery() {
            refuse(
                format!("{phrase} cannot contain a subquery"),
                "compute it from the columns of the row alone",
            );
            return false;
        }
        if parsed.is_volatile && !role.may_be_volatile() {
            refuse(
                format!("{phrase} cannot use an expression that differs from call to call"),
                "use functions that give the same result for the same row",
            );
            return false;
        }
        true
    }

    /// Returns whether a column in an expression is one of the table's, or reports that it is not.
    fn knows(
        &mut self,
        role: Role,
        written: &Spanned<String>,
        column: &ColumnReference,
        scope: &Scope<'_>,
    ) -> bool {
        let span = self.place(written, column.offset, column.len);
        if matches!(role, Role::Default | Role::NewValue) {
            let (text, phrase) = (&column.name, role.phrase());
            self.report(
                Diagnostic::new(
                    code::INVALID_EXPRESSION,
                    format!("{phrase} cannot name the column `{text}` here"),
                )
                .at(span)
                .help(format!("write a text in single quotes inside the others: `\"'{text}'\"`")),
            );
            return false;
        }
        let dialect = self.dialect;
        let is_table = |name: &str| same_name(dialect, scope.table.name.as_str(), name);
        if let Some(qualifier) = column.qualifier.as_deref().filter(|name| !is_table(name)) {
            if !self.is_suspended(scope.table) {
                let message = format!("`{qualifier}` is not the table `{}`", scope.table);
                self.report(
                    Diagnostic::new(code::UNKNOWN_OBJECT, message)
                        .label(span, "a column of something else")
                        .help(format!("name columns of `{}` only", scope.table)),
                );
            }
            return false;
        }
        let is_known = scope.columns.iter().any(|own| same_name(dialect, own.as_str(), &column.name))
            || is_system_column(dialect, &column.name)
            // The whole row, as in `row_to_json(users)`.
            || (column.qualifier.is_none() && dialect == Dialect::Postgres && is_table(&column.name));
        if !is_known && !self.is_suspended(scope.table) {
            self.unknown_in_expression(written, column, span, scope);
        }
        is_known
    }

    fn unknown_in_expression(
        &mut self,
        written: &Spanned<String>,
        column: &ColumnReference,
        span: Span,
        scope: &Scope<'_>,
    ) {
        let known = scope.columns.iter().map(|name| name.as_str());
        let other_case = known.clone().find(|name| name.eq_ignore_ascii_case(&column.name));
        let is_quoted = written
            .value
            .get(column.offset..column.offset.saturating_add(column.len))
            .is_some_and(|word| word.contains('"'));
        let help = if let Some(name) = other_case {
            format!("write `\"{name}\"` with its double quotes: unquoted names are lower case")
        } else if let Some(near) = did_you_mean(&column.name, known) {
            near
        } else if is_quoted {
            "write a text in single quotes, or add the column in an earlier step or plan".into()
        } else {
            "add it in an earlier step or plan".into()
        };
        let message = format!("column `{}.{}` does not exist", scope.table, column.name);
        self.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, message).label(span, "unknown column").help(help),
        );
    }

    /// Returns whether every table that a text reads exists, or reports those that do not.
    pub(super) fn relations(
        &mut self,
        written: &Spanned<String>,
        tables: &[TableReference],
    ) -> bool {
        let mut all = true;
        for reference in tables {
            let name = ObjectName::parse(&reference.name);
            if self.relation(&name).is_some() || is_system_relation(self.dialect, &name) {
                continue;
            }
            all = false;
            if self.is_suspended(&name) {
                continue;
            }
            let catalog = self.before;
            let known: Vec<String> = catalog
                .tables
                .keys()
                .chain(catalog.views.keys())
                .map(ToString::to_string)
                .collect();
            let near = did_you_mean(&reference.name, known.iter().map(String::as_str));
            self.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, format!("table `{name}` does not exist"))
                    .label(self.place(written, reference.offset, reference.len), "unknown table")
                    .help(near.unwrap_or_else(|| "create it in an earlier step or plan".into())),
            );
        }
        all
    }

    /// Returns the columns of a table or view that a query reads, as far as they are known.
    pub(super) fn relation(&self, name: &ObjectName) -> Option<Vec<&Name>> {
        let catalog = self.before;
        let dialect = self.dialect;
        let same = |other: &&ObjectName| {
            other.schema == name.schema
                && same_name(dialect, other.name.as_str(), name.name.as_str())
        };
        let table = catalog.table(name).or_else(|| match dialect {
            Dialect::Postgres => None,
            Dialect::Sqlite => catalog.tables.keys().find(same).and_then(|key| catalog.table(key)),
        });
        if let Some(table) = table {
            return Some(table.columns.iter().map(|column| &column.name).collect());
        }
        let key = catalog.views.keys().find(same)?;
        catalog.views.get(key).map(|view| view.columns.iter().collect())
    }
}

/// Returns whether a name in an expression is this stored name.
#[must_use]
pub fn same_name(dialect: Dialect, stored: &str, read: &str) -> bool {
    match dialect {
        // The reader has folded unquoted names.
        Dialect::Postgres => stored == read,
        Dialect::Sqlite => stored.eq_ignore_ascii_case(read),
    }
}

fn is_system_column(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Postgres => ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"].contains(&name),
        Dialect::Sqlite => {
            ["rowid", "oid", "_rowid_"].iter().any(|own| own.eq_ignore_ascii_case(name))
        }
    }
}

/// Returns whether a relation belongs to the engine, to Diesel or to planner: none is in a catalog.
fn is_system_relation(dialect: Dialect, name: &ObjectName) -> bool {
    let text = name.name.as_str();
    let own = text == "__diesel_schema_migrations" || text.starts_with("planner_");
    let engine = match dialect {
        Dialect::Postgres => {
            let schema = name.schema.as_ref().map(Name::as_str);
            matches!(schema, Some("pg_catalog" | "information_schema"))
                || (schema.is_none() && text.starts_with("pg_"))
        }
        Dialect::Sqlite => {
            ["sqlite_", "pragma_", "json_"].iter().any(|prefix| text.starts_with(prefix))
        }
    };
    own || engine
}
