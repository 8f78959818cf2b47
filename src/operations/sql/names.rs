//! The names inside the SQL of a step: each that is not known is reported at its own word.

use std::ops::Range;

use crate::catalog::{Generated, IndexKey, SqlExpression};
use crate::change::apply::ApplyError;
use crate::change::effect::Object;
use crate::change::words::{Token, placed};
use crate::change::{Change, Constraint, DataChange, Write};
use crate::name::ObjectName;
use crate::operations::Lowering;
use crate::operations::lowering::Places;
use crate::operations::lowering::expression::Scope;
use crate::source::{Span, Spanned};

/// A part of the SQL of a step.
pub(super) struct Part<'w> {
    /// The whole SQL.
    pub(super) sql: &'w str,
    /// Where its parts stand in the plan's file.
    pub(super) places: &'w Places,
    /// The part.
    pub(super) place: Range<usize>,
}

impl Part<'_> {
    fn text(&self) -> &str {
        self.sql.get(self.place.clone()).unwrap_or_default()
    }

    /// Returns where the part stands.
    pub(super) fn span(&self) -> Span {
        self.places.span(self.place.start, self.place.len())
    }

    /// Returns where the part names an object, or else where the part stands.
    pub(super) fn word_of(&self, object: &Object) -> Span {
        let name = last_name(object);
        let is_name = |token: &Token<'_>| match token {
            Token::Word(word) => word.eq_ignore_ascii_case(&name),
            Token::Text(_) | Token::Number(_) | Token::Sign(_) => false,
        };
        let found = placed(self.text()).into_iter().find(|(_, token)| is_name(token));
        match found {
            Some((at, _)) => self.places.span(self.place.start.saturating_add(at.start), at.len()),
            None => self.span(),
        }
    }

    /// Returns an expression with the place where the part has it, or else with that of the part.
    fn written(&self, text: &SqlExpression) -> Spanned<String> {
        let text = text.as_str();
        let span = match self.text().find(text) {
            Some(at) => self.places.span(self.place.start.saturating_add(at), text.len()),
            None => self.span(),
        };
        Spanned::new(text.to_owned(), span)
    }
}

/// Returns what an error is about.
pub(super) const fn object_of(error: &ApplyError) -> &Object {
    match error {
        ApplyError::Missing { object, .. }
        | ApplyError::Exists { object, .. }
        | ApplyError::InUse { object, .. }
        | ApplyError::OfWhole { object, .. } => object,
    }
}

fn last_name(object: &Object) -> String {
    match object {
        Object::Table(name)
        | Object::View(name)
        | Object::Enum(name)
        | Object::Sequence(name)
        | Object::Other(_, name) => name.name.to_string(),
        Object::EnumValue(_, value) => value.clone(),
        Object::Column(_, name)
        | Object::Index(_, name)
        | Object::Constraint(_, name)
        | Object::Trigger(_, name)
        | Object::Sync(name) => name.to_string(),
    }
}

/// Reports the names in a change's expressions that nobody knows; whether what it changes itself is there, its application tells.
pub(super) fn check(change: &Change, part: &Part<'_>, lowering: &mut Lowering<'_>) {
    if let Change::Write(data) = change {
        check_write(data, part, lowering);
    } else if let Change::CreateView { view, .. } | Change::ReplaceView { view, .. } = change {
        query(&view.query, part, lowering);
    } else if let Change::CreateIndex { table, index, .. } = change {
        let keys = index.columns.iter().filter_map(|of| match &of.key {
            IndexKey::Expression(expression) => Some(expression),
            IndexKey::Column(_) => None,
        });
        expressions(table, keys.chain(&index.predicate), part, lowering);
    } else if let Change::AddConstraint { table, constraint: Constraint::Check(check) } = change {
        expressions(table, [&check.expression], part, lowering);
    } else if let Change::SetType { table, using, .. } = change {
        expressions(table, using, part, lowering);
    } else if let Change::AddColumn { table, column } = change {
        let made = match &column.generated {
            Some(Generated::Stored(made) | Generated::Virtual(made)) => Some(made),
            Some(Generated::Identity(_)) | None => None,
        };
        expressions(table, made, part, lowering);
    }
}

fn check_write(data: &DataChange, part: &Part<'_>, lowering: &mut Lowering<'_>) {
    let values: Vec<&SqlExpression> = match &data.write {
        Write::Update { set } => set.iter().map(|(_, value)| value).collect(),
        Write::Copy { columns, .. } => columns.iter().map(|(_, value)| value).collect(),
        Write::InsertSelect { query: text, .. } => {
            query(text, part, lowering);
            Vec::new()
        }
        Write::Delete | Write::InsertValues { .. } => Vec::new(),
    };
    expressions(&data.table, values.into_iter().chain(&data.condition), part, lowering);
}

fn expressions<'e>(
    table: &ObjectName,
    of: impl IntoIterator<Item = &'e SqlExpression>,
    part: &Part<'_>,
    lowering: &mut Lowering<'_>,
) {
    // A view's columns are not always known, and an unknown table is reported for itself.
    let catalog = lowering.before;
    let Some(known) = catalog.table(table) else { return };
    let scope = Scope::of(table, known);
    for expression in of {
        let written = part.written(expression);
        lowering.names_in(&written, &scope);
    }
}

fn query(text: &SqlExpression, part: &Part<'_>, lowering: &mut Lowering<'_>) {
    let written = part.written(text);
    lowering.names_in_query(&written);
}
