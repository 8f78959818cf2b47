//! Columns and constraints as `CREATE TABLE` and `ALTER TABLE` write them, before they have names.

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};

use super::names;
use super::reading::Reading;
use super::{shapes, terms};
use crate::catalog::{
    Check, Column, Deferral, Exclusion, ForeignKey, Generated, Identity, Index, Key, KeyTerms,
    ReferenceTerms, ReferentialAction, SqlExpression,
};
use crate::change::Constraint;
use crate::change::naming::Naming;
use crate::name::{Name, ObjectName};

/// A constraint as it is written.
pub(super) struct Draft {
    pub node: SyntaxNode,
    pub name: Option<Name>,
    pub validated: bool,
    /// `NO INHERIT`.
    pub no_inherit: bool,
    pub kind: Kind,
}

/// What a constraint says.
#[derive(Clone)]
pub(super) enum Kind {
    Primary(Vec<Name>, KeyTerms),
    Unique(Vec<Name>, KeyTerms),
    Check(SqlExpression),
    ForeignKey(Reference),
    UsingIndex {
        index: Name,
        primary: bool,
        deferral: Deferral,
    },
    NotNull(Name),
    Exclude(Excluded),
    /// It cannot be told.
    Unknown(&'static str),
}

/// The far end of a foreign key.
#[derive(Clone)]
pub(super) struct Reference {
    pub columns: Vec<Name>,
    pub table: ObjectName,
    /// Empty for its primary key.
    pub to: Vec<Name>,
    pub on_delete: ReferentialAction,
    pub on_update: ReferentialAction,
    pub terms: ReferenceTerms,
}

/// An exclusion constraint without its name.
#[derive(Clone)]
pub(super) struct Excluded {
    /// The columns and expressions that its name is made of.
    pub labels: Vec<Name>,
    pub index: Index,
    pub operators: Vec<String>,
    pub deferral: Deferral,
}

/// A column and the constraints that are written at it.
pub(super) struct DraftColumn {
    pub column: Column,
    pub constraints: Vec<Draft>,
    pub collation_of_default: Option<Name>,
}

/// Reads a column of a table that is created.
pub(super) fn of(reading: &Reading<'_>, node: &ast::Column) -> Option<DraftColumn> {
    let name = node.name().as_ref().and_then(names::of)?;
    column(reading, node.syntax(), name, node.ty().as_ref())
}

/// Reads a column with all that stands after its type.
pub(super) fn column(
    reading: &Reading<'_>,
    node: &SyntaxNode,
    name: Name,
    ty: Option<&ast::Type>,
) -> Option<DraftColumn> {
    let mut column = Column::new(name, String::new());
    column.sql_type = shapes::sql_type(reading, ty?);
    if let Some(base) = shapes::serial(&column.sql_type) {
        column.sql_type = base;
        column.nullable = false;
        column.generated = Some(Generated::Identity(Identity::Serial));
    }
    Some(with_clauses(reading, node, column))
}

/// Reads what stands behind a column's name and type.
pub(super) fn with_clauses(
    reading: &Reading<'_>,
    node: &SyntaxNode,
    column: Column,
) -> DraftColumn {
    let mut drafted = DraftColumn { column, constraints: Vec::new(), collation_of_default: None };
    for child in node.children() {
        if let Some(collate) = ast::Collate::cast(child.clone()) {
            drafted.column.collation = shapes::collation(&collate);
        } else if let Some(constraint) = ast::Constraint::cast(child) {
            drafted.clause(reading, &constraint);
        }
    }
    if drafted.column.collation.is_none() {
        drafted.column.collation = drafted.collation_of_default.take();
    }
    drafted
}

impl DraftColumn {
    fn clause(&mut self, reading: &Reading<'_>, constraint: &ast::Constraint) {
        let column = &mut self.column;
        match constraint {
            ast::Constraint::NotNullConstraint(_) => column.nullable = false,
            ast::Constraint::NullConstraint(_) => {}
            ast::Constraint::DefaultConstraint(default) => {
                let Some(expr) = default.expr() else { return };
                let (value, collation) = default_and_collation(expr);
                self.collation_of_default = collation;
                let is_default = !shapes::is_no_default(&value, &column.sql_type);
                column.default = is_default.then(|| shapes::expression(reading, &value));
            }
            ast::Constraint::GeneratedConstraint(generated) => {
                column.generated = shapes::generated(reading, generated);
                if matches!(column.generated, Some(Generated::Identity(_))) {
                    column.nullable = false;
                }
            }
            ast::Constraint::PrimaryKeyConstraint(_)
            | ast::Constraint::UniqueConstraint(_)
            | ast::Constraint::CheckConstraint(_)
            | ast::Constraint::ReferencesConstraint(_)
            | ast::Constraint::ForeignKeyConstraint(_)
            | ast::Constraint::ExcludeConstraint(_) => {
                if matches!(constraint, ast::Constraint::PrimaryKeyConstraint(_)) {
                    column.nullable = false;
                }
                let name = column.name.clone();
                self.constraints.extend(draft(reading, constraint, Some(&name)));
            }
        }
    }
}

/// `DEFAULT 'x' COLLATE "C"` gives the column a collation; the parser takes it for the default's.
fn default_and_collation(expr: ast::Expr) -> (ast::Expr, Option<Name>) {
    if let Some(collate) = ast::Collate::cast(expr.syntax().clone())
        && let Some(inner) = collate.expr()
    {
        return (inner, shapes::collation(&collate));
    }
    (expr, None)
}

/// Reads a constraint at a column or of a table.
pub(super) fn draft(
    reading: &Reading<'_>,
    constraint: &ast::Constraint,
    column: Option<&Name>,
) -> Option<Draft> {
    let own = || column.cloned().into_iter().collect::<Vec<Name>>();
    let kind = match constraint {
        ast::Constraint::PrimaryKeyConstraint(key) => {
            let terms = terms::key(key.index_parameters().as_ref(), key.constraint_options());
            key_kind(key.using_index(), key.index_parameters(), own(), (terms, true))
        }
        ast::Constraint::UniqueConstraint(key) => {
            let terms = terms::key(key.index_parameters().as_ref(), key.constraint_options());
            key_kind(key.using_index(), key.index_parameters(), own(), (terms, false))
        }
        ast::Constraint::CheckConstraint(check) => {
            Kind::Check(shapes::expression(reading, &check.expr()?))
        }
        ast::Constraint::ReferencesConstraint(key) => {
            let terms = reference_terms(
                key.constraint_options(),
                key.match_type().as_ref(),
                key.referential_actions(),
            );
            let actions = actions(key.referential_actions());
            let to = key.column().as_ref().and_then(names::of).into_iter().collect();
            let table = reading.relation(&key.table()?)?;
            Kind::ForeignKey(Reference {
                columns: own(),
                table,
                to,
                on_delete: actions.0,
                on_update: actions.1,
                terms,
            })
        }
        ast::Constraint::ForeignKeyConstraint(key) => {
            let terms = reference_terms(
                key.constraint_options(),
                key.match_type().as_ref(),
                key.referential_actions(),
            );
            let actions = actions(key.referential_actions());
            Kind::ForeignKey(Reference {
                columns: shapes::columns(&key.from_columns()?),
                table: reading.relation(&key.table_name_ref()?)?,
                to: key.to_columns().as_ref().map(shapes::columns).unwrap_or_default(),
                on_delete: actions.0,
                on_update: actions.1,
                terms,
            })
        }
        ast::Constraint::ExcludeConstraint(exclude) => {
            Kind::Exclude(super::exclusion::read(reading, exclude)?)
        }
        ast::Constraint::NotNullConstraint(not_null) => {
            let named = not_null.column_name_ref().as_ref().and_then(names::of);
            Kind::NotNull(named.or_else(|| column.cloned())?)
        }
        ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_)
        | ast::Constraint::NullConstraint(_) => return None,
    };
    let name = constraint.constraint_name().as_ref().and_then(names::of);
    let node = constraint.syntax().clone();
    let validated = !constraint.is_not_valid();
    let no_inherit = match constraint {
        ast::Constraint::CheckConstraint(check) => check
            .constraint_options()
            .any(|option| matches!(option, ast::ConstraintOption::NoInherit(_))),
        _ => false,
    };
    Some(Draft { node, name, validated, no_inherit, kind })
}

fn key_kind(
    using: Option<ast::UsingIndexName>,
    parameters: Option<ast::IndexParameters>,
    own: Vec<Name>,
    (terms, primary): (KeyTerms, bool),
) -> Kind {
    let deferral = terms.deferral;
    if let Some(index) = using.and_then(|using| using.index_ref()) {
        return match names::parts(index.syntax()).pop() {
            Some(index) => Kind::UsingIndex { index: Name::new(index), primary, deferral },
            None => Kind::Unknown("the index has no name"),
        };
    }
    let list = parameters.and_then(|parameters| parameters.column_list());
    if list.as_ref().is_some_and(|list| list.without_overlaps().is_some()) {
        return Kind::Unknown("a key `WITHOUT OVERLAPS` is not known to planner");
    }
    let columns = list.as_ref().map_or(own, shapes::columns);
    if primary { Kind::Primary(columns, terms) } else { Kind::Unique(columns, terms) }
}

/// Returns what a foreign key says beside its columns and actions.
fn reference_terms(
    options: impl Iterator<Item = ast::ConstraintOption>,
    match_type: Option<&ast::MatchType>,
    actions: impl Iterator<Item = ast::ReferentialAction>,
) -> ReferenceTerms {
    let mut actions = actions.filter_map(|action| match action {
        ast::ReferentialAction::OnDeleteAction(of) => of.ref_action(),
        ast::ReferentialAction::OnUpdateAction(_) => None,
    });
    let list = actions.next().and_then(|action| match action {
        ast::RefAction::SetNullColumns(of) => of.column_ref_list(),
        ast::RefAction::SetDefaultColumns(of) => of.column_ref_list(),
        ast::RefAction::Cascade(_) | ast::RefAction::NoAction(_) | ast::RefAction::Restrict(_) => {
            None
        }
    });
    ReferenceTerms {
        deferral: terms::deferral(options).unwrap_or_default(),
        match_full: matches!(match_type, Some(ast::MatchType::MatchFull(_))),
        on_delete_columns: list.as_ref().map(shapes::columns).unwrap_or_default(),
        ..ReferenceTerms::default()
    }
}

/// Returns what happens on delete and on update.
fn actions(
    actions: impl Iterator<Item = ast::ReferentialAction>,
) -> (ReferentialAction, ReferentialAction) {
    let (mut on_delete, mut on_update) = Default::default();
    for action in actions {
        match action {
            ast::ReferentialAction::OnDeleteAction(of) => {
                on_delete = action_of(of.ref_action().as_ref());
            }
            ast::ReferentialAction::OnUpdateAction(of) => {
                on_update = action_of(of.ref_action().as_ref());
            }
        }
    }
    (on_delete, on_update)
}

fn action_of(action: Option<&ast::RefAction>) -> ReferentialAction {
    match action {
        Some(ast::RefAction::Restrict(_)) => ReferentialAction::Restrict,
        Some(ast::RefAction::Cascade(_)) => ReferentialAction::Cascade,
        Some(ast::RefAction::SetNullColumns(_)) => ReferentialAction::SetNull,
        Some(ast::RefAction::SetDefaultColumns(_)) => ReferentialAction::SetDefault,
        Some(ast::RefAction::NoAction(_)) | None => ReferentialAction::NoAction,
    }
}

/// Names a constraint and makes it one to add; `None` for what is none of the catalog's.
pub(super) fn finish(
    draft: &Draft,
    naming: &mut Naming<'_>,
    primary_key_of: impl Fn(&ObjectName) -> Vec<Name>,
) -> Option<Constraint> {
    let named = draft.name.clone();
    if let Some(name) = &named {
        naming.take(name);
    }
    Some(match draft.kind.clone() {
        Kind::Primary(columns, terms) => {
            let name = named.unwrap_or_else(|| naming.primary_key());
            Constraint::Primary(Key { name, columns, terms })
        }
        Kind::Unique(columns, terms) => {
            let name = named.unwrap_or_else(|| naming.key(&labels(&columns, &terms)));
            Constraint::Unique(Key { name, columns, terms })
        }
        Kind::Check(expression) => {
            let name = named.unwrap_or_else(|| naming.check(&expression));
            let (validated, no_inherit) = (draft.validated, draft.no_inherit);
            Constraint::Check(Check { name, expression, validated, no_inherit })
        }
        Kind::ForeignKey(Reference { columns, table, to, on_delete, on_update, terms }) => {
            let name = named.unwrap_or_else(|| naming.foreign_key(&columns));
            let referenced_columns = if to.is_empty() { primary_key_of(&table) } else { to };
            Constraint::ForeignKey(ForeignKey {
                name,
                columns,
                references: table,
                referenced_columns,
                on_delete,
                on_update,
                validated: draft.validated,
                terms,
            })
        }
        Kind::UsingIndex { index, primary, deferral } => {
            let name = named.unwrap_or_else(|| index.clone());
            Constraint::UsingIndex { name, index, primary, deferral }
        }
        Kind::Exclude(Excluded { labels, index, operators, deferral }) => {
            let name = named.unwrap_or_else(|| naming.exclusion(&labels));
            Constraint::Exclude(Exclusion { name, index, operators, deferral })
        }
        Kind::NotNull(_) | Kind::Unknown(_) => return None,
    })
}

/// Returns the columns that a unique constraint's name is made of: those beside the key too.
pub(super) fn labels(columns: &[Name], terms: &KeyTerms) -> Vec<Name> {
    columns.iter().chain(&terms.include).cloned().collect()
}
