//! The answers of PostgreSQL that no engine has to be asked for.

use super::*;
use crate::catalog::EnumType;
use crate::dialect::Dialect;
use crate::dialects::normalize_type;
use crate::release::loads::{loads, stores};

fn catalog() -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Postgres);
    for name in ["mood", "app.user_kind"] {
        let values = vec!["glad".to_owned(), "sad".to_owned()];
        catalog.enums.insert(name.into(), EnumType { values });
    }
    catalog
}

fn custom(name: &str, sql: Option<&str>) -> DeclaredType {
    DeclaredType { custom: sql.map(Into::into), ..DeclaredType::plain(name) }
}

/// Reads, and writes.
fn both(declared: &DeclaredType, sql_type: &str) -> (bool, bool) {
    let sql_type = normalize_type(Dialect::Postgres, sql_type);
    let catalog = catalog();
    (loads(&catalog, declared, &sql_type).is_ok(), stores(&catalog, declared, &sql_type).is_ok())
}

#[test]
fn a_refusal_follows_the_column_and_says_what_is_declared() {
    let bigint = SqlType("bigint".to_owned());
    let integer = DeclaredType { nullable: true, ..DeclaredType::plain("Integer") };
    assert_eq!(
        loads(&catalog(), &integer, &bigint).unwrap_err(),
        "is `bigint`, which does not load into `Integer`"
    );
    let uuid = SqlType("uuid".to_owned());
    let text = DeclaredType::plain("Text");
    assert_eq!(stores(&catalog(), &text, &uuid).unwrap_err(), "is `uuid`, which takes no `Text`");
    let integer = SqlType("integer".to_owned());
    let bigint = DeclaredType { arrays: vec![], ..DeclaredType::plain("BigInt") };
    assert_eq!(
        stores(&catalog(), &bigint, &integer).unwrap_err(),
        "is `integer`, which does not keep every `BigInt`"
    );
}

#[test]
fn a_custom_type_is_its_own_by_name_or_by_convention() {
    assert_eq!(both(&custom("Mood", Some("mood")), "mood"), (true, true));
    assert_eq!(both(&custom("Mood", None), "mood"), (true, true));
    assert_eq!(both(&custom("UserKind", None), "app.user_kind"), (true, true));
    assert_eq!(both(&custom("Whatever", Some("user_kind")), "app.user_kind"), (true, true));
    assert_eq!(both(&custom("Tsvector", Some("pg_catalog.tsvector")), "tsvector"), (true, true));
    assert_eq!(both(&custom("TsVector", None), "tsvector"), (true, true));
}

#[test]
fn a_custom_type_is_no_other_type() {
    assert_eq!(both(&custom("Mood", Some("mood")), "text"), (false, false));
    assert_eq!(both(&custom("Mood", None), "text"), (false, false));
    assert_eq!(both(&custom("Mood", Some("mood")), "app.user_kind"), (false, false));
    assert_eq!(both(&custom("UserKind", Some("other.user_kind")), "app.user_kind"), (false, false));
}

#[test]
fn of_what_nobody_knows_nothing_is_refused() {
    assert_eq!(both(&custom("Ulid", None), "uuid"), (true, true));
    assert_eq!(both(&DeclaredType::plain("Text"), "email_address"), (true, true));
    assert_eq!(both(&custom("Vector", None), "vector(3)"), (true, true));
}

#[test]
fn a_custom_type_for_one_that_diesel_has_is_that_one() {
    assert_eq!(both(&custom("Ulid", Some("uuid")), "uuid"), (true, true));
    assert_eq!(both(&custom("Ulid", Some("uuid")), "text"), (false, false));
}

#[test]
fn the_labels_of_an_enum_are_read_as_text_and_not_written_as_text() {
    assert_eq!(both(&DeclaredType::plain("Text"), "mood"), (true, false));
    assert_eq!(both(&DeclaredType::plain("Integer"), "mood"), (false, false));
}

#[test]
fn arrays_are_judged_by_their_elements() {
    let array = |name: &str| DeclaredType { arrays: vec![true], ..DeclaredType::plain(name) };
    assert_eq!(both(&array("Integer"), "integer[]"), (true, true));
    assert_eq!(both(&array("Text"), "varchar(3)[]"), (true, true));
    assert_eq!(both(&array("Integer"), "bigint[]"), (false, false));
    assert_eq!(both(&array("Integer"), "integer"), (false, false));
    assert_eq!(both(&DeclaredType::plain("Integer"), "integer[]"), (false, false));
    assert_eq!(both(&DeclaredType::plain("Text"), "mood[]"), (false, false));
    assert_eq!(both(&array("Mood"), "mood[]"), (true, true));
    let nested = DeclaredType { arrays: vec![false, false], ..DeclaredType::plain("Integer") };
    assert_eq!(both(&nested, "integer[][]"), (false, false));
}

#[test]
fn what_schema_rs_is_printed_for_a_known_type_loads_it() {
    for text in ["bigserial", "varchar(20)", "char(3)", "\"char\"", "timestamptz(3)", "bit(4)"] {
        let sql_type = normalize_type(Dialect::Postgres, text);
        let declared = DeclaredType::plain(postgres_type(&sql_type.0).rust_name);
        assert_eq!(loads(&catalog(), &declared, &sql_type), Ok(()), "{text}");
    }
}
