//! The structs of a source that Diesel's derives give columns to.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenTree};

use crate::release::rust_tokens::{attribute, group, inside, is_mark, is_word, word};

/// Structs with Diesel's derives.
#[derive(Debug, Default)]
pub(super) struct Structs {
    /// Those that say which columns they select, by name.
    pub selectable: BTreeSet<String>,
    /// Tables of structs, by their names in Rust: as the struct says, or by the struct's own name as Diesel infers it.
    pub tables: BTreeSet<String>,
    /// Those of the tables whose rows a struct identifies, so that a row alone stands for its table.
    pub identified: BTreeSet<String>,
}

/// Derives that give a struct a table.
const WITH_TABLE: [&str; 7] = [
    "Selectable",
    "Insertable",
    "AsChangeset",
    "Identifiable",
    "Associations",
    "QueryableByName",
    "HasQuery",
];

impl Structs {
    /// Takes the structs of a file.
    pub(super) fn read(&mut self, tokens: &[TokenTree]) {
        let mut attributes: Vec<Group> = Vec::new();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            if let Some((brackets, len)) = attribute(tokens, at) {
                attributes.push(brackets.clone());
                at += len;
                continue;
            }
            if (is_word(Some(token), "struct") || is_word(Some(token), "enum"))
                && let Some(name) = word(tokens.get(at + 1))
            {
                self.add(&name, &attributes);
                attributes.clear();
            }
            if let TokenTree::Group(group) = token {
                self.read(&inside(group));
                if group.delimiter() == Delimiter::Brace {
                    attributes.clear();
                }
            }
            if is_mark(Some(token), ';') {
                attributes.clear();
            }
            at += 1;
        }
    }

    fn add(&mut self, name: &str, attributes: &[Group]) {
        let derives: BTreeSet<String> = attributes.iter().flat_map(derived).collect();
        let has = |wanted: &str| derives.contains(wanted);
        if !WITH_TABLE.iter().any(|name| has(name)) {
            return;
        }
        let mut tables: BTreeSet<String> = attributes.iter().flat_map(table_names).collect();
        if tables.is_empty() {
            tables.insert(inferred(name));
        }
        if has("Selectable") || has("HasQuery") {
            self.selectable.insert(name.to_owned());
        }
        if has("Identifiable") || has("Associations") || has("AsChangeset") {
            self.identified.extend(tables.iter().cloned());
        }
        self.tables.append(&mut tables);
    }
}

/// Returns the last words of the paths in `derive(…)`, also of those inside `cfg_attr(…, derive(…))`.
fn derived(attribute: &Group) -> Vec<String> {
    let tokens = inside(attribute);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let (true, Some(list)) =
            (is_word(Some(token), "derive"), group(tokens.get(at + 1), Delimiter::Parenthesis))
        {
            found.extend(inside(list).iter().filter_map(|token| word(Some(token))));
        } else if let TokenTree::Group(group) = token {
            found.extend(derived(group));
        }
    }
    found
}

/// Returns the last words of the paths in `table_name = crate::schema::users`.
fn table_names(attribute: &Group) -> Vec<String> {
    let tokens = inside(attribute);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            found.extend(table_names(group));
        }
        if is_word(Some(token), "table_name") && is_mark(tokens.get(at + 1), '=') {
            let value = tokens.iter().skip(at + 2).take_while(|token| !is_mark(Some(token), ','));
            let text: String = value.map(ToString::to_string).collect();
            let last = text.trim_matches('"').rsplit("::").next().unwrap_or_default();
            found.push(last.trim_start_matches("r#").to_owned());
        }
    }
    found
}

/// Returns the table's name as Diesel infers it from a struct's: `UserGroup` is `user_groups`.
fn inferred(name: &str) -> String {
    let mut table = String::with_capacity(name.len() + 4);
    for (nth, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && nth > 0 {
            table.push('_');
        }
        table.extend(letter.to_lowercase());
    }
    table.push('s');
    table
}
