//! `check --write` that is killed while it writes: each file is the old or the new one whole, and the next run goes on from there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::project::Project;

const N: usize = 120;

/// Migrations of which each is fixed: half of them in their place, half by a migration more.
fn project() -> Project {
    let project = Project::with_config("dialect: postgres\n");
    let tables: String =
        (0..N).map(|n| format!("CREATE TABLE t{n} (id bigint PRIMARY KEY, a text);\n")).collect();
    project.write("migrations/2020-01-01-000000_tables/up.sql", tables);
    let drops: String = (0..N).map(|n| format!("DROP TABLE t{n};\n")).collect();
    project.write("migrations/2020-01-01-000000_tables/down.sql", drops);
    for n in 0..N {
        let folder = format!("migrations/2021-01-01-{:02}{:02}00_index_{n:03}", n / 60, n % 60);
        let padding = "-- a comment that makes the file longer\n".repeat(200);
        let more = if n % 2 == 0 { "" } else { "COMMENT ON TABLE t0 IS 'x';\n" };
        let up = format!("{more}CREATE INDEX i{n} ON t{n} (a);\n{padding}");
        project.write(&format!("{folder}/up.sql"), up);
        project.write(&format!("{folder}/down.sql"), format!("DROP INDEX i{n};\n{more}"));
    }
    project
}

/// All files below the migrations that Diesel looks at, and how many lie about that it does not.
fn files(project: &Project) -> (BTreeMap<String, String>, usize) {
    let (mut seen, mut n_beside) = (BTreeMap::new(), 0);
    for directory in project.list("migrations") {
        if directory.starts_with('.') {
            n_beside += 1;
            continue;
        }
        for file in project.list(&format!("migrations/{directory}")) {
            let path = format!("migrations/{directory}/{file}");
            if file.starts_with('.') {
                n_beside += 1;
            } else {
                seen.insert(path.clone(), project.read(&path));
            }
        }
    }
    (seen, n_beside)
}

/// Kills the program so long after it has begun to write.
fn killed_after(project: &Project, pause: Duration) {
    let mut child = project.start(&["check", "--write"]);
    let start = Instant::now();
    let begun = || {
        let names = project.list("migrations");
        names.iter().any(|name| name.starts_with('.'))
    };
    while !begun() && child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < Duration::from_mins(1), "it writes nothing");
    }
    std::thread::sleep(pause);
    let _ = child.kill();
    child.wait().unwrap();
}

#[test]
fn a_rewrite_that_is_killed_leaves_files_whole_and_the_next_run_is_not_confused() {
    let whole = project();
    let (before, _) = files(&whole);
    let _ = whole.run(&["check", "--write"]);
    let (after, n_beside) = files(&whole);
    assert!(n_beside == 0 && after.len() > before.len() + N, "{} files", after.len());
    let mut n_hit = 0;
    for round in 0..14_u64 {
        let project = project();
        killed_after(&project, Duration::from_micros(round * round * 150));
        let (left, n_beside) = files(&project);
        for (path, text) in &left {
            let is_whole = before.get(path) == Some(text) || after.get(path) == Some(text);
            assert!(is_whole, "{path} is neither the old nor the new one");
        }
        assert!(before.keys().all(|path| left.contains_key(path)), "a file is gone");
        n_hit += usize::from(n_beside > 0 || (left != before && left != after));
        // A directory without its `up.sql` would stop Diesel.
        for directory in project.list("migrations").iter().filter(|name| !name.starts_with('.')) {
            assert!(left.contains_key(&format!("migrations/{directory}/up.sql")), "{directory}");
        }
        let told = project.run(&["--format", "json", "check"]);
        assert!(matches!(told.code, 0 | 1), "{told:?}");
        let json = told.json();
        let found = json["diagnostics"].as_array().unwrap();
        assert!(found.iter().all(|of| of["name"] != "not-a-migration"), "{json}");
        // What is fixed in its place is fixed by the next run, whatever was there already.
        let _ = project.run(&["check", "--write"]);
        let (again, _) = files(&project);
        for (path, text) in after.iter().filter(|(path, _)| is_in_place(path)) {
            assert_eq!(again.get(path), Some(text), "{path}");
        }
    }
    assert!(n_hit >= 4, "only {n_hit} of the runs were killed while they wrote");
}

/// Returns whether a path is that of a migration that is fixed where it is.
fn is_in_place(path: &str) -> bool {
    let Some((_, name)) = path.split_once("_index_") else { return false };
    let n: usize = name.get(..3).and_then(|n| n.parse().ok()).unwrap();
    n.is_multiple_of(2)
}
