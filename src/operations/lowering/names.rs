//! Names of objects: those that must be there, and those that must not.

use super::Lowering;
use crate::catalog::{Column, EnumType, Table, View};
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::source::{Span, Spanned};

impl<'a> Lowering<'a> {
    /// Returns the table of this name, or reports that there is none.
    pub fn table(&mut self, name: &Spanned<ObjectName>) -> Option<&'a Table> {
        let catalog = self.before;
        let found = catalog.table(&name.value);
        if found.is_none() {
            if catalog.views.contains_key(&name.value) {
                let message = format!("table `{name}` does not exist: `{name}` is a view");
                let diagnostic = Diagnostic::new(code::UNKNOWN_OBJECT, message);
                self.report(diagnostic.label(name.span, "a view").help("name a table"));
            } else {
                self.unknown("table", name, catalog.tables.keys());
            }
        }
        found
    }

    /// Returns the view of this name, or reports that there is none.
    pub fn view(&mut self, name: &Spanned<ObjectName>) -> Option<&'a View> {
        let catalog = self.before;
        let found = catalog.views.get(&name.value);
        if found.is_none() {
            self.unknown("view", name, catalog.views.keys());
        }
        found
    }

    /// Returns the enum type of this name, or reports that there is none.
    pub fn enum_type(&mut self, name: &Spanned<ObjectName>) -> Option<&'a EnumType> {
        let catalog = self.before;
        let found = catalog.enums.get(&name.value);
        if found.is_none() {
            self.unknown("enum", name, catalog.enums.keys());
        }
        found
    }

    /// Returns the column, or reports that there is none.
    pub fn column(
        &mut self,
        table: &Spanned<ObjectName>,
        column: &Spanned<Name>,
    ) -> Option<&'a Column> {
        let of = self.table(table)?;
        self.column_of(&table.value, of, column)
    }

    /// Returns the column of a table that is known, or reports that there is none.
    pub fn column_of<'t>(
        &mut self,
        name: &ObjectName,
        table: &'t Table,
        column: &Spanned<Name>,
    ) -> Option<&'t Column> {
        let found = table.column(&column.value);
        if found.is_none() && !self.is_suspended(name) {
            let known = table.columns.iter().map(|column| column.name.as_str());
            self.unknown_column(name, column.value.as_str(), known, column.span);
        }
        found
    }

    /// Returns whether a table that is known has all these columns; reports each that it has not.
    pub fn has_columns<'c>(
        &mut self,
        name: &ObjectName,
        table: &Table,
        columns: impl IntoIterator<Item = &'c Spanned<Name>>,
    ) -> Option<()> {
        let mut all = Some(());
        for column in columns {
            if self.column_of(name, table, column).is_none() {
                all = None;
            }
        }
        all
    }

    /// Reports a column that a table does not have.
    pub fn unknown_column<'k>(
        &mut self,
        table: &ObjectName,
        column: &str,
        known: impl IntoIterator<Item = &'k str>,
        span: Span,
    ) {
        let near = did_you_mean(column, known);
        let message = format!("column `{table}.{column}` does not exist");
        self.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, message)
                .label(span, "unknown column")
                .help(near.unwrap_or_else(|| "add it in an earlier step or plan".into())),
        );
    }

    /// Reports an object that does not exist, unless a left-out step would have created it.
    fn unknown<'k>(
        &mut self,
        kind: &str,
        name: &Spanned<ObjectName>,
        known: impl Iterator<Item = &'k ObjectName>,
    ) {
        if self.is_suspended(&name.value) {
            return;
        }
        let known: Vec<String> = known.map(ToString::to_string).collect();
        let near = did_you_mean(&name.to_string(), known.iter().map(String::as_str));
        let message = format!("{kind} `{name}` does not exist");
        self.report(
            Diagnostic::new(code::UNKNOWN_OBJECT, message)
                .label(name.span, format!("unknown {kind}"))
                .help(near.unwrap_or_else(|| "create it in an earlier step or plan".into())),
        );
    }

    /// Checks that a table, view or type of this name can be created; reports why not.
    pub fn new_object(&mut self, kind: &str, name: &Spanned<ObjectName>) -> Option<()> {
        let short = Spanned::new(name.value.name.clone(), name.span);
        self.new_name(kind, &short)?;
        if let (Dialect::Sqlite, Some(schema)) = (self.dialect, &name.value.schema) {
            self.unsupported(
                name.span,
                format!("{} has no schemas, so `{schema}` cannot be one", self.dialect),
                format!("name it `{schema}_{}`", name.value.name),
            );
            return None;
        }
        if self.is_suspended(&name.value) {
            return Some(());
        }
        let Some(taken) = self.holder(&name.value) else { return Some(()) };
        let message = format!("{taken} `{name}` already exists");
        self.report(
            Diagnostic::new(code::OBJECT_EXISTS, message)
                .label(name.span, "a name that is taken")
                .help(format!("choose another name for the {kind}, or remove the step")),
        );
        None
    }

    /// Returns what holds a name that tables, views and types share.
    fn holder(&self, name: &ObjectName) -> Option<&'static str> {
        let catalog = self.before;
        let same =
            |other: &ObjectName| other.name.as_str().eq_ignore_ascii_case(name.name.as_str());
        let (has_table, has_view) = match self.dialect {
            Dialect::Postgres => {
                (catalog.tables.contains_key(name), catalog.views.contains_key(name))
            }
            Dialect::Sqlite => (catalog.tables.keys().any(same), catalog.views.keys().any(same)),
        };
        if has_table {
            Some("table")
        } else if has_view {
            Some("view")
        } else if catalog.enums.contains_key(name) {
            Some("enum")
        } else if catalog.sequences.contains(name) {
            Some("sequence")
        } else {
            None
        }
    }

    /// Checks that the engine keeps a new name as it is written.
    pub fn new_name(&mut self, kind: &str, name: &Spanned<Name>) -> Option<()> {
        let most = self.dialect.identifier_bytes_max();
        let bytes = name.value.as_str().len();
        if bytes <= most {
            return Some(());
        }
        self.invalid(
            name.span,
            format!("the name of the {kind} has {bytes} bytes; {} allows {most}", self.dialect),
            "choose a shorter name",
        );
        None
    }
}
