//! `requires.yaml` as it is written: its keys, their documentation and their JSON Schema.

use serde_json::{Value, json};

use crate::name::{Name, ObjectName};
use crate::release::requirement::Access;
use crate::source::Spanned;
use crate::yaml::decode::{Decode, Decoder, Named, authored};
use crate::yaml::node::{Node, NodeKind};

authored! {
    /// What an app's releases need from the database that their `schema.rs` cannot say.
    "`requires.yaml`" => pub struct WrittenRequires {
        /// Tables of `schema.rs`, by their names in the database, and how the app uses them.
        tables: Option<Named<WrittenTable>>,
        /// Tables of `schema.rs` that the app never uses.
        ignores: Vec<Spanned<ObjectName>>,
        /// Enum types, by their names in the database, and the values that the app knows.
        enums: Option<Named<WrittenEnum>>,
        /// Restrictions that everything the app writes obeys: the name of a constraint or unique index, or `table.column` of a column that may lose its default or must not be NULL.
        satisfies: Vec<Name>,
        /// Tables and columns that the app uses in SQL of its own and that `schema.rs` does not declare, by the tables' names.
        raw_sql: Option<Named<WrittenRawTable>>,
    }
}

authored! {
    /// How the app uses a table of `schema.rs`. What is not said stays as `schema.rs` has it: every column is read and written.
    "used table" => pub struct WrittenTable {
        /// What it does with rows: `read`, `write`, or a list of `insert`, `update` and `delete`. Reading is always among it. Default: everything.
        access: Option<Spanned<WrittenAccess>>,
        /// The only columns that it reads.
        reads: Option<Vec<Spanned<Name>>>,
        /// The only columns that it writes.
        writes: Option<Vec<Spanned<Name>>>,
        /// Columns that it neither reads nor writes.
        ignores: Vec<Spanned<Name>>,
        /// Columns that each of its inserts names.
        always_writes: Vec<Spanned<Name>>,
        /// The lists of columns that its upserts conflict on, as in `[[email], [tenant_id, slug]]`.
        upserts: Vec<Spanned<Vec<Spanned<Name>>>>,
    }
}

authored! {
    /// What SQL of the app's own does with a table.
    "table of raw SQL" => pub struct WrittenRawTable {
        /// What it does with rows: `read`, `write`, or a list of `insert`, `update` and `delete`. Default: `read` if only `reads` is written, else everything.
        access: Option<Spanned<WrittenAccess>>,
        /// Columns that it reads and writes.
        columns: Vec<Spanned<Name>>,
        /// Columns that it reads.
        reads: Vec<Spanned<Name>>,
        /// Columns that it writes.
        writes: Vec<Spanned<Name>>,
        /// Columns that each of its inserts names.
        always_writes: Vec<Spanned<Name>>,
        /// The lists of columns that its upserts conflict on.
        upserts: Vec<Spanned<Vec<Spanned<Name>>>>,
    }
}

authored! {
    /// An enum type and the values that the app knows.
    "used enum" => pub struct WrittenEnum {
        /// The values that it can read; it fails on any other.
        reads: Vec<String>,
        /// The values that it may write. Default: none that must stay.
        writes: Vec<String>,
    }
}

/// What is done with rows besides reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenAccess(pub Access);

const WORDS: [&str; 5] = ["read", "write", "insert", "update", "delete"];

impl Decode for WrittenAccess {
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let items = match &node.kind {
            NodeKind::List(items) if !items.is_empty() => items.as_slice(),
            NodeKind::List(_) | NodeKind::Scalar { .. } | NodeKind::Map(_) | NodeKind::Empty => {
                std::slice::from_ref(node)
            }
        };
        let mut access = Access::READ_ONLY;
        let mut whole = true;
        for item in items {
            let word = match &item.kind {
                NodeKind::Scalar { text, .. } => text.as_str(),
                NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Empty => "",
            };
            match word {
                "read" => {}
                "write" => access = Access::ALL,
                "insert" => access.inserts = true,
                "update" => access.updates = true,
                "delete" => access.deletes = true,
                _ => {
                    decoder.wrong_shape(item, "`read`, `write`, `insert`, `update` or `delete`");
                    whole = false;
                }
            }
        }
        whole.then_some(Self(access))
    }

    fn schema() -> Value {
        let one = json!({"enum": WORDS});
        json!({"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]})
    }
}
