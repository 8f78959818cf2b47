//! Columns kept in step: every write to every state ends as the design says, whatever the connection's settings.

use planner::catalog::Sync;
use planner::change::Change;

use super::*;

type Side = Option<&'static str>;

/// `forward` is `upper`, `backward` is `lower`: neither gives back what the other was given.
const VALUES: [Side; 4] = [None, Some("a"), Some("A"), Some("Ab")];

fn forward(old: Option<String>) -> Option<String> {
    old.map(|old| old.to_ascii_uppercase())
}

fn backward(new: Option<String>) -> Option<String> {
    new.map(|new| new.to_ascii_lowercase())
}

/// What a row must hold after an insert.
fn inserted(old: Side, new: Side) -> (Option<String>, Option<String>) {
    let (old, new) = (old.map(str::to_owned), new.map(str::to_owned));
    match (&old, &new) {
        (_, None) => (old.clone(), forward(old)),
        (None, Some(_)) => (backward(new.clone()), new),
        (Some(_), Some(_)) => (old, new),
    }
}

/// The columns that an update sets.
#[derive(Clone, Copy)]
enum Set {
    Old(Side),
    New(Side),
    Both(Side, Side),
}

impl Set {
    fn sql(self) -> String {
        match self {
            Self::Old(old) => format!("old = {}", literal(old)),
            Self::New(new) => format!("new = {}", literal(new)),
            Self::Both(old, new) => format!("old = {}, new = {}", literal(old), literal(new)),
        }
    }
}

/// What a row must hold after an update.
fn updated((old, new): (Side, Side), set: Set) -> (Option<String>, Option<String>) {
    let (now_old, now_new) = match set {
        Set::Old(now) => (now, new),
        Set::New(now) => (old, now),
        Set::Both(now_old, now_new) => (now_old, now_new),
    };
    let (old_changed, new_changed) = (now_old != old, now_new != new);
    let (now_old, now_new) = (now_old.map(str::to_owned), now_new.map(str::to_owned));
    match (old_changed, new_changed) {
        (true, false) => (now_old.clone(), forward(now_old)),
        (false, true) if now_new != forward(now_old.clone()) => {
            (backward(now_new.clone()), now_new)
        }
        (false, _) | (true, true) => (now_old, now_new),
    }
}

fn literal(value: Side) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| format!("'{value}'"))
}

fn row(id: usize, (old, new): (Option<String>, Option<String>)) -> String {
    let text = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
    format!("{id}|{}|{}", text(old), text(new))
}

fn sync(forward: &[(&str, &str)], backward: &[(&str, &str)]) -> Change {
    Change::CreateSync(
        Sync::Columns {
            name: "planner_sync_t".into(),
            table: "t".into(),
            forward: pairs(forward),
            backward: pairs(backward),
        }
        .into(),
    )
}

fn upper_and_lower() -> Change {
    sync(&[("new", "upper(t.old)")], &[("old", "lower(\"new\")")])
}

/// Returns tables with a column `id` that identifies rows to the test, in each way that rows are identified.
fn tables() -> Vec<Table> {
    let sides = |collation: Option<&str>| {
        let collation = collation.map(Name::from);
        vec![
            Column { collation: collation.clone(), ..text("old") },
            Column { collation, ..text("new") },
        ]
    };
    let hidden =
        |columns: Vec<Column>| std::iter::once(integer("id")).chain(columns).collect::<Vec<_>>();
    let mut composite = hidden(sides(None));
    composite[0].nullable = false;
    composite.push(Column { default: Some(expression("'k'")), ..not_null(text("rowid")) });
    vec![
        table("t", sides(None)),
        table("t", sides(Some("NOCASE"))),
        Table { columns: hidden(sides(None)), ..Table::default() },
        Table {
            columns: composite,
            primary_key: Some(key("pk", &["rowid", "id"])),
            without_rowid: true,
            ..Table::default()
        },
    ]
}

fn worlds() -> impl Iterator<Item = World> {
    let settings = ["ON", "OFF"].into_iter();
    settings.flat_map(|setting| tables().into_iter().map(move |table| (setting, table))).map(
        |(setting, table)| {
            let mut world = World::new();
            world.sql(&format!("PRAGMA recursive_triggers = {setting}"));
            world.run(&create("t", table));
            world
        },
    )
}

#[test]
fn an_insert_fills_the_side_that_is_null() {
    for mut world in worlds() {
        world.run(&upper_and_lower());
        let mut expected = Vec::new();
        for (old, new) in VALUES.into_iter().flat_map(|old| VALUES.map(|new| (old, new))) {
            let id = expected.len() + 1;
            let (one, other) = (literal(old), literal(new));
            world.sql(&format!("INSERT INTO t (id, old, new) VALUES ({id}, {one}, {other})"));
            expected.push(row(id, inserted(old, new)));
        }
        assert_eq!(world.rows("id, old, new", "FROM t ORDER BY id"), expected);
    }
}

#[test]
fn an_update_computes_the_side_that_did_not_change() {
    let mut cases = Vec::new();
    for state in VALUES.into_iter().flat_map(|old| VALUES.map(|new| (old, new))) {
        cases.extend(VALUES.map(|old| (state, Set::Old(old))));
        cases.extend(VALUES.map(|new| (state, Set::New(new))));
        cases.extend(
            VALUES.into_iter().flat_map(|old| VALUES.map(|new| (state, Set::Both(old, new)))),
        );
    }
    for mut world in worlds() {
        world.sql("BEGIN");
        for (id, ((old, new), _)) in cases.iter().enumerate() {
            let (old, new) = (literal(*old), literal(*new));
            world.sql(&format!("INSERT INTO t (id, old, new) VALUES ({id}, {old}, {new})"));
        }
        world.sql("COMMIT");
        world.run(&upper_and_lower());
        world.sql("BEGIN");
        let mut expected = Vec::new();
        for (id, (state, set)) in cases.iter().enumerate() {
            world.sql(&format!("UPDATE t SET {} WHERE id = {id}", set.sql()));
            expected.push(row(id, updated(*state, *set)));
        }
        world.sql("COMMIT");
        assert_eq!(world.rows("id, old, new", "FROM t ORDER BY id"), expected);
    }
}

#[test]
fn a_backfill_is_not_answered_and_upserts_are_seen() {
    for mut world in worlds() {
        world.sql("INSERT INTO t (id, old) VALUES (1, 'Ab'), (2, 'x')");
        world.run(&upper_and_lower());
        world.sql("UPDATE t SET new = upper(old) WHERE new IS NULL");
        assert_eq!(world.rows("old, new", "FROM t ORDER BY id"), ["Ab|AB", "x|X"]);
        world.sql("REPLACE INTO t (id, old) SELECT id, 'y' FROM t WHERE id = 2");
        assert!(world.rows("old, new", "FROM t").contains(&"y|Y".to_owned()));
    }
}

#[test]
fn a_split_name_keeps_what_the_new_release_wrote() {
    for mut world in worlds() {
        for column in ["given", "family"] {
            world.run(&Change::AddColumn { table: "t".into(), column: text(column) });
        }
        let given = "substr(old, 1, instr(old || ' ', ' ') - 1)";
        let family = "substr(old, instr(old || ' ', ' ') + 1)";
        world.run(&sync(
            &[("given", given), ("family", family)],
            &[("old", "given || ' ' || family")],
        ));
        world.sql("INSERT INTO t (id, given, family) VALUES (1, 'Ann Lee', 'Ray')");
        assert_eq!(world.rows("old, given, family", "FROM t"), ["Ann Lee Ray|Ann Lee|Ray"]);
        world.sql("UPDATE t SET family = 'Roe'");
        assert_eq!(world.rows("old, given, family", "FROM t"), ["Ann Lee Roe|Ann Lee|Roe"]);
        world.sql("UPDATE t SET old = 'Bo Poe'");
        assert_eq!(world.rows("old, given, family", "FROM t"), ["Bo Poe|Bo|Poe"]);
    }
}

#[test]
fn one_way_follows_the_columns_that_its_values_name() {
    for mut world in worlds() {
        world.run(&sync(&[("new", "old || '!'")], &[]));
        world.sql("INSERT INTO t (id, old) VALUES (1, 'a'); UPDATE t SET old = 'b'");
        assert_eq!(world.rows("old, new", "FROM t"), ["b|b!"]);
        world.sql("UPDATE t SET new = 'mine'; UPDATE t SET id = 2");
        assert_eq!(world.rows("id, old, new", "FROM t"), ["2|b|mine"]);
    }
    for mut world in worlds() {
        world.run(&sync(&[], &[("old", "lower(new)")]));
        world.sql("INSERT INTO t (id, new) VALUES (1, 'A'); UPDATE t SET new = 'B'");
        assert_eq!(world.rows("old, new", "FROM t"), ["b|B"]);
    }
}

#[test]
fn a_sync_outlives_a_rebuild_and_goes_and_comes_back() {
    let mut world = World::new();
    world.run(&create("t", table("t", vec![text("old"), text("new"), text("more")])));
    world.run_to_and_fro(&upper_and_lower());
    let column = "more".into();
    world.run_to_and_fro(&Change::SetNullable { table: "t".into(), column, nullable: false });
    world.sql("INSERT INTO t (old, more) VALUES ('a', '')");
    assert_eq!(world.rows("old, new", "FROM t"), ["a|A"]);
    let Change::CreateSync(sync) = upper_and_lower() else { unreachable!() };
    world.run_to_and_fro(&Change::DropSync(sync));
    world.sql("UPDATE t SET old = 'b'");
    assert_eq!(world.rows("old, new", "FROM t"), ["b|A"]);
}
