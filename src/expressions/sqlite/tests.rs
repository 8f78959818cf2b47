//! What SQLite's reader sees.

use super::*;

fn names(text: &str) -> Vec<String> {
    let found = expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    for column in &found.columns {
        let written = &text[column.offset..column.offset + column.len];
        assert!(written.contains(&column.name) && column.len > 0, "{text}: {written}");
    }
    let dotted = |column: &crate::expressions::ColumnReference| match &column.qualifier {
        Some(qualifier) => format!("{qualifier}.{}", column.name),
        None => column.name.clone(),
    };
    found.columns.iter().map(dotted).collect()
}

#[test]
fn columns_are_told_from_keywords_types_and_functions() {
    assert_eq!(names("substr(name, 1) || Given_Name"), ["name", "Given_Name"]);
    assert_eq!(names("u.\"na me\" = main.u.[id] + `x`"), ["u.na me", "main.u.id", "x"]);
    assert_eq!(names("created > current_timestamp AND true"), ["created"]);
    assert_eq!(names("CAST(text AS text) = a(a)"), ["text", "a"]);
    assert_eq!(names("CAST(a AS b) + b COLLATE a"), ["a", "b"]);
    assert_eq!(names("key IS NOT NULL AND rowid = 1"), ["key"]);
    assert_eq!(names("\"a string?\" = 'b'"), ["a string?"]);
    assert_eq!(
        names("a IN (b, 1) OR c BETWEEN d AND e OR CASE f WHEN g THEN h END"),
        ["a", "b", "c", "d", "e", "f", "g", "h"]
    );
}

#[test]
fn a_column_stands_where_it_is_written() {
    let text = "f(a) + a -- a\n * t.a";
    let offsets: Vec<usize> = expression(text).unwrap().columns.iter().map(|c| c.offset).collect();
    assert_eq!(offsets, [2, 7, 17]);
}

#[test]
fn the_columns_of_subqueries_are_not_the_tables() {
    let found = expression("id IN (SELECT x FROM t z WHERE z.y = w) AND random() > 0").unwrap();
    let columns: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id"]);
    assert!(found.has_subquery && found.is_volatile);
    assert_eq!((found.tables[0].name.as_str(), found.tables[0].alias.as_deref()), ("t", Some("z")));
}

#[test]
fn constants_are_literals_perhaps_signed_or_cast() {
    for text in ["1", "-1.5", "'x'", "NULL", "true", "(-2)", "x'00'", "CAST('1' AS INTEGER)"] {
        assert!(expression(text).unwrap().is_constant, "{text}");
    }
    for text in ["random()", "a", "1 + 1", "current_date"] {
        assert!(!expression(text).unwrap().is_constant, "{text}");
    }
}

#[test]
fn what_is_not_one_expression_is_refused() {
    for text in [
        "",
        " ",
        "a, b",
        "a b",
        "1) , (2",
        "1) FROM (t",
        "1; SELECT 2",
        "SELECT 1",
        "a -- b",
        "a /* b",
        "(a",
        "a)",
        "'x",
        "\"x",
        "*",
        "a AS b",
        "?1",
        ":name",
        "a\0b",
        "DROP TABLE users",
        "1) UNION SELECT (2",
        "a::text",
    ] {
        assert!(expression(text).is_err(), "{text}");
    }
    assert!(expression("a -- b\n").is_ok());
}

#[test]
fn an_error_says_where_it_is() {
    let error = expression("a +\n FROM").unwrap_err();
    assert_eq!((error.message.as_str(), error.offset), ("near `FROM`: syntax error", 5));
}

#[test]
fn a_hostile_text_does_not_overflow_the_stack() {
    let hostile = [
        format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        "(".repeat(100_000),
        format!("{}1", "NOT ".repeat(100_000)),
        format!("{}1", "- ".repeat(100_000)),
        format!("1{}", " OR 1".repeat(100_000)),
        format!("{}1", "CASE WHEN ".repeat(50_000)),
    ];
    for text in &hostile {
        assert!(expression(text).is_err(), "{}", &text[..20]);
    }
    assert!(expression(&format!("1{}", " OR a = 1".repeat(400))).is_ok());
    assert!(expression(&format!("{}1{}", "(".repeat(90), ")".repeat(90))).is_ok());
}

#[test]
fn a_query_tells_its_tables_columns_and_result() {
    let (found, result) =
        query("SELECT u.id, lower(name) AS n FROM users u LEFT JOIN posts ON u.id = posts.user_id")
            .unwrap();
    let tables: Vec<_> = found.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(tables, ["users", "posts"]);
    let columns: Vec<_> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id", "id", "user_id"]);
    assert_eq!(result.unwrap(), ["id", "n"]);
    let (found, result) = query("WITH c AS (SELECT a FROM t) SELECT * FROM c ORDER BY 1").unwrap();
    assert_eq!((found.tables.len(), result), (1, None));
    assert!(query("DELETE FROM users").is_err());
    assert!(query("SELECT 1; SELECT 2").is_err());
    assert!(query("").is_err());
}

#[test]
fn spaces_case_and_parentheses_are_no_difference() {
    for (one, other) in [
        ("a>0", "(A > 0)"),
        ("lower( a )", "LOWER(\"a\")"),
        ("a != 1", "a <> 1"),
        ("(a AND b) AND c", "a AND b AND c"),
        ("CAST(a AS text)", "cast((a) AS TEXT)"),
        ("SELECT  a FROM t", "select a\nFROM \"t\""),
    ] {
        assert!(same_expression(one, other) && same_expression(other, one), "{one} and {other}");
    }
}

#[test]
fn what_means_something_else_is_not_the_same() {
    for (one, other) in [
        ("(a OR b) AND c", "a OR b AND c"),
        ("a - (b - c)", "a - b - c"),
        ("a = 'x'", "a = 'X'"),
        ("a = 'x'", "a = \"x\""),
        ("a IN (1, 2)", "a IN (1, 3)"),
        ("a IN (1, 2)", "a NOT IN (1, 2)"),
        ("a BETWEEN 1 AND 2", "a NOT BETWEEN 1 AND 2"),
        ("CAST(a AS text)", "CAST(a AS blob)"),
        ("a COLLATE nocase", "a COLLATE binary"),
        ("1", "-1"),
        ("1", "'1'"),
        ("f(a, b)", "f(b, a)"),
        ("a IS NULL", "a IS NOT NULL"),
        ("a LIKE 'b'", "a GLOB 'b'"),
        ("(a, b) = (1, 2)", "(a, b) = (1, 3)"),
        ("EXISTS (SELECT 1 FROM t)", "EXISTS (SELECT 1 FROM u)"),
        ("a b", "a c"),
    ] {
        assert!(!same_expression(one, other) && !same_expression(other, one), "{one} and {other}");
    }
}
