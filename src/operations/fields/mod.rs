//! Values that several operations read, each with the shapes it may be written in.

mod batch;
mod choice;
mod column_list;
mod column_path;
mod constraint;
mod copied_columns;
mod index_part;
mod reference;

pub use choice::choice;
pub use column_list::{ColumnList, NonEmpty};
pub use column_path::{ColumnPath, ColumnPaths};
pub use constraint::{CheckField, ForeignKeyField, UniqueField, check_of};
pub use copied_columns::{CopiedColumns, required_columns};
pub use index_part::{IndexField, IndexPart, postgres_word};
pub use reference::{ForeignKeyParts, OwnTable, Reference, Target};
