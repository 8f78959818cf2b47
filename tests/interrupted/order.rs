//! Plans that run in another order than they were written, forced releases, and the way back.

use super::Scene;

const USERS: &str = "title: Users\nexpand:\n  - create_table: { table: users, columns: [{ name: id, type: bigint, primary_key: true }, { name: name, type: text }] }\n";

/// The older plan: its contract phase is a table rebuild on SQLite.
const REQUIRE: &str = "title: Everybody has a name
after: [create_users]
backfill:
  - update: { table: users, set: { name: \"'unnamed'\" }, where: \"name IS NULL\" }
contract:
  - set_not_null: { table: users, column: name }
gates: { contract: { releases: { web: \">=2.0.0\" }, query: \"SELECT count(*) = 0 FROM users WHERE name IS NULL\" } }
";

const NICK: &str = "title: Nick names
after: [create_users]
expand:
  - add_column: { table: users, column: nick, type: text }
";

fn deploy(scene: &Scene, version: &str) {
    for action in ["start", "finish"] {
        scene.project.run(&["deploy", action, "--app", "web", "--version", version]).exits(0);
    }
}

#[test]
fn a_rebuild_keeps_what_a_newer_plan_added_before_it() {
    for scene in Scene::both() {
        scene.project.write("plans/2026-01-01-000000_create_users.yaml", USERS);
        scene.project.write("plans/2026-01-02-000000_require.yaml", REQUIRE);
        scene.project.write("plans/2026-01-03-000000_nick.yaml", NICK);
        deploy(&scene, "1.0.0");
        scene.project.run(&["run"]).exits(0);
        scene.execute("INSERT INTO users (id, name, nick) VALUES (1, 'Ada', 'countess')");
        deploy(&scene, "2.0.0");
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE nick = 'countess'"), 1);
        // Back to before the contract, which needs consent, and forward again.
        let refused = scene.project.run(&["revert", "require/contract"]).fails(3);
        assert!(refused.contains("--consent require/contract"), "{refused}");
        scene
            .project
            .run(&["revert", "require/contract", "--consent", "require/contract"])
            .exits(0);
        scene.execute("INSERT INTO users (id, name, nick) VALUES (2, 'Bob', NULL)");
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE nick = 'countess'"), 1);
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
        assert_eq!(scene.number("SELECT count(*) FROM users"), 2);
    }
}

const SKU: &str = "title: New spelling
after: [create_users]
expand:
  - add_column: { table: users, column: full_name, type: text }
backfill:
  - update: { table: users, set: { full_name: name }, where: \"full_name IS NULL AND name IS NOT NULL\" }
contract:
  - drop_column: { table: users, column: name, replaced_by: [full_name] }
gates:
  backfill: { releases: { web: \">=1.1.0\" } }
  contract: { releases: { web: \">=2.0.0\" } }
";

#[test]
fn a_release_forced_in_beside_a_backfill_makes_it_void_until_it_is_done_again() {
    for scene in Scene::both() {
        scene.project.write("plans/2026-01-01-000000_create_users.yaml", USERS);
        scene.project.write("plans/2026-01-02-000000_full_name.yaml", SKU);
        deploy(&scene, "1.1.0");
        let waits = scene.project.run(&["run", "--phase", "full_name/expand"]).fails(3);
        assert!(waits.contains("--through full_name/expand"), "{waits}");
        scene.project.run(&["run", "--through", "full_name/expand"]).exits(0);
        scene.execute("INSERT INTO users (id, name) VALUES (1, 'Ada'), (2, 'Bob')");
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE full_name = name"), 2);
        // The release before writes only the old column; it is refused, and then forced.
        let old = ["deploy", "start", "--app", "web", "--version", "1.0.0"];
        scene.project.run(&old).fails(3);
        scene.project.run(&[&old[..], &["--force", "the new one is broken"]].concat()).exits(0);
        scene.execute("UPDATE users SET name = 'Ada L' WHERE id = 1; INSERT INTO users (id, name) VALUES (3, 'Cy')");
        let next = scene.project.run(&["--format", "json", "next-phase"]).json();
        assert!(next["blocked"].to_string().contains("void_backfill"), "{next}");
        scene.project.run(&["deploy", "retire", "--app", "web", "--version", "1.0.0"]).exits(0);
        deploy(&scene, "2.0.0");
        scene.project.run(&["run", "--phase", "full_name/backfill"]).exits(0);
        assert_eq!(
            scene.number("SELECT count(*) FROM users WHERE full_name = name"),
            3,
            "what was written meanwhile is carried over"
        );
        scene.project.run(&["run"]).exits(0);
        assert_eq!(scene.project.json(&["next-phase"], 0)["answer"], "complete");
        assert_eq!(scene.number("SELECT count(*) FROM users WHERE full_name = 'Ada L'"), 1);
    }
}
