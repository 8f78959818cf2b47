//! Indexes, built and dropped beside the writers except on tables that nobody uses yet.

use super::group::{self, Lone};
use super::{quote, terms};
use crate::catalog::{Index, IndexColumn, IndexKey, Nulls, Order};
use crate::change::probe::Probe;
use crate::dialects::{RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Creates an index.
pub(super) fn create(
    context: &RenderContext<'_>,
    table: &ObjectName,
    name: &Name,
    index: &Index,
) -> Script {
    let group = if context.fresh_table {
        let back = format!("DROP INDEX {}", quote::object(&table.sibling(name.clone())));
        group::shared(context, vec![plain(table, name, index)], Ok(vec![back]))
    } else {
        group::alone(built(table, name, index), Ok(dropped(table, name)))
    };
    Script { groups: vec![group] }
}

/// Drops an index; the way back builds it as it was.
pub(super) fn drop(context: &RenderContext<'_>, table: &ObjectName, name: &Name) -> Script {
    let index = context.before.table(table).and_then(|table| table.indexes.get(name));
    let unknown = || format!("what the index `{name}` of `{table}` was is not known");
    let group = if context.fresh_table {
        let down = format!("DROP INDEX {}", quote::object(&table.sibling(name.clone())));
        let back = index.map(|index| vec![plain(table, name, index)]).ok_or_else(unknown);
        group::shared(context, vec![down], back)
    } else {
        let back = index.map(|index| built(table, name, index)).ok_or_else(unknown);
        group::alone(dropped(table, name), back)
    };
    Script { groups: vec![group] }
}

/// Writes the statement that builds an index while writers wait.
pub(super) fn plain(table: &ObjectName, name: &Name, index: &Index) -> String {
    statement(table, name, index, "")
}

/// Builds an index while writers go on.
fn built(table: &ObjectName, name: &Name, index: &Index) -> Lone {
    Lone {
        statement: statement(table, name, index, "CONCURRENTLY "),
        probe: Probe::ValidIndex(table.clone(), name.clone()),
        repair: drop_invalid(table, name),
    }
}

/// Drops an index while writers go on. An interrupted drop leaves an invalid index, which the same statement
/// drops, so there is nothing to repair.
fn dropped(table: &ObjectName, name: &Name) -> Lone {
    Lone {
        statement: format!(
            "DROP INDEX CONCURRENTLY {}",
            quote::object(&table.sibling(name.clone()))
        ),
        probe: Probe::Not(Box::new(Probe::Index(table.clone(), name.clone()))),
        repair: Vec::new(),
    }
}

/// Returns the statements that drop what an interrupted concurrent build left behind, each to be run alone.
///
/// The first fails if the name belongs to anything else, because the build then failed for that very reason
/// and somebody else's index would be dropped.
pub(super) fn drop_invalid(table: &ObjectName, name: &Name) -> Vec<String> {
    let index = quote::object(&table.sibling(name.clone()));
    let message = format!(
        "`{name}` is already the name of something else than an unfinished index of `{table}`"
    );
    let body = format!(
        "\nBEGIN\n  IF to_regclass({index}) IS NOT NULL AND NOT EXISTS (\n    SELECT FROM pg_index\n    \
         WHERE indexrelid = to_regclass({index}) AND indrelid = to_regclass({table}) AND NOT indisvalid\n  ) THEN\n    \
         RAISE EXCEPTION USING MESSAGE = {message},\n      HINT = {hint};\n  END IF;\nEND\n",
        index = quote::literal(&index),
        table = quote::literal(&quote::object(table)),
        message = quote::literal(&message),
        hint = quote::literal("give the index another name, or drop what has the name now"),
    );
    vec![
        format!("DO {}", quote::dollar_quoted(&body)),
        format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"),
    ]
}

/// Writes `CREATE INDEX`.
fn statement(table: &ObjectName, name: &Name, index: &Index, concurrently: &str) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = match &index.method {
        Some(method) if method.as_str() != "btree" => format!(" USING {}", quote::quote(method)),
        Some(_) | None => String::new(),
    };
    // On a partitioned table it becomes valid with those of the partitions.
    let only = if index.valid { "" } else { "ONLY " };
    let mut text = format!(
        "CREATE {unique}INDEX {concurrently}{} ON {only}{}{method} ({})",
        quote::quote(name),
        quote::object(table),
        quote::join(index.columns.iter().map(part))
    );
    text.push_str(&terms::index(&index.include, &index.terms));
    if let Some(predicate) = &index.predicate {
        text.push_str(" WHERE ");
        text.push_str(&quote::parenthesized(predicate));
    }
    text
}

/// Writes one part of an index.
pub(super) fn part(column: &IndexColumn) -> String {
    let mut text = match &column.key {
        IndexKey::Column(name) => quote::quote(name),
        IndexKey::Expression(expression) => quote::parenthesized(expression),
    };
    if let Some(collation) = &column.terms.collation {
        text.push_str(" COLLATE ");
        text.push_str(&quote::quote(collation));
    }
    if let Some(opclass) = &column.opclass {
        // An operator class of an extension may live in another schema; none has a dot in its own name.
        text.push(' ');
        text.push_str(&quote::object(&ObjectName::parse(opclass.as_str())));
        if !column.terms.parameters.is_empty() {
            text.push(' ');
            text.push_str(&terms::parameters(&column.terms.parameters));
        }
    }
    text.push_str(match column.order {
        Order::Ascending => "",
        Order::Descending => " DESC",
    });
    text.push_str(match column.nulls {
        None => "",
        Some(Nulls::First) => " NULLS FIRST",
        Some(Nulls::Last) => " NULLS LAST",
    });
    text
}
