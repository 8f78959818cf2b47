//! Output formats, one file each.
//!
//! To add a format: a file with a unit struct that implements [`Format`], its `mod` line, and one line in the list below.

pub mod columns;
pub mod diff;
pub mod drawing;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
pub mod table;
#[cfg(test)]
mod tests;
pub mod visible;
mod window;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// A way to print.
pub trait Format {
    /// Prints findings; `sources` are the files that labels point into.
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], style: Style) -> String;
    /// Prints any other answer.
    fn answer(&self, answer: &Answer) -> String;
    /// Returns whether its readers take a file's path to begin at the top of the repository, and not at the project's folder.
    fn names_files_from_repository(&self) -> bool {
        false
    }
}

/// Whether the output may use colours and box-drawing characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Colours.
    pub colour: bool,
    /// The width to wrap at, in columns.
    pub width: usize,
}

/// An answer that is no list of findings, for people and for programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The text for people, with its final newline.
    pub human: String,
    /// The object for programs, without `format_version`.
    pub json: Value,
}

/// Returns a number with its noun: `1 phase`, `2 phases`.
#[must_use]
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Lists the formats.
macro_rules! formats {
    ($($(#[$meta:meta])+ $module:ident::$format:ident: $name:ident,)+) => {
        /// The name of a format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
        pub enum FormatName { $($(#[$meta])+ $name,)+ }

        /// Returns the format with this name.
        #[must_use]
        pub fn format(name: FormatName) -> &'static dyn Format {
            match name { $(FormatName::$name => &$module::$format,)+ }
        }
    };
}

formats! {
    /// For people.
    #[default]
    human::Human: Human,
    /// For programs: one JSON object.
    json::Json: Json,
    /// SARIF 2.1.0, for code scanning; only `planner check`.
    sarif::Sarif: Sarif,
    /// Annotations on the lines of a pull request on GitHub; only `planner check`.
    github::Github: Github,
    /// GitLab's Code Quality report; only `planner check`.
    gitlab::Gitlab: Gitlab,
    /// Test results as XML, which nearly every CI shows; only `planner check`.
    junit::Junit: Junit,
    /// For pull requests and pages; only `planner check` and `planner compat`.
    markdown::Markdown: Markdown,
    /// For Markdown pages as a drawing; only `planner graph`.
    drawing::GraphOnly: Mermaid,
    /// For Graphviz; only `planner graph`.
    drawing::GraphOnly: Dot,
}
