//! What a new table takes from others: `LIKE` and `INHERITS`.

use std::collections::BTreeSet;

use squawk_syntax::ast;

use super::reading::Reading;
use crate::catalog::{Check, Column, Exclusion, Generated, Identity, Index, Key, KeyTerms, Table};
use crate::change::inherited;
use crate::change::naming::{self, Naming};
use crate::name::{Name, ObjectName};

/// What comes from elsewhere beside columns.
#[derive(Default)]
pub(super) struct Copied {
    /// Columns that a parent has.
    pub inherited: BTreeSet<Name>,
    pub checks: Vec<Check>,
    pub primary_key: Option<(Vec<Name>, KeyTerms)>,
    pub uniques: Vec<(Vec<Name>, KeyTerms)>,
    pub indexes: Vec<(Name, Index)>,
    /// Each with the columns that its name is made of.
    pub exclusions: Vec<(Vec<Name>, Exclusion)>,
}

/// Takes the columns and checks of a parent.
pub(super) fn inherit(
    reading: &Reading<'_>,
    parent: &ast::TableNameRef,
    (columns, own): (&mut Vec<Column>, &[Column]),
    copied: &mut Copied,
) -> Result<(), String> {
    let (name, parent) = source(reading, reading.relation(parent))?;
    for column in &parent.columns {
        copied.inherited.insert(column.name.clone());
        let has_own = own.iter().any(|own| own.name == column.name && has_default(own));
        match columns.iter_mut().find(|there| there.name == column.name) {
            Some(there) => there.nullable &= column.nullable,
            // The default that the table gives the column itself counts, which is added later.
            None if has_own => {
                let bare =
                    Column { comment: None, default: None, generated: None, ..column.clone() };
                columns.push(bare);
            }
            None => columns.push(from_parent(&name, column)?),
        }
    }
    for check in parent.checks.iter().filter(|check| !check.no_inherit) {
        if !copied.checks.iter().any(|there| there.name == check.name) {
            copied.checks.push(check.clone());
        }
    }
    Ok(())
}

const fn has_default(column: &Column) -> bool {
    column.default.is_some() || column.generated.is_some()
}

/// Comments stay with the parent, and so does a sequence that numbers its rows.
fn from_parent(parent: &ObjectName, column: &Column) -> Result<Column, String> {
    let mut column = Column { comment: None, ..column.clone() };
    match column.generated {
        Some(Generated::Identity(Identity::Serial)) => return Err(numbered(parent, &column.name)),
        Some(Generated::Identity(_)) => column.generated = None,
        Some(Generated::Stored(_) | Generated::Virtual(_)) | None => {}
    }
    Ok(column)
}

fn numbered(table: &ObjectName, column: &Name) -> String {
    format!(
        "it takes the default of `{table}.{column}`, whose sequence has a name that only the server knows"
    )
}

fn source(reading: &Reading<'_>, name: Option<ObjectName>) -> Result<(ObjectName, Table), String> {
    let name = name.ok_or_else(|| "a table has no name".to_owned())?;
    match reading.catalog().table(&name) {
        Some(table) => Ok((name, table.clone())),
        None => Err(format!("the columns of `{name}` are not known")),
    }
}

/// What of a table is copied.
#[derive(Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of the clause, and they are independent"
)]
struct Wanted {
    comments: bool,
    constraints: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
}

impl Wanted {
    fn of(like: &ast::LikeClause) -> Self {
        let mut wanted = Self::default();
        for option in like.like_options() {
            let (property, on) = match option {
                ast::LikeOption::IncludingProperty(of) => (of.table_property(), true),
                ast::LikeOption::ExcludingProperty(of) => (of.table_property(), false),
            };
            match property {
                Some(ast::TableProperty::PropertyAll(_)) => {
                    wanted = Self {
                        comments: on,
                        constraints: on,
                        defaults: on,
                        generated: on,
                        identity: on,
                        indexes: on,
                    };
                }
                Some(ast::TableProperty::PropertyComments(_)) => wanted.comments = on,
                Some(ast::TableProperty::PropertyConstraints(_)) => wanted.constraints = on,
                Some(ast::TableProperty::PropertyDefaults(_)) => wanted.defaults = on,
                Some(ast::TableProperty::PropertyGenerated(_)) => wanted.generated = on,
                Some(ast::TableProperty::PropertyIdentity(_)) => wanted.identity = on,
                Some(ast::TableProperty::PropertyIndexes(_)) => wanted.indexes = on,
                Some(
                    ast::TableProperty::PropertyCompression(_)
                    | ast::TableProperty::PropertyStatistics(_)
                    | ast::TableProperty::PropertyStorage(_),
                )
                | None => {}
            }
        }
        wanted
    }
}

/// Takes over columns and what else the clause asks for.
pub(super) fn like(
    reading: &Reading<'_>,
    like: &ast::LikeClause,
    own: &ObjectName,
    columns: &mut Vec<Column>,
    copied: &mut Copied,
) -> Result<(), String> {
    let relation = like.relation_name_ref().and_then(|name| reading.relation(&name));
    let (name, table) = source(reading, relation)?;
    let wanted = Wanted::of(like);
    for column in &table.columns {
        columns.push(alike(&name, column, wanted)?);
    }
    if wanted.constraints {
        copied
            .checks
            .extend(table.checks.iter().map(|check| Check { validated: true, ..check.clone() }));
    }
    if wanted.indexes {
        let parts = |key: &Key| (key.columns.clone(), key.terms.clone());
        copied.primary_key = table.primary_key.as_ref().map(parts);
        copied.uniques.extend(table.uniques.iter().map(parts));
        for exclusion in &table.exclusions {
            let labels = inherited::labels(&exclusion.index);
            copied.exclusions.push((labels, exclusion.clone()));
        }
        let mut naming = Naming::new(reading.catalog(), own);
        for index in table.indexes.values() {
            let made = naming.index(&naming::distinct(&inherited::labels(index)));
            let mut index = index.clone();
            for part in &mut index.columns {
                // The server copies no collation that is the type's own.
                let own = part.terms.collation.take();
                part.terms.collation = own.filter(|name| name.as_str() != "default");
            }
            copied.indexes.push((made, index));
        }
    }
    Ok(())
}

fn alike(table: &ObjectName, column: &Column, wanted: Wanted) -> Result<Column, String> {
    let mut copy = Column { comment: None, default: None, generated: None, ..column.clone() };
    if wanted.comments {
        copy.comment.clone_from(&column.comment);
    }
    if wanted.defaults {
        copy.default.clone_from(&column.default);
    }
    match &column.generated {
        Some(Generated::Identity(Identity::Serial)) if wanted.defaults => {
            return Err(numbered(table, &column.name));
        }
        Some(Generated::Identity(Identity::Serial)) | None => {}
        Some(Generated::Identity(_)) if wanted.identity => {
            copy.generated.clone_from(&column.generated);
        }
        Some(Generated::Stored(_) | Generated::Virtual(_)) if wanted.generated => {
            copy.generated.clone_from(&column.generated);
        }
        Some(Generated::Identity(_) | Generated::Stored(_) | Generated::Virtual(_)) => {}
    }
    Ok(copy)
}
