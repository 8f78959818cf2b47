//! Statements about what the catalog knows by name only, and about nothing that it knows at all.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what reads a statement always says whether it could"
)]

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SyntaxKind, SyntaxNode};

use super::names;
use super::reading::{Reading, Space, Thing};
use super::touches;
use crate::catalog::{Catalog, ObjectKind};
use crate::change::{Change, Verb};
use crate::name::{Name, ObjectName};
use crate::readers::How;

/// A statement that makes one thing of a kind.
pub(super) fn create(
    reading: &mut Reading<'_>,
    node: &impl AstNode,
    kind: ObjectKind,
) -> Option<()> {
    let node = node.syntax();
    let replaces = has(node, SyntaxKind::OR_REPLACE);
    let if_not_exists = has(node, SyntaxKind::IF_NOT_EXISTS);
    reading.how.if_not_exists = if_not_exists || replaces;
    let named = named(node).and_then(|named| name(reading, &named, kind, true));
    let on = on(reading, node);
    if if_not_exists && is_known(reading.now(), kind, named.as_ref()) {
        return Some(());
    }
    let verb = if replaces { Verb::Replace } else { Verb::Create };
    reading.other(node, Thing::new(verb, kind).named(named).on(on));
    Some(())
}

fn is_known(catalog: &Catalog, kind: ObjectKind, name: Option<&ObjectName>) -> bool {
    name.is_some_and(|name| catalog.others.contains_key(&(kind, name.clone())))
}

/// A statement that changes one thing of a kind.
pub(super) fn alter(
    reading: &mut Reading<'_>,
    node: &impl AstNode,
    kind: ObjectKind,
) -> Option<()> {
    let node = node.syntax();
    reading.how.if_exists = has(node, SyntaxKind::IF_EXISTS);
    let named = named(node).and_then(|named| name(reading, &named, kind, false));
    let on = on(reading, node);
    let renames = node.children().any(|child| is_rename(child.kind()));
    let owner = node.children().any(|child| child.kind() == SyntaxKind::OWNER_TO);
    let thing = match (renames, owner) {
        (true, _) => Thing::new(Verb::Rename, kind).named(named).on(on),
        (false, true) => Thing::new(Verb::Alter, ObjectKind::Owner).on(named.or(on)),
        (false, false) => Thing::new(Verb::Alter, kind).named(named).on(on),
    };
    reading.other(node, thing);
    Some(())
}

fn is_rename(kind: SyntaxKind) -> bool {
    let word = format!("{kind:?}");
    word.ends_with("RENAME_TO") || kind == SyntaxKind::SET_SCHEMA
}

/// A statement that drops things of a kind, each a part.
pub(super) fn drop(reading: &mut Reading<'_>, node: &impl AstNode, kind: ObjectKind) -> Option<()> {
    let node = node.syntax();
    reading.how = How {
        if_exists: has(node, SyntaxKind::IF_EXISTS),
        cascade: has(node, SyntaxKind::CASCADE),
        ..How::default()
    };
    let on = on(reading, node);
    let all: Vec<SyntaxNode> = all_named(node);
    let many = all.len() > 1;
    for named in &all {
        let name = name(reading, named, kind, false);
        let thing = Thing::new(Verb::Drop, kind).named(name).on(on.clone());
        // The text stays that of the whole statement, so that it says `CASCADE`.
        if many {
            let place = reading.place(named);
            reading.other(node, thing);
            if let Some(part) = reading.parts.last_mut() {
                part.place = place;
            }
        } else {
            reading.other(node, thing);
        }
    }
    if all.is_empty() {
        reading.other(node, Thing::new(Verb::Drop, kind).on(on));
    }
    Some(())
}

/// A statement that does something once, or sets a property.
pub(super) fn act(
    reading: &mut Reading<'_>,
    node: &impl AstNode,
    verb: Verb,
    kind: ObjectKind,
) -> Option<()> {
    let node = node.syntax();
    let touches = touches::of(reading, node);
    let mut tables = touches.iter().map(|touched| &touched.object);
    let on = tables.next().filter(|first| tables.all(|other| other == *first)).cloned();
    reading.other(node, Thing::new(verb, kind).on(on).touching(touches));
    Some(())
}

fn has(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.children().any(|child| child.kind() == kind)
}

/// Words of a statement that stand before the name.
const fn is_word(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::OR_REPLACE
            | SyntaxKind::IF_EXISTS
            | SyntaxKind::IF_NOT_EXISTS
            | SyntaxKind::CASCADE
            | SyntaxKind::RESTRICT
            | SyntaxKind::ON_TABLE
            | SyntaxKind::ON_RELATION
            | SyntaxKind::RULE_ON
    )
}

/// Returns the node that names what the statement is about.
fn named(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.children().find(|child| !is_word(child.kind()))
}

/// Returns the nodes of a list of names: all of the kind of the first.
fn all_named(node: &SyntaxNode) -> Vec<SyntaxNode> {
    let Some(first) = named(node) else { return Vec::new() };
    let is_list = format!("{:?}", first.kind()).ends_with("_LIST");
    if is_list {
        return first.children().collect();
    }
    node.children().filter(|child| child.kind() == first.kind()).collect()
}

/// Returns the name of a thing; schemas, extensions, roles and the like have none around them.
fn name(
    reading: &Reading<'_>,
    node: &SyntaxNode,
    kind: ObjectKind,
    is_new: bool,
) -> Option<ObjectName> {
    let is_path =
        |node: &SyntaxNode| matches!(node.kind(), SyntaxKind::PATH | SyntaxKind::PATH_REF);
    // Casts and operators have signs and types for a name.
    if matches!(kind, ObjectKind::Cast | ObjectKind::Operator) {
        let text = super::shapes::without_comments(node);
        let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        return Some(ObjectName::bare(inside.unwrap_or(&text).trim().to_owned()));
    }
    let Some(path) = node.descendants().find(is_path) else {
        return names::of_node(node).map(ObjectName::bare);
    };
    match (kind, is_new) {
        (_, true) => reading.new_name_of(&path),
        (ObjectKind::Domain | ObjectKind::Type, false) => reading.name_in(Space::Type, &path),
        (_, false) => reading.name_in(Space::Relation, &path),
    }
}

/// Returns the table or view that a thing belongs to.
fn on(reading: &Reading<'_>, node: &SyntaxNode) -> Option<ObjectName> {
    let on = node.children().find(|child| {
        matches!(child.kind(), SyntaxKind::ON_TABLE | SyntaxKind::ON_RELATION | SyntaxKind::RULE_ON)
    })?;
    let relation = on.descendants().find(|node| {
        matches!(node.kind(), SyntaxKind::TABLE_NAME_REF | SyntaxKind::RELATION_NAME_REF)
    })?;
    reading.name_in(Space::Relation, &relation)
}

/// `COMMENT ON`: on a column it is a change, on anything else a word about it.
pub(super) fn comment(reading: &mut Reading<'_>, node: &ast::CommentOn) -> Option<()> {
    let object = node.comment_object()?;
    if let ast::CommentObject::ObjectColumn(of) = &object {
        let mut parts = names::parts(of.name()?.syntax());
        let column = Name::new(parts.pop()?);
        let table = reading.name_of_parts(Space::Relation, parts)?;
        let comment = node.literal().and_then(|literal| literal.string_value());
        let comment = comment.filter(|comment| !comment.is_empty());
        let column = Some(column);
        reading.change(node.syntax(), Change::SetComment { table, column, comment });
        return Some(());
    }
    if let ast::CommentObject::ObjectTable(of) = &object {
        let table = reading.relation(&of.table_name_ref()?)?;
        if reading.now().tables.contains_key(&table) {
            let comment = node.literal().and_then(|literal| literal.string_value());
            let comment = comment.filter(|comment| !comment.is_empty());
            reading.change(node.syntax(), Change::SetComment { table, column: None, comment });
            return Some(());
        }
    }
    let on = match &object {
        ast::CommentObject::ObjectTable(_)
        | ast::CommentObject::ObjectView(_)
        | ast::CommentObject::ObjectMaterializedView(_) => {
            let path =
                object.syntax().descendants().find(|node| node.kind() == SyntaxKind::PATH_REF);
            path.and_then(|path| reading.name_in(Space::Relation, &path))
        }
        _ => on(reading, object.syntax()),
    };
    let verb = if node.null_token().is_some() { Verb::Drop } else { Verb::Create };
    reading.other(node.syntax(), Thing::new(verb, ObjectKind::Comment).on(on));
    Some(())
}

/// `GRANT` and `REVOKE`.
pub(super) fn privilege(reading: &mut Reading<'_>, node: &impl AstNode, verb: Verb) -> Option<()> {
    act(reading, node, verb, ObjectKind::Privilege)
}

/// `CREATE SCHEMA`, with what it creates inside.
pub(super) fn create_schema(reading: &mut Reading<'_>, node: &ast::CreateSchema) -> Option<()> {
    create(reading, node, ObjectKind::Schema)?;
    if node.schema_elements().next().is_some() {
        reading.opaque(node.syntax(), "what a schema is created with is not read");
    }
    Some(())
}

/// `DROP SCHEMA`: with `CASCADE` all that is in it goes too.
pub(super) fn drop_schema(reading: &mut Reading<'_>, node: &ast::DropSchema) -> Option<()> {
    if super::cascades(node.drop_behavior()) {
        let how = How { if_exists: node.if_exists().is_some(), cascade: true, ..How::default() };
        for schema in node.schema_refs() {
            let schema = names::schema(names::of(&schema)?.as_str().to_owned());
            contents(reading, node.syntax(), schema.as_ref(), how);
        }
    }
    drop(reading, node, ObjectKind::Schema)
}

fn contents(reading: &mut Reading<'_>, node: &SyntaxNode, schema: Option<&Name>, how: How) {
    let is_in = |name: &&ObjectName| name.schema.as_ref() == schema;
    while let Some(name) = reading.now().views.keys().find(is_in).cloned() {
        let n_views = reading.now().views.len();
        super::cascade::view(reading, node, &name, how);
        if reading.now().views.len() == n_views {
            break;
        }
    }
    let tables: Vec<(SyntaxNode, ObjectName)> = reading
        .now()
        .tables
        .keys()
        .filter(is_in)
        .map(|name| (node.clone(), name.clone()))
        .collect();
    super::cascade::tables(reading, &tables, how);
    let sequences: Vec<ObjectName> =
        reading.now().sequences.iter().filter(is_in).cloned().collect();
    for name in sequences {
        super::cascade::defaults_of_sequence(reading, node, &name, how);
        reading.change_how(node, Change::DropSequence { name }, how);
    }
    let enums: Vec<ObjectName> = reading.now().enums.keys().filter(is_in).cloned().collect();
    for name in enums {
        super::cascade::columns_of_type(reading, node, &name, how);
        reading.change_how(node, Change::DropEnum { name }, how);
    }
}
