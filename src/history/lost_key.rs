//! Which unique key goes for good, so that no upsert can conflict on its columns.

use crate::catalog::{Catalog, Table};
use crate::change::Change;
use crate::name::Name;

/// Returns the columns of a unique key that goes, if it is the last one on them that an upsert can name.
pub(super) fn lost_key(change: &Change, before: &Catalog) -> Option<String> {
    let mut left: Table;
    let columns: Vec<&Name> = if let Change::DropIndex { table, name } = change {
        let of = before.table(table)?;
        left = of.clone();
        left.indexes.remove(name);
        let index = of.indexes.get(name).filter(|index| index.unique)?;
        index.columns.iter().filter_map(|part| part.key.column()).collect()
    } else if let Change::DropConstraint { table, constraint } = change {
        let of = before.table(table)?;
        left = of.clone();
        left.primary_key = left.primary_key.filter(|key| key.name != *constraint);
        left.uniques.retain(|key| key.name != *constraint);
        let mut keys =
            of.primary_key.iter().chain(&of.uniques).filter(|key| key.terms.is_arbiter());
        keys.find(|key| key.name == *constraint)?.columns.iter().collect()
    } else {
        return None;
    };
    let is_same = |list: &Vec<&Name>| {
        list.len() == columns.len() && columns.iter().all(|column| list.contains(column))
    };
    let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
    (!left.arbiter_column_lists().iter().any(is_same)).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Deferral, Key};
    use crate::dialect::Dialect;

    #[test]
    fn only_a_key_that_an_upsert_can_name_is_lost() {
        let key = |name: &str, deferral| {
            let mut key = Key::new(name.into(), vec!["a".into(), "b".into()]);
            key.terms.deferral = deferral;
            key
        };
        let (at_once, later) = (key("at_once", Deferral::Never), key("later", Deferral::Initially));
        let lost = |keys: &[&Key], gone: &str| {
            let table = Table {
                uniques: keys.iter().map(|key| (*key).clone()).collect(),
                ..Table::default()
            };
            let mut catalog = Catalog::empty(Dialect::Postgres);
            catalog.tables.insert("t".into(), table.into());
            let (table, constraint) = ("t".into(), gone.into());
            lost_key(&Change::DropConstraint { table, constraint }, &catalog)
        };
        assert_eq!(lost(&[&at_once, &later], "later"), None);
        assert_eq!(lost(&[&later], "later"), None);
        assert_eq!(lost(&[&at_once, &later], "at_once"), Some("a, b".to_owned()));
        let mut turned = key("turned", Deferral::Never);
        turned.columns.reverse();
        assert_eq!(lost(&[&at_once, &turned], "at_once"), None);
    }
}
