//! Expressions and queries as trees that do not show how they were written: no parentheses, one spelling for each
//! operator, `IN` and `BETWEEN` written out, as a server does when it stores them.

use squawk_syntax::ast::AstNode as _;
use squawk_syntax::column_name::ColumnName;
use squawk_syntax::{SyntaxElement, SyntaxKind, SyntaxNode, ast};

use super::{intervals, names};

/// What an expression means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// A name, perhaps qualified.
    Name(Vec<String>),
    /// A string's content.
    Text(String),
    /// A number with its sign.
    Number(String),
    /// A value as a type.
    Cast(Box<Self>, String),
    /// Anything else: its words and its parts.
    Node(String, Vec<Self>),
}

impl Tree {
    pub(super) fn node(label: &str, parts: Vec<Self>) -> Self {
        Self::Node(label.to_owned(), parts)
    }

    pub(super) fn is_null(&self) -> bool {
        match self {
            Self::Node(label, _) => label == "null",
            Self::Cast(value, _) => value.is_null(),
            Self::Name(_) | Self::Text(_) | Self::Number(_) => false,
        }
    }
}

/// Returns the tree of an expression or a query.
pub(super) fn tree(node: &SyntaxNode) -> Tree {
    match node.kind() {
        SyntaxKind::PAREN_EXPR | SyntaxKind::PAREN_SELECT | SyntaxKind::PAREN_FROM_ITEM => {
            let mut inside = node.children();
            match (inside.next(), inside.next()) {
                (Some(inner), None) => tree(&inner),
                _ => generic(node),
            }
        }
        SyntaxKind::NAME_REF | SyntaxKind::FIELD_EXPR => name(node),
        SyntaxKind::LITERAL => literal(node),
        SyntaxKind::BIN_EXPR => binary(node),
        SyntaxKind::BETWEEN_EXPR => between(node),
        SyntaxKind::PREFIX_EXPR => prefix(node),
        SyntaxKind::POSTFIX_EXPR => postfix(node),
        SyntaxKind::CAST_EXPR => cast(node),
        SyntaxKind::CASE_EXPR => case(node),
        SyntaxKind::TARGET => target(node),
        SyntaxKind::TRIM_FN => trim(node),
        SyntaxKind::COMPOUND_SELECT => compound(node),
        _ => generic(node),
    }
}

/// Any node: its kind and all its own words, so that nothing different looks the same.
fn generic(node: &SyntaxNode) -> Tree {
    /// Words that say nothing.
    const EMPTY: [&str; 5] = ["outer", "inner", "asc", "as", ";"];
    let words = own_words(node);
    let words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !EMPTY.contains(word)).collect();
    let label = format!("{:?} {}", node.kind(), words.join(" "));
    let children = node.children().filter(|child| child.kind() != SyntaxKind::SORT_ASC);
    Tree::Node(label, children.map(|child| tree(&child)).collect())
}

fn own_words(node: &SyntaxNode) -> Vec<String> {
    let tokens = node.children_with_tokens().filter_map(SyntaxElement::into_token);
    tokens
        .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
        .map(|token| names::fold(token.text()))
        .collect()
}

fn name(node: &SyntaxNode) -> Tree {
    match super::tree::dotted(node) {
        Some(parts) => Tree::Name(parts),
        None if node.kind() == SyntaxKind::NAME_REF => Tree::Name(own_words(node)),
        None => generic(node),
    }
}

fn literal(node: &SyntaxNode) -> Tree {
    let Some(token) = node.first_token() else { return generic(node) };
    let text = token.text();
    match token.kind() {
        SyntaxKind::STRING if node.children_with_tokens().count() == 1 => {
            Tree::Text(text.trim_matches('\'').replace("''", "'"))
        }
        SyntaxKind::DOLLAR_QUOTED_STRING => {
            let content = squawk_syntax::quote::strip_dollar_quotes(text).unwrap_or(text);
            Tree::Text(content.to_owned())
        }
        SyntaxKind::INT_NUMBER | SyntaxKind::NUMERIC_NUMBER => Tree::Number(text.to_lowercase()),
        SyntaxKind::NULL_KW | SyntaxKind::TRUE_KW | SyntaxKind::FALSE_KW => {
            Tree::Node(text.to_lowercase(), Vec::new())
        }
        // Other strings keep every letter.
        _ => Tree::Node(format!("literal {}", node.text()), Vec::new()),
    }
}

fn binary(node: &SyntaxNode) -> Tree {
    let (Some(left), Some(right)) = (first_operand(node), node.last_child()) else {
        return generic(node);
    };
    let operator = operator(node, &left, &right);
    let left_tree = tree(&left);
    // The parser groups operators without a rank of their own to the right, PostgreSQL to the left.
    if is_custom(node) && right.kind() == SyntaxKind::BIN_EXPR && is_custom(&right) {
        return regrouped(left_tree, &operator, &right);
    }
    operation(&operator, left_tree, &right)
}

fn regrouped(left: Tree, operator_before: &str, right: &SyntaxNode) -> Tree {
    let (Some(middle), Some(last)) = (first_operand(right), right.last_child()) else {
        return Tree::node(operator_before, vec![left, tree(right)]);
    };
    let left = Tree::node(operator_before, vec![left, tree(&middle)]);
    let operator_after = operator(right, &middle, &last);
    if last.kind() == SyntaxKind::BIN_EXPR && is_custom(&last) {
        return regrouped(left, &operator_after, &last);
    }
    Tree::node(&operator_after, vec![left, tree(&last)])
}

fn is_custom(node: &SyntaxNode) -> bool {
    node.children().any(|child| child.kind() == SyntaxKind::CUSTOM_OP)
}

fn first_operand(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.first_child()
}

/// Returns the operator's one spelling.
fn operator(node: &SyntaxNode, left: &SyntaxNode, right: &SyntaxNode) -> String {
    let between = |start, end| {
        node.descendants_with_tokens()
            .filter_map(SyntaxElement::into_token)
            .filter(|token| !matches!(token.kind(), SyntaxKind::WHITESPACE | SyntaxKind::COMMENT))
            .filter(|token| token.text_range().start() >= start && token.text_range().end() <= end)
            .map(|token| token.text().to_lowercase())
            .collect::<Vec<_>>()
    };
    let words = between(left.text_range().end(), right.text_range().start());
    let is_word = words.first().is_some_and(|word| word.starts_with(|c: char| c.is_alphabetic()));
    let operator = if is_word { words.join(" ") } else { words.concat() };
    match operator.as_str() {
        "!=" => "<>".to_owned(),
        "like" => "~~".to_owned(),
        "ilike" => "~~*".to_owned(),
        "not like" => "!~~".to_owned(),
        "not ilike" => "!~~*".to_owned(),
        _ => operator,
    }
}

fn operation(operator: &str, left: Tree, right: &SyntaxNode) -> Tree {
    match operator {
        "and" | "or" => {
            let mut parts = Vec::new();
            for part in [left, tree(right)] {
                match part {
                    Tree::Node(label, inner) if label == operator => parts.extend(inner),
                    other => parts.push(other),
                }
            }
            Tree::node(operator, parts)
        }
        "in" | "not in" => {
            let comparison = if operator == "in" { "=" } else { "<>" };
            membership(comparison, left, right)
        }
        "=" | "<>" => match quantified(operator, right) {
            Some(list) => list_comparison(operator, left, list),
            None => Tree::node(operator, vec![left, tree(right)]),
        },
        _ => Tree::node(operator, vec![left, tree(right)]),
    }
}

/// `x IN (1, 2)`, which the server stores as `x = ANY (ARRAY[1, 2])`.
fn membership(comparison: &str, left: Tree, right: &SyntaxNode) -> Tree {
    let lists = matches!(right.kind(), SyntaxKind::TUPLE_EXPR | SyntaxKind::PAREN_EXPR);
    let inside: Vec<SyntaxNode> = right.children().collect();
    let query = inside.iter().any(|child| super::tree::is_query(child.kind()));
    if !lists || query {
        let label = if comparison == "=" { "in" } else { "not in" };
        return Tree::node(label, vec![left, tree(right)]);
    }
    list_comparison(comparison, left, inside.iter().map(tree).collect())
}

fn list_comparison(comparison: &str, left: Tree, list: Vec<Tree>) -> Tree {
    let mut parts = vec![left];
    let one = list.len() == 1;
    parts.extend(list);
    if one {
        return Tree::node(comparison, parts);
    }
    Tree::Node(format!("{comparison} list"), parts)
}

/// Returns the elements of `ANY (ARRAY[…])` after `=`, or of `ALL (ARRAY[…])` after `<>`.
fn quantified(operator: &str, right: &SyntaxNode) -> Option<Vec<Tree>> {
    let kind = if operator == "=" { SyntaxKind::ANY_FN } else { SyntaxKind::ALL_FN };
    let function = right.children().find(|child| child.kind() == kind)?;
    let mut array = tree(&function.first_child()?);
    // The server casts the whole array where the column's type asks for it.
    while let Tree::Cast(inner, sql_type) = array {
        if !matches!(sql_type.as_str(), "text[]" | "character varying[]") {
            return None;
        }
        array = *inner;
    }
    match array {
        Tree::Node(label, parts)
            if label == "ARRAY_EXPR array [ ]" || label.starts_with("ARRAY_EXPR array [ ,") =>
        {
            Some(parts)
        }
        _ => None,
    }
}

/// `x BETWEEN a AND b`, which the server stores as two comparisons.
fn between(node: &SyntaxNode) -> Tree {
    let parts: Vec<Tree> = node.children().map(|child| tree(&child)).collect();
    let words = own_words(node);
    let [value, low, high] = parts.as_slice() else { return generic(node) };
    if words.iter().any(|word| word == "symmetric") {
        return generic(node);
    }
    let negated = words.iter().any(|word| word == "not");
    let (join, from, to) = if negated { ("or", "<", ">") } else { ("and", ">=", "<=") };
    let low = Tree::node(from, vec![value.clone(), low.clone()]);
    let high = Tree::node(to, vec![value.clone(), high.clone()]);
    Tree::node(join, vec![low, high])
}

fn prefix(node: &SyntaxNode) -> Tree {
    let (Some(sign), Some(value)) = (node.first_token(), node.last_child()) else {
        return generic(node);
    };
    match (sign.text(), tree(&value)) {
        ("-", Tree::Number(number)) if !number.starts_with('-') => {
            Tree::Number(format!("-{number}"))
        }
        ("+", Tree::Number(number)) => Tree::Number(number),
        (_, value) => {
            let words = own_words(node).join("");
            let operator = node.children().find(|child| child.kind() == SyntaxKind::CUSTOM_OP);
            let operator = operator.map(|node| node.text().to_string()).unwrap_or_default();
            Tree::Node(format!("prefix {words}{operator}"), vec![value])
        }
    }
}

fn postfix(node: &SyntaxNode) -> Tree {
    let null = || Tree::node("null", Vec::new());
    match (own_words(node).join(" ").as_str(), node.first_child()) {
        ("isnull", Some(value)) => Tree::node("is", vec![tree(&value), null()]),
        ("notnull", Some(value)) => Tree::node("is not", vec![tree(&value), null()]),
        _ => generic(node),
    }
}

fn cast(node: &SyntaxNode) -> Tree {
    let value = node.children().find(|child| super::values::is_value(child.kind()));
    let value = value.or_else(|| node.children().find(|child| is_type(child.kind()).is_none()));
    let sql_type = node.children().find(|child| is_type(child.kind()).is_some());
    match (value, sql_type) {
        (Some(value), Some(sql_type)) if node.children().count() <= 3 => {
            let sql_type = names::type_name(&sql_type.text().to_string());
            let value = match tree(&value) {
                Tree::Text(text) if sql_type == "interval" => {
                    Tree::Text(intervals::spelling(&text).unwrap_or(text))
                }
                value => value,
            };
            Tree::Cast(Box::new(value), sql_type)
        }
        _ => generic(node),
    }
}

fn is_type(kind: SyntaxKind) -> Option<()> {
    matches!(
        kind,
        SyntaxKind::ARRAY_TYPE
            | SyntaxKind::PATH_TYPE
            | SyntaxKind::VARCHAR_TYPE
            | SyntaxKind::CHARACTER_TYPE
            | SyntaxKind::BIT_TYPE
            | SyntaxKind::BIT_VARYING_TYPE
            | SyntaxKind::DOUBLE_TYPE
            | SyntaxKind::TIME_TYPE
            | SyntaxKind::TIMESTAMP_TYPE
            | SyntaxKind::INTERVAL_TYPE
    )
    .then_some(())
}

/// A `CASE`; the server writes out the `ELSE NULL` that everybody leaves out.
fn case(node: &SyntaxNode) -> Tree {
    let mut parts: Vec<Tree> = node.children().map(|child| tree(&child)).collect();
    let ends_in_null = |part: &Tree| match part {
        Tree::Node(label, inner) => {
            label.starts_with("ELSE_CLAUSE") && inner.iter().all(Tree::is_null)
        }
        Tree::Name(_) | Tree::Text(_) | Tree::Number(_) | Tree::Cast(..) => false,
    };
    if parts.last().is_some_and(ends_in_null) {
        parts.pop();
    }
    Tree::node("case", parts)
}

/// A result column with the name it has, written or not.
fn target(node: &SyntaxNode) -> Tree {
    let name = ast::Target::cast(node.clone()).and_then(ColumnName::from_target);
    let name = name.and_then(|(name, _)| name.to_string()).unwrap_or_default();
    match node.first_child() {
        Some(value) => Tree::Node(format!("target {}", name.trim_matches('"')), vec![tree(&value)]),
        None => generic(node),
    }
}

/// `trim(x)`, which the server stores as `TRIM(BOTH FROM x)`.
fn trim(node: &SyntaxNode) -> Tree {
    let has = |kind| node.children().any(|child| child.kind() == kind);
    let side = match (has(SyntaxKind::TRIM_LEADING), has(SyntaxKind::TRIM_TRAILING)) {
        (true, _) => "trim leading",
        (_, true) => "trim trailing",
        (false, false) => "trim both",
    };
    let Some(arguments) = node.last_child() else { return generic(node) };
    let mut parts: Vec<Tree> = arguments.children().map(|child| tree(&child)).collect();
    if arguments.kind() == SyntaxKind::TRIM_EXPR_FROM {
        parts.reverse();
    }
    Tree::node(side, parts)
}

/// A `UNION` and its like: the names of the columns are those of its first query.
fn compound(node: &SyntaxNode) -> Tree {
    match generic(node) {
        Tree::Node(label, parts) => {
            let queries = parts.into_iter().enumerate();
            let nameless = |(nth, part)| if nth == 0 { part } else { without_names(part) };
            Tree::Node(label, queries.map(nameless).collect())
        }
        other => other,
    }
}

/// Forgets the names of a query's result columns.
fn without_names(tree: Tree) -> Tree {
    match tree {
        Tree::Node(label, parts) if label.starts_with("target ") => Tree::node("target", parts),
        Tree::Node(label, parts)
            if ["SELECT ", "SELECT_CLAUSE ", "TARGET_LIST "]
                .iter()
                .any(|on| label.starts_with(on)) =>
        {
            Tree::Node(label, parts.into_iter().map(without_names).collect())
        }
        other => other,
    }
}
