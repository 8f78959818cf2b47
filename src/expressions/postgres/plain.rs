//! Plain expressions, which nearly all are, read without a tree: literals, columns, calls, the usual operators, casts.
//!
//! What is not plain is left to the tree; what is read here is read as the tree reads it, which a test shows on many
//! random texts.

use squawk_lexer::{Base, LiteralKind, TokenKind};

use super::limits::Word;
use super::names;
use crate::expressions::{ColumnReference, Expression, volatile};

/// Keywords that are not reserved and yet no plain column or function.
const SPECIAL: [&str; 77] = [
    "between",
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "coalesce",
    "dec",
    "decimal",
    "exists",
    "extract",
    "float",
    "greatest",
    "grouping",
    "inout",
    "int",
    "integer",
    "interval",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "least",
    "merge_action",
    "national",
    "nchar",
    "none",
    "normalize",
    "nullif",
    "numeric",
    "out",
    "overlay",
    "position",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "substring",
    "time",
    "timestamp",
    "treat",
    "trim",
    "values",
    "varchar",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
    "authorization",
    "binary",
    "collation",
    "concurrently",
    "cross",
    "current_schema",
    "freeze",
    "full",
    "ilike",
    "inner",
    "operator",
    "over",
    "graph_table",
    "escape",
];

/// More keywords with a meaning after an operand.
const INFIX: [&str; 14] = [
    "is",
    "isnull",
    "join",
    "left",
    "like",
    "natural",
    "notnull",
    "outer",
    "overlaps",
    "right",
    "similar",
    "tablesample",
    "verbose",
    "at",
];

/// Types that a plain cast may name.
const TYPES: [&str; 19] = [
    "text",
    "int",
    "integer",
    "bigint",
    "smallint",
    "int2",
    "int4",
    "int8",
    "bool",
    "boolean",
    "numeric",
    "jsonb",
    "uuid",
    "date",
    "timestamptz",
    "varchar",
    "bytea",
    "regclass",
    "citext",
];

/// Operators, each as its letters stand next to each other.
const OPERATORS: [&str; 19] = [
    "=", "<>", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "||", "->", "->>", "~", "~*",
    "!~", "@>",
];

/// Reads the expression if it is plain.
pub(super) fn expression(text: &str, words: &[Word]) -> Option<Expression> {
    let mut plain = Plain { text, words, at: 0, found: Expression::default() };
    let constant = plain.operands(true)?;
    if plain.at != words.len() {
        return None;
    }
    plain.found.is_constant = constant;
    Some(plain.found)
}

struct Plain<'t> {
    text: &'t str,
    words: &'t [Word],
    at: usize,
    found: Expression,
}

impl<'t> Plain<'t> {
    fn peek(&self) -> Option<(Word, &'t str)> {
        let word = *self.words.get(self.at)?;
        Some((word, self.text.get(word.start..word.end)?))
    }

    /// Goes past the next word if it is this sign or keyword.
    fn eat(&mut self, expected: &str) -> bool {
        let found = self.peek().is_some_and(|(_, text)| text.eq_ignore_ascii_case(expected));
        self.at += usize::from(found);
        found
    }

    /// Reads operands with operators between them; returns whether it is one constant.
    fn operands(&mut self, may_negate: bool) -> Option<bool> {
        let mut may_negate = may_negate;
        let mut constant = true;
        let mut count = 0;
        loop {
            if may_negate && self.eat("not") {
                constant = false;
                continue;
            }
            constant &= self.operand()?;
            count += 1;
            if self.eat("is") {
                self.eat("not");
                if !(self.eat("null") || self.eat("true") || self.eat("false")) {
                    return None;
                }
                constant = false;
            }
            if self.eat("and") || self.eat("or") {
                may_negate = true;
            } else if self.operator()? {
                may_negate = false;
            } else {
                return Some(constant && count == 1);
            }
        }
    }

    /// Goes past an operator; `None` if it is none that is known.
    fn operator(&mut self) -> Option<bool> {
        let Some((first, _)) = self.peek() else { return Some(false) };
        let mut end = first.start;
        let mut at = self.at;
        while let Some(word) = self.words.get(at).filter(|word| word.start == end && is_sign(word))
        {
            end = word.end;
            at += 1;
        }
        if at == self.at {
            return Some(false);
        }
        // A sign right after an operator belongs to the operand: `a=-1`.
        let operator = self.text.get(first.start..end)?;
        if OPERATORS.contains(&operator) {
            self.at = at;
            return Some(true);
        }
        None
    }

    fn operand(&mut self) -> Option<bool> {
        let mut constant = self.unsigned()?;
        while self.peek().is_some_and(|(word, _)| matches!(word.kind, TokenKind::Colon)) {
            constant &= self.cast()?;
        }
        Some(constant)
    }

    fn unsigned(&mut self) -> Option<bool> {
        let (word, text) = self.peek()?;
        self.at += 1;
        match word.kind {
            TokenKind::Minus => match self.peek()?.0.kind {
                // `--` is a comment and never gets here, `- -1` is for the tree.
                TokenKind::Literal { .. } => self.unsigned(),
                _ => None,
            },
            TokenKind::Literal { kind } => is_plain_literal(kind, text).then_some(true),
            TokenKind::OpenParen => {
                let constant = self.operands(true)?;
                self.eat(")").then_some(constant)
            }
            TokenKind::QuotedIdent { uescape: false, .. } => self.name(word, text),
            TokenKind::Ident => self.word(word, text),
            _ => None,
        }
    }

    /// An unquoted word: a constant, a call, a column; `None` for keywords with a syntax of their own.
    fn word(&mut self, word: Word, text: &str) -> Option<bool> {
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "true" | "false" | "null" => return Some(true),
            "current_timestamp" | "current_date" | "localtimestamp" => {
                let called = self.peek().is_some_and(|(_, next)| next == "(" || next == ".");
                self.function(lower);
                return (!called).then_some(false);
            }
            "coalesce" | "greatest" | "least" | "nullif" => {
                // Without arguments they are an error, which the tree tells.
                let called = self.eat("(") && self.peek().is_none_or(|(_, next)| next != ")");
                return if called { self.call(lower) } else { None };
            }
            _ => {}
        }
        let keyword = SPECIAL.contains(&lower.as_str())
            || INFIX.contains(&lower.as_str())
            || squawk_syntax::quote::is_reserved_word(&lower);
        if keyword {
            return None;
        }
        if self.eat("(") { self.call(lower) } else { self.name(word, text) }
    }

    fn call(&mut self, name: String) -> Option<bool> {
        self.function(name);
        if self.eat(")") {
            return Some(false);
        }
        loop {
            self.operands(true)?;
            if self.eat(")") {
                return Some(false);
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn function(&mut self, name: String) {
        self.found.is_volatile |= volatile::postgres(&name);
        self.found.functions.push(name);
    }

    /// A column, perhaps with its table.
    fn name(&mut self, word: Word, text: &str) -> Option<bool> {
        let first = names::fold(text);
        let (qualifier, name, end) = if self.eat(".") {
            let (second, text) = self.peek()?;
            self.at += 1;
            match second.kind {
                TokenKind::QuotedIdent { uescape: false, .. } => {}
                TokenKind::Ident => {
                    let lower = text.to_ascii_lowercase();
                    let special = SPECIAL.contains(&lower.as_str());
                    if special || squawk_syntax::quote::is_reserved_word(&lower) {
                        return None;
                    }
                }
                _ => return None,
            }
            (Some(first), names::fold(text), second.end)
        } else {
            (None, first, word.end)
        };
        if self.peek().is_some_and(|(_, next)| matches!(next, "." | "(" | "[")) {
            return None;
        }
        if qualifier.is_some() || !names::is_row(&name) {
            let len = end - word.start;
            self.found.columns.push(ColumnReference { qualifier, name, offset: word.start, len });
        }
        Some(false)
    }

    /// `::type`; returns whether the value stays the same for ever.
    fn cast(&mut self) -> Option<bool> {
        let (first, _) = self.peek()?;
        let before = self.at.checked_sub(1).and_then(|at| self.words.get(at)).copied();
        self.at += 1;
        let (second, _) = self.peek()?;
        if !matches!(second.kind, TokenKind::Colon) || second.start != first.end {
            return None;
        }
        self.at += 1;
        let (_, name) = self.peek()?;
        if !TYPES.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return None;
        }
        self.at += 1;
        // Lengths and arrays are for the tree.
        if self.peek().is_some_and(|(_, next)| matches!(next, "(" | "[" | ".")) {
            return None;
        }
        let value = before.and_then(|word| self.text.get(word.start..word.end)).unwrap_or_default();
        Some(!names::is_moving_date(value))
    }
}

/// Returns whether the word is part of an operator.
const fn is_sign(word: &Word) -> bool {
    matches!(
        word.kind,
        TokenKind::Eq
            | TokenKind::Lt
            | TokenKind::Gt
            | TokenKind::Bang
            | TokenKind::Minus
            | TokenKind::Plus
            | TokenKind::Star
            | TokenKind::Slash
            | TokenKind::Percent
            | TokenKind::Or
            | TokenKind::And
            | TokenKind::At
            | TokenKind::Tilde
            | TokenKind::Pound
            | TokenKind::Question
            | TokenKind::Caret
            | TokenKind::Backtick
    )
}

fn is_plain_literal(kind: LiteralKind, text: &str) -> bool {
    let digits = || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match kind {
        LiteralKind::Str { terminated } => terminated,
        LiteralKind::Int { base, .. } => base == Base::Decimal && digits(),
        LiteralKind::Numeric { .. } => digits(),
        LiteralKind::NationalStr { .. }
        | LiteralKind::ByteStr { .. }
        | LiteralKind::BitStr { .. }
        | LiteralKind::DollarQuotedString { .. }
        | LiteralKind::UnicodeEscStr { .. }
        | LiteralKind::EscStr { .. } => false,
    }
}
