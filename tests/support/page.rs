//! Pages in Markdown whose commands are run and whose answers are compared.
//!
//! A `sh` block is run with bash, all blocks of a page in one shell, so that what one sets the next one sees. If a
//! `text` block comes next, it is what the commands print on both streams. `PLANNER_UPDATE_DOCS=1` writes the `text`
//! blocks anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::project::{program, ran};

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the opening fence.
    pub language: String,
    /// The lines between the fences.
    pub text: String,
    /// The bytes of the page that `text` takes.
    pub range: std::ops::Range<usize>,
}

/// The end of a block's output is this line with the exit code.
const MARK: &str = "=== end of block, exit code";

/// Reads a page of this repository.
pub fn read(relative: &str) -> String {
    std::fs::read_to_string(path(relative)).unwrap()
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// Returns the fenced blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let (mut open, mut at): (Option<(String, usize)>, usize) = (None, 0);
    for line in page.split_inclusive('\n') {
        if let Some(language) = line.strip_prefix("```") {
            open = match open {
                None => Some((language.trim().to_owned(), at + line.len())),
                Some((language, start)) => {
                    found.push(Block {
                        language,
                        text: page[start..at].to_owned(),
                        range: start..at,
                    });
                    None
                }
            };
        }
        at += line.len();
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// Runs the blocks of a page from a heading on in a folder, and compares what they print with the page.
#[track_caller]
pub fn walk(relative: &str, heading: &str, folder: &Path) {
    let page = read(relative);
    let from = page.find(heading).unwrap_or_else(|| panic!("{relative} has no `{heading}`"));
    let blocks: Vec<Block> = blocks(&page)
        .into_iter()
        .filter(|block| block.range.start > from && ["sh", "text"].contains(&&*block.language))
        .collect();
    let commands: Vec<&Block> = blocks.iter().filter(|block| block.language == "sh").collect();
    let printed = run(&commands, folder);
    let (mut updated, mut wrong) = (page.clone(), String::new());
    // From the end on, so that the places of the blocks before stay right.
    for (at, block) in blocks.iter().enumerate().rev() {
        let before = blocks[..at].iter().filter(|block| block.language == "sh").count();
        if block.language == "sh" {
            let (output, code) = &printed[before];
            if code != "0" {
                write!(wrong, "{}ends with exit code {code}:\n{output}", block.text).unwrap();
            }
            continue;
        }
        let (output, _) = &printed[before - 1];
        if redact(output) != redact(&block.text) {
            updated.replace_range(block.range.clone(), output);
            let text = &block.text;
            write!(wrong, "the page says:\n{text}but it prints:\n{output}").unwrap();
        }
    }
    if std::env::var_os("PLANNER_UPDATE_DOCS").is_some() && updated != page {
        std::fs::write(path(relative), updated).unwrap();
    }
    assert!(
        wrong.is_empty(),
        "{wrong}\n{relative} is not true: run `PLANNER_UPDATE_DOCS=1 cargo test --test main readme` and look at it"
    );
}

/// Runs blocks in one shell; returns what each printed and its last exit code.
fn run(blocks: &[&Block], folder: &Path) -> Vec<(String, String)> {
    let mut script = String::from("exec 2>&1\n");
    for block in blocks {
        writeln!(script, "{}printf '%s %s\\n' '{MARK}' \"$?\"", block.text).unwrap();
    }
    let mut programs = vec![program().parent().unwrap().to_owned()];
    if let Some(diesel) = std::env::var_os("PLANNER_TEST_DIESEL") {
        programs.push(PathBuf::from(diesel).parent().unwrap().to_owned());
    }
    programs.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-c", &script]).current_dir(folder);
    command.stdin(Stdio::null()).env_clear().env("PLANNER_ACTOR", "ada");
    command.env("PATH", std::env::join_paths(programs).unwrap());
    // Diesel formats what it prints with rustfmt where it finds it.
    for name in ["HOME", "RUSTUP_HOME", "CARGO_HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let all = ran(command.output().unwrap()).exits(0);
    let mut printed = Vec::new();
    let mut output = String::new();
    for line in all.split_inclusive('\n') {
        // What does not end its last line has the mark behind it.
        match line.split_once(MARK) {
            Some((rest, code)) => {
                output += rest;
                printed.push((std::mem::take(&mut output), code.trim().to_owned()));
            }
            None => output += line,
        }
    }
    assert_eq!(printed.len(), blocks.len(), "the shell ended early:\n{all}");
    printed
}

/// Replaces what differs from run to run: moments, the versions and names made of them, checksums, durations.
fn redact(text: &str) -> String {
    let mut redacted = String::new();
    for line in text.lines() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ':';
        let mut previous = String::new();
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len()).max(first.len_utf8());
            let (word, after) = rest.split_at(len);
            redacted += match word {
                _ if is_moment(word) => "MOMENT",
                _ if previous == "checksum" => "CHECKSUM",
                _ if previous == "in" && word.bytes().all(|byte| byte.is_ascii_digit()) => "N",
                _ => word,
            };
            if word.chars().all(is_word) {
                word.clone_into(&mut previous);
            }
            rest = after;
        }
        redacted += "\n";
    }
    redacted
}

/// Whether a word begins with a date and a time, however they are written.
fn is_moment(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.starts_with("20") && digits >= 14 && word.bytes().take(4).all(|byte| byte.is_ascii_digit())
}
