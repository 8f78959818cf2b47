//! What a `schema.rs` declares, with the names it has in Rust and in the database.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Severity, Sink, code};
use crate::name::{Name, ObjectName};
use crate::release::requirement::{
    Access, ColumnNeed, DeclaredType, Place, Requirements, TableNeed,
};
use crate::source::Span;

/// A table or view as one `table!` declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredTable {
    /// Its name in the database.
    pub name: ObjectName,
    /// Its module's name in Rust.
    pub rust_name: String,
    /// Where it is declared.
    pub place: Place,
    /// The word that names it.
    pub span: Span,
    /// What may be done with its rows: a `view!` is only read.
    pub access: Access,
    /// The columns of its primary key, by their names in Rust.
    pub key: Vec<String>,
    /// Its columns.
    pub columns: Vec<DeclaredColumn>,
}

/// A column as a `table!` declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// Its name in the database.
    pub name: Name,
    /// Its name in Rust.
    pub rust_name: String,
    /// Where it is declared.
    pub place: Place,
    /// The word that names it.
    pub span: Span,
    /// Its type.
    pub declared: DeclaredType,
    /// The innermost type's name as it is written: `Varchar`, which to Diesel is `Text`.
    pub written: String,
    /// What `#[max_length = …]` says.
    pub max_length: Option<u64>,
}

/// Everything that a release's `schema.rs` declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredSchema {
    /// The files that declare something, as they were named.
    pub files: Vec<String>,
    /// Every `table!`, in the order of the files.
    pub tables: Vec<DeclaredTable>,
    /// Custom SQL types.
    pub types: BTreeSet<ObjectName>,
    /// Columns that joins use without naming them, by the table's and the column's name in Rust.
    pub joins: BTreeSet<(String, String)>,
}

impl DeclaredSchema {
    /// Returns what the release may need: every table and column that is declared. A table that is declared several times
    /// has the columns of all its declarations, and a column with several types is needed with each of them.
    #[must_use]
    pub fn requirements(&self) -> Requirements {
        let mut tables: BTreeMap<&ObjectName, TableNeed> = BTreeMap::new();
        for table in &self.tables {
            let need = tables.entry(&table.name).or_insert_with(|| TableNeed {
                name: table.name.clone(),
                place: table.place,
                access: table.access,
                columns: Vec::new(),
                upserts: Vec::new(),
            });
            need.access = either(need.access, table.access);
            for column in &table.columns {
                let is_known = |known: &ColumnNeed| {
                    known.name == column.name && known.declared.as_ref() == Some(&column.declared)
                };
                if !need.columns.iter().any(is_known) {
                    need.columns.push(ColumnNeed {
                        name: column.name.clone(),
                        place: column.place,
                        declared: Some(column.declared.clone()),
                        reads: true,
                        writes: table.access.writes(),
                        always_written: false,
                    });
                }
            }
        }
        Requirements {
            files: self.files.clone(),
            tables: tables.into_values().collect(),
            ..Requirements::default()
        }
    }

    /// Warns of columns that are declared with types of which no value is both.
    pub(super) fn report_contradictions(&self, sink: &mut Sink) {
        let mut first: BTreeMap<(&ObjectName, &Name), &DeclaredColumn> = BTreeMap::new();
        for table in &self.tables {
            for column in &table.columns {
                let known = *first.entry((&table.name, &column.name)).or_insert(column);
                let as_nullable =
                    |of: &DeclaredColumn| DeclaredType { nullable: true, ..of.declared.clone() };
                if as_nullable(known) == as_nullable(column) {
                    continue;
                }
                let message = format!(
                    "column `{}` of `{}` is declared as `{}` and as `{}`",
                    column.name, table.name, known.declared, column.declared
                );
                let mut finding = Diagnostic::new(code::UNREADABLE_SCHEMA, message)
                    .label(column.span, "again here")
                    .label(known.span, "first here")
                    .help(
                        "both are held to be needed; give only the file for this database's engine",
                    );
                finding.severity = Severity::Warning;
                sink.report(finding);
            }
        }
    }
}

const fn either(one: Access, other: Access) -> Access {
    Access {
        inserts: one.inserts || other.inserts,
        updates: one.updates || other.updates,
        deletes: one.deletes || other.deletes,
    }
}
