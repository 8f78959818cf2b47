//! How much nests in one `table!` before it is given to a parser that calls itself for each level.

use proc_macro2::{Spacing, TokenTree};

use crate::release::rust_tokens::inside;

/// The deepest nesting of brackets, and of `<…>`, in a `table!`.
const DEPTH_MAX: usize = 16;
/// The most tokens between two commas or semicolons: each may be one level for the parser.
const RUN_MAX: usize = 128;

/// Returns the first token of a `table!` that is more than any declaration needs.
pub(super) fn beyond(tokens: &[TokenTree]) -> Option<TokenTree> {
    beyond_at(tokens, 0)
}

fn beyond_at(tokens: &[TokenTree], depth: usize) -> Option<TokenTree> {
    let (mut angles, mut run) = (0_usize, 0_usize);
    let mut after_dash = false;
    for token in tokens {
        run += 1;
        let mut is_dash = false;
        match token {
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' | ';' => run = 0,
                '<' => angles += 1,
                '>' if !after_dash => angles = angles.saturating_sub(1),
                '-' => is_dash = punct.spacing() == Spacing::Joint,
                _ => {}
            },
            TokenTree::Group(group) => {
                if depth == DEPTH_MAX {
                    return Some(token.clone());
                }
                if let Some(found) = beyond_at(&inside(group), depth + 1) {
                    return Some(found);
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        if angles > DEPTH_MAX || run > RUN_MAX {
            return Some(token.clone());
        }
        after_dash = is_dash;
    }
    None
}
