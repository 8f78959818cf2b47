//! `planner init`.

use camino::Utf8Path;
use serde_json::json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use crate::dialect::Dialect;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::shell::{Shell, files};

/// Set up a project: `planner.yaml`, `plans/`, a CI job, and the filter in `diesel.toml`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database engine; found from `Cargo.toml` or `DATABASE_URL` if nothing is said
    #[arg(long, value_parser = parse_dialect)]
    dialect: Option<Dialect>,
    /// The CI whose job to write
    #[arg(long, value_enum, default_value_t = Ci::Github)]
    ci: Ci,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Ci {
    /// `.github/workflows/planner.yml`
    Github,
    /// `.gitlab/planner.yml`, to be included
    Gitlab,
    /// None
    None,
}

fn parse_dialect(text: &str) -> Result<Dialect, String> {
    Dialect::parse(text).ok_or_else(|| format!("dialects: {}", Dialect::ALL.map(Dialect::word).join(", ")))
}

/// The tables that `diesel print-schema` must leave out, as Diesel's regular expressions.
const FILTER: &str = "^planner_.*";

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    // Here, not at the root: a project may be set up in a folder below another one's.
    let dialect = args.dialect.map_or_else(|| find_dialect(shell), Ok)?;
    let mut written: Vec<String> = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    let mut put = |path: &str, text: &str| -> Result<(), Failure> {
        let whole = shell.here.join(path);
        if whole.exists() {
            kept.push(path.to_owned());
        } else {
            files::write(&whole, text)?;
            written.push(path.to_owned());
        }
        Ok(())
    };
    put("planner.yaml", &config(dialect))?;
    put("plans/README.md", PLANS_README)?;
    match args.ci {
        Ci::Github => put(".github/workflows/planner.yml", GITHUB)?,
        Ci::Gitlab => put(".gitlab/planner.yml", GITLAB)?,
        Ci::None => {}
    }
    let diesel = "diesel.toml";
    let before = files::read(&shell.here.join(diesel))?;
    match with_filter(before.as_deref().unwrap_or_default(), &shell.here.join(diesel))? {
        Some(after) => {
            files::write(&shell.here.join(diesel), &after)?;
            written.push(diesel.to_owned());
        }
        None => kept.push(diesel.to_owned()),
    }
    let mut human = String::new();
    for path in &written {
        human += &format!("wrote {path}\n");
    }
    for path in &kept {
        human += &format!("kept {path} as it is\n");
    }
    human += "Next: `planner new NAME` writes a plan, `planner check` checks it.\n";
    shell.answer(&Answer { human, json: json!({"written": written, "kept": kept, "dialect": dialect.word()}) })?;
    Ok(Exit::Done)
}

fn find_dialect(shell: &Shell) -> Result<Dialect, Failure> {
    if let Some(url) = shell.variable("DATABASE_URL") {
        return Ok(if url.starts_with("postgres") { Dialect::Postgres } else { Dialect::Sqlite });
    }
    let cargo = files::read(&shell.here.join("Cargo.toml"))?.unwrap_or_default();
    let diesel: String = cargo.lines().filter(|line| line.contains("diesel") || line.contains("features")).collect();
    let found: Vec<Dialect> =
        Dialect::ALL.into_iter().filter(|dialect| diesel.contains(&format!("\"{dialect}\""))).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        _ => Err(Failure::usage("the database engine is not known").help("say `--dialect postgres` or `--dialect sqlite`")),
    }
}

fn config(dialect: Dialect) -> String {
    let database = match dialect {
        Dialect::Postgres => "# The server's URL comes from DATABASE_URL or .env, never from this file.\n",
        Dialect::Sqlite => "# Used where neither DATABASE_URL nor .env names a database.\n# database: sqlite:dev.db\n",
    };
    format!(
        "# planner's project file; every key may be left out.
dialect: {dialect}
plans: plans
migrations: migrations
schema: src/schema.rs
{database}
# The applications that use this database; each must pass every release gate.
# apps:
#   web: {{}}

environments:
  # On a developer's machine gates would only be in the way.
  dev: {{ gates: off }}
"
    )
}

const PLANS_README: &str = "# Plans

One file a schema change, told from expand over backfill to contract. `planner new NAME` writes one,
`planner check` checks all, `planner compile` turns them into Diesel migrations.
";

const GITHUB: &str = "name: planner
on: [pull_request]
jobs:
  planner:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # Put the program on PATH here, built from planner's own repository: the package of that name on the
      # public registry is another program.
      - run: command -v planner
      # Findings become annotations on the lines of the pull request.
      - run: planner check --format github
      - run: planner compile --check
";

const GITLAB: &str = "planner:
  image: rust:latest
  script:
    # Put the program on PATH here, built from planner's own repository: the package of that name on the
    # public registry is another program.
    - command -v planner
    # Findings become part of the merge request; the second command shows them in the log, and fails.
    - planner check --format gitlab > gl-code-quality-report.json || planner check
    - planner compile --check
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
";

/// Returns `diesel.toml` with planner's tables left out of `diesel print-schema`; `None` if they already are.
fn with_filter(text: &str, path: &Utf8Path) -> Result<Option<String>, Failure> {
    let broken = |what: &str| {
        Failure::usage(format!("`{path}` cannot be changed: {what}")).help(format!(
            "add `filter = {{ except_tables = [\"{FILTER}\"] }}` under `[print_schema]` by hand"
        ))
    };
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| broken(&error.to_string()))?;
    let print_schema = document.entry("print_schema").or_insert_with(|| Item::Table(Table::new()));
    let print_schema = print_schema.as_table_like_mut().ok_or_else(|| broken("`print_schema` is no table"))?;
    let Some(filter) = print_schema.get_mut("filter") else {
        let mut except = Array::new();
        except.push(FILTER);
        let mut filter = InlineTable::new();
        filter.insert("except_tables", Value::Array(except));
        print_schema.insert("filter", Item::Value(Value::InlineTable(filter)));
        return Ok(Some(document.to_string()));
    };
    let filter = filter.as_table_like_mut().ok_or_else(|| broken("`filter` is no table"))?;
    if filter.contains_key("only_tables") {
        return Ok(None);
    }
    let Some(except) = filter.get_mut("except_tables").and_then(Item::as_array_mut) else {
        return Err(broken("`filter` has neither `except_tables` nor `only_tables`"));
    };
    if except.iter().any(|table| table.as_str().is_some_and(|table| table.contains("planner_"))) {
        return Ok(None);
    }
    except.push(FILTER);
    Ok(Some(document.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_added_to_what_is_there() {
        let path = Utf8Path::new("diesel.toml");
        let fresh = with_filter("", path).unwrap().unwrap();
        assert!(fresh.contains("filter = { except_tables = [\"^planner_.*\"] }"), "{fresh}");
        assert_eq!(with_filter(&fresh, path).unwrap(), None);
        let own = "# mine\n[print_schema]\nfile = \"src/schema.rs\"\nfilter = { except_tables = [\"spatial_ref_sys\"] }\n";
        let after = with_filter(own, path).unwrap().unwrap();
        assert!(after.starts_with("# mine\n") && after.contains("spatial_ref_sys"), "{after}");
        assert!(after.contains(FILTER), "{after}");
        assert_eq!(with_filter("[print_schema]\nfilter = { only_tables = [\"users\"] }\n", path).unwrap(), None);
        assert!(with_filter("[print_schema\n", path).is_err());
    }
}
