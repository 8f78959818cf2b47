//! A project in a temporary folder and the program run on it, as a user runs it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A project in a temporary folder.
pub struct Project {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What a command did.
#[derive(Debug)]
#[must_use = "look at the exit code"]
pub struct Ran {
    /// The exit code; 128 + n for a signal.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// Asserts the exit code and returns standard output.
    #[track_caller]
    pub fn exits(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self.out
    }

    /// Asserts the exit code and returns both streams as one text.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        format!("{}{}", self.out, self.err)
    }

    /// Reads standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\nstdout:\n{}\nstderr:\n{}", self.out, self.err))
    }
}

impl Project {
    /// An empty project on an embedded SQLite database.
    pub fn sqlite() -> Self {
        Self::with_config("dialect: sqlite\ndatabase: sqlite:test.db\n")
    }

    /// An empty project on this PostgreSQL database.
    pub fn postgres(url: &str) -> Self {
        Self::with_config("dialect: postgres\n").variable("DATABASE_URL", url)
    }

    /// An empty project with this `planner.yaml`.
    pub fn with_config(config: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        std::fs::create_dir(project.path().join("plans")).unwrap();
        project.file("planner.yaml", config)
    }

    /// A copy of a folder of this repository.
    pub fn copy_of(relative: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() };
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(relative), project.path());
        project
    }

    /// Sets a variable for every command.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The project's folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub fn file(self, relative: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(relative, text);
        self
    }

    /// Writes a file.
    pub fn write(&self, relative: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path().join(relative)).unwrap()
    }

    /// The names in a folder, sorted.
    pub fn list(&self, relative: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path().join(relative)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program with a hermetic environment, ready to start in the project.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env_clear().env("PLANNER_ACTOR", "tester").env("PLANNER_TODAY", "2026-11-21");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        ran(output)
    }

    /// Starts a command and lets it run.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a command and reads its JSON; the exit code must be this.
    #[track_caller]
    pub fn json(&self, arguments: &[&str], code: i32) -> serde_json::Value {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        let ran = self.run(&all);
        let json = ran.json();
        assert_eq!(ran.code, code, "stdout:\n{}\nstderr:\n{}", ran.out, ran.err);
        assert_eq!(json["format_version"], 1);
        json
    }

    /// Runs `check` and returns its findings' codes and the words they underline first, in order.
    #[track_caller]
    pub fn findings(&self, code: i32) -> Vec<(String, String)> {
        let json = self.json(&["check"], code);
        let found = json["diagnostics"].as_array().unwrap();
        found
            .iter()
            .map(|found| (found["code"].as_str().unwrap().to_owned(), self.underlined(found)))
            .collect()
    }

    /// The text that a finding underlines.
    fn underlined(&self, found: &serde_json::Value) -> String {
        let (Some(file), Some(line)) = (found["file"].as_str(), found["line"].as_u64()) else {
            return String::new();
        };
        let Ok(text) = std::fs::read_to_string(self.path().join(file)) else {
            return String::new();
        };
        let number = |key: &str| found[key].as_u64().unwrap() as usize;
        let line_text = text.lines().nth(line as usize - 1).unwrap_or_default();
        let column = number("column") - 1;
        let end =
            if found["end_line"] == found["line"] { number("end_column") - 1 } else { usize::MAX };
        line_text.chars().skip(column).take(end.saturating_sub(column)).collect()
    }
}

/// Turns an ended process into what it did.
pub fn ran(output: std::process::Output) -> Ran {
    use std::os::unix::process::ExitStatusExt as _;
    let code =
        output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or_default());
    Ran {
        code,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_planner"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|extension| extension != "db") {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
