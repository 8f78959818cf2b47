//! What-if facts from a file.

use camino::Utf8Path;

use super::situation::Loaded;
use super::{Shell, files};
use crate::diagnostic::Sink;
use crate::exit::Failure;
use crate::formats::{FormatName, format};
use crate::rollout::what_if::{FactsFile, overlay};
use crate::source::Sources;

impl Shell {
    /// Lays a what-if file over what is known; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read or used; what is wrong in it is printed to standard error.
    pub fn overlay_facts(&self, file: &Utf8Path, loaded: &mut Loaded) -> Result<(), Failure> {
        let text =
            if file == "-" { read_standard_input() } else { files::read(&self.here.join(file)) }?;
        let text =
            text.ok_or_else(|| Failure::usage(format!("there is no facts file `{file}`")))?;
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let source = sources.add(file, text.as_str());
        let read = FactsFile::read(source, &text, &mut sink);
        if let Some(read) = &read {
            read.check(&loaded.built.compiled, &mut sink);
        }
        match read {
            Some(read) if !sink.has_errors() => {
                overlay(&read, &mut loaded.ledger, &mut loaded.facts, &loaded.built.compiled);
                Ok(())
            }
            _ => {
                let found = format(FormatName::Human);
                let found = found.diagnostics(&sources, &sink.into_sorted(), self.style);
                self.say_findings(&found);
                Err(Failure::usage(format!("`{file}` cannot be used"))
                    .help("correct what is reported above"))
            }
        }
    }
}

fn read_standard_input() -> Result<Option<String>, Failure> {
    std::io::read_to_string(std::io::stdin())
        .map(Some)
        .map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))
}
