//! Output formats, one file each.
//!
//! To add a format: a file with a unit struct that implements [`Format`], its `mod` line, and one line in the list below.

pub mod columns;
pub mod drawing;
mod human;
mod json;
pub mod table;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// A way to print.
pub trait Format {
    /// Prints findings; `sources` are the files that labels point into.
    fn diagnostics(&self, sources: &Sources, found: &[Diagnostic], style: Style) -> String;
    /// Prints any other answer.
    fn answer(&self, answer: &Answer) -> String;
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
    /// For Markdown pages as a drawing; only `planner graph`.
    drawing::GraphOnly: Mermaid,
    /// For Markdown pages as a table; only `planner compat`.
    table::TableOnly: Markdown,
    /// For Graphviz; only `planner graph`.
    drawing::GraphOnly: Dot,
}
