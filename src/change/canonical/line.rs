//! The words of which a change's text is put together.

use std::fmt::{Display, Write as _};

use crate::catalog::{
    Check, Column, ForeignKey, Generated, Identity, Index, IndexColumn, IndexKey, Key, Nulls,
    OnConflict, Order, ReferentialAction, SqlExpression, Sync, Table, View,
};
use crate::change::{Constraint, DataChange, Opaque, Other, Touched, Write, Written};
use crate::name::{Name, ObjectName};

/// A line that is being written.
pub(super) struct Line(pub(super) String);

impl Line {
    pub(super) fn word(&mut self, word: &str) -> &mut Self {
        if !self.0.is_empty() && !self.0.ends_with('(') {
            self.0.push(' ');
        }
        self.0.push_str(word);
        self
    }

    /// Writes a text in quotes, so that it ends where it ends and stays on the line.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
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

    pub(super) fn open(&mut self) -> &mut Self {
        self.word("(")
    }

    pub(super) fn close(&mut self) -> &mut Self {
        self.0.push(')');
        self
    }

    pub(super) fn texts<T: Display>(&mut self, texts: &[T]) -> &mut Self {
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

    pub(super) fn optional(&mut self, word: &str, text: Option<impl Display>) -> &mut Self {
        match text {
            Some(text) => self.word(word).text(text),
            None => self,
        }
    }

    pub(super) fn flag(&mut self, word: &str, on: bool) -> &mut Self {
        if on { self.word(word) } else { self }
    }

    pub(super) fn object(&mut self, name: &ObjectName) -> &mut Self {
        self.optional("in", name.schema.as_ref()).text(&name.name)
    }

    pub(super) fn table(&mut self, table: &Table) -> &mut Self {
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
        for exclusion in &table.exclusions {
            self.open().exclusion(exclusion).close();
        }
        for (name, index) in &table.indexes {
            self.open().word("index").text(name).index(index).close();
        }
        if let Some(of) = &table.partition_of {
            self.open().word("partition_of").object(&of.of).text(&of.bound).close();
        }
        self.optional("partition_by", table.partition_by.as_ref())
            .optional("comment", table.comment.as_ref())
            .flag("strict", table.strict)
            .flag("without_rowid", table.without_rowid)
    }

    pub(super) fn column(&mut self, column: &Column) -> &mut Self {
        self.word("column")
            .text(&column.name)
            .text(&column.sql_type)
            .flag("not_null", !column.nullable)
            .optional("default", column.default.as_ref())
            .generated(column.generated.as_ref())
            .optional("collation", column.collation.as_ref())
            .optional("on_null", column.on_null.map(OnConflict::word))
            .optional("comment", column.comment.as_ref())
    }

    pub(super) fn generated(&mut self, generated: Option<&Generated>) -> &mut Self {
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
        self.text(&key.name).texts(&key.columns).key_terms(&key.terms)
    }

    fn check(&mut self, check: &Check) -> &mut Self {
        self.word("check")
            .text(&check.name)
            .text(&check.expression)
            .flag("not_valid", !check.validated)
            .flag("no_inherit", check.no_inherit)
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
            .reference_terms(&key.terms)
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

    pub(super) fn constraint(&mut self, constraint: &Constraint) -> &mut Self {
        match constraint {
            Constraint::Unique(key) => self.word("unique").key(key),
            Constraint::Check(check) => self.check(check),
            Constraint::ForeignKey(key) => self.foreign_key(key),
            Constraint::Primary(key) => self.word("primary_key").key(key),
            Constraint::Exclude(exclusion) => self.exclusion(exclusion),
            Constraint::UsingIndex { name, index, primary, deferral } => self
                .word(if *primary { "primary_key" } else { "unique" })
                .text(name)
                .word("using_index")
                .text(index)
                .deferral(*deferral),
        }
    }

    pub(super) fn index(&mut self, index: &Index) -> &mut Self {
        self.flag("unique", index.unique).optional("method", index.method.as_ref()).open();
        for part in &index.columns {
            self.open().index_column(part).close();
        }
        self.close();
        if !index.include.is_empty() {
            self.word("include").texts(&index.include);
        }
        self.optional("where", index.predicate.as_ref())
            .flag("not_valid", !index.valid)
            .flag("nulls_not_distinct", index.terms.nulls_not_distinct)
            .parameters("with", &index.terms.parameters)
            .optional("part_of", index.terms.part_of.as_ref())
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
            .optional("collation", part.terms.collation.as_ref())
            .parameters("parameters", &part.terms.parameters)
    }

    pub(super) fn view(&mut self, view: &View) -> &mut Self {
        self.flag("materialized", view.materialized).text(&view.query)
    }

    pub(super) fn sync(&mut self, sync: &Sync) -> &mut Self {
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

    pub(super) fn data(&mut self, data: &DataChange) -> &mut Self {
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

    pub(super) fn opaque(&mut self, opaque: &Opaque) -> &mut Self {
        let line = self.word("sql").text(&opaque.text).word("irreversible").text(&opaque.why);
        line.touches(&opaque.touches)
    }

    pub(super) fn written(&mut self, written: &Written) -> &mut Self {
        self.word("sql").text(&written.up);
        match &written.down {
            Some(Ok(down)) => self.word("down").text(down),
            Some(Err(why)) => self.word("irreversible").text(why),
            None => self,
        }
        .optional("probe", written.probe.as_ref())
        .touches(&written.touches)
        .flag("no_transaction", !written.transactional)
    }

    fn touches(&mut self, touches: &[Touched]) -> &mut Self {
        for touched in touches {
            self.open().word("touches").object(&touched.object);
            self.optional("column", touched.column.as_ref()).close();
        }
        self
    }

    pub(super) fn renamed(&mut self, word: &str, from: &ObjectName, to: &ObjectName) -> &mut Self {
        self.word(word).object(from).word("to").object(to)
    }

    /// What its name and table are, and what it touches, follows from its text.
    pub(super) fn other(&mut self, other: &Other) -> &mut Self {
        self.word("other").word(other.verb.word()).text(other.kind.word()).text(&other.text)
    }
}
