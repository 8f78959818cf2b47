//! `check --fix` and `check --write`: what is fixed passes the check, and runs.

use ::diesel::RunQueryDsl as _;
use ::diesel::connection::SimpleConnection as _;
use planner::rules;

use crate::support::project::Project;
use crate::support::{ScratchPostgres, diesel as stock};

/// Returns the files of a page's bad examples of hand-written migrations, one list an example.
fn bad_examples(page: &str) -> Vec<Vec<(String, String)>> {
    let mut examples = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line != "```sql bad" {
            continue;
        }
        let mut files: Vec<(String, String)> = Vec::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(name) = line.strip_prefix("-- file: ") {
                files.push((name.to_owned(), String::new()));
            } else if let Some((_, text)) = files.last_mut() {
                text.push_str(line);
                text.push('\n');
            }
        }
        examples.push(files);
    }
    examples
}

/// Returns how many findings with this code carry a fix that can be made.
fn n_fixes(json: &serde_json::Value, code: &str) -> usize {
    let found = json["diagnostics"].as_array().unwrap().iter();
    let is_fix = |found: &&serde_json::Value| {
        found["code"] == code && found["fix"].is_object() && found["fix"]["held_back"].is_null()
    };
    found.filter(is_fix).count()
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// Columns, constraints and indexes, with all that the server says of them.
fn schema(server: &ScratchPostgres) -> Vec<String> {
    use diesel::RunQueryDsl as _;
    let sql = "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull::text AS text
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relname NOT LIKE '\\_\\_%'
        UNION ALL SELECT conrelid::regclass::text || conname || pg_get_constraintdef(oid) || convalidated::text FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%'
        UNION ALL SELECT pg_get_indexdef(indexrelid) || indisvalid::text FROM pg_index
         WHERE indrelid::regclass::text NOT LIKE '\\_\\_%' AND indrelid >= 16384 AND indrelid::regclass::text NOT LIKE 'pg\\_%'
        ORDER BY 1";
    let found = diesel::sql_query(sql).load::<Found>(&mut server.connect()).unwrap();
    found.into_iter().map(|found| found.text).collect()
}

fn check(project: &Project) -> serde_json::Value {
    project.run(&["--format", "json", "check"]).json()
}

#[test]
fn what_is_fixed_passes_the_check_and_runs_up_and_down() {
    let mut fixable = Vec::new();
    for rule in rules::ALL {
        for files in bad_examples(&rule.page()) {
            let server = ScratchPostgres::new();
            let project = Project::postgres(&server.url);
            for (path, text) in &files {
                project.write(path, text);
            }
            let migrations = project.path().join("migrations");
            let code = rule.code.id;
            if n_fixes(&check(&project), code) == 0 {
                continue;
            }
            fixable.push(code);
            let before = ScratchPostgres::new();
            // What must be alone does not run before it is fixed.
            let runs = !["EC405", "EC702"].contains(&code);
            let (mut up, mut down) = (Vec::new(), Vec::new());
            if runs {
                stock::migrate(&before.url, &migrations);
                up = schema(&before);
                stock::revert_all(&before.url, &migrations);
                down = schema(&before);
            }
            let diff = project.run(&["check", "--fix"]);
            assert!(diff.out.starts_with("--- ") && diff.out.contains("\n+"), "{diff:?}");
            let sarif = project.run(&["--format", "sarif", "check"]).json();
            let results = sarif["runs"][0]["results"].as_array().unwrap();
            assert!(results.iter().any(|result| result["fixes"].is_array()), "{sarif:#}");
            let written = project.run(&["check", "--write"]);
            assert!(written.err.contains("Fixed 1 finding in"), "{code}: {written:?}");
            let after = check(&project);
            let found = after["diagnostics"].as_array().unwrap();
            let is_left = |of: &serde_json::Value| of["code"] == code || of["severity"] == "error";
            assert!(!found.iter().any(is_left), "{code}: {after:#}");
            stock::migrate(&server.url, &migrations);
            if runs {
                assert_eq!(schema(&server), up, "{code}");
            }
            stock::revert_all(&server.url, &migrations);
            if runs {
                assert_eq!(schema(&server), down, "{code}");
            }
        }
    }
    assert_eq!(
        fixable,
        ["EC702", "EC401", "EC401", "EC402", "EC403", "EC403", "EC403", "EC403", "EC404", "EC405"]
    );
}

const UP: &str = "migrations/2024-03-01-000000_later/up.sql";

fn with_an_index() -> Project {
    Project::with_config("dialect: postgres\n")
        .file(
            "migrations/2024-01-01-000000_users/up.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text);\n",
        )
        .file("migrations/2024-01-01-000000_users/down.sql", "DROP TABLE users;\n")
        .file(UP, "-- who\r\nCREATE UNIQUE INDEX by_name ON users (name);\r\n")
        .file("migrations/2024-03-01-000000_later/down.sql", "DROP INDEX by_name;\n")
}

#[test]
fn the_rest_of_the_file_stays_as_it_is() {
    let project = with_an_index();
    let shown = project.run(&["check", "--fix"]);
    assert_eq!(project.read(UP).matches("CONCURRENTLY").count(), 0, "it only shows");
    assert!(
        shown.err.contains("`planner check --write` would fix 1 finding in 2 files"),
        "{shown:?}"
    );
    let _ = project.run(&["check", "--write"]);
    assert_eq!(
        project.read(UP),
        "-- who\r\nCREATE UNIQUE INDEX CONCURRENTLY by_name ON users (name);\r\n"
    );
    assert_eq!(
        project.read("migrations/2024-03-01-000000_later/metadata.toml"),
        "run_in_transaction = false\n"
    );
}

#[test]
fn what_is_locked_is_not_touched_and_why_is_said() {
    let project = with_an_index();
    project.run(&["compile"]).exits(0);
    let before = project.read(UP);
    for option in ["--fix", "--write"] {
        let ran = project.run(&["check", option]);
        let said = "not fixed: blocking-index in `migrations/2024-03-01-000000_later/up.sql`: it is in `planner.lock`";
        assert!(ran.err.contains(said), "{ran:?}");
    }
    assert_eq!(project.read(UP), before);
}

#[test]
fn what_a_rewrite_might_change_is_left_to_people() {
    for (up, why) in [
        (
            "CREATE UNIQUE INDEX by_name ON users (name);\nALTER TABLE users ADD COLUMN of text REFERENCES users (name);\n",
            "a key needs it",
        ),
        (
            "CREATE INDEX by_name ON users (name);\nALTER TABLE users DROP COLUMN name;\n",
            "its column goes",
        ),
        (
            "CREATE INDEX by_name ON users (name);\nDO $$ BEGIN EXECUTE format('ALTER %s', 'x'); END $$;\n",
            "nobody knows",
        ),
        (
            "BEGIN;\nCREATE INDEX by_name ON users (name);\nCOMMIT;\n",
            "it has a transaction of its own",
        ),
        ("ALTER TABLE users ADD UNIQUE (name);\n", "its way back drops another name"),
        (
            "ALTER TABLE users ADD COLUMN token uuid UNIQUE DEFAULT gen_random_uuid();\n",
            "its index is built along with it",
        ),
        ("ALTER TABLE users ADD COLUMN number bigserial;\n", "it has a sequence"),
        ("ALTER TABLE users ADD CONSTRAINT u UNIQUE (name) DEFERRABLE;\n", "it may wait"),
        ("ALTER TABLE users ALTER name SET NOT NULL;\n", "its way back is another"),
        ("CREATE INDEX IF NOT EXISTS by_name ON users (name);\n", "an invalid one may be there"),
        ("ALTER TABLE users ADD CHECK (id > 0);\n", "its way back is another"),
    ] {
        let project = with_an_index().file(UP, up);
        let json = check(&project);
        let found = json["diagnostics"].as_array().unwrap();
        assert!(!found.is_empty() && found.iter().all(|of| of["fix"].is_null()), "{why}: {json:#}");
    }
}

#[test]
fn several_indexes_of_one_file_each_get_a_migration_of_their_own() {
    let server = ScratchPostgres::new();
    let later = "migrations/2024-03-01-000000_later";
    let up = "-- the first\nCREATE INDEX by_name ON users (name);\n\n-- the second\n-- of them\nCREATE UNIQUE INDEX by_mail ON users (mail); -- alone\n\nCREATE INDEX \"By Age\" ON users (age);\n";
    let project = Project::postgres(&server.url)
        .file(
            "migrations/2024-01-01-000000_users/up.sql",
            "CREATE TABLE users (id bigint PRIMARY KEY, name text, mail text, age integer);\n",
        )
        .file("migrations/2024-01-01-000000_users/down.sql", "DROP TABLE users;\n")
        .file(UP, up)
        .file(
            "migrations/2024-03-01-000000_later/down.sql",
            "DROP INDEX \"By Age\";\nDROP INDEX by_mail;\nDROP INDEX by_name;\n",
        );
    let migrations = project.path().join("migrations");
    let before = ScratchPostgres::new();
    stock::migrate(&before.url, &migrations);
    let diff = project.run(&["check", "--fix"]).out;
    assert_eq!(diff.matches("\n-CREATE").count(), 3, "{diff}");
    let written = project.run(&["check", "--write"]);
    assert!(written.err.contains("Fixed 3 findings in"), "{written:?}");
    assert_eq!(
        project.read(UP),
        "-- the first\nCREATE INDEX CONCURRENTLY by_name ON users (name);\n\n\n"
    );
    assert_eq!(project.read(&format!("{later}/down.sql")), "DROP INDEX by_name;\n");
    assert_eq!(
        project.read("migrations/2024-03-01-000001_later_by_mail/up.sql"),
        "-- the second\n-- of them\nCREATE UNIQUE INDEX CONCURRENTLY by_mail ON users (mail); -- alone\n"
    );
    let after = check(&project);
    assert!(
        after["diagnostics"].as_array().unwrap().iter().all(|of| of["code"] != "EC401"),
        "{after:#}"
    );
    stock::migrate(&server.url, &migrations);
    assert_eq!(schema(&server), schema(&before));
    stock::revert_all(&server.url, &migrations);
    project.run(&["verify"]).exits(0);
}

#[test]
fn a_long_file_is_shown_in_several_hunks() {
    let other: String =
        (1..12).map(|n| format!("COMMENT ON COLUMN users.name IS 'comment {n}';\n")).collect();
    let up =
        format!("CREATE INDEX a ON users (name);\n{other}CREATE INDEX b ON users (id);\n{other}");
    let project = with_an_index()
        .file(UP, up)
        .file("migrations/2024-03-01-000000_later/down.sql", "DROP INDEX a;\nDROP INDEX b;\n");
    let diff = project.run(&["check", "--fix"]).out;
    let of_up = diff
        .split("--- ")
        .find(|of| of.starts_with(UP) || of.starts_with(&format!("a/{UP}")))
        .unwrap();
    assert_eq!(of_up.matches("\n@@ ").count(), 2, "{diff}");
    let _ = project.run(&["check", "--write"]);
    assert_eq!(project.read("migrations/2024-03-01-000000_later/down.sql"), "SELECT 1;\n");
    assert_eq!(project.list("migrations").len(), 4);
}

/// Runs a migration that is to be fixed on tables with rows, as it is and fixed, and returns what the fixed one leaves.
fn fixed_alike(
    [first, back]: [&str; 2],
    up: &str,
    down: &str,
    code: &str,
) -> (Project, ScratchPostgres) {
    let later = "migrations/2024-03-01-000000_later";
    let servers = [ScratchPostgres::new(), ScratchPostgres::new()];
    let project = Project::postgres(&servers[1].url)
        .file("migrations/2024-01-01-000000_users/up.sql", first)
        .file("migrations/2024-01-01-000000_users/down.sql", back);
    let migrations = project.path().join("migrations");
    for server in &servers {
        stock::migrate(&server.url, &migrations);
    }
    let before = schema(&servers[1]);
    project.write(&format!("{later}/up.sql"), up);
    project.write(&format!("{later}/down.sql"), down);
    stock::migrate(&servers[0].url, &migrations);
    let written = project.run(&["check", "--write"]);
    assert!(written.err.contains("Fixed 1 finding in"), "{written:?}");
    let after = check(&project);
    let found = after["diagnostics"].as_array().unwrap();
    assert!(!found.iter().any(|of| of["code"] == code), "{after:#}");
    stock::migrate(&servers[1].url, &migrations);
    assert_eq!(schema(&servers[1]), schema(&servers[0]), "{up}");
    let n_later = project.list("migrations").len() - 1;
    for _ in 0..n_later {
        stock::revert(&servers[1].url, &migrations);
    }
    assert_eq!(schema(&servers[1]), before, "{up}");
    stock::migrate(&servers[1].url, &migrations);
    let [_, server] = servers;
    (project, server)
}

#[test]
fn a_default_that_differs_from_row_to_row_is_filled_in_batches() {
    use diesel::RunQueryDsl as _;
    let one = "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);
        INSERT INTO users (name) SELECT 'n' || i FROM generate_series(1, 2500) AS i;";
    let several = "CREATE TABLE users (team integer, \"Name\" text, at date, PRIMARY KEY (team, \"Name\", at));
        INSERT INTO users SELECT i % 3, 'n' || i % 700, DATE '2026-01-01' + i FROM generate_series(1, 2500) AS i;";
    let up = "ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();\n";
    let down = "ALTER TABLE users DROP COLUMN token;\n";
    for first in [one, several] {
        let (project, server) = fixed_alike([first, "DROP TABLE users;"], up, down, "EC404");
        let sql = "SELECT count(DISTINCT token)::text || ' of ' || count(*) AS text FROM users";
        let found = diesel::sql_query(sql).get_result::<Found>(&mut server.connect()).unwrap();
        assert_eq!(found.text, "2500 of 2500");
        assert_eq!(project.list("migrations").len(), 6, "{:?}", project.list("migrations"));
        project.run(&["verify"]).exits(0);
    }
}

#[test]
fn constraints_without_a_name_get_the_one_that_the_server_gives() {
    let long = "a_table_whose_name_is_so_long_that_the_server_cuts_it";
    let column = "and_a_column_whose_name_is_long_as_well_and_not_cut_alike";
    let first = format!(
        "CREATE TABLE {long} ({column} bigint, a bigint, b bigint CHECK (b > 0), \"Or\" text);
         CREATE TABLE users (id bigint PRIMARY KEY, a bigint CONSTRAINT users_a_fkey CHECK (a > 0));
         CREATE INDEX users_a_key ON users (id);
         CREATE TABLE users_a_key1 (id bigint);
         INSERT INTO {long} VALUES (1, 1, 1, 'x'), (2, NULL, 2, NULL);
         INSERT INTO users VALUES (1, 1), (2, 2);"
    );
    for (on, add, name) in [
        ("users", "UNIQUE (a)", "users_a_key2".to_owned()),
        ("users", "FOREIGN KEY (a) REFERENCES users", "users_a_fkey1".to_owned()),
        (long, "CHECK (b < 100)", format!("{long}_b_check1")),
        (long, "CHECK (a <= b)", format!("{long}_check")),
        (long, "UNIQUE (\"Or\", a)", String::new()),
        (long, &*format!("FOREIGN KEY ({column}) REFERENCES users (id)"), String::new()),
        (
            long,
            &*format!("UNIQUE ({column})"),
            "a_table_whose_name_is_so_long_and_a_column_whose_name_is_lo_key".to_owned(),
        ),
        (long, &*format!("PRIMARY KEY ({column})"), format!("{long}_pkey")),
    ] {
        // The name that the server gives, asked of the server.
        let server = ScratchPostgres::new();
        let mut connection = server.connect();
        connection.batch_execute(&first).unwrap();
        let before = schema(&server);
        connection.batch_execute(&format!("ALTER TABLE {on} ADD {add}")).unwrap();
        let sql = "SELECT conname::text AS text FROM pg_constraint ORDER BY oid DESC LIMIT 1";
        let given = diesel::sql_query(sql).get_result::<Found>(&mut connection).unwrap().text;
        assert!(schema(&server).len() > before.len());
        assert!(name.is_empty() || name == given, "{name} {given}");
        let up = format!(
            "-- squawk-ignore ban-new-write-restriction -- a test\nALTER TABLE {on} ADD {add};\n"
        );
        let down = format!("ALTER TABLE {on} DROP CONSTRAINT \"{given}\";\n");
        fixed_alike([&first, "SELECT 1;"], &up, &down, "EC403");
    }
}

#[test]
fn what_else_is_in_metadata_toml_stays() {
    let metadata =
        "# why\nreviewed = \"ann\"\nrun_in_transaction = true # as ever\n\n[notes]\nx = 1\n";
    let file = "migrations/2024-03-01-000000_later/metadata.toml";
    for (up, down) in [
        ("CREATE INDEX by_name ON users (name);\n", "DROP INDEX by_name;\n"),
        ("CREATE INDEX CONCURRENTLY by_name ON users (name);\n", "DROP INDEX by_name;\n"),
        (
            "CREATE INDEX a ON users (name);\nCREATE INDEX b ON users (id);\n",
            "DROP INDEX a;\nDROP INDEX b;\n",
        ),
        (
            "-- squawk-ignore ban-new-write-restriction -- a test\nALTER TABLE users ADD CONSTRAINT n UNIQUE (name);\n",
            "ALTER TABLE users DROP CONSTRAINT n;\n",
        ),
    ] {
        let server = ScratchPostgres::new();
        let project = with_an_index()
            .variable("DATABASE_URL", &server.url)
            .file(UP, up)
            .file("migrations/2024-03-01-000000_later/down.sql", down)
            .file(file, metadata);
        let written = project.run(&["check", "--write"]);
        assert!(written.err.contains("Fixed "), "{up}: {written:?}");
        assert_eq!(project.read(file), metadata.replace("= true", "= false"), "{up}");
        let migrations = project.path().join("migrations");
        stock::migrate(&server.url, &migrations);
        stock::revert_all(&server.url, &migrations);
        project.run(&["verify"]).exits(0);
    }
}
