//! Two texts of one file as a unified diff.

use std::fmt::Write as _;

use camino::Utf8Path;

/// How many lines stand around what differs.
const AROUND: usize = 3;

/// Returns what takes a file from one text to another, in the form that `git apply` takes; `None` as the old text is no file yet.
#[must_use]
pub fn unified(path: &Utf8Path, old: Option<&str>, new: &str) -> String {
    let from = old.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{path}"));
    let before: Vec<&str> = old.unwrap_or_default().split_inclusive('\n').collect();
    let after: Vec<&str> = new.split_inclusive('\n').collect();
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    let rest = before.len().min(after.len()).saturating_sub(same);
    let ends = before.iter().rev().zip(after.iter().rev()).take(rest);
    let same_at_end = ends.take_while(|(one, other)| one == other).count();
    let first = same.saturating_sub(AROUND);
    let last = |lines: &[&str]| lines.len().saturating_sub(same_at_end);
    let tail_end = |lines: &[&str]| last(lines).saturating_add(AROUND).min(lines.len());
    let n = |lines: &[&str]| tail_end(lines).saturating_sub(first);
    let mut text = format!("--- {from}\n+++ b/{path}\n");
    // Writing into a text cannot fail.
    let _ = writeln!(text, "@@ -{} +{} @@", range(first, n(&before)), range(first, n(&after)));
    let part = |lines: &[&str], from: usize, to: usize, sign: char| -> String {
        let lines = lines.get(from..to).unwrap_or_default();
        lines.iter().map(|line| signed(sign, line)).collect()
    };
    text += &part(&before, first, same, ' ');
    text += &part(&before, same, last(&before), '-');
    text += &part(&after, same, last(&after), '+');
    text += &part(&before, last(&before), tail_end(&before), ' ');
    text
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
