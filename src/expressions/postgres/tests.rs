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
    let dotted = |column: &crate::expressions::ColumnReference| match &column.qualifier {
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
fn a_star_stands_for_the_tables_of_its_own_query() {
    let whole = |text: &str| {
        let (found, _) = query(text).unwrap();
        let whole = found.tables.into_iter().filter(|table| table.is_whole);
        whole.map(|table| table.name).collect::<Vec<_>>()
    };
    assert_eq!(whole("SELECT *, (SELECT count(*) FROM b) AS n FROM a"), ["a"]);
    assert_eq!(whole("SELECT x.*, b.id FROM a x JOIN b ON b.id = x.id"), ["a"]);
    assert_eq!(whole("SELECT s.a.* FROM s.a, b"), ["s.a"]);
    assert_eq!(whole("SELECT id FROM (SELECT * FROM a, b) AS c"), ["a", "b"]);
    assert_eq!(whole("SELECT id * 2 FROM a WHERE EXISTS (TABLE b)"), ["b"]);
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

#[test]
fn what_a_server_rewrites_is_the_same() {
    for (written, stored) in [
        ("a = 'x'", "((a)::text = 'x'::text)"),
        (
            "a IN ('x', 'y')",
            "((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))",
        ),
        ("a NOT IN (1, 2)", "(a <> ALL (ARRAY[1, 2]))"),
        ("a in (1)", "(a = 1)"),
        ("a != b", "(a <> b)"),
        ("a + 1 BETWEEN 1 AND 2", "(((a + 1) >= 1) AND ((a + 1) <= 2))"),
        (
            "a BETWEEN 1 AND 2 OR b IN (1, 2)",
            "(((a >= 1) AND (a <= 2)) OR (b = ANY (ARRAY[1, 2])))",
        ),
        ("a NOT BETWEEN 1 AND 2", "((a < 1) OR (a > 2))"),
        ("a || b || c", "((a || b) || c)"),
        ("a AND b AND c OR d", "((a AND b AND c) OR d)"),
        ("a LIKE 'x%' AND b NOT ILIKE 'y'", "((a ~~ 'x%'::text) AND (b !~~* 'y'::text))"),
        ("a ISNULL", "(a IS NULL)"),
        ("-1", "'-1'::integer"),
        ("0", "(0)::numeric"),
        ("'{}'", "'{}'::jsonb"),
        ("date '2020-01-01'", "'2020-01-01'::date"),
        (
            "now() - (random() * (interval '12 months'))",
            "(now() - (random() * '1 year'::interval))",
        ),
        ("current_timestamp", "CURRENT_TIMESTAMP"),
        ("CASE WHEN a THEN 1 END", "CASE WHEN a THEN 1 ELSE NULL::integer END"),
        ("CAST(a AS int)", "(a)::integer"),
        ("Users.Name", "name"),
        ("$$x$$", "'x'::text"),
        ("coalesce(a, '')", "COALESCE(a, ''::text)"),
        (
            "SELECT id, name AS called FROM users u LEFT OUTER JOIN p ON u.id = p.id WHERE price < 5 ORDER BY id ASC",
            " SELECT u.id,\n    u.name AS called\n   FROM (users u\n     LEFT JOIN p ON ((u.id = p.id)))\n  WHERE (u.price < (5)::numeric)\n  ORDER BY u.id;",
        ),
        ("SELECT count(*) FROM t", "SELECT count(*) AS count FROM t"),
    ] {
        assert!(same_expression(written, stored), "{written} and {stored}");
        assert!(same_expression(stored, written), "{stored} and {written}");
    }
}

#[test]
fn what_means_something_else_is_not_the_same() {
    for (one, other) in [
        ("(a OR b) AND c", "a OR b AND c"),
        ("a - (b - c)", "a - b - c"),
        ("a || (b || c)", "a || b || c"),
        ("a = 'x'", "a = 'X'"),
        ("a = 'x'", "a = \"x\""),
        ("\"A\"", "a"),
        ("a::integer", "a"),
        ("'1'::integer", "'1'::text"),
        ("u.a", "p.a"),
        ("NOT (a AND b)", "NOT a AND b"),
        ("a IN (1, 2)", "a IN (1, 3)"),
        ("a IN (1, 2)", "a NOT IN (1, 2)"),
        ("a = ANY (ARRAY[1, 2])", "a = ALL (ARRAY[1, 2])"),
        ("a < ALL (ARRAY[1, 2])", "a < ANY (ARRAY[1, 2])"),
        ("a BETWEEN 1 AND 2", "a BETWEEN 2 AND 1"),
        ("a BETWEEN 1 AND 2 OR b", "a BETWEEN 1 AND (2 OR b)"),
        ("1", "-1"),
        ("1", "'1'"),
        ("NULL", "'null'"),
        ("now()", "now(1)"),
        ("f(a, b)", "f(b, a)"),
        ("count(a)", "count(DISTINCT a)"),
        ("- a", "+ a"),
        ("a IS NULL", "a IS NOT NULL"),
        ("CASE WHEN a THEN 1 ELSE 2 END", "CASE WHEN a THEN 1 END"),
        ("E'a\\n'", "'a\\n'"),
        ("extract(year from a)", "extract(month from a)"),
        ("varchar 'x'", "x"),
        ("a::varchar(2)", "a"),
        ("a::numeric / b", "a / b"),
        ("a ? 'x'", "a ?| 'x'"),
        ("SELECT a FROM t", "SELECT a FROM u"),
        ("SELECT a FROM t", "SELECT DISTINCT a FROM t"),
        ("SELECT a FROM t", "SELECT a AS b FROM t"),
        ("SELECT a FROM t JOIN u USING (x)", "SELECT a FROM t LEFT JOIN u USING (x)"),
        ("a b", "a c"),
    ] {
        assert!(!same_expression(one, other), "{one} and {other}");
        assert!(!same_expression(other, one), "{other} and {one}");
    }
}

/// Words that random expressions are made of; joined by spaces or nothing.
const PIECES: [&str; 60] = [
    "a",
    "users",
    ".",
    "name",
    "\"Na me\"",
    "(",
    ")",
    ",",
    "1",
    "2.5",
    "'x'",
    "'now'",
    "NULL",
    "true",
    "NOT",
    "-",
    "+",
    "*",
    "=",
    "<>",
    "<",
    ">=",
    "||",
    "AND",
    "OR",
    "IS",
    "IS NOT",
    "::",
    "text",
    "date",
    "int",
    "lower(",
    "coalesce(",
    "now()",
    "random()",
    "current_timestamp",
    "new",
    "OLD.",
    "value",
    "type",
    "key",
    "left",
    "row",
    "between",
    "in",
    "like",
    "interval",
    "[",
    "]",
    "->>",
    "->",
    "%",
    "!",
    "~",
    "case",
    "when",
    "end",
    "$1",
    "e'x'",
    "1a",
];

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, cases: 3_000, ..Default::default() })]

    /// What is read without a tree is read as the tree reads it.
    #[test]
    fn the_short_way_reads_as_the_long_way(
        pieces in proptest::collection::vec((0..PIECES.len(), proptest::bool::weighted(0.8)), 1..9)
    ) {
        let mut text = String::new();
        for (nth, space) in pieces {
            text.push_str(PIECES[nth]);
            text.push_str(if space { " " } else { "" });
        }
        let words = limits::check(&text).unwrap_or_default();
        if let Some(short) = plain::expression(&text, &words) {
            proptest::prop_assert_eq!(Ok(short), tree::expression(&text), "{}", text);
        }
    }
}

#[test]
fn usual_expressions_go_the_short_way() {
    for text in [
        "split_part(name, ' ', 1)",
        "given_name IS NULL AND name IS NOT NULL",
        "concat_ws(' ', given_name, family_name)",
        "lower(u.email)",
        "price > 0",
        "now()",
        "'x'",
        "-1",
        "0",
        "coalesce(a, '') <> ''",
        "NOT done",
        "a = -1 OR (b || 'x')::text = c",
    ] {
        let words = limits::check(text).unwrap();
        let short = plain::expression(text, &words).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(Ok(short), tree::expression(text), "{text}");
    }
}
