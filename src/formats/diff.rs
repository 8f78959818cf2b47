//! Two texts of one file as a unified diff.

use std::fmt::Write as _;
use std::ops::Range;

use camino::Utf8Path;

/// How many lines stand around what differs.
const AROUND: usize = 3;

/// The most pairs of lines that are compared to find which of them stay; beyond that all between the first and the last change goes and
/// comes anew.
const PAIRS_MAX: usize = 1 << 21;

/// A line with its sign: one that stays, goes or comes.
type Line<'a> = (char, &'a str);

/// Returns what takes a file from one text to another, in the form that `git apply` takes; `None` as the old text is no file yet.
#[must_use]
pub fn unified(path: &Utf8Path, old: Option<&str>, new: &str) -> String {
    let from = old.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
    let before: Vec<&str> = old.unwrap_or_default().split_inclusive('\n').collect();
    let after: Vec<&str> = new.split_inclusive('\n').collect();
    let lines = lines(&before, &after);
    let mut text = format!("--- {from}\n+++ b/{path}\n");
    let (mut at, mut old_at, mut new_at) = (0, 0, 0);
    for hunk in hunks(&lines) {
        let skipped = hunk.start.saturating_sub(at);
        let part = lines.get(hunk.clone()).unwrap_or_default();
        let n = |but: char| part.iter().filter(|(sign, _)| *sign != but).count();
        // What lies between two hunks stays.
        (old_at, new_at) = (old_at + skipped, new_at + skipped);
        let (n_old, n_new) = (n('+'), n('-'));
        // Writing into a text cannot fail.
        let _ = writeln!(text, "@@ -{} +{} @@", range(old_at, n_old), range(new_at, n_new));
        (old_at, new_at, at) = (old_at + n_old, new_at + n_new, hunk.end);
        text.extend(part.iter().map(|(sign, line)| signed(*sign, line)));
    }
    text
}

/// Returns the parts of a list of lines that are shown: what changes, with the lines around it.
fn hunks(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut hunks: Vec<Range<usize>> = Vec::new();
    let changed = lines.iter().enumerate().filter(|(_, (sign, _))| *sign != ' ');
    for (at, _) in changed {
        let start = at.saturating_sub(AROUND);
        let end = at.saturating_add(AROUND + 1).min(lines.len());
        match hunks.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            Some(_) | None => hunks.push(start..end),
        }
    }
    hunks
}

/// Returns the lines of both texts, those that stay once.
fn lines<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let same = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()).saturating_sub(same);
    let ends = before.iter().rev().zip(after.iter().rev()).take(rest);
    let same_at_end = ends.take_while(|(one, other)| one == other).count();
    let middle = |lines: &[&'a str]| -> Vec<&'a str> {
        let end = lines.len().saturating_sub(same_at_end);
        lines.get(same..end).unwrap_or_default().to_vec()
    };
    let stay = |lines: &[&'a str]| lines.iter().map(|line| (' ', *line)).collect::<Vec<_>>();
    let head = stay(before.get(..same).unwrap_or_default());
    let tail = stay(before.get(before.len().saturating_sub(same_at_end)..).unwrap_or_default());
    [head, changed(&middle(before), &middle(after)), tail].concat()
}

/// Returns the lines of two texts so that as many stay as can; those that go stand before those that come.
fn changed<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let width = after.len() + 1;
    let (mut at, mut to) = (0, 0);
    let mut all = Vec::with_capacity(before.len() + after.len());
    let mut come = Vec::new();
    if before.len().saturating_mul(after.len()) <= PAIRS_MAX {
        // How many lines stay at most of what is left from here on, in both texts.
        let mut stay = vec![0_u32; (before.len() + 1) * width];
        let get = |stay: &[u32], one: usize, other: usize| {
            stay.get(one * width + other).copied().unwrap_or_default()
        };
        for (one, line) in before.iter().enumerate().rev() {
            for (other, new) in after.iter().enumerate().rev() {
                let most = if line == new {
                    get(&stay, one + 1, other + 1) + 1
                } else {
                    get(&stay, one + 1, other).max(get(&stay, one, other + 1))
                };
                if let Some(cell) = stay.get_mut(one * width + other) {
                    *cell = most;
                }
            }
        }
        while let (Some(line), Some(new)) = (before.get(at), after.get(to)) {
            if line == new {
                all.append(&mut come);
                all.push((' ', *line));
                (at, to) = (at + 1, to + 1);
            } else if get(&stay, at + 1, to) >= get(&stay, at, to + 1) {
                all.push(('-', *line));
                at += 1;
            } else {
                come.push(('+', *new));
                to += 1;
            }
        }
    }
    all.extend(before.iter().skip(at).map(|line| ('-', *line)));
    all.append(&mut come);
    all.extend(after.iter().skip(to).map(|line| ('+', *line)));
    all
}

/// Writes where lines begin, from 1, and how many they are.
fn range(first: usize, n: usize) -> String {
    let start = if n == 0 { first } else { first.saturating_add(1) };
    format!("{start},{n}")
}

fn signed(sign: char, line: &str) -> String {
    if line.ends_with('\n') {
        format!("{sign}{line}")
    } else {
        format!("{sign}{line}\n\\ No newline at end of file\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_stands_among_its_neighbours() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = old.replace('5', "five\nmore");
        assert_eq!(
            unified("a/up.sql".into(), Some(old), &new),
            "--- a/a/up.sql\n+++ b/a/up.sql\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+more\n 6\n 7\n 8\n"
        );
    }

    #[test]
    fn changes_far_from_one_another_are_hunks_of_their_own() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n";
        let new = "zero\n1\n2\n3\n4\n5\n6\n7\n8\n9\n11\n";
        assert_eq!(
            unified("m".into(), Some(old), new),
            "--- a/m\n+++ b/m\n@@ -1,3 +1,4 @@\n+zero\n 1\n 2\n 3\n@@ -7,5 +8,4 @@\n 7\n 8\n 9\n-10\n 11\n"
        );
        let swapped = unified("m".into(), Some("a\nb\nc\n"), "c\nb\nd\n");
        assert_eq!(swapped, "--- a/m\n+++ b/m\n@@ -1,3 +1,3 @@\n-a\n-b\n c\n+b\n+d\n");
    }

    #[test]
    fn a_new_file_comes_from_nothing_and_a_missing_line_end_is_told() {
        assert_eq!(
            unified("m".into(), None, "x\n"),
            "--- /dev/null\n+++ b/m\n@@ -0,0 +1,1 @@\n+x\n"
        );
        assert_eq!(
            unified("m".into(), Some("a"), "b"),
            "--- a/m\n+++ b/m\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
        );
    }
}
