//! The file of a drafted plan: steps, questions at their places, gates.

use super::Phased;
use super::yaml::{Comment, Yaml, scalar};
use crate::dialect::Dialect;
use crate::dialects::none_hinders;
use crate::phase::Phase;

/// What stands at the top of the file, and what is known of the project.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// What the plan is for.
    pub title: &'a str,
    /// Who to ask.
    pub owner: Option<&'a str>,
    /// The plans that it builds on.
    pub after: Vec<String>,
    /// The command that writes it.
    pub command: String,
    /// The applications that every gate must speak of.
    pub apps: &'a [String],
    /// Whether what they need from the schema is recorded with each deploy, so that gates follow from it.
    pub needs_are_known: bool,
}

/// A plan's text, with what is open in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub text: String,
    /// The questions in it.
    pub questions: Vec<String>,
}

/// Writes a plan.
#[must_use]
pub fn text(plan: &Phased, head: &Head<'_>, dialect: Dialect) -> Written {
    let mut text = format!("# Written by `{}`.\n", head.command);
    let mut questions = Vec::new();
    let gates = gates(plan, head, dialect, &mut questions);
    for phase in Phase::ALL {
        for comment in plan.of(phase).flat_map(|step| &step.comments) {
            if let Comment::Question(question) = comment {
                questions.push(question.clone());
            }
        }
    }
    if !questions.is_empty() {
        text += "# A line with QUESTION waits for a person's answer; `planner check` reports most of what is open.\n";
    }
    for what in &plan.unsaid {
        text += &format!("# Not in this plan: {}\n", what.replace('\n', " "));
    }
    text += &format!("title: {}\n", scalar(head.title));
    if let Some(owner) = head.owner {
        text += &format!("owner: {}\n", scalar(owner));
    }
    if !head.after.is_empty() {
        Yaml::texts(&head.after).write("after", 0, &mut text);
    }
    for phase in Phase::ALL {
        let mut steps = plan.of(phase).peekable();
        if steps.peek().is_none() {
            continue;
        }
        // A phase whose steps all wait as comments waits with them.
        let all_wait = plan.of(phase).all(|step| step.waits);
        text += &format!("\n{}{phase}:\n", if all_wait { "# " } else { "" });
        for step in steps {
            step.write(&mut text);
        }
    }
    text += &gates;
    Written { text, questions }
}

/// Writes the gates, with what is not known as questions.
fn gates(plan: &Phased, head: &Head<'_>, dialect: Dialect, questions: &mut Vec<String>) -> String {
    let mut text = String::new();
    let mut ask = |question: &str, text: &mut String| {
        Comment::Question(question.to_owned()).write(4, text);
        questions.push(question.to_owned());
    };
    let names: Vec<String> = match head.apps {
        [] => vec!["web".to_owned()],
        apps => apps.to_vec(),
    };
    let releases: Vec<(String, Yaml)> =
        names.into_iter().map(|app| (app, Yaml::text(">=VERSION"))).collect();
    let releases = Yaml::Map(vec![("releases".to_owned(), Yaml::Map(releases))]);
    let Yaml::Map(entries) = &releases else { return text };
    let releases: String =
        entries.iter().map(|(key, value)| format!("    # {key}: {}\n", value.flow())).collect();
    let query = (!plan.hindrances.is_empty()).then(|| none_hinders(dialect, &plan.hindrances));
    let needs_gate =
        plan.drops_unique_index || plan.of(Phase::Contract).any(|step| step.key != "drop_index");
    let only_removes = plan.hindrances.is_empty();
    let asks_contract = needs_gate && !(head.needs_are_known && only_removes);
    if !plan.asks_backfill_gate && !asks_contract && query.is_none() {
        return text;
    }
    let is_open = query.is_none();
    text += &format!("\n{}gates:\n", if is_open { "# " } else { "" });
    if plan.asks_backfill_gate {
        text += "  # backfill:\n";
        ask(
            "which are the first releases that write both the old place and the new one? Until no other is live, a backfill would\nmiss what they write",
            &mut text,
        );
        text += &releases;
    }
    if asks_contract || query.is_some() {
        text += &format!("  {}contract:\n", if is_open { "# " } else { "" });
    }
    if asks_contract {
        ask(
            "which are the first releases of each application that can live with what contract does? Or say\n`releases: { none: \"why no release can be affected\" }`",
            &mut text,
        );
        text += &releases;
    }
    if let Some(query) = query {
        Yaml::text(query).write("query", 4, &mut text);
    }
    text
}
