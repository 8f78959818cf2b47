//! `drop_sync`.

use super::{Lowering, Operation, id};
use crate::change::Change;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::name::{Name, ObjectName};
use crate::phase::Phase;
use crate::source::Spanned;
use crate::yaml::decode::authored;

authored! {
    /// Ends a sync of columns or tables that an earlier step of the same plan began.
    ///
    /// - `step`: the id of that step.
    ///
    /// ```yaml
    /// title: Call it full_name
    /// expand:
    ///   - create_table:
    ///       table: users
    ///       columns:
    ///         - { name: id, type: integer, primary_key: true }
    ///         - { name: name, type: text }
    ///   - add_column: { table: users, column: full_name, type: text }
    ///   - id: keep_in_step
    ///     sync_columns: { table: users, forward: { full_name: name }, backward: { name: full_name } }
    /// contract:
    ///   - drop_sync: { step: keep_in_step }
    /// gates: { contract: { releases: { web: ">=2.0.0" } } }
    /// ```
    "sync to drop" => pub struct DropSync {
        /// The step that began it.
        step: Spanned<Name>,
    }
}

impl Operation for DropSync {
    const KEY: &'static str = "drop_sync";
    const PHASES: &'static [Phase] = &[Phase::Contract];

    fn derived_id(&self) -> String {
        id(Self::KEY, &[&self.step])
    }

    fn objects(&self) -> Vec<ObjectName> {
        Vec::new()
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<Vec<Change>> {
        let (step, span) = (&self.step.value, self.step.span);
        let syncs = lowering.syncs;
        let Some(sync) = syncs.get(step) else {
            // A left-out step is suspended by its id where it has no object of its own.
            if !lowering.is_suspended(&ObjectName::bare(step.clone())) {
                let near = did_you_mean(step.as_str(), syncs.keys().map(Name::as_str));
                let help = "name a `sync_columns` or `sync_tables` step that comes before this one";
                lowering.report(
                    Diagnostic::new(
                        code::UNKNOWN_STEP,
                        format!("no earlier step `{step}` of this plan begins a sync"),
                    )
                    .label(span, "unknown step")
                    .help(near.unwrap_or_else(|| help.into())),
                );
            }
            return None;
        };
        if !lowering.before.syncs.contains_key(sync.name()) {
            let message = format!("the sync of step `{step}` has ended already");
            lowering.report(
                Diagnostic::new(code::UNKNOWN_OBJECT, message)
                    .label(span, "a sync that is gone")
                    .help("remove one of the two steps that end it"),
            );
            return None;
        }
        Some(vec![Change::DropSync(sync.clone())])
    }
}
