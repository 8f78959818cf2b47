//! What of a change of a partitioned table its partitions take part in (PostgreSQL).

use super::naming::{self, Naming};
use super::{Change, Constraint};
use crate::catalog::{
    Catalog, Column, ForeignKey, Generated, Identity, Index, IndexKey, IndexTerms, Key, KeyTerms,
    ReferenceTerms, Table,
};
use crate::name::{Name, ObjectName};

/// Returns a column as a partition gets it from its table: comments stay there, and so do the numbers of an identity column.
#[must_use]
pub(crate) fn column(of: &Column) -> Column {
    let generated = match &of.generated {
        Some(Generated::Identity(Identity::Always | Identity::ByDefault)) => None,
        generated => generated.clone(),
    };
    Column { comment: None, generated, ..of.clone() }
}

/// Returns the key, index or foreign key of the partition that the new one of its table takes for its own.
pub(super) fn matching(change: &Change, catalog: &Catalog, part: &ObjectName) -> Option<Name> {
    let table = catalog.table(part)?;
    match change {
        Change::AddConstraint { constraint: Constraint::Primary(key), .. } => table
            .primary_key
            .as_ref()
            .filter(|own| is_same_key(own, key))
            .map(|own| own.name.clone()),
        Change::AddConstraint { constraint: Constraint::Unique(key), .. } => {
            table.uniques.iter().find(|own| is_same_key(own, key)).map(|own| own.name.clone())
        }
        Change::AddConstraint { constraint: Constraint::ForeignKey(key), .. } => {
            let same = |own: &&ForeignKey| is_same_foreign_key(own, key);
            table.foreign_keys.iter().find(same).map(|own| own.name.clone())
        }
        Change::CreateIndex { index, .. } if index.valid => {
            let mut indexes = table.indexes.iter();
            indexes.find(|(_, own)| is_same_index(own, index)).map(|(name, _)| name.clone())
        }
        _ => None,
    }
}

fn is_same_key(own: &Key, key: &Key) -> bool {
    let plain = |terms: &KeyTerms| {
        let KeyTerms { deferral, nulls_not_distinct, include, .. } = terms;
        (*deferral, *nulls_not_distinct, include.clone())
    };
    own.terms.part_of.is_none()
        && !key.terms.incomplete
        && own.columns == key.columns
        && plain(&own.terms) == plain(&key.terms)
}

fn is_same_foreign_key(own: &ForeignKey, key: &ForeignKey) -> bool {
    let plain = |key: &ForeignKey| ForeignKey {
        name: "".into(),
        terms: ReferenceTerms { part_of: None, ..key.terms.clone() },
        ..key.clone()
    };
    own.terms.part_of.is_none() && plain(own) == plain(key)
}

fn is_same_index(own: &Index, index: &Index) -> bool {
    let plain = |index: &Index| Index {
        terms: IndexTerms {
            nulls_not_distinct: index.terms.nulls_not_distinct,
            ..IndexTerms::default()
        },
        ..index.clone()
    };
    own.terms.part_of.is_none() && plain(own) == plain(index)
}

/// Returns the change of the partition that comes with that of its table, if one does.
pub(super) fn inherited(change: &Change, catalog: &Catalog, part: &ObjectName) -> Option<Change> {
    let own = catalog.table(part)?;
    let table = part.clone();
    Some(match change {
        Change::DropTable { .. } => Change::DropTable { name: table },
        Change::AddColumn { column: new, .. } => own
            .column(&new.name)
            .is_none()
            .then(|| Change::AddColumn { table, column: column(new) })?,
        Change::DropColumn { column, .. } => {
            Change::DropColumn { table, column: column.clone(), refill: None }
        }
        Change::SetDefault { column, default, .. } => {
            Change::SetDefault { table, column: column.clone(), default: default.clone() }
        }
        Change::SetNullable { column, nullable, .. } => {
            Change::SetNullable { table, column: column.clone(), nullable: *nullable }
        }
        Change::SetType { column, sql_type, using, collation, .. } => Change::SetType {
            table,
            column: column.clone(),
            sql_type: sql_type.clone(),
            using: using.clone(),
            collation: collation.clone(),
        },
        // Of identities each partition knows nothing; what is computed is no more.
        Change::SetGenerated { column, generated: None, .. } => {
            let made = own.column(column)?.generated.as_ref()?;
            let is_computed = !matches!(made, Generated::Identity(_));
            is_computed.then(|| Change::SetGenerated {
                table,
                column: column.clone(),
                generated: None,
            })?
        }
        Change::RenameColumn { from, to, .. } => {
            Change::RenameColumn { table, from: from.clone(), to: to.clone() }
        }
        Change::AddConstraint { constraint, .. } => {
            let constraint = added(constraint, catalog, own, part)?;
            Change::AddConstraint { table, constraint }
        }
        Change::CreateIndex { index, .. } if index.valid => {
            let labels: Vec<Name> = labels(index);
            let name = Naming::new(catalog, part).index(&naming::distinct(&labels));
            let terms = IndexTerms { part_of: whole_name(change), ..index.terms.clone() };
            Change::CreateIndex { table, name, index: Index { terms, ..index.clone() } }
        }
        Change::DropConstraint { constraint, .. } => {
            Change::DropConstraint { table, constraint: part_of(own, constraint)? }
        }
        Change::DropIndex { name, .. } => {
            let name = part_of(own, name)?;
            if own.indexes.contains_key(&name) {
                Change::DropIndex { table, name }
            } else {
                Change::DropConstraint { table, constraint: name }
            }
        }
        // Only a check has the name that it has in the table.
        Change::RenameConstraint { from, to, .. } => {
            let is_check = own.checks.iter().any(|check| check.name == *from);
            is_check.then(|| Change::RenameConstraint {
                table,
                from: from.clone(),
                to: to.clone(),
            })?
        }
        Change::ValidateConstraint { constraint, .. } => {
            Change::ValidateConstraint { table, constraint: part_of(own, constraint)? }
        }
        Change::SetDeferral { constraint, deferral, .. } => {
            let constraint = part_of(own, constraint)?;
            Change::SetDeferral { table, constraint, deferral: *deferral }
        }
        _ => return None,
    })
}

fn whole_name(change: &Change) -> Option<Name> {
    match change {
        Change::CreateIndex { name, .. } => Some(name.clone()),
        _ => None,
    }
}

/// Returns a constraint of a table as its partition gets it.
fn added(
    constraint: &Constraint,
    catalog: &Catalog,
    own: &Table,
    part: &ObjectName,
) -> Option<Constraint> {
    let mut naming = Naming::new(catalog, part);
    let of_key = |key: &Key, name: Name| {
        let terms = KeyTerms { part_of: Some(key.name.clone()), ..key.terms.clone() };
        Key { name, columns: key.columns.clone(), terms }
    };
    let is_taken = |name: &Name| own.constraint_names().any(|own| own == name);
    match constraint {
        Constraint::Primary(key) | Constraint::Unique(key) if key.terms.incomplete => None,
        Constraint::Primary(key) => Some(Constraint::Primary(of_key(key, naming.primary_key()))),
        Constraint::Unique(key) => {
            let labels: Vec<Name> = key.columns.iter().chain(&key.terms.include).cloned().collect();
            Some(Constraint::Unique(of_key(key, naming.key(&labels))))
        }
        Constraint::Check(check) => {
            (!check.no_inherit && !is_taken(&check.name)).then(|| Constraint::Check(check.clone()))
        }
        Constraint::ForeignKey(key) => {
            let name = if is_taken(&key.name) {
                naming.foreign_key(&key.columns)
            } else {
                key.name.clone()
            };
            let terms = ReferenceTerms { part_of: Some(key.name.clone()), ..key.terms.clone() };
            Some(Constraint::ForeignKey(ForeignKey { name, terms, ..key.clone() }))
        }
        // The server knows neither on a table with partitions.
        Constraint::Exclude(_) | Constraint::UsingIndex { .. } => None,
    }
}

/// Returns what of the partition belongs to this constraint or index of its table: a check by its name.
fn part_of(own: &Table, whole: &Name) -> Option<Name> {
    let is_it = |of: &Option<Name>| of.as_ref() == Some(whole);
    let keys = own.primary_key.iter().chain(&own.uniques);
    let keys = keys.filter(|key| is_it(&key.terms.part_of)).map(|key| &key.name);
    let foreign = own.foreign_keys.iter().filter(|key| is_it(&key.terms.part_of));
    let indexes = own.indexes.iter().filter(|(_, index)| is_it(&index.terms.part_of));
    let checks = own.checks.iter().map(|check| &check.name).filter(|name| *name == whole);
    let all = keys.chain(foreign.map(|key| &key.name)).chain(indexes.map(|(name, _)| name));
    all.chain(checks).next().cloned()
}

/// Returns what the parts of an index are called in its name: an expression after the function that it calls.
pub(crate) fn labels(index: &Index) -> Vec<Name> {
    let keys = index.columns.iter().map(|part| match &part.key {
        IndexKey::Column(name) => name.clone(),
        IndexKey::Expression(text) => called(text.as_str()),
    });
    keys.chain(index.include.iter().cloned()).collect()
}

fn called(expression: &str) -> Name {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let text = expression.trim();
    let end = text.find(|letter: char| !is_word(letter)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let mut depth = 0_i32;
    let closes = rest.char_indices().find(|(_, letter)| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    let is_call = rest.starts_with('(') && closes.is_some_and(|(at, _)| at + 1 == rest.len());
    Name::new(if is_call && !word.is_empty() { word.to_lowercase() } else { "expr".to_owned() })
}
