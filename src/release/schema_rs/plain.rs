//! Columns of a `table!` that are written as `diesel print-schema` writes them.

use proc_macro2::{Delimiter, Ident, TokenTree};

use crate::release::rust_tokens::{group, inside, is_mark, is_word, string, word};

/// A column as it is written.
#[derive(Debug)]
pub(super) struct PlainColumn {
    /// Its name in Rust.
    pub name: Ident,
    /// Its name in the database.
    pub sql_name: String,
    /// Its type.
    pub type_tokens: Vec<TokenTree>,
    /// The same as text, equal for equal types.
    pub type_text: String,
    /// What `#[max_length = …]` says.
    pub max_length: Option<u64>,
}

/// Cuts what is between the braces into columns. `None` if any of them is not `name -> Type`, with nothing before it but
/// `#[sql_name = "…"]` and `#[max_length = …]`: then Diesel's own parser says what it is.
pub(super) fn columns(tokens: &[TokenTree]) -> Option<Vec<PlainColumn>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (mut sql_name, mut max_length) = (None, None);
        while is_mark(tokens.get(at), '#') {
            let attribute = inside(group(tokens.get(at + 1), Delimiter::Bracket)?);
            if is_word(attribute.first(), "sql_name") {
                let text = string(attribute.get(2)?)?;
                sql_name =
                    Some(text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned));
            } else {
                let length = attribute.get(2)?.to_string();
                length.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
                max_length = length.parse().ok();
            }
            at += 2;
        }
        let TokenTree::Ident(name) = tokens.get(at)? else { return None };
        (is_mark(tokens.get(at + 1), '-') && is_mark(tokens.get(at + 2), '>')).then_some(())?;
        let start = at + 3;
        let end = start + type_len(tokens.get(start..)?)?;
        let type_tokens = tokens.get(start..end)?.to_vec();
        found.push(PlainColumn {
            sql_name: sql_name.or_else(|| word(tokens.get(at)))?,
            name: name.clone(),
            type_text: text(&type_tokens),
            type_tokens,
            max_length,
        });
        at = end + 1;
    }
    Some(found)
}

/// Returns how many tokens the type has that begins here: names, `::` and `<…>`, up to a comma or the end.
fn type_len(tokens: &[TokenTree]) -> Option<usize> {
    let mut open = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(_) => {}
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' if open == 0 => return Some(at),
                '<' => open += 1,
                '>' => open = open.checked_sub(1)?,
                ':' | ',' => {}
                _ => return None,
            },
            TokenTree::Group(_) | TokenTree::Literal(_) => return None,
        }
    }
    (open == 0).then_some(tokens.len())
}

fn text(tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            // Two names side by side are no type; the space keeps them from looking like one.
            TokenTree::Ident(_) | TokenTree::Group(_) | TokenTree::Literal(_) => {
                text.push_str(&token.to_string());
                text.push(' ');
            }
        }
    }
    text
}
