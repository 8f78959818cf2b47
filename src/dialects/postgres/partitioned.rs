//! What PostgreSQL does on a partitioned table only while others wait, so that it is no step of a plan; and the columns of partitions.

use super::{columns, quote};
use crate::catalog::{Catalog, Column};
use crate::change::{Change, Constraint, inherited};
use crate::dialect::Dialect;
use crate::dialects::{Refusal, Refused, RenderContext};
use crate::name::ObjectName;

/// Writes what a column of a partition has other than that of the table, if it has something.
pub(super) fn of_partition(column: &Column, whole: Option<&Column>) -> Option<String> {
    let inherited = whole.map(inherited::column);
    let was = inherited.as_ref();
    let mut text = String::new();
    if was.and_then(|was| was.default.as_ref()) != column.default.as_ref()
        && column.generated.is_none()
    {
        text.push_str(" DEFAULT ");
        text.push_str(
            &column.default.as_ref().map_or_else(|| "NULL".to_owned(), columns::default_text),
        );
    }
    if !column.nullable && was.is_some_and(|was| was.nullable) {
        text.push_str(" NOT NULL");
    }
    (!text.is_empty()).then(|| format!("{} WITH OPTIONS{text}", quote::quote(&column.name)))
}

/// See [`crate::dialects::refused`].
pub(in crate::dialects) fn refused(change: &Change, before: &Catalog) -> Option<Refused> {
    let Change::AddColumn { table, .. } = change else { return None };
    let of = &before.table(table)?.partition_of.as_ref()?.of;
    let why = format!("a column of its own, and it is a partition of `{of}`");
    Some(Refused { by: Dialect::Postgres, why, only_with_rows: false })
}

/// Refuses a change that is rendered so that nobody waits for it, which the server refuses on a partitioned table: concurrent builds and
/// drops of indexes, constraints that take an index over, foreign keys that are not valid yet. Nobody waits on a table that is new.
pub(super) fn refuse(change: &Change, context: &RenderContext<'_>) -> Result<(), Refusal> {
    let is_partitioned = |table: &ObjectName| {
        context.before.table(table).is_some_and(|table| table.partition_by.is_some())
    };
    let Some(table) = change.table().filter(|table| !context.fresh_table && is_partitioned(table))
    else {
        return Ok(());
    };
    let (what, alternative) = if let Change::CreateIndex { name, .. } = change {
        (
            format!("index `{name}` cannot be built concurrently"),
            format!(
                "write `sql` steps: `CREATE INDEX … ON ONLY {table}`, then for each partition a `CREATE INDEX CONCURRENTLY` with \
                 `transaction: false` and an `ALTER INDEX … ATTACH PARTITION`"
            ),
        )
    } else if let Change::DropIndex { name, .. } = change {
        (
            format!("index `{name}` cannot be dropped concurrently"),
            "write a `sql` step with `DROP INDEX`, which locks the table for a moment".to_owned(),
        )
    } else if let Change::AddConstraint { constraint, .. } = change {
        let kind = match constraint {
            Constraint::Unique(_) | Constraint::Primary(_) | Constraint::UsingIndex { .. } => "key",
            Constraint::ForeignKey(_) => "foreign key",
            Constraint::Check(_) | Constraint::Exclude(_) => return Ok(()),
        };
        (
            format!("{kind} `{}` cannot be added without reading all rows at once", constraint.name()),
            "add it to each partition by `sql` steps, then to the table, which takes those of the partitions over".to_owned(),
        )
    } else {
        return Ok(());
    };
    let message = format!("`{table}` is partitioned, and there {what}");
    Err(Refusal { message, alternative })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::catalog::{Catalog, Column, SqlExpression, Table};
    use crate::change::Change;
    use crate::dialect::Dialect;
    use crate::dialects::{RenderContext, render};

    #[test]
    fn a_concurrent_drop_is_refused_where_the_server_would_refuse_it() {
        let column = Column::new("id", "bigint");
        let mut table = Table { columns: vec![column], ..Table::default() };
        let index = Change::DropIndex { table: "events".into(), name: "events_id".into() };
        for (partition_by, fresh_table, refused) in [
            (None, false, false),
            (Some("RANGE (id)"), false, true),
            (Some("RANGE (id)"), true, false),
        ] {
            table.partition_by = partition_by.map(SqlExpression::new);
            let mut before = Catalog::empty(Dialect::Postgres);
            before.tables.insert("events".into(), Arc::new(table.clone()));
            let context = RenderContext { before: &before, fresh_table, lock_timeout_ms: 0 };
            let rendered = render(&index, &context);
            assert_eq!(rendered.is_err(), refused, "{partition_by:?} {fresh_table}: {rendered:?}");
        }
    }
}
