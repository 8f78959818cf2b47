//! The pages that a newcomer reads are true: their commands are run, their plans are checked.

use crate::support::page;
use crate::support::project::Project;

#[test]
fn the_tour_of_the_readme_prints_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    page::walk("README.md", "## A tour", folder.path());
}

#[test]
fn the_first_command_of_the_readme_has_an_answer_on_a_fresh_clone() {
    let page = page::read("README.md");
    let blocks = page::blocks(&page);
    assert_eq!(blocks[0].text, "cargo run -- -C examples/storefront next-phase\n");
    assert_eq!(blocks[1].text, "tests/run\n");
    let shop = Project::copy_of("examples/storefront");
    let before = shop.list(".");
    let answer = shop.run(&["next-phase"]).exits(0);
    for part in ["Ready, in this order:", "Blocked:", "Waiting:", "To unblock:"] {
        assert!(answer.contains(part), "{answer}");
    }
    assert_eq!(shop.list("."), before, "asking writes nothing");
}

#[test]
fn the_page_of_the_storefront_prints_what_it_says() {
    let shop = Project::copy_of("examples/storefront");
    page::walk("examples/storefront/README.md", "## ", shop.path());
}

#[test]
fn what_is_committed_is_what_the_compiler_writes() {
    let root = Project::sqlite();
    for folder in ["", "examples/storefront"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let folder = folder.to_str().unwrap();
        root.run(&["-C", folder, "check", "--strict"]).exits(0);
        root.run(&["-C", folder, "compile", "--check"]).exits(0);
    }
}

/// A YAML block begins with a comment that names its file; all blocks together are one project.
#[test]
fn the_plans_of_the_how_to_page_pass_every_rule() {
    for dialect in ["sqlite", "postgres"] {
        let project = Project::sqlite().variable("DATABASE_URL", "shop.db");
        let mut n_plans = 0;
        for block in page::blocks(&page::read("docs/how-to.md")) {
            // SQLite has no partitions.
            let is_foreign = dialect == "sqlite" && block.text.contains("PARTITION");
            if block.language != "yaml" || is_foreign {
                continue;
            }
            let first = block.text.lines().next().unwrap();
            let file = first.strip_prefix("# ").unwrap_or_else(|| panic!("no file name: {first}"));
            n_plans += usize::from(file.starts_with("plans/"));
            let dialect = format!("dialect: {dialect}");
            project.write(file, block.text.replace("dialect: postgres", &dialect));
        }
        assert!(n_plans >= 6, "{n_plans} plans");
        assert_eq!(project.findings(0), []);
        project.run(&["compile"]).exits(0);
        if dialect == "sqlite" {
            project.run(&["next-phase", "--facts", "facts.yaml"]).exits(0);
        }
    }
}

#[test]
fn the_commands_of_the_how_to_page_are_known() {
    let project = Project::sqlite();
    let mut n_commands = 0;
    for block in page::blocks(&page::read("docs/how-to.md")) {
        for line in block.text.lines().filter(|_| block.language == "sh") {
            let Some(arguments) = line.strip_prefix("planner ") else { continue };
            let quoted: Vec<&str> = arguments.split('"').collect();
            let mut words: Vec<&str> = Vec::new();
            for (at, part) in quoted.iter().enumerate() {
                let is_quoted = at % 2 == 1;
                words.extend(if is_quoted {
                    vec![*part]
                } else {
                    part.split_whitespace().collect()
                });
            }
            let end =
                words.iter().position(|word| [">", "|"].contains(word)).unwrap_or(words.len());
            words.truncate(end);
            words.push("--help");
            project.run(&words).exits(0);
            n_commands += 1;
        }
    }
    assert!(n_commands >= 20, "{n_commands} commands");
}
