//! Domains that come and go (PostgreSQL), as `sql` steps: no operation makes them.

use std::collections::BTreeMap;

use super::raw::word;
use super::yaml::{Step, Yaml};
use super::{Draft, Place};
use crate::dialects;
use crate::name::ObjectName;

impl Draft<'_> {
    /// Drafts the domains that are to be there and are not, and those that are to go.
    pub(super) fn domains(&mut self) {
        let (old, new) = (self.have, self.want);
        for other in dialects::domains(new) {
            let Some(name) = &other.name else { continue };
            let Some(known) = old.domains.get(name) else {
                let drop = dialects::drop_domain(name);
                self.domain("create_domain", Place::Types, name, (&other.text, &drop));
                continue;
            };
            let wanted = new.domains.get(name);
            // The rest is written in other words by the server than by people.
            if wanted.is_some_and(|of| (&of.over, of.not_null) != (&known.over, known.not_null)) {
                self.unsaid(format!("domain `{name}` is to be another: write a `sql` step for it"));
            }
        }
        let made: BTreeMap<ObjectName, String> = dialects::domains(old)
            .into_iter()
            .filter_map(|other| Some((other.name?, other.text)))
            .collect();
        for (name, text) in made.iter().rev() {
            if !new.domains.contains_key(name) {
                let drop = dialects::drop_domain(name);
                self.domain("drop_domain", Place::OldTypes, name, (&drop, text));
            }
        }
    }

    fn domain(&mut self, id: &str, place: Place, name: &ObjectName, (up, down): (&str, &str)) {
        let step = Step::new("sql").with("up", Yaml::text(up)).text("down", down);
        self.put(place, Step { id: Some(word(&[id, &name.to_string()])), ..step });
        self.plan.about.insert(name.clone());
    }
}
