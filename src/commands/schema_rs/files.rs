//! The files that `diesel.toml` names, as `diesel migration run` writes them, and with `--locked-schema` compares them.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;

use super::Printed;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::formats::diff::unified;
use crate::shell::{Shell, files};

/// A file and what it should have.
struct Wanted<'a> {
    path: &'a Utf8Path,
    /// As it is shown.
    shown: Utf8PathBuf,
    text: &'a str,
    /// What it has.
    old: Option<String>,
}

impl Wanted<'_> {
    /// Diesel compares line by line, so that how lines end is no difference.
    fn is_stale(&self) -> bool {
        self.old.as_ref().is_none_or(|old| old.lines().ne(self.text.lines()))
    }
}

/// Writes the files, or only compares them.
pub(super) fn put(printed: &[Printed<'_>], writes: bool, shell: &Shell) -> Result<Exit, Failure> {
    let mut all: Vec<Wanted<'_>> = Vec::new();
    for Printed { key, options, text } in printed {
        // Diesel leaves out keys without a file too.
        let Some(path) = &options.file else { continue };
        let shown = path.strip_prefix(&shell.root).unwrap_or(path).to_owned();
        if all.iter().any(|known| known.path == path) {
            return Err(Failure::usage(format!("`{shown}` is the `file` of two keys, `{key}` is one of them"))
                .help("give each key of `[print_schema]` a file of its own, or choose one with `--schema-key`"));
        }
        all.push(Wanted { path, shown, text, old: files::read(path)? });
    }
    if all.is_empty() {
        return Err(Failure::usage("`diesel.toml` names no `file` to write the schema to").help(
            "write `file = \"src/schema.rs\"` under `[print_schema]`, or name one with `--out`",
        ));
    }
    let stale: Vec<&Wanted<'_>> = all.iter().filter(|wanted| wanted.is_stale()).collect();
    let names = |of: &[&Wanted<'_>]| of.iter().map(|wanted| wanted.shown.to_string()).collect::<Vec<_>>();
    if !writes {
        let mut human: String = stale
            .iter()
            .map(|wanted| unified(&wanted.shown, wanted.old.as_deref(), wanted.text))
            .collect();
        for wanted in &all {
            let is = if wanted.is_stale() {
                "is not what the plans make: run `planner schema-rs --write`"
            } else {
                "is what the plans make"
            };
            human += &format!("`{}` {is}\n", wanted.shown);
        }
        shell.answer(&Answer { human, json: json!({"stale": names(&stale)}) })?;
        return Ok(if stale.is_empty() { Exit::Done } else { Exit::Findings });
    }
    let mut human = String::new();
    for wanted in &all {
        if wanted.is_stale() {
            files::write(wanted.path, wanted.text)?;
            human += &format!("wrote {}\n", wanted.shown);
        } else {
            human += &format!("kept {} as it is\n", wanted.shown);
        }
    }
    shell.answer(&Answer { human, json: json!({"written": names(&stale)}) })?;
    Ok(Exit::Done)
}
