//! How much a hazard weighs where the database tells how large the table is.

use planner::database::Database as _;
use planner::database::connection::open;

use crate::support::ScratchPostgres;
use crate::support::project::Project;

const LIMITS: &str = "limits: { small_table: 100, large_table: 1000 }\n";

/// Makes three tables with so many rows, and writes migrations that make them and then do something to each.
fn with_tables(project: Project, url: &str, does: &str) -> Project {
    let mut database = open(url).unwrap();
    for (at, (name, rows)) in [("tiny", 10), ("middling", 500), ("huge", 5_000)].iter().enumerate()
    {
        let create = format!("CREATE TABLE {name} (id bigint PRIMARY KEY, nick text);");
        let fill = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO {name} (id) SELECT i FROM n"
        );
        database.execute(&create).unwrap();
        database.execute(&fill).unwrap();
        let down = "-- irreversible: a test";
        for (month, up) in [(1, &create), (2, &does.replace("TABLE_", name))] {
            let directory = format!("migrations/2023-{month:02}-01-00000{at}_{name}");
            project.write(&format!("{directory}/up.sql"), up);
            project.write(&format!("{directory}/down.sql"), down);
        }
    }
    // SQLite has none of this before somebody asks for it; the highest row id serves.
    database.execute("ANALYZE").unwrap();
    project.run(&["compile"]).exits(0);
    project
}

fn told(project: &Project, arguments: &[&str], code: i32) -> Vec<(String, String)> {
    let json = project.json(arguments, code);
    let word = |of: &serde_json::Value, key: &str| of[key].as_str().unwrap().to_owned();
    let found = json["diagnostics"].as_array().unwrap().iter();
    let found = found
        .filter(|of| ["blocking-index", "table-rewrite"].contains(&of["name"].as_str().unwrap()));
    found.map(|of| (word(of, "severity"), word(of, "message"))).collect()
}

#[test]
fn a_blocking_index_on_few_rows_is_a_note_and_on_many_an_error() {
    let scratch = ScratchPostgres::new();
    let project = Project::postgres(&scratch.url);
    project.write("planner.yaml", format!("dialect: postgres\n{LIMITS}"));
    let project = with_tables(project, &scratch.url, "CREATE INDEX TABLE__nick ON TABLE_ (nick);");
    let found = told(&project, &["check", "--database"], 1);
    let severities: Vec<&str> = found.iter().map(|(severity, _)| severity.as_str()).collect();
    assert_eq!(severities, ["note", "warning", "error"], "{found:?}");
    assert!(found[0].1.contains("(about 10 rows, "), "{found:?}");
    assert!(found[2].1.contains("(about 5,000 rows, "), "{found:?}");
    // Without the word no database is asked.
    let found = told(&project, &["check"], 0);
    assert!(found.iter().all(|(severity, said)| severity == "warning" && !said.contains("rows")));
}

#[test]
fn on_sqlite_the_statistics_or_the_highest_row_id_tell_how_large_a_table_is() {
    let project =
        Project::with_config(&format!("dialect: sqlite\ndatabase: sqlite:test.db\n{LIMITS}"));
    let url = format!("sqlite:{}", project.path().join("test.db").display());
    let project = with_tables(project, &url, "ALTER TABLE TABLE_ DROP COLUMN nick;");
    let found = told(&project, &["check", "--database"], 1);
    let severities: Vec<&str> = found.iter().map(|(severity, _)| severity.as_str()).collect();
    assert_eq!(severities, ["note", "note", "error"], "{found:?}");
    assert!(found[2].1.contains("(about 5,000 rows)"), "{found:?}");
    open(&url).unwrap().execute("DROP TABLE sqlite_stat1").unwrap_or_default();
    assert_eq!(told(&project, &["check", "--database"], 1), found);
}

#[test]
fn sizes_of_a_database_that_is_not_there_are_a_matter_of_usage() {
    let project = Project::sqlite();
    let said = project.run(&["check", "--database"]).fails(2);
    assert!(said.contains("no database to ask"), "{said}");
}
