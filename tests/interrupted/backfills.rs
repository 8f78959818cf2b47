//! Backfills that are killed, stopped, run twice at once, or made void.

use std::process::Child;
use std::time::{Duration, Instant};

use super::Scene;

const USERS: &str = "title: Users\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }] }\n";

const NICK: &str = "title: Nick names
after: [create_users]
expand:
  - add_column: { table: users, column: nick, type: text }
  - id: keep
    sync_columns: { table: users, forward: { nick: \"lower(name)\" }, backward: { name: \"upper(nick)\" } }
backfill:
  - update: { table: users, set: { nick: \"lower(name)\" }, where: \"nick IS NULL AND name IS NOT NULL\", batch: { rows: 50, pause: 20ms } }
contract:
  - drop_sync: { step: keep }
  - drop_column: { table: users, column: name, replaced_by: [nick] }
gates: { contract: { releases: { none: \"nothing is deployed in this test\" } } }
";

const ROWS: i64 = 3_000;
const LEFT: &str = "SELECT count(*) FROM users WHERE nick IS NULL";

fn scene(scene: Scene) -> Scene {
    scene.project.write("plans/2026-01-01-000000_create_users.yaml", USERS);
    scene.project.write("plans/2026-01-02-000000_nick.yaml", NICK);
    scene.project.run(&["run", "--through", "create_users/expand"]).exits(0);
    scene.fill(ROWS);
    scene.project.run(&["run", "--phase", "nick/expand"]).exits(0);
    scene
}

/// Starts the backfill and waits until it has written some batches.
fn start(scene: &Scene) -> Child {
    let before = scene.number(LEFT);
    let child = scene.project.start(&["run", "--phase", "nick/backfill"]);
    let deadline = Instant::now() + Duration::from_mins(1);
    while scene.number(LEFT) > before - 200 {
        assert!(Instant::now() < deadline, "the backfill does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let status = std::process::Command::new("kill").args([name, &id]).status().unwrap();
    assert!(status.success());
}

/// The rows that the ledger's cursor says are done.
fn cursor_is_saved(scene: &Scene) -> bool {
    scene.number("SELECT count(*) FROM planner_cursors") == 1
}

#[test]
fn a_killed_backfill_goes_on_from_its_cursor() {
    for scene in Scene::both().map(self::scene) {
        for _ in 0..3 {
            let mut child = start(&scene);
            signal(&child, "-KILL");
            child.wait().unwrap();
            assert!(cursor_is_saved(&scene));
            let left = scene.number(LEFT);
            assert!(left > 0 && left < ROWS, "{left} rows are left");
            let next = scene.project.json(&["next-phase"], 5);
            assert_eq!(next["answer"], "resume", "{next}");
            assert_eq!(next["resume"][0]["plan"], "nick");
        }
        // A live release writes meanwhile: in front of the cursor, behind it, and a new row.
        scene.execute("UPDATE users SET name = 'CHANGED' WHERE id IN (1, 2999); INSERT INTO users (id, name) VALUES (-5, 'EARLY'), (9999, 'LATE')");
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.number(LEFT), 0);
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE nick = 'changed'"), 2);
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE nick IN ('early', 'late')"), 2);
        assert_eq!(scene.number("SELECT count(*) FROM planner_cursors"), 0);
        let finished =
            "SELECT count(*) FROM planner_entries WHERE kind = 'finished' AND phase = 'backfill'";
        assert_eq!(scene.number(finished), 1);
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
    }
}

#[test]
fn ctrl_c_stops_a_backfill_between_two_batches() {
    for (name, scene) in ["-INT", "-TERM"].into_iter().zip(Scene::both().map(self::scene)) {
        let child = start(&scene);
        signal(&child, name);
        let ran = crate::support::project::ran(child.wait_with_output().unwrap());
        let out = ran.exits(5);
        assert!(out.contains("goes on where it ended"), "{out}");
        let left = scene.number(LEFT);
        assert!(left > 0, "it was done before it could be stopped");
        assert_eq!((ROWS - left) % 50, 0, "a batch is half done");
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
    }
}

#[test]
fn of_two_runs_at_once_one_works() {
    for scene in Scene::both().map(self::scene) {
        let first = start(&scene);
        let second = scene.project.run(&["run", "--phase", "nick/backfill"]);
        let text = format!("{}{}", second.out, second.err);
        // The second waits a while; it gives up, or finds that nothing is left to do.
        match second.code {
            3 => assert!(text.contains("another run is under way"), "{text}"),
            0 => assert!(text.contains("0 migrations ran"), "{text}"),
            code => panic!("exit code {code}: {text}"),
        }
        let first = crate::support::project::ran(first.wait_with_output().unwrap());
        let _ = first.exits(0);
        assert_eq!(scene.number(LEFT), 0);
        let entries = "SELECT count(*) FROM planner_entries WHERE kind = 'finished'";
        assert_eq!(scene.number(entries), 4);
    }
}

#[test]
fn runs_killed_at_any_moment_end_where_one_run_ends() {
    for scene in Scene::both().map(self::scene) {
        let mut n_kills: u64 = 0;
        loop {
            let mut child = scene.project.start(&["run"]);
            let deadline = Instant::now() + Duration::from_millis(60 + 45 * n_kills);
            let ended = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break Some(status);
                }
                if Instant::now() > deadline {
                    break None;
                }
                std::thread::sleep(Duration::from_millis(2));
            };
            match ended {
                Some(status)
                    if status.success()
                        && scene.project.run(&["next-phase"]).out.contains("are complete") =>
                {
                    break;
                }
                Some(status) => assert!(status.success(), "{status}"),
                None => {
                    signal(&child, "-KILL");
                    child.wait().unwrap();
                }
            }
            n_kills += 1;
            assert!(n_kills < 120, "it never ends");
        }
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE nick IS NOT NULL"), ROWS);
        let twice = "SELECT count(*) FROM (SELECT version FROM planner_entries WHERE kind = 'finished' GROUP BY version HAVING count(*) > 1) AS twice";
        assert_eq!(scene.number(twice), 0);
        let schema = scene.project.run(&["schema-rs"]).exits(0);
        assert!(schema.contains("nick -> Nullable<Text>") && !schema.contains("  name ->"));
        scene.execute("INSERT INTO users (id, nick) VALUES (77777, 'new')");
        scene.project.run(&["status"]).exits(0);
    }
}
