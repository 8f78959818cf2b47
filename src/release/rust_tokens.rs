//! Rust source as tokens with their places, read without recursion, so that no nesting overflows the stack.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::source::{SourceId, Span};

/// The deepest nesting of brackets; hand-written Rust stays far below it.
pub(super) const DEPTH_MAX: usize = 200;

/// The most brackets that may be open at once before the text is looked at as Rust: what cuts it up needs memory for each.
const OPEN_MAX: usize = 100_000;

/// Cuts a text into tokens. What is no Rust, or nests too deep, is reported.
pub(super) fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Vec<TokenTree>> {
    if let Some(at) = far_too_deep(text) {
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        let message = format!("more than {OPEN_MAX} brackets are open here");
        sink.report(
            Diagnostic::new(code::OVERSIZED_FILE, message)
                .at(Span { source, start, end: start.saturating_add(1) })
                .help("leave the file out"),
        );
        return None;
    }
    // A line for the shell is no Rust; as a comment of the same length it leaves every place as it is.
    let commented = text.strip_prefix("#!").filter(|rest| !rest.trim_start().starts_with('['));
    let commented = commented.map(|rest| format!("//{rest}"));
    let lexed: Result<TokenStream, _> = commented.as_deref().unwrap_or(text).parse();
    let tokens: Vec<TokenTree> = match lexed {
        Ok(stream) => stream.into_iter().collect(),
        Err(error) => {
            let span = one_letter(span(source, error.span()), text);
            let message = "the file is not Rust: a bracket, a quote or a letter has no place here";
            sink.report(
                Diagnostic::new(code::UNREADABLE_SCHEMA, message)
                    .at(span)
                    .help("correct it until `cargo check` accepts the file"),
            );
            return None;
        }
    };
    if let Some(group) = too_deep(&tokens) {
        let message = format!("brackets nest deeper than {DEPTH_MAX}");
        let span = one_letter(span(source, group.span_open()), text);
        sink.report(
            Diagnostic::new(code::OVERSIZED_FILE, message)
                .at(span)
                .help("leave the file out, or split what nests there"),
        );
        return None;
    }
    Some(tokens)
}

/// Returns the place of tokens in a file that [`read`] cut up.
pub(super) fn span(source: SourceId, of: proc_macro2::Span) -> Span {
    let range = of.byte_range();
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: clamp(range.start), end: clamp(range.end) }
}

/// Returns the line of tokens, counted from 1.
pub(super) fn line(of: proc_macro2::Span) -> u32 {
    u32::try_from(of.start().line).unwrap_or(u32::MAX)
}

/// Forgets the texts that this thread has read; places of their tokens must not be asked for any more.
pub(super) fn forget() {
    proc_macro2::extra::invalidate_current_thread_spans();
}

/// Returns the tokens in brackets.
pub(super) fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// Returns the word, without `r#`, if the token is one.
pub(super) fn word(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => {
            let text = ident.to_string();
            Some(text.strip_prefix("r#").map_or_else(|| text.clone(), str::to_owned))
        }
        Some(TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) | None => None,
    }
}

/// Returns whether the token is this word.
pub(super) fn is_word(token: Option<&TokenTree>, expected: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if *ident == expected)
}

/// Returns whether the token is this mark.
pub(super) fn is_mark(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// Returns whether two marks stand here side by side, as in `::`.
pub(super) fn is_path_mark(tokens: &[TokenTree], at: usize) -> bool {
    is_mark(tokens.get(at), ':') && is_mark(tokens.get(at + 1), ':')
}

/// Returns the brackets of this kind.
pub(super) fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        Some(
            TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_),
        )
        | None => None,
    }
}

/// Returns the brackets of an attribute that begins here, and how many tokens it has: `#[…]` or `#![…]`.
pub(super) fn attribute(tokens: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    if !is_mark(tokens.get(at), '#') {
        return None;
    }
    let inner = usize::from(is_mark(tokens.get(at + 1), '!'));
    let brackets = group(tokens.get(at + 1 + inner), Delimiter::Bracket)?;
    Some((brackets, 2 + inner))
}

/// Returns whether an attribute is exactly `#[cfg(test)]`: what it stands on is never part of a release.
pub(super) fn is_cfg_test(attribute: &Group) -> bool {
    let tokens = inside(attribute);
    let condition = group(tokens.get(1), Delimiter::Parenthesis).map(inside).unwrap_or_default();
    is_word(tokens.first(), "cfg")
        && tokens.len() == 2
        && condition.len() == 1
        && is_word(condition.first(), "test")
}

/// Returns the value of a string literal; bytes that are no text are replaced.
pub(super) fn string(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        syn::Lit::ByteStr(bytes) => Some(String::from_utf8_lossy(&bytes.value()).into_owned()),
        syn::Lit::CStr(text) => Some(text.value().to_string_lossy().into_owned()),
        _ => None,
    }
}

/// Makes a place at least one letter long, so that it can be underlined.
fn one_letter(span: Span, text: &str) -> Span {
    let start = text.floor_char_boundary(span.start as usize);
    let len = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let start = u32::try_from(start).unwrap_or(u32::MAX);
    Span { source: span.source, start, end: span.end.max(start.saturating_add(len as u32)) }
}

/// Counts brackets as if there were no texts and comments, which decides nothing about files that people write.
fn far_too_deep(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > OPEN_MAX {
            return Some(at);
        }
    }
    None
}

fn too_deep(tokens: &[TokenTree]) -> Option<Group> {
    let mut open: Vec<(Group, usize)> = groups(tokens.to_vec(), 1).collect();
    while let Some((group, depth)) = open.pop() {
        if depth > DEPTH_MAX {
            return Some(group);
        }
        let within = inside(&group);
        open.extend(groups(within, depth + 1));
    }
    None
}

fn groups(tokens: Vec<TokenTree>, depth: usize) -> impl Iterator<Item = (Group, usize)> {
    tokens.into_iter().filter_map(move |token| match token {
        TokenTree::Group(group) => Some((group, depth)),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}
