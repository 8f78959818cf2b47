//! `add_column`.

use super::column::{ColumnFields, GeneratedField, KeyPart};
use super::fields::{ForeignKeyParts, OwnTable, Reference, check_of};
use super::lowering::naming::{Suffix, TakenNames};
use super::{Lowering, Operation, Word, id};
use crate::catalog::{Column, Key, Table};
use crate::change::{Change, Constraint};
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::decode::authored;
use crate::yaml::text::SqlText;

authored! {
    /// Adds a column at the end of a table.
    ///
    /// - `table`, `column`: where, and the new name.
    /// - `type`: one type, or one per dialect.
    /// - `nullable`: true unless said otherwise, as in SQL. A column that is not needs a `default`, or releases that do
    ///   not know it could no longer insert.
    /// - `default`: the value of rows that name none, old rows included.
    /// - `unique`, `check`, `references: { table, column?, on_delete?, on_update? }`: constraints on it.
    /// - `generated`: `{ stored: … }`, on SQLite `{ virtual: … }`, on PostgreSQL `{ identity: always }` or
    ///   `{ identity: by_default }`. On PostgreSQL only in the phase that creates the table: filling it rewrites the table.
    /// - `comment`: what it is for (SQLite keeps none).
    ///
    /// A primary key cannot be added to a table that exists.
    ///
    /// ```yaml
    /// title: Know the language of users
    /// expand:
    ///   - create_table:
    ///       table: languages
    ///       columns: [{ name: code, type: text, primary_key: true }]
    ///   - create_table:
    ///       table: users
    ///       columns: [{ name: id, type: integer, primary_key: true }]
    ///   - add_column:
    ///       table: users
    ///       column: language
    ///       type: text
    ///       check: length(language) = 2
    ///       references: { table: languages }
    ///   - add_column: { table: users, column: active, type: boolean, nullable: false, default: "true" }
    ///   - add_column: { table: users, column: handle, type: text, unique: true }
    ///   - add_column: { table: users, column: shown_as, type: text, generated: { stored: "coalesce(handle, 'somebody')" } }
    /// ```
    "column to add" => pub struct AddColumn {
        /// The table.
        table: Spanned<ObjectName>,
        /// The new column's name.
        column: Spanned<Name>,
        /// Its type.
        r#type: SqlText,
        /// Whether it may be NULL; true if left out.
        nullable: Option<Spanned<bool>>,
        /// The value of rows that name none.
        default: Option<SqlText>,
        /// Refused: a primary key cannot be added.
        primary_key: Option<Spanned<bool>>,
        /// Whether no two rows may have the same value.
        unique: Option<Spanned<bool>>,
        /// A condition that every row meets.
        check: Option<SqlText>,
        /// The table and column that its values are in.
        references: Option<Reference>,
        /// How the database makes its value.
        generated: Option<GeneratedField>,
        /// What it is for, kept in the database where that keeps comments.
        comment: Option<String>,
    }
}

impl Operation for AddColumn {
    const KEY: &'static str = "add_column";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table, &self.column])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn place(&self, word: Word<'_>, _: Dialect) -> Option<Span> {
        let nullable = self.nullable.as_ref().filter(|_| word == Word::Nullable);
        nullable.map(|nullable| nullable.span)
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let n_found = lowering.sink.len();
        let table = lowering.table(&self.table)?;
        self.is_new(table, lowering)?;
        if let Some(flag) = self.primary_key.as_ref().filter(|flag| flag.value) {
            lowering.invalid(
                flag.span,
                format!("table `{}` exists, so its primary key cannot change", self.table),
                "create a new table with the key, and move the rows with `sync_tables` and `copy_table`",
            );
            return None;
        }
        let column = self.lowered(table, lowering)?;
        // Most columns have no constraint, and a copy of the table for each of many columns is not cheap.
        let is_bare = self.unique.is_none() && self.check.is_none() && self.references.is_none();
        let constraints = if is_bare {
            Vec::new()
        } else {
            let mut own = table.clone();
            own.columns.push(column.clone());
            self.constraints(table, &own, lowering)
        };
        let name = &self.table.value;
        let added = Change::AddColumn { table: name.clone(), column };
        let constraints = constraints
            .into_iter()
            .map(|constraint| Change::AddConstraint { table: name.clone(), constraint });
        let changes = std::iter::once(added).chain(constraints).collect();
        (lowering.sink.len() == n_found).then_some(changes)
    }
}

impl AddColumn {
    fn is_new(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<()> {
        let name = self.column.value.as_str();
        let same = |column: &&Column| match lowering.dialect {
            Dialect::Postgres => column.name.as_str() == name,
            Dialect::Sqlite => column.name.as_str().eq_ignore_ascii_case(name),
        };
        if table.columns.iter().find(same).is_none() {
            return Some(());
        }
        if !lowering.is_suspended(&self.table.value) {
            let message = format!("column `{}.{name}` already exists", self.table);
            lowering.report(
                Diagnostic::new(code::OBJECT_EXISTS, message)
                    .label(self.column.span, "a name that is taken")
                    .help("choose another name, or remove the step"),
            );
        }
        None
    }

    fn lowered(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<Column> {
        let fields = ColumnFields {
            name: &self.column,
            sql_type: &self.r#type,
            nullable: self.nullable.as_ref(),
            default: self.default.as_ref(),
            generated: self.generated.as_ref(),
            comment: self.comment.as_ref(),
        };
        let columns: Vec<&Name> = table.columns.iter().map(|column| &column.name).collect();
        fields.lower(&self.table.value, &columns, KeyPart::None, lowering)
    }

    /// Returns the constraints on the new column; `own` is the table with it.
    fn constraints(
        &self,
        before: &Table,
        own: &Table,
        lowering: &mut Lowering<'_>,
    ) -> Vec<Constraint> {
        let name = &self.table.value;
        let catalog = lowering.before;
        let mut names = TakenNames::of(catalog, name, Some(before));
        let mut constraints = Vec::new();
        if self.unique.as_ref().is_some_and(|unique| unique.value) {
            let columns = vec![self.column.value.clone()];
            let name = names.make(&columns, Suffix::Key);
            constraints.push(Constraint::Unique(Key::new(name, columns)));
        }
        if let Some(check) = &self.check {
            let check = check_of(name, own, check, None, &mut names, lowering);
            constraints.extend(check.map(Constraint::Check));
        }
        if let Some(reference) = &self.references {
            let parts = ForeignKeyParts {
                columns: std::slice::from_ref(&self.column),
                target: &reference.table,
                target_columns: reference.column.as_ref().map(std::slice::from_ref),
                on_delete: reference.on_delete,
                on_update: reference.on_update,
                name: None,
            };
            let key = parts.lower(OwnTable { name, table: own }, &mut names, lowering);
            constraints.extend(key.map(Constraint::ForeignKey));
        }
        constraints
    }
}
