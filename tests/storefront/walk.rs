//! The walk itself, on both engines.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;

use super::shop::{Counter, Shop, Web, work};
use crate::support::project::Project;
use crate::support::{ScratchPostgres, ScratchSqlite};

struct Walk {
    project: Project,
    shop: Shop,
    counter: Counter,
    live: Vec<Web>,
}

/// Returns the words that start a release, or ask about it, with what it needs.
fn deploy(verb: &str, app: &str, version: &str) -> Vec<String> {
    let folder = format!("releases/{app}-{version}");
    let mut words: Vec<String> =
        ["deploy", verb, "--app", app, "--version", version].map(str::to_owned).to_vec();
    words.extend(["--schema".to_owned(), format!("{folder}/schema.rs")]);
    if std::fs::exists(format!("examples/storefront/{folder}/requires.yaml")).unwrap() {
        words.extend(["--requires".to_owned(), format!("{folder}/requires.yaml")]);
    }
    words
}

impl Walk {
    /// Every live release reads and writes.
    fn everybody_works(&mut self) {
        for release in self.live.clone() {
            work(&mut self.shop, release, &mut self.counter);
        }
    }

    fn planner(&self, arguments: &[&str]) -> String {
        self.project.run(arguments).exits(0)
    }

    fn ready(&self) -> Vec<String> {
        let next = self.project.run(&["--format", "json", "next-phase"]).json();
        let ready = next["ready"].as_array().unwrap();
        ready
            .iter()
            .map(|one| {
                format!("{}/{}", one["plan"].as_str().unwrap(), one["phase"].as_str().unwrap())
            })
            .collect()
    }

    fn blocked_kinds(&self, plan: &str) -> Vec<String> {
        let next = self.project.run(&["--format", "json", "next-phase"]).json();
        let blocked = next["blocked"].as_array().unwrap();
        let of_plan = blocked.iter().filter(|one| one["plan"] == plan);
        let mut kinds: Vec<String> = of_plan
            .flat_map(|one| one["because"].as_array().unwrap())
            .map(|because| because["kind"].as_str().unwrap().to_owned())
            .collect();
        // What a gate asks of a release, and what the release needs, are two reasons of one kind.
        kinds.dedup();
        kinds
    }

    /// Runs whatever is ready, phase by phase, with all live releases at work between the phases.
    fn run_what_is_ready(&mut self) -> Vec<String> {
        let mut done = Vec::new();
        while let Some(phase) = self.ready().first().cloned() {
            assert!(!done.contains(&phase), "{phase} is ready again");
            self.planner(&["run", "--phase", &phase]);
            done.push(phase);
            self.everybody_works();
        }
        done
    }

    fn start(&mut self, release: Web) {
        let arguments = deploy("start", "web", release.version());
        self.planner(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        self.live.push(release);
        self.everybody_works();
    }

    fn finish(&mut self, release: Web) {
        self.planner(&["deploy", "finish", "--app", "web", "--version", release.version()]);
        self.live = vec![release];
        self.everybody_works();
    }

    fn worker(&self, version: &str, marks: &str) {
        let mut arguments = deploy("start", "worker", version);
        if !marks.is_empty() {
            arguments.extend(["--marks".to_owned(), marks.to_owned()]);
        }
        self.planner(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        self.planner(&["deploy", "finish", "--app", "worker", "--version", version]);
    }

    /// Makes everything that is recorded a day and an hour older, as if that time had passed.
    fn a_day_passes(&mut self) {
        let sql = match &self.shop {
            Shop::Postgresql(_) => "UPDATE planner_entries SET at = at - interval '25 hours'",
            Shop::Sqlite(_) => {
                "UPDATE planner_entries SET at = strftime('%Y-%m-%d %H:%M:%f', at, '-25 hours')"
            }
        };
        self.shop.batch_execute(sql).unwrap();
    }

    fn walk_to_the_end(mut self) -> Self {
        self.planner(&["run", "--through", "create_saved_carts/expand"]);
        self.worker("1.0.0", "");
        self.start(Web::V1_0);
        self.finish(Web::V1_0);
        for _ in 0..20 {
            self.everybody_works();
        }

        // Everything that only adds, and the backfill that a trigger keeps in step, runs beside the oldest release.
        let done = self.run_what_is_ready();
        assert!(done.contains(&"split_customer_name/backfill".to_owned()), "{done:?}");
        assert!(!done.iter().any(|phase| phase.ends_with("/contract")), "{done:?}");
        assert_eq!(self.blocked_kinds("replace_sku"), ["live_release"]);

        // A rollout: both live, then only the new one. Its backfill runs, and the contracts it was awaited for.
        self.start(Web::V1_1);
        assert_eq!(self.run_what_is_ready(), Vec::<String>::new());
        self.finish(Web::V1_1);
        let done = self.run_what_is_ready();
        assert_eq!(
            done,
            [
                "unique_customer_email/contract",
                "require_order_total/contract",
                "replace_sku/backfill"
            ]
        );
        assert_eq!(self.blocked_kinds("drop_saved_carts"), ["approval"]);
        self.planner(&[
            "approve",
            "drop_saved_carts/contract",
            "--by",
            "Grace",
            "--reason",
            "the shop forgot them",
        ]);
        assert_eq!(self.run_what_is_ready(), ["drop_saved_carts/contract"]);

        // The oldest release can no longer come back; asking says so and records nothing.
        let refused =
            self.project.run(&["deploy", "check", "--app", "web", "--version", "1.0.0"]).fails(3);
        assert!(refused.contains("must not be started"), "{refused}");
        let _ =
            self.project.run(&["deploy", "start", "--app", "web", "--version", "1.0.0"]).fails(3);

        // A rollout that is taken back: while it lasts, and after, nothing is contracted.
        self.start(Web::V2_0);
        assert_eq!(self.run_what_is_ready(), Vec::<String>::new());
        self.planner(&["deploy", "abort", "--app", "web", "--version", "2.0.0"]);
        self.live.pop();
        self.everybody_works();
        assert_eq!(self.run_what_is_ready(), Vec::<String>::new());

        // The second attempt succeeds.
        self.start(Web::V2_0);
        self.finish(Web::V2_0);
        assert_eq!(self.blocked_kinds("split_customer_name"), ["live_release"]);
        self.worker("1.1.0", "reads-split-name");
        assert_eq!(self.run_what_is_ready(), ["split_customer_name/contract"]);
        assert_eq!(self.blocked_kinds("replace_sku"), ["soak"]);
        self.a_day_passes();
        assert_eq!(self.run_what_is_ready(), ["replace_sku/contract"]);

        let next = self.project.json(&["next-phase"], 0);
        assert_eq!(next["answer"], "complete", "{next}");
        self.planner(&["status"]);
        self.everybody_works();
        self
    }
}

#[test]
fn the_storefront_is_walked_from_empty_to_done_on_sqlite() {
    let project = Project::copy_of("examples/storefront");
    let path = project.path().join("storefront.db");
    let shop = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let walk =
        Walk { project, shop: Shop::Sqlite(shop), counter: Counter::default(), live: Vec::new() };
    let walk = walk.walk_to_the_end();
    // The stock command ends at the same schema as planner does.
    let other = ScratchSqlite::new();
    let migrations = walk.project.path().join("migrations/sqlite");
    crate::support::diesel::migrate(&other.path, &migrations);
    let live = crate::support::diesel::print_schema(path.to_str().unwrap(), walk.project.path());
    assert_eq!(live, crate::support::diesel::print_schema(&other.path, walk.project.path()));
    assert_eq!(live.trim(), walk.planner(&["schema-rs"]).trim());
}

#[test]
fn the_storefront_is_walked_from_empty_to_done_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = Project::copy_of("examples/storefront").variable("DATABASE_URL", &database.url);
    let shop = database.connect();
    let walk = Walk {
        project,
        shop: Shop::Postgresql(shop),
        counter: Counter::default(),
        live: Vec::new(),
    };
    let walk = walk.walk_to_the_end();
    let other = ScratchPostgres::new();
    let migrations = walk.project.path().join("migrations/postgres");
    crate::support::diesel::migrate(&other.url, &migrations);
    let live = crate::support::diesel::print_schema(&database.url, walk.project.path());
    assert_eq!(live, crate::support::diesel::print_schema(&other.url, walk.project.path()));
    assert_eq!(live.trim(), walk.planner(&["schema-rs"]).trim());
}
