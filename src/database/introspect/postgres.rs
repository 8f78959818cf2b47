//! Reads a PostgreSQL catalog with a few questions, however many tables there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::PgConnection;

use super::postgres_domains::domains;
use super::postgres_heirs::heirs;
use super::postgres_rows as rows;
use super::{is_own_table, is_own_view};
use crate::catalog::{
    Catalog, Check, Column, Deferral, Domain, EnumType, Exclusion, ForeignKey, Generated, Identity,
    Index, IndexColumn, IndexKey, IndexTerms, Key, KeyTerms, Nulls, ObjectKind, Order, Parameters,
    PartTerms, Partition, ReferenceTerms, ReferentialAction, SqlExpression, SqlType, Table,
    Trigger, View,
};
use crate::database::DatabaseError;
use crate::dialect::Dialect;
use crate::name::{Name, ObjectName};

/// Reads the whole schema of a database: all schemas but the system's, without what extensions own,
/// without planner's and Diesel's own tables.
///
/// # Errors
///
/// Returns what the server says if a question fails.
pub fn read(connection: &mut PgConnection) -> Result<Catalog, DatabaseError> {
    let former = rows::set_search_path(connection, "public")?;
    let catalog = read_all(connection);
    rows::set_search_path(connection, &former)?;
    catalog
}

/// The relations by object id while they are put together.
#[derive(Default)]
struct Relations {
    tables: BTreeMap<i64, (ObjectName, Table)>,
    views: BTreeMap<i64, (ObjectName, View)>,
}

fn read_all(connection: &mut PgConnection) -> Result<Catalog, DatabaseError> {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    let mut relations = Relations::default();
    for relation in rows::relations(connection)? {
        take_relation(relation, &mut relations, &mut catalog);
    }
    for column in rows::columns(connection)? {
        if let Some((_, view)) = relations.views.get_mut(&column.relation) {
            view.columns.push(Name::new(column.name));
        } else if let Some((_, table)) = relations.tables.get_mut(&column.relation) {
            table.columns.push(take_column(column));
        }
    }
    let mut exclusions = Vec::new();
    for constraint in rows::constraints(connection)? {
        if constraint.kind == "x" {
            exclusions.push(constraint);
        } else if let Some((_, table)) = relations.tables.get_mut(&constraint.relation) {
            take_constraint(constraint, table);
        }
    }
    let mut parts: BTreeMap<i64, Vec<rows::IndexPart>> = BTreeMap::new();
    for part in rows::index_parts(connection)? {
        parts.entry(part.index).or_default().push(part);
    }
    for index in rows::indexes(connection)? {
        if let Some((_, table)) = relations.tables.get_mut(&index.relation) {
            let parts = parts.remove(&index.oid).unwrap_or_default();
            table.indexes.insert(Name::new(index.name.clone()), take_index(index, parts));
        }
    }
    for row in exclusions {
        if let Some((_, table)) = relations.tables.get_mut(&row.relation) {
            take_exclusion(row, table);
        }
    }
    for trigger in rows::triggers(connection)? {
        if let Some((_, table)) = relations.tables.get_mut(&trigger.relation) {
            let definition = Some(trigger.definition);
            table.triggers.insert(Name::new(trigger.name), Trigger { definition });
        }
    }
    for row in rows::enums(connection)? {
        let values = EnumType { values: row.values };
        catalog.enums.insert(object(row.schema, row.name), values);
    }
    for row in domains(connection)? {
        let domain = Domain {
            over: SqlType(row.over),
            not_null: row.not_null,
            beside: row.beside,
            of_extension: row.of_extension,
        };
        let name = object(row.schema, row.name);
        if !domain.of_extension {
            catalog.others.insert((ObjectKind::Domain, name.clone()), None);
        }
        catalog.domains.insert(name, domain);
    }
    for row in heirs(connection)? {
        let parent = object(row.parent_schema, row.parent);
        let own = row.own.into_iter().map(Name::new);
        let checks = row.own_checks.into_iter().map(Name::new);
        catalog.heirs.add(&object(row.schema, row.name), [parent], own, checks);
    }
    for row in rows::sync_functions(connection)? {
        catalog.functions.insert(object(row.schema, row.name));
    }
    let tables = relations.tables.into_values();
    catalog.tables = tables.map(|(name, table)| (name, Arc::new(table))).collect();
    catalog.views = relations.views.into_values().collect();
    Ok(catalog)
}

fn object(schema: String, name: String) -> ObjectName {
    let schema = if schema == "public" { None } else { Some(Name::new(schema)) };
    ObjectName { schema, name: Name::new(name) }
}

fn take_relation(row: rows::Relation, relations: &mut Relations, catalog: &mut Catalog) {
    let is_view = matches!(row.kind.as_str(), "v" | "m");
    let own = if is_view { is_own_view(&row.name) } else { is_own_table(&row.name) };
    if own {
        return;
    }
    let name = object(row.schema, row.name);
    match row.kind.as_str() {
        "v" | "m" => {
            let query = row.query.unwrap_or_default();
            let query = SqlExpression::new(query.trim().trim_end_matches(';'));
            let view = View { query, columns: Vec::new(), materialized: row.kind == "m" };
            relations.views.insert(row.oid, (name, view));
        }
        "S" => {
            catalog.sequences.insert(name);
        }
        _ => {
            let partition_by = row.partition_by.map(SqlExpression::new);
            let partition_of =
                row.parent.zip(row.parent_schema).map(|(parent, schema)| Partition {
                    of: object(schema, parent),
                    bound: SqlExpression::new(row.bound.unwrap_or_default()),
                });
            let comment = row.comment;
            let table = Table { partition_by, partition_of, comment, ..Table::default() };
            relations.tables.insert(row.oid, (name, table));
        }
    }
}

fn take_column(row: rows::Column) -> Column {
    let is_serial = row.owns_sequence
        && row.default.as_ref().is_some_and(|default| default.starts_with("nextval("));
    let identity = |kind| (Some(Generated::Identity(kind)), None);
    let expression = row.default.map(SqlExpression::new);
    let (generated, default) = match (row.identity.as_str(), row.generated.as_str(), expression) {
        ("a", _, _) => identity(Identity::Always),
        ("d", _, _) => identity(Identity::ByDefault),
        (_, "s", Some(expression)) => (Some(Generated::Stored(expression)), None),
        (_, "v", Some(expression)) => (Some(Generated::Virtual(expression)), None),
        (_, _, Some(_)) if is_serial => identity(Identity::Serial),
        (_, _, default) => (None, default),
    };
    Column {
        name: Name::new(row.name),
        sql_type: SqlType(row.sql_type),
        nullable: !row.not_null,
        default,
        generated,
        collation: row.collation.map(Name::new),
        on_null: None,
        comment: row.comment,
    }
}

fn take_constraint(row: rows::Constraint, table: &mut Table) {
    let name = Name::new(row.name);
    let columns = names(row.columns);
    let deferral = Deferral::of_flags(row.deferrable, row.deferred);
    let key = |name, columns| {
        let (nulls_not_distinct, include) = (row.nulls_not_distinct, names(row.include));
        let parameters = parameters(&row.parameters);
        let terms = KeyTerms {
            deferral,
            nulls_not_distinct,
            include,
            parameters,
            incomplete: row.incomplete,
            part_of: row.part_of.clone().map(Name::new),
            ..KeyTerms::default()
        };
        Key { name, columns, terms }
    };
    match row.kind.as_str() {
        "p" => table.primary_key = Some(key(name, columns)),
        "u" => table.uniques.push(key(name, columns)),
        "c" => {
            let text = row.expression.unwrap_or_default();
            let expression = SqlExpression::new(without_outer_parentheses(&text));
            let (validated, no_inherit) = (row.validated, row.no_inherit);
            table.checks.push(Check { name, expression, validated, no_inherit });
        }
        _ => table.foreign_keys.push(ForeignKey {
            name,
            columns,
            references: object(
                row.target_schema.unwrap_or_default(),
                row.target.unwrap_or_default(),
            ),
            referenced_columns: names(row.target_columns),
            on_delete: action(&row.on_delete),
            on_update: action(&row.on_update),
            validated: row.validated,
            terms: ReferenceTerms {
                deferral,
                match_full: row.match_full,
                on_delete_columns: names(row.on_delete_columns),
                part_of: row.part_of.map(Name::new),
                ..ReferenceTerms::default()
            },
        }),
    }
}

/// Makes an index the exclusion constraint that it is of.
fn take_exclusion(row: rows::Constraint, table: &mut Table) {
    let name = Name::new(row.name);
    if let Some(index) = table.indexes.remove(&name) {
        let deferral = Deferral::of_flags(row.deferrable, row.deferred);
        table.exclusions.push(Exclusion { name, index, operators: row.operators, deferral });
    }
}

fn names(texts: Vec<String>) -> Vec<Name> {
    texts.into_iter().map(Name::new).collect()
}

/// Reads parameters as the server keeps them: `fillfactor=70`.
fn parameters(texts: &[String]) -> Parameters {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    texts.iter().filter_map(pair).collect()
}

/// Reads the letter that stands for an action in `pg_constraint`.
fn action(letter: &str) -> ReferentialAction {
    match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn take_index(row: rows::Index, parts: Vec<rows::IndexPart>) -> Index {
    let (included, keys): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.included);
    Index {
        columns: keys.into_iter().map(take_part).collect(),
        unique: row.unique,
        predicate: row
            .predicate
            .map(|predicate| SqlExpression::new(without_outer_parentheses(&predicate))),
        method: if row.method == "btree" { None } else { Some(Name::new(row.method)) },
        include: included.into_iter().filter_map(|part| part.column).map(Name::new).collect(),
        valid: row.valid,
        terms: IndexTerms {
            nulls_not_distinct: row.nulls_not_distinct,
            parameters: parameters(&row.parameters),
            part_of: row.part_of.map(Name::new),
        },
    }
}

fn take_part(row: rows::IndexPart) -> IndexColumn {
    let descending = row.options & 1 != 0;
    let nulls_first = row.options & 2 != 0;
    let nulls = match (descending, nulls_first) {
        (false, true) => Some(Nulls::First),
        (true, false) => Some(Nulls::Last),
        (false, false) | (true, true) => None,
    };
    let key = match row.column {
        Some(column) => IndexKey::Column(Name::new(column)),
        None => {
            IndexKey::Expression(SqlExpression::new(without_outer_parentheses(&row.expression)))
        }
    };
    let order = if descending { Order::Descending } else { Order::Ascending };
    let terms = PartTerms {
        collation: row.collation.map(Name::new),
        parameters: parameters(&row.parameters),
    };
    IndexColumn { key, order, nulls, opclass: row.opclass.map(Name::new), terms }
}

/// Takes away the parentheses that the server puts around a whole expression.
fn without_outer_parentheses(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let (mut depth, mut quote) = (0_i32, None);
    for letter in inner.chars() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}
