//! What stands around a word or a pair of brackets.

use proc_macro2::{Delimiter, TokenTree};

use crate::release::rust_tokens::{attribute, group, is_mark, is_path_mark, is_word, word};

/// The most tokens in a `::<…>` that is looked through.
const GENERICS_MAX: usize = 256;

/// The most attributes on one module that are looked past.
const ATTRIBUTES_MAX: usize = 32;

/// Returns the name that is called with the brackets at this place, and where it stands.
pub(super) fn called(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let mut before = at.checked_sub(1)?;
    if is_mark(tokens.get(before), '>') {
        // Back over `::<…>`; what has no beginning near by is a comparison.
        let mut open = 0_usize;
        let end = before;
        loop {
            if end - before > GENERICS_MAX {
                return None;
            }
            if is_mark(tokens.get(before), '>') {
                open += 1;
            } else if is_mark(tokens.get(before), '<') {
                open = open.saturating_sub(1);
            }
            before = before.checked_sub(1)?;
            if open == 0 {
                break;
            }
        }
        before = before.checked_sub(2)?;
    }
    word(tokens.get(before)).map(|name| (name, before))
}

/// Returns the part of a path before this one: `users` of `users::table`.
pub(super) fn before_path(tokens: &[TokenTree], at: usize) -> Option<String> {
    let start = at.checked_sub(2)?;
    is_path_mark(tokens, start).then_some(())?;
    // Before `<users as Table>::…` stands no word; the word that matters was looked at itself.
    Some(start.checked_sub(1).and_then(|place| word(tokens.get(place))).unwrap_or_default())
}

/// Returns the place of the first token of the path that ends here.
pub(super) fn path_start(tokens: &[TokenTree], at: usize) -> usize {
    let mut start = at;
    while let Some(before) = start.checked_sub(2)
        && is_path_mark(tokens, before)
    {
        start = before;
        match start.checked_sub(1) {
            Some(place) if word(tokens.get(place)).is_some() => start = place,
            Some(_) | None => break,
        }
    }
    start
}

/// Returns the place after the module that an attribute stands on.
pub(super) fn after_module(tokens: &[TokenTree], mut at: usize) -> Option<usize> {
    for _ in 0..ATTRIBUTES_MAX {
        let Some((_, len)) = attribute(tokens, at) else { break };
        at += len;
    }
    if is_word(tokens.get(at), "pub") {
        at += 1;
        at += usize::from(group(tokens.get(at), Delimiter::Parenthesis).is_some());
    }
    is_word(tokens.get(at), "mod").then_some(())?;
    group(tokens.get(at + 2), Delimiter::Brace).map(|_| at + 3)
}

/// Returns the type that an `impl` with these brackets is for.
pub(super) fn own_type(tokens: &[TokenTree], at: usize) -> Option<String> {
    group(tokens.get(at), Delimiter::Brace)?;
    let ends = |token: &&TokenTree| {
        group(Some(token), Delimiter::Brace).is_none() && !is_mark(Some(token), ';')
    };
    let mut head: Vec<&TokenTree> = tokens.iter().take(at).rev().take_while(ends).collect();
    head.reverse();
    // A function may return an `impl Trait`; what is `Self` in it, its surroundings say.
    if head.iter().any(|token| is_word(Some(token), "fn")) {
        return None;
    }
    let start = head.iter().position(|token| is_word(Some(token), "impl"))?;
    let head = head.get(start + 1..)?;
    let named = head.iter().take_while(|token| !is_word(Some(token), "where"));
    let mut depth = 0_usize;
    let mut name = None;
    for token in named {
        if is_mark(Some(token), '<') {
            depth += 1;
        } else if is_mark(Some(token), '>') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            name = word(Some(token)).filter(|name| name != "for").or(name);
        }
    }
    name
}
