//! An event as the flat columns it is stored in.
//!
//! What every question needs is a column; what only one kind of event has is a key of the `detail` object.
//! Keys of `detail` that this planner does not know were written by a newer one that added knowledge without
//! changing the format, and are passed over; a kind or a value that it does not know is an error.

use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::{Map, Value, json};

use super::{Event, Registration, StepEvent};
use crate::compile::Checksum;
use crate::history::Origin;
use crate::name::Name;
use crate::phase::Phase;
use crate::release::Requirements;
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
const REGISTERED: &str = "registered";
const DEPLOY_STARTED: &str = "deploy_started";
const DEPLOY_FINISHED: &str = "deploy_finished";
const DEPLOY_ABORTED: &str = "deploy_aborted";
const RETIRED: &str = "retired";
const BASELINED: &str = "baselined";
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
        Event::Registered { app, version, registration } => {
            release_row(REGISTERED, app, version, &registered(registration))
        }
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
        Event::Baselined { origin, migrations, checksum } => {
            let migrations: Vec<&str> = migrations.iter().map(MigrationVersion::as_str).collect();
            let detail = json!({ "from": origin.word(), "migrations": migrations });
            EventRow { checksum: Some(checksum.to_string()), ..row(BASELINED, &detail) }
        }
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

fn registered(registration: &Registration) -> Value {
    let Registration { needs, plans, migrations } = registration;
    let mut detail = Map::new();
    if let Some(needs) = needs {
        // Requirements are plain data: turning them into JSON cannot fail.
        detail.insert("needs".to_owned(), serde_json::to_value(needs.as_ref()).unwrap_or_default());
    }
    let texts = |of: Vec<&str>| Value::from(of);
    if !plans.is_empty() {
        detail.insert("plans".to_owned(), texts(plans.iter().map(Name::as_str).collect()));
    }
    if !migrations.is_empty() {
        let migrations = migrations.iter().map(MigrationVersion::as_str).collect();
        detail.insert("migrations".to_owned(), texts(migrations));
    }
    Value::Object(detail)
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
        REGISTERED => Event::Registered {
            app: needed(row.app.as_ref(), "app")?,
            version: needed(row.release.as_ref(), "release")?,
            registration: Box::new(detail.registration()?),
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
        BASELINED => Event::Baselined {
            origin: detail.origin()?,
            migrations: detail.versions()?,
            checksum: checksum(row)?,
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

    fn registration(&self) -> Result<Registration, String> {
        let needs = match self.0.get("needs") {
            None | Some(Value::Null) => None,
            Some(needs) => {
                let read = Requirements::deserialize(needs);
                let unreadable = |error| format!("`needs` of the detail cannot be read: {error}");
                Some(Arc::new(read.map_err(unreadable)?))
            }
        };
        let plans = self.texts("plans")?.into_iter().map(Name::from).collect();
        Ok(Registration { needs, plans, migrations: self.versions()? })
    }

    fn versions(&self) -> Result<Vec<MigrationVersion>, String> {
        let migrations = self.texts("migrations")?.into_iter();
        Ok(migrations.map(MigrationVersion::recorded).collect())
    }

    fn origin(&self) -> Result<Origin, String> {
        let word = self.text("from")?;
        Origin::parse(&word).ok_or_else(|| format!("`{word}` is no place to take a schema from"))
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
mod tests;
