//! What a release needs from the schema, as data: read from its `schema.rs` and `requires.yaml`, kept in the ledger.

use serde::{Deserialize, Serialize};

use crate::name::{Name, ObjectName};

/// What one release needs from the schema. It is an upper bound: what the release's sources say it may use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// The files it was read from, as they were named; places point into them.
    pub files: Vec<String>,
    /// The tables and views it uses, by name, each once.
    pub tables: Vec<TableNeed>,
    /// The enum types of which it is said which values it knows, by name, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enums: Vec<EnumNeed>,
    /// Names of constraints whose condition everything it writes satisfies, as its `requires.yaml` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub satisfies: Vec<Name>,
}

/// Where something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Which of [`Requirements::files`].
    pub file: usize,
    /// The line, counted from 1.
    pub line: u32,
}

/// A table or view that a release uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableNeed {
    /// Its name in the database.
    pub name: ObjectName,
    /// Where it is declared.
    pub place: Place,
    /// What the release does with its rows besides reading them.
    pub access: Access,
    /// The columns that it uses, as declared; ignored ones are left out.
    pub columns: Vec<ColumnNeed>,
    /// The lists of columns that its upserts conflict on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upserts: Vec<UpsertNeed>,
}

/// What a release does with a table's rows besides reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Whether it may insert rows.
    pub inserts: bool,
    /// Whether it may update rows.
    pub updates: bool,
    /// Whether it may delete rows.
    pub deletes: bool,
}

impl Access {
    /// It may do everything: nothing is said.
    pub const ALL: Self = Self { inserts: true, updates: true, deletes: true };
    /// It only reads.
    pub const READ_ONLY: Self = Self { inserts: false, updates: false, deletes: false };

    /// Returns whether it may insert or update rows.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.inserts || self.updates
    }
}

/// A column that a release uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnNeed {
    /// Its name in the database.
    pub name: Name,
    /// Where it is declared.
    pub place: Place,
    /// The type it is declared with; `None` where only raw SQL uses it.
    pub declared: Option<DeclaredType>,
    /// Whether the release may read it.
    pub reads: bool,
    /// Whether the release may write it.
    pub writes: bool,
    /// Whether every insert of the release is known to name it; unknown unless `requires.yaml` says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always_written: bool,
}

/// A type as Diesel's `table!` declares it: `Nullable<Array<Nullable<Text>>>` is the name `Text`, nullable, and one
/// array around nullable elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredType {
    /// The innermost type's name, by Diesel's own name where it has several: `Int4` is `Integer`, `Varchar` is `Text`.
    pub name: String,
    /// The name of the SQL type behind a custom one (`#[diesel(postgres_type(name = "mood"))]`), where that is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<ObjectName>,
    /// Whether it is `Nullable`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// The arrays around it, outermost first: whether each one's elements are `Nullable`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrays: Vec<bool>,
}

impl DeclaredType {
    /// Returns a type that is neither nullable nor an array.
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), custom: None, nullable: false, arrays: Vec::new() }
    }
}

impl std::fmt::Display for DeclaredType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut close = 0;
        let mut open = |f: &mut std::fmt::Formatter<'_>, word: &str| {
            close += 1;
            write!(f, "{word}<")
        };
        if self.nullable {
            open(f, "Nullable")?;
        }
        for nullable_elements in &self.arrays {
            open(f, "Array")?;
            if *nullable_elements {
                open(f, "Nullable")?;
            }
        }
        write!(f, "{}{}", self.name, ">".repeat(close))
    }
}

/// Columns that a release names in `ON CONFLICT`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsertNeed {
    /// The columns, in no order.
    pub columns: Vec<Name>,
    /// Where that is said.
    pub place: Place,
}

/// An enum type and the values of it that a release knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumNeed {
    /// The type.
    pub name: ObjectName,
    /// Where that is said.
    pub place: Place,
    /// The values that it can read; any other in the type is one that it may meet and not understand.
    pub reads: Vec<String>,
    /// The values that it may write; each must be in the type.
    pub writes: Vec<String>,
}

impl Requirements {
    /// Returns what is needed of a table or view.
    #[must_use]
    pub fn table(&self, name: &ObjectName) -> Option<&TableNeed> {
        self.tables.iter().find(|table| table.name == *name)
    }

    /// Returns how much it is, for people: `12 tables, 85 columns`.
    #[must_use]
    pub fn size(&self) -> String {
        let counted = |n: usize, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        let n_columns = self.tables.iter().map(|table| table.columns.len()).sum();
        format!("{}, {}", counted(self.tables.len(), "table"), counted(n_columns, "column"))
    }

    /// Returns a place as people write it: `src/schema.rs:12`.
    #[must_use]
    pub fn at(&self, place: Place) -> String {
        match self.files.get(place.file) {
            Some(file) => format!("{file}:{}", place.line),
            None => format!("line {}", place.line),
        }
    }
}

impl TableNeed {
    /// Returns what is needed of a column.
    #[must_use]
    pub fn column(&self, name: &Name) -> Option<&ColumnNeed> {
        self.columns.iter().find(|column| column.name == *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs() -> Requirements {
        let declared = DeclaredType {
            name: "Mood".to_owned(),
            custom: Some("app.mood".into()),
            nullable: true,
            arrays: vec![true],
        };
        let column = ColumnNeed {
            name: "moods".into(),
            place: Place { file: 0, line: 4 },
            declared: Some(declared),
            reads: true,
            writes: false,
            always_written: false,
        };
        let table = TableNeed {
            name: "app.users".into(),
            place: Place { file: 0, line: 3 },
            access: Access::ALL,
            columns: vec![column],
            upserts: vec![UpsertNeed {
                columns: vec!["id".into()],
                place: Place { file: 1, line: 2 },
            }],
        };
        let mood = EnumNeed {
            name: "mood".into(),
            place: Place { file: 1, line: 9 },
            reads: vec!["glad".to_owned(), "sad".to_owned()],
            writes: vec!["glad".to_owned()],
        };
        Requirements {
            files: vec!["src/schema.rs".to_owned(), "requires.yaml".to_owned()],
            tables: vec![table],
            enums: vec![mood],
            satisfies: vec!["users_age_check".into()],
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&needs()).unwrap();
        assert_eq!(serde_json::from_str::<Requirements>(&text).unwrap(), needs(), "{text}");
    }

    #[test]
    fn a_declared_type_is_written_as_in_a_schema_file() {
        let needs = needs();
        let column = needs.table(&"app.users".into()).unwrap().column(&"moods".into()).unwrap();
        assert_eq!(
            column.declared.as_ref().unwrap().to_string(),
            "Nullable<Array<Nullable<Mood>>>"
        );
        assert_eq!(needs.at(column.place), "src/schema.rs:4");
    }
}
