//! Which unique key goes for good, so that no upsert can conflict on its columns.

use crate::catalog::Catalog;
use crate::change::Change;
use crate::name::Name;

/// Returns the columns of a unique key that goes, if it is the last one on them.
pub(super) fn lost_key(change: &Change, before: &Catalog) -> Option<String> {
    let (table, columns): (_, Vec<&Name>) = if let Change::DropIndex { table, name } = change {
        let of = before.table(table)?;
        let index = of.indexes.get(name).filter(|index| index.unique)?;
        (of, index.columns.iter().filter_map(|part| part.key.column()).collect())
    } else if let Change::DropConstraint { table, constraint } = change {
        let of = before.table(table)?;
        let mut keys = of.primary_key.iter().chain(&of.uniques);
        (of, keys.find(|key| key.name == *constraint)?.columns.iter().collect())
    } else {
        return None;
    };
    let alike = table.unique_column_lists().into_iter().filter(|list| *list == columns);
    let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    (alike.count() <= 1).then(|| names.join(", "))
}
