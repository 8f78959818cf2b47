//! What renames, alterations, triggers and unread objects touch.

use crate::catalog::{Generated, SqlExpression};
use crate::change::effect::Object;
use crate::change::words::{Token, tokens};
use crate::change::{Other, Touched as Said, other};
use crate::name::{Name, ObjectName};

use super::Access;
use super::touched::Touched;

impl Touched<'_> {
    pub(super) fn rename_table(&mut self, from: &ObjectName, to: &ObjectName) {
        for name in [from, to] {
            self.add(Object::View(name.clone()), Access::Defines);
        }
        self.drop_table(from);
        self.table(to, Access::Defines);
        let before = self.before;
        let columns = before.table(from).into_iter().flat_map(|table| &table.columns);
        self.columns(to, columns.map(|column| &column.name), Access::Defines);
    }

    pub(super) fn rename_column(&mut self, table: &ObjectName, from: &Name, to: &Name) {
        if self.before.views.contains_key(table) {
            self.add(Object::View(table.clone()), Access::Defines);
            return;
        }
        self.table(table, Access::Uses);
        self.columns(table, [from, to], Access::Defines);
    }

    /// Several objects that are not what they were, of a table that stays.
    pub(super) fn parts_of<const N: usize>(&mut self, table: &ObjectName, parts: [Object; N]) {
        self.table(table, Access::Uses);
        for part in parts {
            self.add(part, Access::Defines);
        }
    }

    pub(super) fn set_generated(
        &mut self,
        table: &ObjectName,
        column: &Name,
        generated: Option<&Generated>,
    ) {
        self.table(table, Access::Uses);
        self.column(table, column, Access::Alters);
        match generated {
            Some(Generated::Stored(text) | Generated::Virtual(text)) => {
                self.expression(text, table, Access::ReadsData);
            }
            Some(Generated::Identity(_)) | None => {}
        }
    }

    /// A trigger changes what becomes of rows that are written, so no write of the table commutes with it.
    pub(super) fn trigger(&mut self, table: &ObjectName, name: &Name) {
        self.add(Object::Trigger(table.clone(), name.clone()), Access::Defines);
        self.table(table, Access::Uses);
        self.all_columns(table, Access::Alters);
    }

    /// The sequence that a default takes its numbers from.
    pub(super) fn default(&mut self, default: &SqlExpression) {
        // Most defaults take from none, and to cut all of them into words takes its time.
        if !default.as_str().to_ascii_lowercase().contains("nextval") {
            return;
        }
        let tokens = tokens(default.as_str());
        let calls = |token: &Token<'_>| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("nextval"));
        if !tokens.iter().any(calls) {
            return;
        }
        for token in tokens {
            match token {
                Token::Text(name) => {
                    let name = ObjectName::parse(&name.replace('"', ""));
                    self.add(Object::Sequence(name), Access::Uses);
                }
                Token::Word(_) | Token::Number(_) | Token::Sign(_) => {}
            }
        }
    }

    pub(super) fn other(&mut self, of: &Other) {
        if let Some(object) = other::object(of, self.before).filter(|_| of.name.is_some()) {
            self.add(object, Access::Defines);
        }
        if let Some(on) = &of.on {
            self.table(on, Access::Alters);
        }
        self.said(&of.touches);
    }

    /// Nobody knows what is done with what is touched, so nothing commutes with it.
    pub(super) fn said(&mut self, touches: &[Said]) {
        for touched in touches {
            let object = &touched.object;
            if let Some(column) = &touched.column {
                self.table(object, Access::Uses);
                self.column(object, column, Access::Defines);
            } else {
                self.table(object, Access::Defines);
                self.add(Object::View(object.clone()), Access::Defines);
                self.add(Object::Enum(object.clone()), Access::Defines);
            }
        }
    }
}
