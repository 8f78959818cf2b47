//! The parts of a policy (PostgreSQL).

use crate::catalog::SqlExpression;
use crate::change::words::{Token, Words, placed};
use crate::dialect::Dialect;
use crate::expressions::same_expression;

/// What a policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Policy {
    restrictive: bool,
    command: String,
    /// Whom it is for, in order.
    roles: Vec<String>,
    using: Option<String>,
    check: Option<String>,
}

/// Returns what differs between two statements that make a policy, each as it is expected and as it is found.
pub(super) fn differences(dialect: Dialect, expected: &str, found: &str) -> Vec<(String, String)> {
    let (one, other) = (read(expected), read(found));
    let mut all = Vec::new();
    let mut add = |one: String, other: String| {
        if one != other {
            all.push((one, other));
        }
    };
    let kind = |of: &Policy| (if of.restrictive { "restrictive" } else { "permissive" }).to_owned();
    add(kind(&one), kind(&other));
    add(format!("for {}", one.command), format!("for {}", other.command));
    // These roles are who they are when the policy is made.
    let is_told = !one.roles.iter().any(|role| role.ends_with("_user") || role == "current_role");
    if is_told {
        add(format!("to {}", one.roles.join(", ")), format!("to {}", other.roles.join(", ")));
    }
    for (word, one, other) in
        [("using", one.using, other.using), ("with check", one.check, other.check)]
    {
        let told = |of: Option<&String>| match of {
            Some(of) => format!("{word} `{}`", of.split_whitespace().collect::<Vec<_>>().join(" ")),
            None => format!("without {word}"),
        };
        let is_same = match (&one, &other) {
            (Some(one), Some(other)) => is_same(dialect, one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !is_same {
            add(told(one.as_ref()), told(other.as_ref()));
        }
    }
    all
}

/// Returns whether a condition of a policy asks other tables.
pub(super) fn has_subquery(text: &str) -> bool {
    let Policy { using, check, .. } = read(text);
    [using, check].iter().flatten().any(|condition| Words::of(condition).has("select"))
}

/// The server writes a subquery out in a way that is not told from another one.
fn is_same(dialect: Dialect, one: &str, other: &str) -> bool {
    let has_subquery = |text: &str| Words::of(text).has("select");
    same_expression(dialect, &SqlExpression::new(one), &SqlExpression::new(other))
        || has_subquery(one) && has_subquery(other)
}

fn read(text: &str) -> Policy {
    let tokens = placed(text);
    let mut policy = Policy { command: "all".to_owned(), ..Policy::default() };
    let word = |at: usize| match tokens.get(at) {
        Some((_, Token::Word(word))) => word.to_lowercase(),
        Some((_, Token::Sign(sign))) => sign.to_string(),
        Some((_, Token::Number(_) | Token::Text(_))) | None => String::new(),
    };
    // The name of the policy may be any word.
    let on = (0..tokens.len()).skip(3).find(|at| word(*at) == "on").unwrap_or(0);
    let mut at = on.saturating_add(2);
    while at < tokens.len() {
        let next = at.saturating_add(1);
        match word(at).as_str() {
            "as" => policy.restrictive = word(next) == "restrictive",
            "for" => policy.command = word(next),
            "to" => {
                let mut role = next;
                loop {
                    policy.roles.push(word(role));
                    if word(role.saturating_add(1)) != "," {
                        break;
                    }
                    role = role.saturating_add(2);
                }
            }
            word @ ("using" | "check") => {
                let close = super::routine::closing(&tokens, next).unwrap_or(tokens.len());
                let inside = tokens
                    .get(next)
                    .zip(tokens.get(close))
                    .and_then(|((open, _), (end, _))| text.get(open.end..end.start));
                let inside = inside.map(str::to_owned);
                if word == "using" {
                    policy.using = inside;
                } else {
                    policy.check = inside;
                }
                at = close;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    if policy.roles.is_empty() {
        policy.roles.push("public".to_owned());
    }
    policy.roles.sort();
    policy
}
