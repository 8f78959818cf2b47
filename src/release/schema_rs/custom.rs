//! SQL types that a `schema.rs` declares: `#[diesel(postgres_type(name = "mood"))] pub struct Mood;`.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, TokenTree};

use crate::name::ObjectName;
use crate::release::rust_tokens::{group, inside, is_mark, is_word, string, word};

/// Types by the name of their `struct`, with the modules around each.
#[derive(Debug, Default)]
pub(super) struct CustomTypes(BTreeMap<String, Vec<(Vec<String>, ObjectName)>>);

impl CustomTypes {
    /// Takes a `struct` if one of its attributes names an SQL type.
    pub(super) fn add(&mut self, name: String, modules: &[String], attributes: &[Group]) {
        if let Some(sql_type) = attributes.iter().find_map(sql_type) {
            self.0.entry(name).or_default().push((modules.to_vec(), sql_type));
        }
    }

    /// Returns the SQL type behind a name in these modules: of several, the one that is nearest.
    pub(super) fn of(&self, name: &str, modules: &[String]) -> Option<&ObjectName> {
        let shared = |own: &[String]| {
            own.iter().zip(modules).take_while(|(one, other)| one == other).count()
        };
        let found = self.0.get(name)?;
        // The first of equally near ones.
        let nearest = found.iter().rev().max_by_key(|(own, _)| shared(own))?;
        Some(&nearest.1)
    }

    /// Returns the SQL types that are declared.
    pub(super) fn sql_types(&self) -> impl Iterator<Item = &ObjectName> {
        self.0.values().flatten().map(|(_, sql_type)| sql_type)
    }
}

/// Reads `diesel(postgres_type(name = "mood", schema = "app"))`, or `postgres(type_name = "mood")` as Diesel 1 wrote it.
fn sql_type(attribute: &Group) -> Option<ObjectName> {
    let tokens = inside(attribute);
    let arguments = inside(group(tokens.get(1), Delimiter::Parenthesis)?);
    if is_word(tokens.first(), "postgres") {
        return Some(ObjectName::bare(value(&arguments, "type_name")?));
    }
    if !is_word(tokens.first(), "diesel") {
        return None;
    }
    let at = arguments.iter().position(|token| is_word(Some(token), "postgres_type"))?;
    let of_postgres = inside(group(arguments.get(at + 1), Delimiter::Parenthesis)?);
    let name = value(&of_postgres, "name")?;
    let schema = value(&of_postgres, "schema").filter(|schema| schema != "public");
    Some(ObjectName { schema: schema.map(Into::into), name: name.into() })
}

/// Returns the text in `key = "text"`.
fn value(arguments: &[TokenTree], key: &str) -> Option<String> {
    let at = arguments.iter().position(|token| word(Some(token)).as_deref() == Some(key))?;
    is_mark(arguments.get(at + 1), '=').then_some(())?;
    arguments.get(at + 2).and_then(string)
}
