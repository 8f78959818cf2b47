//! One statement while it is read: its text and tokens, the catalog before it, and the parts found so far.

use std::collections::BTreeSet;
use std::ops::Range;

use sqlite3_parser::ast;

use super::cut::Cut;
use super::tokens::{Cursor, Token};
use crate::catalog::{Catalog, Column, Generated, Identity, ObjectKind, Table};
use crate::change::{Change, Opaque, Touched, Verb};
use crate::expressions::unquote_sqlite as unquote;
use crate::name::{Name, ObjectName};
pub(super) use crate::readers::thing::Thing;
use crate::readers::{How, Meaning, Part, TransactionControl};

/// A statement that is being read.
pub(super) struct Reading<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token<'a>],
    /// Its place in the script.
    pub place: Range<usize>,
    pub catalog: &'a Catalog,
    /// Names, in lower case, of temporary tables and views that the script made before.
    pub temporary: &'a BTreeSet<String>,
    /// The words of the statement that are not part of its changes.
    pub how: How,
    pub alone: Option<&'static str>,
    pub transaction: Option<TransactionControl>,
    pub parts: Vec<Part>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        text: &'a str,
        tokens: &'a [Token<'a>],
        cut: &'a Cut,
        catalog: &'a Catalog,
    ) -> Self {
        Self {
            text,
            tokens,
            place: cut.place.clone(),
            catalog,
            temporary: &cut.temporary,
            how: How::default(),
            alone: None,
            transaction: None,
            parts: Vec::new(),
        }
    }

    pub(super) const fn cursor(&self) -> Cursor<'a> {
        Cursor::new(self.text, self.tokens)
    }

    /// Adds a change with the statement's own words.
    pub(super) fn change(&mut self, change: Change) {
        self.add(Meaning::Change(Box::new(change)));
    }

    /// Says that planner cannot tell what the statement does.
    pub(super) fn opaque(&mut self, why: impl Into<String>) {
        self.add(Meaning::Opaque { why: why.into() });
    }

    /// Adds the statement as one whose text is not read, with what it touches.
    pub(super) fn unread(&mut self, why: impl Into<String>, touches: Vec<Touched>) {
        let opaque =
            Opaque { text: self.text.to_owned(), why: why.into(), touches, may: Vec::new() };
        self.change(Change::Opaque(opaque));
    }

    fn add(&mut self, meaning: Meaning) {
        self.parts.push(Part { place: self.place.clone(), meaning, how: self.how });
    }

    /// Adds the statement as one about something that the catalog does not hold as structure.
    pub(super) fn other(&mut self, thing: Thing) {
        self.other_text(thing, self.text.to_owned());
    }

    /// As [`Reading::other`], with a shorter text.
    pub(super) fn other_text(&mut self, thing: Thing, text: String) {
        self.change(Change::Other(thing.into_other(text)));
    }

    /// A statement about what is gone with the connection.
    pub(super) fn temporary(&mut self, name: &ast::Name<'_>) {
        self.temporary_rows(name, self.text.to_owned());
    }

    /// As [`Reading::temporary`], with a shorter text.
    pub(super) fn temporary_rows(&mut self, name: &ast::Name<'_>, text: String) {
        let schema = Some(Name::new("temp"));
        let name = ObjectName { schema, name: Name::new(unquote(name.0)) };
        self.other_text(Thing::new(Verb::Run, ObjectKind::Persistence).named(name), text);
    }

    /// Returns whether it is a temporary table, view, index or trigger.
    pub(super) fn is_temporary(&self, name: &ast::QualifiedName<'_>) -> bool {
        match &name.db_name {
            Some(schema) => unquote(schema.0).eq_ignore_ascii_case("temp"),
            None => self.is_temporary_name(&name.name),
        }
    }

    /// Returns whether the bare name is that of a temporary table.
    pub(super) fn is_temporary_name(&self, name: &ast::Name<'_>) -> bool {
        !self.temporary.is_empty() && self.temporary.contains(&unquote(name.0).to_ascii_lowercase())
    }

    /// Returns the table or view that a name refers to, as the catalog writes it.
    pub(super) fn relation(&self, name: &ast::QualifiedName<'_>) -> ObjectName {
        let written = written(name);
        match written.schema {
            Some(_) => written,
            None => known(self.catalog, written),
        }
    }

    /// As [`Reading::relation`], for a name that cannot have a schema.
    pub(super) fn relation_name(&self, name: &ast::Name<'_>) -> ObjectName {
        known(self.catalog, ObjectName::bare(unquote(name.0)))
    }
}

/// Returns a name as it is written; that of the main database is without its schema.
pub(super) fn written(name: &ast::QualifiedName<'_>) -> ObjectName {
    let schema = name.db_name.as_ref().map(|schema| unquote(schema.0));
    let schema = schema.filter(|schema| !schema.eq_ignore_ascii_case("main")).map(Name::new);
    ObjectName { schema, name: Name::new(unquote(name.name.0)) }
}

/// Returns the name as the catalog writes it, if it has it in any case.
pub(super) fn known(catalog: &Catalog, written: ObjectName) -> ObjectName {
    if catalog.tables.contains_key(&written) || catalog.views.contains_key(&written) {
        return written;
    }
    let same = |name: &&ObjectName| {
        name.schema == written.schema
            && name.name.as_str().eq_ignore_ascii_case(written.name.as_str())
    };
    let virtuals = catalog.others.keys().filter(|(kind, _)| *kind == ObjectKind::Virtual);
    let virtuals = virtuals.map(|(_, name)| name);
    let mut names = catalog.tables.keys().chain(catalog.views.keys()).chain(virtuals);
    names.find(same).cloned().unwrap_or(written)
}

/// Returns a column's name as the table writes it, if it has it in any case.
pub(super) fn column(table: Option<&Table>, written: &str) -> Name {
    let mut columns = table.into_iter().flat_map(|table| &table.columns);
    let found = columns.find(|column| column.name.as_str().eq_ignore_ascii_case(written));
    found.map_or_else(|| Name::new(written), |column| column.name.clone())
}

/// Returns a column's name as the table writes it; another name of the row id is that of the column that is the row id.
pub(super) fn column_or_row_id(table: &Table, written: &str) -> Name {
    let name = column(Some(table), written);
    let is_row_id = ["rowid", "oid", "_rowid_"].iter().any(|id| id.eq_ignore_ascii_case(written));
    if table.column(&name).is_some() || !is_row_id {
        return name;
    }
    let numbers = |column: &&Column| {
        matches!(
            column.generated,
            Some(Generated::Identity(Identity::RowId | Identity::AutoIncrement))
        )
    };
    table.columns.iter().find(numbers).map_or(name, |column| column.name.clone())
}
