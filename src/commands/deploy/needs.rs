//! `--schema`, `--requires`: what a release needs from the schema.

use camino::Utf8PathBuf;

use crate::exit::Failure;
use crate::release::Requirements;
use crate::shell::Shell;
use crate::shell::needs::NeedsFrom;

/// What the release needs
#[derive(Debug, clap::Args)]
pub(super) struct NeedsArgs {
    /// The release's Diesel `schema.rs`, or a folder with it; may be given several times. What it declares is what the release needs
    #[arg(long, value_name = "PATH")]
    schema: Vec<Utf8PathBuf>,
    /// The release's `requires.yaml`: what `schema.rs` cannot say
    #[arg(long, value_name = "FILE")]
    requires: Option<Utf8PathBuf>,
    /// The release's source, a folder or file that may be given several times: of what `schema.rs` declares, only what is used there is needed
    #[arg(long, value_name = "PATH")]
    scan: Vec<Utf8PathBuf>,
}

impl NeedsArgs {
    /// Reads it, if anything is given.
    pub(super) fn read(&self, app: &str, shell: &Shell) -> Result<Option<Requirements>, Failure> {
        let (schema, scan) = (&self.schema, &self.scan);
        shell.needs(app, NeedsFrom { schema, requires: self.requires.as_deref(), scan })
    }
}
