//! YAML as a tree in which every value keeps its place and every scalar its text.
//!
//! Built from the parser's events, not by typed decoding, which would stop at the first error, lose the
//! second of two equal keys, and turn a column named `no` into a boolean.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::source::{SourceId, Span, Spanned};

/// A value in a YAML file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands; for a mapping or a list from its first key or item to the end of its last.
    pub span: Span,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A scalar with its text as written, quotes and folding resolved.
    Scalar {
        /// The text.
        text: String,
        /// Whether it was written without quotes, so that a bare `true` may be read as a boolean where one is due.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written; equal keys are all kept.
    Map(Vec<(Spanned<String>, Node)>),
    /// Nothing was written after a key or a dash.
    Empty,
}

impl Node {
    /// Returns what the node is, for messages: "a list".
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match self.kind {
            NodeKind::Scalar { .. } => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
            NodeKind::Empty => "nothing",
        }
    }
}

/// The most bytes of a file that is read.
pub const FILE_BYTES_MAX: u64 = 1 << 20;
/// The most nodes in one file, aliases counted as often as they are used.
pub const NODES_MAX: usize = 100_000;
/// The deepest nesting.
pub const DEPTH_MAX: usize = 64;

/// Reads one YAML document. Broken YAML, more than one document, keys that are no scalars, and files
/// beyond the limits are reported and give `None`; so does a file without content.
pub fn read(source: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    if text.len() as u64 > FILE_BYTES_MAX {
        sink.report(oversized(
            Span { source, start: 0, end: 0 },
            format!("the file has {} bytes, more than {FILE_BYTES_MAX}", text.len()),
        ));
        return None;
    }
    let mut reader = Reader {
        source,
        text,
        parser: Parser::new_from_str(text),
        anchors: BTreeMap::new(),
        n_nodes: 0,
    };
    match reader.document() {
        Ok(node) => Some(node),
        Err(diagnostic) => {
            sink.report(*diagnostic);
            None
        }
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

fn oversized(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(code::OVERSIZED_FILE, message).at(span).help("split it into several plans")
}

fn invalid(span: Span, message: impl Into<String>, help: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(code::INVALID_YAML, message).at(span).help(help))
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    /// Anchored nodes with how many nodes each stands for.
    anchors: BTreeMap<usize, (Node, usize)>,
    n_nodes: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Read<Node> {
        let mut event = self.event()?;
        while matches!(event.0, Event::StreamStart | Event::DocumentStart(..)) {
            event = self.event()?;
        }
        if matches!(event.0, Event::StreamEnd | Event::DocumentEnd) {
            let start = Span { source: self.source, start: 0, end: 0 };
            return Err(invalid(
                start,
                "the file is empty",
                "write `title:` and at least one step",
            ));
        }
        let node = self.node(event, 0)?;
        loop {
            match self.event()? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(node),
                (_, span) => {
                    let help = "put each plan into a file of its own";
                    return Err(invalid(span, "a second document begins here", help));
                }
            }
        }
    }

    fn event(&mut self) -> Read<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(error)) => Err(self.broken(&error)),
            None => Ok((Event::StreamEnd, self.end())),
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source: self.source, start: clamp(range.start), end: clamp(range.end) }
    }

    fn end(&self) -> Span {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Span { source: self.source, start: end, end }
    }

    fn broken(&self, error: &ScanError) -> Box<Diagnostic> {
        let at = error.marker().byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        // One whole character is underlined, or nothing at the end of the file.
        let len =
            self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let start = u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span { source: self.source, start, end: start + len as u32 };
        let help = "check the indentation, the quotes and the brackets just before this place";
        invalid(span, format!("the file is not YAML: {}", error.info()), help)
    }

    fn count(&mut self, n_nodes: usize, span: Span) -> Read<()> {
        self.n_nodes = self.n_nodes.saturating_add(n_nodes);
        if self.n_nodes > NODES_MAX {
            let message = format!("the file has more than {NODES_MAX} values, aliases expanded");
            return Err(Box::new(oversized(span, message)));
        }
        Ok(())
    }

    fn node(&mut self, (event, span): (Event<'a>, Span), depth: usize) -> Read<Node> {
        self.count(1, span)?;
        if depth > DEPTH_MAX {
            return Err(Box::new(oversized(span, format!("values nest deeper than {DEPTH_MAX}"))));
        }
        let before = self.n_nodes - 1;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some_and(|tag| tag.is_custom()) {
                    return Err(invalid(
                        span,
                        "tags are not known here",
                        "remove the `!` and what follows it",
                    ));
                }
                let plain = style == ScalarStyle::Plain;
                // The parser says `~` where nothing was written, which then takes no place in the file.
                let kind = if plain && (text.is_empty() || span.start == span.end) {
                    NodeKind::Empty
                } else {
                    NodeKind::Scalar { text: text.into_owned(), plain }
                };
                (Node { kind, span }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.list(span, depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.map(span, depth)?, anchor),
            Event::Alias(anchor) => {
                let Some((node, n_nodes)) = self.anchors.get(&anchor).cloned() else {
                    let help = "write the value out";
                    return Err(invalid(span, "an alias inside the value it names", help));
                };
                self.count(n_nodes, span)?;
                return Ok(node);
            }
            _ => {
                return Err(invalid(
                    span,
                    "a value is missing here",
                    "write it, or remove the key",
                ));
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.n_nodes - before));
        }
        Ok(node)
    }

    fn list(&mut self, span: Span, depth: usize) -> Read<Node> {
        let mut items: Vec<Node> = Vec::new();
        loop {
            let (event, at) = self.event()?;
            if matches!(event, Event::SequenceEnd) {
                let first = items.first().map_or(span, |item| item.span);
                let end = items.last().map_or(at.end, |item| item.span.end);
                let start = if span.end > span.start { span.start } else { first.start };
                return Ok(Node {
                    kind: NodeKind::List(items),
                    span: Span { source: span.source, start, end: end.max(start) },
                });
            }
            items.push(self.node((event, at), depth + 1)?);
        }
    }

    fn map(&mut self, span: Span, depth: usize) -> Read<Node> {
        let mut entries: Vec<(Spanned<String>, Node)> = Vec::new();
        loop {
            let (event, at) = self.event()?;
            if matches!(event, Event::MappingEnd) {
                let start = entries.first().map_or(span.start, |(key, _)| key.span.start);
                let end =
                    entries.last().map_or(at.end, |(key, value)| value.span.end.max(key.span.end));
                return Ok(Node {
                    kind: NodeKind::Map(entries),
                    span: Span { source: span.source, start, end: end.max(start) },
                });
            }
            let key = match self.node((event, at), depth + 1)? {
                Node { kind: NodeKind::Scalar { text, .. }, span } => Spanned::new(text, span),
                node => {
                    let message = format!("{} stands where a key is due", node.describe());
                    return Err(invalid(node.span, message, "write a name and a colon"));
                }
            };
            let event = self.event()?;
            let value = self.node(event, depth + 1)?;
            entries.push((key, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn read_text(text: &str) -> (Sources, Option<Node>, Vec<Diagnostic>) {
        let mut sources = Sources::default();
        let source = sources.add("plans/a.yaml", text);
        let mut sink = Sink::default();
        let node = read(source, text, &mut sink);
        (sources, node, sink.into_sorted())
    }

    #[test]
    fn every_value_keeps_its_place_and_its_text() {
        let (sources, node, _) = read_text("a: no\nb: [null, 'x y']\nc: {d: ö, e: 1.0}\n");
        let Some(Node { kind: NodeKind::Map(entries), .. }) = node else { panic!() };
        let texts: Vec<&str> = entries.iter().map(|(_, value)| sources.slice(value.span)).collect();
        assert_eq!(texts, ["no", "[null, 'x y'", "d: ö, e: 1.0"]);
        assert_eq!(entries[0].1.kind, NodeKind::Scalar { text: "no".into(), plain: true });
    }

    #[test]
    fn equal_keys_are_both_kept() {
        let (_, node, found) = read_text("a: 1\na: 2\n");
        let Some(Node { kind: NodeKind::Map(entries), .. }) = node else { panic!("{found:?}") };
        assert_eq!(entries.len(), 2);
    }

    #[test]
    fn an_alias_bomb_is_refused_within_the_budget() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let previous = format!("*a{}, ", level - 1).repeat(10);
            text += &format!("a{level}: &a{level} [{}]\n", previous.trim_end_matches(", "));
        }
        let (_, node, found) = read_text(&text);
        assert!(node.is_none());
        assert_eq!(found[0].code, code::OVERSIZED_FILE);
    }

    #[test]
    fn deep_nesting_is_refused() {
        for text in ["[".repeat(5_000), "- ".repeat(5_000), "{a: ".repeat(5_000)] {
            let (_, node, found) = read_text(&text);
            assert!(node.is_none());
            assert_eq!(found.len(), 1, "{found:?}");
        }
    }

    #[test]
    fn broken_yaml_points_to_its_place() {
        let (sources, node, found) = read_text("title: x\nexpand: [a, b\ncontract: y\n");
        assert!(node.is_none());
        assert_eq!(found[0].code, code::INVALID_YAML);
        assert!(sources.line_column(found[0].labels[0].span).0 >= 2, "{found:?}");
    }

    #[test]
    fn empty_files_and_second_documents_are_refused() {
        for (text, part) in
            [("", "empty"), ("# only this\n", "empty"), ("a: 1\n---\nb: 2\n", "second document")]
        {
            let (_, node, found) = read_text(text);
            assert!(node.is_none());
            assert!(found[0].message.contains(part), "{found:?}");
        }
    }
}
