//! Columns in answers for people.

/// The width of an answer for people, in columns.
const WIDTH: usize = 100;

/// Lays out rows as two columns, indented: a name, and words that are wrapped under each other.
#[must_use]
pub fn columns(rows: &[(String, Vec<String>)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, words) in rows {
        let mut line = format!("  {name:width$}  ");
        let (indent, mut is_first) = (line.chars().count(), true);
        for (at, word) in words.iter().enumerate() {
            let word = if at + 1 < words.len() { format!("{word},") } else { word.clone() };
            if !is_first && line.chars().count() + word.chars().count() >= WIDTH {
                text += &format!("{}\n", line.trim_end());
                line = " ".repeat(indent);
                is_first = true;
            }
            line += if is_first { "" } else { " " };
            line += &word;
            is_first = false;
        }
        text += &format!("{}\n", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_do_not_fit_are_wrapped_under_each_other() {
        let long: Vec<String> = ["a", "b", "c"].map(|letter| letter.repeat(40)).into();
        let rows = [("short".to_owned(), vec!["x".into(), "y".into()]), ("longer".into(), long)];
        let (a, b, c) = ("a".repeat(40), "b".repeat(40), "c".repeat(40));
        assert_eq!(columns(&rows), format!("  short   x, y\n  longer  {a}, {b},\n          {c}\n"));
    }
}
