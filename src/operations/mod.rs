//! The kinds of steps, one file each: what may be written, and the changes it lowers to.
//!
//! To add an operation: a file named as its key in plans, which declares its struct with
//! [`authored!`](crate::yaml::decode) and implements [`Operation`], with an example in its documentation; and one line in the list below.

pub mod column;
pub mod fields;
pub mod lowering;
pub mod word;

pub use lowering::Lowering;
pub use word::Word;

use std::fmt::Display;

use crate::change::Change;
use crate::change::effect::Object;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Span;
use crate::yaml::decode::Decode;

/// A kind of step.
pub trait Operation: Decode {
    /// The key in plans; the file's name.
    const KEY: &'static str;
    /// The phases it may stand in as far as its kind goes; the rules decide the rest from its effects.
    const PHASES: &'static [Phase];

    /// Returns the id of a step that was written without one, e.g. `add_column_users_given_name`; letters, digits
    /// and `_` only.
    fn derived_id(&self) -> String;

    /// Returns the changes it makes; reports what does not fit and returns `None`.
    ///
    /// Names must be checked here where the place in the file matters: each unknown name in an operation's
    /// fields and expressions is reported with its own span. Whatever is left, applying the changes reports.
    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>>;

    /// Returns the tables, views and types that it creates, changes or drops. If the step is broken, later
    /// steps that name them are not reported for that.
    fn objects(&self) -> Vec<ObjectName>;

    /// Returns, for something it drops, what takes its place: `replaced_by`.
    fn replaced_by(&self) -> Vec<Object> {
        Vec::new()
    }

    /// Returns where a word of it stands, for findings that speak of it; `None` if it has no such word.
    fn place(&self, _word: Word<'_>, _dialect: Dialect) -> Option<Span> {
        None
    }

    /// Returns, for a table it drops, the columns whose data is given up: `discard`.
    fn discarded(&self) -> Vec<Name> {
        Vec::new()
    }
}

/// Joins an operation's key and parts of names to the id of a step, with `_` for what ids do not have.
fn id(key: &str, parts: &[&dyn Display]) -> String {
    let mut id = key.to_owned();
    for part in parts {
        id.push('_');
        id.extend(part.to_string().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }));
    }
    id
}

/// Lists the operations: modules, [`AnyOperation`], its dispatch, and the documented examples as tests.
macro_rules! operations {
    ($($key:ident: $type:ident,)+) => {
        $(mod $key;)+
        $(pub use $key::$type;)+

        /// Any operation.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is documented by its struct")]
        #[expect(clippy::large_enum_variant, reason = "boxes would make every pattern on it harder to write")]
        pub enum AnyOperation { $($type($type),)+ }

        /// The keys of all operations, in the order of the reference.
        pub const KEYS: &[&str] = &[$(<$type as Operation>::KEY),+];

        impl AnyOperation {
            /// Returns the operation's key in plans.
            #[must_use]
            pub const fn key(&self) -> &'static str {
                match self { $(Self::$type(_) => <$type as Operation>::KEY,)+ }
            }

            /// Returns the phases the kind may stand in.
            #[must_use]
            pub const fn phases(&self) -> &'static [Phase] {
                match self { $(Self::$type(_) => <$type as Operation>::PHASES,)+ }
            }

            /// Reads the operation with this key; `None` for the outer option if no operation has the key.
            pub fn decode(
                key: &str,
                node: &crate::yaml::node::Node,
                decoder: &mut crate::yaml::decode::Decoder<'_>,
            ) -> Option<Option<Self>> {
                $(if key == <$type as Operation>::KEY {
                    return Some(<$type as Decode>::decode(node, decoder).map(Self::$type));
                })+
                None
            }

            /// As [`Operation::derived_id`].
            #[must_use]
            pub fn derived_id(&self) -> String {
                match self { $(Self::$type(operation) => operation.derived_id(),)+ }
            }

            /// As [`Operation::lower`].
            pub fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
                match self { $(Self::$type(operation) => operation.lower(lowering),)+ }
            }

            /// As [`Operation::objects`].
            #[must_use]
            pub fn objects(&self) -> Vec<ObjectName> {
                match self { $(Self::$type(operation) => operation.objects(),)+ }
            }

            /// As [`Operation::replaced_by`].
            #[must_use]
            pub fn replaced_by(&self) -> Vec<Object> {
                match self { $(Self::$type(operation) => operation.replaced_by(),)+ }
            }

            /// As [`Operation::place`].
            #[must_use]
            pub fn place(&self, word: Word<'_>, dialect: Dialect) -> Option<Span> {
                match self { $(Self::$type(operation) => operation.place(word, dialect),)+ }
            }

            /// As [`Operation::discarded`].
            #[must_use]
            pub fn discarded(&self) -> Vec<Name> {
                match self { $(Self::$type(operation) => operation.discarded(),)+ }
            }
        }

        /// Returns the key and the reference page, in Markdown, of every operation.
        #[must_use]
        pub fn pages() -> Vec<(&'static str, &'static str)> {
            vec![$((<$type as Operation>::KEY, $type::DOC),)+]
        }

        /// Returns the key and the JSON Schema of every operation.
        #[must_use]
        pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
            vec![$((<$type as Operation>::KEY, <$type as Decode>::schema()),)+]
        }

        #[cfg(test)]
        mod examples {
            $(#[test]
            fn $key() {
                super::tests::holds(stringify!($key), super::$type::DOC);
            })+
        }
    };
}

operations! {
    create_table: CreateTable,
    drop_table: DropTable,
    add_column: AddColumn,
    drop_column: DropColumn,
    deprecate_column: DeprecateColumn,
    deprecate_table: DeprecateTable,
    set_default: SetDefault,
    drop_default: DropDefault,
    set_not_null: SetNotNull,
    drop_not_null: DropNotNull,
    create_index: CreateIndex,
    drop_index: DropIndex,
    add_foreign_key: AddForeignKey,
    add_check: AddCheck,
    add_unique: AddUnique,
    drop_constraint: DropConstraint,
    create_enum: CreateEnum,
    add_enum_value: AddEnumValue,
    drop_enum: DropEnum,
    create_view: CreateView,
    replace_view: ReplaceView,
    drop_view: DropView,
    sync_columns: SyncColumns,
    drop_sync: DropSync,
    sync_tables: SyncTables,
    update: Update,
    insert: Insert,
    delete: Delete,
    copy_table: CopyTable,
    sql: Sql,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::catalog::Catalog;
    use crate::diagnostic::{Diagnostic, Sink, code};
    use crate::dialects::{RenderContext, foresee, render};
    use crate::plan::checked::CheckedProject;
    use crate::source::Sources;

    /// Reads and checks one plan against an empty database.
    fn checked(text: &str, dialect: Dialect) -> (CheckedProject, Vec<Diagnostic>) {
        let mut sources = Sources::default();
        let source = sources.add("plans/2026-01-01-000000_example.yaml", text);
        let mut sink = Sink::default();
        let file = sources.get(source).unwrap();
        let plans = crate::plan::parse::parse(source, file, &mut sink).into_iter().collect();
        let start = Arc::new(Catalog::empty(dialect));
        let project = crate::plan::check::check(plans, dialect, start, &mut sink);
        (project, sink.into_sorted())
    }

    /// Returns the one `yaml` block of a page.
    fn block(page: &str) -> String {
        let lines = page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        let mut blocks = lines.skip_while(|line| *line != "```yaml").skip(1);
        let text: Vec<&str> = blocks.by_ref().take_while(|line| *line != "```").collect();
        assert!(!text.is_empty(), "the page has no yaml block");
        assert!(!blocks.any(|line| line.starts_with("```")), "the page has more than one block");
        text.join("\n") + "\n"
    }

    /// Checks that the example of a page uses the operation and is right on every dialect, or refused where
    /// the page says so.
    pub(super) fn holds(key: &str, page: &str) {
        let text = block(page);
        for dialect in Dialect::ALL {
            let (project, found) = checked(&text, dialect);
            let is_refused = page.contains("Not on SQLite:") && dialect == Dialect::Sqlite;
            if is_refused {
                assert!(!found.is_empty(), "{key} is refused on {dialect}");
                for diagnostic in &found {
                    assert_eq!(diagnostic.code, code::UNSUPPORTED_ON_DIALECT, "{diagnostic:?}");
                    assert!(diagnostic.help.is_some(), "{diagnostic:?}");
                }
                continue;
            }
            assert!(found.is_empty(), "{key} on {dialect}: {found:#?}");
            let mut is_used = false;
            project.walk(|_, step, before| {
                is_used |= step.operation.value.key() == key;
                assert!(step.operation.value.phases().contains(&step.phase), "{}", step.key);
                let mut catalog = before.clone();
                for change in step.changes.iter() {
                    // Every example creates its tables in its expand phase.
                    let fresh_table = step.phase == Phase::Expand;
                    let context =
                        RenderContext { before: &catalog, fresh_table, lock_timeout_ms: 2_000 };
                    let n_groups = render(change, &context).unwrap().groups.len();
                    assert!(n_groups > 0, "{change:?}");
                    assert!(foresee(change, &context).is_none() || n_groups == 1, "{change:?}");
                    crate::change::apply::apply(change, &mut catalog).unwrap();
                }
            });
            assert!(is_used, "the example of {key} does not use it");
        }
    }
}
