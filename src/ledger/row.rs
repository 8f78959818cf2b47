//! An event as the flat columns it is stored in.
//!
//! What every question needs is a column; what only one kind of event has is a key of the `detail` object.
//! Keys of `detail` that this planner does not know were written by a newer one that added knowledge without
//! changing the format, and are passed over; a kind or a value that it does not know is an error.

use serde_json::{Map, Value, json};

use super::{Event, StepEvent};
use crate::compile::Checksum;
use crate::phase::Phase;
use crate::version::MigrationVersion;

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Which event: `started`, `deploy_finished` ….
    pub kind: String,
    /// The plan.
    pub plan: Option<String>,
    /// The phase's word.
    pub phase: Option<String>,
    /// The step's id.
    pub step: Option<String>,
    /// The migration's version.
    pub version: Option<String>,
    /// Over the step's changes, or the phase's steps.
    pub checksum: Option<String>,
    /// The app.
    pub app: Option<String>,
    /// The release.
    pub release: Option<String>,
    /// Counted from 1.
    pub attempt: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The rest, as a JSON object.
    pub detail: String,
}

const STARTED: &str = "started";
const FINISHED: &str = "finished";
const FAILED: &str = "failed";
const REVERTED: &str = "reverted";
const OPENED: &str = "opened";
const CLOSED: &str = "closed";
const APPROVED: &str = "approved";
const DEPLOY_STARTED: &str = "deploy_started";
const DEPLOY_FINISHED: &str = "deploy_finished";
const DEPLOY_ABORTED: &str = "deploy_aborted";
const RETIRED: &str = "retired";
const BACKFILL_VOIDED: &str = "backfill_voided";

/// Returns the columns of an event. [`from_row`] gives the same event back.
#[must_use]
pub fn to_row(event: &Event) -> EventRow {
    match event {
        Event::Started(step) => step_row(STARTED, step, &json!({})),
        Event::Finished(step) => step_row(FINISHED, step, &json!({})),
        Event::Failed(step, error) => step_row(FAILED, step, &json!({ "error": error })),
        Event::Reverted(step) => step_row(REVERTED, step, &json!({})),
        Event::Opened { plan, phase, checksum, because } => EventRow {
            plan: Some(plan.to_string()),
            phase: Some(phase.to_string()),
            checksum: Some(checksum.to_string()),
            ..row(OPENED, &json!({ "because": because }))
        },
        Event::Closed { plan, phase, because } => EventRow {
            plan: Some(plan.to_string()),
            phase: Some(phase.to_string()),
            ..row(CLOSED, &json!({ "because": because }))
        },
        Event::Approved { plan, phase, checksum, by, reason } => EventRow {
            plan: Some(plan.to_string()),
            phase: Some(phase.to_string()),
            checksum: Some(checksum.to_string()),
            ..row(APPROVED, &json!({ "by": by, "reason": reason }))
        },
        Event::DeployStarted { app, version, marks, forced } => {
            let mut detail = json!({ "marks": marks });
            if let (Some(reason), Value::Object(detail)) = (forced, &mut detail) {
                detail.insert("forced".to_owned(), Value::from(reason.as_str()));
            }
            release_row(DEPLOY_STARTED, app, version, &detail)
        }
        Event::DeployFinished { app, version, keep } => {
            release_row(DEPLOY_FINISHED, app, version, &json!({ "keep": keep }))
        }
        Event::DeployAborted { app, version } => {
            release_row(DEPLOY_ABORTED, app, version, &json!({}))
        }
        Event::Retired { app, version } => release_row(RETIRED, app, version, &json!({})),
        Event::BackfillVoided { plan, app, version } => EventRow {
            plan: Some(plan.to_string()),
            ..release_row(BACKFILL_VOIDED, app, version, &json!({}))
        },
    }
}

fn row(kind: &str, detail: &Value) -> EventRow {
    EventRow {
        kind: kind.to_owned(),
        plan: None,
        phase: None,
        step: None,
        version: None,
        checksum: None,
        app: None,
        release: None,
        attempt: None,
        duration_ms: None,
        detail: detail.to_string(),
    }
}

fn step_row(kind: &str, step: &StepEvent, detail: &Value) -> EventRow {
    EventRow {
        plan: Some(step.plan.to_string()),
        phase: Some(step.phase.to_string()),
        step: Some(step.step.to_string()),
        version: Some(step.version.to_string()),
        checksum: Some(step.checksum.to_string()),
        attempt: Some(step.attempt),
        duration_ms: step.duration_ms,
        ..row(kind, detail)
    }
}

fn release_row(kind: &str, app: &str, version: &str, detail: &Value) -> EventRow {
    EventRow { app: Some(app.to_owned()), release: Some(version.to_owned()), ..row(kind, detail) }
}

/// Reads an event from its columns.
///
/// # Errors
///
/// Says what is missing or unknown: a kind of event that only a newer planner writes, an empty column, a
/// detail that is no JSON object.
pub fn from_row(row: &EventRow) -> Result<Event, String> {
    let detail = Detail::parse(&row.detail)?;
    let event = match row.kind.as_str() {
        STARTED => Event::Started(step_event(row)?),
        FINISHED => Event::Finished(step_event(row)?),
        FAILED => Event::Failed(step_event(row)?, detail.text("error")?),
        REVERTED => Event::Reverted(step_event(row)?),
        OPENED => Event::Opened {
            plan: needed(row.plan.as_ref(), "plan")?.into(),
            phase: phase(row)?,
            checksum: checksum(row)?,
            because: detail.texts("because")?,
        },
        CLOSED => Event::Closed {
            plan: needed(row.plan.as_ref(), "plan")?.into(),
            phase: phase(row)?,
            because: detail.text("because")?,
        },
        APPROVED => Event::Approved {
            plan: needed(row.plan.as_ref(), "plan")?.into(),
            phase: phase(row)?,
            checksum: checksum(row)?,
            by: detail.text("by")?,
            reason: detail.text("reason")?,
        },
        DEPLOY_STARTED => Event::DeployStarted {
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
            marks: detail.texts("marks")?,
            forced: detail.maybe_text("forced")?,
        },
        DEPLOY_FINISHED => Event::DeployFinished {
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
            keep: detail.texts("keep")?,
        },
        DEPLOY_ABORTED => Event::DeployAborted {
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
        },
        RETIRED => Event::Retired {
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
        },
        BACKFILL_VOIDED => Event::BackfillVoided {
            plan: needed(row.plan.as_ref(), "plan")?.into(),
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
        },
        kind => return Err(format!("`{kind}` is an event of a newer planner")),
    };
    Ok(event)
}

fn needed(column: Option<&String>, name: &str) -> Result<String, String> {
    column.cloned().ok_or_else(|| format!("column `{name}` is empty"))
}

fn phase(row: &EventRow) -> Result<Phase, String> {
    let word = needed(row.phase.as_ref(), "phase")?;
    Phase::parse(&word).ok_or_else(|| format!("`{word}` is no phase"))
}

fn checksum(row: &EventRow) -> Result<Checksum, String> {
    needed(row.checksum.as_ref(), "checksum").map(Checksum::recorded)
}

fn step_event(row: &EventRow) -> Result<StepEvent, String> {
    Ok(StepEvent {
        plan: needed(row.plan.as_ref(), "plan")?.into(),
        phase: phase(row)?,
        step: needed(row.step.as_ref(), "step")?.into(),
        version: MigrationVersion::recorded(needed(row.version.as_ref(), "version")?),
        checksum: checksum(row)?,
        attempt: row.attempt.ok_or("column `attempt` is empty")?,
        duration_ms: row.duration_ms,
    })
}

/// The detail object of a row.
struct Detail(Map<String, Value>);

impl Detail {
    fn parse(text: &str) -> Result<Self, String> {
        match serde_json::from_str(text) {
            Ok(Value::Object(detail)) => Ok(Self(detail)),
            Ok(_) => Err("the detail is no JSON object".to_owned()),
            Err(error) => Err(format!("the detail is no JSON: {error}")),
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        self.maybe_text(key)?.ok_or_else(|| format!("the detail has no `{key}`"))
    }

    fn maybe_text(&self, key: &str) -> Result<Option<String>, String> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{key}` of the detail is no text")),
        }
    }

    /// A list that is not there is empty: an older planner had none of these.
    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let Some(value) = self.0.get(key) else { return Ok(Vec::new()) };
        let texts = value.as_array().map(|items| items.iter().map(Value::as_str).collect());
        let texts: Option<Vec<&str>> = texts.unwrap_or_default();
        let texts = texts.ok_or_else(|| format!("`{key}` of the detail is no list of texts"))?;
        Ok(texts.into_iter().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> StepEvent {
        StepEvent {
            plan: "split_name".into(),
            phase: Phase::Backfill,
            step: "fill".into(),
            version: MigrationVersion::recorded("202611210900002001ab12"),
            checksum: Checksum::recorded("ab12"),
            attempt: 2,
            duration_ms: Some(40),
        }
    }

    fn every_event() -> Vec<Event> {
        let (app, version) = ("web".to_owned(), "2.5.0".to_owned());
        let (plan, phase) = (step().plan, Phase::Contract);
        let checksum = Checksum::recorded("cd34");
        vec![
            Event::Started(StepEvent { duration_ms: None, ..step() }),
            Event::Finished(step()),
            Event::Failed(step(), "lock timeout: \"users\"\n".to_owned()),
            Event::Reverted(step()),
            Event::Opened {
                plan: plan.clone(),
                phase,
                checksum: checksum.clone(),
                because: vec!["web 2.5.0 is live".to_owned(), "ä".to_owned()],
            },
            Event::Closed { plan: plan.clone(), phase, because: "web 1.0.0".to_owned() },
            Event::Approved {
                plan: plan.clone(),
                phase,
                checksum,
                by: "Ada".to_owned(),
                reason: "seen".to_owned(),
            },
            Event::DeployStarted {
                app: app.clone(),
                version: version.clone(),
                marks: vec!["writes-both-names".to_owned()],
                forced: Some("incident 12".to_owned()),
            },
            Event::DeployStarted {
                app: app.clone(),
                version: version.clone(),
                marks: Vec::new(),
                forced: None,
            },
            Event::DeployFinished {
                app: app.clone(),
                version: version.clone(),
                keep: vec!["2.4.0".to_owned()],
            },
            Event::DeployAborted { app: app.clone(), version: version.clone() },
            Event::Retired { app: app.clone(), version: version.clone() },
            Event::BackfillVoided { plan, app, version },
        ]
    }

    #[test]
    fn every_event_comes_back_from_its_columns() {
        for event in every_event() {
            assert_eq!(from_row(&to_row(&event)).as_ref(), Ok(&event));
        }
    }

    #[test]
    fn a_key_of_a_newer_planner_is_passed_over() {
        let event = Event::Failed(step(), "disk full".to_owned());
        let mut row = to_row(&event);
        row.detail = r#"{"error":"disk full","sqlstate":"53100"}"#.to_owned();
        assert_eq!(from_row(&row), Ok(event));
    }

    #[test]
    fn a_kind_of_a_newer_planner_is_an_error() {
        let row = EventRow { kind: "healed".to_owned(), ..to_row(&Event::Started(step())) };
        assert_eq!(from_row(&row).unwrap_err(), "`healed` is an event of a newer planner");
    }

    #[test]
    fn a_damaged_row_says_what_is_wrong_with_it() {
        let good = to_row(&Event::Failed(step(), "x".to_owned()));
        let error = |row: EventRow| from_row(&row).unwrap_err();
        assert_eq!(error(EventRow { plan: None, ..good.clone() }), "column `plan` is empty");
        let phase = Some("explode".to_owned());
        assert_eq!(error(EventRow { phase, ..good.clone() }), "`explode` is no phase");
        let detail = |text: &str| error(EventRow { detail: text.to_owned(), ..good.clone() });
        assert_eq!(detail("[]"), "the detail is no JSON object");
        assert!(detail("{").starts_with("the detail is no JSON: "));
        assert_eq!(detail("{}"), "the detail has no `error`");
        assert_eq!(detail(r#"{"error":1}"#), "`error` of the detail is no text");
        let app = to_row(&every_event()[7]);
        let marks = EventRow { detail: r#"{"marks":[1]}"#.to_owned(), ..app };
        assert_eq!(error(marks), "`marks` of the detail is no list of texts");
    }
}
