//! Names that a terminal would obey: nothing that planner prints moves the reader's cursor or turns the direction of writing.

use crate::support::project::Project;

const ODD: &str = "\u{1b}[2J\u{7}\rall is well\u{202e}\u{9b}31m\u{7f}\nno findings";

/// Returns whether a terminal would obey a character of this.
fn obeyed(text: &str) -> Option<char> {
    let text = text.replace("\r\n", "\n");
    text.chars().find(|letter| {
        letter.is_control() && !matches!(letter, '\n' | '\t')
            || matches!(letter, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

fn project() -> Project {
    let project = Project::sqlite();
    let name = format!("migrations/2025-01-01-000000_{ODD}");
    let table = ODD.replace('"', "\"\"");
    let up = format!(
        "CREATE TABLE \"{table}\" (id integer PRIMARY KEY, \"x{table}\" text);\n-- {ODD}\nDROP TABLE \"b{table}\";"
    );
    project.write(&format!("{name}/up.sql"), up);
    project.write(&format!("{name}/down.sql"), format!("DROP TABLE \"{table}\";"));
    project.write(
        "plans/2026-01-01-000000_plan.yaml",
        "title: \"\\e[2J\\rfine\\u202e\"\nowner: \"\\e[2Jme\\u202e\"\nexpand:\n  - create_table: { table: \"a\\e[2J\\u202e\", columns: [{ name: id, type: integer, primary_key: true }] }\n",
    );
    project
}

#[test]
fn what_is_printed_is_seen_and_not_obeyed() {
    let commands: &[&[&str]] = &[
        &["check"],
        &["check", "--fix"],
        &["compile"],
        &["show", "plan"],
        &["graph"],
        &["graph", "--format", "mermaid"],
        &["graph", "--format", "dot"],
        &["status"],
        &["status", "--debt"],
        &["next-phase"],
        &["verify"],
        &["run"],
        &["history"],
        &["drift"],
        &["compat"],
        &["baseline"],
        &["new", "x", "--from-database"],
        &["check", "--format", "github"],
        &["check", "--format", "markdown"],
        &["check", "--format", "sarif"],
        &["check", "--format", "gitlab"],
        &["check", "--format", "junit"],
    ];
    let project = project();
    for arguments in commands {
        let ran = project.run(arguments);
        for text in [&ran.out, &ran.err] {
            assert_eq!(obeyed(text), None, "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn json_has_escapes_and_means_what_is_there() {
    let project = project();
    let mut told = String::new();
    for arguments in [["check"], ["status"], ["verify"], ["graph"], ["drift"]] {
        let ran = project.run(&[&["--format", "json"], &arguments as &[&str]].concat());
        assert_eq!(obeyed(&ran.out), None, "{arguments:?}: {:?}", ran.out);
        told += &ran.json().to_string();
    }
    // Read again, it is the name as it is.
    assert!(told.contains('\u{202e}') && told.contains('\u{9b}'), "{told}");
}

#[test]
fn a_name_with_the_end_of_a_line_forges_no_line() {
    let told = project().run(&["check"]);
    let forged = format!("{}{}", told.out, told.err);
    assert!(!forged.lines().any(|line| line.starts_with("no findings")), "{forged}");
}
