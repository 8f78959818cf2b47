//! What a run shows, and how it is stopped: lines and progress bars on standard error, Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Shell;
use crate::execute::event::{Observer, Progress};
use crate::formats::visible::visible;

/// How many batches of a backfill pass between two lines, where there is no terminal to draw a bar on.
const BATCHES_A_LINE: u64 = 20;

/// Shows a run to the person at the terminal.
#[derive(Debug)]
pub struct TerminalObserver {
    stop: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
    interactive: bool,
    n_batches: u64,
    seed: u64,
}

impl Shell {
    /// Returns an observer, and from now on lets Ctrl-C and a termination signal stop the run between two statements
    /// or batches; a second one ends the process at once, which loses nothing that was committed.
    #[must_use]
    pub fn observer(&self) -> TerminalObserver {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        let handler = move || {
            if asked.swap(true, Ordering::SeqCst) {
                end_process();
            }
        };
        if ctrlc::set_handler(handler).is_err() {
            self.say("warning: Ctrl-C cannot be caught here and will end the process at once");
        }
        let nanoseconds = self.now().subsec_nanosecond().unsigned_abs();
        let seed = u64::from(nanoseconds) ^ (u64::from(std::process::id()) << 32) | 1;
        TerminalObserver { stop, bar: None, interactive: self.interactive, n_batches: 0, seed }
    }
}

#[expect(
    clippy::exit,
    reason = "a second Ctrl-C means now; open transactions are rolled back by the database"
)]
fn end_process() {
    std::process::exit(130);
}

impl TerminalObserver {
    /// Returns what becomes true when somebody asks to stop, for other threads.
    #[must_use]
    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// Prints a line above the bar, if there is one.
    fn line(&self, text: &str) {
        use std::io::Write as _;
        let text = visible(text);
        match &self.bar {
            Some(bar) => bar.println(text),
            // Nobody is left to tell that standard error is gone.
            None => drop(writeln!(std::io::stderr().lock(), "{text}")),
        }
    }

    fn end_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.n_batches = 0;
    }

    fn batch(&mut self, step: &crate::name::StepKey, rows: u64, of: Option<u64>) {
        self.n_batches += 1;
        if self.interactive {
            let bar = self.bar.get_or_insert_with(|| bar(step, of));
            bar.set_position(rows);
        } else if self.n_batches % BATCHES_A_LINE == 1 {
            let of = of.map_or_else(String::new, |of| format!(" of about {of}"));
            self.line(&format!("  {step}: {rows} rows{of}"));
        }
    }
}

fn bar(step: &crate::name::StepKey, of: Option<u64>) -> ProgressBar {
    let bar = of.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let template = if of.is_some() {
        "  {msg} [{bar:30}] {human_pos}/{human_len} rows, {per_sec}, {eta} left"
    } else {
        "  {msg} {spinner} {human_pos} rows, {per_sec}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(step.to_string());
    bar
}

impl Observer for TerminalObserver {
    fn progress(&mut self, progress: Progress) {
        if !matches!(progress, Progress::Batch { .. } | Progress::Retry(..)) {
            self.end_bar();
        }
        match progress {
            Progress::PhaseOpened(phase) => self.line(&format!("opened {phase}")),
            Progress::Started(step, version) => self.line(&format!("running {step} ({version})")),
            Progress::Finished(step, version, ms) => {
                self.line(&format!("done {step} ({version}) in {ms} ms"));
            }
            Progress::FoundDone(step, version) => {
                self.line(&format!("found {step} ({version}) done already"));
            }
            Progress::HandWritten(directory, ms) => {
                self.line(&format!("done {directory} in {ms} ms"));
            }
            Progress::Batch { step, rows, of } => self.batch(&step, rows, of),
            Progress::Retry(step, why, ms) => {
                self.line(&format!("waiting {ms} ms to try {step} again: {why}"));
            }
            Progress::Reverted(step, version) => self.line(&format!("undone {step} ({version})")),
        }
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock that runs sleep by")]
    fn sleep_ms(&mut self, milliseconds: u64) {
        // In slices, so that Ctrl-C need not wait for a long pause.
        let mut left = milliseconds;
        while left > 0 && !self.stop_requested() {
            let slice = left.min(100);
            std::thread::sleep(Duration::from_millis(slice));
            left -= slice;
        }
    }

    fn jitter_ms(&mut self, below: u64) -> u64 {
        // Xorshift (Marsaglia, 2003): enough to keep two runners from waking together.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        if below == 0 { 0 } else { self.seed % below }
    }
}
