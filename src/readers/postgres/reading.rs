//! One statement while it is read: its text, the catalog as it stands, and the parts found so far.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use squawk_lexer::{LiteralKind, TokenKind, tokenize};
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::AstNode;

use super::names;
use super::settings::Settings;
use crate::catalog::{Catalog, ObjectKind};
use crate::change::apply::apply;
use crate::change::{Change, Opaque, Touched, Verb};
use crate::name::{Name, ObjectName};
pub(super) use crate::readers::thing::Thing;
use crate::readers::{How, Meaning, Part, TransactionControl};

/// A statement that is being read.
pub(super) struct Reading<'a> {
    /// The text that the tree's places belong to.
    pub text: &'a str,
    /// Where that text begins in the script, or the place of all of it where its parts cannot be told.
    pub at: At,
    pub settings: &'a Settings,
    /// The words of the statement that are not part of its changes.
    pub how: How,
    pub alone: Option<&'static str>,
    pub transaction: Option<TransactionControl>,
    pub parts: Vec<Part>,
    /// What makes an action of `ALTER` a statement of its own.
    pub head: Option<String>,
    /// The catalog after the first `applied` parts.
    catalog: Cow<'a, Catalog>,
    applied: usize,
    /// Whether a bare name was met while nobody knows where it is looked up.
    pub lost: Cell<bool>,
}

/// Where a text is in the script.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// It begins here and goes on letter by letter.
    From(usize),
    /// It is somewhere inside.
    Within(Range<usize>),
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// Tables, views, sequences and indexes.
    Relation,
    /// Types.
    Type,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        text: &'a str,
        at: At,
        settings: &'a Settings,
        before: Cow<'a, Catalog>,
    ) -> Self {
        Self {
            text,
            at,
            settings,
            how: How::default(),
            alone: None,
            transaction: None,
            parts: Vec::new(),
            head: None,
            catalog: before,
            applied: 0,
            lost: Cell::new(false),
        }
    }

    /// Brings the catalog to where it is after the parts so far. A part that the engine would refuse changes nothing.
    pub(super) fn catch_up(&mut self) {
        while let Some(part) = self.parts.get(self.applied) {
            self.applied += 1;
            if let Meaning::Change(change) = &part.meaning {
                let _ = apply(change, self.catalog.to_mut());
            }
        }
    }

    /// Returns the catalog after the parts so far.
    pub(super) fn now(&mut self) -> &Catalog {
        self.catch_up();
        &self.catalog
    }

    /// Returns the catalog as of the last [`Reading::catch_up`].
    pub(super) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Forgets the parts from this one on, none of which changed the catalog.
    pub(super) fn take_back(&mut self, n_parts: usize) {
        self.parts.truncate(n_parts);
        self.applied = self.applied.min(n_parts);
    }

    /// Returns a reading of another text whose statements run where this one stands.
    pub(super) fn nested<'b>(&mut self, text: &'b str, at: At) -> Reading<'b>
    where
        'a: 'b,
    {
        let catalog = Cow::Owned(self.now().clone());
        Reading::new(text, at, self.settings, catalog)
    }

    /// Takes over what a nested reading found.
    pub(super) fn absorb(&mut self, nested: Reading<'_>) {
        if nested.lost.get() {
            self.lost.set(true);
        }
        self.alone = self.alone.or(nested.alone);
        self.parts.extend(nested.parts);
    }

    /// Returns a node's text.
    pub(super) fn text(&self, node: &SyntaxNode) -> &'a str {
        let range = node.text_range();
        let text = self.text.get(usize::from(range.start())..usize::from(range.end()));
        text.unwrap_or_default().trim_end_matches(';').trim()
    }

    /// Returns a node's place in the script.
    pub(super) fn place(&self, node: &SyntaxNode) -> Range<usize> {
        match &self.at {
            At::Within(place) => place.clone(),
            At::From(base) => {
                let start = usize::from(node.text_range().start());
                let whole = self.text.get(start..).unwrap_or_default();
                let spaces = whole.len() - whole.trim_start().len();
                base + start + spaces..base + start + spaces + self.text(node).len()
            }
        }
    }

    /// Adds a change with the statement's own words.
    pub(super) fn change(&mut self, node: &SyntaxNode, change: Change) {
        self.change_how(node, change, self.how);
    }

    pub(super) fn change_how(&mut self, node: &SyntaxNode, change: Change, how: How) {
        let place = self.place(node);
        self.parts.push(Part { place, meaning: Meaning::Change(Box::new(change)), how });
    }

    /// Adds a part that cannot be told.
    pub(super) fn opaque(&mut self, node: &SyntaxNode, why: impl Into<String>) {
        let place = self.place(node);
        self.parts.push(Part {
            place,
            meaning: Meaning::Opaque { why: why.into() },
            how: self.how,
        });
    }

    /// Adds a statement of which nobody knows whether it runs, with what it would touch.
    pub(super) fn uncertain(
        &mut self,
        node: &SyntaxNode,
        why: String,
        touches: Vec<Touched>,
        may: Vec<Change>,
    ) {
        let opaque = Opaque { text: self.text(node).to_owned(), why, touches, may };
        self.change(node, Change::Opaque(opaque));
    }

    /// Adds a statement about something that the catalog does not hold as structure.
    pub(super) fn other(&mut self, node: &SyntaxNode, thing: Thing) {
        let text = match &self.head {
            Some(head) => format!("{head} {}", self.text(node)),
            None => self.text(node).to_owned(),
        };
        self.other_text(node, thing, text);
    }

    /// As [`Reading::other`], with a text that is not the node's.
    pub(super) fn other_text(&mut self, node: &SyntaxNode, thing: Thing, text: String) {
        let text = if matches!(
            thing.kind,
            ObjectKind::Role | ObjectKind::Foreign | ObjectKind::Subscription
        ) {
            without_passwords(&text)
        } else {
            text
        };
        self.change(node, Change::Other(thing.into_other(text)));
    }

    /// Returns the name of something that is created: without a schema it comes into the first of the path.
    pub(super) fn new_name(&self, node: &impl AstNode) -> Option<ObjectName> {
        self.new_name_of(node.syntax())
    }

    pub(super) fn new_name_of(&self, node: &SyntaxNode) -> Option<ObjectName> {
        let mut parts = names::parts(node);
        let name = Name::new(parts.pop()?);
        if let Some(schema) = parts.pop() {
            return Some(ObjectName { schema: names::schema(schema), name });
        }
        let Some(path) = &self.settings.path else {
            self.lost.set(true);
            return Some(ObjectName { schema: None, name });
        };
        Some(ObjectName { schema: path.first().cloned().flatten(), name })
    }

    /// Returns what a name refers to: without a schema the first of the path that has it.
    pub(super) fn name_in(&self, space: Space, node: &SyntaxNode) -> Option<ObjectName> {
        self.name_of_parts(space, names::parts(node))
    }

    pub(super) fn name_of_parts(&self, space: Space, mut parts: Vec<String>) -> Option<ObjectName> {
        let name = Name::new(parts.pop()?);
        if let Some(schema) = parts.pop() {
            return Some(ObjectName { schema: names::schema(schema), name });
        }
        let Some(path) = &self.settings.path else {
            self.lost.set(true);
            return Some(ObjectName { schema: None, name });
        };
        let mut there =
            path.iter().map(|schema| ObjectName { schema: schema.clone(), name: name.clone() });
        let first = there.clone().next().unwrap_or(ObjectName { schema: None, name: name.clone() });
        if path.len() < 2 {
            return Some(first);
        }
        Some(there.find(|name| self.has(space, name)).unwrap_or(first))
    }

    /// Returns the table, view, sequence or index that a name refers to.
    pub(super) fn relation(&self, node: &impl AstNode) -> Option<ObjectName> {
        self.name_in(Space::Relation, node.syntax())
    }

    /// Returns whether the bare name is that of a temporary table of this script.
    pub(super) fn is_temporary(&self, node: &impl AstNode) -> bool {
        let parts = names::parts(node.syntax());
        match parts.as_slice() {
            [name] => self.settings.temporary.contains(name.as_str()),
            [schema, _] => schema == "pg_temp",
            _ => false,
        }
    }

    fn has(&self, space: Space, name: &ObjectName) -> bool {
        let catalog = self.catalog();
        match space {
            Space::Relation => {
                catalog.tables.contains_key(name)
                    || catalog.views.contains_key(name)
                    || catalog.sequences.contains(name)
                    || catalog.table_of_index(name).is_some()
            }
            Space::Type => {
                let other = |kind| catalog.others.contains_key(&(kind, name.clone()));
                catalog.enums.contains_key(name)
                    || other(ObjectKind::Domain)
                    || other(ObjectKind::Type)
            }
        }
    }
}

impl Reading<'_> {
    /// Returns whether a table, view, sequence, index or key of this name is there.
    pub(super) fn has_relation(&mut self, name: &ObjectName) -> bool {
        self.catch_up();
        self.has(Space::Relation, name)
            || self.catalog().tables.iter().any(|(table, of)| {
                table.schema == name.schema && of.index_constraints().any(|key| *key == name.name)
            })
    }

    /// Adds a statement about a temporary table, which is gone with the session.
    pub(super) fn temporary(&mut self, node: &SyntaxNode, table: &impl AstNode) -> Option<()> {
        let name = Name::new(names::parts(table.syntax()).pop()?);
        let schema = Some(Name::new("pg_temp"));
        let thing = Thing::new(Verb::Run, ObjectKind::Persistence);
        self.other(node, thing.named(ObjectName { schema, name }));
        Some(())
    }
}

/// Puts stars in the place of every string of a statement that has a password: no message may show it.
fn without_passwords(text: &str) -> String {
    if !text.to_ascii_lowercase().contains("password") {
        return text.to_owned();
    }
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for token in tokenize(text) {
        let start = at;
        at += token.len as usize;
        match token.kind {
            TokenKind::Literal { kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. } } => {
                masked.push_str(text.get(start..at).unwrap_or_default());
            }
            TokenKind::Literal { .. } => masked.push_str("'***'"),
            _ => masked.push_str(text.get(start..at).unwrap_or_default()),
        }
    }
    masked
}
