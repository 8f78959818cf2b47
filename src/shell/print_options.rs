//! What the project's `diesel.toml` says of `schema.rs`.

use super::{Shell, files};
use crate::compile::schema_rs::diesel_toml::{DEFAULT_KEY, print_options};
use crate::compile::schema_rs::options::PrintOptions;
use crate::exit::Failure;

const FILE: &str = "diesel.toml";

impl Shell {
    /// Reads what `diesel.toml` says of `schema.rs`, under `[print_schema.KEY]` if a key is named; without the file the defaults.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, or lacks the key.
    pub fn print_options(&self, key: Option<&str>) -> Result<PrintOptions, Failure> {
        let Some(text) = files::read(&self.root.join(FILE))? else {
            return match key {
                None => Ok(PrintOptions::default()),
                Some(key) => {
                    Err(Failure::usage(format!("there is no `{FILE}` with `[print_schema.{key}]`"))
                        .help("write one, or leave `--schema-key` away"))
                }
            };
        };
        print_options(&text, key.unwrap_or(DEFAULT_KEY)).map_err(|why| {
            let place = why.line.map(|line| format!("{FILE}:{line}: ")).unwrap_or_default();
            Failure::usage(format!("{place}{}", why.message)).help(why.help)
        })
    }
}
