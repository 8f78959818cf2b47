//! Statements about the connection, its transaction and the file.

use sqlite3_parser::ast::{Expr, PragmaBody, QualifiedName};

use super::index;
use super::reading::{self, Reading, Thing};
use crate::catalog::ObjectKind;
use crate::change::Verb;
use crate::expressions::unquote_sqlite as unquote;
use crate::name::ObjectName;

/// Pragmas that only tell something, also where they are given an argument.
const QUESTIONS: [&str; 17] = [
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "foreign_key_check",
    "foreign_key_list",
    "freelist_count",
    "function_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "page_count",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// `PRAGMA`: nothing where it only tells something.
pub(super) fn pragma(
    reading: &mut Reading<'_>,
    name: &QualifiedName<'_>,
    body: Option<&PragmaBody<'_>>,
) {
    let pragma = unquote(name.name.0).to_ascii_lowercase();
    let acts = matches!(pragma.as_str(), "optimize" | "incremental_vacuum" | "wal_checkpoint");
    if QUESTIONS.contains(&pragma.as_str()) || body.is_none() && !acts {
        return;
    }
    reading.alone = match pragma.as_str() {
        "foreign_keys" => Some("PRAGMA foreign_keys"),
        "journal_mode" => Some("PRAGMA journal_mode"),
        "synchronous" => Some("PRAGMA synchronous"),
        _ => None,
    };
    let name = Some(ObjectName::bare(pragma.as_str()));
    let thing = match pragma.as_str() {
        // With these the schema's own table can be written, and the file be read by nobody who does not know it.
        "writable_schema" | "schema_version" | "rekey" => {
            Thing::new(Verb::Alter, ObjectKind::Setting)
        }
        _ => Thing::new(Verb::Run, ObjectKind::Pragma),
    };
    reading.other(thing.named(name));
}

/// `ATTACH`.
pub(super) fn attach(reading: &mut Reading<'_>, name: &Expr<'_>) {
    reading.other(Thing::new(Verb::Create, ObjectKind::Database).named(database(name)));
}

/// `DETACH`.
pub(super) fn detach(reading: &mut Reading<'_>, name: &Expr<'_>) {
    reading.alone = Some("DETACH");
    reading.other(Thing::new(Verb::Drop, ObjectKind::Database).named(database(name)));
}

fn database(name: &Expr<'_>) -> Option<ObjectName> {
    super::columns::named(name).map(|name| ObjectName::bare(name.as_str()))
}

/// `VACUUM`, which rewrites the file.
pub(super) fn vacuum(reading: &mut Reading<'_>) {
    reading.alone = Some("VACUUM");
    reading.other(Thing::new(Verb::Run, ObjectKind::Maintenance));
}

/// `REINDEX`, `ANALYZE`.
pub(super) fn maintenance(reading: &mut Reading<'_>, name: Option<&QualifiedName<'_>>) {
    let on = name.and_then(|name| {
        let table = reading.relation(name);
        if reading.catalog.tables.contains_key(&table) {
            return Some(table);
        }
        let index = reading::written(name).name;
        index::find(reading.catalog, index.as_str()).map(|(table, _)| table.clone())
    });
    reading.other(Thing::new(Verb::Run, ObjectKind::Maintenance).on(on));
}

/// `ROLLBACK TO`.
pub(super) fn rollback_to(reading: &mut Reading<'_>) {
    reading.opaque("what it takes back depends on what was done since");
}

/// A query: nothing, unless it calls what reaches out of the database.
pub(super) fn query(reading: &mut Reading<'_>) {
    let reaches_out = |name: &str| {
        ["load_extension", "writefile", "edit"].iter().any(|word| word.eq_ignore_ascii_case(name))
    };
    let calls = reading.tokens.windows(2).any(|pair| match pair {
        [name, open] => open.raw == "(" && reaches_out(&unquote(name.raw)),
        _ => false,
    });
    if calls {
        super::data::query(reading, None);
    }
}
