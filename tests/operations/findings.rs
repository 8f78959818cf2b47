//! What operations refuse: the finding, the word it underlines, and what it tells to do.

use planner::change::Change;
use planner::dialect::Dialect;

use super::checked;

pub const BEFORE: &str = "\
title: Test
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: integer, primary_key: true }
        - { name: name, type: text }
        - { name: email, type: text, nullable: false, unique: true }
        - { name: shown_as, type: text }
        - { name: size, type: integer, generated: { stored: length(name) } }
  - create_table:
      table: orders
      columns:
        - { name: id, type: integer, primary_key: true }
        - { name: user_id, type: integer, nullable: false }
        - { name: totalCents, type: integer }
  - create_index: { table: orders, columns: [user_id] }
  - create_view: { view: buyers, as: SELECT user_id FROM orders }
";

/// Returns each finding as code, underlined text, message and help.
pub fn found(dialect: Dialect, steps: &str) -> Vec<(String, String, String, String)> {
    let (sources, _, found) = checked(&format!("{BEFORE}{steps}"), dialect);
    found
        .into_iter()
        .map(|one| {
            let place = one.labels.first().map_or("", |label| sources.slice(label.span));
            let help = one.help.unwrap_or_default();
            (one.code.id.to_owned(), place.to_owned(), one.message, help)
        })
        .collect()
}

/// Asserts that both dialects find just this: code, underlined text, a part of message or help.
pub fn finds(steps: &str, code: &str, place: &str, words: &str) {
    for dialect in Dialect::ALL {
        finds_on(dialect, steps, code, place, words);
    }
}

pub fn finds_on(dialect: Dialect, steps: &str, code: &str, place: &str, words: &str) {
    let found = found(dialect, steps);
    let [one] = found.as_slice() else { panic!("{dialect}: {steps}\n{found:#?}") };
    assert_eq!((one.0.as_str(), one.1.as_str()), (code, place), "{dialect}: {one:?}");
    assert!(format!("{} | {}", one.2, one.3).contains(words), "{dialect}: {one:?}");
    assert!(!one.3.is_empty() && !one.2.ends_with('.'), "{one:?}");
}

pub fn is_right(dialect: Dialect, steps: &str) -> Vec<Change> {
    let text = format!("{BEFORE}{steps}");
    let (_, project, found) = checked(&text, dialect);
    assert!(found.is_empty(), "{dialect}: {steps}\n{found:#?}");
    project.plans[0].steps.last().unwrap().changes.to_vec()
}

#[test]
fn an_unknown_table_is_underlined_with_the_near_one() {
    finds("  - drop_default: { table: usres, column: name }\n", "EC119", "usres", "`users`?");
    finds("  - add_check: { table: buyers, check: user_id > 0 }\n", "EC119", "buyers", "is a view");
}

#[test]
fn an_unknown_column_is_underlined_with_the_near_one() {
    finds("  - set_not_null: { table: users, column: nmae }\n", "EC119", "nmae", "`name`?");
    finds(
        "  - add_unique: { table: users, columns: [name, emial] }\n",
        "EC119",
        "emial",
        "`email`?",
    );
    let steps =
        "contract:\n  - drop_column: { table: users, column: name, replaced_by: [orders.nme] }\n";
    finds(steps, "EC119", "orders.nme", "column `orders.nme` does not exist");
}

#[test]
fn an_unknown_column_in_an_expression_is_underlined_alone() {
    let steps = "  - add_check: { table: users, check: length(nmae) > 2 }\n";
    finds(steps, "EC119", "nmae", "did you mean `name`?");
    let steps = "  - add_check: { table: users, check: \"nmae <> ''\" }\n";
    finds(steps, "EC119", "nmae", "did you mean `name`?");
    let steps = "  - add_check: { table: users, check: 'nmae <> '''' AND id > 0' }\n";
    finds(steps, "EC119", "nmae", "did you mean `name`?");
}

#[test]
fn every_unknown_name_of_a_step_is_reported_at_once() {
    let steps =
        "backfill:\n  - update: { table: users, set: { nmae: shown_sa }, where: emial IS NULL }\n";
    for dialect in Dialect::ALL {
        let found = found(dialect, steps);
        let places: Vec<&str> = found.iter().map(|one| one.1.as_str()).collect();
        assert_eq!(places, ["nmae", "shown_sa", "emial"], "{found:#?}");
    }
}

#[test]
fn a_column_of_another_table_is_refused() {
    let steps = "  - add_check: { table: users, check: orders.id > 0 }\n";
    finds(steps, "EC119", "orders.id", "`orders` is not the table `users`");
}

#[test]
fn a_name_with_capitals_must_be_quoted_on_postgresql() {
    let steps = "  - add_check: { table: orders, check: totalCents > 0 }\n";
    finds_on(Dialect::Postgres, steps, "EC119", "totalCents", "`\"totalCents\"`");
    is_right(Dialect::Sqlite, steps);
    is_right(Dialect::Postgres, "  - add_check: { table: orders, check: '\"totalCents\" > 0' }\n");
}

#[test]
fn a_broken_expression_is_underlined_where_it_breaks() {
    for dialect in Dialect::ALL {
        let found = found(dialect, "  - add_check: { table: users, check: id > ) }\n");
        assert_eq!(found[0].0, "EC122", "{found:?}");
        let steps = "  - add_check: { table: users, check: \"id > 0; DROP TABLE users\" }\n";
        assert_eq!(self::found(dialect, steps)[0].0, "EC122");
    }
}

#[test]
fn a_default_names_no_column_and_says_how_to_write_a_text() {
    let steps = "  - set_default: { table: users, column: name, default: nobody }\n";
    finds(steps, "EC122", "nobody", "\"'nobody'\"");
    let steps = "  - set_default: { table: users, column: size, default: 1 }\n";
    finds(steps, "EC108", "size", "is generated");
}

#[test]
fn what_is_there_already_is_not_created_again() {
    let steps = "  - add_column: { table: users, column: name, type: text }\n";
    finds(steps, "EC120", "name", "column `users.name` already exists");
    let steps = "  - create_view: { view: users, as: SELECT 1 AS one }\n";
    finds(steps, "EC120", "users", "table `users` already exists");
    let steps = "  - create_index: { table: orders, columns: [id], name: orders_user_id_idx }\n";
    finds(steps, "EC120", "orders_user_id_idx", "already exists");
    let steps = "  - create_table: { table: t, columns: [{ name: a, type: text }, { name: a, type: text }] }\n";
    finds(steps, "EC120", "a", "column `t.a` already exists");
}

#[test]
fn sqlite_takes_names_that_differ_in_case_for_one() {
    let steps = "  - add_column: { table: users, column: NAME, type: text }\n";
    finds_on(Dialect::Sqlite, steps, "EC120", "NAME", "already exists");
    is_right(Dialect::Postgres, steps);
    is_right(Dialect::Sqlite, "  - add_check: { table: users, check: NAME <> '' }\n");
}

#[test]
fn what_sqlite_cannot_do_names_the_alternative() {
    let cases = [
        ("create_index: { table: users, columns: [name], method: gin }", "gin", "postgres: gin"),
        ("create_index: { table: users, columns: [name], include: [email] }", "email", "`columns`"),
        (
            "create_index: { table: users, columns: [{ column: name, nulls: last }] }",
            "last",
            "`nulls`",
        ),
        ("add_column: { table: users, column: n, type: serial }", "serial", "sqlite: integer"),
        (
            "add_column: { table: users, column: n, type: integer, generated: { identity: always } }",
            "identity: always",
            "primary_key: true",
        ),
        (
            "create_table: { table: billing.t, columns: [{ name: a, type: text }] }",
            "billing.t",
            "billing_t",
        ),
        ("create_enum: { enum: mood, values: [sad] }", "mood", "a check"),
        (
            "set_default: { table: users, column: name, default: { postgres: \"'x'\" } }",
            "\"'x'\"",
            "`sqlite: …`",
        ),
    ];
    for (step, place, words) in cases {
        let steps = format!("  - {step}\n");
        finds_on(Dialect::Sqlite, &steps, "EC123", place, words);
        if !step.contains("identity") {
            is_right(Dialect::Postgres, &steps);
        }
    }
}

#[test]
fn virtual_columns_are_refused_on_postgresql() {
    let steps = "  - add_column: { table: users, column: n, type: integer, generated: { virtual: id + 1 } }\n";
    finds_on(Dialect::Postgres, steps, "EC123", "virtual: id + 1", "`stored`");
    is_right(Dialect::Sqlite, steps);
}

#[test]
fn a_foreign_key_refers_to_a_key() {
    let steps = "  - add_foreign_key: { table: orders, columns: user_id, references: { table: users, column: name } }\n";
    finds(steps, "EC108", "name", "no key of table `users` is exactly `name`");
    let steps = "  - add_foreign_key: { table: orders, columns: [user_id, id], references: { table: users } }\n";
    finds(steps, "EC108", "users", "2 columns refer to 1");
    let steps = "  - add_foreign_key: { table: orders, columns: user_id, references: { table: users }, on_delete: set null }\n";
    finds(steps, "EC108", "user_id", "`set null` would always fail");
}

#[test]
fn unknown_words_are_told_with_the_near_one() {
    let steps = "  - add_foreign_key: { table: orders, columns: user_id, references: { table: users }, on_delete: casacde }\n";
    finds(steps, "EC108", "casacde", "did you mean `cascade`?");
    let steps = "  - create_index: { table: users, columns: [{ column: name, order: decs }] }\n";
    finds(steps, "EC108", "decs", "did you mean `desc`?");
    let steps = "backfill:\n  - update: { table: users, set: { name: email }, where: id > 0, batch: { rows: 0 } }\n";
    finds(steps, "EC108", "0", "1 to 1000000");
}

#[test]
fn a_constraint_and_an_index_are_not_mixed_up() {
    let steps = "contract:\n  - drop_index: { index: users_email_key }\n";
    finds(steps, "EC119", "users_email_key", "`drop_constraint`");
    let steps =
        "contract:\n  - drop_constraint: { table: orders, constraint: orders_user_id_idx }\n";
    finds(steps, "EC119", "orders_user_id_idx", "`drop_index`");
    let steps = "contract:\n  - drop_constraint: { table: orders, constraint: orders_pkey }\n";
    finds(steps, "EC108", "orders_pkey", "primary key");
}

#[test]
fn the_columns_of_a_view_are_checked() {
    let steps = "  - create_view: { view: v, as: SELECT u.nmae FROM users u }\n";
    finds(steps, "EC119", "u.nmae", "did you mean `name`?");
    let steps = "  - create_view: { view: v, as: SELECT id FROM usres }\n";
    finds(steps, "EC119", "usres", "did you mean `users`?");
    for dialect in Dialect::ALL {
        is_right(
            dialect,
            "  - create_view: { view: v, as: SELECT count(*) AS n FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.name ORDER BY n }\n",
        );
        is_right(
            dialect,
            "  - create_view: { view: v, as: WITH w AS (SELECT id AS x FROM users) SELECT x FROM w }\n",
        );
    }
}

#[test]
fn a_sync_computes_each_side_from_the_other() {
    let sync = |body: &str| format!("  - sync_columns: {{ table: users, {body} }}\n");
    finds(
        &sync("forward: { name: email }, backward: { name: email }"),
        "EC108",
        "name",
        "`forward` and `backward`",
    );
    let circle = sync("forward: { shown_as: coalesce(shown_as) }, backward: { name: shown_as }");
    finds(&circle, "EC108", "coalesce(shown_as)", "which it fills too");
    let random = sync("forward: { shown_as: random() }, backward: { name: shown_as }");
    finds(&random, "EC122", "random()", "from call to call");
    finds(
        &sync("forward: { shown_as: name }, backward: {}"),
        "EC108",
        "users",
        "`backward` names no column",
    );
}

#[test]
fn a_sync_is_ended_by_the_step_that_began_it() {
    let begin = "  - id: keep\n    sync_columns: { table: users, forward: { shown_as: name }, backward: { name: shown_as } }\n";
    let steps = format!("{begin}contract:\n  - drop_sync: {{ step: kep }}\n");
    finds(&steps, "EC116", "kep", "did you mean `keep`?");
    let steps = format!(
        "{begin}contract:\n  - drop_sync: {{ step: keep }}\n  - drop_column: {{ table: users, column: name, replaced_by: shown_as }}\n"
    );
    let text = steps.replace("length(name)", "length(email)");
    let before = BEFORE.replace("length(name)", "length(email)");
    let (_, project, found) = checked(&format!("{before}{text}"), Dialect::Postgres);
    assert!(found.is_empty(), "{found:#?}");
    let changes = &project.plans[0].steps.last().unwrap().changes;
    let [Change::DropColumn { refill: Some(refill), .. }] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(refill.as_str(), "shown_as");
}

#[test]
fn rows_that_could_not_be_inserted_are_refused() {
    let steps =
        "backfill:\n  - insert: { table: users, columns: [id, name], values: [[1, \"'a'\"]] }\n";
    finds(steps, "EC108", "users", "`users.email` gets no value");
    let steps = "backfill:\n  - insert: { table: users, columns: [id, email], values: [[1]] }\n";
    finds(steps, "EC108", "[1", "1 values for 2 columns");
    let steps =
        "backfill:\n  - insert: { table: users, columns: [id, email], values: [[1, ann]] }\n";
    finds(steps, "EC122", "ann", "\"'ann'\"");
    finds(
        "backfill:\n  - insert: { table: users, columns: [id, email] }\n",
        "EC107",
        "users",
        "neither",
    );
}

#[test]
fn sql_that_says_too_little_is_told_what_is_missing() {
    finds(
        "  - sql: { up: SELECT 1 }\n",
        "EC126",
        "SELECT 1",
        "`touches`, `down` or `irreversible`, `probe`",
    );
    let steps = "  - sql: { up: SELECT 1, down: SELECT 2, touches: [usres], probe: SELECT true }\n";
    finds(steps, "EC119", "usres", "did you mean `users`?");
    let steps = "  - sql: { up: CREATE TABLE fresh (id integer), down: DROP TABLE fresh, touches: [fresh], probe: SELECT 1 }\n";
    for dialect in Dialect::ALL {
        is_right(dialect, steps);
    }
    let steps = "  - sql: { up: SELECT 1, down: SELECT 2, irreversible: why, touches: [], probe: SELECT 1 }\n";
    finds(steps, "EC108", "why", "keep one of them");
}

#[test]
fn steps_after_a_broken_one_are_not_reported_for_it() {
    let steps = "  - create_table: { table: t, columns: [{ name: a, type: text, default: x }] }\n  - create_index: { table: t, columns: [a] }\n  - add_check: { table: t, check: a <> '' }\ncontract:\n  - drop_constraint: { table: t, constraint: t_a_check }\n";
    finds(steps, "EC122", "x", "default");
}

#[test]
fn hostile_texts_are_refused() {
    let quotes = "  - add_column: { table: users, column: c, type: \"text; DROP TABLE users\" }\n";
    finds(quotes, "EC122", "\"text; DROP TABLE users\"", "is not a type");
    let long = "x".repeat(300);
    let steps =
        format!("  - create_table: {{ table: {long}, columns: [{{ name: a, type: text }}] }}\n");
    finds(&steps, "EC108", &long, "shorter name");
    let steps = "  - create_table: { table: t, columns: [] }\n";
    finds(steps, "EC108", "[]", "at least one");
}

#[test]
fn any_text_in_any_place_is_a_finding_and_never_a_crash() {
    let long = "ä".repeat(70);
    let texts = ["", "'", "(", "a.b.c.d", "\\u0000", long.as_str(), "--"];
    for (_, page) in planner::operations::pages() {
        let page = super::engines::example(page);
        for text in texts {
            for (at, _) in page.match_indices(": ") {
                let rest = &page[at + 2..];
                let end = rest.find([',', '\n', '}', ']']).unwrap_or(rest.len());
                let changed = format!("{}: \"{text}\"{}", &page[..at], &rest[end..]);
                for dialect in Dialect::ALL {
                    let (_, project, found) = checked(&changed, dialect);
                    for one in &found {
                        assert!(one.help.is_some() || one.labels.is_empty(), "{one:?}\n{changed}");
                    }
                    project.walk(|_, _, _| {});
                }
            }
        }
    }
}
