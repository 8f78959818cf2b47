//! Databases that are not as they should be: each is told clearly, with its exit code, and nothing is half done.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _};

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const USERS: &str = "title: Users
expand:
  - create_table: { table: users, columns: [{ name: id, type: integer, primary_key: true }, { name: name, type: text }, { name: nick, type: text }] }
";
const DROP: &str = "title: Drop nick
after: [create_users]
expand:
  - deprecate_column: { table: users, column: nick }
contract:
  - drop_column: { table: users, column: nick }
gates: { contract: { releases: { web: \">=2.0.0\" } } }
";
const COMMANDS: [&[&str]; 9] = [
    &["run"],
    &["run", "--dry-run"],
    &["run", "--sql"],
    &["run", "--open"],
    &["next-phase"],
    &["status"],
    &["history"],
    &["deploy", "list"],
    &["deploy", "start", "--app", "web", "--version", "1.0.0"],
];

fn with_plans(project: Project) -> Project {
    project
        .file("plans/2026-01-01-000000_create_users.yaml", USERS)
        .file("plans/2026-01-02-000000_drop_nick.yaml", DROP)
}

fn sqlite() -> Project {
    with_plans(Project::sqlite())
}

fn on_sqlite(project: &Project, sql: &str) {
    let path = project.path().join("test.db");
    let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(sql).unwrap();
}

/// A role that must give its password, made on a server whose first rule in `pg_hba.conf` asks it for one.
fn role_with_a_password(server: &ScratchPostgres) -> String {
    // Tests run side by side and the role belongs to the whole server.
    let role = "DO $$ BEGIN CREATE ROLE planner_password LOGIN PASSWORD 'right-one'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    server.connect().batch_execute(role).unwrap();
    server.url.split_once('@').unwrap().1.to_owned()
}

#[test]
fn wrong_credentials_are_told_without_the_password() {
    let database = ScratchPostgres::new();
    let place = role_with_a_password(&database);
    let right = Project::postgres(&format!("postgres://planner_password:right-one@{place}"));
    with_plans(right).run(&["status"]).exits(0);
    for (url, secrets) in [
        (format!("postgres://planner_password:s3cret-x@{place}"), vec!["s3cret"]),
        (format!("postgres://planner_password:s3cr%65t-x@{place}"), vec!["s3cret", "s3cr%65t"]),
        (format!("postgres://planner_password@{place}?password=s3cret-x"), vec!["s3cret"]),
        (format!("postgres://planner_password@{place}?password=s3cr%65t"), vec!["s3cret", "%65"]),
        (format!("postgres://{place}?user=planner_password&password=s3cret-x"), vec!["s3cret"]),
        (format!("postgres://planner_password:s3cret%ZZ@{place}"), vec!["s3cret", "%ZZ"]),
        (format!("postgres://planner_password:s3c@ret/x@{place}"), vec!["s3c", "ret/x"]),
    ] {
        let project = with_plans(Project::postgres(&url));
        for command in COMMANDS {
            let text = project.run(command).fails(2);
            assert!(text.contains("cannot connect to postgres://"), "{url}: {text}");
            let json = [&["--format", "json"], command].concat();
            let text = text + &project.run(&json).fails(2);
            for secret in &secrets {
                assert!(!text.contains(secret), "{url} {command:?}: {text}");
            }
        }
    }
}

#[test]
fn a_database_that_is_down_is_a_usage_error_of_every_command() {
    // Port 9 is "discard": nobody listens there.
    let project = with_plans(Project::postgres("postgres://ada:s3cret@127.0.0.1:9/shop"));
    for command in COMMANDS {
        let text = project.run(command).fails(2);
        assert!(text.contains("cannot connect to postgres://ada@127.0.0.1:9/shop"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
    let json = project.json(&["next-phase"], 2);
    assert_eq!(json["error"]["exit_code"], 2, "{json}");
}

#[test]
fn a_role_that_may_not_create_tables_is_told_so_and_nothing_is_installed() {
    let database = ScratchPostgres::new();
    let mut owner = database.connect();
    let role = "DO $$ BEGIN CREATE ROLE planner_weak LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    owner.batch_execute(role).unwrap();
    owner.batch_execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC").unwrap();
    let url = database.url.replacen("planner@", "planner_weak@", 1);
    let project = with_plans(Project::postgres(&url));
    for command in [&["run"][..], &["deploy", "start", "--app", "web", "--version", "1.0.0"]] {
        let text = project.run(command).fails(2);
        let said = "cannot create planner's tables: permission denied for schema public";
        assert!(text.contains(said) && text.contains("GRANT CREATE"), "{text}");
    }
    let left = diesel::sql_query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'");
    assert_eq!(left.execute(&mut owner).unwrap(), 0);
    // Asking needs no permission.
    project.run(&["next-phase"]).exits(0);
    project.run(&["status"]).exits(0);
}

#[test]
fn a_ledger_newer_than_the_program_is_left_alone() {
    let database = ScratchPostgres::new();
    let server = with_plans(Project::postgres(&database.url));
    let file = sqlite();
    for project in [&server, &file] {
        project.run(&["run"]).exits(0);
    }
    let newer = "UPDATE planner_ledger SET format = 99";
    database.connect().batch_execute(newer).unwrap();
    on_sqlite(&file, newer);
    let more: [&[&str]; 2] = [
        &["revert", "create_users/expand"],
        &["deploy", "check", "--app", "web", "--version", "1"],
    ];
    for project in [&server, &file] {
        for command in COMMANDS.iter().chain(&more) {
            let text = project.run(command).fails(2);
            assert!(text.contains("the ledger has format 99"), "{command:?}: {text}");
        }
    }
}

#[test]
fn a_migration_that_no_file_knows_is_drift_and_next_phase_says_so() {
    let project = sqlite();
    project.run(&["run"]).exits(0);
    on_sqlite(
        &project,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('20250101000000')",
    );
    let status = project.json(&["status"], 4);
    assert_eq!(status["drift"][0]["code"], "EC502", "{status}");
    let next = project.json(&["next-phase"], 3);
    assert_eq!(next["drift"][0]["name"], "unknown-migration", "{next}");
    let text = project.run(&["next-phase"]).fails(3);
    assert!(text.contains("the database has version 20250101000000, which no file has"), "{text}");
    let text = project.run(&["run"]).exits(0);
    assert!(text.contains("Drift: the database has version 20250101000000"), "{text}");
}

#[test]
fn a_plan_edited_after_it_ran_is_refused_until_it_is_put_back() {
    let project = sqlite();
    project.run(&["run"]).exits(0);
    let plan = "plans/2026-01-01-000000_create_users.yaml";
    project.write(plan, USERS.replace("name: name, type: text", "name: name, type: varchar(9)"));
    let status = project.json(&["status"], 4);
    assert_eq!(status["drift"][0]["code"], "EC501", "{status}");
    assert_eq!(status["drift"][0]["file"], plan, "{status}");
    let next = project.json(&["next-phase"], 3);
    assert_eq!(next["blocked"][0]["because"][0]["kind"], "drift", "{next}");
    let text = project.run(&["run", "--phase", "create_users/expand"]).fails(3);
    assert!(text.contains("was edited after it ran"), "{text}");
    let text = project.run(&["run"]).exits(0);
    assert!(
        text.contains("0 migrations ran") && text.contains("was edited after it ran"),
        "{text}"
    );
    project.write(plan, format!("# a comment\n{USERS}"));
    project.run(&["status"]).exits(0);
}

#[test]
fn a_ledger_that_cannot_be_read_stops_every_command() {
    for (damage, said) in [
        ("UPDATE planner_entries SET kind = 'healed' WHERE id = 1", "event of a newer planner"),
        ("UPDATE planner_entries SET detail = '[' WHERE id = 1", "the detail is no JSON"),
        ("UPDATE planner_entries SET version = NULL WHERE id = 1", "column `version` is empty"),
        ("DELETE FROM planner_ledger", "has lost its row"),
    ] {
        let project = sqlite();
        project.run(&["run"]).exits(0);
        on_sqlite(&project, damage);
        for command in COMMANDS {
            let text = project.run(command).fails(2);
            assert!(text.contains(said) && text.contains("help: "), "{damage} {command:?}: {text}");
        }
    }
}

#[test]
fn a_version_taken_out_of_diesels_table_is_drift_and_one_put_in_is_adopted() {
    let project = sqlite();
    project.run(&["compile"]).exits(0);
    project.run(&["run", "--phase", "create_users/expand"]).exits(0);
    let names = project.list("migrations");
    let (first, second) =
        (names[0].split_once('_').unwrap().0, names[1].split_once('_').unwrap().0);
    on_sqlite(
        &project,
        &format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{second}')"),
    );
    project.run(&["status"]).exits(0);
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["adopted"][0], second, "{ran}");
    on_sqlite(
        &project,
        &format!("DELETE FROM __diesel_schema_migrations WHERE version = '{first}'"),
    );
    let status = project.json(&["status"], 4);
    assert_eq!(status["drift"][0]["code"], "EC503", "{status}");
    // It is not run a second time over what is there.
    let ran = project.json(&["run"], 0);
    assert_eq!(ran["finished"].as_array().unwrap().len(), 0, "{ran}");
}

#[test]
fn an_address_of_another_engine_or_of_none_is_refused() {
    for (dialect, url, said) in [
        ("sqlite", "postgres://ada:s3cret@db/shop", "the database is postgres"),
        ("postgres", "sqlite:test.db", "the database is sqlite"),
        ("postgres", "test.db", "the database is sqlite"),
        ("postgres", "mysql://ada:s3cret@db/shop", "planner knows `postgres://…`"),
        ("sqlite", "mysql://ada:s3cret@db/shop", "planner knows `postgres://…`"),
        ("sqlite", "host=db password=s3cret", "not written as `postgres://…`"),
    ] {
        let project = with_plans(Project::with_config(&format!("dialect: {dialect}\n")));
        let project = project.variable("DATABASE_URL", url);
        // What was done is shown from any database that has a ledger.
        for command in COMMANDS.into_iter().filter(|command| *command != ["history"]) {
            let text = project.run(command).fails(2);
            assert!(text.contains(said), "{url}: {text}");
            assert!(!text.contains("s3cret"), "{url}: {text}");
        }
    }
}

#[test]
fn dot_env_names_the_database_and_the_process_has_the_last_word() {
    let project = with_plans(Project::with_config("dialect: sqlite\n"));
    project.run(&["run"]).fails(2);
    project.write(".env", "# local\nexport DATABASE_URL=\"sqlite:data.db\"\nOTHER=1\n");
    // The path is seen from `.env`, wherever planner is called from.
    std::fs::create_dir(project.path().join("sub")).unwrap();
    let mut command = project.command(&["run"]);
    assert!(command.current_dir(project.path().join("sub")).status().unwrap().success());
    assert!(project.path().join("data.db").is_file());
    let mut command = project.command(&["-C", "..", "status"]);
    command.current_dir(project.path().join("sub")).env("DATABASE_URL", "sqlite:other.db");
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(out.contains("There is no database yet"), "{out}");
    assert!(!project.path().join("other.db").exists());
    project.write(".env", "DATABASE_URL=\"s3cret never ends\n");
    let text = project.run(&["status"]).fails(2);
    assert!(text.contains("`.env` cannot be read") && !text.contains("s3cret"), "{text}");
}

#[test]
fn an_environment_has_its_own_database_and_may_have_its_gates_off() {
    let config = "dialect: sqlite\ndatabase: sqlite:test.db\nenvironments: { prod: { url_env: PROD_URL }, dev: { database: \"sqlite:dev.db\", gates: off } }\n";
    let project = with_plans(Project::with_config(config));
    let text = project.run(&["--env", "prod", "next-phase"]).fails(2);
    assert!(text.contains("the variable `PROD_URL` is not set"), "{text}");
    let text = project.run(&["--env", "dve", "next-phase"]).fails(2);
    assert!(text.contains("did you mean `dev`?"), "{text}");
    let next = project.json(&["--env", "dev", "next-phase"], 0);
    assert_eq!(next["ready"].as_array().unwrap().len(), 3, "{next}");
    project.run(&["--env", "dev", "run"]).exits(0);
    assert!(!project.path().join("test.db").exists());
    assert_eq!(project.json(&["--env", "dev", "next-phase"], 0)["answer"], "complete");
    let project = project.variable("PROD_URL", "sqlite:prod.db");
    project.run(&["--env", "prod", "run"]).exits(0);
    assert_eq!(project.json(&["--env", "prod", "next-phase"], 3)["answer"], "blocked");
    assert!(project.path().join("prod.db").is_file());
}

#[test]
fn a_file_that_is_no_sqlite_database_is_refused_and_kept() {
    let project = sqlite().file("test.db", "this is a letter, not a database; it is long enough\n");
    for command in COMMANDS {
        let text = project.run(command).fails(2);
        assert!(text.contains("file is not a database"), "{text}");
        assert!(text.contains("the file must be a SQLite database"), "{text}");
    }
    assert!(project.read("test.db").starts_with("this is a letter"));
    let folder = sqlite();
    std::fs::create_dir(folder.path().join("test.db")).unwrap();
    let text = folder.run(&["run"]).fails(2);
    assert!(text.contains("cannot connect to sqlite:"), "{text}");
}

#[test]
fn a_sqlite_path_in_a_folder_that_is_not_there_is_refused() {
    let project =
        with_plans(Project::with_config("dialect: sqlite\ndatabase: sqlite:no/such/x.db\n"));
    let text = project.run(&["run"]).fails(2);
    assert!(text.contains("no/such/x.db") && text.contains("its folder must be there"), "{text}");
    let out = project.run(&["status"]).exits(0);
    assert!(out.contains("There is no database yet"), "{out}");
    assert!(!project.path().join("no").exists());
}

#[test]
fn a_read_only_sqlite_file_can_be_asked_and_not_be_written() {
    // Root may write everywhere, so that the address says read-only.
    let project = sqlite();
    project.run(&["run"]).exits(0);
    let before = std::fs::read(project.path().join("test.db")).unwrap();
    for parameter in ["mode=ro", "immutable=1"] {
        let url = format!("sqlite:file:test.db?{parameter}");
        let read_only = project.command(&["status"]).env("DATABASE_URL", &url).output().unwrap();
        assert!(read_only.status.success(), "{read_only:?}");
        let mut run = project.command(&["deploy", "start", "--app", "web", "--version", "1.0.0"]);
        let run = run.env("DATABASE_URL", &url).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{said}");
        assert!(said.contains("readonly") && said.contains("open the database to write"), "{said}");
    }
    assert_eq!(std::fs::read(project.path().join("test.db")).unwrap(), before);
}

#[test]
fn asking_creates_no_database_and_changes_none() {
    let project = sqlite();
    for command in [
        &["next-phase"][..],
        &["status"],
        &["history"],
        &["run", "--dry-run"],
        &["run", "--sql"],
        &["deploy", "list"],
    ] {
        let _ = project.run(command);
        assert!(!project.path().join("test.db").exists(), "{command:?}");
    }
    let database = ScratchPostgres::new();
    let server = with_plans(Project::postgres(&database.url));
    for command in [
        &["next-phase"][..],
        &["status"],
        &["history"],
        &["run", "--dry-run"],
        &["run", "--sql"],
        &["deploy", "list"],
    ] {
        server.run(command).exits(0);
    }
    let mut connection = PgConnection::establish(&database.url).unwrap();
    let left = diesel::sql_query(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'",
    );
    assert_eq!(left.execute(&mut connection).unwrap(), 0);
}
