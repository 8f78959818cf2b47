//! Cuts a script into statements by its tokens, before any of them is parsed.
//!
//! The parser is given one statement at a time, so that what it does not accept spoils no other, and none that would
//! overflow its stack or fill the memory.

use std::ops::Range;

use squawk_lexer::{Token, TokenKind, tokenize};

use super::grown::Grown;
use super::settings::{Settings, Setup};
use crate::expressions::{Levels, count_postgres, unclosed_postgres};
use crate::readers::Marker;
use crate::readers::marks;

/// Rows of an `INSERT` beyond so many bytes are not parsed.
const ROWS_BYTES_MAX: usize = 64 * 1024;
/// A statement beyond so many bytes is not parsed: its tree would take hundreds of times as much.
const STATEMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many of a statement's first words are kept.
const WORDS_KEPT: usize = 8;

/// A statement that is not parsed yet.
#[derive(Debug)]
pub(super) struct Cut {
    pub place: Range<usize>,
    pub kind: Kind,
    pub settings: Settings,
}

/// What is to be done with a statement.
#[derive(Debug)]
pub(super) enum Kind {
    /// It is given to the parser when it is read.
    Sql,
    /// The parser had it already.
    Parsed(Grown),
    /// Only what stands before the rows is, which ends here.
    ManyRows(usize),
    /// It is too long to be parsed.
    TooLong,
    /// It is not SQL.
    Unreadable { message: &'static str, offset: usize },
}

/// Cuts a script; the markers are found on the way.
pub(super) fn cut(text: &str) -> (Vec<Cut>, Vec<Marker>) {
    let mut cutter =
        Cutter { text, cuts: Vec::new(), markers: Vec::new(), setup: Setup::default(), open: None };
    if let Some(offset) = text.find('\0') {
        cutter.whole("a NUL byte cannot be part of SQL", offset);
    } else if text.len() > u32::MAX as usize / 2 {
        cutter.whole("the text is too long to be read", 0);
    } else {
        cutter.run();
    }
    (cutter.cuts, cutter.markers)
}

/// A statement whose end is not reached yet.
#[derive(Debug)]
struct Open {
    start: usize,
    /// Where the last token that is neither space nor comment ended.
    end: usize,
    /// The first words, in lower case.
    words: Vec<String>,
    brackets: usize,
    levels: Levels,
    /// `BEGIN ATOMIC` and the `CASE`s inside it, which `END` closes.
    blocks: usize,
    /// Where the rows of an `INSERT` begin.
    values: Option<usize>,
    problem: Option<(&'static str, usize)>,
    last: Option<Last>,
}

/// What the token before this one was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Begin,
    Other,
}

struct Cutter<'a> {
    text: &'a str,
    cuts: Vec<Cut>,
    markers: Vec<Marker>,
    setup: Setup,
    open: Option<Open>,
}

impl Cutter<'_> {
    fn whole(&mut self, message: &'static str, offset: usize) {
        let settings = self.setup.settings();
        let kind = Kind::Unreadable { message, offset };
        self.cuts.push(Cut { place: 0..self.text.len(), kind, settings });
    }

    fn run(&mut self) {
        let bom = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut from = Some(bom);
        while let Some(start) = from {
            from = self.run_from(start);
        }
        self.close();
    }

    /// Takes tokens up to the end, or to where other than tokens begin: returns where they go on.
    fn run_from(&mut self, start: usize) -> Option<usize> {
        let mut at = start;
        for token in tokenize(self.text.get(start..).unwrap_or_default()) {
            let place = at..at + token.len as usize;
            at = place.end;
            let word = self.text.get(place.clone()).unwrap_or_default();
            match token.kind {
                TokenKind::Eof => break,
                TokenKind::Whitespace => {}
                TokenKind::LineComment | TokenKind::BlockComment { terminated: true } => {
                    self.markers.extend(marks::marker(word, place));
                }
                TokenKind::Semi if self.ends_here() => {
                    let reads_rows = self.open.as_ref().is_some_and(Open::copies_from_client);
                    self.close();
                    if reads_rows {
                        return Some(self.skip_rows(at));
                    }
                }
                TokenKind::Unknown if self.open.is_none() && word.starts_with('\\') => {
                    return Some(self.client_command(place.start));
                }
                _ => self.take(token, word, place),
            }
        }
        None
    }

    fn ends_here(&self) -> bool {
        let Some(open) = &self.open else { return true };
        open.blocks == 0 && !(open.brackets > 0 && open.is_rule())
    }

    fn take(&mut self, token: Token, word: &str, place: Range<usize>) {
        let open = self.open.get_or_insert_with(|| Open {
            start: place.start,
            end: place.start,
            words: Vec::new(),
            brackets: 0,
            levels: Levels::default(),
            blocks: 0,
            values: None,
            problem: None,
            last: None,
        });
        open.end = place.end;
        if let Some(message) = unclosed_postgres(token) {
            open.problem.get_or_insert((message, place.start));
        } else if token.kind == TokenKind::Semi {
            open.levels.comma();
        } else if let Err(message) = count_postgres(&mut open.levels, token, word) {
            open.problem.get_or_insert((message, place.start));
        }
        open.follow(token, word, place);
    }

    /// Ends the statement that is open, if one is.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let place = open.start..open.end;
        let settings = self.setup.settings();
        self.setup.follow(&open.words, self.text.get(place.clone()).unwrap_or_default());
        let kind = match (open.problem, open.values) {
            (Some((message, offset)), _) => Kind::Unreadable { message, offset },
            (None, Some(values)) if open.end - values > ROWS_BYTES_MAX => Kind::ManyRows(values),
            (None, _) if place.len() > STATEMENT_BYTES_MAX => Kind::TooLong,
            (None, _) => Kind::Sql,
        };
        self.cuts.push(Cut { place, kind, settings });
    }

    /// Steps over the rows that a client sends after `COPY … FROM STDIN`, up to the line `\.`; they are part of the
    /// statement. Without that line there are none.
    fn skip_rows(&mut self, from: usize) -> usize {
        let mut at = from;
        for line in self.text.get(from..).unwrap_or_default().split_inclusive('\n') {
            at += line.len();
            if line.trim_end() == "\\." {
                if let Some(cut) = self.cuts.last_mut() {
                    cut.place.end = at - (line.len() - line.trim_end().len());
                }
                return at;
            }
        }
        from
    }

    /// Takes a line that is meant for psql.
    fn client_command(&mut self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let place = start..start + line.trim_end().len();
        let message = "this is a command of psql, not SQL";
        let kind = Kind::Unreadable { message, offset: start };
        self.cuts.push(Cut { place, kind, settings: self.setup.settings() });
        start + line.len()
    }
}

impl Open {
    fn is_rule(&self) -> bool {
        self.words.iter().take(4).any(|word| word == "rule")
    }

    fn is_routine(&self) -> bool {
        self.words.first().is_some_and(|word| word == "create")
            && self.words.iter().take(4).any(|word| word == "function" || word == "procedure")
    }

    fn copies_from_client(&self) -> bool {
        let first = |at: usize| self.words.get(at).map(String::as_str);
        first(0) == Some("copy") && self.words.windows(2).any(|two| two == ["from", "stdin"])
    }

    /// Follows brackets, blocks and words.
    fn follow(&mut self, token: Token, word: &str, place: Range<usize>) {
        match token.kind {
            TokenKind::OpenParen => self.brackets += 1,
            TokenKind::CloseParen => self.brackets = self.brackets.saturating_sub(1),
            TokenKind::Ident => self.word(word, place.start),
            _ => {}
        }
        let begins = token.kind == TokenKind::Ident && word.eq_ignore_ascii_case("begin");
        self.last = Some(if begins { Last::Begin } else { Last::Other });
    }

    fn word(&mut self, word: &str, start: usize) {
        if self.words.len() < WORDS_KEPT || self.words.first().is_some_and(|first| first == "copy")
        {
            self.words.push(word.to_ascii_lowercase());
        }
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if is("atomic") && self.last == Some(Last::Begin) && self.is_routine() {
            self.blocks = 1;
        } else if self.blocks > 0 && is("case") {
            self.blocks += 1;
        } else if self.blocks > 0 && is("end") {
            self.blocks -= 1;
        }
        let inserts = self.words.first().is_some_and(|first| first == "insert");
        if inserts && self.brackets == 0 && self.values.is_none() && is("values") {
            self.values = Some(start);
        }
    }
}
