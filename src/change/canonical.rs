//! The text that a change's checksum is taken over.
//!
//! It is written out by hand, not derived, because it must stay the same when the types in the code
//! change: a ledger remembers checksums for years. Format 1.
//!
//! Words stand bare, everything that a plan's author chose stands in quotes, and what is absent is not
//! written, so that a new optional part leaves the texts of old changes alone. Left out is what does not
//! change the outcome: how to fill a column that comes back, how a backfill is cut up, the names of a view's
//! columns, which follow from its query, and triggers, which follow from syncs.

use std::fmt::{Display, Write as _};

use super::{Change, Constraint, DataChange, EnumPlace, Opaque, Other, Touched, Write};
use crate::catalog::{
    Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey, Key, Nulls,
    Order, ReferentialAction, SqlExpression, Sync, Table, View,
};
use crate::name::{Name, ObjectName};

/// Writes a change as one line of text that no other change has.
#[must_use]
pub fn canonical(change: &Change) -> String {
    let mut line = Line(String::new());
    match change {
        Change::CreateTable { name, table } => line.word("create_table").object(name).table(table),
        Change::DropTable { name } => line.word("drop_table").object(name),
        Change::AddColumn { table, column } => line.word("add_column").object(table).column(column),
        Change::DropColumn { table, column, refill: _ } => {
            line.word("drop_column").object(table).text(column)
        }
        Change::SetDefault { table, column, default: Some(default) } => {
            line.word("set_default").object(table).text(column).text(default)
        }
        Change::SetDefault { table, column, default: None } => {
            line.word("drop_default").object(table).text(column)
        }
        Change::SetNullable { table, column, nullable } => {
            let word = if *nullable { "drop_not_null" } else { "set_not_null" };
            line.word(word).object(table).text(column)
        }
        Change::AddConstraint { table, constraint } => {
            line.word("add_constraint").object(table).constraint(constraint)
        }
        Change::DropConstraint { table, constraint } => {
            line.word("drop_constraint").object(table).text(constraint)
        }
        Change::CreateIndex { table, name, index } => {
            line.word("create_index").object(table).text(name).index(index)
        }
        Change::DropIndex { table, name } => line.word("drop_index").object(table).text(name),
        Change::CreateEnum { name, values } => {
            line.word("create_enum").object(name).texts(&values.values)
        }
        Change::AddEnumValue { name, value, place } => {
            line.word("add_enum_value").object(name).text(value);
            match place {
                Some(EnumPlace::Before(other)) => line.word("before").text(other),
                Some(EnumPlace::After(other)) => line.word("after").text(other),
                None => &mut line,
            }
        }
        Change::DropEnum { name } => line.word("drop_enum").object(name),
        Change::CreateView { name, view } => line.word("create_view").object(name).view(view),
        Change::ReplaceView { name, view } => line.word("replace_view").object(name).view(view),
        Change::DropView { name } => line.word("drop_view").object(name),
        Change::CreateSync(sync) => line.word("create_sync").sync(sync),
        Change::DropSync(sync) => line.word("drop_sync").sync(sync),
        Change::Deprecate { table, column } => {
            line.word("deprecate").object(table).optional("column", column.as_ref())
        }
        Change::Write(data) => line.data(data),
        Change::Opaque(opaque) => line.opaque(opaque),
        Change::RenameTable { from, to } => line.renamed("rename_table", from, to),
        Change::RenameColumn { table, from, to } => {
            line.word("rename_column").object(table).text(from).word("to").text(to)
        }
        Change::RenameConstraint { table, from, to } => {
            line.word("rename_constraint").object(table).text(from).word("to").text(to)
        }
        Change::RenameIndex { table, from, to } => {
            line.word("rename_index").object(table).text(from).word("to").text(to)
        }
        Change::RenameEnum { from, to } => line.renamed("rename_enum", from, to),
        Change::RenameEnumValue { name, from, to } => {
            line.word("rename_enum_value").object(name).text(from).word("to").text(to)
        }
        Change::RenameSequence { from, to } => line.renamed("rename_sequence", from, to),
        Change::SetType { table, column, sql_type, using, collation } => line
            .word("set_type")
            .object(table)
            .text(column)
            .text(sql_type)
            .optional("using", using.as_ref())
            .optional("collation", collation.as_ref()),
        Change::SetGenerated { table, column, generated } => {
            line.word("set_generated").object(table).text(column).generated(generated.as_ref())
        }
        Change::ValidateConstraint { table, constraint } => {
            line.word("validate_constraint").object(table).text(constraint)
        }
        Change::SetComment { table, column, comment } => line
            .word("set_comment")
            .object(table)
            .text(column)
            .optional("comment", comment.as_ref()),
        Change::CreateSequence { name } => line.word("create_sequence").object(name),
        Change::DropSequence { name } => line.word("drop_sequence").object(name),
        Change::CreateTrigger { table, name, trigger } => line
            .word("create_trigger")
            .object(table)
            .text(name)
            .optional("as", trigger.definition.as_ref()),
        Change::DropTrigger { table, name } => line.word("drop_trigger").object(table).text(name),
        Change::Truncate { tables } => {
            line.word("truncate");
            tables.iter().fold(&mut line, |line, table| line.open().object(table).close())
        }
        Change::Other(other) => line.other(other),
    };
    line.0
}

/// A line that is being written.
struct Line(String);

impl Line {
    fn word(&mut self, word: &str) -> &mut Self {
        if !self.0.is_empty() && !self.0.ends_with('(') {
            self.0.push(' ');
        }
        self.0.push_str(word);
        self
    }

    /// Writes a text in quotes, so that it ends where it ends and stays on the line.
    fn text(&mut self, text: impl Display) -> &mut Self {
        self.word("\"");
        for c in text.to_string().chars() {
            match c {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                c if c.is_control() => {
                    // Writing to a string cannot fail.
                    let _ = write!(self.0, "\\u{{{:x}}}", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
        self.0.push('"');
        self
    }

    fn open(&mut self) -> &mut Self {
        self.word("(")
    }

    fn close(&mut self) -> &mut Self {
        self.0.push(')');
        self
    }

    fn texts<T: Display>(&mut self, texts: &[T]) -> &mut Self {
        self.open();
        for text in texts {
            self.text(text);
        }
        self.close()
    }

    fn pairs(&mut self, pairs: &[(Name, SqlExpression)]) -> &mut Self {
        self.open();
        for (name, expression) in pairs {
            self.text(name).text(expression);
        }
        self.close()
    }

    fn optional(&mut self, word: &str, text: Option<impl Display>) -> &mut Self {
        match text {
            Some(text) => self.word(word).text(text),
            None => self,
        }
    }

    fn flag(&mut self, word: &str, on: bool) -> &mut Self {
        if on { self.word(word) } else { self }
    }

    fn object(&mut self, name: &ObjectName) -> &mut Self {
        self.optional("in", name.schema.as_ref()).text(&name.name)
    }

    fn table(&mut self, table: &Table) -> &mut Self {
        for column in &table.columns {
            self.open().column(column).close();
        }
        if let Some(key) = &table.primary_key {
            self.open().word("primary_key").key(key).close();
        }
        for key in &table.uniques {
            self.open().word("unique").key(key).close();
        }
        for check in &table.checks {
            self.open().check(check).close();
        }
        for key in &table.foreign_keys {
            self.open().foreign_key(key).close();
        }
        for (name, index) in &table.indexes {
            self.open().word("index").text(name).index(index).close();
        }
        self.optional("comment", table.comment.as_ref())
            .flag("strict", table.strict)
            .flag("without_rowid", table.without_rowid)
    }

    fn column(&mut self, column: &Column) -> &mut Self {
        self.word("column")
            .text(&column.name)
            .text(&column.sql_type)
            .flag("not_null", !column.nullable)
            .optional("default", column.default.as_ref())
            .generated(column.generated.as_ref())
            .optional("collation", column.collation.as_ref())
            .optional("comment", column.comment.as_ref())
    }

    fn generated(&mut self, generated: Option<&Generated>) -> &mut Self {
        match generated {
            None => {}
            Some(Generated::Identity(identity)) => {
                self.word(match identity {
                    Identity::Always => "identity_always",
                    Identity::ByDefault => "identity_by_default",
                    Identity::Serial => "serial",
                    Identity::RowId => "row_id",
                    Identity::AutoIncrement => "auto_increment",
                });
            }
            Some(Generated::Stored(from)) => {
                self.word("stored").text(from);
            }
            Some(Generated::Virtual(from)) => {
                self.word("virtual").text(from);
            }
        }
        self
    }

    fn key(&mut self, key: &Key) -> &mut Self {
        self.text(&key.name).texts(&key.columns)
    }

    fn check(&mut self, check: &Check) -> &mut Self {
        self.word("check")
            .text(&check.name)
            .text(&check.expression)
            .flag("not_valid", !check.validated)
    }

    fn foreign_key(&mut self, key: &ForeignKey) -> &mut Self {
        self.word("foreign_key")
            .text(&key.name)
            .texts(&key.columns)
            .word("references")
            .object(&key.references)
            .texts(&key.referenced_columns)
            .action("on_delete", key.on_delete)
            .action("on_update", key.on_update)
            .flag("not_valid", !key.validated)
    }

    fn action(&mut self, word: &str, action: ReferentialAction) -> &mut Self {
        let action = match action {
            ReferentialAction::NoAction => return self,
            ReferentialAction::Restrict => "restrict",
            ReferentialAction::Cascade => "cascade",
            ReferentialAction::SetNull => "set_null",
            ReferentialAction::SetDefault => "set_default",
        };
        self.word(word).word(action)
    }

    fn constraint(&mut self, constraint: &Constraint) -> &mut Self {
        match constraint {
            Constraint::Unique(key) => self.word("unique").key(key),
            Constraint::Check(check) => self.check(check),
            Constraint::ForeignKey(key) => self.foreign_key(key),
            Constraint::Primary(key) => self.word("primary_key").key(key),
            Constraint::UsingIndex { name, index, primary } => self
                .word(if *primary { "primary_key" } else { "unique" })
                .text(name)
                .word("using_index")
                .text(index),
        }
    }

    fn index(&mut self, index: &Index) -> &mut Self {
        self.flag("unique", index.unique).optional("method", index.method.as_ref()).open();
        for part in &index.columns {
            self.open().index_column(part).close();
        }
        self.close();
        if !index.include.is_empty() {
            self.word("include").texts(&index.include);
        }
        self.optional("where", index.predicate.as_ref()).flag("not_valid", !index.valid)
    }

    fn index_column(&mut self, part: &IndexColumn) -> &mut Self {
        match &part.key {
            IndexKey::Column(name) => self.word("column").text(name),
            IndexKey::Expression(text) => self.word("expression").text(text),
        };
        match part.order {
            Order::Ascending => {}
            Order::Descending => {
                self.word("descending");
            }
        }
        match part.nulls {
            None => {}
            Some(Nulls::First) => {
                self.word("nulls_first");
            }
            Some(Nulls::Last) => {
                self.word("nulls_last");
            }
        }
        self.optional("opclass", part.opclass.as_ref())
    }

    fn view(&mut self, view: &View) -> &mut Self {
        self.flag("materialized", view.materialized).text(&view.query)
    }

    fn sync(&mut self, sync: &Sync) -> &mut Self {
        match sync {
            Sync::Columns { name, table, forward, backward } => self
                .word("columns")
                .text(name)
                .object(table)
                .word("forward")
                .pairs(forward)
                .word("backward")
                .pairs(backward),
            Sync::Tables(tables) => self
                .word("tables")
                .text(&tables.name)
                .object(&tables.from)
                .word("to")
                .object(&tables.to)
                .pairs(&tables.columns)
                .word("key")
                .texts(&tables.key),
        }
    }

    fn data(&mut self, data: &DataChange) -> &mut Self {
        let line = match &data.write {
            Write::Update { set } => self.word("update").object(&data.table).pairs(set),
            Write::Delete => self.word("delete").object(&data.table),
            Write::InsertSelect { columns, query } => {
                self.word("insert_select").object(&data.table).texts(columns).text(query)
            }
            Write::InsertValues { columns, rows } => {
                self.word("insert_values").object(&data.table).texts(columns);
                rows.iter().fold(self, |line, row| line.texts(row))
            }
            Write::Copy { to, columns, overwrite } => self
                .word("copy")
                .object(&data.table)
                .word("to")
                .object(to)
                .pairs(columns)
                .flag("overwrite", *overwrite),
        };
        let line = if data.key.is_empty() { line } else { line.word("key").texts(&data.key) };
        line.optional("where", data.condition.as_ref())
    }

    fn opaque(&mut self, opaque: &Opaque) -> &mut Self {
        self.word("sql").text(&opaque.up);
        match &opaque.down {
            Ok(down) => self.word("down").text(down),
            Err(why) => self.word("irreversible").text(why),
        };
        self.optional("probe", opaque.probe.as_ref())
            .touches(&opaque.touches)
            .flag("no_transaction", !opaque.transactional)
    }

    fn touches(&mut self, touches: &[Touched]) -> &mut Self {
        for touched in touches {
            self.open().word("touches").object(&touched.object);
            self.optional("column", touched.column.as_ref()).close();
        }
        self
    }

    fn renamed(&mut self, word: &str, from: &ObjectName, to: &ObjectName) -> &mut Self {
        self.word(word).object(from).word("to").object(to)
    }

    /// What its name and table are, and what it touches, follows from its text.
    fn other(&mut self, other: &Other) -> &mut Self {
        self.word("other").word(other.verb.word()).text(other.kind.word()).text(&other.text)
    }
}
