//! Parts of a catalog in a few words.

use std::fmt::Write as _;

use crate::catalog::{
    Check, Column, Deferral, Exclusion, ForeignKey, Generated, Identity, Index, IndexColumn,
    IndexKey, Key, KeyTerms, Nulls, OnConflict, Order, Parameters, Partition, ReferentialAction,
    SqlExpression, Table, View,
};
use crate::name::Name;

pub(super) fn columns(names: &[Name]) -> String {
    if names.is_empty() {
        return "no columns".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("on {}", names.join(", "))
}

pub(super) fn values(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    format!("with values {}", values.join(", "))
}

pub(super) fn table(table: &Table) -> String {
    let names: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
    match columns(&names).strip_prefix("on ") {
        Some(names) => format!("with columns {names}"),
        None => "without columns".to_owned(),
    }
}

pub(super) fn table_options(table: &Table) -> String {
    let words = [(table.strict, "strict"), (table.without_rowid, "without row ids")];
    let words: Vec<&str> = words.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
    if words.is_empty() {
        "neither strict nor without row ids".to_owned()
    } else {
        words.join(", ")
    }
}

pub(super) fn comment(comment: Option<&str>) -> String {
    comment.map_or("no comment".to_owned(), |comment| format!("comment `{comment}`"))
}

pub(super) fn column(column: &Column) -> String {
    let mut words = vec![format!("of type `{}`", column.sql_type), nullable(column)];
    if column.default.is_some() {
        words.push(default(column.default.as_ref()));
    }
    if column.generated.is_some() {
        words.push(generated(column.generated.as_ref()));
    }
    words.join(", ")
}

pub(super) fn nullable(column: &Column) -> String {
    (if column.nullable { "nullable" } else { "not null" }).to_owned()
}

pub(super) fn default(default: Option<&SqlExpression>) -> String {
    default.map_or("no default".to_owned(), |default| format!("default `{default}`"))
}

pub(super) fn generated(generated: Option<&Generated>) -> String {
    match generated {
        None => "not generated".to_owned(),
        Some(Generated::Stored(expression)) => format!("generated as `{expression}`, stored"),
        Some(Generated::Virtual(expression)) => format!("generated as `{expression}`, virtual"),
        Some(Generated::Identity(identity)) => match identity {
            Identity::Always => "numbered by the database always",
            Identity::ByDefault => "numbered by the database by default",
            Identity::Serial => "numbered by a sequence of its own",
            Identity::RowId => "the row id",
            Identity::AutoIncrement => "the row id, never used again",
        }
        .to_owned(),
    }
}

pub(super) fn collation(column: &Column) -> String {
    let collation = column.collation.as_ref();
    collation.map_or("no collation of its own".to_owned(), |name| format!("collation `{name}`"))
}

pub(super) fn on_null(column: &Column) -> String {
    let conflict = column.on_null.map_or("abort", OnConflict::word);
    format!("a row with NULL: {conflict}")
}

pub(super) fn key(key: &Key) -> String {
    format!("`{}` {}", key.name, unique(key))
}

/// What a key says, without its name.
pub(super) fn unique(key: &Key) -> String {
    let KeyTerms {
        deferral,
        nulls_not_distinct,
        include,
        parameters: with,
        collations,
        on_conflict,
        undeclared: _,
        incomplete,
        part_of,
    } = &key.terms;
    let mut words = columns(&key.columns);
    for (column, collation) in collations {
        let _ = write!(words, ", `{column}` with collation `{collation}`");
    }
    words.push_str(&including(include));
    words.push_str(nulls(*nulls_not_distinct));
    words.push_str(&parameters(with));
    if let Some(conflict) = on_conflict {
        let _ = write!(words, ", on conflict {}", conflict.word());
    }
    words.push_str(&deferred(*deferral));
    words.push_str(if *incomplete { ", not on all partitions" } else { "" });
    words.push_str(&of_whole(part_of.as_ref()));
    words
}

/// Names what of the whole table something of a partition belongs to.
fn of_whole(part_of: Option<&Name>) -> String {
    part_of.map_or_else(String::new, |name| format!(", part of `{name}`"))
}

fn including(names: &[Name]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!(" including {}", columns(names).trim_start_matches("on "))
}

const fn nulls(not_distinct: bool) -> &'static str {
    if not_distinct { ", nulls not distinct" } else { "" }
}

fn deferred(deferral: Deferral) -> String {
    match deferral {
        Deferral::Never => String::new(),
        Deferral::Possible | Deferral::Initially => format!(", {}", deferral.words()),
    }
}

fn parameters(parameters: &Parameters) -> String {
    let texts = parameters.iter().map(|(name, value)| format!(", {name} = {value}"));
    texts.collect()
}

pub(super) fn check(check: &Check) -> String {
    let no_inherit = if check.no_inherit { ", not inherited" } else { "" };
    format!("`{}`{no_inherit}{}", check.expression, validity(check.validated))
}

pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let terms = &key.terms;
    let target = columns(&key.referenced_columns);
    let target = target.strip_prefix("on ").unwrap_or("its primary key");
    let mut words = format!("{} to {target} of `{}`", columns(&key.columns), key.references);
    for (event, action) in [("delete", key.on_delete), ("update", key.on_update)] {
        if action != ReferentialAction::NoAction {
            words.push_str(" on ");
            words.push_str(event);
            words.push(' ');
            words.push_str(action.words());
        }
        if event == "delete" && !terms.on_delete_columns.is_empty() {
            words.push_str(columns(&terms.on_delete_columns).trim_start_matches("on"));
        }
    }
    words.push_str(if terms.match_full { ", match full" } else { "" });
    words.push_str(&deferred(terms.deferral));
    words.push_str(validity(key.validated));
    words.push_str(&of_whole(terms.part_of.as_ref()));
    words
}

/// What is said of a constraint that old rows may not satisfy.
pub const NOT_VALIDATED: &str = ", not validated";

const fn validity(validated: bool) -> &'static str {
    if validated { "" } else { NOT_VALIDATED }
}

pub(super) fn index(index: &Index) -> String {
    let parts: Vec<String> = index.columns.iter().map(index_part).collect();
    let mut words = String::new();
    if index.unique {
        words.push_str("unique ");
    }
    if let Some(method) = &index.method {
        words.push_str(method.as_str());
        words.push(' ');
    }
    words.push_str("on ");
    words.push_str(&parts.join(", "));
    words.push_str(&including(&index.include));
    words.push_str(nulls(index.terms.nulls_not_distinct));
    words.push_str(&parameters(&index.terms.parameters));
    if let Some(predicate) = &index.predicate {
        words.push_str(" where `");
        words.push_str(predicate.as_str());
        words.push('`');
    }
    words.push_str(if index.valid { "" } else { ", not valid" });
    words.push_str(&of_whole(index.terms.part_of.as_ref()));
    words
}

pub(super) fn partitioned(by: Option<&SqlExpression>) -> String {
    by.map_or_else(|| "not partitioned".to_owned(), |by| format!("partitioned by `{by}`"))
}

pub(super) fn partition(partition: Option<&Partition>) -> String {
    partition.map_or_else(
        || "no partition".to_owned(),
        |partition| format!("partition of `{}` `{}`", partition.of, partition.bound),
    )
}

pub(super) fn exclusion(exclusion: &Exclusion) -> String {
    let operators = exclusion.operators.join(", ");
    let deferred = deferred(exclusion.deferral);
    format!("{} with {operators}{deferred}", index(&exclusion.index))
}

fn index_part(part: &IndexColumn) -> String {
    let mut words = match &part.key {
        IndexKey::Column(name) => format!("`{name}`"),
        IndexKey::Expression(expression) => format!("`({expression})`"),
    };
    if let Some(collation) = &part.terms.collation {
        let _ = write!(words, " with collation `{collation}`");
    }
    if let Some(opclass) = &part.opclass {
        words.push(' ');
        words.push_str(opclass.as_str());
        words.push_str(&parameters(&part.terms.parameters));
    }
    words.push_str(match part.order {
        Order::Ascending => "",
        Order::Descending => " descending",
    });
    words.push_str(match part.nulls {
        None => "",
        Some(Nulls::First) => " nulls first",
        Some(Nulls::Last) => " nulls last",
    });
    words
}

pub(super) fn view(view: &View) -> String {
    let kind = if view.materialized { "materialized, " } else { "" };
    format!("{kind}as `{}`", spaced(view.query.as_str()))
}

/// Writes a text with single spaces, as white space is no difference.
pub(super) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a trigger's text without what a server adds or leaves out when it writes it: quotes, parentheses, the default
/// schema, the case of words, the types of literals, and `PROCEDURE` for `FUNCTION`. Strings stay as they are.
pub(super) fn trigger(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for (at, piece) in text.split('\'').enumerate() {
        if at % 2 == 1 {
            plain.push('\'');
            plain.push_str(&piece.replace(char::is_whitespace, "\u{0}"));
            plain.push('\'');
        } else {
            let piece = piece.replace('"', "").to_lowercase();
            plain.push_str(&without_casts(&piece).replace(['(', ')'], " "));
        }
    }
    let words = plain.split_whitespace().map(|word| match word {
        "procedure" => "function",
        word => word.strip_prefix("public.").unwrap_or(word),
    });
    words.map(str::to_owned).collect()
}

/// Types of several words, as a server writes them behind `::`.
const LONG_TYPES: [&str; 6] = [
    "character varying",
    "double precision",
    "timestamp without time zone",
    "timestamp with time zone",
    "time without time zone",
    "time with time zone",
];

/// Leaves out `::type`.
fn without_casts(text: &str) -> String {
    let mut pieces = text.split("::");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']');
        let long = LONG_TYPES.iter().find_map(|of| piece.strip_prefix(of));
        plain.push_str(long.unwrap_or_else(|| piece.trim_start_matches(is_word)));
    }
    plain
}
