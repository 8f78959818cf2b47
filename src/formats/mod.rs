//! Output formats, one file each.
//!
//! To add a format: a file with a unit struct that implements [`Format`], and one line in the list below.

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

/// Lists the formats.
macro_rules! formats {
    ($($(#[$meta:meta])+ $name:ident: $type:ident,)+) => {
        $(mod $name;)+

        /// The name of a format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
        pub enum FormatName { $($(#[$meta])+ $type,)+ }

        /// Returns the format with this name.
        #[must_use]
        pub fn format(name: FormatName) -> &'static dyn Format {
            match name { $(FormatName::$type => &$name::$type,)+ }
        }
    };
}

formats! {
    /// For people.
    #[default]
    human: Human,
    /// For programs: one JSON object.
    json: Json,
}
