//! Whether two texts mean the same: SQLite stores what was written, so only spaces, case and parentheses differ.

use sqlite3_parser::ast::{Expr, FunctionTail, Literal};

use super::tokens::{self, Token, unquote};

/// Compares two texts word by word: names in any case and quotes, literals letter by letter.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    match (tokens::read(one), tokens::read(other)) {
        (Ok(one), Ok(other)) => {
            one.len() == other.len()
                && one.iter().zip(&other).all(|(one, other)| same_word(one, other))
        }
        _ => one.trim() == other.trim(),
    }
}

fn same_word(one: &Token<'_>, other: &Token<'_>) -> bool {
    let is_string = |raw: &str| raw.starts_with('\'');
    if is_string(one.raw) || is_string(other.raw) {
        return one.raw == other.raw;
    }
    same_name(one.raw, other.raw) || same_operator(one.raw, other.raw)
}

fn same_operator(one: &str, other: &str) -> bool {
    let spelling = |raw| match raw {
        "!=" => "<>",
        "==" => "=",
        _ => raw,
    };
    spelling(one) == spelling(other)
}

fn same_name(one: &str, other: &str) -> bool {
    unquote(one).eq_ignore_ascii_case(&unquote(other))
}

/// Compares two trees, without looking at parentheses.
pub(super) fn same(one: &Expr<'_>, other: &Expr<'_>) -> bool {
    match (bare(one), bare(other)) {
        (
            Expr::Between { lhs, not, start, end },
            Expr::Between { lhs: l, not: n, start: s, end: e },
        ) => not == n && same(lhs, l) && same(start, s) && same(end, e),
        (Expr::Binary(left, operator, right), Expr::Binary(l, o, r)) => {
            operator == o && same(left, l) && same(right, r)
        }
        (
            Expr::Case { base, when_then_pairs, else_expr },
            Expr::Case { base: b, when_then_pairs: pairs, else_expr: e },
        ) => {
            same_option(*base, *b)
                && same_option(*else_expr, *e)
                && when_then_pairs.len() == pairs.len()
                && when_then_pairs
                    .iter()
                    .zip(*pairs)
                    .all(|((w, t), (x, u))| same(w, x) && same(t, u))
        }
        (Expr::Cast { expr, type_name }, Expr::Cast { expr: e, type_name: t }) => {
            let words =
                |name: &Option<_>| name.as_ref().map(|name| format!("{name:?}").to_lowercase());
            words(type_name) == words(t) && same(expr, e)
        }
        (Expr::Collate(expr, name), Expr::Collate(e, n)) => same_name(name, n) && same(expr, e),
        (
            Expr::FunctionCall { name, distinctness, args, order_by, filter_over },
            Expr::FunctionCall {
                name: n,
                distinctness: distinct,
                args: list,
                order_by: order,
                filter_over: tail,
            },
        ) => {
            same_name(name.0, n.0)
                && distinctness == distinct
                && same_list(args.unwrap_or_default(), list.unwrap_or_default())
                && order_by == order
                && filter_over == tail
        }
        (
            Expr::FunctionCallStar { name, filter_over },
            Expr::FunctionCallStar { name: n, filter_over: f },
        ) => {
            let same_tail =
                |one: &Option<FunctionTail<'_>>, other: &Option<FunctionTail<'_>>| one == other;
            same_name(name.0, n.0) && same_tail(filter_over, f)
        }
        (Expr::InList { lhs, not, rhs }, Expr::InList { lhs: l, not: n, rhs: r }) => {
            not == n && same(lhs, l) && same_list(rhs.unwrap_or_default(), r.unwrap_or_default())
        }
        (Expr::IsNull(expr), Expr::IsNull(e)) | (Expr::NotNull(expr), Expr::NotNull(e)) => {
            same(expr, e)
        }
        (
            Expr::Like { lhs, not, op, rhs, escape },
            Expr::Like { lhs: l, not: negated, op: operator, rhs: r, escape: e },
        ) => {
            not == negated
                && op == operator
                && same(lhs, l)
                && same(rhs, r)
                && same_option(*escape, *e)
        }
        (Expr::Literal(Literal::Keyword(one)), Expr::Literal(Literal::Keyword(other))) => {
            one.eq_ignore_ascii_case(other)
        }
        (Expr::Unary(operator, expr), Expr::Unary(o, e)) => operator == o && same(expr, e),
        (Expr::Qualified(table, column), Expr::Qualified(t, c)) => {
            same_name(table.0, t.0) && same_name(column.0, c.0)
        }
        (one, other) => match (lone_name(one), lone_name(other)) {
            (Some(one), Some(other)) => same_name(one, other),
            _ => one == other,
        },
    }
}

fn same_list(one: &[Expr<'_>], other: &[Expr<'_>]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn same_option(one: Option<&Expr<'_>>, other: Option<&Expr<'_>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => same(one, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn lone_name<'b>(expr: &Expr<'b>) -> Option<&'b str> {
    match expr {
        Expr::Id(id) => Some(id.0),
        Expr::Name(name) => Some(name.0),
        _ => None,
    }
}

/// Takes parentheses around one expression away.
fn bare<'a, 'b>(expr: &'a Expr<'b>) -> &'a Expr<'b> {
    match expr {
        Expr::Parenthesized(inside) => match inside.as_slice() {
            [inner] => bare(inner),
            _ => expr,
        },
        _ => expr,
    }
}
