//! What lowering an operation needs: the dialect, the catalog before the step, what the plan did so far,
//! and where findings go. Names of objects are checked in `names`, SQL texts in `expression`, `query` and
//! `types`; `naming` makes up the names that nobody wrote.

pub mod expression;
mod names;
pub mod naming;
mod place;
pub mod query;
mod refused;
pub mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Catalog, Sync};
use crate::change::Written;
use crate::diagnostic::{Diagnostic, Sink, code};
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName, PlanName};
use crate::phase::Phase;
use crate::source::{Span, Spanned};
use crate::yaml::text::SqlText;

pub use expression::Role;
pub use place::Places;
pub(crate) use refused::is_about;
pub use refused::refused;

/// Something did not fit and was reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported;

/// SQL that runs as its author wrote it, and where in it the changes of its step stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsWritten {
    /// The SQL.
    pub sql: Written,
    /// For each change of the step, in order, where it stands in the plan's file.
    pub places: Vec<Span>,
}

/// The surroundings of a step while it is lowered.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The dialect that texts are taken for.
    pub dialect: Dialect,
    /// The catalog just before the step.
    pub before: &'a Catalog,
    /// The plan.
    pub plan: &'a PlanName,
    /// The text of the plan's file.
    pub file: &'a str,
    /// The step's id.
    pub step: &'a Spanned<Name>,
    /// The step's phase.
    pub phase: Phase,
    /// Syncs that steps of this plan created, by the creating step's id.
    pub syncs: &'a BTreeMap<Name, Arc<Sync>>,
    /// Objects that a left-out step would have created or dropped: names of them are not reported.
    pub suspended: &'a BTreeSet<ObjectName>,
    /// The SQL that runs in the place of the changes, if the step is to run as written.
    pub written: Option<AsWritten>,
    /// Where findings go.
    pub sink: &'a mut Sink,
}

impl Lowering<'_> {
    /// Reports a finding about the step.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.sink.report(diagnostic.plan(self.plan).step(&self.step.value));
    }

    /// Reports a value that does not fit, with what to write instead.
    pub fn invalid(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::new(code::INVALID_VALUE, message).at(span).help(help));
    }

    /// Reports what the dialect cannot do, with what to do instead.
    pub fn unsupported(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::new(code::UNSUPPORTED_ON_DIALECT, message).at(span).help(help));
    }

    /// Returns whether a left-out step would have created, changed or dropped this object.
    #[must_use]
    pub fn is_suspended(&self, name: &ObjectName) -> bool {
        self.suspended.contains(name)
    }

    /// Returns the same surroundings with another catalog: the step has begun.
    pub fn on<'b>(&'b mut self, before: &'b Catalog) -> Lowering<'b> {
        Lowering {
            dialect: self.dialect,
            before,
            plan: self.plan,
            file: self.file,
            step: self.step,
            phase: self.phase,
            syncs: self.syncs,
            suspended: self.suspended,
            written: None,
            sink: self.sink,
        }
    }

    /// Returns where a part of a text stands in the plan's file.
    #[must_use]
    pub fn place(&self, written: &Spanned<String>, offset: usize, len: usize) -> Span {
        self.places(written).span(offset, len)
    }

    /// Returns where the parts of a text stand in the plan's file, for a text of which many are asked for.
    #[must_use]
    pub fn places(&self, written: &Spanned<String>) -> Places {
        Places::of(self.file, written)
    }

    /// Returns the text for this dialect, or reports that there is none.
    pub fn text<'t>(&mut self, text: &'t SqlText) -> Option<&'t Spanned<String>> {
        let own = text.of(self.dialect);
        if own.is_none()
            && let Some((other, written)) = text.by_dialect.first()
        {
            let dialect = self.dialect;
            self.unsupported(
                written.span,
                format!("there is a text for {other} but none for {dialect}"),
                format!("add `{dialect}: …` beside it"),
            );
        }
        own
    }
}
