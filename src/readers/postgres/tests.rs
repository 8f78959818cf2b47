//! What PostgreSQL's reader sees.

use super::*;

fn names(text: &str) -> Vec<String> {
    let found = expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    for column in &found.columns {
        let written = &text[column.offset..column.offset + column.len];
        assert!(
            written.replace("\"\"", "\"").to_lowercase().contains(&column.name.to_lowercase()),
            "{text}: {written}"
        );
    }
    let dotted = |column: &crate::readers::ColumnReference| match &column.qualifier {
        Some(qualifier) => format!("{qualifier}.{}", column.name),
        None => column.name.clone(),
    };
    found.columns.iter().map(dotted).collect()
}

#[test]
fn columns_are_told_from_keywords_types_and_functions() {
    assert_eq!(names("split_part(name, ' ', 1) || Given_Name"), ["name", "given_name"]);
    assert_eq!(names("u.\"Na\"\"me\" = s.u.id"), ["u.Na\"me", "s.u.id"]);
    assert_eq!(names("created > current_timestamp - interval '1 day'"), ["created"]);
    assert_eq!(names("x::varchar(20) = CAST(y AS text) AND NOT true"), ["x", "y"]);
    assert_eq!(names("extract(year from born) > date '2000-01-01'"), ["born"]);
    assert_eq!(names("make_interval(days => n) + trim(both from w)"), ["n", "w"]);
    assert_eq!(
        names("count(*) FILTER (WHERE z) OVER (PARTITION BY q ORDER BY w)"),
        ["z", "q", "w"]
    );
    assert_eq!(names("NEW.a IS DISTINCT FROM old.a"), ["new.a", "old.a"]);
    assert_eq!(names("new IS NULL OR excluded IS NULL"), [""; 0]);
    assert_eq!(
        names("(address).city = tags[1] AND a COLLATE \"C\" < b"),
        ["address", "tags", "a", "b"]
    );
    assert_eq!(
        names("a BETWEEN b AND c OR d IN (e, 1) OR case when f then g else h end"),
        ["a", "b", "c", "d", "e", "f", "g", "h"]
    );
    assert_eq!(names("key = value AND type = status"), ["key", "value", "type", "status"]);
}

#[test]
fn the_columns_of_subqueries_are_not_the_tables() {
    let found =
        expression("id IN (SELECT x FROM billing.t z WHERE z.y = w) AND random() > 0").unwrap();
    let columns: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id"]);
    assert!(found.has_subquery && found.is_volatile && !found.is_constant);
    assert_eq!(
        (found.tables[0].name.as_str(), found.tables[0].alias.as_deref()),
        ("billing.t", Some("z"))
    );
    assert_eq!(found.functions, ["random"]);
}

#[test]
fn constants_are_literals_perhaps_signed_or_cast() {
    for text in [
        "1",
        "-1.5",
        "'x'",
        "NULL",
        "true",
        "('a'::text)",
        "- (2)",
        "date '2020-01-01'",
        "'{}'::jsonb",
        "ARRAY[1, 2]",
        "$$x$$",
    ] {
        assert!(expression(text).unwrap().is_constant, "{text}");
    }
    for text in
        ["now()", "a", "1 + 1", "current_date", "timestamp 'now'", "not true", "'today'::date"]
    {
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
        "$1",
        ":name",
        "a\0b",
        "DROP TABLE users",
        "a ==",
        "1) UNION SELECT (2",
        "VALUES (1)",
        "$$x",
    ] {
        assert!(expression(text).is_err(), "{text}");
    }
    assert!(expression("a -- b\n").is_ok());
    assert_eq!(
        expression("a = = b").unwrap_err().offset.min(7),
        expression("a = = b").unwrap_err().offset
    );
}

#[test]
fn a_hostile_text_does_not_overflow_the_stack() {
    let hostile = [
        format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000)),
        "(".repeat(100_000),
        format!("{}1", "NOT ".repeat(100_000)),
        format!("{}1", "- ".repeat(100_000)),
        format!("1{}", " OR 1".repeat(100_000)),
        format!("a{}", "::text".repeat(100_000)),
        format!("a{}", "[1]".repeat(100_000)),
        format!("a{}", ".b".repeat(100_000)),
        format!("{}1", "CASE WHEN ".repeat(50_000)),
        format!("f{}", "(1)".repeat(50_000)),
    ];
    for text in &hostile {
        assert!(expression(text).is_err(), "{}", &text[..20]);
    }
    assert!(expression(&format!("1{}", " OR a = 1".repeat(400))).is_ok());
    assert!(expression(&format!("a IN (1{})", ", -1".repeat(20_000))).is_ok());
    assert!(expression(&format!("{}1{}", "(".repeat(90), ")".repeat(90))).is_ok());
}

#[test]
fn a_query_tells_its_tables_columns_and_result() {
    let (found, result) = query("SELECT u.id, lower(name) AS n, count(*) FROM users u LEFT JOIN s.posts ON u.id = posts.user_id").unwrap();
    let tables: Vec<_> = found.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(tables, ["users", "s.posts"]);
    let columns: Vec<_> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["id", "id", "user_id"], "a bare name may be of either table");
    assert_eq!(result.unwrap(), ["id", "n", "count"]);
    let (found, result) = query("WITH c AS (SELECT a FROM t) SELECT * FROM c ORDER BY 1").unwrap();
    assert_eq!(found.tables.len(), 1);
    assert_eq!(result, None);
    let (found, _) = query("SELECT count(*) = 0 FROM users WHERE given_name IS NULL").unwrap();
    assert_eq!(found.columns.len(), 1);
    assert!(query("DELETE FROM users").is_err());
    assert!(query("SELECT 1; SELECT 2").is_err());
    assert!(query("").is_err());
}
