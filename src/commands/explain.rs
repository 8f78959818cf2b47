//! `planner explain`.

use serde_json::json;

use crate::diagnostic::did_you_mean;
use crate::exit::{Exit, Failure};
use crate::formats::Answer;
use crate::rules;
use crate::shell::Shell;

/// Print a rule's page: what it finds, why it matters, a bad and a good plan
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A code as `EC201` or a name as `contract-without-expand`; without it all rules are listed
    code: Option<String>,
}

pub(super) fn run(args: &Args, shell: &Shell) -> Result<Exit, Failure> {
    let Some(wanted) = &args.code else {
        let mut human = String::new();
        for rule in rules::ALL {
            human += &format!("{}  {:<34} {}\n", rule.code.id, rule.code.name, summary(rule.doc));
        }
        let rules: Vec<_> = rules::ALL.iter().map(|rule| describe(rule)).collect();
        shell.answer(&Answer { human, json: json!({"rules": rules}) })?;
        return Ok(Exit::Done);
    };
    let is_wanted = |rule: &&&rules::Rule| {
        rule.code.id.eq_ignore_ascii_case(wanted) || rule.code.name == wanted.to_ascii_lowercase()
    };
    let Some(rule) = rules::ALL.iter().find(is_wanted) else {
        let known = rules::ALL.iter().flat_map(|rule| [rule.code.name, rule.code.id]);
        let help = did_you_mean(wanted, known);
        return Err(Failure::usage(format!("there is no rule `{wanted}`"))
            .help(help.unwrap_or_else(|| "run `planner explain` for all rules".into())));
    };
    let lines: Vec<&str> = rule.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let human = format!(
        "# {} {}\n\nSeverity: {}. Since {}. {}\n\n{}\n",
        rule.code.id,
        rule.code.name,
        rule.code.severity.word(),
        rule.since,
        if rule.waivable { "May be waived." } else { "Cannot be waived." },
        lines.join("\n").trim(),
    );
    shell.answer(&Answer { human, json: describe(rule) })?;
    Ok(Exit::Done)
}

fn describe(rule: &rules::Rule) -> serde_json::Value {
    json!({
        "code": rule.code.id,
        "name": rule.code.name,
        "severity": rule.code.severity.word(),
        "since": rule.since,
        "waivable": rule.waivable,
        "summary": summary(rule.doc),
        "page": rule.doc,
    })
}

/// Returns the first sentence of a rule's page.
fn summary(doc: &str) -> String {
    let lines = doc.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
