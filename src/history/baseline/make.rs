//! Making a baseline: the header and the script of a catalog, which is read back as that catalog.

use std::collections::BTreeSet;

use super::{Header, Origin, read_catalog, text};
use crate::catalog::diff::diff;
use crate::catalog::{Catalog, SqlExpression};
use crate::diagnostic::Sink;
use crate::dialect::Dialect;
use crate::dialects::whole;
use crate::expressions::same_expression;
use crate::source::Sources;

/// A baseline that is still to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its header.
    pub header: Header,
    /// Its statements; none if the schema stays that of the migrations.
    pub statements: Vec<String>,
}

/// Makes the baseline of a catalog; what the script cannot say is added to what the header says is left out.
#[must_use]
pub fn make(mut header: Header, catalog: &Catalog) -> Made {
    let dialect = catalog.dialect;
    let mut statements = match header.origin {
        Origin::Migrations => Vec::new(),
        Origin::Database | Origin::SchemaRs => {
            let whole = whole(catalog, true);
            header.left_out.extend(whole.left_out);
            whole.statements
        }
    };
    if !statements.is_empty() {
        let read = read_back(&mut statements, dialect, &mut header.left_out);
        let same =
            |one: &SqlExpression, other: &SqlExpression| same_expression(dialect, one, other);
        for difference in diff(catalog, &read, &same) {
            let told = match (difference.expected, difference.found) {
                (Some(expected), Some(_)) => format!("{}: {expected}", difference.object),
                (_, _) => difference.object,
            };
            header.left_out.insert(told);
        }
    }
    Made { header, statements }
}

impl Made {
    /// Returns the file's text.
    #[must_use]
    pub fn text(&self, dialect: Dialect) -> String {
        text(&self.header, dialect, &self.statements)
    }

    /// Returns the text without the day that it was made on, which makes no difference.
    #[must_use]
    pub fn timeless(&self, dialect: Dialect) -> String {
        let header = Header { made: String::new(), ..self.header.clone() };
        text(&header, dialect, &self.statements)
    }
}

/// Reads the script as `check` is going to, without the statements that cannot be read: they would be errors of the file.
fn read_back(
    statements: &mut Vec<String>,
    dialect: Dialect,
    left_out: &mut BTreeSet<String>,
) -> Catalog {
    loop {
        let script: String = statements.iter().map(|sql| format!("{sql};\n")).collect();
        let mut sources = Sources::default();
        let source = sources.add("baseline", script.as_str());
        let mut sink = Sink::default();
        let read = read_catalog(source, &script, dialect, &mut sink);
        let Some(first) = sink.found().first() else { return read };
        let at = first.labels.first().map_or(0, |label| label.span.start as usize);
        let mut end = 0;
        let broken = statements.iter().position(|sql| {
            end += sql.len() + ";\n".len();
            at < end
        });
        let Some(broken) = broken else { return read };
        let sql = statements.remove(broken);
        left_out.insert(format!("what `{}` makes: {}", beginning(&sql), first.message));
    }
}

/// Returns the first words of a statement.
fn beginning(sql: &str) -> String {
    sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ")
}
