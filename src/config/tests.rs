//! Tests of `planner.yaml`.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

fn read_text(text: &str) -> (Option<Config>, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let source = sources.add(FILE_NAME, text);
    let mut sink = Sink::default();
    let config = read(source, text, &mut sink);
    (config, sink.into_sorted())
}

fn good(text: &str) -> Config {
    let (config, found) = read_text(text);
    assert_eq!(found, Vec::new(), "{text}");
    config.unwrap()
}

fn bad(text: &str) -> Vec<(String, String)> {
    let (config, found) = read_text(text);
    assert_eq!(config, None);
    let found = found.into_iter();
    found.map(|d| (d.message, d.help.unwrap_or_default())).collect()
}

#[test]
fn nothing_written_means_the_defaults() {
    for text in ["", "\n\n", "# planner\n", "  # planner\n\n"] {
        assert_eq!(good(text), Config::default());
    }
    assert_eq!(good("plans: plans\n"), Config::default());
}

#[test]
fn every_setting_is_read() {
    let config = good(
        "dialect: [sqlite, postgres]
plans: db/plans
migrations: db/migrations
schema: ../web/src/schema.rs
database: sqlite:shop.db
apps: { web: { schema: ../web/src/schema.rs, requires: web.yaml, upgrades: by_release }, worker: { releases: registered }, cron: { releases: semver, heartbeat: sole_evidence } }
heartbeats: { stale_after: 90s }
environments: { production: { url_env: PROD_URL }, dev: { database: \"sqlite:dev.db\", gates: off } }
limits: { lock_timeout: 500ms, statement_timeout: 5m, query_timeout: 10s, run_wait: 1m, retries: 3, small_table: 500, large_table: 20000 }
rules: { blocking-index: warning, EC305: off }
",
    );
    assert_eq!(config.dialects, vec![Dialect::Postgres, Dialect::Sqlite]);
    assert_eq!(config.plans, "db/plans");
    assert_eq!(config.migrations, "db/migrations");
    assert_eq!(config.schema, "../web/src/schema.rs");
    assert_eq!(config.database.as_deref(), Some("shop.db".into()));
    assert_eq!(config.app_names(), ["web", "worker", "cron"]);
    let naming = config.release_naming();
    assert_eq!(naming.get("web"), None);
    assert_eq!(naming["worker"], ReleaseNaming::Registered);
    assert_eq!(naming["cron"], ReleaseNaming::Semver);
    assert_eq!(config.app("web").unwrap().requires.as_ref().unwrap(), "web.yaml");
    assert_eq!(config.upgraded_by_release(), ["web".to_owned()].into());
    let heartbeats = config.heartbeat_rules();
    assert_eq!(heartbeats.stale_after, Duration { milliseconds: 90_000 });
    assert_eq!(heartbeats.sole_evidence, ["cron".to_owned()].into());
    assert_eq!(config.environment("production").unwrap().url_env.as_deref(), Some("PROD_URL"));
    assert!(config.environment("production").unwrap().gates);
    let dev = config.environment("dev").unwrap();
    assert_eq!((dev.gates, dev.database.as_deref()), (false, Some("dev.db".into())));
    assert_eq!(config.limits.lock_timeout.milliseconds, 500);
    assert_eq!(config.limits.statement_timeout, Some(Duration { milliseconds: 300_000 }));
    assert_eq!(config.limits.query_timeout.milliseconds, 10_000);
    assert_eq!(config.limits.run_wait.milliseconds, 60_000);
    assert_eq!(config.limits.retries, 3);
    assert_eq!((config.limits.small_table, config.limits.large_table), (500, 20_000));
    let severities = config.severities();
    assert_eq!(severities.get("blocking-index"), Some(&Severity::Warning));
    assert_eq!(severities.get("EC305"), Some(&Severity::Off));
}

#[test]
fn an_embedded_database_says_which_engine_it_is() {
    assert_eq!(good("database: sqlite:shop.db\n").dialects, vec![Dialect::Sqlite]);
    assert_eq!(
        good("database: sqlite:///var/shop.db\n").database.as_deref(),
        Some("/var/shop.db".into())
    );
}

#[test]
fn a_server_url_is_refused_and_its_password_is_not_repeated() {
    for text in [
        "database: postgres://ada:hunter2@db.example/shop\n",
        "database: ada:hunter2@db.example\n",
        "environments: { production: { database: \"postgres://ada:hunter2@db/shop\" } }\n",
        "environments: { production: { url_env: \"postgres://ada:hunter2@db/shop\" } }\n",
    ] {
        let found = bad(text);
        assert_eq!(found.len(), 1, "{text}");
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
    let (_, help) = &bad("database: postgres://db/shop\n")[0];
    assert!(help.starts_with("a server's URL belongs into DATABASE_URL"), "{help}");
}

#[test]
fn all_findings_come_at_once() {
    let found = bad("dialect: postgre
plan: plans
apps: { web: { shema: x, releases: tags } }
environments: { dev: { gates: yes } }
limits: { lock_timeout: 2, retries: 5000 }
rules: { blocking-index: fatal }
database: shop.db
");
    let messages: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`postgre` is no dialect",
            "a `planner.yaml` has no key `plan`",
            "a client app has no key `shema`",
            "`tags` is not `semver` or `registered`",
            "`yes` is not `on` or `off`",
            "`2` is not a duration such as `500ms`, `2s`, `24h` or `7d`",
            "`5000` is not a number from 0 to 1000",
            "`fatal` is not `error` or `warning` or `note` or `off`",
            "the database is no embedded database",
        ]
    );
    assert_eq!(found[0].1, "did you mean `postgres`?");
    assert_eq!(found[1].1, "did you mean `plans`?");
}

#[test]
fn a_word_that_yaml_takes_for_a_boolean_is_a_name() {
    let config = good("apps: { no: {}, on: {} }\n");
    assert_eq!(config.app_names(), ["no", "on"]);
}

#[test]
fn the_schema_documents_every_key() {
    let schema = schema();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.len(), 11);
    for (key, property) in properties {
        assert!(property["description"].as_str().is_some_and(|text| !text.is_empty()), "{key}");
    }
    assert_eq!(schema["required"], serde_json::json!([]));
}
