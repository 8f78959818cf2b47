//! Runs the rules, and lets waivers and configured severities have their say.

use std::collections::BTreeSet;

use super::evidence::at_step;
use super::{ALL, Evidence, Rule, RuleContext, known, stale_waiver};
use crate::diagnostic::{Code, Diagnostic, Severity, Sink, code};
use crate::plan::authored::Waiver;
use crate::plan::checked::{CheckedPlan, CheckedStep};
use crate::plan::places;

/// Runs every rule and applies waivers and configured severities.
///
/// What the sink holds already stays as it is; plans that it has errors of are not accused of lacking what may have been
/// left out because it is broken.
pub fn check(context: &RuleContext<'_>, sink: &mut Sink) {
    // The rules may have had their say for another dialect; only the shape of a file makes a plan broken.
    let of_shape = |found: &&Diagnostic| found.code.id.starts_with("EC1");
    let errors = sink.found().iter().filter(of_shape);
    let broken: BTreeSet<String> =
        errors.filter_map(|found| Some(found.plan.as_ref()?.to_string())).collect();
    let broken: BTreeSet<&str> = broken.iter().map(String::as_str).collect();
    let evidence = Evidence::gather(context, &broken);
    let mut found = Sink::default();
    for check in ALL.iter().filter_map(|rule| rule.check) {
        check(&evidence, &mut found);
    }
    let mut found = found.into_found();
    waive(&evidence, &mut found);
    for mut diagnostic in found {
        let code = diagnostic.code;
        let severities = context.severities;
        let severity = severities.get(code.name).or_else(|| severities.get(code.id));
        // A finding that a waiver made a note stays one, unless it is switched off altogether.
        diagnostic.severity = match severity {
            Some(Severity::Off) => Severity::Off,
            Some(severity) if diagnostic.severity != Severity::Note => *severity,
            Some(_) | None => diagnostic.severity,
        };
        if diagnostic.severity != Severity::Off {
            sink.report(diagnostic);
        }
    }
}

/// Makes notes of findings that a waiver covers, and reports waivers that are past their date, cover nothing, or name what
/// cannot be waived.
fn waive(evidence: &Evidence<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = Sink::default();
    for (at, plan) in evidence.context.project.plans.iter().enumerate() {
        for step in &plan.steps {
            for waiver in &step.waivers {
                let Some(rule) = known(&waiver.hazard.value, waiver.hazard.span, &mut reported)
                else {
                    continue;
                };
                let place = Waived { plan, step, waiver, rule };
                let stale = place.apply(evidence, found, evidence.is_incomplete(at));
                if let Some(diagnostic) = stale {
                    reported.report(diagnostic);
                }
            }
        }
    }
    found.extend(reported.into_found());
}

struct Waived<'a> {
    plan: &'a CheckedPlan,
    step: &'a CheckedStep,
    waiver: &'a Waiver,
    rule: &'static Rule,
}

impl Waived<'_> {
    /// Applies the waiver; returns what is wrong with it, or what it covers that is no finding yet.
    fn apply(
        &self,
        evidence: &Evidence<'_>,
        found: &mut [Diagnostic],
        incomplete: bool,
    ) -> Option<Diagnostic> {
        let (name, until) = (self.rule.code.name, self.waiver.until.value);
        if !self.rule.waivable {
            let message = format!("`{name}` cannot be waived");
            let help = format!(
                "remove the waiver; `planner explain {}` shows the safe way",
                self.rule.code.id
            );
            return Some(self.stale(self.waiver.hazard.span, message).help(help));
        }
        if evidence.context.today > until {
            let message = format!("the waiver of `{name}` ended on {until}");
            let help = "do what it put off, or give it another date and say why";
            return Some(self.stale(self.waiver.until.span, message).help(help));
        }
        let mut used = false;
        for diagnostic in found.iter_mut() {
            let here = diagnostic.plan.as_ref() == Some(&self.plan.name)
                && diagnostic.step.as_ref() == Some(&self.step.key.id);
            if here && diagnostic.code.id == self.rule.code.id {
                used = true;
                diagnostic.severity = Severity::Note;
                diagnostic.help = Some(format!("waived until {until}: {}", self.waiver.reason));
                diagnostic.waived = Some(self.waiver.reason.to_string());
            }
        }
        if used || incomplete {
            return None;
        }
        // What it covers is found only when the phase runs.
        let project = evidence.context.project;
        if self.rule.code == code::ROWS_LEFT_BEHIND
            && !places::of_step(project, self.plan, self.step).is_empty()
        {
            let message = "what this step drops is not compared with what replaces it".to_owned();
            let help = format!("waived until {until}: {}", self.waiver.reason);
            let code = Code { severity: Severity::Note, ..self.rule.code };
            let found = at_step(code, self.plan, self.step, message).help(help);
            return Some(found.waived(self.waiver.reason.to_string()));
        }
        let message = format!("the waiver of `{name}` covers nothing");
        Some(self.stale(self.waiver.hazard.span, message).help("remove it"))
    }

    fn stale(&self, span: crate::source::Span, message: String) -> Diagnostic {
        let mut diagnostic = at_step(stale_waiver::RULE.code, self.plan, self.step, message);
        diagnostic.labels.clear();
        diagnostic.at(span)
    }
}
