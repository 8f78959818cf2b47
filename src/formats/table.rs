//! Tables of short words: for the terminal, and in Markdown.

use super::visible::on_one_line;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Table {
    /// The columns' heads.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Returns it as aligned columns, without trailing blanks.
    #[must_use]
    pub fn plain(&self) -> String {
        let n_columns = self.head.len();
        let all = || std::iter::once(&self.head).chain(&self.rows);
        let width =
            |at: usize| all().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..n_columns).map(|at| width(at).unwrap_or_default()).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().map(|cell| on_one_line(cell)).zip(&widths);
            let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        all().map(line).collect()
    }

    /// Returns it in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |row: &Vec<String>| {
            let cells: Vec<String> =
                row.iter().map(|cell| on_one_line(cell).replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", " --- |".repeat(self.head.len()));
        let rows: String = self.rows.iter().map(line).collect();
        format!("{}{rule}{rows}", line(&self.head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        Table { head: row(["stage", "web"]), rows: vec![row(["now", "works"]), row(["a|b", ""])] }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        assert_eq!(table().plain(), "stage  web\nnow    works\na|b\n");
    }

    #[test]
    fn a_bar_in_a_cell_ends_no_cell() {
        let lines = "| stage | web |\n| --- | --- |\n| now | works |\n| a\\|b |  |\n";
        assert_eq!(table().markdown(), lines);
    }
}
