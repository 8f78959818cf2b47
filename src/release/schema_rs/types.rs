//! Types of columns as `table!` writes them, under Diesel's own names.

use syn::{GenericArgument, PathArguments, PathSegment, TypePath};

use super::table::Names;
use crate::name::ObjectName;
use crate::release::requirement::DeclaredType;

/// Diesel's other names for its types (`diesel::sql_types`, `diesel::pg::sql_types`), and the name that planner keeps.
const ALIASES: [(&str, &str); 28] = [
    ("Tinyint", "TinyInt"),
    ("Int2", "SmallInt"),
    ("Smallint", "SmallInt"),
    ("SmallSerial", "SmallInt"),
    ("Int4", "Integer"),
    ("Serial", "Integer"),
    ("Int8", "BigInt"),
    ("Bigint", "BigInt"),
    ("BigSerial", "BigInt"),
    ("Float4", "Float"),
    ("Float8", "Double"),
    ("Decimal", "Numeric"),
    ("VarChar", "Text"),
    ("Varchar", "Text"),
    ("Char", "Text"),
    ("Tinytext", "Text"),
    ("Mediumtext", "Text"),
    ("Longtext", "Text"),
    ("Bpchar", "Text"),
    ("Tinyblob", "Binary"),
    ("Blob", "Binary"),
    ("Mediumblob", "Binary"),
    ("Longblob", "Binary"),
    ("Varbinary", "Binary"),
    ("Bit", "Binary"),
    ("Bytea", "Binary"),
    ("Macaddr", "MacAddr"),
    ("Macaddr8", "MacAddr8"),
];

/// Ranges have a name for each kind of element, which planner keeps: `Range<Int4>` is `Int4range`.
const ELEMENTS: [(&str, &str); 6] = [
    ("Integer", "Int4"),
    ("BigInt", "Int8"),
    ("Date", "Date"),
    ("Numeric", "Num"),
    ("Timestamp", "Ts"),
    ("Timestamptz", "Tstz"),
];

/// Returns Diesel's own name of one of its types; any other name as it is.
pub(super) fn own_name(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, own)| *own)
}

/// Returns a column's type.
pub(super) fn declared(path: &TypePath, names: &Names<'_>) -> DeclaredType {
    let mut declared = DeclaredType::plain("");
    let mut inner = path;
    // Nullability that belongs to the element of the array just opened, or to the column itself.
    while let Some((wrapper, element)) = wrapped(inner, names) {
        match (wrapper, declared.arrays.last_mut()) {
            (Wrapper::Array, _) => declared.arrays.push(false),
            (Wrapper::Nullable, None) => declared.nullable = true,
            (Wrapper::Nullable, Some(elements)) => *elements = true,
        }
        inner = element;
    }
    (declared.name, declared.custom) = named(inner, names);
    declared
}

/// Returns the name of a column's innermost type as it is written, without its path.
pub(super) fn written(path: &TypePath, names: &Names<'_>) -> String {
    let mut inner = path;
    while let Some((_, element)) = wrapped(inner, names) {
        inner = element;
    }
    names.original(inner)
}

enum Wrapper {
    Nullable,
    Array,
}

fn wrapped<'a>(path: &'a TypePath, names: &Names<'_>) -> Option<(Wrapper, &'a TypePath)> {
    let last = path.path.segments.last()?;
    let element = only_argument(last)?;
    let wrapper = match names.original(path).as_str() {
        "Nullable" => Wrapper::Nullable,
        "Array" => Wrapper::Array,
        _ => return None,
    };
    Some((wrapper, element))
}

fn only_argument(segment: &PathSegment) -> Option<&TypePath> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match (arguments.args.len(), arguments.args.first()) {
        (1, Some(GenericArgument::Type(syn::Type::Path(path)))) => Some(path),
        _ => None,
    }
}

fn named(path: &TypePath, names: &Names<'_>) -> (String, Option<ObjectName>) {
    let written = names.original(path);
    if let Some(custom) = names.custom(path) {
        return (written, Some(custom.clone()));
    }
    let Some(last) = path.path.segments.last() else { return (written, None) };
    if matches!(last.arguments, PathArguments::None) {
        let own = if names.is_diesels(path) { own_name(&written) } else { &written };
        return (own.to_owned(), None);
    }
    let Some(element) = only_argument(last) else {
        return (names.text(path), None);
    };
    let (element, _) = named(element, names);
    let prefix = ELEMENTS.iter().find(|(own, _)| *own == element);
    let name = match (written.as_str(), prefix) {
        ("Range", Some((_, prefix))) => format!("{prefix}range"),
        ("Multirange", Some((_, prefix))) => format!("{prefix}multirange"),
        (_, _) => format!("{written}<{element}>"),
    };
    (name, None)
}
