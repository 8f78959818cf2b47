//! The house keeps its order: layers, file length, module docs, complete lists, no SQL outside the dialects.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of their layers; within a layer in the order they may import.
const LAYERS: &[&[&str]] = &[
    &["source", "name", "dialect", "phase", "version", "diagnostic"],
    &["catalog", "expressions", "change", "dialects", "readers"],
    &["yaml", "config", "operations", "plan"],
    &["graph", "history", "rules"],
    &["compile"],
    &["release", "ledger", "rollout"],
    &["database", "execute"],
    &["exit", "formats", "shell", "commands"],
];

const LINES_MAX: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn sources() -> Vec<(String, String)> {
    let src = root().join("src");
    let files = rust_files(&src).into_iter();
    files
        .map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn top_module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.concat().iter().position(|m| *m == module)
}

/// The part of a file before its unit tests, which may look everywhere; nothing of a file that is all tests.
fn without_tests(text: &str) -> &str {
    if text.contains("#[test]\nfn ") && !text.contains("#[cfg(test)]\nmod ") {
        return "";
    }
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

#[test]
fn a_module_imports_only_from_layers_below_it() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let module = top_module(&file);
        if module == "lib" || module == "main" {
            continue;
        }
        let own = rank(module)
            .unwrap_or_else(|| panic!("`{module}` is in no layer: add it to tests/tidy.rs"));
        for (number, line) in without_tests(&text).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for piece in line.split("crate::").skip(1) {
                let target: String =
                    piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if target != module && rank(&target).is_some_and(|rank| rank >= own) {
                    wrong.push(format!(
                        "src/{file}:{}: {module} must not import {target}",
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut wrong = Vec::new();
    let mut files = rust_files(&root().join("src"));
    files.extend(rust_files(&root().join("tests")));
    files.extend(rust_files(&root().join("benches")));
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        if !text.starts_with("//! ") {
            wrong.push(format!(
                "{name}: begin with `//! ` and one sentence on what the file is for"
            ));
        }
        let n_lines = text.lines().count();
        if n_lines > LINES_MAX {
            wrong.push(format!("{name}: {n_lines} lines, at most {LINES_MAX}; split it"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.ends_with(' ') || line.ends_with('\t') {
                wrong.push(format!("{name}:{}: white space at the end of the line", number + 1));
            }
            let unfinished =
                [["to", "do!("].concat(), ["unimpl", "emented!("].concat(), ["FIX", "ME"].concat()];
            if unfinished.iter().any(|word| line.contains(word.as_str())) {
                wrong.push(format!("{name}:{}: unfinished", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_no_hub_files() {
    let hubs = ["utils", "util", "helpers", "helper", "common", "misc", "manager"];
    for (file, _) in sources() {
        let stem = file.rsplit('/').next().unwrap().trim_end_matches(".rs");
        assert!(!hubs.contains(&stem), "src/{file}: name the file after what is in it");
    }
}

#[test]
fn sql_is_written_only_where_it_belongs() {
    let allowed = ["dialects/", "expressions/", "readers/", "database/", "compile/offline.rs"];
    let words = [
        "SELECT ",
        "INSERT INTO",
        "ALTER TABLE",
        "CREATE TABLE",
        "DROP TABLE",
        "CREATE INDEX",
        "DELETE FROM",
        "UPDATE ",
    ];
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        if allowed.iter().any(|prefix| file.starts_with(prefix)) {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.trim_start();
            if code.starts_with("//") {
                continue;
            }
            let in_text = |word: &&str| line.contains(&format!("\"{word}"));
            if words.iter().any(in_text) {
                wrong.push(format!("src/{file}:{}: SQL outside `dialects/`", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_test_file_is_listed() {
    let listed: BTreeSet<String> = module_lines(&root().join("tests/main.rs"));
    for entry in fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_module = path.extension().is_some_and(|e| e == "rs") || path.join("mod.rs").exists();
        if is_module && stem != "main" {
            assert!(listed.contains(&stem), "tests/{stem} is not listed in tests/main.rs");
        }
        if path.join("mod.rs").exists() {
            let inner = module_lines(&path.join("mod.rs"));
            for file in rust_files(&path) {
                let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
                let nested = file.parent() != Some(path.as_path());
                assert!(
                    nested || stem == "mod" || inner.contains(&stem),
                    "{} is not listed",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_registry_lists_its_files() {
    for folder in ["operations", "release/platforms", "rules", "formats", "commands"] {
        let path = root().join("src").join(folder);
        let text = fs::read_to_string(path.join("mod.rs")).unwrap();
        for file in rust_files(&path) {
            let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let listed = |line: &str| {
                let line = line
                    .trim()
                    .trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub ")
                    .trim_start_matches("mod ");
                line.strip_prefix(&stem).is_some_and(|rest| rest.starts_with([':', ',', ';']))
            };
            assert!(
                stem == "mod" || file.parent() != Some(&path) || text.lines().any(listed),
                "src/{folder}/{stem}.rs is not listed in its mod.rs"
            );
        }
    }
}

fn module_lines(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let names = text.lines().filter_map(|line| {
        line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')
    });
    names.map(str::to_owned).collect()
}
