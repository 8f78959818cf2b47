//! Parentheses around every `BETWEEN` and its operands, because the parser ranks it otherwise than PostgreSQL does:
//! it takes `a BETWEEN 1 AND 2 OR b` for `a BETWEEN 1 AND (2 OR b)`.

use squawk_lexer::TokenKind;

use super::limits::Word;

/// Words at which an operand of `BETWEEN` begins or ends, being looser or no operators at all.
const ENDS: [&str; 40] = [
    "and",
    "or",
    "not",
    "is",
    "isnull",
    "notnull",
    "in",
    "like",
    "ilike",
    "similar",
    "between",
    "case",
    "when",
    "then",
    "else",
    "end",
    "select",
    "distinct",
    "from",
    "where",
    "on",
    "having",
    "group",
    "order",
    "by",
    "limit",
    "offset",
    "fetch",
    "union",
    "except",
    "intersect",
    "window",
    "as",
    "asc",
    "desc",
    "for",
    "filter",
    "over",
    "using",
    "symmetric",
];

/// Comparisons bind looser than `BETWEEN`.
const COMPARISONS: [&str; 7] = ["=", "<", ">", "<=", ">=", "<>", "!="];

/// Returns the text with the parentheses, as it is if it has no `BETWEEN`.
pub(super) fn with_parentheses(text: &str, words: &[Word]) -> String {
    let reading = Reading { text, words };
    let mut opening = vec![0_usize; words.len() + 1];
    let mut closing = vec![0_usize; words.len() + 1];
    let mut mark = |from: usize, to: usize, times: usize| {
        if let (Some(open), Some(close)) = (opening.get_mut(from), closing.get_mut(to)) {
            *open += times;
            *close += times;
        }
    };
    for at in (0..words.len()).filter(|at| reading.is(*at, "between")) {
        let negated = at > 0 && reading.is(at - 1, "not");
        let value_end = if negated { at - 1 } else { at };
        let value_start = reading.operand_start(value_end);
        let low_end = reading.operand_end(at + 1);
        let high_end = reading.operand_end(low_end + 1);
        if !reading.is(low_end, "and") || reading.is(at + 1, "symmetric") {
            continue;
        }
        mark(value_start, value_end, 1);
        mark(at + 1, low_end, 1);
        mark(low_end + 1, high_end, 1);
        // The whole.
        mark(value_start, high_end, 1);
    }
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for (nth, word) in words.iter().enumerate() {
        result.push_str(&")".repeat(closing.get(nth).copied().unwrap_or(0)));
        result.push_str(text.get(copied..word.start).unwrap_or_default());
        result.push_str(&"(".repeat(opening.get(nth).copied().unwrap_or(0)));
        result.push_str(text.get(word.start..word.end).unwrap_or_default());
        copied = word.end;
    }
    result.push_str(&")".repeat(closing.last().copied().unwrap_or(0)));
    result.push_str(text.get(copied..).unwrap_or_default());
    result
}

/// A text by its words.
struct Reading<'t> {
    text: &'t str,
    words: &'t [Word],
}

impl Reading<'_> {
    fn text(&self, at: usize) -> &str {
        self.words.get(at).and_then(|word| self.text.get(word.start..word.end)).unwrap_or_default()
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.text(at).eq_ignore_ascii_case(word)
    }

    /// Returns whether an operand ends before this word.
    fn is_end(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return true };
        match word.kind {
            TokenKind::Comma | TokenKind::Semi => true,
            TokenKind::Ident => ENDS.iter().any(|end| self.is(at, end)),
            _ => COMPARISONS.contains(&self.operator_around(at).as_str()),
        }
    }

    /// Returns the whole operator that the sign is a part of; signs that touch are one.
    fn operator_around(&self, at: usize) -> String {
        let sign = |at: usize| {
            let is_sign = |c: char| "=<>!~@#%^&|`?+-*/".contains(c);
            self.text(at).starts_with(is_sign)
        };
        let touches = |left: usize, right: usize| {
            let ends = self.words.get(left).zip(self.words.get(right));
            ends.is_some_and(|(left, right)| left.end == right.start)
        };
        if !sign(at) {
            return String::new();
        }
        let mut start = at;
        while start > 0 && sign(start - 1) && touches(start - 1, start) {
            start -= 1;
        }
        let mut end = at;
        while sign(end + 1) && touches(end, end + 1) {
            end += 1;
        }
        (start..=end).map(|at| self.text(at)).collect()
    }

    /// Returns the first word of the operand that ends before this one.
    fn operand_start(&self, end: usize) -> usize {
        let mut depth = 0_u32;
        let mut at = end;
        while at > 0 {
            match self.text(at - 1) {
                ")" | "]" => depth += 1,
                "(" | "[" if depth == 0 => break,
                "(" | "[" => depth -= 1,
                _ if depth == 0 && self.is_end(at - 1) => break,
                _ => {}
            }
            at -= 1;
        }
        at
    }

    /// Returns the word after the operand that starts here.
    fn operand_end(&self, start: usize) -> usize {
        let mut depth = 0_u32;
        let mut at = start;
        while at < self.words.len() {
            match self.text(at) {
                "(" | "[" => depth += 1,
                ")" | "]" if depth == 0 => break,
                ")" | "]" => depth -= 1,
                _ if depth == 0 && self.is_end(at) => break,
                _ => {}
            }
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits;
    use super::*;

    #[test]
    fn between_binds_tighter_than_what_is_looser() {
        for (text, expected) in [
            ("a", "a"),
            ("a BETWEEN 1 AND 2 OR b", "((a) BETWEEN (1) AND (2)) OR b"),
            (
                "NOT a+1 NOT BETWEEN -1 AND f(b, c) AND d",
                "NOT ((a+1) NOT BETWEEN (-1) AND (f(b, c))) AND d",
            ),
            ("(a between (1) and 2)", "(((a) between ((1)) and (2)))"),
            ("x = a BETWEEN 1 AND 2 = y", "x = ((a) BETWEEN (1) AND (2)) = y"),
            ("a->'x' BETWEEN 1 AND 2 || 3", "((a->'x') BETWEEN (1) AND (2 || 3))"),
            (
                "CASE WHEN a BETWEEN 1 AND 2 THEN b END",
                "CASE WHEN ((a) BETWEEN (1) AND (2)) THEN b END",
            ),
        ] {
            assert_eq!(with_parentheses(text, &limits::check(text).unwrap()), expected);
        }
    }
}
