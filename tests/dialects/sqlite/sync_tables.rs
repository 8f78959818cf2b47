//! One table's rows carried over to another.

use planner::catalog::{Sync, SyncTables};
use planner::change::Change;

use super::*;

fn sync(from: &str, to: &str, columns: &[(&str, &str)], key: &[&str]) -> Change {
    let name = format!("planner_sync_{from}").into();
    let (from, to) = (from.into(), to.into());
    let tables = SyncTables { name, from, to, columns: pairs(columns), key: names(key) };
    Change::CreateSync(Sync::Tables(tables).into())
}

/// A source whose rows are told apart by row id, and one without row ids.
fn worlds() -> impl Iterator<Item = World> {
    [false, true]
        .into_iter()
        .flat_map(|without_rowid| ["ON", "OFF"].map(|on| (without_rowid, on)))
        .map(|(without_rowid, recursive)| {
            let mut world = World::new();
            world.sql(&format!("PRAGMA recursive_triggers = {recursive}"));
            let columns = vec![not_null(text("code")), integer("order"), text("name")];
            let primary_key = Some(key("pk", &["code"]));
            world.run(&create(
                "source",
                Table { columns, primary_key, without_rowid, ..Table::default() },
            ));
            let columns = vec![not_null(text("slug")), integer("rank"), text("title"), text("own")];
            let primary_key = Some(key("target_pkey", &["slug"]));
            world.run(&create("target", Table { columns, primary_key, ..Table::default() }));
            world
        })
}

const COLUMNS: [(&str, &str); 3] =
    [("slug", "lower(source.code)"), ("rank", "\"order\" + 1"), ("title", "name")];

#[test]
fn inserts_updates_and_deletes_are_carried_over() {
    for mut world in worlds() {
        world.run_to_and_fro(&sync("source", "target", &COLUMNS, &["slug"]));
        let target =
            |world: &mut World| world.rows("slug, rank, title, own", "FROM target ORDER BY slug");
        world.sql("INSERT INTO source VALUES ('A', 1, 'x'), ('B', 2, NULL)");
        assert_eq!(target(&mut world), ["a|2|x|NULL", "b|3|NULL|NULL"]);
        world.sql("UPDATE target SET own = 'kept'; UPDATE source SET name = 'y' WHERE code = 'A'");
        assert_eq!(target(&mut world), ["a|2|y|kept", "b|3|NULL|kept"]);
        world.sql("UPDATE source SET code = 'C', name = 'z' WHERE code = 'A'");
        assert_eq!(target(&mut world), ["b|3|NULL|kept", "c|2|z|kept"]);
        world.sql(
            "INSERT INTO source VALUES ('B', 9, 'u') ON CONFLICT (code) DO UPDATE SET name = 'u'",
        );
        assert_eq!(target(&mut world), ["b|3|u|kept", "c|2|z|kept"]);
        world.sql("DELETE FROM source WHERE code = 'B'");
        assert_eq!(target(&mut world), ["c|2|z|kept"]);
        // A row that is there already is brought up to date.
        world.sql("INSERT INTO target (slug, title) VALUES ('d', 'stale'); INSERT INTO source VALUES ('D', 4, 'new')");
        assert_eq!(target(&mut world), ["c|2|z|kept", "d|5|new|NULL"]);
        // Two source rows that are one in the target do not fail the write.
        world.sql("UPDATE source SET code = 'd' WHERE code = 'C'");
        assert_eq!(target(&mut world), ["d|2|z|NULL"]);
    }
}

#[test]
fn two_tables_that_follow_each_other_come_to_rest() {
    for mut world in worlds() {
        world.run(&sync("source", "target", &[("slug", "code"), ("title", "name")], &["slug"]));
        world.run(&sync("target", "source", &[("code", "slug"), ("name", "title")], &["code"]));
        world.sql("INSERT INTO source VALUES ('a', 1, 'x'); INSERT INTO target (slug, title) VALUES ('b', 'y')");
        world.sql("UPDATE target SET title = 'z' WHERE slug = 'a'; UPDATE source SET code = 'c' WHERE code = 'b'");
        assert_eq!(
            world.rows("code, \"order\", name", "FROM source ORDER BY code"),
            ["a|1|z", "c|NULL|y"]
        );
        assert_eq!(world.rows("slug, title", "FROM target ORDER BY slug"), ["a|z", "c|y"]);
        world.sql("DELETE FROM target WHERE slug = 'a'; DELETE FROM source WHERE code = 'c'");
        assert_eq!(world.rows("(SELECT count(*) FROM source), count(*)", "FROM target"), ["0|0"]);
    }
}

#[test]
fn a_key_that_the_target_does_not_keep_unique_is_refused() {
    let world = worlds().next().unwrap();
    let context = RenderContext { before: &world.catalog, fresh_table: false, lock_timeout_ms: 0 };
    let refusal = render(&sync("source", "target", &COLUMNS, &["rank"]), &context).unwrap_err();
    assert_eq!(refusal.message, "table `target` has no primary key or unique constraint on `rank`");
}

#[test]
fn a_rebuild_of_the_target_keeps_the_triggers_on_the_source() {
    let mut world = worlds().next().unwrap();
    world.run(&sync("source", "target", &COLUMNS, &["slug"]));
    let column = "rank".into();
    world.run_to_and_fro(&Change::SetNullable { table: "target".into(), column, nullable: false });
    world.sql("INSERT INTO source VALUES ('A', 1, 'x')");
    assert_eq!(world.rows("slug, rank", "FROM target"), ["a|2"]);
}
