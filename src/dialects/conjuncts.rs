//! The parts of a backfill's condition beside "is still NULL".

use crate::name::Name;

/// Returns the parts of a condition that do not say that one of these columns is NULL; none if the
/// condition is not a plain list of parts joined by AND, one of which says so. `quoted` writes a name in quotes.
pub(super) fn beside_null(
    condition: &str,
    columns: &[&Name],
    quoted: fn(&str) -> String,
) -> Vec<String> {
    let parts = conjuncts(condition).unwrap_or_default();
    let is_null = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let [column, is, null] = words.as_slice() else { return false };
        is.eq_ignore_ascii_case("is")
            && null.eq_ignore_ascii_case("null")
            && columns.iter().any(|name| {
                quoted(name.as_str()) == *column || name.as_str() == column.to_lowercase()
            })
    };
    let rest: Vec<String> =
        parts.iter().filter(|part| !is_null(part)).map(|part| format!("({part})")).collect();
    if rest.len() < parts.len() { rest } else { Vec::new() }
}

/// Cuts a condition at its outermost ANDs; `None` where that cannot be told without a parser.
fn conjuncts(condition: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut word = String::new();
    let mut depth = 0_u32;
    let mut quote = None;
    for letter in condition.chars().chain([' ']) {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            }
        } else if matches!(letter, '$' | '\\') {
            return None;
        } else if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            if depth == 0 {
                match word.to_ascii_lowercase().as_str() {
                    "or" | "between" | "case" => return None,
                    "and" => {
                        let part = parts.last_mut()?;
                        part.truncate(part.len() - word.len());
                        parts.push(String::new());
                    }
                    _ => {}
                }
            }
            word.clear();
            match letter {
                '\'' | '"' => quote = Some(letter),
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
        parts.last_mut()?.push(letter);
    }
    let whole = depth == 0 && quote.is_none();
    whole.then(|| parts.iter().map(|part| part.trim().to_owned()).collect())
}
