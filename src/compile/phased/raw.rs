//! What no operation makes: triggers, sequences, comments …, as `sql` steps with the SQL that makes them.

use super::yaml::{Step, Yaml};
use super::{Draft, Place};
use crate::catalog::{Catalog, ObjectKind, Table, Trigger};
use crate::change::Change;
use crate::dialect::Dialect;
use crate::dialects;
use crate::name::{Name, ObjectName};

impl Draft<'_> {
    /// Drafts a change as the SQL that makes it; `before` is a catalog that has what it is about. Returns whether there is such SQL.
    pub(super) fn raw(
        &mut self,
        place: Place,
        id: &[&str],
        changes: &[Change],
        before: &Catalog,
    ) -> bool {
        let mut statements = Vec::new();
        for change in changes {
            match dialects::plainly(change, before) {
                Ok(more) => statements.extend(more),
                Err(_) => return false,
            }
        }
        let step = Step::new("sql").with("up", Yaml::text(statements.join(";\n")));
        self.put(place, Step { id: Some(word(id)), ..step });
        true
    }

    /// Drafts the triggers that a table is to have and has not, and those that it has and is not to have.
    pub(super) fn triggers(&mut self, table: &ObjectName, have: &Table, want: &Table) {
        let (old, new) = (self.have, self.want);
        let added = want.triggers.iter().filter(|(name, _)| !have.triggers.contains_key(*name));
        for (name, trigger) in added {
            let change = Change::CreateTrigger {
                table: table.clone(),
                name: name.clone(),
                trigger: trigger.clone(),
            };
            self.function_of(trigger);
            let id = ["create_trigger", &table.to_string(), name.as_str()];
            // A trigger may refuse or change what releases write that know nothing of it.
            let is_new = !old.tables.contains_key(table);
            let place = if is_new { Place::NewTriggers } else { Place::Restrict };
            if !self.raw(place, &id, &[change], new) {
                self.unsaid(format!(
                    "trigger `{name}` on `{table}` is to be there: write a `sql` step for it"
                ));
            }
        }
        let gone = have.triggers.iter().filter(|(name, _)| !want.triggers.contains_key(*name));
        for (name, trigger) in gone {
            let change = Change::DropTrigger { table: table.clone(), name: name.clone() };
            let id = ["drop_trigger", &table.to_string(), name.as_str()];
            // What planner's own triggers do is not written anywhere: they go with their sync.
            let is_known = trigger.definition.is_some();
            if !is_known || !self.raw(Place::OldTriggers, &id, &[change], old) {
                self.unsaid(format!(
                    "trigger `{name}` on `{table}` is to go: write a `sql` step for it"
                ));
            }
        }
    }

    /// Drafts the function that a new trigger calls, if no plan made it (PostgreSQL).
    fn function_of(&mut self, trigger: &Trigger) {
        let called = trigger.definition.as_deref().and_then(called);
        let Some(name) = called.filter(|_| self.dialect == Dialect::Postgres) else { return };
        let function = ObjectName::parse(&name);
        if self.have.others.contains_key(&(ObjectKind::Function, function.clone()))
            || !self.functions.insert(name.clone())
        {
            return;
        }
        let Some(definition) = self.definitions.get(&format!("function `{name}()`")) else {
            return;
        };
        // What is there under this name is not to be replaced unseen.
        let text = definition.trim().replacen("CREATE OR REPLACE ", "CREATE ", 1);
        let step = Step::new("sql")
            .with("up", Yaml::text(text))
            .text("down", dialects::drop_function(&function));
        let id = word(&["create_function", &name]);
        self.put(Place::NewTriggers, Step { id: Some(id), ..step });
    }

    /// Drafts the sequences that come and go.
    pub(super) fn sequences(&mut self) {
        let (old, new) = (self.have, self.want);
        for name in new.sequences.difference(&old.sequences) {
            let id = ["create_sequence", &name.to_string()];
            if let Some(text) = self.definitions.get(&format!("sequence `{name}`")) {
                let step = Step::new("sql").with("up", Yaml::text(text));
                self.put(Place::Types, Step { id: Some(word(&id)), ..step });
            } else if !self.raw(
                Place::Types,
                &id,
                &[Change::CreateSequence { name: name.clone() }],
                new,
            ) {
                self.unsaid(format!("sequence `{name}` is to be there: write a `sql` step for it"));
            }
            self.plan.about.insert(name.clone());
        }
        for name in old.sequences.difference(&new.sequences) {
            let text = dialects::plainly(&Change::DropSequence { name: name.clone() }, old);
            let Ok(text) = text else { continue };
            let step = Step::new("sql")
                .with("up", Yaml::text(text.join(";\n")))
                .text("irreversible", "where its numbers had got to is not known");
            let id = word(&["drop_sequence", &name.to_string()]);
            self.put(Place::OldTypes, Step { id: Some(id), ..step });
            self.plan.about.insert(name.clone());
        }
    }

    /// Drafts the comment on a table, or on a column of it.
    pub(super) fn comment(
        &mut self,
        table: &ObjectName,
        column: Option<&Name>,
        comment: Option<&String>,
    ) {
        let (table, column) = (table.clone(), column.cloned());
        let on = column.as_ref().map_or_else(|| table.to_string(), |of| format!("{table}_{of}"));
        let change = Change::SetComment { table, column, comment: comment.cloned() };
        let new = self.want;
        if !self.raw(Place::Remarks, &["comment_on", &on], &[change], new) {
            self.unsaid(format!("the comment on `{on}`: no step sets one"));
        }
    }
}

/// Returns the function that a trigger calls, without the default schema.
fn called(definition: &str) -> Option<String> {
    let upper = definition.to_ascii_uppercase();
    let at = ["EXECUTE FUNCTION ", "EXECUTE PROCEDURE "]
        .iter()
        .find_map(|words| upper.rfind(words).map(|at| at + words.len()))?;
    let name = definition.get(at..)?.split('(').next()?.trim().replace('"', "");
    Some(name.strip_prefix("public.").map_or_else(|| name.clone(), str::to_owned))
}

/// Returns words as an id.
pub(super) fn word(words: &[&str]) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    words.join("_").chars().map(letter).collect()
}
