//! What the project's `diesel.toml` says of `schema.rs`: the file that Diesel itself would read.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Shell, files};
use crate::compile::schema_rs::diesel_toml::{DEFAULT_KEY, DieselToml};
use crate::compile::schema_rs::options::PrintOptions;
use crate::diagnostic::{Diagnostic, Sink, code, did_you_mean};
use crate::exit::Failure;
use crate::formats::{FormatName, format};
use crate::source::Sources;

const FILE: &str = "diesel.toml";
const VARIABLE: &str = "DIESEL_CONFIG_FILE";
const LIMIT: files::Limit =
    files::Limit { bytes: 1 << 20, help: "keep only Diesel's options in it" };

/// How a project's `schema.rs` are printed.
#[derive(Debug)]
pub struct Printing {
    /// The `diesel.toml` that says so, as it is shown; none if there is none.
    pub path: Option<Utf8PathBuf>,
    /// The options of each key, in the order in which Diesel prints them; paths in them are whole.
    pub keys: BTreeMap<String, PrintOptions>,
    sources: Sources,
}

/// Why a `diesel.toml` cannot be used.
#[derive(Debug)]
pub struct Unusable {
    path: Utf8PathBuf,
    sources: Sources,
    found: Vec<Diagnostic>,
}

impl Unusable {
    /// Returns it in one sentence, with the first of the reasons.
    #[must_use]
    pub fn sentence(&self) -> String {
        let first = self.found.first();
        let line = first.and_then(|found| found.labels.first());
        let line = line.map(|label| format!(":{}", self.sources.line_column(label.span).0));
        let message = first.map_or("", |found| found.message.as_str());
        format!("`{}{}` cannot be used: {message}", self.path, line.unwrap_or_default())
    }
}

impl Printing {
    /// Returns the options of the key that this file is printed by: the one that names it, else Diesel's own.
    #[must_use]
    pub fn of_file(&self, file: &Utf8Path) -> PrintOptions {
        let names_it = |options: &&PrintOptions| options.file.as_deref() == Some(file);
        let own = || self.keys.get(DEFAULT_KEY);
        self.keys.values().find(names_it).or_else(own).cloned().unwrap_or_default()
    }

    /// Returns the keys that are named, with their options; all if none is.
    ///
    /// # Errors
    ///
    /// Fails if one is not there.
    pub fn chosen(&self, named: &[String]) -> Result<Vec<(&str, &PrintOptions)>, Failure> {
        if named.is_empty() {
            return Ok(self.keys.iter().map(|(key, options)| (key.as_str(), options)).collect());
        }
        let mut chosen: Vec<(&str, &PrintOptions)> = Vec::new();
        for key in named {
            let Some((key, options)) = self.keys.get_key_value(key) else {
                return Err(self.no_key(key));
            };
            if !chosen.iter().any(|(known, _)| known == key) {
                chosen.push((key, options));
            }
        }
        Ok(chosen)
    }

    fn no_key(&self, key: &str) -> Failure {
        let Some(path) = &self.path else {
            return Failure::usage(format!("there is no `{FILE}` with `[print_schema.{key}]`"))
                .help("write one, or leave `--schema-key` away");
        };
        let known: Vec<String> = self.keys.keys().map(|name| format!("`{name}`")).collect();
        let near = did_you_mean(key, self.keys.keys().map(String::as_str));
        Failure::usage(format!("`{path}` has no `[print_schema.{key}]`"))
            .help(near.unwrap_or_else(|| format!("name one that is there: {}", known.join(", "))))
    }
}

impl Shell {
    /// Reads what `diesel.toml` says of `schema.rs`. It is the file that is named, else that of `DIESEL_CONFIG_FILE`, else the nearest one from
    /// the project's root upwards. Without any all schemas are printed by Diesel's defaults.
    ///
    /// # Errors
    ///
    /// Fails if the file that is named is not there, or if the file cannot be used: why is said on standard error then.
    pub fn printing(&self, named: Option<&Utf8Path>) -> Result<Printing, Failure> {
        self.try_printing(named)?.map_err(|unusable| {
            let Unusable { path, sources, found } = unusable;
            self.explain(&sources, &found);
            Failure::usage(format!("`{path}` cannot be used"))
                .help("correct what is reported above")
        })
    }

    /// As [`Self::printing`], but what is wrong with the file is returned.
    ///
    /// # Errors
    ///
    /// Fails if the file that is named is not there.
    pub fn try_printing(
        &self,
        named: Option<&Utf8Path>,
    ) -> Result<Result<Printing, Unusable>, Failure> {
        let Some(path) = self.diesel_toml(named)? else {
            let keys = BTreeMap::from([(DEFAULT_KEY.to_owned(), PrintOptions::default())]);
            return Ok(Ok(Printing { path: None, keys, sources: Sources::default() }));
        };
        let shown = path.strip_prefix(&self.root).unwrap_or(&path).to_owned();
        let (mut sources, mut sink) = (Sources::default(), Sink::default());
        let text = files::read_within(&path, &shown, LIMIT, &mut sink);
        let read = text.and_then(|text| {
            let source = sources.add(shown.clone(), text.as_str());
            DieselToml::read(source, &text, &mut sink)
        });
        let Some(read) = read else {
            return Ok(Err(Unusable { path: shown, sources, found: sink.into_sorted() }));
        };
        let folder = path.parent().unwrap_or(&self.root);
        let whole = |(key, options): (&str, &PrintOptions)| {
            let mut options = options.clone();
            for file in [&mut options.file, &mut options.patch_file].into_iter().flatten() {
                *file = folder.join(&file);
            }
            (key.to_owned(), options)
        };
        Ok(Ok(Printing { path: Some(shown), keys: read.keys().map(whole).collect(), sources }))
    }

    /// Returns the path of the `diesel.toml`.
    fn diesel_toml(&self, named: Option<&Utf8Path>) -> Result<Option<Utf8PathBuf>, Failure> {
        let by_variable = || {
            Ok::<_, Failure>(match self.variable(VARIABLE) {
                Some(path) => Some(self.here.join(path)),
                None => self.dotenv_variable(VARIABLE)?.map(|path| self.root.join(path)),
            })
        };
        let (path, who, help) = match named {
            Some(path) => (Some(self.here.join(path)), "--config-file", "check the path"),
            None => (by_variable()?, VARIABLE, "check the path, or unset the variable"),
        };
        let Some(path) = path else {
            let mut above = self.root.ancestors().map(|folder| folder.join(FILE));
            return Ok(above.find(|path| path.exists()));
        };
        if path.exists() {
            return Ok(Some(path));
        }
        Err(Failure::usage(format!("there is no `{path}`, which `{who}` names")).help(help))
    }

    /// Refuses options that planner does not know, since what it prints would not be what Diesel prints.
    ///
    /// # Errors
    ///
    /// Fails if there is one: where it stands is said on standard error.
    pub fn can_be_honoured(
        &self,
        printing: &Printing,
        options: &PrintOptions,
    ) -> Result<(), Failure> {
        let findings = options.not_honoured.iter().map(|option| {
            let message = format!("planner does not know the option `{}`", option.name);
            let help = "take it out, or print the file with `diesel print-schema` from a database on which the plans ran";
            let help = option.near.clone().unwrap_or_else(|| help.to_owned());
            Diagnostic::new(code::INVALID_CONFIGURATION, message).at(option.span).help(help)
        });
        let found: Vec<Diagnostic> = findings.collect();
        let Some(path) = printing.path.as_ref().filter(|_| !found.is_empty()) else {
            return Ok(());
        };
        self.explain(&printing.sources, &found);
        Err(Failure::usage(format!("`{path}` asks for what planner cannot honour"))
            .help("correct what is reported above"))
    }

    fn explain(&self, sources: &Sources, found: &[Diagnostic]) {
        let text = format(FormatName::Human).diagnostics(sources, found, self.style);
        self.say_findings(&text);
    }
}
