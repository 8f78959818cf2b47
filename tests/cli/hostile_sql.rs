//! Hand-written SQL that is none, half of it, of another engine, or too much: each has its place, and nothing hangs.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::project::Project;

const DIALECTS: [&str; 2] = ["postgres", "sqlite"];

fn project(dialect: &str, up: impl AsRef<[u8]>) -> Project {
    Project::with_config(&format!("dialect: {dialect}\n"))
        .file("migrations/2020-01-01-000000_odd/up.sql", up)
        .file("migrations/2020-01-01-000000_odd/down.sql", "SELECT 1;")
}

/// The findings as `CODE line:column message`.
fn found(dialect: &str, up: impl AsRef<[u8]>) -> Vec<String> {
    let ran = project(dialect, up).run(&["--format", "json", "check"]);
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    let told = |of: &Value| {
        let number = |key: &str| of[key].as_u64().map_or(String::new(), |n| n.to_string());
        let place = format!("{}:{}", number("line"), number("column"));
        format!("{} {place} {}", of["code"].as_str().unwrap(), of["message"].as_str().unwrap())
    };
    ran.json()["diagnostics"].as_array().unwrap().iter().map(told).collect()
}

#[track_caller]
fn finds(dialect: &str, up: impl AsRef<[u8]>, expected: &str) {
    let found = found(dialect, up);
    assert!(
        found.iter().any(|found| found.contains(expected)),
        "{dialect}: {expected}\n{found:#?}"
    );
}

#[test]
fn what_is_not_closed_is_found_where_it_opens_and_what_stands_before_is_read() {
    let open = |what: &str| {
        format!("CREATE TABLE a (id int);\nDROP TABLE b;\nSELECT {what};\nDROP TABLE c;\n")
    };
    for dialect in DIALECTS {
        finds(dialect, open("'it''s"), "EC712 3:8 this is not SQL that planner can read: ");
        finds(dialect, open("'it''s"), "EC710 2:1 drops table `b`");
        finds(dialect, open("\"name"), "EC712 3:8 this is not SQL that planner can read: ");
    }
    finds(
        "postgres",
        open("$x$ a $y$"),
        "EC712 3:8 this is not SQL that planner can read: a string is not closed",
    );
    finds(
        "postgres",
        open("/* /* */"),
        "EC712 3:8 this is not SQL that planner can read: a comment is not closed",
    );
}

#[test]
fn a_nul_byte_is_found_where_it_is() {
    for dialect in DIALECTS {
        finds(
            dialect,
            b"CREATE TABLE a (id int);\nSELECT '\0';\n",
            "EC712 2:9 this is not SQL that planner can read: a NUL byte",
        );
    }
}

#[test]
fn another_encoding_is_an_error_that_names_the_file() {
    for dialect in DIALECTS {
        for mark in [[0xff, 0xfe], [0xfe, 0xff]] {
            let mut bytes = mark.to_vec();
            bytes.extend("CREATE".bytes().flat_map(|byte| [byte, 0]));
            finds(dialect, bytes, "EC102 : is UTF-16, not UTF-8");
        }
        finds(
            dialect,
            b"SELECT 1; -- gr\xfc\xdfe\n",
            "EC102 : is not UTF-8: byte 15 is not part of a character",
        );
    }
}

#[test]
fn line_ends_and_marks_move_no_place_and_comments_alone_are_as_the_engine_takes_them() {
    for dialect in DIALECTS {
        for text in [
            "-- x\r\nCREATE TABLE a (id int);\r\n  DROP TABLE b;\r\n",
            "\u{feff}-- x\nCREATE TABLE a (id int);\n  DROP TABLE b;",
        ] {
            finds(dialect, text, "EC710 3:3 drops table `b`");
        }
        let comments = found(dialect, "-- nothing\n/* at all */\n");
        // PostgreSQL refuses an empty query, and so Diesel the migration; to SQLite it is nothing to do.
        match dialect {
            "postgres" => assert!(comments[0].starts_with("EC704 1:1 "), "{comments:?}"),
            _ => assert_eq!(comments, Vec::<String>::new()),
        }
    }
}

#[test]
fn what_another_program_reads_is_found_where_it_begins() {
    let unread = "this is not SQL that planner can read: ";
    let mysql = "CREATE TABLE a (\n  `id` int AUTO_INCREMENT\n) ENGINE=InnoDB;\n";
    finds("postgres", mysql, &format!("EC712 1:17 {unread}"));
    finds("sqlite", mysql, &format!("{unread}unknown table option: ENGINE"));
    finds(
        "postgres",
        "SELECT 1;\n\\i other.sql\n",
        &format!("EC712 2:1 {unread}this is a command of psql"),
    );
    finds("sqlite", "SELECT 1;\n.read other.sql\n", &format!("EC712 2:1 {unread}"));
    finds(
        "postgres",
        "CREATE TABLE a (id int)\nGO\nDROP TABLE a\nGO\n",
        &format!("EC712 1:24 {unread}missing semicolon"),
    );
    finds("sqlite", "SELECT 1;\nDO $$ BEGIN END $$;\n", &format!("EC712 2:1 {unread}near `DO`"));
    finds("postgres", "SELECT 1;\nPRAGMA foreign_keys = OFF;\n", &format!("EC712 2:1 {unread}"));
}

#[test]
fn nesting_ten_thousand_deep_is_said_and_takes_no_time() {
    let n = 10_000;
    for dialect in DIALECTS {
        for text in [
            format!("SELECT 1;\nSELECT {}1{};", "(".repeat(n), ")".repeat(n)),
            format!("SELECT 1;\nCREATE VIEW v AS SELECT {}1;", "1 + ".repeat(n)),
            format!("SELECT 1;\nSELECT {}1{};", "CASE WHEN 1 THEN ".repeat(n), " END".repeat(n)),
        ] {
            let began = Instant::now();
            finds(dialect, &text, "EC712 2:");
            assert!(began.elapsed() < Duration::from_secs(20));
        }
    }
    finds(
        "postgres",
        format!("DO $$ {}{} $$;", "BEGIN ".repeat(n), "END; ".repeat(n)),
        "EC712 1:1",
    );
}

/// Fifty megabytes if built for speed, else one.
fn seed(row: &str, n_rows: usize) -> String {
    let megabytes = if cfg!(debug_assertions) { 1 } else { 50 };
    let mut text = String::from("CREATE TABLE users (id integer PRIMARY KEY, name text);\n");
    while text.len() < megabytes << 20 {
        text += "INSERT INTO users (id, name) VALUES ";
        text += &vec![row; n_rows].join(",\n");
        text += ";\n";
    }
    text + "DROP TABLE nowhere;\n"
}

#[test]
fn seed_data_of_many_megabytes_is_read_within_bounds_and_what_follows_is_judged() {
    for dialect in DIALECTS {
        for n_rows in [1, 5_000] {
            let text = seed("(1, 'it''s; a name')", n_rows);
            let (n_lines, n_bytes) = (text.lines().count(), text.len());
            let project = project(dialect, text);
            let mut command = std::process::Command::new("sh");
            let planner = project.command(&["--format", "json", "check"]);
            // What a program may take is a matter of the shell.
            let limit_kb = 20 * n_bytes / 1_024 + 256 * 1_024;
            command.args(["-c", &format!("ulimit -v {limit_kb}; exec \"$0\" \"$@\"")]);
            command.arg(planner.get_program()).args(planner.get_args()).current_dir(project.path());
            command.env("PLANNER_TODAY", "2026-11-21").stdin(Stdio::null());
            let began = Instant::now();
            let ran = crate::support::project::ran(command.output().unwrap());
            assert!(began.elapsed() < Duration::from_mins(2), "{:?}", began.elapsed());
            let last = ran.json()["diagnostics"].as_array().unwrap().last().unwrap().clone();
            assert_eq!((&last["code"], &last["line"]), (&"EC710".into(), &n_lines.into()));
        }
    }
}
