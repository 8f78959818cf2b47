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
    let printed = project.run(&["schema-rs"]).exits(0);
    assert!(printed.contains("users (id)") && !printed.contains("posts"), "{printed}");
    let printed = project.run(&["schema-rs", "--schema-key", "sorted"]).exits(0);
    assert!(printed.contains("posts (id)"), "{printed}");
    let told = project.run(&["schema-rs", "--schema-key", "other"]).fails(2);
    assert!(told.contains("`diesel.toml` has no `[print_schema.other]`"), "{told}");
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

#[test]
fn what_cannot_be_read_or_honoured_is_refused_with_its_place() {
    for (text, told) in [
        ("[print_schema\n", "diesel.toml:1: `diesel.toml` is no TOML"),
        (
            "[print_schema]\nfilter = { only_tables = [\"(\"] }\n",
            "diesel.toml:2: `print_schema.filter.only_tables`: `(` is no regular expression: unclosed group",
        ),
        (
            "[print_schema]\n\nfilter = { only_tables = [], except_tables = [] }\n",
            "diesel.toml:3: `print_schema.filter` is to be either `only_tables` or `except_tables`",
        ),
        (
            "[print_schema]\ncolumn_sorting = \"size\"\n",
            "diesel.toml:2: `print_schema.column_sorting` is to be `ordinal_position` or `name`",
        ),
        ("[print_schema]\nimport_types = [1]\n", "`print_schema.import_types` is to be a list"),
        (
            "[print_schema]\npg_domains_as_custom_types = [\".\"]\n",
            "planner cannot honour `pg_domains_as_custom_types`",
        ),
        ("[print_schema]\nnew_option = 1\n", "planner cannot honour `new_option`"),
        ("[print_schema]\nschema = \"billing\"\n", "asks for schema `billing`, but SQLite has no"),
    ] {
        let answer = project(text).run(&["schema-rs"]).fails(2);
        // Lines are broken to the width of the terminal.
        let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ").replace("│ ", "");
        assert!(answer.contains(told), "{told}\n{answer}");
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
