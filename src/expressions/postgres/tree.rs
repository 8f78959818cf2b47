//! What squawk's syntax tree of an expression or a query names.

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode, SyntaxToken};

use super::super::{ColumnReference, Expression, SyntaxError, TableReference, volatile};
use super::names;
use super::values::{is_constant, is_whole, result_columns};

/// What stands before the expression so that it is a statement.
const PREFIX: &str = "SELECT (";

pub(super) fn expression(text: &str) -> Result<Expression, SyntaxError> {
    let inner = expression_node(text)?;
    let mut walk = Walk::new(PREFIX.len(), false);
    walk.node(&inner, 0)?;
    let mut found = walk.found;
    found.is_constant = is_constant(&inner);
    Ok(found)
}

pub(super) fn query(text: &str) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    query_of(&query_node(text)?)
}

/// Tells what a query names that was parsed already, and its columns; places count from its beginning.
pub(crate) fn query_of(
    query: &SyntaxNode,
) -> Result<(Expression, Option<Vec<String>>), SyntaxError> {
    let mut walk = Walk::new(start(query), true);
    walk.node(query, 0)?;
    Ok((walk.finish_query(), result_columns(query)))
}

/// Reads the one expression that the text consists of.
pub(super) fn expression_node(text: &str) -> Result<SyntaxNode, SyntaxError> {
    let wrapped = format!("{PREFIX}{text}\n)");
    let root = parse(&wrapped, PREFIX.len(), text.len())?;
    only_expression(&root, wrapped.len())
        .ok_or(SyntaxError { message: "this is not one expression".to_owned(), offset: 0 })
}

/// Reads the one query that the text consists of.
pub(super) fn query_node(text: &str) -> Result<SyntaxNode, SyntaxError> {
    let root = parse(text, 0, text.len())?;
    let mut statements = root.children();
    let refuse = |message: &str, offset| SyntaxError { message: message.to_owned(), offset };
    match (statements.next(), statements.next()) {
        (Some(statement), None) if is_query(statement.kind()) => Ok(statement),
        (Some(_), None) => Err(refuse("this is not a query", 0)),
        (None, _) => Err(refuse("there is no query", 0)),
        (Some(_), Some(second)) => Err(refuse("this is more than one statement", start(&second))),
    }
}

fn parse(text: &str, base: usize, len: usize) -> Result<SyntaxNode, SyntaxError> {
    let parse = SourceFile::parse(text);
    match parse.errors().first() {
        Some(error) => Err(SyntaxError {
            message: names::plain_message(error.message()),
            offset: usize::from(error.range().start()).saturating_sub(base).min(len),
        }),
        None => Ok(parse.syntax_node()),
    }
}

/// Returns the expression inside the parentheses that planner put around the text, if they still close where they did.
fn only_expression(root: &SyntaxNode, end: usize) -> Option<SyntaxNode> {
    let select = only_child(root, SyntaxKind::SELECT)?;
    let clause = only_child(&select, SyntaxKind::SELECT_CLAUSE)?;
    let targets = only_child(&clause, SyntaxKind::TARGET_LIST)?;
    let target = only_child(&targets, SyntaxKind::TARGET)?;
    let parens = only_child(&target, SyntaxKind::PAREN_EXPR)?;
    let range = parens.text_range();
    if usize::from(range.start()) + 1 != PREFIX.len() || usize::from(range.end()) != end {
        return None;
    }
    let mut inside = parens.children();
    match (inside.next(), inside.next()) {
        (Some(inner), None) if !is_query(inner.kind()) => Some(inner),
        _ => None,
    }
}

fn only_child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    let mut children = node.children();
    match (children.next(), children.next()) {
        (Some(child), None) if child.kind() == kind => Some(child),
        _ => None,
    }
}

pub(super) const fn is_query(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::SELECT
            | SyntaxKind::PAREN_SELECT
            | SyntaxKind::COMPOUND_SELECT
            | SyntaxKind::VALUES
            | SyntaxKind::TABLE
    )
}

fn start(node: &SyntaxNode) -> usize {
    usize::from(node.text_range().start())
}

/// Collects what the nodes name.
struct Walk {
    base: usize,
    whole_query: bool,
    found: Expression,
    common_tables: Vec<String>,
    /// Names of subqueries, functions and the like in `FROM`; their columns belong to no table.
    other_sources: Vec<Option<String>>,
    /// Names of result columns, which `ORDER BY` and `GROUP BY` may name.
    result_names: Vec<String>,
}

impl Walk {
    fn new(base: usize, whole_query: bool) -> Self {
        Self {
            base,
            whole_query,
            found: Expression::default(),
            common_tables: Vec::new(),
            other_sources: Vec::new(),
            result_names: Vec::new(),
        }
    }

    fn node(&mut self, node: &SyntaxNode, queries: u32) -> Result<(), SyntaxError> {
        let mut queries = queries;
        match node.kind() {
            SyntaxKind::NAME_REF => {
                self.name(node, queries);
                return Ok(());
            }
            SyntaxKind::FIELD_EXPR => {
                if self.field(node, queries) {
                    return Ok(());
                }
            }
            SyntaxKind::RELATION_FROM_ITEM => self.table(node),
            SyntaxKind::TABLE => {
                queries += 1;
                self.table(node);
            }
            SyntaxKind::WITH_TABLE => {
                self.common_tables.extend(child_name(node, SyntaxKind::CTE_NAME));
            }
            SyntaxKind::FUNCTION_FROM_ITEM
            | SyntaxKind::PAREN_FROM_ITEM
            | SyntaxKind::EXPR_FROM_ITEM
            | SyntaxKind::ROWS_FROM_ITEM
            | SyntaxKind::JSON_TABLE_FROM_ITEM
            | SyntaxKind::XML_TABLE_FROM_ITEM
            | SyntaxKind::GRAPH_TABLE_FROM_ITEM => self.other_sources.push(alias(node)),
            SyntaxKind::AS_NAME => {
                self.result_names.extend(child_name(node, SyntaxKind::COLUMN_NAME));
            }
            SyntaxKind::LITERAL => refuse_parameter(node, self.base)?,
            SyntaxKind::NON_STANDARD_PARAM => return Err(parameter(node, self.base)),
            kind if is_query(kind) => queries += 1,
            _ => self.special_function(node),
        }
        self.found.has_subquery |= queries > u32::from(self.whole_query);
        for child in node.children() {
            self.node(&child, queries)?;
        }
        Ok(())
    }

    /// A lone name: a function if it is called, a column unless a keyword.
    fn name(&mut self, node: &SyntaxNode, queries: u32) {
        let Some(token) = node.first_token() else { return };
        let parent = node.parent();
        if parent.as_ref().is_some_and(|parent| is_callee(parent, node)) {
            self.function(names::fold(token.text()));
            return;
        }
        if names::is_niladic(&token) {
            self.function(token.text().to_ascii_lowercase());
            return;
        }
        let is_field = parent.is_some_and(|parent| {
            parent.kind() == SyntaxKind::FIELD_EXPR && parent.first_child().as_ref() != Some(node)
        });
        let name = names::fold(token.text());
        if is_field || names::is_row(&name) {
            return;
        }
        self.column(None, name, start(node), node, queries);
    }

    /// A dotted name: `t.c`, `s.t.c`, `s.function`; `false` if its parts must be looked at instead.
    fn field(&mut self, node: &SyntaxNode, queries: u32) -> bool {
        let Some(mut parts) = dotted(node) else { return false };
        let Some(last) = parts.pop() else { return false };
        if node.parent().is_some_and(|parent| is_callee(&parent, node)) {
            let schema = parts.join(".");
            let pg_catalog = schema.is_empty() || schema == "pg_catalog";
            self.function(if pg_catalog { last } else { format!("{schema}.{last}") });
            return true;
        }
        if last == "*" {
            return true;
        }
        let qualifier = if parts.is_empty() { None } else { Some(parts.join(".")) };
        self.column(qualifier, last, start(node), node, queries);
        true
    }

    fn column(
        &mut self,
        qualifier: Option<String>,
        name: String,
        start: usize,
        node: &SyntaxNode,
        queries: u32,
    ) {
        if queries > 0 && !self.whole_query {
            return;
        }
        let len = usize::from(node.text_range().len());
        let offset = start.saturating_sub(self.base);
        self.found.columns.push(ColumnReference { qualifier, name, offset, len });
    }

    fn function(&mut self, name: String) {
        self.found.is_volatile |= volatile::postgres(&name);
        self.found.functions.push(name);
    }

    /// Functions that have a syntax of their own: `extract`, `substring` ….
    fn special_function(&mut self, node: &SyntaxNode) {
        let called = node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::CALL_EXPR);
        let Some(token) = node.first_token().filter(|_| called) else { return };
        let first = node.parent().and_then(|parent| parent.first_child());
        let comparison = matches!(
            node.kind(),
            SyntaxKind::ANY_FN | SyntaxKind::ALL_FN | SyntaxKind::SOME_FN | SyntaxKind::EXISTS_FN
        );
        let is_name = token.text().starts_with(|c: char| c.is_ascii_alphabetic());
        if !comparison
            && is_name
            && first.as_ref() == Some(node)
            && !is_expression_node(node.kind())
        {
            self.function(token.text().to_ascii_lowercase());
        }
    }

    fn table(&mut self, node: &SyntaxNode) {
        let Some(reference) = node.descendants().find(|node| {
            matches!(node.kind(), SyntaxKind::RELATION_NAME_REF | SyntaxKind::TABLE_NAME_REF)
        }) else {
            return;
        };
        let parts: Vec<String> = reference
            .descendants()
            .filter(|node| node.kind() == SyntaxKind::PATH_SEGMENT_REF)
            .filter_map(|segment| segment.first_token().map(|token| names::fold(token.text())))
            .collect();
        let name = parts.join(".");
        let name = name.strip_prefix("public.").map(str::to_owned).unwrap_or(name);
        if parts.len() == 1 && self.common_tables.contains(&name) {
            self.other_sources.push(alias(node).or(Some(name)));
            return;
        }
        let alias = alias(node);
        let called = alias.as_deref().or(parts.last().map(String::as_str)).unwrap_or_default();
        self.found.tables.push(TableReference {
            is_whole: is_whole(node, called),
            name,
            alias,
            offset: start(&reference).saturating_sub(self.base),
            len: usize::from(reference.text_range().len()),
        });
    }

    /// Leaves the columns that can be told to belong to a table.
    fn finish_query(self) -> Expression {
        let Self { mut found, other_sources, result_names, .. } = self;
        let one_table = found.tables.len() == 1 && other_sources.is_empty();
        let tables = &found.tables;
        found.columns.retain(|column| match &column.qualifier {
            Some(qualifier) => tables.iter().any(|table| match &table.alias {
                Some(alias) => alias == qualifier,
                None => {
                    table.name == *qualifier || table.name.rsplit('.').next() == Some(qualifier)
                }
            }),
            None => one_table && !result_names.contains(&column.name),
        });
        found
    }
}

fn is_callee(parent: &SyntaxNode, node: &SyntaxNode) -> bool {
    parent.kind() == SyntaxKind::CALL_EXPR && parent.first_child().as_ref() == Some(node)
}

/// Nodes that may be called or stand first in a call without being a function's own syntax.
const fn is_expression_node(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::NAME_REF
            | SyntaxKind::FIELD_EXPR
            | SyntaxKind::PAREN_EXPR
            | SyntaxKind::CALL_EXPR
            | SyntaxKind::INDEX_EXPR
            | SyntaxKind::ARG_LIST
    )
}

/// Returns the folded parts of `a.b.c`, the last `*` for `a.*`; `None` if it is not all names.
pub(super) fn dotted(node: &SyntaxNode) -> Option<Vec<String>> {
    let mut children = node.children();
    let base = children.next()?;
    let mut parts = match base.kind() {
        SyntaxKind::NAME_REF => vec![names::fold(base.first_token()?.text())],
        SyntaxKind::FIELD_EXPR => dotted(&base)?,
        _ => return None,
    };
    match children.next() {
        Some(field) => parts.push(names::fold(field.first_token()?.text())),
        None => parts.push("*".to_owned()),
    }
    Some(parts)
}

fn alias(item: &SyntaxNode) -> Option<String> {
    let from_alias = item.children().find(|child| child.kind() == SyntaxKind::FROM_ALIAS)?;
    child_name(&from_alias, SyntaxKind::TABLE_ALIAS)
}

fn child_name(node: &SyntaxNode, kind: SyntaxKind) -> Option<String> {
    let child = node.children().find(|child| child.kind() == kind)?;
    child.first_token().map(|token: SyntaxToken| names::fold(token.text()))
}

fn refuse_parameter(literal: &SyntaxNode, base: usize) -> Result<(), SyntaxError> {
    match literal.first_token() {
        Some(token) if token.kind() == SyntaxKind::POSITIONAL_PARAM => {
            Err(parameter(literal, base))
        }
        _ => Ok(()),
    }
}

fn parameter(node: &SyntaxNode, base: usize) -> SyntaxError {
    SyntaxError {
        message: "a parameter has no value here".to_owned(),
        offset: start(node).saturating_sub(base),
    }
}
