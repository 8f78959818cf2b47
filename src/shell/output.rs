//! Printing: data to standard output, everything else to standard error.

use std::io::{self, IsTerminal as _, Write as _};

use super::{Shell, repository};
use crate::diagnostic::Diagnostic;
use crate::exit::Failure;
use crate::formats::visible::visible;
use crate::formats::{Answer, FormatName, format};
use crate::source::Sources;

impl Shell {
    /// Prints an answer.
    ///
    /// # Errors
    ///
    /// Fails if standard output cannot be written to; a reader that went away is no failure.
    pub fn answer(&self, answer: &Answer) -> Result<(), Failure> {
        write(&format(self.format).answer(answer))
    }

    /// Prints findings, with the paths of files as the format's readers want them.
    ///
    /// # Errors
    ///
    /// As for [`Self::answer`].
    pub fn diagnostics(&self, sources: &Sources, found: &[Diagnostic]) -> Result<(), Failure> {
        let format = format(self.format);
        if !format.names_files_from_repository() {
            return write(&format.diagnostics(sources, found, self.style));
        }
        let below = self.below_repository();
        let sources = sources.named(|path| repository::joined(&below, path));
        let mut found = found.to_vec();
        for file in found.iter_mut().filter_map(|found| found.file.as_mut()) {
            *file = repository::joined(&below, file);
        }
        let fixes = found.iter_mut().filter_map(|found| found.fix.as_mut());
        for file in fixes.flat_map(|fix| &mut fix.new_files) {
            file.path = repository::joined(&below, &file.path);
        }
        write(&format.diagnostics(&sources, &found, self.style))
    }

    /// Prints a text to standard output, for a program letter by letter; what a terminal would obey is made visible on one.
    ///
    /// # Errors
    ///
    /// As for [`Self::answer`].
    pub fn data(&self, text: &str) -> Result<(), Failure> {
        if io::stdout().is_terminal() { write(&visible(text)) } else { write(text) }
    }

    /// Says something to the person at the terminal; programs that read JSON are not disturbed.
    pub fn say(&self, text: &str) {
        // Nobody is left to tell that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", visible(text));
    }

    /// Says findings as a format has written them, whose colours a terminal is to obey.
    pub fn say_findings(&self, text: &str) {
        // Nobody is left to tell that standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }

    /// Prints why a command failed: to standard error, and as an object to standard output where JSON was asked for.
    pub fn failure(&self, failure: &Failure) {
        self.say(&format!("error: {}", failure.message));
        if let Some(help) = &failure.help {
            self.say(&format!("  help: {help}"));
        }
        if self.format == FormatName::Json {
            let json = serde_json::json!({
                "error": {"message": failure.message, "help": failure.help, "exit_code": failure.exit.code()},
            });
            // The exit code tells the rest if standard output is gone.
            let _ = self.answer(&Answer { human: String::new(), json });
        }
    }
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::usage(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
