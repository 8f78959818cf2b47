//! `planner schema-rs` by the `diesel.toml` of the project.

use crate::support::project::Project;

const PLAN: &str = "title: Tables
expand:
  - create_table:
      table: users
      columns:
        - { name: id, type: INTEGER, primary_key: true }
        - { name: name, type: TEXT, nullable: false }
  - create_table:
      table: posts
      columns:
        - { name: id, type: INTEGER, primary_key: true }
";

fn project(diesel_toml: &str) -> Project {
    Project::sqlite()
        .file("plans/2026-01-01-000000_tables.yaml", PLAN)
        .file("diesel.toml", diesel_toml)
}

#[test]
fn schema_rs_prints_what_diesel_toml_wants() {
    let only_users = "[print_schema]\nfilter = { only_tables = [\"users\"] }\n[print_schema.sorted]\ncolumn_sorting = \"name\"\n";
    let project = project(only_users);
    let printed = project.run(&["schema-rs", "--schema-key", "default"]).exits(0);
    assert!(printed.contains("users (id)") && !printed.contains("posts"), "{printed}");
    let printed = project.run(&["schema-rs", "--schema-key", "sorted"]).exits(0);
    assert!(printed.contains("posts (id)"), "{printed}");
    let told = project.run(&["schema-rs", "--schema-key", "other"]).fails(2);
    assert!(told.contains("`diesel.toml` has no `[print_schema.other]`"), "{told}");
}

#[test]
fn a_virtual_table_is_left_out_and_the_text_says_so() {
    let project = Project::sqlite()
        .file(
            "migrations/2020-01-01-000000_all/up.sql",
            "CREATE VIRTUAL TABLE words USING fts5(text);\n",
        )
        .file("migrations/2020-01-01-000000_all/down.sql", "DROP TABLE words;\n");
    let printed = project.run(&["schema-rs"]).exits(0);
    assert!(printed.contains("// `words` is left out: only its module knows"), "{printed}");
}

#[test]
fn a_virtual_table_that_only_the_database_had_is_left_out_and_the_text_says_so() {
    use ::diesel::Connection as _;
    use ::diesel::connection::SimpleConnection as _;
    let project = Project::sqlite();
    let path = project.path().join("test.db");
    let mut file = ::diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    file.batch_execute("CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL); CREATE VIRTUAL TABLE words USING fts5(text)")
        .unwrap();
    project.run(&["baseline"]).exits(0);
    let printed = project.run(&["schema-rs"]).exits(0);
    assert!(printed.contains("// `words` is left out: only its module knows"), "{printed}");
    assert!(printed.contains("users (id)"), "{printed}");
    let text = project.run(&["drift"]).exits(0);
    assert_eq!(text, "The database is what ran on it.\n");
}

#[test]
fn the_patch_of_diesel_toml_is_applied() {
    let patch = "@@ -2,5 +2,5 @@\n \n diesel::table! {\n     users (id) {\n-        id -> Integer,\n+        id -> BigInt,\n         name -> Text,\n";
    let text = "[print_schema]\nfilter = { only_tables = [\"users\"] }\npatch_file = \"patches/schema.patch\"\n";
    let project = project(text);
    let told = project.run(&["schema-rs"]).fails(2);
    assert!(told.contains("there is no `patches/schema.patch`"), "{told}");
    project.write("patches/schema.patch", patch);
    let printed = project.run(&["schema-rs"]).exits(0);
    assert!(printed.contains("        id -> BigInt,\n        name -> Text,\n"), "{printed}");
    project.write("patches/schema.patch", patch.replace("name -> Text", "nick -> Text"));
    let told = project.run(&["schema-rs"]).fails(2);
    assert!(told.contains("does not fit"), "{told}");
    project.write("patches/schema.patch", "@@ nothing @@\n");
    let told = project.run(&["schema-rs"]).fails(2);
    assert!(told.contains("is no patch"), "{told}");
}

/// The words that an answer underlines first, with the line that has them.
fn underlined(answer: &str) -> (String, String) {
    let lines: Vec<&str> = answer.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.trim_start().trim_start_matches([':', ' ']).starts_with('^'));
    let at = at.unwrap_or_else(|| panic!("{answer}"));
    let (line, marks) = (lines[at - 1], lines[at]);
    let start = marks.chars().take_while(|letter| *letter != '^').count();
    let n = marks.chars().skip(start).take_while(|letter| *letter == '^').count();
    let words = line.chars().skip(start).take(n).collect();
    (line.to_owned(), words)
}

#[test]
fn what_cannot_be_read_or_honoured_is_refused_with_its_place_underlined() {
    for (text, told, words) in [
        ("[print_schema\n", "this is no TOML", ""),
        (
            "[print_schema]\nfilter = { only_tables = [\"ok\", \"(\"] }\n",
            "`print_schema.filter.only_tables`: `(` is no regular expression: unclosed group",
            "\"(\"",
        ),
        (
            "[print_schema]\n\nfilter = { only_tables = [], except_tables = [] }\n",
            "`print_schema.filter` is to be either `only_tables` or `except_tables`",
            "{ only_tables = [], except_tables = [] }",
        ),
        (
            "[print_schema.other]\ncolumn_sorting = \"size\"\n",
            "`print_schema.other.column_sorting` is to be one of `ordinal_position`, `name`",
            "\"size\"",
        ),
        (
            "[print_schema]\nimport_types = [1]\n",
            "`print_schema.import_types` is to be a list",
            "[1]",
        ),
        ("[print_schema]\nwith_docs = 3\n", "is to be `true`, `false` or one of", "3"),
        (
            "[print_schema]\nnew_option = 1\n",
            "planner does not know the option `print_schema.new_option`",
            "new_option",
        ),
        (
            "[print_schema]\nfilters = {}\ncolumn_sort = 1\n",
            "did you mean `column_sorting`",
            "column_sort",
        ),
        ("print_schema = 1\n", "`print_schema` is to be a table", "1"),
    ] {
        let answer = project(text).run(&["schema-rs"]).fails(2);
        assert!(answer.contains("diesel.toml"), "{answer}");
        if !words.is_empty() {
            assert_eq!(underlined(&answer).1, words, "{answer}");
        }
        // Lines are broken to the width of the terminal.
        let answer = answer.replace(['|', '\n'], " ");
        let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(answer.contains(told), "{told}\n{answer}");
    }
    let told = project("[print_schema]\nschema = \"billing\"\n").run(&["schema-rs"]).fails(2);
    assert!(told.contains("schema `billing` is asked for, but SQLite has no schemas"), "{told}");
}

#[test]
fn all_that_is_wrong_with_diesel_toml_is_told_at_once() {
    let text = "[print_schema]\nwith_docs = 3\nschema = 4\n[print_schema.other]\nfile = []\n";
    let told = project(text).run(&["schema-rs"]).fails(2);
    for option in ["print_schema.with_docs", "print_schema.schema", "print_schema.other.file"] {
        assert!(told.contains(&format!("`{option}` is to be")), "{told}");
    }
}

/// What `diesel.toml` may be that nobody can use.
const UNUSABLE: [&[u8]; 5] = [
    b"[print_schema\n",
    b"[print_schema]\nfilter = 1\n",
    b"\xff\xfe",
    b"a = \"\xc3\"\n",
    b"[print_schema]\nwith_docs = \"\n",
];

#[test]
fn only_what_needs_diesel_toml_fails_on_it() {
    for text in UNUSABLE {
        let project = project("");
        project.write("diesel.toml", text);
        project.run(&["compile"]).exits(0);
        project.run(&["check"]).exits(0);
        project.run(&["show", "tables"]).exits(0);
        project.run(&["run"]).exits(0);
        project.run(&["status"]).exits(0);
        project.run(&["drift"]).exits(0);
        project.run(&["verify"]).exits(0);
        project.run(&["schema-rs"]).fails(2);
        // A good file that is named is read instead.
        project.write("good.toml", "");
        project
            .run(&["schema-rs", "--config-file", "good.toml", "--out", "src/schema.rs"])
            .exits(0);
        let told = project.run(&["new", "more", "--from-schema"]).fails(2);
        assert!(told.contains("`diesel.toml` cannot be used"), "{told}");
        project.run(&["new", "empty"]).exits(0);
    }
}

#[test]
fn a_baseline_is_taken_without_what_only_diesel_toml_tells() {
    for text in UNUSABLE {
        let project = Project::sqlite()
            .file(
                "migrations/2020-01-01-000000_all/up.sql",
                "CREATE TABLE users (id INTEGER PRIMARY KEY NOT NULL);\n",
            )
            .file("migrations/2020-01-01-000000_all/down.sql", "DROP TABLE users;\n")
            .file("src/schema.rs", "diesel::table! { users (id) { id -> Integer, } }\n")
            .file("diesel.toml", text);
        let told = project.run(&["baseline"]).exits(0);
        assert!(told.contains("were not compared: `diesel.toml"), "{told}");
        assert!(project.path().join("baseline.sqlite.sql").exists());
    }
}

#[test]
fn a_draft_from_what_was_printed_finds_nothing() {
    let plan = format!(
        "{PLAN}        - {{ name: user_id, type: INTEGER, references: {{ table: users, column: id }} }}\n"
    );
    for text in [
        "[print_schema]\nsqlite_integer_primary_key_is_bigint = true\n",
        "[print_schema]\nfilter = { except_tables = [\"^planner_\"] }\ncolumn_sorting = \"name\"\nwith_docs = true\n",
    ] {
        let project = Project::sqlite()
            .file("plans/2026-01-01-000000_tables.yaml", &plan)
            .file("diesel.toml", text);
        std::fs::create_dir(project.path().join("src")).unwrap();
        project.run(&["schema-rs", "--out", "src/schema.rs"]).exits(0);
        let widened = project.read("src/schema.rs").contains("user_id -> Nullable<BigInt>");
        assert_eq!(widened, text.contains("bigint"), "{}", project.read("src/schema.rs"));
        let told = project.run(&["new", "same", "--from-schema"]).exits(0);
        assert!(told.contains("there is nothing to plan"), "{told}");
    }
}
