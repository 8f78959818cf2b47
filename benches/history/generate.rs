//! Makes hand-written migrations for PostgreSQL, a mix of what projects of some years have: tables, columns, indexes, enums, views,
//! functions, triggers, `DO` blocks, rows and changes of data.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n.max(1)
    }
}

/// What is there so far.
struct Schema {
    numbers: Numbers,
    /// Tables, each with its columns that may be dropped.
    tables: Vec<(String, Vec<String>)>,
    n_names: usize,
}

const TYPES: [&str; 8] = [
    "text",
    "bigint",
    "integer",
    "timestamptz",
    "boolean",
    "jsonb",
    "numeric(12, 2)",
    "varchar(120)",
];
const WORDS: [&str; 16] = [
    "account", "invoice", "session", "message", "payment", "product", "shipment", "review",
    "address", "coupon", "report", "device", "ticket", "comment", "profile", "channel",
];

/// Writes a project with so many migrations; returns the files that say what they do, in order.
pub fn project(folder: &Path, n_migrations: usize) -> Vec<PathBuf> {
    fs::create_dir_all(folder.join("plans")).unwrap();
    fs::write(folder.join("planner.yaml"), "dialect: postgres\n").unwrap();
    let mut schema = Schema { numbers: Numbers(7), tables: Vec::new(), n_names: 0 };
    let mut files = Vec::new();
    for at in 0..n_migrations {
        let (name, up, down) = schema.migration(at);
        let (month, day) = (at / 28 % 12 + 1, at % 28 + 1);
        let directory =
            format!("{}-{month:02}-{day:02}-{:06}_{name}", 2019 + at / 336, at % 1_000_000);
        let directory = folder.join("migrations").join(directory);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("up.sql"), up).unwrap();
        fs::write(directory.join("down.sql"), down).unwrap();
        files.push(directory.join("up.sql"));
    }
    files
}

impl Schema {
    fn name(&mut self) -> String {
        self.n_names += 1;
        let word = WORDS[self.numbers.below(WORDS.len())];
        format!("{word}_{}", self.n_names)
    }

    fn migration(&mut self, at: usize) -> (String, String, String) {
        if at < 10 || self.numbers.below(5) == 0 {
            return self.table();
        }
        match self.numbers.below(10) {
            0..=2 => self.columns(),
            3 => self.index(),
            4 => self.function(),
            5 => self.block(),
            6 => self.rows(),
            7 => self.data(),
            8 => self.narrower(),
            _ => self.view(),
        }
    }

    fn any_table(&mut self) -> String {
        let at = self.numbers.below(self.tables.len());
        self.tables[at].0.clone()
    }

    fn column(&mut self) -> (String, &'static str) {
        let name = self.name();
        (name, TYPES[self.numbers.below(TYPES.len())])
    }

    fn table(&mut self) -> (String, String, String) {
        let table = format!("{}s", self.name());
        let mut up = format!(
            "-- What the {table} of a customer are.\nCREATE TABLE {table} (\n    id bigserial PRIMARY KEY,\n"
        );
        let mut columns = Vec::new();
        for _ in 0..14 + self.numbers.below(16) {
            let (column, kind) = self.column();
            let rest = ["", " NOT NULL", " DEFAULT NULL"][self.numbers.below(3)];
            writeln!(up, "    {column} {kind}{rest},").unwrap();
            columns.push(column);
        }
        if !self.tables.is_empty() {
            let other = self.any_table();
            writeln!(up, "    owner_id bigint NOT NULL REFERENCES {other} (id) ON DELETE CASCADE,")
                .unwrap();
        }
        up += "    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'done')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);\n\n";
        let first = &columns[0];
        writeln!(up, "CREATE INDEX {table}_{first}_idx ON {table} ({first});").unwrap();
        writeln!(up, "CREATE INDEX {table}_state_idx ON {table} (state, created_at DESC) WHERE state <> 'done';").unwrap();
        writeln!(
            up,
            "COMMENT ON TABLE {table} IS 'Written by the nightly import; see the handbook.';"
        )
        .unwrap();
        let down = format!("DROP TABLE {table};\n");
        self.tables.push((table.clone(), columns));
        (format!("create_{table}"), up, down)
    }

    fn columns(&mut self) -> (String, String, String) {
        let at = self.numbers.below(self.tables.len());
        let table = self.tables[at].0.clone();
        let (mut up, mut down) =
            (format!("ALTER TABLE {table}\n"), format!("ALTER TABLE {table}\n"));
        let n = 1 + self.numbers.below(4);
        for number in 0..n {
            let (column, kind) = self.column();
            let end = if number + 1 == n { ";\n" } else { ",\n" };
            let rest = ["", "", "", " NOT NULL DEFAULT '1'"][self.numbers.below(4)];
            let rest = if kind == "timestamptz" || kind == "jsonb" { "" } else { rest };
            write!(up, "    ADD COLUMN {column} {kind}{rest}{end}").unwrap();
            write!(down, "    DROP COLUMN {column}{end}").unwrap();
            self.tables[at].1.push(column);
        }
        (format!("extend_{table}"), up, down)
    }

    fn index(&mut self) -> (String, String, String) {
        let at = self.numbers.below(self.tables.len());
        let (table, columns) = self.tables[at].clone();
        let name = format!("{}_idx", self.name());
        let unique = ["", "", "UNIQUE "][self.numbers.below(3)];
        let column = columns.last().map_or("created_at", String::as_str);
        let up = format!(
            "-- The list of the last ones was slow.\nCREATE {unique}INDEX {name} ON {table} USING btree ({column}, created_at);\n"
        );
        (format!("index_{table}"), up, format!("DROP INDEX {name};\n"))
    }

    fn function(&mut self) -> (String, String, String) {
        let (name, table) = (format!("touch_{}", self.name()), self.any_table());
        let up = format!(
            "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state IS DISTINCT FROM OLD.state THEN
        changed := true;
    END IF;
    IF changed THEN
        NEW.updated_at := now();
        PERFORM pg_notify('{table}', json_build_object('id', NEW.id, 'state', NEW.state)::text);
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER {name} BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {name}();\n"
        );
        let down = format!("DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n");
        (name, up, down)
    }

    fn block(&mut self) -> (String, String, String) {
        let name = self.name();
        let up = format!(
            "DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = '{name}_kind') THEN
        CREATE TYPE {name}_kind AS ENUM ('private', 'shared', 'public');
    END IF;
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;\n"
        );
        (format!("kinds_of_{name}"), up, format!("DROP TYPE {name}_kind;\n"))
    }

    fn rows(&mut self) -> (String, String, String) {
        let table = format!("{}_codes", self.name());
        let mut up = format!(
            "CREATE TABLE {table} (code text PRIMARY KEY, label text NOT NULL, rank integer);\n\nINSERT INTO {table} (code, label, rank) VALUES\n"
        );
        let n = 20 + self.numbers.below(90);
        for number in 0..n {
            let end = if number + 1 == n { ";\n" } else { ",\n" };
            let word = WORDS[self.numbers.below(WORDS.len())];
            write!(up, "    ('{word}-{number}', 'It''s the {word} no. {number}', {number}){end}")
                .unwrap();
        }
        (format!("codes_{table}"), up, format!("DROP TABLE {table};\n"))
    }

    fn data(&mut self) -> (String, String, String) {
        let (table, other) = (self.any_table(), self.any_table());
        let up = format!(
            "UPDATE {table} SET state = 'done', updated_at = now()\nWHERE state = 'open' AND created_at < now() - interval '1 year';

INSERT INTO {table} (state, created_at)
SELECT 'new', max(o.created_at) FROM {other} o
LEFT JOIN {table} t ON t.id = o.id
WHERE t.id IS NULL AND o.state = 'open'
GROUP BY o.state HAVING count(*) > 10 ORDER BY 1 LIMIT 100;\n"
        );
        (format!("tidy_{table}"), up, "-- irreversible: nobody knows which they were\n".to_owned())
    }

    fn narrower(&mut self) -> (String, String, String) {
        let at = self.numbers.below(self.tables.len());
        let table = self.tables[at].0.clone();
        let Some(column) = self.tables[at].1.pop() else { return self.columns() };
        let name = self.name();
        match self.numbers.below(4) {
            0 => (
                format!("drop_{column}"),
                format!("ALTER TABLE {table} DROP COLUMN IF EXISTS {column};\n"),
                format!("ALTER TABLE {table} ADD COLUMN {column} text;\n"),
            ),
            1 => (
                format!("require_{column}"),
                format!("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;\n"),
                format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;\n"),
            ),
            2 => (
                format!("check_{table}"),
                format!(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (created_at <= updated_at) NOT VALID;\nALTER TABLE {table} VALIDATE CONSTRAINT {name};\n"
                ),
                format!("ALTER TABLE {table} DROP CONSTRAINT {name};\n"),
            ),
            _ => (
                format!("rename_{column}"),
                format!("ALTER TABLE {table} RENAME COLUMN {column} TO {name};\n"),
                format!("ALTER TABLE {table} RENAME COLUMN {name} TO {column};\n"),
            ),
        }
    }

    fn view(&mut self) -> (String, String, String) {
        let (name, table, other) =
            (format!("{}_view", self.name()), self.any_table(), self.any_table());
        let up = format!(
            "CREATE VIEW {name} AS
WITH latest AS (
    SELECT id, state, row_number() OVER (PARTITION BY state ORDER BY created_at DESC) AS nth FROM {table}
)
SELECT l.id, l.state, o.created_at, coalesce(o.state, 'none') AS other_state,
    CASE WHEN l.nth < 10 THEN 'recent' WHEN l.nth < 100 THEN 'old' ELSE 'gone' END AS age
FROM latest l LEFT JOIN {other} o ON o.id = l.id
WHERE l.state IN ('new', 'open') AND l.nth <= 1000;\n"
        );
        (format!("show_{table}"), up, format!("DROP VIEW {name};\n"))
    }
}
