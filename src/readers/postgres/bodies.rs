//! The bodies of functions and `DO` blocks, which are strings to the statement that they stand in.

use squawk_lexer::{TokenKind, tokenize};
use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxNode};

use super::depth;
use crate::dialects::postgres::anonymous_block;

/// A body in plpgsql.
pub(super) struct Block {
    pub tree: ast::Plpgsql,
    /// What the parser does not accept, if it does not.
    pub problem: Option<String>,
}

/// Reads a body in plpgsql; `None` if it nests too deep to be read.
pub(super) fn plpgsql(body: &str) -> Option<Block> {
    if !depth::is_shallow(body) {
        return None;
    }
    let parse = SourceFile::parse(&anonymous_block(&without_targets(body)));
    let block = parse.tree().syntax().descendants().find_map(ast::Do::cast)?.plpgsql()?;
    let problem = block
        .errors()
        .first()
        .map(|error| crate::expressions::plain_message_postgres(error.message()));
    Some(Block { tree: block.tree(), problem })
}

/// Returns the body of a function and the language that it is in.
pub(super) fn of_options(options: &ast::FuncOptionList) -> (Option<String>, Option<ast::Literal>) {
    let (mut language, mut body) = (None, None);
    for option in options.options() {
        match option {
            ast::FuncOption::LanguageFuncOption(of) => {
                language = of.language_name().map(|language| language.name.clone());
            }
            ast::FuncOption::AsFuncOption(of) => {
                if let Some(ast::AsFuncTarget::AsDefinition(of)) = of.as_func_target() {
                    body = of.literal();
                }
            }
            _ => {}
        }
    }
    (language, body)
}

/// Returns whether none of the strings of a statement, of which one is a body, nests too deep to be read.
pub(super) fn are_shallow(node: &SyntaxNode) -> bool {
    let literals = node.descendants().filter_map(ast::Literal::cast);
    literals.filter_map(|literal| literal.string_value()).all(|body| depth::is_shallow(&body))
}

/// Puts spaces where a statement says which variables its result goes into (`SELECT a INTO b FROM …`): the parser
/// takes that for no plpgsql. What stands where does not change.
fn without_targets(body: &str) -> String {
    let mut words: Vec<(usize, usize, TokenKind)> = Vec::new();
    let mut at = 0;
    for token in tokenize(body) {
        let start = at;
        at += token.len as usize;
        let is_space = matches!(
            token.kind,
            TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment { .. }
        );
        if !is_space {
            words.push((start, at, token.kind));
        }
    }
    let mut text = body.to_owned();
    let word = |at: usize| {
        let (start, end, _) = words.get(at)?;
        body.get(*start..*end)
    };
    let is = |at: usize, other: &str| word(at).is_some_and(|word| word.eq_ignore_ascii_case(other));
    let any = |at: usize, others: &[&str]| others.iter().any(|other| is(at, other));
    let mut gives_rows = false;
    for at in 0..words.len() {
        let begins = at == 0 || is(at - 1, ";") || any(at - 1, &["begin", "then", "else", "loop"]);
        if begins {
            gives_rows = any(at, &["select", "with", "insert", "update", "delete", "merge"]);
        }
        let names_table = at > 0 && any(at - 1, &["insert", "merge"]);
        if !(gives_rows && is(at, "into")) || names_table {
            continue;
        }
        let mut end = at + 1 + usize::from(is(at + 1, "strict"));
        // Names, dots and commas: two names beside one another are no longer targets.
        let mut after_name = false;
        while let Some((_, _, kind)) = words.get(end) {
            let is_name = matches!(kind, TokenKind::Ident | TokenKind::QuotedIdent { .. });
            let joins = matches!(kind, TokenKind::Dot | TokenKind::Comma);
            if (is_name && after_name) || !(is_name || joins) {
                break;
            }
            after_name = is_name;
            end += 1;
        }
        let (from, to) = (words.get(at).map(|word| word.0), words.get(end - 1).map(|word| word.1));
        if let (Some(from), Some(to)) = (from, to) {
            text.replace_range(from..to, &" ".repeat(to - from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_variables_is_read() {
        for statement in [
            "SELECT count(*) INTO n FROM users;",
            "SELECT a, b INTO STRICT r.x, y FROM t WHERE a = 1;",
            "SELECT INTO x, y a, b FROM t;",
            "INSERT INTO t (a) VALUES (1) RETURNING id INTO n;",
            "UPDATE t SET a = 1 RETURNING a INTO STRICT n;",
            "IF a THEN SELECT 1 INTO n; END IF;",
            "EXECUTE 'x' INTO n USING 1;",
        ] {
            let body = format!("BEGIN {statement} END");
            let block = plpgsql(&body).unwrap();
            assert_eq!(block.problem, None, "{statement}");
            assert_eq!(without_targets(&body).len(), body.len());
        }
    }
}
