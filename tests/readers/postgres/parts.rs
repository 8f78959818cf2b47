//! Keys and indexes made out of a few numbers.

use planner::catalog::{
    Deferral, Index, IndexColumn, IndexKey, IndexTerms, Key, KeyTerms, Nulls, Order, Parameters,
    PartTerms, SqlExpression,
};
use planner::name::Name;

pub(super) fn key(name: &str, columns: &[Name]) -> Key {
    Key::new(name.into(), columns.to_vec())
}

pub(super) fn index(column: &Name, seed: u8) -> Index {
    let plain = IndexColumn {
        key: IndexKey::Column(column.clone()),
        order: if seed.is_multiple_of(2) { Order::Ascending } else { Order::Descending },
        nulls: match (seed % 2, seed % 3) {
            (0, 0) => Some(Nulls::First),
            (1, 0) => Some(Nulls::Last),
            _ => None,
        },
        opclass: seed.is_multiple_of(5).then(|| "text_pattern_ops".into()),
        terms: PartTerms {
            collation: seed.is_multiple_of(4).then(|| "de_DE".into()),
            parameters: parameters("siglen", if seed.is_multiple_of(10) { 0 } else { 9 }),
        },
    };
    let made = IndexColumn {
        key: IndexKey::Expression(SqlExpression::new("lower('x') || 'y'")),
        order: Order::Ascending,
        nulls: None,
        opclass: None,
        terms: PartTerms::default(),
    };
    Index {
        columns: if seed.is_multiple_of(4) { vec![plain, made] } else { vec![plain] },
        unique: seed % 3 == 1,
        predicate: seed.is_multiple_of(6).then(|| SqlExpression::new("1 = 1")),
        method: seed.is_multiple_of(7).then(|| "hash".into()),
        include: Vec::new(),
        valid: true,
        terms: IndexTerms {
            nulls_not_distinct: seed % 3 == 1 && seed.is_multiple_of(2),
            parameters: parameters("fillfactor", seed % 5),
            ..IndexTerms::default()
        },
    }
}

pub(super) fn part(key: IndexKey, terms: PartTerms) -> IndexColumn {
    IndexColumn { key, order: Order::Ascending, nulls: None, opclass: None, terms }
}

pub(super) fn key_terms(seed: u8) -> KeyTerms {
    KeyTerms {
        deferral: Deferral::ALL[usize::from(seed) % 3],
        nulls_not_distinct: seed.is_multiple_of(5),
        include: if seed.is_multiple_of(7) { vec!["n".into()] } else { Vec::new() },
        parameters: parameters("fillfactor", seed % 4),
        ..KeyTerms::default()
    }
}

pub(super) fn parameters(name: &str, seed: u8) -> Parameters {
    let values = ["70", "off", "it's"];
    let value = values.get(usize::from(seed)).map(|value| (*value).to_owned());
    value.map(|value| (name.to_owned(), value)).into_iter().collect()
}
