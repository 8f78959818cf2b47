//! The fields of a column, shared by `create_table` and `add_column`.

use serde_json::{Value, json};

use super::Lowering;
use super::fields::Reference;
use super::lowering::expression::Scope;
use super::lowering::types::ColumnType;
use super::lowering::{Reported, Role};
use crate::catalog::{Column, Generated, Identity};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::source::{Span, Spanned};
use crate::yaml::decode::{Decode, Decoder, Fields, authored};
use crate::yaml::node::{Node, NodeKind};
use crate::yaml::text::SqlText;

authored! {
    /// A column of a new table.
    "column" => pub struct ColumnDefinition {
        /// Its name.
        name: Spanned<Name>,
        /// Its type.
        r#type: SqlText,
        /// Whether it may be NULL; true if left out, except in a primary key.
        nullable: Option<Spanned<bool>>,
        /// The value of rows that name none.
        default: Option<SqlText>,
        /// Whether it is the primary key.
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

/// How the database makes a column's value, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedField {
    /// The place.
    pub span: Span,
    /// The way.
    pub way: GeneratedWay,
}

/// The ways a database makes a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneratedWay {
    /// `{ identity: always }`: numbers.
    Identity(Identity),
    /// `{ stored: … }`: computed when the row is written.
    Stored(SqlText),
    /// `{ virtual: … }`: computed when the row is read.
    Virtual(SqlText),
}

impl GeneratedField {
    const WAYS: &str = "one of `{ identity: always }`, `{ identity: by_default }`, `{ stored: … }` and `{ virtual: … }`";
}

impl Decode for GeneratedField {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            decoder.wrong_shape(node, Self::WAYS);
            return None;
        }
        let mut fields = Fields::open(node, "generated value", decoder)?;
        let identity = fields.take::<Option<Identity>>("identity", decoder)?;
        let stored = fields.take::<Option<SqlText>>("stored", decoder)?;
        let computed = fields.take::<Option<SqlText>>("virtual", decoder)?;
        fields.finish(decoder);
        let mut ways = identity
            .map(GeneratedWay::Identity)
            .into_iter()
            .chain(stored.map(GeneratedWay::Stored))
            .chain(computed.map(GeneratedWay::Virtual));
        if let (Some(way), None) = (ways.next(), ways.next()) {
            return Some(Self { span: node.span, way });
        }
        decoder.wrong_shape(node, Self::WAYS);
        None
    }

    fn schema() -> Value {
        let one = |key: &str, schema: Value| json!({"type": "object", "properties": {key: schema}, "required": [key], "additionalProperties": false});
        json!({"anyOf": [
            one("identity", Identity::schema()),
            one("stored", SqlText::schema()),
            one("virtual", SqlText::schema()),
        ]})
    }
}

/// What a column has to do with its table's primary key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// Nothing.
    None,
    /// It is one of several columns.
    Shared,
    /// It is the whole key.
    Whole,
}

/// A column as written in either operation.
#[derive(Clone, Copy, Debug)]
pub struct ColumnFields<'f> {
    /// Its name.
    pub name: &'f Spanned<Name>,
    /// Its type.
    pub sql_type: &'f SqlText,
    /// Whether it may be NULL, where it says.
    pub nullable: Option<&'f Spanned<bool>>,
    /// Its default.
    pub default: Option<&'f SqlText>,
    /// How the database makes its value.
    pub generated: Option<&'f GeneratedField>,
    /// Its comment.
    pub comment: Option<&'f String>,
}

impl ColumnFields<'_> {
    /// Returns the column; `columns` are those of its table that a generated value may name.
    pub fn lower(
        &self,
        table: &ObjectName,
        columns: &[&Name],
        key: KeyPart,
        lowering: &mut Lowering<'_>,
    ) -> Option<Column> {
        let named = lowering.new_name("column", self.name);
        let column_type = lowering.column_type(self.sql_type);
        let scope = Scope { table, columns: columns.to_vec() };
        let default = match self.default {
            Some(text) => lowering.expression_as(Role::Default, text, &scope).map(Some),
            None => Some(None),
        };
        let column_type = column_type?;
        let generated = self.generated_as(&scope, key, &column_type, lowering);
        let nullable = self.may_be_null(key, &column_type, lowering);
        self.one_source(&column_type, lowering)?;
        named?;
        Some(Column {
            name: self.name.value.clone(),
            sql_type: column_type.sql_type,
            nullable: nullable?,
            default: default?,
            generated: generated.ok()?,
            collation: column_type.collation,
            on_null: None,
            comment: match lowering.dialect {
                Dialect::Postgres => self.comment.cloned(),
                Dialect::Sqlite => None,
            },
        })
    }

    fn generated_as(
        &self,
        scope: &Scope<'_>,
        key: KeyPart,
        column_type: &ColumnType,
        lowering: &mut Lowering<'_>,
    ) -> Result<Option<Generated>, Reported> {
        // SQLite makes a lone primary key of exactly this type the row id.
        let is_row_id = lowering.dialect == Dialect::Sqlite
            && key == KeyPart::Whole
            && column_type.is_plain_integer;
        let Some(GeneratedField { span, way }) = self.generated else {
            let identity = if column_type.is_serial {
                Some(Identity::Serial)
            } else {
                is_row_id.then_some(Identity::RowId)
            };
            return Ok(identity.map(Generated::Identity));
        };
        let generated = match (way, lowering.dialect) {
            (GeneratedWay::Identity(identity), Dialect::Postgres) => Generated::Identity(*identity),
            // Numbers that are never used again come nearest to an identity.
            (GeneratedWay::Identity(_), Dialect::Sqlite) if is_row_id => {
                Generated::Identity(Identity::AutoIncrement)
            }
            (GeneratedWay::Identity(_), Dialect::Sqlite) => {
                lowering.unsupported(
                    *span,
                    "sqlite numbers nothing but an `integer` primary key of one column",
                    "write `type: { postgres: bigint, sqlite: integer }` and `primary_key: true`",
                );
                return Err(Reported);
            }
            (GeneratedWay::Stored(text), Dialect::Postgres | Dialect::Sqlite) => Generated::Stored(
                lowering.expression_as(Role::Generated, text, scope).ok_or(Reported)?,
            ),
            (GeneratedWay::Virtual(text), Dialect::Sqlite) => Generated::Virtual(
                lowering.expression_as(Role::Generated, text, scope).ok_or(Reported)?,
            ),
            (GeneratedWay::Virtual(_), Dialect::Postgres) => {
                lowering.unsupported(
                    *span,
                    "postgres has no virtual generated columns",
                    "write `stored` instead of `virtual`",
                );
                return Err(Reported);
            }
        };
        Ok(Some(generated))
    }

    fn may_be_null(
        &self,
        key: KeyPart,
        column_type: &ColumnType,
        lowering: &mut Lowering<'_>,
    ) -> Option<bool> {
        let numbers_itself = column_type.is_serial
            || self.generated.is_some_and(|of| matches!(of.way, GeneratedWay::Identity(_)));
        let written = self.nullable.map(|nullable| nullable.value);
        let reason = match key {
            KeyPart::Shared | KeyPart::Whole => "a column of the primary key",
            KeyPart::None if numbers_itself => "a column that numbers itself",
            KeyPart::None => return Some(written.unwrap_or(true)),
        };
        let Some(span) = self.nullable.filter(|nullable| nullable.value).map(|of| of.span) else {
            return Some(false);
        };
        lowering.invalid(span, format!("{reason} is never NULL"), "remove `nullable: true`");
        None
    }

    /// Reports a column that has its value from two sources.
    fn one_source(&self, column_type: &ColumnType, lowering: &mut Lowering<'_>) -> Option<()> {
        let Some(default) = self.default else {
            return match (self.generated, column_type.is_serial) {
                (Some(generated), true) => {
                    let message = "a serial column is generated in two ways";
                    lowering.invalid(
                        generated.span,
                        message,
                        "write a plain type, or no `generated`",
                    );
                    None
                }
                (None, _) | (Some(_), false) => Some(()),
            };
        };
        if self.generated.is_none() && !column_type.is_serial {
            return Some(());
        }
        let span = default.of(lowering.dialect).map_or(self.name.span, |text| text.span);
        lowering.invalid(span, "a generated column has no default", "remove `default`");
        None
    }
}
