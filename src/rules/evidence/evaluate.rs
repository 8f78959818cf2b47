//! Decides simple conditions on a row of which some values are known.
//!
//! Reads comparisons, `is null`, `in`, `between`, `and`, `or`, `not`, literals and columns, which are the same in all
//! dialects. Whatever else there is may be anything.

use crate::change::words::{Token, tokens};

/// A value that is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, exact up to 15 digits.
    Number(f64),
    /// A text.
    Text(String),
}

/// What a condition may come to: any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truth {
    /// It may be true.
    pub may_be_true: bool,
    /// It may be false.
    pub may_be_false: bool,
    /// It may be NULL.
    pub may_be_null: bool,
}

impl Truth {
    const ANY: Self = Self { may_be_true: true, may_be_false: true, may_be_null: true };
    const NULL: Self = Self { may_be_true: false, may_be_false: false, may_be_null: true };

    const fn of(value: bool) -> Self {
        Self { may_be_true: value, may_be_false: !value, may_be_null: false }
    }

    const fn not(self) -> Self {
        Self { may_be_true: self.may_be_false, may_be_false: self.may_be_true, ..self }
    }

    const fn and(self, other: Self) -> Self {
        let (true_or_null, other_true_or_null) =
            (self.may_be_true || self.may_be_null, other.may_be_true || other.may_be_null);
        Self {
            may_be_true: self.may_be_true && other.may_be_true,
            may_be_false: self.may_be_false || other.may_be_false,
            may_be_null: self.may_be_null && other_true_or_null
                || other.may_be_null && true_or_null,
        }
    }

    const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// Decides a condition; `value_of` tells the value of a column, `None` if it may be anything.
#[must_use]
pub fn truth(condition: &str, value_of: &dyn Fn(&str) -> Option<Literal>) -> Truth {
    let mut reader = Reader { tokens: tokens(condition), at: 0, depth: 0, value_of };
    match reader.disjunction() {
        Some(operand) if reader.at == reader.tokens.len() => operand.truth(),
        Some(_) | None => Truth::ANY,
    }
}

/// Reads a constant as it stands after `DEFAULT`: a literal, perhaps signed, in parentheses or cast.
#[must_use]
pub fn literal(text: &str) -> Option<Literal> {
    let mut reader = Reader { tokens: tokens(text), at: 0, depth: 0, value_of: &|_| None };
    match reader.primary()? {
        Operand::Value(value) if reader.at == reader.tokens.len() => Some(value),
        Operand::Value(_) | Operand::Unknown | Operand::Truth(_) => None,
    }
}

/// What a part of a condition comes to.
enum Operand {
    Value(Literal),
    Unknown,
    Truth(Truth),
}

impl Operand {
    fn truth(self) -> Truth {
        match self {
            Self::Truth(truth) => truth,
            Self::Value(Literal::Bool(value)) => Truth::of(value),
            Self::Value(Literal::Null) => Truth::NULL,
            Self::Value(Literal::Number(_) | Literal::Text(_)) | Self::Unknown => Truth::ANY,
        }
    }

    /// Compares with `=`, `<` … ; texts only for equality, since their order is a collation's.
    fn compare(&self, sign: &str, other: &Self) -> Truth {
        let (one, other) = match (self, other) {
            (Self::Value(Literal::Null), _) | (_, Self::Value(Literal::Null)) => {
                return Truth::NULL;
            }
            (Self::Value(one), Self::Value(other)) => (one, other),
            (Self::Unknown | Self::Truth(_), _) | (_, Self::Unknown | Self::Truth(_)) => {
                return Truth::ANY;
            }
        };
        let order = match (one, other) {
            (Literal::Number(one), Literal::Number(other)) => one.partial_cmp(other),
            (Literal::Bool(one), Literal::Bool(other)) => Some(one.cmp(other)),
            (Literal::Text(one), Literal::Text(other))
                if matches!(sign, "=" | "==" | "<>" | "!=") =>
            {
                Some(one.cmp(other))
            }
            (
                Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_),
                Literal::Null | Literal::Bool(_) | Literal::Number(_) | Literal::Text(_),
            ) => None,
        };
        let Some(order) = order else { return Truth::ANY };
        Truth::of(match sign {
            "=" | "==" => order.is_eq(),
            "<>" | "!=" => order.is_ne(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            _ => return Truth::ANY,
        })
    }
}

/// Conditions nested deeper may come to anything.
const DEPTH_MAX: u32 = 50;

struct Reader<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    depth: u32,
    value_of: &'t dyn Fn(&str) -> Option<Literal>,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'t>> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    fn word(&mut self, word: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word));
        self.at += usize::from(there);
        there
    }

    fn sign(&mut self, sign: char) -> bool {
        let there = self.peek() == Some(Token::Sign(sign));
        self.at += usize::from(there);
        there
    }

    fn disjunction(&mut self) -> Option<Operand> {
        let mut left = self.conjunction()?;
        while self.word("or") {
            let right = self.conjunction()?;
            left = Operand::Truth(left.truth().or(right.truth()));
        }
        Some(left)
    }

    fn conjunction(&mut self) -> Option<Operand> {
        let mut left = self.negation()?;
        while self.word("and") {
            let right = self.negation()?;
            left = Operand::Truth(left.truth().and(right.truth()));
        }
        Some(left)
    }

    fn negation(&mut self) -> Option<Operand> {
        let mut negated = false;
        let mut found = false;
        while self.word("not") {
            negated = !negated;
            found = true;
        }
        let operand = self.comparison()?;
        if !found {
            return Some(operand);
        }
        let truth = operand.truth();
        Some(Operand::Truth(if negated { truth.not() } else { truth }))
    }

    fn comparison(&mut self) -> Option<Operand> {
        let left = self.primary()?;
        if self.word("is") {
            let negated = self.word("not");
            if !self.word("null") {
                return None;
            }
            let truth = match left {
                Operand::Value(value) => Truth::of(value == Literal::Null),
                Operand::Unknown | Operand::Truth(_) => Truth { may_be_null: false, ..Truth::ANY },
            };
            return Some(Operand::Truth(if negated { truth.not() } else { truth }));
        }
        let negated = self.word("not");
        let truth = if self.word("in") {
            self.in_list(&left)?
        } else if self.word("between") {
            let low = self.primary()?;
            let high = self.word("and").then(|| self.primary())??;
            left.compare(">=", &low).and(left.compare("<=", &high))
        } else if negated {
            return None;
        } else {
            let mut sign = String::new();
            while let Some(Token::Sign(next @ ('=' | '<' | '>' | '!'))) = self.peek() {
                sign.push(next);
                self.at += 1;
            }
            if sign.is_empty() {
                return Some(left);
            }
            left.compare(&sign, &self.primary()?)
        };
        Some(Operand::Truth(if negated { truth.not() } else { truth }))
    }

    fn in_list(&mut self, left: &Operand) -> Option<Truth> {
        if !self.sign('(') {
            return None;
        }
        let mut truth = Truth::of(false);
        loop {
            let item = self.primary()?;
            truth = truth.or(left.compare("=", &item));
            if self.sign(')') {
                return Some(truth);
            }
            if !self.sign(',') {
                return None;
            }
        }
    }

    fn primary(&mut self) -> Option<Operand> {
        let operand = match self.next()? {
            Token::Number(digits) => number(digits),
            Token::Text(inside) => Operand::Value(Literal::Text(inside.replace("''", "'"))),
            Token::Sign('-') => match self.next()? {
                Token::Number(digits) => number(&format!("-{digits}")),
                Token::Word(_) | Token::Text(_) | Token::Sign(_) => return None,
            },
            Token::Sign('(') => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return None;
                }
                let inside = self.disjunction()?;
                self.depth -= 1;
                if !self.sign(')') {
                    return None;
                }
                inside
            }
            Token::Word(word) => self.named(word)?,
            Token::Sign(_) => return None,
        };
        // A cast keeps the value, as far as is compared here.
        while self.peek() == Some(Token::Sign(':')) {
            self.at += 1;
            if !self.sign(':') || !matches!(self.next()?, Token::Word(_)) {
                return None;
            }
        }
        Some(operand)
    }

    fn named(&mut self, word: &str) -> Option<Operand> {
        if self.peek() == Some(Token::Sign('(')) || matches!(self.peek(), Some(Token::Text(_))) {
            return None;
        }
        // `t.c` is the column `c`.
        let mut name = word;
        while self.sign('.') {
            match self.next()? {
                Token::Word(part) => name = part,
                Token::Number(_) | Token::Text(_) | Token::Sign(_) => return None,
            }
        }
        let value = match word.to_ascii_lowercase().as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => (self.value_of)(name),
        };
        Some(value.map_or(Operand::Unknown, Operand::Value))
    }
}

fn number(digits: &str) -> Operand {
    let exact = digits.len() <= 15;
    let value = digits.parse().ok().filter(|_| exact);
    value.map_or(Operand::Unknown, |value| Operand::Value(Literal::Number(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(condition: &str) -> Truth {
        truth(condition, &|name| match name {
            "n" => Some(Literal::Null),
            "five" => Some(Literal::Number(5.0)),
            "open" => Some(Literal::Text("open".into())),
            _ => None,
        })
    }

    #[test]
    fn what_is_known_is_decided() {
        assert_eq!(decide("five > 4 AND five <= 5.0"), Truth::of(true));
        assert_eq!(decide("five BETWEEN 1 AND 10"), Truth::of(true));
        assert_eq!(decide("open IN ('open', 'it''s')"), Truth::of(true));
        assert_eq!(decide("open NOT IN ('x'::text, 'y')"), Truth::of(true));
        assert_eq!(decide("five NOT BETWEEN 1 AND 10"), Truth::of(false));
        assert_eq!(decide("n IS NULL AND t.five IS NOT NULL"), Truth::of(true));
        assert_eq!(decide("n > 4"), Truth::NULL);
        assert_eq!(decide("n IN (1, 2)"), Truth::NULL);
    }

    #[test]
    fn what_is_not_known_may_be_anything() {
        for condition in
            ["other > 4", "length(five) > 1", "open > 'a'", "five LIKE 'x'", "", "five = ", "1'"]
        {
            assert_eq!(decide(condition), Truth::ANY, "{condition}");
        }
        assert!(!decide("n > 0 OR other > 0").may_be_false);
        assert!(decide("n > 0 AND other > 0").may_be_false);
        assert_eq!(decide("other IS NULL OR five = 5"), Truth::of(true));
        assert_eq!(decide(&"(".repeat(10_000)), Truth::ANY);
    }

    #[test]
    fn a_constant_is_told_from_a_call() {
        assert_eq!(literal("'a''b'::text"), Some(Literal::Text("a'b".into())));
        assert_eq!(literal("-1"), Some(Literal::Number(-1.0)));
        assert_eq!(literal("NULL"), Some(Literal::Null));
        assert_eq!(literal("(true)"), Some(Literal::Bool(true)));
        for text in ["now()", "current_timestamp", "1 + 1", "nextval('s')", "12345678901234567890"]
        {
            assert_eq!(literal(text), None, "{text}");
        }
    }
}
