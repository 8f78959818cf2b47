//! `create_table`.

use super::column::{ColumnDefinition, ColumnFields, KeyPart};
use super::fields::{
    CheckField, ColumnList, ForeignKeyField, ForeignKeyParts, NonEmpty, OwnTable, UniqueField,
    check_of,
};
use super::lowering::naming::{Suffix, TakenNames};
use super::{Lowering, Operation, id};
use crate::catalog::{Column, Key, Table};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Creates a table with its columns and constraints.
    ///
    /// - `table`: its name, or `schema.name` on PostgreSQL.
    /// - `columns`: at least one, each with `name` and `type`, and if need be `nullable` (true unless said otherwise,
    ///   as in SQL), `default`, `primary_key`, `unique`, `check`, `references: { table, column?, on_delete?, on_update? }`,
    ///   `generated` (`{ identity: always }`, `{ identity: by_default }`, `{ stored: … }`, on SQLite `{ virtual: … }`) and
    ///   `comment` (SQLite keeps none).
    /// - `primary_key`: its columns, if it is not one column that says `primary_key: true`.
    /// - `unique`: a list of unique constraints, each a list of columns or `{ columns, name }`.
    /// - `checks`: a list of conditions, or of `{ check, name }`.
    /// - `foreign_keys`: a list of `{ columns, references: { table, columns? }, on_delete?, on_update?, name? }`.
    ///
    /// A constraint without a name gets the one PostgreSQL would give it: `orders_pkey`, `orders_code_key`,
    /// `orders_total_check`, `orders_customer_id_fkey`. On SQLite an `integer` primary key of one column numbers itself;
    /// with `generated: { identity: … }` it never uses a number again.
    ///
    /// ```yaml
    /// title: Take orders
    /// expand:
    ///   - create_table:
    ///       table: customers
    ///       columns:
    ///         - { name: id, type: { postgres: bigint, sqlite: integer }, primary_key: true, generated: { identity: by_default } }
    ///         - { name: email, type: text, nullable: false, unique: true }
    ///   - create_table:
    ///       table: orders
    ///       columns:
    ///         - { name: id, type: { postgres: bigserial, sqlite: integer } }
    ///         - { name: customer_id, type: bigint, nullable: false, references: { table: customers, on_delete: cascade } }
    ///         - { name: code, type: varchar(20), nullable: false }
    ///         - { name: region, type: text, nullable: false, default: "'eu'" }
    ///         - { name: total, type: "numeric(10, 2)", check: total >= 0 }
    ///         - { name: gross, type: "numeric(10, 2)", generated: { stored: total * 1.19 } }
    ///         - { name: first_order_id, type: bigint }
    ///       primary_key: id
    ///       unique: [[region, code]]
    ///       checks:
    ///         - { check: "length(code) > 2 OR total = 0", name: orders_code_is_long }
    ///       foreign_keys:
    ///         - { columns: first_order_id, references: { table: orders, column: id }, on_delete: set null }
    /// ```
    "table to create" => pub struct CreateTable {
        /// The new table's name.
        table: Spanned<ObjectName>,
        /// Its columns in order.
        columns: NonEmpty<ColumnDefinition>,
        /// The columns of its primary key.
        primary_key: Option<ColumnList>,
        /// Its unique constraints.
        unique: Vec<UniqueField>,
        /// Its checks.
        checks: Vec<CheckField>,
        /// Its foreign keys.
        foreign_keys: Vec<ForeignKeyField>,
    }
}

impl Operation for CreateTable {
    const KEY: &'static str = "create_table";
    const PHASES: &'static [Phase] = &[Phase::Expand];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.table])
    }

    fn objects(&self) -> Vec<ObjectName> {
        vec![self.table.value.clone()]
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let n_found = lowering.sink.len();
        let is_new = lowering.new_object("table", &self.table);
        let distinct = self.distinct_columns(lowering);
        let key = self.key(lowering)?;
        let mut table =
            Table { columns: self.lowered_columns(&key, lowering)?, ..Table::default() };
        let catalog = lowering.before;
        let mut names = TakenNames::of(catalog, &self.table.value, None);
        self.written_names().for_each(|name| names.reserve(&name.value));
        if !key.is_empty() {
            let name = names.make([], Suffix::PrimaryKey);
            table.primary_key = Some(Key::new(name, key));
        }
        self.uniques(&mut table, &mut names, lowering);
        self.checks_into(&mut table, &mut names, lowering);
        self.foreign_keys_into(&mut table, &mut names, lowering);
        is_new?;
        distinct?;
        let name = self.table.value.clone();
        (lowering.sink.len() == n_found).then(|| vec![Change::CreateTable { name, table }])
    }
}

impl CreateTable {
    /// Reports a column that is written twice.
    fn distinct_columns(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let mut all = Some(());
        let same = |a: &Name, b: &Name| match lowering.dialect {
            Dialect::Postgres => a == b,
            Dialect::Sqlite => a.as_str().eq_ignore_ascii_case(b.as_str()),
        };
        let mut twice = Vec::new();
        for (at, column) in self.columns.0.iter().enumerate() {
            let mut earlier = self.columns.0.iter().take(at);
            if let Some(first) = earlier.find(|other| same(&other.name.value, &column.name.value)) {
                twice.push((&column.name, first.name.span));
            }
        }
        for (name, first) in twice {
            all = None;
            let message = format!("column `{}.{name}` already exists", self.table);
            lowering.report(
                Diagnostic::new(code::OBJECT_EXISTS, message)
                    .label(name.span, "again here")
                    .label(first, "first here")
                    .help("keep one of them"),
            );
        }
        all
    }

    /// Returns the columns of the primary key, which may be written in two places but not in both.
    fn key(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Name>> {
        let flagged: Vec<&ColumnDefinition> = self
            .columns
            .0
            .iter()
            .filter(|column| column.primary_key.as_ref().is_some_and(|flag| flag.value))
            .collect();
        if let (Some(_), [flag, ..]) | (None, [_, flag, ..]) =
            (&self.primary_key, flagged.as_slice())
        {
            let span = flag.primary_key.as_ref().map_or(flag.name.span, |flag| flag.span);
            lowering.invalid(
                span,
                format!("table `{}` has two primary keys", self.table),
                "list all columns of the key under the table's `primary_key`",
            );
            return None;
        }
        let Some(listed) = &self.primary_key else {
            return Some(flagged.iter().map(|column| column.name.value.clone()).collect());
        };
        let known: Vec<&Name> = self.columns.0.iter().map(|column| &column.name.value).collect();
        let mut is_whole = true;
        for name in listed.0.iter().filter(|name| !known.contains(&&name.value)) {
            is_whole = false;
            let names = known.iter().map(|name| name.as_str());
            lowering.unknown_column(&self.table.value, name.value.as_str(), names, name.span);
        }
        is_whole.then(|| listed.names())
    }

    fn lowered_columns(&self, key: &[Name], lowering: &mut Lowering<'_>) -> Option<Vec<Column>> {
        let names: Vec<&Name> = self.columns.0.iter().map(|column| &column.name.value).collect();
        let lowered: Vec<Option<Column>> = self
            .columns
            .0
            .iter()
            .map(|column| {
                let part = match key {
                    [only] if *only == column.name.value => KeyPart::Whole,
                    several if several.contains(&column.name.value) => KeyPart::Shared,
                    _ => KeyPart::None,
                };
                let fields = ColumnFields {
                    name: &column.name,
                    sql_type: &column.r#type,
                    nullable: column.nullable.as_ref(),
                    default: column.default.as_ref(),
                    generated: column.generated.as_ref(),
                    comment: column.comment.as_ref(),
                };
                fields.lower(&self.table.value, &names, part, lowering)
            })
            .collect();
        lowered.into_iter().collect()
    }

    fn written_names(&self) -> impl Iterator<Item = &Spanned<Name>> {
        let uniques = self.unique.iter().filter_map(|unique| unique.name.as_ref());
        let checks = self.checks.iter().filter_map(|check| check.name.as_ref());
        uniques.chain(checks).chain(self.foreign_keys.iter().filter_map(|key| key.name.as_ref()))
    }

    fn uniques(&self, table: &mut Table, names: &mut TakenNames<'_>, lowering: &mut Lowering<'_>) {
        for column in &self.columns.0 {
            if column.unique.as_ref().is_some_and(|unique| unique.value) {
                let columns = vec![column.name.value.clone()];
                let name = names.make(&columns, Suffix::Key);
                table.uniques.push(Key::new(name, columns));
            }
        }
        for unique in &self.unique {
            let has = lowering.has_columns(&self.table.value, table, &unique.columns.0);
            let columns = unique.columns.names();
            let name = match &unique.name {
                Some(name) => names.write("unique constraint", name, lowering),
                None => Some(names.make(&columns, Suffix::Key)),
            };
            if let (Some(()), Some(name)) = (has, name) {
                table.uniques.push(Key::new(name, columns));
            }
        }
    }

    fn checks_into(
        &self,
        table: &mut Table,
        names: &mut TakenNames<'_>,
        lowering: &mut Lowering<'_>,
    ) {
        let of_columns =
            self.columns.0.iter().filter_map(|column| column.check.as_ref().map(|c| (c, None)));
        let of_table = self.checks.iter().map(|check| (&check.check, check.name.as_ref()));
        for (text, name) in of_columns.chain(of_table) {
            let lowered = check_of(&self.table.value, table, text, name, names, lowering);
            table.checks.extend(lowered);
        }
    }

    fn foreign_keys_into(
        &self,
        table: &mut Table,
        names: &mut TakenNames<'_>,
        lowering: &mut Lowering<'_>,
    ) {
        let mut keys = Vec::new();
        let own = OwnTable { name: &self.table.value, table };
        for column in &self.columns.0 {
            if let Some(reference) = &column.references {
                let parts = ForeignKeyParts {
                    columns: std::slice::from_ref(&column.name),
                    target: &reference.table,
                    target_columns: reference.column.as_ref().map(std::slice::from_ref),
                    on_delete: reference.on_delete,
                    on_update: reference.on_update,
                    name: None,
                };
                keys.extend(parts.lower(own, names, lowering));
            }
        }
        for key in &self.foreign_keys {
            let target_columns = key.references.written_columns();
            let parts = ForeignKeyParts {
                columns: &key.columns.0,
                target: &key.references.table,
                target_columns: target_columns.as_deref(),
                on_delete: key.on_delete,
                on_update: key.on_update,
                name: key.name.as_ref(),
            };
            keys.extend(parts.lower(own, names, lowering));
        }
        table.foreign_keys = keys;
    }
}
