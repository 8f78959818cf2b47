//! A thread that beats, and a process that is killed while it does.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::{Connection as _, SqliteConnection};
use planner::{Heartbeat, HeartbeatError};

use crate::live::heartbeats::{STALE_MS, file, live, on_file, pause, project, web};
use crate::support::ScratchPostgres;
use crate::support::project::Project;

/// Names the database that the process beats on.
const DATABASE: &str = "PLANNER_TEST_BEAT_ON";

fn last_seen(project: &Project) -> Option<String> {
    let list = project.json(&["deploy", "list"], 0);
    let instances = list["apps"][0]["releases"][0]["instances"].as_array()?;
    Some(instances.first()?["last_seen"].as_str()?.to_owned())
}

#[track_caller]
fn wait_for<T>(mut what: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "it never came");
        pause(50);
    }
}

fn a_thread_beats_until_it_is_dropped(project: &Project, url: &str) {
    live(project, "1.0.0");
    let every = Duration::from_millis(150);
    let failed = |error: &HeartbeatError| assert!(error.is_passing(), "{error}");
    let beating = web("1.0.0", "i-1").interval(every).spawn(url, failed).unwrap();
    let first = wait_for(|| last_seen(project));
    wait_for(|| (last_seen(project)? > first).then_some(()));
    assert!(beating.is_running());
    beating.stop();
    let last = last_seen(project);
    pause(500);
    assert_eq!(last_seen(project), last);
}

#[test]
fn a_thread_beats_until_it_is_dropped_on_sqlite() {
    let project = project("", None);
    a_thread_beats_until_it_is_dropped(&project, &format!("sqlite:{}", file(&project)));
}

#[test]
fn a_thread_beats_until_it_is_dropped_on_postgresql() {
    let database = ScratchPostgres::new();
    let project = project("", Some(&database.url));
    a_thread_beats_until_it_is_dropped(&project, &database.url);
}

#[test]
fn what_fails_is_reported_and_tried_again_on_a_new_connection() {
    let project = project("", None);
    live(&project, "1.0.0");
    let path = file(&project);
    let (send, reported) = mpsc::channel();
    let n_tries = AtomicU32::new(0);
    let connect = move || match n_tries.fetch_add(1, Ordering::Relaxed) {
        0 => Err("no route to host".to_owned()),
        _ => SqliteConnection::establish(&path).map_err(|error| error.to_string()),
    };
    let report = move |error: &HeartbeatError| send.send(error.to_string()).unwrap();
    let beating = web("1.0.0", "i-1").spawn_with(connect, report).unwrap();
    let said = reported.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(said, "cannot connect to the database: no route to host");
    wait_for(|| last_seen(&project));
    beating.stop();
    assert_eq!(reported.recv(), Err(mpsc::RecvError));
}

#[test]
fn a_thread_ends_promptly_however_long_its_interval_is() {
    let project = project("", None);
    live(&project, "1.0.0");
    let heartbeat = web("1.0.0", "i-1").interval(Duration::from_hours(24));
    let beating = heartbeat.spawn(format!("sqlite:{}", file(&project)), |_| ()).unwrap();
    wait_for(|| last_seen(&project));
    let start = Instant::now();
    beating.stop();
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_database_file_that_is_not_there_is_reported_and_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let (send, reported) = mpsc::channel();
    let report = move |error: &HeartbeatError| {
        let _ = send.send(matches!(error, HeartbeatError::NotInstalled));
    };
    let url = format!("sqlite:{}", path.display());
    let beating = Heartbeat::new("web", "1").spawn(url, report).unwrap();
    assert!(reported.recv_timeout(Duration::from_secs(10)).unwrap());
    beating.stop();
    assert!(!path.exists());
}

#[test]
#[ignore = "it is the process that another test starts and kills"]
fn this_process_beats_until_it_is_killed() {
    let url = std::env::var(DATABASE).unwrap();
    let heartbeat = web("1.0.0", "killed").interval(Duration::from_millis(100));
    let beating = heartbeat.spawn(url, |_| ()).unwrap();
    pause(60_000);
    drop(beating);
    panic!("nobody killed it");
}

#[test]
fn a_release_whose_process_was_killed_is_live_until_its_last_heartbeat_is_stale() {
    let project = project("apps: { web: { heartbeat: sole_evidence } }\n", None);
    live(&project, "1.0.0");
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    let itself = "live::process::this_process_beats_until_it_is_killed";
    process.args(["--ignored", "--exact", itself]).env(DATABASE, file(&project));
    process.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut process = process.spawn().unwrap();
    wait_for(|| last_seen(&project));
    process.kill().unwrap();
    process.wait().unwrap();
    let is_live =
        || project.json(&["deploy", "list", "--all"], 0)["apps"][0]["releases"][0]["live"] == true;
    assert!(is_live());
    pause(STALE_MS);
    assert!(!is_live());
    // It comes back without anybody saying so, and counts again.
    web("1.0.0", "killed").beat(&mut on_file(&project)).unwrap();
    assert!(is_live());
}
