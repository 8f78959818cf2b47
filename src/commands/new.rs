//! `planner new`.

mod drafted;

use camino::Utf8PathBuf;
use serde_json::json;

use crate::diagnostic::Sink;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::shell::{Shell, files};
use crate::version::Stamp;

/// Write a new plan file
///
/// With `--from-schema` or `--from-database`, the phased plan for what differs from the end of all plans. What only a person can know is
/// asked in comments at their places: whether a drop and an add are a rename, what new required columns hold, which releases may be live.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plan's name: letters, digits, `_` and `-`
    name: String,
    /// What the plan is for; its name in words if nothing is said
    #[arg(long)]
    title: Option<String>,
    /// Who to ask
    #[arg(long)]
    owner: Option<String>,
    /// An older plan this one builds on; may be given several times
    #[arg(long, value_name = "PLAN")]
    after: Vec<String>,
    /// Write the plan for what this `schema.rs` has that the plans do not end with, and the other way round; the project's own if no file is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "", conflicts_with = "from_database")]
    from_schema: Option<Utf8PathBuf>,
    /// Write the plan for what the live database has that the plans do not end with, and the other way round
    #[arg(long)]
    from_database: bool,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if args.name.is_empty() || args.name.len() > 100 || !args.name.chars().all(legal) {
        return Err(Failure::usage(format!("`{}` is no name of a plan", args.name))
            .help("use at most 100 letters, digits, `_` and `-`"));
    }
    let config = shell.read_config(&mut Sink::default())?;
    let folder = shell.root.join(&config.plans);
    let existing = files::list(&folder)?;
    let is_taken = |file: &String| {
        file.strip_suffix(".yaml").and_then(|stem| stem.split_once('_')).is_some_and(|(_, name)| name == args.name)
    };
    if let Some(file) = existing.iter().find(|file| is_taken(file)) {
        return Err(Failure::usage(format!("a plan named `{}` exists: `{}/{file}`", args.name, config.plans))
            .help("choose another name"));
    }
    let stamp = stamp_after(shell.now(), &existing);
    let relative = config.plans.join(format!("{stamp}_{}.yaml", args.name));
    if let Some(drafted) = drafted::drafted(args, shell)? {
        let file = drafted.text().map(|_| relative.as_str());
        if let Some(text) = drafted.text() {
            files::write(&shell.root.join(&relative), text)?;
        }
        shell.answer(&Answer { human: drafted.told(file), json: drafted.json(&args.name, file) })?;
        return Ok(drafted.exit());
    }
    files::write(&shell.root.join(&relative), &template(args))?;
    shell.answer(&Answer {
        human: format!("{relative}\n"),
        json: json!({"plan": args.name, "file": relative.as_str()}),
    })?;
    Ok(Exit::Done)
}

/// Returns this moment as file names write it, moved past the newest plan's, so that a new plan may build on every other.
fn stamp_after(now: jiff::Timestamp, existing: &[String]) -> String {
    let stamps = existing.iter().filter_map(|file| Stamp::parse(file.split('_').next()?));
    let newest = stamps.max();
    let mut moment = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    if let Some(newest) = newest
        && let Ok(last) = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", newest.as_str())
    {
        // A stamp has no fractions of a second: within the newest one's second this moment is not yet later.
        moment = moment.max(last.saturating_add(jiff::Span::new().seconds(1)));
    }
    moment.strftime("%Y-%m-%d-%H%M%S").to_string()
}

fn template(args: &Args) -> String {
    let words = args.name.replace(['_', '-'], " ");
    let title = args.title.clone().unwrap_or(words);
    let mut text = format!("title: {}\n", quoted(&title));
    if let Some(owner) = &args.owner {
        text += &format!("owner: {}\n", quoted(owner));
    }
    if !args.after.is_empty() {
        text += &format!("after: [{}]\n", args.after.join(", "));
    }
    text + "
# Expand adds what the new code needs; every release that is live still works.
expand:
  # - add_column: { table: users, column: given_name, type: text }

# Backfill moves data; it may stop anywhere and go on later.
# backfill:
#   - update:
#       table: users
#       set: { given_name: \"name\" }
#       where: given_name IS NULL AND name IS NOT NULL

# Contract removes or restricts what no live release needs any more.
# contract:
#   - drop_column: { table: users, column: name, replaced_by: [given_name] }

# gates:
#   contract:
#     releases: { web: \">=2.5.0\" }
"
}

/// Writes a text as a YAML scalar in double quotes, which every text fits into.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
