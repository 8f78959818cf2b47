//! An example of a rule's page: its migrations, and what it claims to do.
//!
//! Before its files a block may say `-- given: SQL` (run after the first migration, instead of a row in each table), `-- given, and
//! fails: SQL`, and `-- proves: CLAIM`.

use std::collections::BTreeMap;

use planner::database::observe::LockMode;
use planner::dialect::Dialect;
use planner::name::ObjectName;

/// What an example claims of the migrations after its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `locks users ACCESS EXCLUSIVE`: a statement takes at least this lock on the table.
    Locks(ObjectName, LockMode),
    /// `scans users under SHARE`: a statement reads the table whole while at least this lock on it is held.
    Scans(ObjectName, LockMode),
    /// `rewrites users`.
    Rewrites(ObjectName),
    /// `blocks SQL`: before the migration ends another session cannot run this.
    Blocks(String),
    /// `leaves index users_name invalid`, and the migrations pass.
    LeavesInvalid(String),
    /// `waits for readers of users`: not only for a moment.
    WaitsForReaders(ObjectName),
    /// `fails`: the server refuses one of the statements.
    Fails,
}

impl Claim {
    fn parse(text: &str) -> Self {
        let words: Vec<&str> = text.split(' ').collect();
        let mode = |text: &str| {
            let found = LockMode::ALL.into_iter().find(|mode| mode.to_string() == text);
            found.unwrap_or_else(|| panic!("no lock is called {text}"))
        };
        match words.as_slice() {
            ["locks", table, ..] => {
                Self::Locks(ObjectName::parse(table), mode(&words[2..].join(" ")))
            }
            ["scans", table, "under", ..] => {
                Self::Scans(ObjectName::parse(table), mode(&words[3..].join(" ")))
            }
            ["rewrites", table] => Self::Rewrites(ObjectName::parse(table)),
            ["blocks", ..] => Self::Blocks(words[1..].join(" ")),
            ["leaves", "index", index, "invalid"] => Self::LeavesInvalid((*index).to_owned()),
            ["waits", "for", "readers", "of", table] => {
                Self::WaitsForReaders(ObjectName::parse(table))
            }
            ["fails"] => Self::Fails,
            _ => panic!("planner's tests do not know this claim: {text}"),
        }
    }
}

/// A migration of an example.
#[derive(Clone, Debug, Default)]
pub struct Migration {
    /// Its `up.sql`.
    pub up: String,
    /// Whether Diesel runs it without a transaction.
    pub bare: bool,
}

/// An example.
#[derive(Clone, Debug)]
pub struct Example {
    /// For which engine.
    pub dialect: Dialect,
    /// What is there before the second migration, and whether the server refuses it.
    pub given: Vec<(String, bool)>,
    /// What it claims to do.
    pub proves: Vec<Claim>,
    /// Its migrations, in their order.
    pub migrations: Vec<Migration>,
}

impl Example {
    /// Reads the blocks of a page that are opened by these words.
    pub fn all(page: &str, words: &str) -> Vec<Self> {
        let open = format!("```{words}");
        let mut lines = page.lines();
        let mut found = Vec::new();
        while lines.by_ref().any(|line| line == open) {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push(Self::read(&block));
        }
        found
    }

    fn read(block: &[&str]) -> Self {
        let mut example = Self {
            dialect: Dialect::Postgres,
            given: Vec::new(),
            proves: Vec::new(),
            migrations: Vec::new(),
        };
        let mut migrations: BTreeMap<String, Migration> = BTreeMap::new();
        let mut file = None;
        for line in block {
            if let Some(name) = line.strip_prefix("-- file: ") {
                file = Some(name.to_owned());
            } else if let Some(name) = &file {
                let Some(path) = name.strip_prefix("migrations/") else { continue };
                let (directory, of) = path.split_once('/').unwrap();
                let migration = migrations.entry(directory.to_owned()).or_default();
                match of {
                    "up.sql" => migration.up += &format!("{line}\n"),
                    "metadata.toml" => migration.bare = line.contains("false"),
                    _ => {}
                }
            } else if let Some(word) = line.strip_prefix("-- dialect: ") {
                example.dialect = Dialect::parse(word).unwrap();
            } else if let Some(sql) = line.strip_prefix("-- given: ") {
                example.given.push((sql.to_owned(), false));
            } else if let Some(sql) = line.strip_prefix("-- given, and fails: ") {
                example.given.push((sql.to_owned(), true));
            } else if let Some(claim) = line.strip_prefix("-- proves: ") {
                example.proves.push(Claim::parse(claim));
            } else {
                panic!("this line says nothing: {line}");
            }
        }
        example.migrations = migrations.into_values().collect();
        example
    }
}
