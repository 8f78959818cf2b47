//! Constraints: checked without holding up writers, unique by an index built beside them.

use super::group::{self, Lone};
use super::{columns, indexes, quote, terms};
use crate::catalog::{Check, Deferral, Exclusion, ForeignKey, Key, ReferentialAction, Table};
use crate::change::Constraint;
use crate::change::probe::Probe;
use crate::dialects::{Group, RenderContext, Script};
use crate::name::{Name, ObjectName};

/// Writes a primary key as in `CREATE TABLE`.
pub(super) fn primary_key(key: &Key) -> String {
    let columns = terms::key(&key.columns, &key.terms);
    format!("CONSTRAINT {} PRIMARY KEY{columns}", quote::quote(&key.name))
}

/// Writes a unique constraint as in `CREATE TABLE`.
pub(super) fn unique(key: &Key) -> String {
    let columns = terms::key(&key.columns, &key.terms);
    format!("CONSTRAINT {} UNIQUE{columns}", quote::quote(&key.name))
}

/// Writes a check as in `CREATE TABLE`.
pub(super) fn check(check: &Check) -> String {
    let condition = quote::parenthesized(&check.expression);
    let no_inherit = if check.no_inherit { " NO INHERIT" } else { "" };
    format!("CONSTRAINT {} CHECK {condition}{no_inherit}", quote::quote(&check.name))
}

/// Writes a foreign key as in `CREATE TABLE`.
pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quote::quote(&key.name),
        quote::list(&key.columns),
        quote::object(&key.references),
        quote::list(&key.referenced_columns)
    );
    if key.terms.match_full {
        text.push_str(" MATCH FULL");
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        match action {
            ReferentialAction::NoAction => {}
            ReferentialAction::Restrict
            | ReferentialAction::Cascade
            | ReferentialAction::SetNull
            | ReferentialAction::SetDefault => {
                text.push_str(" ON ");
                text.push_str(event);
                text.push(' ');
                text.push_str(&action.words().to_uppercase());
            }
        }
        if event == "DELETE" && !key.terms.on_delete_columns.is_empty() {
            text.push_str(" (");
            text.push_str(&quote::list(&key.terms.on_delete_columns));
            text.push(')');
        }
    }
    text.push_str(&terms::deferral(key.terms.deferral));
    text
}

/// Writes an exclusion constraint as in `CREATE TABLE`.
pub(super) fn exclusion(exclusion: &Exclusion) -> String {
    let Exclusion { name, index, operators, deferral } = exclusion;
    let parts = index.columns.iter().zip(operators);
    let parts = parts.map(|(part, operator)| {
        format!("{} WITH {}", indexes::part(part), terms::operator(operator))
    });
    let method = index
        .method
        .as_ref()
        .map_or_else(String::new, |method| format!(" USING {}", quote::quote(method)));
    let condition = index.predicate.as_ref().map_or_else(String::new, |condition| {
        format!(" WHERE {}", quote::parenthesized(condition))
    });
    format!(
        "CONSTRAINT {} EXCLUDE{method} ({}){}{condition}{}",
        quote::quote(name),
        quote::join(parts),
        terms::index(&index.include, &index.terms),
        terms::deferral(*deferral)
    )
}

/// Has a foreign key checked at another time.
pub(super) fn set_deferral(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Name,
    deferral: Deferral,
) -> Script {
    let alter = |deferral: Deferral| {
        let (on, name) = (quote::object(table), quote::quote(constraint));
        let words = match deferral {
            Deferral::Never => " NOT DEFERRABLE".to_owned(),
            Deferral::Possible | Deferral::Initially => terms::deferral(deferral),
        };
        format!("ALTER TABLE {on} ALTER CONSTRAINT {name}{words}")
    };
    let mut keys = context.before.table(table).into_iter().flat_map(|table| &table.foreign_keys);
    let was = keys.find(|key| key.name == *constraint).map(|key| key.terms.deferral);
    let back = was
        .map(|was| vec![alter(was)])
        .ok_or_else(|| format!("what the constraint `{constraint}` of `{table}` was is not known"));
    Script { groups: vec![group::shared(context, vec![alter(deferral)], back)] }
}

/// Writes the statement that adds a constraint, as valid as it is.
fn add_statement(table: &ObjectName, definition: &str, validated: bool) -> String {
    let tail = if validated { "" } else { " NOT VALID" };
    format!("ALTER TABLE {} ADD {definition}{tail}", quote::object(table))
}

/// Writes the statement that adds a primary key.
pub(super) fn add_primary_key(table: &ObjectName, key: &Key) -> String {
    on_whole(add_statement(table, &primary_key(key), true), key)
}

/// Writes the statement that adds a unique constraint and builds its index in place.
pub(super) fn add_unique(table: &ObjectName, key: &Key) -> String {
    on_whole(add_statement(table, &unique(key), true), key)
}

/// Leaves out the partitions, which get theirs later.
fn on_whole(statement: String, key: &Key) -> String {
    if key.terms.incomplete {
        statement.replacen("ALTER TABLE ", "ALTER TABLE ONLY ", 1)
    } else {
        statement
    }
}

/// Writes the statement that adds a check, valid only if the catalog has it so.
pub(super) fn add_check(table: &ObjectName, of: &Check) -> String {
    add_statement(table, &check(of), of.validated)
}

/// Writes the statement that adds a foreign key, valid only if the catalog has it so.
pub(super) fn add_foreign_key(table: &ObjectName, key: &ForeignKey) -> String {
    add_statement(table, &foreign_key(key), key.validated)
}

/// Writes the statement that drops a constraint.
pub(super) fn drop_statement(table: &ObjectName, constraint: &Name) -> String {
    format!("ALTER TABLE {} DROP CONSTRAINT {}", quote::object(table), quote::quote(constraint))
}

/// Adds a constraint to an existing table.
///
/// Checks and foreign keys come in two groups: a short lock to add one that holds for new rows only, then a
/// scan that lets readers and writers pass. Uniqueness comes from an index built concurrently.
pub(super) fn add(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Constraint,
) -> Script {
    let groups = match constraint {
        Constraint::Unique(key) if context.fresh_table => {
            vec![added(context, table, &key.name, add_unique(table, key))]
        }
        Constraint::Unique(key) => unique_concurrently(context, table, key),
        Constraint::Primary(key) if context.fresh_table => {
            vec![group::shared(
                context,
                vec![add_primary_key(table, key)],
                Ok(drop_primary(context, table, &key.name, &key.columns)),
            )]
        }
        Constraint::Primary(key) => primary_concurrently(context, table, key),
        Constraint::UsingIndex { name, index, primary, deferral } => {
            using_index(context, table, name, index, (*primary, *deferral))
        }
        Constraint::Exclude(of) => {
            let statement = add_statement(table, &exclusion(of), true);
            vec![added(context, table, &of.name, statement)]
        }
        Constraint::Check(of) if context.fresh_table => {
            vec![added(context, table, &of.name, add_check(table, of))]
        }
        Constraint::Check(of) => {
            validated_later(context, table, &of.name, &check(of), of.validated)
        }
        Constraint::ForeignKey(key) if context.fresh_table => {
            vec![added(context, table, &key.name, add_foreign_key(table, key))]
        }
        Constraint::ForeignKey(key) => {
            validated_later(context, table, &key.name, &foreign_key(key), key.validated)
        }
    };
    Script { groups }
}

/// Returns the group of one statement that adds a constraint.
fn added(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Name,
    statement: String,
) -> Group {
    group::shared(context, vec![statement], Ok(vec![drop_statement(table, constraint)]))
}

/// Adds a constraint for new rows, then looks at the old ones, if it is to be valid at all.
pub(super) fn validated_later(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Name,
    definition: &str,
    validated: bool,
) -> Vec<Group> {
    let first = added(context, table, constraint, add_statement(table, definition, false));
    if !validated {
        return vec![first];
    }
    let table = quote::object(table);
    let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT {}", quote::quote(constraint));
    vec![first, group::shared(context, vec![validate], Ok(group::nothing()))]
}

/// Builds a unique index beside the writers, then makes it a constraint.
fn unique_concurrently(context: &RenderContext<'_>, table: &ObjectName, key: &Key) -> Vec<Group> {
    let (on, name) = (quote::object(table), quote::quote(&key.name));
    let deferral = terms::deferral(key.terms.deferral);
    let adopt =
        format!("ALTER TABLE {on} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}{deferral}");
    vec![built_concurrently(table, key), added(context, table, &key.name, adopt)]
}

/// Builds a unique index beside the writers, forbids NULL in its columns without holding them up, and makes it the primary
/// key.
fn primary_concurrently(context: &RenderContext<'_>, table: &ObjectName, key: &Key) -> Vec<Group> {
    let (on, name) = (quote::object(table), quote::quote(&key.name));
    let mut groups = vec![built_concurrently(table, key)];
    groups.extend(without_null(context, table, &key.columns));
    let deferral = terms::deferral(key.terms.deferral);
    let adopt =
        format!("ALTER TABLE {on} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}{deferral}");
    groups.push(added(context, table, &key.name, adopt));
    groups
}

/// Forbids NULL in those of the columns that may hold it.
fn without_null(context: &RenderContext<'_>, table: &ObjectName, columns: &[Name]) -> Vec<Group> {
    let may_be_null =
        |column: &&Name| context.before.column(table, column).is_none_or(|column| column.nullable);
    let columns = columns.iter().filter(may_be_null);
    columns.flat_map(|column| columns::set_nullable(context, table, column, false).groups).collect()
}

/// Writes the statements that drop a primary key and allow NULL again where it was allowed.
fn drop_primary(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Name,
    columns: &[Name],
) -> Vec<String> {
    let was_nullable =
        |column: &&Name| context.before.column(table, column).is_some_and(|of| of.nullable);
    let allow = columns.iter().filter(was_nullable);
    let allow = allow.map(|column| columns::alter(table, column, "DROP NOT NULL"));
    std::iter::once(drop_statement(table, constraint)).chain(allow).collect()
}

/// Makes a unique index that is there a constraint; the way back builds it anew.
fn using_index(
    context: &RenderContext<'_>,
    table: &ObjectName,
    constraint: &Name,
    index: &Name,
    (primary, deferral): (bool, Deferral),
) -> Vec<Group> {
    let kind = if primary { "PRIMARY KEY" } else { "UNIQUE" };
    let (on, name) = (quote::object(table), quote::quote(constraint));
    let adopt = format!(
        "ALTER TABLE {on} ADD CONSTRAINT {name} {kind} USING INDEX {}{}",
        quote::quote(index),
        terms::deferral(deferral)
    );
    let was = context.before.table(table).and_then(|table| table.indexes.get(index));
    let parts = was.into_iter().flat_map(|index| &index.columns);
    let columns: Vec<Name> =
        parts.filter(|_| primary).filter_map(|part| part.key.column().cloned()).collect();
    let back = was
        .map(|was| vec![drop_statement(table, constraint), indexes::plain(table, index, was)])
        .ok_or_else(|| format!("what the index `{index}` of `{table}` was is not known"));
    let mut groups =
        if context.fresh_table { Vec::new() } else { without_null(context, table, &columns) };
    groups.push(group::shared(context, vec![adopt], back));
    groups
}

/// Builds a key's index while writers go on.
fn built_concurrently(table: &ObjectName, key: &Key) -> Group {
    let name = quote::quote(&key.name);
    let on = quote::object(table);
    let build = Lone {
        statement: format!(
            "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {on} ({}){}",
            quote::list(&key.columns),
            terms::key_index(&key.terms)
        ),
        probe: Probe::ValidIndex(table.clone(), key.name.clone()),
        repair: indexes::drop_invalid(table, &key.name),
    };
    // Dropping the constraint takes the index with it, so it may be gone when this group is undone.
    let unbuild = Lone {
        statement: format!(
            "DROP INDEX CONCURRENTLY IF EXISTS {}",
            quote::object(&table.sibling(key.name.clone()))
        ),
        probe: Probe::Not(Box::new(Probe::Index(table.clone(), key.name.clone()))),
        repair: Vec::new(),
    };
    group::alone(build, Ok(unbuild))
}

/// Drops a constraint; the way back is the constraint as it was, built in place.
pub(super) fn drop(context: &RenderContext<'_>, table: &ObjectName, constraint: &Name) -> Script {
    let undo = context
        .before
        .table(table)
        .and_then(|of| readd(table, of, constraint))
        .map(|statement| vec![statement])
        .ok_or_else(|| format!("what the constraint `{constraint}` of `{table}` was is not known"));
    let statements = vec![drop_statement(table, constraint)];
    Script { groups: vec![group::shared(context, statements, undo)] }
}

/// Writes the statement that adds a table's constraint again.
pub(super) fn readd(name: &ObjectName, table: &Table, constraint: &Name) -> Option<String> {
    let key = |key: &&Key| key.name == *constraint;
    let primary = table.primary_key.iter().find(key).map(|key| add_primary_key(name, key));
    primary
        .or_else(|| table.uniques.iter().find(key).map(|key| add_unique(name, key)))
        .or_else(|| {
            let check = table.checks.iter().find(|check| check.name == *constraint);
            check.map(|check| add_check(name, check))
        })
        .or_else(|| {
            let key = table.foreign_keys.iter().find(|key| key.name == *constraint);
            key.map(|key| add_foreign_key(name, key))
        })
        .or_else(|| {
            let of = table.exclusions.iter().find(|of| of.name == *constraint);
            of.map(|of| add_statement(name, &exclusion(of), true))
        })
}
