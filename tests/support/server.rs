//! A PostgreSQL server of one test, to be killed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::diesel::{Connection as _, PgConnection};

/// A server in a temporary folder, reached by a socket there; killed at the end.
pub struct OwnServer {
    folder: tempfile::TempDir,
    child: Child,
}

impl OwnServer {
    /// Makes one and waits until it answers.
    pub fn start() -> Self {
        let programs = programs();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let data = format!("{path}/data");
        let user = (user_id() == "0").then(|| {
            // PostgreSQL refuses to run as root.
            assert!(Command::new("chown").args(["postgres", &path]).status().unwrap().success());
            "postgres"
        });
        let run = |program: &str, arguments: &[&str]| {
            let program = programs.join(program);
            let mut command = match user {
                Some(user) => {
                    let mut command = Command::new("setpriv");
                    let init = ["--init-groups", "--reuid", user, "--regid", user];
                    command.args(init).arg(program);
                    command
                }
                None => Command::new(program),
            };
            command.args(arguments).current_dir(&path).env("HOME", &path);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made = run("initdb", &["-D", &data, "-U", "planner", "-A", "trust", "-N"]).status();
        assert!(made.unwrap().success(), "`initdb` failed");
        let options = ["-D", &data, "-k", &path, "-c", "listen_addresses=", "-c", "fsync=off"];
        let child = run("postgres", &options).spawn().unwrap();
        let server = Self { folder, child };
        let began = Instant::now();
        while PgConnection::establish(&server.url()).is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// The URL of its first database.
    pub fn url(&self) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://planner@{folder}/postgres")
    }

    /// Kills it, as the machine does that runs out of memory.
    pub fn kill(&mut self) {
        // `setpriv` becomes the program that it starts.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn user_id() -> String {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Where the server's programs are; they are often outside of PATH.
fn programs() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let installed = installed.map(|entry| entry.unwrap().path().join("bin"));
    let others = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = installed.chain(others).chain(std::env::split_paths(&path).collect::<Vec<_>>());
    let found = all.find(|folder| folder.join("initdb").exists());
    found.expect("no `initdb`; run `tests/run`, which installs PostgreSQL")
}
