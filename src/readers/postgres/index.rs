//! Indexes.

use std::sync::Arc;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::names;
use super::reading::{Reading, Thing};
use super::{shapes, terms};
use crate::catalog::{
    Index, IndexColumn, IndexKey, IndexTerms, Nulls, ObjectKind, Order, PartTerms, Table,
};
use crate::change::naming::{self, Naming};
use crate::change::{Change, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// `CREATE INDEX`.
pub(super) fn create(reading: &mut Reading<'_>, node: &ast::CreateIndex) -> Option<()> {
    reading.how = How {
        if_not_exists: node.if_not_exists().is_some(),
        concurrently: node.concurrently_token().is_some(),
        only: node.table_relation_name().is_some_and(|of| of.only_token().is_some()),
        ..How::default()
    };
    if reading.how.concurrently {
        reading.alone = Some("CREATE INDEX CONCURRENTLY");
    }
    let on = node.table_relation_name()?.table_name_ref()?;
    if reading.is_temporary(&on) {
        return reading.temporary(node.syntax(), &on);
    }
    let table = reading.relation(&on)?;
    let of = reading.now().table(&table).cloned();
    let (columns, labels): (Vec<IndexColumn>, Vec<Name>) = node
        .partition_item_list()?
        .partition_items()
        .filter_map(|item| part(reading, &item, of.as_ref()))
        .unzip();
    let index = Index {
        columns,
        unique: node.unique_token().is_some(),
        predicate: node
            .where_clause()
            .and_then(|clause| clause.expr())
            .map(|condition| shapes::expression(reading, &condition)),
        method: method(node.using_method()),
        include: included(node.index_include_clause()),
        // The partitions get theirs later.
        valid: !reading.how.only || reading.now().partitions_of(&table).is_empty(),
        terms: IndexTerms {
            nulls_not_distinct: terms::is_not_distinct(node.nulls_distinct_option().as_ref()),
            parameters: terms::with(node.with_params()),
            part_of: None,
        },
    };
    let name = if let Some(written) = node.index() {
        Name::new(names::parts(written.syntax()).pop()?)
    } else {
        let labels: Vec<Name> = labels.into_iter().chain(index.include.clone()).collect();
        let labels = naming::distinct(&labels);
        Naming::new(reading.now(), &table).index(&labels)
    };
    let object = table.sibling(name.clone());
    if reading.how.if_not_exists && reading.has_relation(&object) {
        return Some(());
    }
    if reading.now().views.contains_key(&table) {
        let thing = Thing::new(Verb::Create, ObjectKind::MaterializedView).named(object).on(table);
        reading.other(node.syntax(), thing);
        return Some(());
    }
    reading.change(node.syntax(), Change::CreateIndex { table, name, index });
    Some(())
}

fn method(using: Option<ast::UsingMethod>) -> Option<Name> {
    let name = names::of(&using?.access_method_ref()?)?;
    (name.as_str() != "btree").then_some(name)
}

fn included(clause: Option<ast::IndexIncludeClause>) -> Vec<Name> {
    let list = clause.and_then(|clause| clause.partition_item_list());
    let items = list.into_iter().flat_map(|list| list.partition_items());
    items.filter_map(|item| item.expr()).filter_map(|expr| names::of(&expr)).collect()
}

/// Reads a part of an index of a table, and what it is called in the index's name.
pub(super) fn part(
    reading: &Reading<'_>,
    item: &ast::PartitionItem,
    table: Option<&Table>,
) -> Option<(IndexColumn, Name)> {
    let mut expr = item.expr()?;
    let mut collate = item.collate();
    // The server takes a collation out of the parentheses of an expression.
    let inner = shapes::without_parentheses(expr.syntax());
    if collate.is_none() && ast::Collate::can_cast(inner.kind()) {
        expr = ast::Expr::cast(inner)?;
    }
    if let Some(of) = ast::Collate::cast(expr.syntax().clone()) {
        expr = of.expr()?;
        collate = Some(of);
    }
    let key = if expr.syntax().kind() == SyntaxKind::NAME_REF {
        IndexKey::Column(names::of(&expr)?)
    } else {
        IndexKey::Expression(shapes::expression(reading, &expr))
    };
    let order = match item.sort_order() {
        Some(ast::SortOrder::SortDesc(_)) => Order::Descending,
        Some(ast::SortOrder::SortAsc(_) | ast::SortOrder::SortUsing(_)) | None => Order::Ascending,
    };
    let nulls = match (item.nulls_order(), order) {
        (Some(ast::NullsOrder::NullsFirst(_)), Order::Ascending) => Some(Nulls::First),
        (Some(ast::NullsOrder::NullsLast(_)), Order::Descending) => Some(Nulls::Last),
        (Some(_) | None, _) => None,
    };
    let parameters = terms::parameters(item.attribute_list());
    let opclass = item.op_class_ref().and_then(|class| class_name(class.syntax()));
    let opclass = opclass.filter(|class| !parameters.is_empty() || !is_default_class(class));
    let collation = collate.and_then(|of| collation(&of, &key, table));
    let label = part_name(&expr);
    let terms = PartTerms { collation, parameters };
    Some((IndexColumn { key, order, nulls, opclass, terms }, label))
}

/// Returns the name of an operator class, with its schema where that is neither the server's own nor the default.
fn class_name(node: &SyntaxNode) -> Option<Name> {
    let mut parts = names::parts(node);
    let name = parts.pop()?;
    let schema = parts.pop().filter(|schema| !matches!(schema.as_str(), "public" | "pg_catalog"));
    Some(Name::new(schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"))))
}

/// Returns the collation of a part where it is not the one that the column has anyway.
fn collation(node: &ast::Collate, key: &IndexKey, table: Option<&Table>) -> Option<Name> {
    let written = names::parts(node.collation_ref()?.syntax()).pop()?;
    let column = key.column().and_then(|name| table?.column(name));
    let own = column.and_then(|column| column.collation.as_ref()).map_or("default", Name::as_str);
    let is_own = key.column().is_some() && own == written;
    (!is_own).then(|| Name::new(written))
}

/// Returns whether this operator class is what its type has anyway, as the live catalog leaves it out.
fn is_default_class(class: &Name) -> bool {
    const DEFAULTS: [&str; 21] = [
        "bool_ops",
        "bytea_ops",
        "char_ops",
        "date_ops",
        "float4_ops",
        "float8_ops",
        "inet_ops",
        "int2_ops",
        "int4_ops",
        "int8_ops",
        "interval_ops",
        "jsonb_ops",
        "numeric_ops",
        "text_ops",
        "time_ops",
        "timestamp_ops",
        "timestamptz_ops",
        "uuid_ops",
        "array_ops",
        "tsvector_ops",
        "bpchar_ops",
    ];
    DEFAULTS.contains(&class.as_str())
}

/// Returns what an expression is called in the name of its index.
pub(super) fn part_name(expr: &ast::Expr) -> Name {
    Name::new(label(expr.syntax()).unwrap_or_else(|| "expr".to_owned()))
}

/// As the server names a result column without an alias; nothing where it gives up.
fn label(node: &SyntaxNode) -> Option<String> {
    let first = || node.children().find(|child| ast::Expr::can_cast(child.kind()));
    match node.kind() {
        SyntaxKind::NAME_REF => Some(names::of_node(node)?.as_str().to_owned()),
        SyntaxKind::FIELD_EXPR => {
            let last = node.children().last()?;
            Some(names::of_node(&last)?.as_str().to_owned())
        }
        SyntaxKind::CALL_EXPR => {
            let callee = node.first_child()?;
            match callee.kind() {
                SyntaxKind::NAME_REF | SyntaxKind::FIELD_EXPR => label(&callee),
                _ => Some(names::fold(callee.first_token()?.text())),
            }
        }
        SyntaxKind::CAST_EXPR => {
            let inner = first().and_then(|inner| label(&inner));
            inner.or_else(|| {
                let ty = node.children().find_map(ast::Type::cast)?;
                type_label(&ty)
            })
        }
        SyntaxKind::PAREN_EXPR | SyntaxKind::COLLATE | SyntaxKind::INDEX_EXPR => {
            first().and_then(|inner| label(&inner))
        }
        SyntaxKind::CASE_EXPR => {
            let otherwise = node.children().find(|child| child.kind() == SyntaxKind::ELSE_CLAUSE);
            let value = otherwise.and_then(|of| of.children().find_map(|child| label(&child)));
            value.or_else(|| Some("case".to_owned()))
        }
        SyntaxKind::ARRAY_EXPR => Some("array".to_owned()),
        _ => None,
    }
}

/// Returns the name that the server's own catalog has for a type.
fn type_label(ty: &ast::Type) -> Option<String> {
    let text = shapes::without_comments(ty.syntax()).to_ascii_lowercase();
    let base = text.split(['(', '[']).next()?.trim();
    let base = base.rsplit('.').next()?;
    Some(
        match base {
            "int" | "integer" => "int4",
            "bigint" => "int8",
            "smallint" => "int2",
            "boolean" => "bool",
            "character varying" => "varchar",
            "char" | "character" => "bpchar",
            "decimal" | "dec" => "numeric",
            "real" => "float4",
            "double precision" | "float" => "float8",
            "timestamp with time zone" => "timestamptz",
            "timestamp without time zone" => "timestamp",
            "time with time zone" => "timetz",
            "time without time zone" => "time",
            other => other,
        }
        .to_owned(),
    )
}

/// `DROP INDEX`.
pub(super) fn drop(reading: &mut Reading<'_>, node: &ast::DropIndex) -> Option<()> {
    reading.how = How {
        if_exists: node.if_exists().is_some(),
        concurrently: node.concurrently_token().is_some(),
        cascade: super::cascades(node.drop_behavior()),
        ..How::default()
    };
    if reading.how.concurrently {
        reading.alone = Some("DROP INDEX CONCURRENTLY");
    }
    let many = node.index_refs().count() > 1;
    for index in node.index_refs() {
        let name = reading.relation(&index)?;
        let place = if many { index.syntax().clone() } else { node.syntax().clone() };
        match table_of(reading, &name) {
            Some(table) => reading.change(&place, Change::DropIndex { table, name: name.name }),
            None if reading.how.if_exists => {}
            None => reading.opaque(&place, unknown_index(&name)),
        }
    }
    Some(())
}

pub(super) fn unknown_index(index: &ObjectName) -> String {
    format!("which table the index `{index}` belongs to is not known")
}

/// Returns the table that has an index.
pub(super) fn table_of(reading: &mut Reading<'_>, index: &ObjectName) -> Option<ObjectName> {
    reading.now().table_of_index(index).map(|(table, _)| table.clone())
}

/// Returns the table that has a primary key or unique constraint of this name, which is its index's name too.
pub(super) fn table_of_key(reading: &mut Reading<'_>, index: &ObjectName) -> Option<ObjectName> {
    let tables = &reading.now().tables;
    let has = |(name, table): &(&ObjectName, &Arc<Table>)| {
        name.schema == index.schema && table.index_constraints().any(|key| *key == index.name)
    };
    tables.iter().find(has).map(|(name, _)| name.clone())
}
