//! An example of a rule's page, and what it claims.

use planner::dialect::Dialect;
use planner::dialects::Transaction;

use crate::compiled::project::findings;

/// What an example claims of the migrations after its first, or of its last plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `breaks SQL`: what a live release says passes before and fails after, contract phases apart.
    Breaks(String),
    /// `refuses SQL`: it fails after, contract phases apart.
    Refuses(String),
    /// `accepts SQL`: it passes after, contract phases apart.
    Accepts(String),
    /// `loses SQL`: when all has run, the query finds no row.
    Loses(String),
    /// `changes again SQL`: the query finds something else once the backfill is done again.
    ChangesAgain(String),
    /// `outlives a rollback SQL`: the query passes though the transaction that Diesel opened was rolled back.
    Outlives(String),
    /// `scans users for SQL`: the statement reads the table whole, although the server would rather not.
    Scans(String, String),
    /// `fails`: the server refuses a statement of a migration.
    Fails,
    /// What the `diesel` command does with the folder.
    Diesel(Trap),
}

/// What the `diesel` command does with a folder that people do not expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// `diesel refuses`: `diesel migration run` fails.
    Refuses,
    /// `diesel forgets one`: it passes, and fewer are recorded than there are directories.
    ForgetsOne,
    /// `diesel leaves half of it done when it fails`: on SQLite, with a statement added to the last one that fails, those before it
    /// stay done. (PostgreSQL takes a file for one request, all or nothing.)
    LeavesHalf,
    /// `diesel undoes all of it when it fails`: with such a statement nothing of it is there.
    UndoesAll,
    /// `diesel cannot revert`: `diesel migration run` passes, and `diesel migration revert` fails.
    CannotRevert,
}

impl Claim {
    fn parse(text: &str) -> Self {
        let after = |start: &str| text.strip_prefix(start).map(str::to_owned);
        if let Some(sql) = after("breaks ") {
            Self::Breaks(sql)
        } else if let Some(sql) = after("refuses ") {
            Self::Refuses(sql)
        } else if let Some(sql) = after("accepts ") {
            Self::Accepts(sql)
        } else if let Some(sql) = after("loses ") {
            Self::Loses(sql)
        } else if let Some(sql) = after("changes again ") {
            Self::ChangesAgain(sql)
        } else if let Some(sql) = after("outlives a rollback ") {
            Self::Outlives(sql)
        } else if let Some((table, sql)) =
            after("scans ").as_deref().and_then(|rest| rest.split_once(" for "))
        {
            Self::Scans(table.to_owned(), sql.to_owned())
        } else {
            Self::short(text)
        }
    }

    fn short(text: &str) -> Self {
        match text {
            "fails" => Self::Fails,
            "diesel refuses" => Self::Diesel(Trap::Refuses),
            "diesel forgets one" => Self::Diesel(Trap::ForgetsOne),
            "diesel leaves half of it done when it fails" => Self::Diesel(Trap::LeavesHalf),
            "diesel undoes all of it when it fails" => Self::Diesel(Trap::UndoesAll),
            "diesel cannot revert" => Self::Diesel(Trap::CannotRevert),
            _ => panic!("planner's tests do not know this claim: {text}"),
        }
    }
}

/// What runs at once.
#[derive(Clone, Debug)]
pub struct Migration {
    /// Its statements.
    pub up: Vec<String>,
    /// Whether it runs without a transaction.
    pub bare: bool,
    /// Whether it only moves data.
    pub is_backfill: bool,
}

/// An example.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// What is there before it is judged.
    pub given: Vec<String>,
    /// What is done after it, before its contract phase.
    pub then: Vec<String>,
    /// What it claims.
    pub proves: Vec<Claim>,
    /// What runs before what is judged.
    pub before: Vec<Migration>,
    /// What is judged.
    pub judged: Vec<Migration>,
    /// The contract phase of what is judged.
    pub contract: Vec<Migration>,
    /// The query that holds it.
    pub gate: Option<String>,
    /// The files of hand-written migrations.
    pub files: Vec<(String, String)>,
    /// Whether they are for SQLite; then only the `diesel` command is asked.
    pub is_sqlite: bool,
}

impl Block {
    /// Reads the examples of a page: ` ```sql bad `, and for PostgreSQL ` ```yaml bad `.
    pub fn all(page: &str, word: &str) -> Vec<Self> {
        let mut lines = page.lines();
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            let is_plan = line == format!("```yaml {word}");
            if !is_plan && line != format!("```sql {word}") {
                continue;
            }
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let is_sqlite = block.iter().any(|line| line.ends_with("dialect: sqlite"));
            if !is_sqlite || !is_plan {
                found.push(Self { is_sqlite, ..Self::read(&block, is_plan) });
            }
        }
        found
    }

    /// Whether the last migration says that there is no way back.
    pub fn is_irreversible(&self) -> bool {
        let last = self.files.iter().filter(|(name, _)| name.ends_with("/down.sql")).max();
        last.is_some_and(|(_, down)| down.contains("irreversible"))
    }

    fn read(lines: &[&str], is_plan: bool) -> Self {
        let mut block = Self::default();
        let mut files: Vec<(String, String)> = Vec::new();
        for line in lines {
            let said = line.strip_prefix("-- ").or_else(|| line.strip_prefix("# "));
            let said = said.unwrap_or_default();
            if let Some(name) = said.strip_prefix("file: ") {
                files.push((name.to_owned(), String::new()));
            } else if let Some((_, text)) = files.last_mut() {
                *text += line;
                *text += "\n";
            } else if let Some(sql) = said.strip_prefix("given: ") {
                block.given.push(sql.to_owned());
            } else if let Some(sql) = said.strip_prefix("then: ") {
                block.then.push(sql.to_owned());
            } else if let Some(claim) = said.strip_prefix("proves: ") {
                block.proves.push(Claim::parse(claim));
            }
        }
        if is_plan {
            block.plans(files);
        } else {
            block.migrations(&files);
            block.files = files;
        }
        block
    }

    /// The first migration was there before; the only one of an example is what is judged.
    fn migrations(&mut self, files: &[(String, String)]) {
        let ups = files.iter().filter_map(|(name, up)| Some((name.strip_suffix("/up.sql")?, up)));
        let mut all: Vec<(&str, Migration)> = ups
            .map(|(name, up)| {
                let is_of = |of: &&(String, String)| of.0 == format!("{name}/metadata.toml");
                let metadata = files.iter().find(is_of);
                let bare = metadata.is_some_and(|(_, text)| text.contains("false"));
                (name, Migration { up: vec![up.clone()], bare, is_backfill: false })
            })
            .collect();
        all.sort_by_key(|(name, _)| *name);
        let mut all = all.into_iter().map(|(_, migration)| migration);
        if all.len() > 1 {
            self.before.extend(all.next());
        }
        self.judged = all.collect();
    }

    /// All plans but the last were there before; the last one's contract phase comes last.
    fn plans(&mut self, mut files: Vec<(String, String)>) {
        files.retain(|(name, _)| name != "planner.yaml");
        for (name, _) in &mut files {
            *name = format!("plans/{name}");
        }
        let Some((last, text)) = files.last() else { return };
        self.gate =
            text.lines().find_map(|line| line.trim().strip_prefix("query: ")).map(str::to_owned);
        // Behind the stamp stands the plan's name.
        let last = last.trim_end_matches(".yaml").split_once('_').unwrap().1.to_owned();
        let Some(compiled) = findings(&files, Dialect::Postgres).1 else { return };
        for step in &compiled.steps {
            let of_last = step.key.plan.as_str() == last;
            for migration in &step.migrations {
                let bare = matches!(migration.transaction, Transaction::Alone { .. });
                let is_backfill = step.phase == planner::phase::Phase::Backfill;
                let migration = Migration { up: migration.up.clone(), bare, is_backfill };
                if !of_last {
                    self.before.push(migration);
                } else if step.phase == planner::phase::Phase::Contract {
                    self.contract.push(migration);
                } else {
                    self.judged.push(migration);
                }
            }
        }
    }
}
